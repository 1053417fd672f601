"""What others change behind the stack's back: a table per section, one drift after the other on one stack.

A section's file (`network.py`, `kubernetes.py` …) holds `BASE`, the attributes of the stack in HCL, `DRIFTS`, which the
next plan names and the next apply repairs, and `ALLOWED`, which is not the stack's business: the plan stays empty.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from acceptance.fields import Account, Seen


@dataclass(frozen=True)
class Drift:
    """A change of something that the stack owns."""

    rule: str
    """What is noticed, as a sentence."""
    do: Callable[[Account], object]
    """What somebody else does, by boto3."""
    words: tuple[str, ...]
    """Words of the planned `changes`, the component's address first: each stands in a line, each line holds one."""
    see: Seen
    """What AWS shows once it is repaired."""


@dataclass(frozen=True)
class Allowed:
    """A change that AWS, a controller or a person makes by right."""

    rule: str
    do: Callable[[Account], object]

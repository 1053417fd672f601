"""Mistakes in a configuration: a table per section; each is a clear error with its path, and nothing is created.

A section's file (`network.py`, `database.py` …) holds `ROWS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from harness.lab import Lab


@dataclass(frozen=True)
class Bad:
    """A configuration with one mistake, and the words that its error must hold.

    Without `before` and `after` the mistake follows from the configuration alone: `validate` finds it, without AWS.
    """

    rule: str
    configuration: str
    words: tuple[str, ...]
    """The attribute's path first, then the value, then what would be right."""
    before: Callable[[Lab], object] | None = field(default=None, compare=False)
    """What the account holds; the mistake is found by `plan`."""
    after: str | None = None
    """The configuration that was applied before; the mistake is found by `plan`."""

    @property
    def needs_account(self) -> bool:
        """Whether AWS has to be asked."""
        return self.before is not None or self.after is not None


def any_account(lab: Lab) -> None:
    """For `before`: the account is asked, and as it is at first."""

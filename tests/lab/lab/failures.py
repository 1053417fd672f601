"""Asynchronous failures: AWS accepts the call, and minutes later the object is in a failed state.

A service registers how what a call began can fail; a rule of kind `fail` makes it happen:

    @fails("eks", "CreateNodegroup", "eks/nodegroup", {"NodeCreationFailure": "Instances failed …"})
    def create_failed(ctx, identifier, failure): ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from lab.extend import Context

Handler: TypeAlias = "Callable[[Context, str, Failure], None]"


@dataclass(frozen=True)
class Failure:
    """What will go wrong: `reason` is AWS's code or the state in which the object ends."""

    service: str
    operation: str
    reason: str
    message: str


@dataclass(frozen=True)
class Way:
    """How what one operation began can fail: the kind of object, reasons → messages, what to do."""

    kind: str
    reasons: dict[str, str]
    handler: Handler


ways: dict[tuple[str, str], Way] = {}
"""Service and operation → its way to fail."""


def fails(
    service: str, operation: str, kind: str, reasons: Mapping[str, str] | Iterable[str]
) -> Callable[[Handler], Handler]:
    """Registers what happens to `(context, id, failure)` instead of the transition's usual end."""

    def register(handler: Handler) -> Handler:
        texts = dict(reasons) if isinstance(reasons, Mapping) else dict.fromkeys(reasons, "")
        ways[service, operation] = Way(kind, texts, handler)
        return handler

    return register


def chosen(service: str, operation: str, reason: str, message: str | None) -> Failure:
    """The failure that a rule asks for, with the usual message when it gives none."""
    usual = ways[service, operation].reasons[reason]
    return Failure(service, operation, reason, message or usual or f"{reason} (asked for)")


def strikes(failure: Failure | None, kind: str) -> bool:
    """Whether a failure is about objects of this kind: one call may begin several transitions."""
    return failure is not None and ways[failure.service, failure.operation].kind == kind


def happen(context: Context, identifier: str, failure: Failure) -> None:
    """Ends a transition badly."""
    ways[failure.service, failure.operation].handler(context, identifier, failure)

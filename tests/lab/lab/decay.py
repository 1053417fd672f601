"""Objects that go bad by themselves, long after they were made; `POST /_lab/decay` says when.

A service registers what can happen to a kind, and `reason` null makes it well again:

    @decays("rds/instance", ("storage-full",))
    def decay(ctx, identifier, reason): ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from lab.extend import AwsError

if TYPE_CHECKING:
    from lab.extend import Context

Handler: TypeAlias = "Callable[[Context, str, str | None], None]"


class BadDecay(ValueError):
    """A request that names no such object or no such reason."""


ways: dict[str, tuple[tuple[str, ...], Handler]] = {}
"""Kind → reasons, and what happens to `(context, id, reason)`."""


def decays(kind: str, reasons: Iterable[str]) -> Callable[[Handler], Handler]:
    """Registers how objects of a kind go bad."""

    def register(handler: Handler) -> Handler:
        ways[kind] = (tuple(reasons), handler)
        return handler

    return register


def service_of(document: Any) -> str:
    """The service of the kind that a request names; raises BadDecay."""
    if not isinstance(document, dict) or document.get("kind") not in ways:
        raise BadDecay(f"expected an object whose kind is one of {', '.join(sorted(ways))}")
    return document["kind"].split("/")[0]


def happen(ctx: Context, document: dict[str, Any]) -> None:
    """Makes one object go bad, or well; raises BadDecay."""
    kind, identifier, reason = document["kind"], document.get("id", ""), document.get("reason")
    reasons, handler = ways[kind]
    if reason is not None and reason not in reasons:
        raise BadDecay(f"reasons for {kind}: {', '.join(reasons)}")
    try:
        handler(ctx, identifier, reason)
    except AwsError as unknown:
        raise BadDecay(f"no such {kind} in {ctx.region}: {unknown.message}") from unknown

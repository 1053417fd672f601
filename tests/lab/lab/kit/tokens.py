"""Idempotency tokens: the same token and request answer again, another request is refused."""

from __future__ import annotations

import json
from typing import Any

from lab.extend import AwsError, Context


def replayed(
    ctx: Context,
    operation: str,
    params: dict[str, Any],
    *,
    member: str = "clientRequestToken",
    error: str = "InvalidParameterException",
) -> str | None:
    """The id remembered for this token, if this very request was made before.

    The same token with other parameters raises `error`, which is what AWS does too.
    """
    token = params.get(member)
    if not token:
        return None
    seen = ctx.store("tokens").get((operation, token))
    if seen is None:
        return None
    request, remembered = seen
    if request != _shape(params, member):
        raise AwsError(error, f"Idempotent parameter mismatch for token {token}", status=400)
    return remembered


def remember(
    ctx: Context,
    operation: str,
    params: dict[str, Any],
    identifier: str,
    *,
    member: str = "clientRequestToken",
) -> None:
    """Stores what the token of `params` made."""
    if token := params.get(member):
        ctx.store("tokens")[(operation, token)] = (_shape(params, member), identifier)


def _shape(params: dict[str, Any], member: str) -> str:
    rest = {key: value for key, value in params.items() if key != member}
    return json.dumps(rest, sort_keys=True, default=str)

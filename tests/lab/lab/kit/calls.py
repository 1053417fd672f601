"""Calls to other services whose refusal is no error."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context


def succeeds(ctx: Context, service: str, operation: str, params: dict[str, Any]) -> bool:
    """Makes a call; False when the service refuses it."""
    try:
        ctx.call(service, operation, params)
    except AwsError:
        return False
    return True


def make_log_group(ctx: Context, name: str) -> None:
    """Makes a log group as a service does for its own logs, unless it is there already."""
    succeeds(ctx, "logs", "CreateLogGroup", {"logGroupName": name})

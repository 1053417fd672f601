"""Principals that policy documents name, and which of them a service cannot accept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import unquote

from lab.extend import Context
from lab.kit.principals import principal_exists
from lab.kit.roles import fresh


def unacceptable_principal(ctx: Context, document: str, *, spread: bool = True) -> str | None:
    """The first principal of this account that does not exist; ValueError for a broken document.

    With `spread`, a role that IAM has not spread yet does not exist either: so it looks to every
    service but IAM.
    """
    for arn in aws_principals(document):
        if not principal_exists(ctx, arn):
            return arn
        if spread and ":role/" in arn and fresh(ctx, arn.rsplit("/", 1)[-1]):
            return arn
    return None


def aws_principals(document: str) -> Iterator[str]:
    """Every ARN under `Principal.AWS`; ValueError for what is no policy document."""
    policy = json.loads(unquote(document))
    if not isinstance(policy, dict):
        raise ValueError("a policy is a JSON object")
    statements = policy.get("Statement", [])
    for statement in [statements] if isinstance(statements, dict) else statements:
        principal = statement.get("Principal", {})
        named = principal.get("AWS", []) if isinstance(principal, dict) else []
        yield from (
            each
            for each in ([named] if isinstance(named, str) else named)
            if each.startswith("arn:")
        )

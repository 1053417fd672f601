"""Roles that a service is asked to assume."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from lab.extend import AwsError, Context


def find_role(ctx: Context, role_arn: str) -> dict[str, Any] | None:
    """The role behind an ARN as IAM describes it, or None."""
    try:
        role = ctx.call("iam", "GetRole", {"RoleName": role_arn.rsplit("/", 1)[-1]})["Role"]
    except AwsError:
        return None
    return role if role["Arn"] == role_arn else None


def trusts(role: dict[str, Any], service: str) -> bool:
    """Whether the role's trust policy lets `service` (`eks.amazonaws.com`) assume it."""
    policy = role["AssumeRolePolicyDocument"]
    if isinstance(policy, str):
        policy = json.loads(unquote(policy))
    statements = policy["Statement"]
    for statement in [statements] if isinstance(statements, dict) else statements:
        principal = statement.get("Principal", {})
        services = principal.get("Service", []) if isinstance(principal, dict) else []
        services = [services] if isinstance(services, str) else services
        if statement.get("Effect") == "Allow" and service in services:
            return True
    return False


def assumable(ctx: Context, role_arn: str, service: str) -> bool:
    """Whether `service` can assume the role by now: it exists, trusts, and IAM has spread it."""
    role = find_role(ctx, role_arn)
    return role is not None and trusts(role, service) and not fresh(ctx, role["RoleName"])


def fresh(ctx: Context, name: str) -> bool:
    """Whether IAM has not spread the role to the other services yet."""
    return ctx.elsewhere("us-east-1", "iam").life.running("iam/role", name)


def attached(ctx: Context, role_arn: str) -> set[str]:
    """Names of the managed policies attached to the role."""
    name = role_arn.rsplit("/", 1)[-1]
    policies = ctx.call("iam", "ListAttachedRolePolicies", {"RoleName": name})
    return {policy["PolicyName"] for policy in policies["AttachedPolicies"]}

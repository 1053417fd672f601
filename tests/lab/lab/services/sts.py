"""STS: who calls, and roles that are assumed."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from lab.extend import AwsError, Context, Output, Params, after, before, operation
from lab.kit.records import digest
from lab.kit.roles import find_role

USER = "lab"
"""The IAM user that every key belongs to which no role session has."""


@operation("sts", "GetCallerIdentity")
def who(ctx: Context, _params: Params) -> Output:
    """The session of an assumed role, by its key, or the account's one user."""
    return _sessions(ctx).get(ctx.access_key) or {
        "UserId": f"AIDA{digest('user', USER, length=16).upper()}",
        "Account": ctx.account,
        "Arn": f"arn:aws:iam::{ctx.account}:user/{USER}",
    }


@before("sts", "AssumeRole")
def may_assume(ctx: Context, params: Params) -> None:
    """The role exists and trusts the caller; AWS does not say which of the two is missing."""
    account = params["RoleArn"].split(":")[4]
    role = find_role(ctx.world.context("us-east-1", "iam", account), params["RoleArn"])
    caller = who(ctx, {})["Arn"]
    if role is None or not _trusts(role, ctx.account, caller):
        text = (
            f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: "
            f"{params['RoleArn']}"
        )
        raise AwsError("AccessDenied", text, status=403)


@after("sts", "AssumeRole")
def remember(ctx: Context, params: Params, output: Output) -> None:
    """Calls with the session's key are the role's, in the role's account."""
    account, path = params["RoleArn"].split(":", 5)[4:]
    found = output["AssumedRoleUser"]
    name = f"{path.rpartition('/')[2]}/{params['RoleSessionName']}"
    found["Arn"] = f"arn:aws:sts::{account}:assumed-role/{name}"
    _sessions(ctx)[output["Credentials"]["AccessKeyId"]] = {
        "UserId": found["AssumedRoleId"],
        "Account": account,
        "Arn": found["Arn"],
    }


def _sessions(ctx: Context) -> dict[str, Output]:
    return ctx.world.sessions()


def _trusts(role: dict[str, Any], account: str, caller: str) -> bool:
    policy = role["AssumeRolePolicyDocument"]
    if isinstance(policy, str):
        policy = json.loads(unquote(policy))
    fitting = {"*", account, f"arn:aws:iam::{account}:root", caller}
    for statement in _list(policy["Statement"]):
        principal = statement.get("Principal", {})
        named = ["*"] if principal == "*" else _list(principal.get("AWS", []))
        if statement.get("Effect") == "Allow" and fitting & set(named):
            return True
    return False


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]

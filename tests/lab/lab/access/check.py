"""Whether a caller may make a call, and how AWS says no."""

from __future__ import annotations

from typing import Any

from lab import protocol
from lab.access.actions import requests
from lab.access.document import BadPolicy, Policies, Statement, statements
from lab.access.request import Request
from lab.extend import AwsError, Context
from lab.request import Call

DENIED = {
    "ec2": ("UnauthorizedOperation", 403),
    "json": ("AccessDeniedException", 400),
    "rest-json": ("AccessDeniedException", 403),
}
"""Service or protocol → how a call is denied; others answer `AccessDenied` 403."""
FREE = frozenset({("sts", "GetCallerIdentity"), ("sts", "GetSessionToken")})
"""Calls that need no permission, whatever a policy says."""


def policies(document: Any) -> Policies | None:
    """Reads one policy for all, or a map of access keys to policies; null switches checks off."""
    if document is None:
        return None
    if isinstance(document, dict) and "Statement" in document:
        return {"*": statements(document)}
    if not isinstance(document, dict) or not document:
        raise BadPolicy(
            "expected a policy document, or an object of access keys and their policies"
        )
    return {key: statements(policy) for key, policy in document.items()}


def require(ctx: Context, call: Call, allowed: Policies) -> None:
    """Raises the service's access error for the first thing that the caller may not do.

    A key without a policy, where there is none for `*` either, may do everything.
    """
    rules = allowed.get(call.access_key, allowed.get("*"))
    if rules is None or (call.service, call.operation) in FREE:
        return
    for request in requests(ctx, call.operation, call.params):
        if why := _refusal(request, rules):
            raise _denied(ctx, call, request, why)


def _refusal(request: Request, rules: list[Statement]) -> str | None:
    """Why the request is refused; None when it is allowed. A denial beats every allowance."""
    fitting = [rule for rule in rules if rule.covers(request)]
    if any(not rule.allows for rule in fitting):
        return "with an explicit deny in an identity-based policy"
    if not fitting:
        return f"because no identity-based policy allows the {request.action} action"
    return None


def _denied(ctx: Context, call: Call, request: Request, why: str) -> AwsError:
    if request.says:
        return AwsError("InvalidRequestException", request.says)
    spoken = protocol.of(call.model.service_model)
    code, status = DENIED.get(call.service) or DENIED.get(spoken, ("AccessDenied", 403))
    caller = ctx.call("sts", "GetCallerIdentity", {})["Arn"]
    text = (
        f"User: {caller} is not authorized to perform: {request.action} on resource: "
        f"{request.resource or '*'} {why}"
    )
    if call.service == "ec2":
        text = f"You are not authorized to perform this operation. {text}"
    return AwsError(code, text, status)

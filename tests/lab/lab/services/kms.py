"""KMS: keys that are on their way out, and what may still be done with them."""

from __future__ import annotations

import json
from typing import Any

from lab.extend import AwsError, Context, Output, Params, after, before, on_end
from lab.kit.policies import unacceptable_principal

KEY = "kms/key"
DAY = 86400.0
PENDING = ("PendingDeletion", "PendingReplicaDeletion")
SHORTEST, LONGEST = 7, 30
"""Days of the waiting period."""


def find_key(ctx: Context, key_id: str) -> Any:
    """moto's key by id, ARN or alias; None for an unknown one."""
    kms = ctx.moto("kms")
    return kms.keys.get(kms.any_id_to_key_id(key_id))


@before("kms", "CreateKey", "PutKeyPolicy")
def principals_exist(ctx: Context, params: Params) -> None:
    """A key policy can only name principals that exist and that IAM has spread."""
    try:
        unknown = unacceptable_principal(ctx, params.get("Policy") or "{}")
    except ValueError as reason:
        text = "The policy is no valid JSON"
        raise AwsError("MalformedPolicyDocumentException", text, status=400) from reason
    if unknown is not None:
        text = "Policy contains a statement with one or more invalid principals."
        raise AwsError("MalformedPolicyDocumentException", text, status=400)


@before("kms", "CreateKey", "PutKeyPolicy")
def still_yours(ctx: Context, params: Params) -> None:
    """A policy under which nobody here could change it any more is refused, unless one insists."""
    if not params.get("Policy") or params.get("BypassPolicyLockoutSafetyCheck"):
        return
    account = f"arn:aws:iam::{ctx.account}:"
    for statement in _list(json.loads(params["Policy"]).get("Statement", [])):
        principal = statement.get("Principal", {})
        named = [principal] if principal == "*" else _list(principal.get("AWS", []))
        may = {"kms:*", "kms:Put*", "kms:PutKeyPolicy", "*"} & set(_list(statement.get("Action")))
        ours = any(each in ("*", ctx.account) or each.startswith(account) for each in named)
        if statement.get("Effect") == "Allow" and may and ours:
            return
    text = "The new key policy will not allow you to update the key policy in the future."
    raise AwsError("MalformedPolicyDocumentException", text, status=400)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@before("kms", "GetKeyPolicy", "PutKeyPolicy")
def only_policy(_ctx: Context, params: Params) -> Params:
    """A key has one policy, `default`, and its name may be left out."""
    return {"PolicyName": "default"} | params


@before("kms", "ScheduleKeyDeletion")
def deletable(ctx: Context, params: Params) -> None:
    """Between 7 and 30 days, once, and by key id: an alias will not do."""
    days = params.get("PendingWindowInDays", LONGEST)
    if not SHORTEST <= days <= LONGEST:
        text = f"PendingWindowInDays must be between {SHORTEST} and {LONGEST}"
        raise AwsError("ValidationException", text, status=400)
    _require_enabled_or_disabled(ctx, params["KeyId"])


@before(
    "kms",
    "TagResource",
    "UntagResource",
    "EnableKeyRotation",
    "DisableKeyRotation",
    "PutKeyPolicy",
    "UpdateKeyDescription",
    "EnableKey",
    "DisableKey",
)
def not_pending(ctx: Context, params: Params) -> None:
    """A key that waits for its deletion takes no changes."""
    _require_enabled_or_disabled(ctx, params["KeyId"])


@before("kms", "CreateAlias", "UpdateAlias")
def target_not_pending(ctx: Context, params: Params) -> None:
    """Names of AWS's own keys are reserved, and a key on its way out takes no alias."""
    if params["AliasName"].startswith("alias/aws/"):
        raise AwsError("NotAuthorizedException", "alias/aws/ is reserved", status=400)
    _require_enabled_or_disabled(ctx, params["TargetKeyId"])


def _require_enabled_or_disabled(ctx: Context, key_id: str) -> None:
    key = find_key(ctx, key_id)
    if key is not None and key.key_state in PENDING:
        raise AwsError("KMSInvalidStateException", f"{key.arn} is pending deletion.", status=400)


@after("kms", "ScheduleKeyDeletion")
def begin_deletion(ctx: Context, params: Params, output: Output) -> Output:
    """The waiting period runs in lab time."""
    days = params.get("PendingWindowInDays", LONGEST)
    key = find_key(ctx, params["KeyId"])
    ctx.life.start(KEY, key.id, "delete", seconds=days * DAY, waited_for=False)
    return output | {"KeyId": key.arn, "KeyState": key.key_state, "PendingWindowInDays": days}


@before("kms", "CancelKeyDeletion")
def pending(ctx: Context, params: Params) -> None:
    """Only what waits for its deletion can be taken back."""
    key = find_key(ctx, params["KeyId"])
    if key is not None and key.key_state not in PENDING:
        raise AwsError(
            "KMSInvalidStateException", f"{key.arn} is not pending deletion.", status=400
        )


@after("kms", "CancelKeyDeletion")
def cancel_deletion(ctx: Context, params: Params, output: Output) -> Output:
    """The key stays, disabled."""
    key = find_key(ctx, params["KeyId"])
    ctx.life.forget(KEY, key.id)
    return output | {"KeyId": key.arn}


@on_end(KEY, "delete")
def deleted(ctx: Context, key_id: str) -> None:
    """The key is gone, and everything encrypted with it."""
    kms = ctx.moto("kms")
    if key_id in kms.keys:
        kms.delete_key(key_id)
        kms.keys.pop(key_id, None)


def census(ctx: Context) -> list[dict[str, Any]]:
    """Keys and aliases of this region; keys in their waiting period count as pending."""
    kms = ctx.moto("kms")
    found: list[dict[str, Any]] = []
    for key in kms.keys.values():
        if key.key_manager != "CUSTOMER":
            continue
        tags = kms.list_resource_tags(key.arn)["Tags"]
        found.append(
            {
                "kind": "kms/key",
                "id": key.id,
                "tags": {tag["TagKey"]: tag["TagValue"] for tag in tags},
                "pending": key.key_state in PENDING,
            }
        )
        found += [{"kind": "kms/alias", "id": name, "tags": {}} for name in key.aliases]
    return found

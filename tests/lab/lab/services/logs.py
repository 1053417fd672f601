"""CloudWatch Logs: deletion protection, keys and group look-ups, which moto lacks."""

from __future__ import annotations

import base64
from typing import Any

from lab.extend import AwsError, Context, Output, Params, after, before, operation

YEARS = (365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
RETENTIONS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, *YEARS)
PAGE = 50
"""Groups per answer, also the most a caller may ask for."""


def _group(ctx: Context, identifier: str) -> Any:
    """moto's log group by name or ARN; raises ResourceNotFoundException."""
    name = identifier
    if identifier.startswith("arn:"):
        name = identifier.split(":log-group:", 1)[-1].removesuffix(":*")
    group = ctx.moto("logs").groups.get(name)
    if group is None:
        text = "The specified log group does not exist."
        raise AwsError("ResourceNotFoundException", text, status=400)
    return group


def _require_key(ctx: Context, key_id: str) -> None:
    """Logs takes a key only by ARN, and only one that exists and is enabled."""
    try:
        if not key_id.startswith("arn:"):
            raise AwsError("NotFoundException", "not an ARN")
        key = ctx.call("kms", "DescribeKey", {"KeyId": key_id})["KeyMetadata"]
        usable = key["KeyState"] == "Enabled"
    except AwsError:
        usable = False
    if not usable:
        text = f"The specified KMS key does not exist or is not allowed to be used: {key_id}"
        raise AwsError("InvalidParameterException", text, status=400)


@before("logs", "CreateLogGroup")
def acceptable(ctx: Context, params: Params) -> None:
    """The key must be usable."""
    if key_id := params.get("kmsKeyId"):
        _require_key(ctx, key_id)


@after("logs", "CreateLogGroup")
def keep_settings(ctx: Context, params: Params, _output: Output) -> None:
    """What moto forgets of the request."""
    group = ctx.moto("logs").groups[params["logGroupName"]]
    group.deletion_protection = bool(params.get("deletionProtectionEnabled"))
    group.log_class = params.get("logGroupClass", "STANDARD")


@operation("logs", "PutLogGroupDeletionProtection")
def protect(ctx: Context, params: Params) -> Output:
    """Switches deletion protection."""
    group = _group(ctx, params["logGroupIdentifier"])
    group.deletion_protection = params["deletionProtectionEnabled"]
    return {}


@before("logs", "PutRetentionPolicy")
def days_offered(_ctx: Context, params: Params) -> None:
    """Retention comes in steps: "PutRetentionPolicy" in the API reference."""
    if params["retentionInDays"] not in RETENTIONS:
        text = f"retentionInDays must be one of {', '.join(map(str, RETENTIONS))}"
        raise AwsError("InvalidParameterException", text, status=400)


@before("logs", "DeleteLogGroup")
def unprotected(ctx: Context, params: Params) -> None:
    """A protected group stays."""
    if getattr(_group(ctx, params["logGroupName"]), "deletion_protection", False):
        text = "The log group cannot be deleted because deletion protection is enabled."
        raise AwsError("ValidationException", text, status=400)


@before("logs", "ListTagsForResource", "TagResource", "UntagResource")
def tagged_exists(ctx: Context, params: Params) -> None:
    """Tags are those of something that exists: "ListTagsForResource" in the API reference; moto does not look."""
    if ":log-group:" in params["resourceArn"]:
        _group(ctx, params["resourceArn"])


@operation("logs", "AssociateKmsKey")
def associate_key(ctx: Context, params: Params) -> Output:
    """Encrypts what is ingested from now on with the key."""
    group = _group(ctx, params.get("logGroupName") or params.get("resourceIdentifier", ""))
    _require_key(ctx, params["kmsKeyId"])
    group.kms_key_id = params["kmsKeyId"]
    return {}


@operation("logs", "DisassociateKmsKey")
def disassociate_key(ctx: Context, params: Params) -> Output:
    """Goes back to the service's own encryption."""
    _group(
        ctx, params.get("logGroupName") or params.get("resourceIdentifier", "")
    ).kms_key_id = None
    return {}


@before("logs", "FilterLogEvents")
def of_streams(ctx: Context, params: Params) -> Params:
    """Only the streams with the prefix: "FilterLogEvents" in the API reference; moto answers those of all."""
    prefix = params.get("logStreamNamePrefix")
    if prefix is None:
        return params
    if params.get("logStreamNames"):
        text = "LogStreamNamePrefix and LogStreamNames are mutually exclusive parameters."
        raise AwsError("InvalidParameterException", text, status=400)
    group = _group(ctx, params.get("logGroupName") or params.get("logGroupIdentifier", ""))
    names = [name for name in group.streams if name.startswith(prefix)]
    # No stream can have this name, and moto takes an empty list for all of them.
    return {**params, "logStreamNames": names or ["*"]}


@operation("logs", "DescribeLogGroups")
def describe(ctx: Context, params: Params) -> Output:
    """Groups in the order of their names; moto knows neither patterns nor identifiers."""
    prefix, pattern = params.get("logGroupNamePrefix"), params.get("logGroupNamePattern")
    if prefix is not None and pattern is not None:
        text = "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."
        raise AwsError("InvalidParameterException", text, status=400)
    wanted = {each.split(":log-group:")[-1] for each in params.get("logGroupIdentifiers", ())}
    names = [
        name
        for name in sorted(ctx.moto("logs").groups)
        if name.startswith(prefix or "")
        and (pattern or "").lower() in name.lower()
        and (not wanted or name in wanted)
    ]
    start = _position(params.get("nextToken"), names)
    end = start + params.get("limit", PAGE)
    output: Output = {"logGroups": [_shown(ctx, name) for name in names[start:end]]}
    if end < len(names):
        output["nextToken"] = base64.b64encode(names[end].encode()).decode()
    return output


def _position(token: str | None, names: list[str]) -> int:
    """Where the page begins: the first name that is not before the one in the token."""
    if token is None:
        return 0
    try:
        first = base64.b64decode(token, validate=True).decode()
    except ValueError as reason:
        text = "The specified nextToken is invalid."
        raise AwsError("InvalidParameterException", text, status=400) from reason
    return sum(name < first for name in names)


def _shown(ctx: Context, name: str) -> Output:
    group = ctx.moto("logs").groups[name]
    return group.to_describe_dict() | {
        "logGroupClass": getattr(group, "log_class", "STANDARD"),
        "deletionProtectionEnabled": getattr(group, "deletion_protection", False),
    }


def census(ctx: Context) -> list[dict[str, Any]]:
    """The log groups of this region."""
    logs = ctx.moto("logs")
    return [
        {"kind": "logs/group", "id": name, "tags": logs.list_tags_for_resource(group.arn)}
        for name, group in logs.groups.items()
    ]

"""CloudFront functions: written in DEVELOPMENT, published to LIVE, held by who runs them.

"Managing functions in CloudFront Functions" in the CloudFront guide: only a published function can
be associated, and one that is associated cannot be deleted.
"""

from __future__ import annotations

import re
from typing import Any

from lab.extend import AwsError, Context, operation
from lab.kit.records import Record, moment
from lab.services.cloudfront import policies
from lab.services.cloudfront.state import (
    all_distributions,
    check_etag,
    listing,
    new_etag,
    shelf,
)

DEVELOPMENT, LIVE = "DEVELOPMENT", "LIVE"
NAME = re.compile(r"[a-zA-Z0-9-_]{1,64}")
# Bytes of code: the quota "Maximum size of a function".
LARGEST = 10240
EVENTS = ("viewer-request", "viewer-response")


def own(ctx: Context) -> dict[str, Record]:
    """The account's functions by name."""
    return shelf(ctx, "functions")


def _find(ctx: Context, name: str, stage: str = DEVELOPMENT) -> tuple[Record, Record]:
    """The function and one stage of it, or NoSuchFunctionExists."""
    record = own(ctx).get(name)
    if record is None or stage not in record["_stages"]:
        raise AwsError("NoSuchFunctionExists", "The function does not exist.")
    return record, record["_stages"][stage]


@operation("cloudfront", "CreateFunction")
def create_function(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """In DEVELOPMENT, and not running anywhere yet."""
    name = params["Name"]
    if not NAME.fullmatch(name):
        raise AwsError("InvalidArgument", f"The function name {name} is not valid.")
    if name in own(ctx):
        raise AwsError("FunctionAlreadyExists", f"A function with the name {name} already exists.")
    record = {
        "Name": name,
        "ARN": f"arn:aws:cloudfront::{ctx.account}:function/{name}",
        "_stages": {DEVELOPMENT: _stage(ctx, params)},
        "_status": "UNPUBLISHED",
        "_etag": new_etag(ctx),
        "_tags": {
            tag["Key"]: tag.get("Value", "") for tag in params.get("Tags", {}).get("Items", [])
        },
    }
    own(ctx)[name] = record
    location = f"https://cloudfront.amazonaws.com/2020-05-31/function/{name}"
    return _answer(record, DEVELOPMENT) | {"Location": location}


def _stage(ctx: Context, params: Record, created: Any = None) -> Record:
    code = params["FunctionCode"]
    if len(code) > LARGEST:
        raise AwsError(
            "FunctionSizeLimitExceeded", f"The function code is larger than {LARGEST} bytes."
        )
    now = moment(ctx)
    return {
        "config": dict(params["FunctionConfig"]),
        "code": code,
        "created": created or now,
        "changed": now,
        "etag": new_etag(ctx),
    }


def _summary(record: Record, stage: str) -> Record:
    row = record["_stages"][stage]
    return {
        "Name": record["Name"],
        "Status": record["_status"] if stage == DEVELOPMENT else "UNASSOCIATED",
        "FunctionConfig": dict(row["config"]),
        "FunctionMetadata": {
            "FunctionARN": record["ARN"],
            "Stage": stage,
            "CreatedTime": row["created"],
            "LastModifiedTime": row["changed"],
        },
    }


def _answer(record: Record, stage: str) -> dict[str, Any]:
    etag = record["_etag"] if stage == DEVELOPMENT else record["_stages"][stage]["etag"]
    return {"FunctionSummary": _summary(record, stage), "ETag": etag}


@operation("cloudfront", "UpdateFunction")
def update_function(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Changes DEVELOPMENT only; what runs stays until it is published again."""
    record, old = _find(ctx, params["Name"])
    check_etag(record, params.get("IfMatch"))
    record["_stages"][DEVELOPMENT] = _stage(ctx, params, old["created"])
    record |= {"_status": "UNPUBLISHED", "_etag": new_etag(ctx)}
    return _answer(record, DEVELOPMENT)


@operation("cloudfront", "PublishFunction")
def publish_function(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Copies DEVELOPMENT to LIVE."""
    record, row = _find(ctx, params["Name"])
    check_etag(record, params.get("IfMatch"))
    record["_stages"][LIVE] = row | {"changed": moment(ctx), "etag": new_etag(ctx)}
    record["_status"] = "UNASSOCIATED"
    return {"FunctionSummary": _summary(record, LIVE)}


@operation("cloudfront", "DescribeFunction")
def describe_function(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One stage, without the code."""
    stage = params.get("Stage") or DEVELOPMENT
    record, _ = _find(ctx, params["Name"], stage)
    return _answer(record, stage)


@operation("cloudfront", "GetFunction")
def get_function(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """The code of one stage."""
    stage = params.get("Stage") or DEVELOPMENT
    record, row = _find(ctx, params["Name"], stage)
    return {
        "FunctionCode": row["code"],
        "ContentType": "application/octet-stream",
        "ETag": _answer(record, stage)["ETag"],
    }


@operation("cloudfront", "ListFunctions")
def list_functions(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Every function in every stage, or in one."""
    only = params.get("Stage")
    rows = [
        _summary(record, stage)
        for record in own(ctx).values()
        for stage in record["_stages"]
        if only in (None, stage)
    ]
    return {"FunctionList": listing(rows, params, full=False)}


@operation("cloudfront", "DeleteFunction")
def delete_function(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Refused while a behaviour runs it."""
    record, _ = _find(ctx, params["Name"])
    check_etag(record, params.get("IfMatch"))
    for each in all_distributions(ctx).values():
        for behavior in policies.behaviors(each["DistributionConfig"]):
            if record["ARN"] in _arns(behavior):
                raise AwsError(
                    "FunctionInUse",
                    f"The function is associated with the distribution {each['Id']}.",
                )
    del own(ctx)[params["Name"]]
    return {}


def _arns(behavior: Record) -> list[str]:
    rows = behavior.get("FunctionAssociations", {}).get("Items", [])
    return [row["FunctionARN"] for row in rows]


def check(ctx: Context, behavior: Record) -> None:
    """Refuses associations with functions that are not live, and two for one event."""
    rows = behavior.get("FunctionAssociations", {}).get("Items", [])
    events = [row["EventType"] for row in rows]
    if len(set(events)) < len(events) or not set(events) <= set(EVENTS):
        raise AwsError(
            "InvalidFunctionAssociation",
            f"A cache behavior takes one function for each of {', '.join(EVENTS)}: {events}",
        )
    live = {row["ARN"] for row in own(ctx).values() if LIVE in row["_stages"]}
    for arn in _arns(behavior):
        if arn not in live:
            raise AwsError(
                "InvalidFunctionAssociation",
                f"The function {arn} does not exist or is not published.",
            )
    if {row["EventType"] for row in _lambdas(behavior)} & set(events):
        raise AwsError(
            "InvalidFunctionAssociation",
            "Lambda@Edge and CloudFront Functions cannot both run at the viewer.",
        )


def _lambdas(behavior: Record) -> list[Record]:
    return behavior.get("LambdaFunctionAssociations", {}).get("Items", [])

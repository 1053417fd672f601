"""CloudTrail: names that are free, and buckets that let it write."""

from __future__ import annotations

import json

from lab.extend import AwsError, Context, Params, before

PRINCIPAL = "cloudtrail.amazonaws.com"


@before("cloudtrail", "CreateTrail")
def name_free(ctx: Context, params: Params) -> None:
    """moto puts a second trail in the place of the first."""
    if params["Name"] in ctx.moto("cloudtrail").trails:
        text = f"Trail {params['Name']} already exists for customer: {ctx.account}"
        raise AwsError("TrailAlreadyExistsException", text, status=400)


@before("cloudtrail", "CreateTrail", "UpdateTrail")
def may_write(ctx: Context, params: Params) -> None:
    """The bucket's policy lets CloudTrail look at its ACL and put objects."""
    bucket = params.get("S3BucketName")
    if bucket is None or bucket not in ctx.moto("s3").buckets:
        return  # moto refuses a missing one
    text = ctx.moto("s3").buckets[bucket].policy
    statements = json.loads(text).get("Statement", []) if text else []
    allowed: set[str] = set()
    for each in [statements] if isinstance(statements, dict) else statements:
        principal, action = each.get("Principal", {}), each.get("Action", [])
        service = principal.get("Service", []) if isinstance(principal, dict) else []
        if each.get("Effect") == "Allow" and PRINCIPAL in _list(service):
            allowed |= {name.lower() for name in _list(action)}
    needed = {"s3:getbucketacl", "s3:putobject"}
    if not needed <= allowed and not {"s3:*", "*"} & allowed:
        text = f"Incorrect S3 bucket policy is detected for bucket: {bucket}"
        raise AwsError("InsufficientS3BucketPolicyException", text, status=400)


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value

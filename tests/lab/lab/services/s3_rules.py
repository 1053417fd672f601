"""S3: policies and life cycles that S3 refuses and moto takes."""

from __future__ import annotations

import json
from typing import Any

from lab.extend import AwsError, Context, Params, before

SHORTEST = {"STANDARD_IA": 30, "ONEZONE_IA": 30}
"""Storage class → days that an object must be old to get there."""


@before("s3", "PutBucketPolicy")
def well_formed(_ctx: Context, params: Params) -> None:
    """A resource policy has statements with effect, principal, action, and this bucket in it."""
    bucket = f"arn:aws:s3:::{params['Bucket']}"
    for statement in _statements(params["Policy"]):
        for member in ("Effect", "Principal", "Action", "Resource"):
            if member not in statement and f"Not{member}" not in statement:
                raise _malformed(f"Missing required field {member}")
        for resource in _list(statement.get("Resource", [])):
            if resource != "*" and resource != bucket and not resource.startswith(f"{bucket}/"):
                raise _malformed("Policy has invalid resource")


@before("s3", "PutBucketPolicy")
def not_public(ctx: Context, params: Params) -> None:
    """BlockPublicPolicy refuses what opens the bucket to everybody without a condition."""
    bucket = ctx.moto("s3").buckets.get(params["Bucket"])
    block = getattr(bucket, "public_access_block", None)
    if block is None or str(block.block_public_policy).lower() != "true":
        return
    for statement in _statements(params["Policy"]):
        principal = statement.get("Principal")
        everybody = principal in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        if statement["Effect"] == "Allow" and everybody and not statement.get("Condition"):
            text = (
                "User is not authorized to perform: s3:PutBucketPolicy because public policies are "
                "prevented by the BlockPublicPolicy setting in S3 Block Public Access."
            )
            raise AwsError("AccessDenied", text, status=403)


@before("s3", "PutBucketLifecycleConfiguration")
def old_enough(_ctx: Context, params: Params) -> None:
    """Infrequent access is for objects of at least 30 days."""
    for rule in params.get("LifecycleConfiguration", {}).get("Rules", []):
        moves = [("Days", each) for each in rule.get("Transitions", [])]
        moves += [("NoncurrentDays", each) for each in rule.get("NoncurrentVersionTransitions", [])]
        for member, move in moves:
            least = SHORTEST.get(move.get("StorageClass", ""), 0)
            if move.get(member) is not None and move[member] < least:
                text = (
                    f"'{member}' in Transition action must be greater than or equal to {least} for "
                    f"storageClass '{move['StorageClass']}'"
                )
                raise AwsError("InvalidArgument", text, status=400)


def _statements(policy: str) -> list[dict[str, Any]]:
    try:
        document = json.loads(policy)
        found = _list(document["Statement"])
    except (ValueError, TypeError, KeyError) as reason:
        raise _malformed("Missing required field Statement") from reason
    if not found or not all(isinstance(each, dict) for each in found):
        raise _malformed("Policy statement must contain objects")
    return found


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _malformed(text: str) -> AwsError:
    return AwsError("MalformedPolicy", text, status=400)

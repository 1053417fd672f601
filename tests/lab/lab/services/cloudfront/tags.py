"""Tags of distributions, by ARN."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, operation
from lab.kit.records import tag_list, tag_map
from lab.services.cloudfront.state import all_distributions


@operation("cloudfront", "TagResource")
def tag_resource(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Adds and overwrites."""
    _tags_of(ctx, params["Resource"]).update(tag_map(params["Tags"].get("Items")))
    return {}


@operation("cloudfront", "UntagResource")
def untag_resource(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Unknown keys are ignored."""
    tags = _tags_of(ctx, params["Resource"])
    for key in params["TagKeys"].get("Items", []):
        tags.pop(key, None)
    return {}


@operation("cloudfront", "ListTagsForResource")
def list_tags(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """All tags of one distribution."""
    return {"Tags": {"Items": tag_list(_tags_of(ctx, params["Resource"]))}}


def _tags_of(ctx: Context, arn: str) -> dict[str, str]:
    for record in all_distributions(ctx).values():
        if record["ARN"] == arn:
            return record["_tags"]
    raise AwsError("NoSuchResource", "The specified resource does not exist.")

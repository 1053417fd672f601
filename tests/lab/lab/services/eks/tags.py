"""Tags of every kind of EKS object, by ARN."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lab.extend import AwsError, Context, operation
from lab.kit.records import Record
from lab.services.eks.state import clusters

# A resource takes no more tags than this.
MOST = 50


@operation("eks", "TagResource")
def tag_resource(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Adds and overwrites."""
    tags = _tags_of(ctx, params["resourceArn"])
    merged = tags | params["tags"]
    if len(merged) > MOST:
        raise AwsError("BadRequestException", f"A resource can have at most {MOST} tags")
    tags.update(merged)
    return {}


@operation("eks", "UntagResource")
def untag_resource(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Unknown keys are ignored."""
    tags = _tags_of(ctx, params["resourceArn"])
    for key in params["tagKeys"]:
        tags.pop(key, None)
    return {}


@operation("eks", "ListTagsForResource")
def list_tags(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """All tags of one object."""
    return {"tags": dict(_tags_of(ctx, params["resourceArn"]))}


def _tags_of(ctx: Context, arn: str) -> dict[str, str]:
    for own, record in _all(ctx):
        if own == arn:
            return record["tags"]
    raise AwsError("NotFoundException", f"The specified resource could not be found: {arn}")


def _all(ctx: Context) -> Iterator[tuple[str, Record]]:
    for cluster in clusters(ctx).values():
        yield cluster["arn"], cluster
        for part, member in (
            ("_nodegroups", "nodegroupArn"),
            ("_addons", "addonArn"),
            ("_entries", "accessEntryArn"),
            ("_associations", "associationArn"),
        ):
            for record in cluster[part].values():
                yield record[member], record

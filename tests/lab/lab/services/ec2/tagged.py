"""Tags of EC2 objects that the lab keeps itself: they stand in moto's table with all others."""

from __future__ import annotations

from lab.extend import Context, Params
from lab.kit.records import Record, tag_list


def remember_tags(ctx: Context, identifier: str, params: Params, kind: str) -> None:
    """Stores the tags that a create call carries for its resource type."""
    tags = {
        tag["Key"]: tag.get("Value", "")
        for row in params.get("TagSpecifications", [])
        if row.get("ResourceType") == kind
        for tag in row.get("Tags", [])
    }
    if tags:
        ctx.moto("ec2").tags[identifier] = tags


def with_tags(ctx: Context, record: Record, identifier: str) -> Record:
    """The record with its present tags."""
    return record | {"Tags": tag_list(dict(ctx.moto("ec2").tags.get(identifier, {})))}

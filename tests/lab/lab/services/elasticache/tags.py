"""Tags of ElastiCache objects, by ARN. Tagging makes a replication group busy for moments."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, operation
from lab.kit.records import Record, tag_list, tag_map
from lab.services.elasticache import members
from lab.services.elasticache.parameters import parameter_group
from lab.services.elasticache.state import GROUP, Shelf


@operation("elasticache", "AddTagsToResource")
def add_tags(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Adds and overwrites."""
    record = _find(ctx, params["ResourceName"], change=True)
    record["_tags"] = tag_list(tag_map(record["_tags"]) | tag_map(params["Tags"]))
    return _done(ctx, record)


@operation("elasticache", "RemoveTagsFromResource")
def remove_tags(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Unknown keys are ignored."""
    record = _find(ctx, params["ResourceName"], change=True)
    record["_tags"] = [row for row in record["_tags"] if row["Key"] not in params["TagKeys"]]
    return _done(ctx, record)


@operation("elasticache", "ListTagsForResource")
def list_tags(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """All tags of one object."""
    return {"TagList": list(_find(ctx, params["ResourceName"])["_tags"])}


def _done(ctx: Context, record: Record) -> dict[str, Any]:
    if "ReplicationGroupId" in record and "Status" in record:
        record["Status"] = "modifying"
        members.show(record, ctx.region)
        ctx.life.start(GROUP, record["ReplicationGroupId"], "tag")
    return {"TagList": list(record["_tags"])}


def _find(ctx: Context, arn: str, *, change: bool = False) -> Record:
    shelf, parts = Shelf(ctx), arn.split(":", 6)
    if len(parts) < 7 or parts[2] != "elasticache":
        raise AwsError("InvalidARN", f"The ARN is not valid: {arn}")
    if parts[3] != ctx.region or parts[4] != ctx.account:
        raise AwsError("InvalidARN", f"The ARN is of another region or account: {arn}")
    kind, name = parts[5], parts[6]
    if kind == "cluster":
        for group in shelf.groups.values():
            if name in group["MemberClusters"]:
                return group
        raise AwsError("CacheClusterNotFound", f"CacheCluster not found: {name}")
    finders = {
        "replicationgroup": shelf.free_group if change else shelf.group,
        "subnetgroup": shelf.subnet_group,
        "snapshot": shelf.snapshot,
        "user": shelf.user,
        "usergroup": shelf.user_group,
        "parametergroup": lambda group: parameter_group(ctx, group),
    }
    if kind not in finders:
        raise AwsError("InvalidARN", f"The lab keeps no ElastiCache resources of type {kind}")
    return finders[kind](name)

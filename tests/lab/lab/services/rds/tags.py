"""Tags of RDS objects, by ARN."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, operation
from lab.kit.records import Record, tag_list, tag_map
from lab.services.rds.parameters import OF_CLUSTERS, OF_INSTANCES
from lab.services.rds.state import Shelf


@operation("rds", "AddTagsToResource")
def add_tags(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Adds and overwrites."""
    record = _find(ctx, params["ResourceName"])
    record["TagList"] = tag_list(tag_map(record["TagList"]) | tag_map(params["Tags"]))
    return {}


@operation("rds", "RemoveTagsFromResource")
def remove_tags(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Unknown keys are ignored."""
    record = _find(ctx, params["ResourceName"])
    record["TagList"] = [row for row in record["TagList"] if row["Key"] not in params["TagKeys"]]
    return {}


@operation("rds", "ListTagsForResource")
def list_tags(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """All tags of one object."""
    return {"TagList": list(_find(ctx, params["ResourceName"])["TagList"])}


def _find(ctx: Context, arn: str) -> Record:
    shelf = Shelf(ctx)
    parts = arn.split(":", 6)
    if len(parts) < 7 or parts[2] != "rds":
        raise AwsError("InvalidParameterValue", f"The specified resource name is not valid: {arn}")
    if parts[3] != ctx.region or parts[4] != ctx.account:
        raise AwsError("InvalidParameterValue", f"The ARN is of another region or account: {arn}")
    kind, name = parts[5], parts[6]
    finders = {
        "db": shelf.instance,
        "subgrp": shelf.subnet_group,
        "snapshot": shelf.snapshot,
        "pg": lambda group: OF_INSTANCES.find(ctx, group),
        "cluster": shelf.cluster,
        "cluster-pg": lambda group: OF_CLUSTERS.find(ctx, group),
        "cluster-snapshot": shelf.cluster_snapshot,
        "deployment": lambda deployment: shelf.blue_green[deployment],
        "cluster-endpoint": lambda name: shelf.cluster_endpoints[name],
    }
    if kind not in finders:
        raise AwsError("InvalidParameterValue", f"The lab keeps no RDS resources of type {kind}")
    return finders[kind](name)

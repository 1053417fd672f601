"""Placement groups: unique names, strategies, not deletable while an instance is in one."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, before, on_end, operation
from lab.kit.records import Record, digest, public
from lab.services.ec2.filters import passing
from lab.services.ec2.tagged import remember_tags, with_tags

KIND = "ec2/placement-group"
# "A partition placement group can have a maximum of seven partitions per Availability Zone."
MOST_PARTITIONS = 7


def groups(ctx: Context) -> dict[str, Record]:
    """All placement groups by name."""
    return ctx.store("ec2").setdefault("placement_groups", {})


@operation("ec2", "CreatePlacementGroup")
def create_group(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Pending for moments."""
    name, strategy = params.get("GroupName"), params.get("Strategy", "cluster")
    if not name:
        raise AwsError("MissingParameter", "The request must contain the parameter GroupName")
    if name in groups(ctx):
        raise AwsError("InvalidPlacementGroup.Duplicate", f"The Placement Group '{name}' exists.")
    partitions, level = params.get("PartitionCount"), params.get("SpreadLevel")
    if partitions is not None and (
        strategy != "partition" or not 1 <= partitions <= MOST_PARTITIONS
    ):
        raise AwsError(
            "InvalidParameterCombination",
            f"PartitionCount is 1 to {MOST_PARTITIONS}, with the strategy partition only",
        )
    if level and strategy != "spread":
        raise AwsError("InvalidParameterCombination", "SpreadLevel needs the strategy spread")
    identifier = "pg-" + digest("pg", ctx.region, name, str(ctx.now()), length=17)
    record: Record = {
        "GroupName": name,
        "State": "pending",
        "Strategy": strategy,
        "GroupId": identifier,
        "GroupArn": f"arn:aws:ec2:{ctx.region}:{ctx.account}:placement-group/{name}",
    }
    if strategy == "partition":
        record["PartitionCount"] = partitions or 2
    if strategy == "spread":
        record["SpreadLevel"] = level or "rack"
    remember_tags(ctx, identifier, params, "placement-group")
    groups(ctx)[name] = record
    ctx.life.start(KIND, name, "create")
    return {"PlacementGroup": with_tags(ctx, public(record), identifier)}


@on_end(KIND, "create")
def _available(ctx: Context, name: str) -> None:
    if record := groups(ctx).get(name):
        record["State"] = "available"


@operation("ec2", "DescribePlacementGroups")
def describe_groups(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """By name, id and filters."""
    rows = [with_tags(ctx, public(row), row["GroupId"]) for row in groups(ctx).values()]
    for member, own in (("GroupNames", "GroupName"), ("GroupIds", "GroupId")):
        if wanted := params.get(member):
            known = {row[own] for row in rows}
            for each in wanted:
                if each not in known:
                    raise AwsError(
                        "InvalidPlacementGroup.Unknown", f"The Placement Group '{each}' is unknown."
                    )
            rows = [row for row in rows if row[own] in wanted]
    facts = {"group-name": "GroupName", "state": "State", "strategy": "Strategy"}
    facts |= {"group-arn": "GroupArn", "spread-level": "SpreadLevel"}
    return {"PlacementGroups": passing(rows, params.get("Filters", []), facts)}


@operation("ec2", "DeletePlacementGroup")
def delete_group(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Refused while an instance is in it."""
    name = params["GroupName"]
    if name not in groups(ctx):
        raise AwsError("InvalidPlacementGroup.Unknown", f"The Placement Group '{name}' is unknown.")
    used = [
        each.id
        for each in ctx.moto("ec2").all_instances()
        if each.state not in ("terminated", "shutting-down") and _group_of(ctx, each.id) == name
    ]
    if used:
        raise AwsError(
            "InvalidPlacementGroup.InUse",
            f"The placement group '{name}' is in use and may not be deleted.",
        )
    ctx.life.forget(KIND, name)
    del groups(ctx)[name]
    return {}


def _group_of(ctx: Context, instance: str) -> str | None:
    return ctx.store("ec2").get("placed", {}).get(instance)


@before("ec2", "RunInstances")
def known(ctx: Context, params: dict[str, Any]) -> None:
    """The group that instances are to be placed into exists."""
    name = params.get("Placement", {}).get("GroupName")
    if name and name not in groups(ctx):
        raise AwsError("InvalidPlacementGroup.Unknown", f"The Placement Group '{name}' is unknown.")

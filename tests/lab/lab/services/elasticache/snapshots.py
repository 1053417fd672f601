"""ElastiCache snapshots: manual and final ones."""

from __future__ import annotations

from typing import Any

from lab.backend import not_simulated
from lab.extend import AwsError, Context, on_end, operation
from lab.kit.records import Record, moment, pick, public
from lab.services.elasticache import members
from lab.services.elasticache.state import GROUP, SNAPSHOT, Shelf, arn, page


@operation("elasticache", "CreateSnapshot")
def create_snapshot(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """The group is `snapshotting` meanwhile and takes no other change."""
    shelf = Shelf(ctx)
    name = params.get("ReplicationGroupId")
    if not name:
        raise not_simulated("elasticache", "CreateSnapshot of a single cache cluster")
    group = shelf.free_group(name)
    check_new(shelf, params["SnapshotName"])
    snapshot = take(ctx, group, params["SnapshotName"])
    snapshot["_tags"] = list(params.get("Tags", []))
    group["Status"] = "snapshotting"
    members.show(group, ctx.region)
    ctx.life.start(SNAPSHOT, snapshot["SnapshotName"], "create")
    ctx.life.start(GROUP, group["ReplicationGroupId"], "snapshot")
    return {"Snapshot": public(snapshot)}


@on_end(SNAPSHOT, "create")
def _taken(ctx: Context, name: str) -> None:
    Shelf(ctx).snapshots[name]["SnapshotStatus"] = "available"


def check_new(shelf: Shelf, name: str) -> None:
    """Snapshot names are unique."""
    if name in shelf.snapshots:
        raise AwsError("SnapshotAlreadyExistsFault", f"Snapshot {name} already exists.")


def take(ctx: Context, group: Record, name: str) -> Record:
    """A snapshot of a group as it is now, in `creating`."""
    snapshot = pick(
        group,
        "ReplicationGroupId",
        "CacheNodeType",
        "Engine",
        "AutoMinorVersionUpgrade",
        "SnapshotRetentionLimit",
        "SnapshotWindow",
        "AutomaticFailover",
        "KmsKeyId",
        "DataTiering",
    ) | {
        "SnapshotName": name,
        "ReplicationGroupDescription": group["Description"],
        "SnapshotStatus": "creating",
        "SnapshotSource": "manual",
        "EngineVersion": group["_version"],
        "PreferredMaintenanceWindow": group["_maintenance"],
        "Port": group["_port"],
        "CacheParameterGroupName": group["_parameter_group"],
        "CacheSubnetGroupName": group["_subnet_group"],
        "VpcId": group["_vpc"],
        "NumNodeGroups": len(group["_shards"]),
        "ARN": arn(ctx, "snapshot", name),
        "NodeSnapshots": [
            {"NodeGroupId": shard, "CacheSize": "0 MB", "SnapshotCreateTime": moment(ctx)}
            for shard in sorted(group["_shards"])
        ],
        "_tags": [],
    }
    Shelf(ctx).snapshots[name] = snapshot
    return snapshot


@operation("elasticache", "DescribeSnapshots")
def describe_snapshots(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """By name, group and source; an unknown name is an error."""
    shelf, name = Shelf(ctx), params.get("SnapshotName")
    rows = [shelf.snapshot(name)] if name else list(shelf.snapshots.values())
    of = (params.get("ReplicationGroupId") or "").lower()
    source = {"user": "manual", "system": "automated"}.get(params.get("SnapshotSource", ""))
    rows = [
        row
        for row in rows
        if of in ("", row["ReplicationGroupId"]) and source in (None, row["SnapshotSource"])
    ]
    return page(rows, params, "Snapshots")


@operation("elasticache", "DeleteSnapshot")
def delete_snapshot(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Only when it is available."""
    shelf = Shelf(ctx)
    snapshot = shelf.snapshot(params["SnapshotName"])
    if snapshot["SnapshotStatus"] != "available":
        raise AwsError(
            "InvalidSnapshotState", f"Snapshot is {snapshot['SnapshotStatus']}, not available."
        )
    del shelf.snapshots[snapshot["SnapshotName"]]
    return {"Snapshot": public(snapshot | {"SnapshotStatus": "deleting"})}

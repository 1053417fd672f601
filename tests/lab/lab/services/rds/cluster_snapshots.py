"""Aurora cluster snapshots: manual, final and automated."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, on_end, operation
from lab.kit.records import Record, moment, pick, public
from lab.services.rds.checks import valid_name
from lab.services.rds.state import (
    CLUSTER_SNAPSHOT,
    Shelf,
    arn,
    page,
    request_tags,
    require_cluster,
    wanted,
)


@operation("rds", "CreateDBClusterSnapshot")
def create_snapshot(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """The cluster must be available; the snapshot is so after a while."""
    shelf = Shelf(ctx)
    record = shelf.cluster(params["DBClusterIdentifier"])
    name = free_name(shelf, params["DBClusterSnapshotIdentifier"])
    require_cluster(record)
    snapshot = take(ctx, record, name, "manual")
    snapshot["TagList"] = request_tags(params, "cluster-snapshot") or snapshot["TagList"]
    return {"DBClusterSnapshot": public(snapshot)}


def free_name(shelf: Shelf, name: str, member: str = "DBClusterSnapshotIdentifier") -> str:
    """A valid snapshot name that is free."""
    name = valid_name(name, member)
    if name in shelf.cluster_snapshots:
        raise AwsError(
            "DBClusterSnapshotAlreadyExistsFault",
            f"Cannot create the cluster snapshot because one with the identifier {name} already "
            "exists.",
        )
    return name


def take(ctx: Context, record: Record, name: str, kind: str, *, start: bool = True) -> Record:
    """A snapshot of a cluster as it is now; with `start` it becomes available by itself."""
    shelf = Shelf(ctx)
    snapshot = pick(
        record,
        "AvailabilityZones",
        "DBClusterIdentifier",
        "Engine",
        "EngineMode",
        "EngineVersion",
        "AllocatedStorage",
        "Port",
        "ClusterCreateTime",
        "MasterUsername",
        "StorageType",
        "StorageEncrypted",
        "KmsKeyId",
        "DbClusterResourceId",
        "IAMDatabaseAuthenticationEnabled",
    )
    snapshot |= {
        "DBClusterSnapshotIdentifier": name,
        "DBClusterSnapshotArn": arn(ctx, "cluster-snapshot", name),
        "SnapshotCreateTime": moment(ctx),
        "Status": "creating",
        "VpcId": shelf.subnet_group(record["DBSubnetGroup"])["VpcId"],
        "LicenseModel": "postgresql-license",
        "SnapshotType": kind,
        "PercentProgress": 0,
        "TagList": list(record["TagList"]) if record["CopyTagsToSnapshot"] else [],
        "_of": notes(record),
    }
    shelf.cluster_snapshots[name] = snapshot
    if start:
        ctx.life.start(CLUSTER_SNAPSHOT, name, "create", waited_for=kind == "manual")
    return snapshot


def notes(record: Record) -> Record:
    """What a restore needs to know and a snapshot does not show."""
    return {"DatabaseName": record.get("DatabaseName"), "_password": record.get("_password")}


@on_end(CLUSTER_SNAPSHOT, "create")
def _taken(ctx: Context, name: str) -> None:
    if snapshot := Shelf(ctx).cluster_snapshots.get(name):
        snapshot |= {"Status": "available", "PercentProgress": 100}


@operation("rds", "DescribeDBClusterSnapshots")
def describe_snapshots(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """By snapshot, cluster, type and filters."""
    shelf = Shelf(ctx)
    name, of = params.get("DBClusterSnapshotIdentifier"), params.get("DBClusterIdentifier")
    rows = [shelf.cluster_snapshot(name)] if name else list(shelf.cluster_snapshots.values())
    kind = params.get("SnapshotType")
    rows = [
        row
        for row in rows
        if (not of or row["DBClusterIdentifier"] == of.rsplit(":", 1)[-1].lower())
        and (not kind or row["SnapshotType"] == kind)
        and wanted(
            params.get("Filters", []),
            {
                "db-cluster-id": row["DBClusterIdentifier"],
                "db-cluster-snapshot-id": row["DBClusterSnapshotIdentifier"],
                "snapshot-type": row["SnapshotType"],
                "engine": row["Engine"],
            },
        )
    ]
    return page(rows, params, "DBClusterSnapshots")


@operation("rds", "DeleteDBClusterSnapshot")
def delete_snapshot(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Automated snapshots go with their cluster only."""
    shelf = Shelf(ctx)
    snapshot = shelf.cluster_snapshot(params["DBClusterSnapshotIdentifier"])
    if snapshot["SnapshotType"] == "automated":
        raise AwsError(
            "InvalidDBClusterSnapshotStateFault",
            "Automated snapshots cannot be deleted by the user",
        )
    if snapshot["Status"] != "available":
        raise AwsError(
            "InvalidDBClusterSnapshotStateFault",
            f"Cannot delete the snapshot because it is in {snapshot['Status']} state.",
        )
    del shelf.cluster_snapshots[snapshot["DBClusterSnapshotIdentifier"]]
    return {"DBClusterSnapshot": public(snapshot | {"Status": "deleted"})}

"""RDS snapshots: manual, final and automated."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, on_end, operation
from lab.kit import keys
from lab.kit.records import Record, moment, pick, public
from lab.services.rds.checks import valid_name
from lab.services.rds.state import (
    SNAPSHOT,
    Shelf,
    arn,
    page,
    request_tags,
    require_available,
    wanted,
)


@operation("rds", "CreateDBSnapshot")
def create_snapshot(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """The instance must be available; the snapshot is so after a while."""
    shelf = Shelf(ctx)
    record = shelf.instance(params["DBInstanceIdentifier"])
    name = valid_name(params["DBSnapshotIdentifier"], "DBSnapshotIdentifier")
    if name in shelf.snapshots:
        raise AwsError(
            "DBSnapshotAlreadyExists",
            f"Cannot create the snapshot because a snapshot with the identifier {name} already "
            "exists.",
        )
    if record.get("DBClusterIdentifier"):
        raise AwsError(
            "InvalidDBInstanceState",
            "The DB instance is a member of a DB cluster: create a DB cluster snapshot",
        )
    require_available(record)
    snapshot = take(ctx, record, name, "manual")
    snapshot["TagList"] = request_tags(params, "snapshot") or snapshot["TagList"]
    return {"DBSnapshot": public(snapshot)}


def take(ctx: Context, record: Record, name: str, kind: str, *, start: bool = True) -> Record:
    """A snapshot of an instance as it is now; with `start` it becomes available by itself."""
    snapshot = pick(
        record,
        "DBInstanceIdentifier",
        "Engine",
        "EngineVersion",
        "AllocatedStorage",
        "AvailabilityZone",
        "MasterUsername",
        "LicenseModel",
        "StorageType",
        "Iops",
        "StorageThroughput",
        "KmsKeyId",
        "DbiResourceId",
        "InstanceCreateTime",
        "IAMDatabaseAuthenticationEnabled",
    )
    snapshot |= {
        "DBSnapshotIdentifier": name,
        "DBSnapshotArn": arn(ctx, "snapshot", name),
        "SnapshotCreateTime": moment(ctx),
        "OriginalSnapshotCreateTime": moment(ctx),
        "Status": "creating",
        "Port": record["_port"],
        "VpcId": record["DBSubnetGroup"]["VpcId"],
        "SnapshotType": kind,
        "PercentProgress": 0,
        "Encrypted": record["StorageEncrypted"],
        "SnapshotTarget": "region",
        "OptionGroupName": record["OptionGroupMemberships"][0]["OptionGroupName"],
        "TagList": list(record["TagList"]) if record["CopyTagsToSnapshot"] else [],
        "_of": {
            "DBName": record.get("DBName"),
            "DBInstanceClass": record["DBInstanceClass"],
            "_password": record.get("_password"),
        },
    }
    Shelf(ctx).snapshots[name] = snapshot
    if start:
        ctx.life.start(SNAPSHOT, name, "create", waited_for=kind == "manual")
    return snapshot


@on_end(SNAPSHOT, "create")
def _taken(ctx: Context, name: str) -> None:
    if snapshot := Shelf(ctx).snapshots.get(name):
        snapshot |= {"Status": "available", "PercentProgress": 100}


@operation("rds", "CopyDBSnapshot")
def copy_snapshot(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """A copy takes the source's key or another one; an encrypted snapshot stays encrypted.

    "Copying a DB snapshot" in the RDS User Guide. Copies between regions are not simulated.
    """
    shelf = Shelf(ctx)
    source = shelf.snapshot(params["SourceDBSnapshotIdentifier"])
    name = valid_name(params["TargetDBSnapshotIdentifier"], "TargetDBSnapshotIdentifier")
    if name in shelf.snapshots:
        raise AwsError(
            "DBSnapshotAlreadyExists",
            f"Cannot copy the snapshot because a snapshot with the identifier {name} already "
            "exists.",
        )
    if source["Status"] != "available":
        raise AwsError(
            "InvalidDBSnapshotState",
            f"Cannot copy the snapshot because it is in {source['Status']} state.",
        )
    key = {}
    if wanted_key := params.get("KmsKeyId"):
        found = keys.usable(ctx, wanted_key, "rds")
        if found is None:
            raise AwsError(
                "KMSKeyNotAccessibleFault",
                f"The specified KMS key [{wanted_key}] does not exist, is not enabled or you do "
                "not have permissions to access it.",
            )
        key = {"KmsKeyId": found, "Encrypted": True}
    copied = list(source["TagList"]) if params.get("CopyTags") else []
    copy = source | {
        "DBSnapshotIdentifier": name,
        "DBSnapshotArn": arn(ctx, "snapshot", name),
        "SourceDBSnapshotIdentifier": source["DBSnapshotArn"],
        "SnapshotCreateTime": moment(ctx),
        "Status": "creating",
        "SnapshotType": "manual",
        "PercentProgress": 0,
        "TagList": request_tags(params, "snapshot") or copied,
    }
    shelf.snapshots[name] = copy | key
    ctx.life.start(SNAPSHOT, name, "create")
    return {"DBSnapshot": public(shelf.snapshots[name])}


@operation("rds", "DescribeDBSnapshots")
def describe_snapshots(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """By snapshot, instance, type and filters."""
    shelf = Shelf(ctx)
    name, of = params.get("DBSnapshotIdentifier"), params.get("DBInstanceIdentifier")
    rows = [shelf.snapshot(name)] if name else list(shelf.snapshots.values())
    kind = params.get("SnapshotType")
    rows = [
        row
        for row in rows
        if (not of or row["DBInstanceIdentifier"] == of.rsplit(":", 1)[-1].lower())
        and (not kind or row["SnapshotType"] == kind)
        and wanted(
            params.get("Filters", []),
            {
                "db-instance-id": row["DBInstanceIdentifier"],
                "db-snapshot-id": row["DBSnapshotIdentifier"],
                "dbi-resource-id": row["DbiResourceId"],
                "snapshot-type": row["SnapshotType"],
                "engine": row["Engine"],
            },
        )
    ]
    return page(rows, params, "DBSnapshots")


@operation("rds", "DeleteDBSnapshot")
def delete_snapshot(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Automated snapshots go with their instance only."""
    shelf = Shelf(ctx)
    snapshot = shelf.snapshot(params["DBSnapshotIdentifier"])
    if snapshot["SnapshotType"] == "automated":
        raise AwsError(
            "InvalidDBSnapshotState", "Automated snapshots cannot be deleted by the user"
        )
    if snapshot["Status"] != "available":
        raise AwsError(
            "InvalidDBSnapshotState",
            f"Cannot delete the snapshot because it is in {snapshot['Status']} state.",
        )
    del shelf.snapshots[snapshot["DBSnapshotIdentifier"]]
    return {"DBSnapshot": public(snapshot | {"Status": "deleted"})}

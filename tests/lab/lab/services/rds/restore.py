"""New RDS instances from snapshots and from a point in time."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, operation
from lab.kit.records import Record, pick, public
from lab.services.rds import checks, storage
from lab.services.rds.instances import new_record, start
from lab.services.rds.state import Shelf


@operation("rds", "RestoreDBInstanceFromDBSnapshot")
def restore_snapshot(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Storage, engine, users and key come from the snapshot; tags too unless others are given.

    "CopyTagsToSnapshot" of "RestoreDBInstanceFromDBSnapshot" in the API reference.
    """
    shelf = Shelf(ctx)
    name = checks.new_name(shelf, params["DBInstanceIdentifier"])
    snapshot = shelf.snapshot(params.get("DBSnapshotIdentifier", ""))
    if snapshot["Status"] != "available":
        raise AwsError("InvalidDBSnapshotState", "The snapshot is not available")
    tags = params.get("Tags") or snapshot["TagList"]
    return _restore(ctx, name, params | {"Tags": tags}, snapshot)


@operation("rds", "RestoreDBInstanceToPointInTime")
def restore_point(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """From the automated backup of a live or deleted instance."""
    shelf = Shelf(ctx)
    name = checks.new_name(shelf, params["TargetDBInstanceIdentifier"])
    if not params.get("RestoreTime") and not params.get("UseLatestRestorableTime"):
        raise AwsError(
            "InvalidParameterCombination", "RestoreTime or UseLatestRestorableTime must be given"
        )
    source = params.get("SourceDBInstanceIdentifier")
    key = params.get("SourceDbiResourceId")
    if source:
        key = shelf.instance(source)["DbiResourceId"]
    for row in shelf.backups.values():
        own = row["DBInstanceAutomatedBackupsArn"]
        if row["DbiResourceId"] == key or own == params.get("SourceDBInstanceAutomatedBackupsArn"):
            return _restore(ctx, name, params, row)
    raise AwsError("PointInTimeRestoreNotEnabled", "The source has no automated backups")


def _restore(ctx: Context, name: str, params: Record, origin: Record) -> dict[str, Any]:
    """Protection and parameter group are those of the request, not of the origin."""
    inherited = pick(origin, "AllocatedStorage", "StorageType", "Port", "KmsKeyId")
    inherited["DBInstanceClass"] = origin["_of"]["DBInstanceClass"]
    inherited |= storage.chosen(origin)
    given = {key: value for key, value in params.items() if value is not None}
    request = inherited | given | {"DBInstanceIdentifier": name}
    request["StorageEncrypted"] = origin["Encrypted"]
    facts = pick(origin, "MasterUsername") | {
        "DBName": origin["_of"]["DBName"],
        "_password": origin["_of"]["_password"],
    }
    record = new_record(ctx, name, origin["EngineVersion"], request, facts)
    start(ctx, record, "create-multi-az" if record["MultiAZ"] else "create")
    return {"DBInstance": public(record)}

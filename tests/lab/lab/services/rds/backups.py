"""RDS automated backups: one per instance that keeps backups, retained on request."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lab.extend import AwsError, Context, operation
from lab.kit.records import Record, digest, moment, pick, public
from lab.services.rds import snapshots
from lab.services.rds.state import Shelf, arn, page, wanted


def retained(shelf: Shelf) -> dict[str, Record]:
    """Backups whose instance is gone or in another region, by resource id."""
    return {key: row for key, row in shelf.backups.items() if row["Status"] != "active"}


def keep(ctx: Context, record: Record) -> None:
    """Brings the backup of a live instance in line with its retention period."""
    shelf, key = Shelf(ctx), record["DbiResourceId"]
    if not record["BackupRetentionPeriod"]:
        _drop(ctx, record)
        return
    name = record["DBInstanceIdentifier"]
    if key not in shelf.backups:
        stamp = moment(ctx).strftime("%Y-%m-%d-%H-%M")
        snapshots.take(ctx, record, f"rds:{name}-{stamp}", "automated")
    shelf.backups[key] = pick(
        record,
        "DBInstanceIdentifier",
        "DBInstanceArn",
        "DbiResourceId",
        "AllocatedStorage",
        "AvailabilityZone",
        "Engine",
        "EngineVersion",
        "MasterUsername",
        "LicenseModel",
        "InstanceCreateTime",
        "BackupRetentionPeriod",
        "StorageType",
        "KmsKeyId",
        "Iops",
        "StorageThroughput",
        "TagList",
    ) | {
        "Status": "active",
        "Region": ctx.region,
        "Encrypted": record["StorageEncrypted"],
        "Port": record["_port"],
        "VpcId": record["DBSubnetGroup"]["VpcId"],
        "IAMDatabaseAuthenticationEnabled": record["IAMDatabaseAuthenticationEnabled"],
        "BackupTarget": "region",
        "DBInstanceAutomatedBackupsArn": arn(
            ctx, "auto-backup", "ab-" + digest("backup", key, length=26)
        ),
        "RestoreWindow": {"EarliestTime": moment(ctx), "LatestTime": moment(ctx)},
        "_of": {
            "DBName": record.get("DBName"),
            "DBInstanceClass": record["DBInstanceClass"],
            "_password": record.get("_password"),
        },
    }


def leave(ctx: Context, record: Record, *, retain: bool) -> None:
    """The instance goes; its backup goes with it unless it is to be retained."""
    backup = Shelf(ctx).backups.get(record["DbiResourceId"])
    if retain and backup:
        end = moment(ctx)
        backup["Status"] = "retained"
        backup["RestoreWindow"]["LatestTime"] = end - timedelta(minutes=5)
        return
    _drop(ctx, record)


def _drop(ctx: Context, record: Record) -> None:
    shelf, key = Shelf(ctx), record["DbiResourceId"]
    shelf.backups.pop(key, None)
    for name, row in list(shelf.snapshots.items()):
        if row["SnapshotType"] == "automated" and row["DbiResourceId"] == key:
            del shelf.snapshots[name]


@operation("rds", "DescribeDBInstanceAutomatedBackups")
def describe_backups(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """By instance, resource id, ARN and status."""
    name, key = params.get("DBInstanceIdentifier"), params.get("DbiResourceId")
    own = params.get("DBInstanceAutomatedBackupsArn")
    rows = [
        row
        for row in Shelf(ctx).backups.values()
        if (not name or row["DBInstanceIdentifier"] == name.lower())
        and (not key or row["DbiResourceId"] == key)
        and (not own or row["DBInstanceAutomatedBackupsArn"] == own)
        and wanted(
            params.get("Filters", []),
            {
                "status": row["Status"],
                "db-instance-id": row["DBInstanceIdentifier"],
                "dbi-resource-id": row["DbiResourceId"],
            },
        )
    ]
    if not rows and (key or own):
        raise AwsError("DBInstanceAutomatedBackupNotFound", "The automated backup was not found.")
    return page(rows, params, "DBInstanceAutomatedBackups")


@operation("rds", "DeleteDBInstanceAutomatedBackup")
def delete_backup(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Only of an instance that is gone."""
    shelf, own = Shelf(ctx), params.get("DBInstanceAutomatedBackupsArn")
    for key, row in shelf.backups.items():
        if key == params.get("DbiResourceId") or row["DBInstanceAutomatedBackupsArn"] == own:
            if row["Status"] != "retained":
                raise AwsError(
                    "InvalidDBInstanceAutomatedBackupState", "The DB instance still exists."
                )
            _drop(ctx, row)
            return {"DBInstanceAutomatedBackup": public(row | {"Status": "deleting"})}
    raise AwsError("DBInstanceAutomatedBackupNotFound", "The automated backup was not found.")

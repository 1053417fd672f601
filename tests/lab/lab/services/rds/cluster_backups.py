"""Aurora's automated backups: one per cluster, kept after it on request."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lab.extend import AwsError, Context, operation
from lab.kit.records import Record, digest, moment, pick, public
from lab.services.rds import cluster_snapshots
from lab.services.rds.state import Shelf, arn, page, wanted


def retained(shelf: Shelf) -> dict[str, Record]:
    """Backups whose cluster is gone, by resource id."""
    return {key: row for key, row in shelf.cluster_backups.items() if row["Status"] == "retained"}


def keep(ctx: Context, record: Record) -> None:
    """Brings the backup of a live cluster in line with it."""
    shelf, key = Shelf(ctx), record["DbClusterResourceId"]
    name = record["DBClusterIdentifier"]
    if key not in shelf.cluster_backups:
        stamp = moment(ctx).strftime("%Y-%m-%d-%H-%M")
        cluster_snapshots.take(ctx, record, f"rds:{name}-{stamp}", "automated")
    shelf.cluster_backups[key] = pick(
        record,
        "DBClusterIdentifier",
        "DBClusterArn",
        "DbClusterResourceId",
        "AllocatedStorage",
        "AvailabilityZones",
        "Engine",
        "EngineMode",
        "EngineVersion",
        "MasterUsername",
        "ClusterCreateTime",
        "BackupRetentionPeriod",
        "PreferredBackupWindow",
        "StorageType",
        "StorageEncrypted",
        "KmsKeyId",
        "Port",
        "IAMDatabaseAuthenticationEnabled",
        "TagList",
    ) | {
        "Status": "active",
        "Region": ctx.region,
        "LicenseModel": "postgresql-license",
        "VpcId": shelf.subnet_group(record["DBSubnetGroup"])["VpcId"],
        "DBClusterAutomatedBackupsArn": arn(
            ctx, "cluster-auto-backup", "ab-" + digest("backup", key, length=26)
        ),
        "RestoreWindow": {"EarliestTime": moment(ctx), "LatestTime": moment(ctx)},
        "_of": cluster_snapshots.notes(record),
    }


def leave(ctx: Context, record: Record, *, retain: bool) -> None:
    """The cluster goes; its backup goes with it unless it is to be retained."""
    backup = Shelf(ctx).cluster_backups.get(record["DbClusterResourceId"])
    if retain and backup:
        backup["Status"] = "retained"
        backup["RestoreWindow"]["LatestTime"] = moment(ctx) - timedelta(minutes=5)
        return
    _drop(ctx, record)


def _drop(ctx: Context, record: Record) -> None:
    shelf, key = Shelf(ctx), record["DbClusterResourceId"]
    shelf.cluster_backups.pop(key, None)
    for name, row in list(shelf.cluster_snapshots.items()):
        if row["SnapshotType"] == "automated" and row["DbClusterResourceId"] == key:
            del shelf.cluster_snapshots[name]


@operation("rds", "DescribeDBClusterAutomatedBackups")
def describe_backups(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """By cluster, resource id and status."""
    name, key = params.get("DBClusterIdentifier"), params.get("DbClusterResourceId")
    rows = [
        row
        for row in Shelf(ctx).cluster_backups.values()
        if (not name or row["DBClusterIdentifier"] == name.lower())
        and (not key or row["DbClusterResourceId"] == key)
        and wanted(
            params.get("Filters", []),
            {
                "status": row["Status"],
                "db-cluster-id": row["DBClusterIdentifier"],
                "db-cluster-resource-id": row["DbClusterResourceId"],
            },
        )
    ]
    if not rows and key:
        raise AwsError("DBClusterAutomatedBackupNotFoundFault", "The backup was not found.")
    return page(rows, params, "DBClusterAutomatedBackups")


@operation("rds", "DeleteDBClusterAutomatedBackup")
def delete_backup(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Only of a cluster that is gone."""
    row = Shelf(ctx).cluster_backups.get(params["DbClusterResourceId"])
    if row is None:
        raise AwsError("DBClusterAutomatedBackupNotFoundFault", "The backup was not found.")
    if row["Status"] != "retained":
        raise AwsError("InvalidDBClusterAutomatedBackupStateFault", "The DB cluster still exists.")
    _drop(ctx, row)
    return {"DBClusterAutomatedBackup": public(row | {"Status": "deleting"})}

"""New Aurora clusters from cluster snapshots and from a point in time."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, operation
from lab.kit.records import Record, pick, public
from lab.services.rds import cluster_checks, engines
from lab.services.rds.clusters import new_record, start
from lab.services.rds.state import Shelf


@operation("rds", "RestoreDBClusterFromSnapshot")
def restore_snapshot(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Engine, users and key come from the snapshot; the cluster has no instances yet."""
    shelf = Shelf(ctx)
    name = cluster_checks.new_name(shelf, params["DBClusterIdentifier"])
    engine = cluster_checks.engine(params)
    snapshot = shelf.cluster_snapshot(params["SnapshotIdentifier"])
    if snapshot["Status"] != "available":
        raise AwsError("InvalidDBClusterSnapshotStateFault", "The snapshot is not available")
    version = engine.full_version(params.get("EngineVersion") or snapshot["EngineVersion"])
    if version not in (snapshot["EngineVersion"], *engine.upgrades(snapshot["EngineVersion"])):
        raise AwsError(
            "InvalidParameterCombination",
            f"Cannot restore a snapshot of {snapshot['EngineVersion']} as {version}",
        )
    return _restore(ctx, name, version, params, snapshot)


@operation("rds", "RestoreDBClusterToPointInTime")
def restore_point(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """From the automated backup of a live or deleted cluster."""
    shelf = Shelf(ctx)
    name = cluster_checks.new_name(shelf, params["DBClusterIdentifier"])
    if not params.get("RestoreToTime") and not params.get("UseLatestRestorableTime"):
        raise AwsError(
            "InvalidParameterCombination",
            "RestoreToTime or UseLatestRestorableTime must be given",
        )
    key = params.get("SourceDbClusterResourceId")
    if source := params.get("SourceDBClusterIdentifier"):
        key = shelf.cluster(source)["DbClusterResourceId"]
    row = shelf.cluster_backups.get(key or "")
    if row is None:
        raise AwsError("DBClusterAutomatedBackupNotFoundFault", "The source has no backups")
    return _restore(ctx, name, row["EngineVersion"], params, row)


def _restore(
    ctx: Context, name: str, version: str, params: Record, origin: Record
) -> dict[str, Any]:
    """Tags, protection, groups and scaling are those of the request, not of the origin."""
    request = pick(origin, "Port", "KmsKeyId", "StorageType") | {
        key: value for key, value in params.items() if value is not None
    }
    request["StorageEncrypted"] = origin["StorageEncrypted"] or bool(params.get("KmsKeyId"))
    facts = pick(origin, "MasterUsername") | {"_password": origin["_of"]["_password"]}
    if database := origin["_of"]["DatabaseName"]:
        facts["DatabaseName"] = database
    record = new_record(ctx, name, engines.of(origin), version, request, facts)
    start(ctx, record, "restore")
    return {"DBCluster": public(record)}

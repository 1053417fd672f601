"""DeleteDBCluster: protection, instances, final snapshot, what stays."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, on_end, operation
from lab.kit.records import Record, public
from lab.services.rds import cluster_backups, cluster_snapshots, secrets
from lab.services.rds.clusters import write_logs
from lab.services.rds.state import CLUSTER, Shelf, require_cluster

# How often a cluster looks whether its last instance is gone, in AWS seconds.
AGAIN = 15


@operation("rds", "DeleteDBCluster")
def delete_cluster(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Instances that are themselves being deleted are no obstacle."""
    shelf = Shelf(ctx)
    record = shelf.cluster(params["DBClusterIdentifier"])
    name = record["DBClusterIdentifier"]
    if record["Status"] == "deleting":
        raise AwsError("InvalidDBClusterStateFault", f"DB cluster {name} is already being deleted.")
    if record["DeletionProtection"]:
        raise AwsError(
            "InvalidParameterCombination",
            "Cannot delete protected Cluster, please disable deletion protection and try again.",
        )
    if record.get("GlobalClusterIdentifier"):
        raise AwsError(
            "InvalidDBClusterStateFault",
            "This cluster is a part of a global cluster, please remove it from globalcluster first",
        )
    if any(m["DBInstanceStatus"] != "deleting" for m in shelf.members(record)):
        raise AwsError(
            "InvalidDBClusterStateFault",
            "Cluster cannot be deleted, it still contains DB instances in non-deleting state.",
        )
    if final := _final_snapshot(shelf, record, params):
        record["_final"] = cluster_snapshots.take(ctx, record, final, "manual", start=False)
    record["_keep_backup"] = params.get("DeleteAutomatedBackups") is False
    record["Status"] = "deleting"
    ctx.life.start(CLUSTER, name, "delete")
    return {"DBCluster": public(record)}


def _final_snapshot(shelf: Shelf, record: Record, params: Record) -> str | None:
    final, skip = params.get("FinalDBSnapshotIdentifier"), params.get("SkipFinalSnapshot", False)
    if final and skip:
        raise AwsError(
            "InvalidParameterCombination",
            "FinalDBSnapshotIdentifier can not be specified when SkipFinalSnapshot is enabled",
        )
    if skip:
        return None
    if not final:
        raise AwsError(
            "InvalidParameterCombination",
            "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
        )
    require_cluster(record)
    return cluster_snapshots.free_name(shelf, final, "FinalDBSnapshotIdentifier")


@on_end(CLUSTER, "delete")
def _deleted(ctx: Context, name: str) -> None:
    shelf = Shelf(ctx)
    record = shelf.clusters[name]
    if record["DBClusterMembers"]:
        ctx.life.start(CLUSTER, name, "delete", seconds=AGAIN)
        return
    del shelf.clusters[name]
    # The database logs to its end: a log group that was deleted too early is there again.
    write_logs(ctx, record)
    if final := record.get("_final"):
        final |= {"Status": "available", "PercentProgress": 100}
    cluster_backups.leave(ctx, record, retain=record["_keep_backup"])
    secrets.drop(ctx, record)
    for key, row in list(shelf.cluster_endpoints.items()):
        if row["DBClusterIdentifier"] == name:
            del shelf.cluster_endpoints[key]

"""DeleteDBInstance: protection, final snapshot, what stays."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, on_end, operation
from lab.kit import network
from lab.kit.records import Record, public
from lab.services.rds import backup_replication, backups, members, replicas, secrets, snapshots
from lab.services.rds.checks import valid_name
from lab.services.rds.instances import write_logs
from lab.services.rds.state import AVAILABLE, INSTANCE, Shelf

# States in which no final snapshot can be taken, and none is asked for.
BROKEN = ("failed", "incompatible-restore", "incompatible-network", "incompatible-parameters")


@operation("rds", "DeleteDBInstance")
def delete_instance(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """A final snapshot is required unless the caller says to skip it."""
    shelf = Shelf(ctx)
    record = shelf.instance(params["DBInstanceIdentifier"])
    name, status = record["DBInstanceIdentifier"], record["DBInstanceStatus"]
    if status == "deleting":
        raise AwsError("InvalidDBInstanceState", f"Instance {name} is already being deleted.")
    if record["DeletionProtection"]:
        raise AwsError(
            "InvalidParameterCombination",
            "Cannot delete protected DB Instance, please disable deletion protection and try "
            "again.",
        )
    final = _final_snapshot(shelf, record, params)
    if final:
        record["_final"] = snapshots.take(ctx, record, final, "manual", start=False)
        record["_final"]["Status"] = "creating"
    record["_keep_backup"] = params.get("DeleteAutomatedBackups") is False
    record["DBInstanceStatus"] = "deleting"
    cluster = members.of(ctx, record)
    if cluster:
        members.hand_over(ctx, cluster, leaving=name)
    ctx.life.start(INSTANCE, name, "delete")
    return {"DBInstance": public(record)}


def _final_snapshot(shelf: Shelf, record: Record, params: Record) -> str | None:
    final, skip = params.get("FinalDBSnapshotIdentifier"), params.get("SkipFinalSnapshot", False)
    if record.get("DBClusterIdentifier"):
        # The data are the cluster's: its instances leave nothing behind.
        if final:
            raise AwsError(
                "InvalidParameterCombination",
                "FinalDBSnapshotIdentifier can not be specified when deleting a cluster instance",
            )
        return None
    if final and skip:
        raise AwsError(
            "InvalidParameterCombination",
            "FinalDBSnapshotIdentifier can not be specified when SkipFinalSnapshot is enabled",
        )
    if skip:
        return None
    if record.get("ReadReplicaSourceDBInstanceIdentifier"):
        raise AwsError(
            "InvalidParameterCombination",
            "A final snapshot cannot be taken of a read replica: set SkipFinalSnapshot",
        )
    if not final:
        raise AwsError(
            "InvalidParameterCombination",
            "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
        )
    if record["DBInstanceStatus"] not in AVAILABLE or record["DBInstanceStatus"] in BROKEN:
        raise AwsError(
            "InvalidDBInstanceState",
            "Cannot create a snapshot because the database instance "
            f"{record['DBInstanceIdentifier']} is not currently in the available state.",
        )
    final = valid_name(final, "FinalDBSnapshotIdentifier")
    if final in shelf.snapshots:
        raise AwsError(
            "DBSnapshotAlreadyExists",
            f"Cannot create the snapshot because a snapshot with the identifier {final} already "
            "exists.",
        )
    return final


@on_end(INSTANCE, "delete")
def _deleted(ctx: Context, name: str) -> None:
    shelf = Shelf(ctx)
    record = shelf.instances.pop(name)
    # The database logs to its end: a log group that was deleted too early is there again.
    write_logs(ctx, record)
    network.remove(ctx, record["_interfaces"])
    if final := record.get("_final"):
        final |= {"Status": "available", "PercentProgress": 100}
    backup_replication.source_gone(ctx, record)
    backups.leave(ctx, record, retain=record["_keep_backup"])
    replicas.detach(ctx, record)
    replicas.release(ctx, record)
    members.leave(ctx, record)
    secrets.drop(ctx, record)

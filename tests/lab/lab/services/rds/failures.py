"""How what RDS accepted can still fail. Reasons are the states in which the instance ends.

The states: "Viewing Amazon RDS DB instance status" in the RDS User Guide.
"""

from __future__ import annotations

from lab.decay import decays
from lab.extend import Context
from lab.failures import Failure, fails
from lab.services.rds import events
from lab.services.rds.state import CLUSTER, INSTANCE, Shelf

UNMADE = {
    "failed": "The DB instance failed and Amazon RDS cannot recover it",
    "incompatible-network": "The subnets lack free addresses, or DNS is off in the VPC",
    "incompatible-parameters": "The DB instance cannot start with the parameter group's values",
    "inaccessible-encryption-credentials": "The KMS key of the DB instance cannot be used",
    "insufficient-capacity": "There is no capacity for the DB instance class",
}
UNCHANGED = {
    "storage-full": "The DB instance has reached its storage capacity",
    "incompatible-parameters": UNMADE["incompatible-parameters"],
    "incompatible-network": UNMADE["incompatible-network"],
    "insufficient-capacity": UNMADE["insufficient-capacity"],
    "inaccessible-encryption-credentials-recoverable": UNMADE[
        "inaccessible-encryption-credentials"
    ],
}

CLUSTER_UNMADE = {
    "migration-failed": "The restore of the DB cluster failed",
    "inaccessible-encryption-credentials": UNMADE["inaccessible-encryption-credentials"],
}
CLUSTER_UNCHANGED = {
    "available": "The change failed and was rolled back",
    "inaccessible-encryption-credentials-recoverable": UNMADE[
        "inaccessible-encryption-credentials"
    ],
}


@fails("rds", "CreateDBInstance", INSTANCE, UNMADE)
@fails("rds", "CreateDBInstanceReadReplica", INSTANCE, UNMADE)
@fails("rds", "RestoreDBInstanceFromDBSnapshot", INSTANCE, UNMADE | {"incompatible-restore": ""})
@fails("rds", "RestoreDBInstanceToPointInTime", INSTANCE, UNMADE | {"incompatible-restore": ""})
def not_made(ctx: Context, name: str, failure: Failure) -> None:
    """No endpoint; deleting is all that helps, without a final snapshot."""
    Shelf(ctx).instances[name]["DBInstanceStatus"] = failure.reason
    events.tell(ctx, events.INSTANCE, name, failure.message)


@fails("rds", "ModifyDBInstance", INSTANCE, UNCHANGED)
@fails("rds", "RebootDBInstance", INSTANCE, UNCHANGED)
def not_changed(ctx: Context, name: str, failure: Failure) -> None:
    """The old values stay and nothing is pending any more."""
    record = Shelf(ctx).instances[name]
    record |= {"DBInstanceStatus": failure.reason, "PendingModifiedValues": {}}
    events.tell(ctx, events.INSTANCE, name, failure.message)


@fails("rds", "CreateDBCluster", CLUSTER, CLUSTER_UNMADE)
@fails("rds", "RestoreDBClusterFromSnapshot", CLUSTER, CLUSTER_UNMADE)
@fails("rds", "RestoreDBClusterToPointInTime", CLUSTER, CLUSTER_UNMADE)
def cluster_not_made(ctx: Context, name: str, failure: Failure) -> None:
    """All that can be done is to delete it."""
    record = Shelf(ctx).clusters[name]
    record |= {"Status": failure.reason, "_unmade": True}
    events.tell(ctx, events.CLUSTER, name, failure.message)


@fails("rds", "ModifyDBCluster", CLUSTER, CLUSTER_UNCHANGED)
def cluster_not_changed(ctx: Context, name: str, failure: Failure) -> None:
    """The old values stay and nothing is pending any more."""
    shelf = Shelf(ctx)
    record = shelf.clusters[name]
    record |= {"Status": failure.reason, "_pending": {}}
    events.tell(ctx, events.CLUSTER, name, failure.message)
    for member in shelf.members(record):
        if member["DBInstanceStatus"] == "upgrading":
            member["DBInstanceStatus"] = "available"


@decays(INSTANCE, (*UNCHANGED, "failed"))
def ails(ctx: Context, name: str, reason: str | None) -> None:
    """The instance is in the state that is the reason, and available when it is well again."""
    Shelf(ctx).instance(name)["DBInstanceStatus"] = reason or "available"

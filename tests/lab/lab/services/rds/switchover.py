"""SwitchoverBlueGreenDeployment: green takes blue's names, blue stays as `-old1`."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, on_end, operation
from lab.kit.records import Record, public
from lab.services.rds import cluster_backups, green, replicas
from lab.services.rds.blue_green import details, find, wrong_state
from lab.services.rds.state import BLUE_GREEN, CLUSTER, INSTANCE, Shelf

# Seconds that a switchover may take at least and at most: SwitchoverBlueGreenDeployment.
TIMEOUT = (30, 3600)


@operation("rds", "SwitchoverBlueGreenDeployment")
def switch_over(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Both sides must serve; for a minute neither takes writes."""
    shelf = Shelf(ctx)
    record = find(shelf, params["BlueGreenDeploymentIdentifier"])
    timeout = params.get("SwitchoverTimeout", 300)
    if not TIMEOUT[0] <= timeout <= TIMEOUT[1]:
        raise AwsError(
            "InvalidParameterValue",
            f"SwitchoverTimeout must be from {TIMEOUT[0]} to {TIMEOUT[1]} seconds",
        )
    if record["Status"] != "AVAILABLE":
        raise wrong_state(record)
    for side in ("_blue", "_green"):
        if not green.serves(ctx, record["_kind"], record[side]):
            raise AwsError(
                "InvalidBlueGreenDeploymentStateFault",
                f"{record[side]} is not in available state: send your request later.",
            )
    record["Status"] = "SWITCHOVER_IN_PROGRESS"
    details(ctx, record, "SWITCHOVER_IN_PROGRESS")
    ctx.life.start(BLUE_GREEN, record["BlueGreenDeploymentIdentifier"], "switchover")
    return {"BlueGreenDeployment": public(record)}


@on_end(BLUE_GREEN, "switchover")
def _switched(ctx: Context, identifier: str) -> None:
    """Green has blue's names, endpoints and tags; blue stays under its new name."""
    shelf = Shelf(ctx)
    record = shelf.blue_green[identifier]
    olds = {}
    if record["_kind"] == CLUSTER:
        record["_blue"], record["_green"] = _swap_clusters(ctx, record["_blue"], record["_green"])
    for name, other in record["_pairs"].items():
        new = shelf.instances[other]
        replicas.detach(ctx, new)
        old = green.rename_instance(ctx, name, green.free_name(shelf.instances, name))
        green.rename_instance(ctx, other, name)
        new["TagList"] = [dict(tag) for tag in old["TagList"]]
        olds[old["DBInstanceIdentifier"]] = name
    record["_pairs"] = olds
    if record["_kind"] == INSTANCE:
        ((record["_blue"], record["_green"]),) = olds.items()
        _hand_over_secret(old, new)
    record |= {
        "Status": "SWITCHOVER_COMPLETED",
        "Source": green.arn_of(ctx, record["_kind"], record["_blue"]),
        "Target": green.arn_of(ctx, record["_kind"], record["_green"]),
    }
    details(ctx, record, "SWITCHOVER_COMPLETED")


def _swap_clusters(ctx: Context, name: str, other: str) -> tuple[str, str]:
    shelf = Shelf(ctx)
    custom = [row for row in shelf.cluster_endpoints.values() if row["DBClusterIdentifier"] == name]
    old = green.rename_cluster(ctx, name, green.free_name(shelf.clusters, name))
    new = green.rename_cluster(ctx, other, name)
    new["TagList"] = [dict(tag) for tag in old["TagList"]]
    for row in custom:
        row["DBClusterIdentifier"] = name
    _hand_over_secret(old, new)
    for record in (old, new):
        cluster_backups.keep(ctx, record)
    return old["DBClusterIdentifier"], name


def _hand_over_secret(old: Record, new: Record) -> None:
    """The managed password is production's."""
    if secret := old.pop("MasterUserSecret", None):
        new["MasterUserSecret"] = secret

"""Aurora global databases: one primary cluster and its secondaries in other regions.

"Using Amazon Aurora Global Database" in the Aurora guide.
"""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, on_end, operation
from lab.kit.records import Record, digest, public
from lab.services.rds import engines, global_members
from lab.services.rds.checks import valid_name
from lab.services.rds.global_members import clusters_of, primary_of
from lab.services.rds.state import GLOBAL, Shelf, page, request_tags, require_cluster

HOME = "us-east-1"
"""Where the lives of global clusters are kept, which have no region."""


@operation("rds", "CreateGlobalCluster")
def create_global(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Empty, or around an existing cluster, which becomes its primary."""
    known = global_members.every(ctx)
    name = valid_name(params["GlobalClusterIdentifier"], "GlobalClusterIdentifier")
    if name in known:
        raise AwsError("GlobalClusterAlreadyExistsFault", f"Global cluster {name} already exists")
    source = _source(ctx, params)
    engine = engines.of(source) if source else engines.find(params.get("Engine", "aurora"))
    version = source["EngineVersion"] if source else params.get("EngineVersion")
    known[name] = {
        "GlobalClusterIdentifier": name,
        "GlobalClusterResourceId": "cluster-" + digest("global", name, str(ctx.now()), length=16),
        "GlobalClusterArn": f"arn:aws:rds::{ctx.account}:global-cluster:{name}",
        "Status": "creating",
        "Engine": engine.name,
        "EngineVersion": engine.full_version(version),
        "EngineLifecycleSupport": (source or params).get(
            "EngineLifecycleSupport", "open-source-rds-extended-support"
        ),
        "StorageEncrypted": (source or params).get("StorageEncrypted", False),
        "DeletionProtection": params.get("DeletionProtection", False),
        "TagList": request_tags(params, "global-cluster"),
        "_members": [],
    }
    if database := (source or params).get("DatabaseName"):
        known[name]["DatabaseName"] = database
    if source:
        global_members.add(ctx, known[name], source)
    return _begin(ctx, known[name], "create", "creating")


def _source(ctx: Context, params: Record) -> Record:
    given = params.get("SourceDBClusterIdentifier")
    if not given:
        return {}
    for member in ("Engine", "EngineVersion", "DatabaseName", "StorageEncrypted"):
        if params.get(member):
            raise AwsError(
                "InvalidParameterCombination",
                f"{member} can not be specified when creating a global cluster from a cluster",
            )
    source = Shelf(ctx.elsewhere(given.split(":")[3]) if ":" in given else ctx).cluster(given)
    require_cluster(source)
    if source.get("GlobalClusterIdentifier"):
        raise AwsError("InvalidDBClusterStateFault", "The cluster is in a global cluster already")
    return source


def _begin(ctx: Context, record: Record, step: str, status: str) -> dict[str, Any]:
    record["Status"] = status
    ctx.elsewhere(HOME).life.start(GLOBAL, record["GlobalClusterIdentifier"], step)
    return {"GlobalCluster": public(global_members.shown(ctx, record))}


@on_end(GLOBAL, "create", "modify")
def _available(ctx: Context, name: str) -> None:
    global_members.every(ctx)[name]["Status"] = "available"


@operation("rds", "DescribeGlobalClusters")
def describe_global(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One by name, or all; from every region the same."""
    name = params.get("GlobalClusterIdentifier")
    known = global_members.every(ctx)
    rows = [global_members.find(ctx, name)] if name else list(known.values())
    return page([global_members.shown(ctx, row) for row in rows], params, "GlobalClusters")


@operation("rds", "ModifyGlobalCluster")
def modify_global(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Protection and name at once; a major version takes every member along."""
    record = global_members.free(ctx, params["GlobalClusterIdentifier"])
    if params.get("DeletionProtection") is not None:
        record["DeletionProtection"] = params["DeletionProtection"]
    if new := params.get("NewGlobalClusterIdentifier"):
        global_members.rename(ctx, record, valid_name(new, "NewGlobalClusterIdentifier"))
    if version := params.get("EngineVersion"):
        if version != record["EngineVersion"]:
            global_members.check_upgrade(record, version, params)
            record["_version"] = engines.of(record).full_version(version)
            for _, cluster in clusters_of(ctx, record):
                cluster["Status"] = "upgrading"
            return _begin(ctx, record, "upgrade", "upgrading")
    return {"GlobalCluster": public(global_members.shown(ctx, record))}


@on_end(GLOBAL, "upgrade")
def _upgraded(ctx: Context, name: str) -> None:
    record = global_members.every(ctx)[name]
    record |= {"Status": "available", "EngineVersion": record.pop("_version")}
    global_members.upgraded(ctx, record)


@operation("rds", "RemoveFromGlobalCluster")
def remove_member(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """A secondary is promoted to a cluster of its own; the primary goes last."""
    record = global_members.free(ctx, params["GlobalClusterIdentifier"])
    there, cluster = global_members.named(ctx, record, params["DbClusterIdentifier"])
    require_cluster(cluster)
    if cluster is primary_of(ctx, record) and len(record["_members"]) > 1:
        raise AwsError(
            "InvalidGlobalClusterStateFault",
            "The primary cluster can be removed only after all secondary clusters",
        )
    global_members.leave(there, record, cluster)
    return {"GlobalCluster": public(global_members.shown(ctx, record))}


@operation("rds", "DeleteGlobalCluster")
def delete_global(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Empty and unprotected ones only."""
    record = global_members.free(ctx, params["GlobalClusterIdentifier"])
    name = record["GlobalClusterIdentifier"]
    if record["DeletionProtection"]:
        raise AwsError(
            "InvalidParameterCombination",
            "Cannot delete protected Global Cluster, please disable deletion protection and try "
            "again.",
        )
    if record["_members"]:
        raise AwsError("InvalidGlobalClusterStateFault", f"Global Cluster {name} is not empty")
    return _begin(ctx, record, "delete", "deleting")


@on_end(GLOBAL, "delete")
def _deleted(ctx: Context, name: str) -> None:
    del global_members.every(ctx)[name]


@operation("rds", "SwitchoverGlobalCluster")
def switchover(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Planned, without loss: every member must be available and on the same version."""
    return _change_primary(ctx, params, loss=False)


@operation("rds", "FailoverGlobalCluster")
def failover(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Unplanned with `AllowDataLoss`, else a switchover."""
    if params.get("AllowDataLoss") and params.get("Switchover"):
        raise AwsError(
            "InvalidParameterCombination", "AllowDataLoss and Switchover exclude each other"
        )
    return _change_primary(ctx, params, loss=params.get("AllowDataLoss", False))


def _change_primary(ctx: Context, params: Record, *, loss: bool) -> dict[str, Any]:
    record = global_members.free(ctx, params["GlobalClusterIdentifier"])
    _, target = global_members.named(ctx, record, params["TargetDbClusterIdentifier"])
    primary = primary_of(ctx, record)
    if target is primary:
        raise AwsError(
            "InvalidDBClusterStateFault", "The target is the primary cluster of the global cluster"
        )
    if not target["DBClusterMembers"]:
        raise AwsError(
            "InvalidDBClusterStateFault",
            f"The target {target['DBClusterIdentifier']} has no DB instance that could write",
        )
    needed = [target] if loss else [cluster for _, cluster in clusters_of(ctx, record)]
    for cluster in needed:
        require_cluster(cluster)
    if not loss and len({cluster["EngineVersion"] for cluster in needed}) > 1:
        raise AwsError(
            "InvalidDBClusterStateFault", "All clusters must be on the same engine version"
        )
    record["FailoverState"] = {
        "Status": "pending",
        "FromDbClusterArn": primary["DBClusterArn"] if primary else "",
        "ToDbClusterArn": target["DBClusterArn"],
        "IsDataLossAllowed": loss,
    }
    return _begin(ctx, record, "failover", "failing-over" if loss else "switching-over")


@on_end(GLOBAL, "failover")
def _changed_primary(ctx: Context, name: str) -> None:
    record = global_members.every(ctx)[name]
    state = record.pop("FailoverState")
    record["Status"] = "available"
    global_members.make_primary(ctx, record, state["ToDbClusterArn"])

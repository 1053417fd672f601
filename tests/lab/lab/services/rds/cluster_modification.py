"""ModifyDBCluster and FailoverDBCluster: what applies at once, what waits, who writes."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, on_end, operation
from lab.kit import network
from lab.kit.records import Record, pick, public
from lab.services.rds import (
    checks,
    cluster_backups,
    cluster_checks,
    engines,
    maintenance,
    members,
    secrets,
)
from lab.services.rds.clusters import shown, write_logs
from lab.services.rds.instances import default_options
from lab.services.rds.parameters import parameter_group
from lab.services.rds.state import CLUSTER, Shelf, arn, require_cluster

# Seconds for which the cluster still reads `available` with the change pending.
UNNOTICED = 15
# Request member → pending value, of the changes that wait for the maintenance window. "All other
# changes are applied immediately": ModifyDBCluster, ApplyImmediately.
DEFERRED = {
    "EngineVersion": "EngineVersion",
    "NewDBClusterIdentifier": "DBClusterIdentifier",
    "EnableIAMDatabaseAuthentication": "IAMDatabaseAuthenticationEnabled",
    "MasterUserPassword": "MasterUserPassword",
}


@operation("rds", "ModifyDBCluster")
def modify_cluster(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Deferred changes are pending until applied; the rest is read back at once."""
    shelf = Shelf(ctx)
    record = shelf.cluster(params["DBClusterIdentifier"])
    require_cluster(record)
    cluster_checks.foreign(engines.of(record), params)
    deferred = _deferred(ctx, shelf, record, params)
    _apply_at_once(ctx, shelf, record, params)
    if deferred:
        record["_pending"] |= deferred
        name = record["DBClusterIdentifier"]
        # A master password never waits for the window.
        if params.get("ApplyImmediately") or "MasterUserPassword" in deferred:
            ctx.life.start(CLUSTER, name, "notice", seconds=UNNOTICED)
        else:
            maintenance.wait(ctx, CLUSTER, name, record["PreferredMaintenanceWindow"])
    return {"DBCluster": public(shown(ctx, record))}


@on_end(maintenance.KIND_OF[CLUSTER], "wait")
def _window(ctx: Context, name: str) -> None:
    record = Shelf(ctx).clusters.get(name)
    if record and record["_pending"] and record["Status"] == "available":
        _begin(ctx, name)


@on_end(CLUSTER, "notice")
def _begin(ctx: Context, name: str) -> None:
    shelf = Shelf(ctx)
    record = shelf.clusters[name]
    pending = record["_pending"]
    upgrade = "EngineVersion" in pending
    record["Status"] = "upgrading" if upgrade else "modifying"
    if "MasterUserPassword" in pending and len(pending) == 1:
        record["Status"] = "resetting-master-credentials"
    for member in shelf.members(record) if upgrade else ():
        member["DBInstanceStatus"] = "upgrading"
    ctx.life.start(CLUSTER, name, "upgrade" if upgrade else "modify")


@on_end(CLUSTER, "modify", "upgrade")
def _modified(ctx: Context, name: str) -> None:
    shelf = Shelf(ctx)
    record = shelf.clusters[name]
    pending, record["_pending"] = record["_pending"], {}
    record["Status"] = "available"
    record["_password"] = pending.pop("MasterUserPassword", record.get("_password"))
    group = pending.pop("_instance_group", None)
    if version := pending.get("EngineVersion"):
        _upgrade(shelf, record, version, pending.pop("_cluster_group", None), group)
    record.update(pending)
    for member in shelf.members(record):
        member |= members.inherited(record)
    cluster_backups.keep(ctx, record)
    if "DBClusterIdentifier" in pending:
        rename(ctx, shelf, name, record)


def _upgrade(
    shelf: Shelf, record: Record, version: str, group: str | None, instance_group: str | None
) -> None:
    """Default groups follow the major version; all instances restart on the new one."""
    engine = engines.of(record)
    default = f"default.{engine.family_of(version)}"
    if group or record["DBClusterParameterGroup"].startswith("default."):
        record["DBClusterParameterGroup"] = group or default
    for row in record["DBClusterMembers"]:
        row["DBClusterParameterGroupStatus"] = "in-sync"
    for member in shelf.members(record):
        own = member["DBParameterGroups"][0]
        if instance_group or own["DBParameterGroupName"].startswith("default."):
            own["DBParameterGroupName"] = instance_group or default
        own["ParameterApplyStatus"] = "in-sync"
        member["OptionGroupMemberships"][0]["OptionGroupName"] = default_options(engine, version)
        if member["DBInstanceStatus"] == "upgrading":
            member["DBInstanceStatus"] = "available"


def _deferred(ctx: Context, shelf: Shelf, record: Record, params: Record) -> Record:
    changes = {
        own: params[member]
        for member, own in DEFERRED.items()
        if params.get(member) is not None and params[member] != record.get(own)
    }
    if password := changes.get("MasterUserPassword"):
        checks.password(password)
        if record.get("MasterUserSecret") and params.get("ManageMasterUserPassword") is not False:
            raise AwsError(
                "InvalidParameterCombination",
                "You can't specify MasterUserPassword while RDS manages the password.",
            )
    if "EngineVersion" in changes:
        _check_upgrade(ctx, shelf, record, params, changes)
    if "DBClusterIdentifier" in changes:
        changes["DBClusterIdentifier"] = cluster_checks.new_name(
            shelf, changes["DBClusterIdentifier"]
        )
    return changes


def _check_upgrade(
    ctx: Context, shelf: Shelf, record: Record, params: Record, changes: Record
) -> None:
    """Only along the upgrade paths; a major one must be allowed and brings its own groups."""
    engine, old = engines.of(record), record["EngineVersion"]
    if changes["EngineVersion"] == engines.major_of(old):
        del changes["EngineVersion"]
        return
    new = engine.full_version(changes["EngineVersion"])
    if new not in engine.upgrades(old):
        raise AwsError(
            "InvalidParameterCombination", f"Cannot upgrade {engine.name} from {old} to {new}"
        )
    changes["EngineVersion"] = new
    if engines.major_of(new) == engines.major_of(old):
        return
    if not params.get("AllowMajorVersionUpgrade"):
        raise AwsError(
            "InvalidParameterCombination",
            "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major "
            "version.",
        )
    group, own = (
        params.get("DBClusterParameterGroupName"),
        params.get("DBInstanceParameterGroupName"),
    )
    if not group and not record["DBClusterParameterGroup"].startswith("default."):
        raise AwsError(
            "InvalidParameterCombination",
            "The current DB cluster parameter group is custom. You must explicitly specify a new "
            "DB cluster parameter group for the engine version upgrade.",
        )
    used = {m["DBParameterGroups"][0]["DBParameterGroupName"] for m in shelf.members(record)}
    if not own and any(not name.startswith("default.") for name in used):
        raise AwsError(
            "InvalidParameterCombination",
            "The current DB instance parameter group is custom. You must explicitly specify a new "
            "DB instance parameter group for the engine version upgrade.",
        )
    if own:
        checks.family(parameter_group(ctx, own), engine, new)
        changes["_instance_group"] = own.lower()
    if group:
        changes["_cluster_group"] = cluster_checks.parameter_group(ctx, engine, new, group)


def _apply_at_once(ctx: Context, shelf: Shelf, record: Record, params: Record) -> None:
    new = record | pick(
        params,
        "PreferredBackupWindow",
        "AutoMinorVersionUpgrade",
        "CopyTagsToSnapshot",
        "DeletionProtection",
        "NetworkType",
        "Port",
        "EngineLifecycleSupport",
    )
    if "PreferredMaintenanceWindow" in params:
        new["PreferredMaintenanceWindow"] = params["PreferredMaintenanceWindow"].lower()
    checks.windows(new)
    if "BackupRetentionPeriod" in params:
        new["BackupRetentionPeriod"] = cluster_checks.retention(params["BackupRetentionPeriod"])
    if "EnableHttpEndpoint" in params:
        new["HttpEndpointEnabled"] = params["EnableHttpEndpoint"]
    if "StorageType" in params:
        new.pop("StorageType", None)
        new |= cluster_checks.storage_type(params["StorageType"])
    new |= cluster_checks.scaling(params)
    new |= cluster_checks.monitoring(ctx, params)
    if ids := params.get("VpcSecurityGroupIds"):
        subnets = shelf.subnet_group(record["DBSubnetGroup"])
        groups = checks.security_groups(ctx, ids, subnets)
        new["VpcSecurityGroups"] = [group | {"Status": "active"} for group in groups]
    if exports := params.get("CloudwatchLogsExportConfiguration"):
        on, off = exports.get("EnableLogTypes", []), exports.get("DisableLogTypes", [])
        checks.log_types(on, engines.of(record), record["EngineVersion"])
        kinds = {*record["EnabledCloudwatchLogsExports"], *on}
        new["EnabledCloudwatchLogsExports"] = sorted(kinds - set(off))
    if (name := params.get("DBClusterParameterGroupName")) and not _major(record, params):
        _set_group(ctx, new, name)
    record.clear()
    record.update(new)
    _manage_password(ctx, record, params)
    for member in shelf.members(record):
        member |= members.inherited(record)
        if ids:
            member["VpcSecurityGroups"] = [dict(group) for group in record["VpcSecurityGroups"]]
            network.regroup(ctx, member["_interfaces"], ids)
        if "Port" in params and "Endpoint" in member:
            member["_port"] = member["Endpoint"]["Port"] = record["Port"]
    write_logs(ctx, record)


def _major(record: Record, params: Record) -> bool:
    """Whether the request is a major upgrade, whose groups come with the new version."""
    wanted = params.get("EngineVersion")
    return bool(wanted) and engines.major_of(wanted) != engines.major_of(record["EngineVersion"])


def _set_group(ctx: Context, new: Record, name: str) -> None:
    """A new group is associated at once; its parameters wait for each instance's reboot."""
    name = cluster_checks.parameter_group(ctx, engines.of(new), new["EngineVersion"], name)
    if name == new["DBClusterParameterGroup"]:
        return
    new["DBClusterParameterGroup"] = name
    for row in new["DBClusterMembers"]:
        row["DBClusterParameterGroupStatus"] = "pending-reboot"


def _manage_password(ctx: Context, record: Record, params: Record) -> None:
    managed = params.get("ManageMasterUserPassword")
    if managed and not record.get("MasterUserSecret"):
        record["MasterUserSecret"] = secrets.managed(ctx, record["DbClusterResourceId"], params)
    if managed is False:
        secrets.drop(ctx, record)


def rename(ctx: Context, shelf: Shelf, old: str, record: Record) -> None:
    """A new name is a new ARN and new addresses; instances and backups follow."""
    new = record["DBClusterIdentifier"]
    shelf.clusters[new] = shelf.clusters.pop(old)
    record["DBClusterArn"] = arn(ctx, "cluster", new)
    for member in ("Endpoint", "ReaderEndpoint"):
        record[member] = record[member].replace(f"{old}.", f"{new}.", 1)
    for instance in shelf.members(record):
        instance["DBClusterIdentifier"] = new
    for row in shelf.cluster_endpoints.values():
        if row["DBClusterIdentifier"] == old:
            row["DBClusterIdentifier"] = new
    ctx.life.forget(CLUSTER, old)


@operation("rds", "FailoverDBCluster")
def failover(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Another available instance becomes the writer: the one asked for, or the best reader."""
    record = Shelf(ctx).cluster(params["DBClusterIdentifier"])
    require_cluster(record)
    able = members.candidates(ctx, record)
    target = params.get("TargetDBInstanceIdentifier", "").lower()
    if target:
        own = {row["DBInstanceIdentifier"]: row for row in record["DBClusterMembers"]}
        if target not in own:
            raise AwsError("DBInstanceNotFound", f"DBInstance {target} not found.")
        if own[target]["IsClusterWriter"]:
            raise AwsError(
                "InvalidDBInstanceState", f"DB instance {target} is already the writer instance."
            )
    if not able or (target and target not in able):
        raise AwsError(
            "InvalidDBClusterStateFault",
            "Cannot failover: the cluster has no available reader instance to fail over to.",
        )
    record |= {"Status": "failing-over", "_failover": target or able[0]}
    ctx.life.start(CLUSTER, record["DBClusterIdentifier"], "failover")
    return {"DBCluster": public(record)}


@on_end(CLUSTER, "failover")
def _failed_over(ctx: Context, name: str) -> None:
    record = Shelf(ctx).clusters[name]
    record["Status"] = "available"
    members.hand_over(ctx, record, to=record.pop("_failover"))


@operation("rds", "EnableHttpEndpoint")
def enable_http(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """The Data API of a cluster."""
    return _http(ctx, params, enabled=True)


@operation("rds", "DisableHttpEndpoint")
def disable_http(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Off again."""
    return _http(ctx, params, enabled=False)


def _http(ctx: Context, params: Record, *, enabled: bool) -> dict[str, Any]:
    record = Shelf(ctx).cluster(params["ResourceArn"])
    record["HttpEndpointEnabled"] = enabled
    return {"ResourceArn": record["DBClusterArn"], "HttpEndpointEnabled": enabled}

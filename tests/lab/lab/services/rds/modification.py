"""ModifyDBInstance: what applies at once, what waits, what is refused."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, on_end, operation
from lab.kit import network
from lab.kit.records import Record, pick, public
from lab.services.rds import backups, checks, engines, maintenance, members, storage, upgrades
from lab.services.rds.instances import default_options, place, write_logs
from lab.services.rds.parameters import parameter_group
from lab.services.rds.state import INSTANCE, Shelf, arn, require_available

# Request member → instance member, of changes that wait as PendingModifiedValues.
DEFERRED = {
    "DBInstanceClass": "DBInstanceClass",
    "MultiAZ": "MultiAZ",
    "EngineVersion": "EngineVersion",
    "AllocatedStorage": "AllocatedStorage",
    "StorageType": "StorageType",
    "Iops": "Iops",
    "StorageThroughput": "StorageThroughput",
    "BackupRetentionPeriod": "BackupRetentionPeriod",
    "MasterUserPassword": "MasterUserPassword",
    "CACertificateIdentifier": "CACertificateIdentifier",
    "DBPortNumber": "Port",
    "NewDBInstanceIdentifier": "DBInstanceIdentifier",
}
# Seconds for which the instance still reads `available` with the change pending.
UNNOTICED = 15


@operation("rds", "ModifyDBInstance")
def modify_instance(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Deferred changes are pending until applied; the rest is read back at once."""
    shelf = Shelf(ctx)
    record = shelf.instance(params["DBInstanceIdentifier"])
    require_available(record, "storage-full", "incompatible-parameters")
    members.check_change(record, params)
    deferred = _deferred(ctx, shelf, record, params)
    _apply_at_once(ctx, record, params)
    if deferred:
        record["PendingModifiedValues"] |= deferred
        if params.get("ApplyImmediately"):
            name = record["DBInstanceIdentifier"]
            ctx.life.start(INSTANCE, name, "notice", seconds=UNNOTICED)
        else:
            window = record["PreferredMaintenanceWindow"]
            maintenance.wait(ctx, INSTANCE, record["DBInstanceIdentifier"], window)
    return {"DBInstance": public(record)}


@on_end(maintenance.KIND_OF[INSTANCE], "wait")
def _window(ctx: Context, name: str) -> None:
    record = Shelf(ctx).instances.get(name)
    if record and record["PendingModifiedValues"] and record["DBInstanceStatus"] == "available":
        _modifying(ctx, name)


@on_end(INSTANCE, "notice")
def _modifying(ctx: Context, name: str) -> None:
    record = Shelf(ctx).instances[name]
    record["DBInstanceStatus"] = "modifying"
    upgrades.begin(Shelf(ctx), record)
    record["_optimize"] = bool(set(storage.MEMBERS) & set(record["PendingModifiedValues"]))
    ctx.life.start(INSTANCE, name, "modify-storage" if record["_optimize"] else "modify")


@on_end(INSTANCE, "modify", "modify-storage")
def _modified(ctx: Context, name: str) -> None:
    shelf = Shelf(ctx)
    record = shelf.instances[name]
    pending = record["PendingModifiedValues"]
    record["PendingModifiedValues"] = {}
    record["_password"] = pending.pop("MasterUserPassword", record.get("_password"))
    if "Port" in pending:
        record["_port"] = record["Endpoint"]["Port"] = pending.pop("Port")
    before = record["EngineVersion"]
    record.update(pending)
    upgrades.end(shelf, record, before)
    if "EngineVersion" in pending:
        record["OptionGroupMemberships"][0]["OptionGroupName"] = default_options(
            engines.of(record), record["EngineVersion"]
        )
    if "DBClusterIdentifier" in record:
        members.changed(ctx, record, name)
    else:
        backups.keep(ctx, record)
    optimizing = record.pop("_optimize", False)
    if optimizing:
        record["_storage_changed"] = ctx.now()
    record["DBInstanceStatus"] = "storage-optimization" if optimizing else "available"
    if pending.get("MultiAZ") is not None:
        try:
            _respread(ctx, record)
        except AwsError:
            record["DBInstanceStatus"] = "incompatible-network"
    if "DBInstanceIdentifier" in pending:
        rename(ctx, shelf, name, record)
    if optimizing:
        # The database serves meanwhile, so nobody waits for it.
        ctx.life.start(INSTANCE, record["DBInstanceIdentifier"], "optimize", waited_for=False)


@on_end(INSTANCE, "optimize")
def _optimized(ctx: Context, name: str) -> None:
    Shelf(ctx).instances[name]["DBInstanceStatus"] = "available"


def _deferred(ctx: Context, shelf: Shelf, record: Record, params: Record) -> Record:
    """The changes that wait, checked; values that equal the present ones are none."""
    changes = {
        own: params[member]
        for member, own in DEFERRED.items()
        if params.get(member) is not None and params[member] != _present(record, own)
    }
    if password := changes.get("MasterUserPassword"):
        checks.password(password)
        if record.get("ReadReplicaSourceDBInstanceIdentifier"):
            raise AwsError(
                "InvalidParameterCombination", "The master password of a replica is its source's"
            )
    if "DBInstanceClass" in changes:
        engines.of(record).check_class(changes["DBInstanceClass"], record["EngineVersion"])
    if "EngineVersion" in changes:
        _check_upgrade(shelf, record, params, changes)
    if set(storage.MEMBERS) & set(changes):
        storage.check_change(ctx, record, params, changes)
    if "DBInstanceIdentifier" in changes:
        changes["DBInstanceIdentifier"] = checks.new_name(shelf, changes["DBInstanceIdentifier"])
    checks.growth(record | pick(params, "MaxAllocatedStorage") | changes)
    return changes


def _present(record: Record, member: str) -> Any:
    return record["_port"] if member == "Port" else record.get(member)


def _check_upgrade(shelf: Shelf, record: Record, params: Record, changes: Record) -> None:
    """Only along the upgrade paths; a major upgrade must be allowed and needs its own group."""
    engine, old = engines.of(record), record["EngineVersion"]
    new = engine.full_version(changes["EngineVersion"])
    if new == old or engines.major_of(old) == changes["EngineVersion"]:
        del changes["EngineVersion"]
        return
    if new not in engine.upgrades(old):
        raise AwsError(
            "InvalidParameterCombination", f"Cannot upgrade postgres from {old} to {new}"
        )
    if engines.major_of(new) != engines.major_of(old):
        if not params.get("AllowMajorVersionUpgrade"):
            raise AwsError(
                "InvalidParameterCombination",
                "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major "
                "version.",
            )
        custom = not record["DBParameterGroups"][0]["DBParameterGroupName"].startswith("default.")
        if custom and not params.get("DBParameterGroupName"):
            raise AwsError(
                "InvalidParameterCombination",
                "The current DB instance parameter group is custom. You must explicitly specify a "
                "new DB instance parameter group for the engine version upgrade.",
            )
    upgrades.check_order(shelf, record, new)
    changes["EngineVersion"] = new


def _apply_at_once(ctx: Context, record: Record, params: Record) -> None:
    """Changes that AWS applies without waiting for a window, whatever the caller says."""
    new = record | pick(
        params,
        "PreferredBackupWindow",
        "AutoMinorVersionUpgrade",
        "CopyTagsToSnapshot",
        "PubliclyAccessible",
        "DeletionProtection",
        "MaxAllocatedStorage",
        "PromotionTier",
        "EngineLifecycleSupport",
    )
    if "PreferredMaintenanceWindow" in params:
        new["PreferredMaintenanceWindow"] = params["PreferredMaintenanceWindow"].lower()
    checks.windows(new)
    if "MonitoringInterval" in params or "MonitoringRoleArn" in params:
        new |= checks.monitoring(
            ctx,
            pick(record, "MonitoringInterval", "MonitoringRoleArn")
            | _insights_now(record)
            | params,
        )
        if not new["MonitoringInterval"]:
            new.pop("MonitoringRoleArn", None)
    elif {
        "EnablePerformanceInsights",
        "PerformanceInsightsRetentionPeriod",
        "DatabaseInsightsMode",
    } & set(params):
        new |= checks.insights(ctx, _insights_now(record) | params)
    if "EnableIAMDatabaseAuthentication" in params:
        new["IAMDatabaseAuthenticationEnabled"] = params["EnableIAMDatabaseAuthentication"]
    if name := params.get("DBParameterGroupName"):
        _set_parameter_group(ctx, new, record, name, params)
    if ids := params.get("VpcSecurityGroupIds"):
        groups = checks.security_groups(ctx, ids, record["DBSubnetGroup"])
        new["VpcSecurityGroups"] = [group | {"Status": "active"} for group in groups]
    if exports := params.get("CloudwatchLogsExportConfiguration"):
        checks.log_types(
            exports.get("EnableLogTypes", []), engines.of(record), record["EngineVersion"]
        )
        off = exports.get("DisableLogTypes", [])
        kinds = [*record["EnabledCloudwatchLogsExports"], *exports.get("EnableLogTypes", [])]
        new["EnabledCloudwatchLogsExports"] = sorted({kind for kind in kinds if kind not in off})
    checks.growth(new)
    record.clear()
    record.update(new)
    members.changed(ctx, record, record["DBInstanceIdentifier"])
    if ids:
        network.regroup(ctx, record["_interfaces"], ids)
    write_logs(ctx, record)


def _insights_now(record: Record) -> Record:
    """The present Performance Insights settings in the form of a request."""
    return pick(
        record,
        "DatabaseInsightsMode",
        "PerformanceInsightsRetentionPeriod",
        "PerformanceInsightsKMSKeyId",
    ) | {"EnablePerformanceInsights": record["PerformanceInsightsEnabled"]}


def _set_parameter_group(
    ctx: Context, new: Record, record: Record, name: str, params: Record
) -> None:
    """A new group is associated at once; its static parameters wait for a reboot."""
    group = parameter_group(ctx, name)
    engine = engines.of(record)
    version = engine.full_version(params.get("EngineVersion") or record["EngineVersion"])
    checks.family(group, engine, version)
    name = group["DBParameterGroupName"]
    if record["DBParameterGroups"][0]["DBParameterGroupName"] != name:
        new["DBParameterGroups"] = [
            {"DBParameterGroupName": name, "ParameterApplyStatus": "pending-reboot"}
        ]


def _respread(ctx: Context, record: Record) -> None:
    """Interfaces follow a change of Multi-AZ."""
    network.remove(ctx, record["_interfaces"])
    by_zone = {
        row["SubnetAvailabilityZone"]["Name"]: row["SubnetIdentifier"]
        for row in record["DBSubnetGroup"]["Subnets"]
    }
    subnets = [by_zone[record["AvailabilityZone"]]]
    record.pop("SecondaryAvailabilityZone", None)
    if record["MultiAZ"]:
        zones = sorted(by_zone)
        second = zones[(zones.index(record["AvailabilityZone"]) + 1) % len(zones)]
        record["SecondaryAvailabilityZone"] = second
        subnets.append(by_zone[second])
    record |= {"_subnets": subnets, "_interfaces": []}
    place(ctx, record)


def rename(ctx: Context, shelf: Shelf, old: str, record: Record) -> None:
    """A new name is a new ARN and a new address; replicas and backups follow."""
    new = record["DBInstanceIdentifier"]
    shelf.instances[new] = shelf.instances.pop(old)
    record["DBInstanceArn"] = arn(ctx, "db", new)
    record["Endpoint"]["Address"] = record["Endpoint"]["Address"].replace(old, new, 1)
    for other in shelf.instances.values():
        if other.get("ReadReplicaSourceDBInstanceIdentifier") == old:
            other["ReadReplicaSourceDBInstanceIdentifier"] = new
        other["ReadReplicaDBInstanceIdentifiers"] = [
            new if name == old else name for name in other["ReadReplicaDBInstanceIdentifiers"]
        ]
    backup = shelf.backups.get(record["DbiResourceId"])
    if backup:
        backup |= {"DBInstanceIdentifier": new, "DBInstanceArn": record["DBInstanceArn"]}
    ctx.life.forget(INSTANCE, old)

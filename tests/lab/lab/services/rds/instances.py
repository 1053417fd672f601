"""RDS instances: create, describe, reboot, start of life."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lab.extend import AwsError, Context, on_end, operation
from lab.kit import network
from lab.kit.calls import make_log_group
from lab.kit.records import Record, digest, moment, pick, public
from lab.services.rds import backups, checks, engines, members, secrets, storage
from lab.services.rds.engines import Engine
from lab.services.rds.parameters import parameter_group
from lab.services.rds.state import (
    INSTANCE,
    Shelf,
    arn,
    page,
    request_tags,
    require_available,
    wanted,
)


@operation("rds", "CreateDBInstance")
def create_instance(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """`creating` for minutes; the endpoint comes with `available`."""
    shelf = Shelf(ctx)
    name = checks.new_name(shelf, params["DBInstanceIdentifier"])
    engine = engines.find(params["Engine"])
    if params.get("DBClusterIdentifier"):
        return members.create(ctx, name, params)
    if engine.aurora:
        raise AwsError(
            "InvalidParameterValue",
            "The parameter DBClusterIdentifier must be provided and must not be blank.",
        )
    version = engine.full_version(params.get("EngineVersion"))
    checks.master(params)
    facts = {
        "MasterUsername": params["MasterUsername"],
        "DBName": params.get("DBName"),
        "_password": params.get("MasterUserPassword"),
    }
    record = new_record(ctx, name, version, params, facts)
    start(ctx, record, "create-multi-az" if record["MultiAZ"] else "create")
    if params.get("ManageMasterUserPassword"):
        record["MasterUserSecret"] = secrets.managed(ctx, record["DbiResourceId"], params)
    return {"DBInstance": public(record)}


def new_record(ctx: Context, name: str, version: str, params: Record, facts: Record) -> Record:
    """A checked new instance with RDS's defaults, not on the shelf yet.

    `facts` are members that do not come from the request: the source's of a replica or restore.
    """
    shelf, engine = Shelf(ctx), engines.POSTGRES
    engine.check_class(params["DBInstanceClass"], version)
    disk = storage.accept(
        params.get("StorageType") or ("io1" if params.get("Iops") else "gp3"),
        params.get("AllocatedStorage"),
        params.get("Iops"),
        params.get("StorageThroughput"),
    )
    subnets = shelf.subnet_group(params.get("DBSubnetGroupName") or "default")
    record = (
        disk
        | basics(ctx, name, engine, version, params)
        | checks.placement(ctx, params, subnets)
        | checks.encryption(ctx, params)
        | checks.monitoring(ctx, params)
        | checks.logs(params, engine, version)
        | facts
    )
    checks.windows(record)
    checks.growth(record)
    return record


def basics(ctx: Context, name: str, engine: Engine, version: str, params: Record) -> Record:
    """Members that every new instance has, alone or in a cluster."""
    incarnation = f"{name}@{ctx.now()}"
    default = f"default.{engine.family_of(version)}"
    group = parameter_group(ctx, params.get("DBParameterGroupName") or default)
    checks.family(group, engine, version)
    return {
        "DBInstanceIdentifier": name,
        "DBInstanceClass": params["DBInstanceClass"],
        "Engine": engine.name,
        "EngineVersion": version,
        "DBInstanceStatus": "creating",
        "BackupRetentionPeriod": params.get("BackupRetentionPeriod", 1),
        "PreferredBackupWindow": params.get("PreferredBackupWindow", "07:10-07:40"),
        "PreferredMaintenanceWindow": params.get(
            "PreferredMaintenanceWindow", "sun:09:20-sun:09:50"
        ).lower(),
        "DBSecurityGroups": [],
        "DBParameterGroups": [
            {
                "DBParameterGroupName": group["DBParameterGroupName"],
                "ParameterApplyStatus": "in-sync",
            }
        ],
        "PendingModifiedValues": {},
        "MultiAZ": params.get("MultiAZ", False),
        "AutoMinorVersionUpgrade": params.get("AutoMinorVersionUpgrade", True),
        "ReadReplicaDBInstanceIdentifiers": [],
        "LicenseModel": engine.license,
        "OptionGroupMemberships": [
            {
                "OptionGroupName": default_options(engine, version),
                "Status": "in-sync",
            }
        ],
        "PubliclyAccessible": params.get("PubliclyAccessible", False),
        "DbInstancePort": 0,
        "DbiResourceId": "db-" + digest("dbi", ctx.region, incarnation, length=26).upper(),
        "CACertificateIdentifier": params.get("CACertificateIdentifier", "rds-ca-rsa2048-g1"),
        "DomainMemberships": [],
        "CopyTagsToSnapshot": params.get("CopyTagsToSnapshot", False),
        "DBInstanceArn": arn(ctx, "db", name),
        "IAMDatabaseAuthenticationEnabled": params.get("EnableIAMDatabaseAuthentication", False),
        "DeletionProtection": params.get("DeletionProtection", False),
        "AssociatedRoles": [],
        "TagList": request_tags(params, "db"),
        "CustomerOwnedIpEnabled": False,
        "NetworkType": params.get("NetworkType", "IPV4"),
        "BackupTarget": "region",
        "DedicatedLogVolume": params.get("DedicatedLogVolume", False),
        "EngineLifecycleSupport": params.get(
            "EngineLifecycleSupport", "open-source-rds-extended-support"
        ),
        "_incarnation": incarnation,
        "_port": params.get("Port") or engines.PORT,
    } | pick(params, "MaxAllocatedStorage")


def default_options(engine: Engine, version: str) -> str:
    """The option group of an engine's major version; PostgreSQL has no other."""
    return f"default:{engine.name}-{engines.major_of(version)}"


def start(
    ctx: Context, record: Record, transition: str, needs: tuple[str, str] | None = None
) -> None:
    """Puts a new instance on the shelf and begins its life, with its interfaces in place.

    `needs` is the object (kind, id) that it cannot begin without.
    """
    name = record["DBInstanceIdentifier"]
    try:
        place(ctx, record)
    except AwsError as error:
        raise AwsError("InvalidVPCNetworkStateFault", error.message) from error
    for group in record["VpcSecurityGroups"]:
        group["Status"] = "active"
    Shelf(ctx).instances[name] = record
    ctx.life.start(INSTANCE, name, transition, needs=[needs] if needs else ())


def place(ctx: Context, record: Record) -> None:
    """Gives the instance an interface in each of its subnets."""
    record["_interfaces"] = network.place(
        ctx,
        record["_subnets"],
        [group["VpcSecurityGroupId"] for group in record["VpcSecurityGroups"]],
        "RDSNetworkInterface",
        "amazon-rds",
    )


@on_end(INSTANCE, "create", "create-multi-az", "replica")
def _available(ctx: Context, name: str) -> None:
    record = Shelf(ctx).instances[name]
    host = digest("endpoint", ctx.account, ctx.region, length=12)
    record |= {
        "DBInstanceStatus": "available",
        "InstanceCreateTime": moment(ctx),
        "Endpoint": {
            "Address": f"{name}.{host}.{ctx.region}.rds.amazonaws.com",
            "Port": record["_port"],
            "HostedZoneId": "Z2R2ITUGPM61AM",
        },
    }
    if record.get("ReadReplicaSourceDBInstanceIdentifier"):
        record["StatusInfos"] = [
            {"StatusType": "read replication", "Normal": True, "Status": "replicating"}
        ]
    write_logs(ctx, record)
    if "DBClusterIdentifier" not in record:
        backups.keep(ctx, record)


def write_logs(ctx: Context, record: Record) -> None:
    """An exported log makes its group, which stays when the instance goes."""
    for kind in record["EnabledCloudwatchLogsExports"]:
        make_log_group(ctx, f"/aws/rds/instance/{record['DBInstanceIdentifier']}/{kind}")


@operation("rds", "DescribeDBInstances")
def describe_instances(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One by name, or all that pass the filters."""
    shelf = Shelf(ctx)
    name = params.get("DBInstanceIdentifier")
    rows = [shelf.instance(name)] if name else list(shelf.instances.values())
    filters = params.get("Filters", [])
    rows = [_restorable(ctx, row) for row in rows if _passes(row, filters)]
    return page(rows, params, "DBInstances")


def _restorable(ctx: Context, row: Record) -> Record:
    """Backups reach to five minutes ago."""
    in_cluster = "DBClusterIdentifier" in row
    if "Endpoint" not in row or in_cluster or not row["BackupRetentionPeriod"]:
        return row
    return row | {"LatestRestorableTime": moment(ctx) - timedelta(minutes=5)}


def _passes(row: Record, filters: list[Record]) -> bool:
    facts = {
        "db-instance-id": row["DBInstanceIdentifier"],
        "dbi-resource-id": row["DbiResourceId"],
        "engine": row["Engine"],
        "db-cluster-id": row.get("DBClusterIdentifier", ""),
    }
    named = [
        entry | {"Values": [value.rsplit(":", 1)[-1].lower() for value in entry["Values"]]}
        if entry["Name"] in ("db-instance-id", "db-cluster-id")
        else entry
        for entry in filters
    ]
    return wanted(named, facts)


@operation("rds", "RebootDBInstance")
def reboot_instance(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Static parameters take effect."""
    record = Shelf(ctx).instance(params["DBInstanceIdentifier"])
    require_available(record, "incompatible-parameters")
    alone = not record["MultiAZ"] and "DBClusterIdentifier" not in record
    if params.get("ForceFailover") and alone:
        raise AwsError("InvalidParameterCombination", "A failover needs a Multi-AZ instance")
    record["DBInstanceStatus"] = "rebooting"
    ctx.life.start(INSTANCE, record["DBInstanceIdentifier"], "reboot")
    return {"DBInstance": public(record)}


@on_end(INSTANCE, "reboot")
def _rebooted(ctx: Context, name: str) -> None:
    record = Shelf(ctx).instances[name]
    record["DBInstanceStatus"] = "available"
    record["DBParameterGroups"][0]["ParameterApplyStatus"] = "in-sync"
    members.rebooted(ctx, record)

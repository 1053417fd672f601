"""Aurora clusters: create, describe, start of life."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lab.extend import AwsError, Context, on_end, operation
from lab.kit.calls import make_log_group
from lab.kit.records import Record, digest, moment, pick, public
from lab.services.rds import (
    checks,
    cluster_backups,
    cluster_checks,
    engines,
    global_members,
    secrets,
)
from lab.services.rds.engines import Engine
from lab.services.rds.state import CLUSTER, Shelf, arn, page, request_tags, wanted


@operation("rds", "CreateDBCluster")
def create_cluster(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """`available` after a minute or two, with endpoints that lead nowhere without instances."""
    shelf = Shelf(ctx)
    name = cluster_checks.new_name(shelf, params["DBClusterIdentifier"])
    if joins := params.get("GlobalClusterIdentifier"):
        params = global_members.joining(ctx, params)
    engine = cluster_checks.engine(params)
    version = engine.full_version(params.get("EngineVersion"))
    if params.get("ReplicationSourceIdentifier"):
        raise AwsError(
            "InvalidParameterCombination",
            "Cross-region replica clusters of aurora-postgresql are global databases",
        )
    primary = global_members.primary_of(ctx, global_members.find(ctx, joins)) if joins else None
    if primary:
        facts = pick(primary, "MasterUsername", "DatabaseName", "_password")
    else:
        checks.master(params)
        facts = {
            "MasterUsername": params["MasterUsername"],
            "_password": params.get("MasterUserPassword"),
        }
    record = new_record(ctx, name, engine, version, params, facts)
    start(ctx, record, "create")
    if joins:
        global_members.add(ctx, global_members.find(ctx, joins), record)
    if params.get("ManageMasterUserPassword"):
        record["MasterUserSecret"] = secrets.managed(ctx, record["DbClusterResourceId"], params)
    return {"DBCluster": public(record)}


def new_record(
    ctx: Context, name: str, engine: Engine, version: str, params: Record, facts: Record
) -> Record:
    """A checked new cluster with Aurora's defaults, not on the shelf yet.

    `facts` are members that do not come from the request: those of a snapshot or a source.
    """
    shelf = Shelf(ctx)
    subnets = shelf.subnet_group(params.get("DBSubnetGroupName") or "default")
    record = (
        _basics(ctx, name, engine, version, params)
        | cluster_checks.placement(ctx, name, params, subnets)
        | cluster_checks.features(params)
        | cluster_checks.scaling(params)
        | cluster_checks.storage_type(params.get("StorageType"))
        | cluster_checks.monitoring(ctx, params)
        | checks.encryption(ctx, params)
        | checks.logs(params, engine, version)
        | facts
    )
    checks.windows(record)
    return record


def _basics(ctx: Context, name: str, engine: Engine, version: str, params: Record) -> Record:
    incarnation = f"{name}@{ctx.now()}"
    host = (
        f"{digest('endpoint', ctx.account, ctx.region, length=12)}.{ctx.region}.rds.amazonaws.com"
    )
    return {
        "AllocatedStorage": 1,
        "DBClusterIdentifier": name,
        "DBClusterArn": arn(ctx, "cluster", name),
        "DbClusterResourceId": "cluster-"
        + digest("cluster", ctx.region, incarnation, length=26).upper(),
        "DBClusterParameterGroup": cluster_checks.parameter_group(
            ctx, engine, version, params.get("DBClusterParameterGroupName")
        ),
        "Status": "creating",
        "Endpoint": f"{name}.cluster-{host}",
        "ReaderEndpoint": f"{name}.cluster-ro-{host}",
        "MultiAZ": False,
        "Engine": engine.name,
        "EngineVersion": version,
        "EngineMode": "provisioned",
        "Port": params.get("Port") or engines.PORT,
        "BackupRetentionPeriod": cluster_checks.retention(params.get("BackupRetentionPeriod", 1)),
        "PreferredBackupWindow": params.get("PreferredBackupWindow", "07:10-07:40"),
        "PreferredMaintenanceWindow": params.get(
            "PreferredMaintenanceWindow", "sun:09:20-sun:09:50"
        ).lower(),
        "ReadReplicaIdentifiers": [],
        "DBClusterMembers": [],
        "HostedZoneId": "Z2R2ITUGPM61AM",
        "AssociatedRoles": [],
        "AutoMinorVersionUpgrade": params.get("AutoMinorVersionUpgrade", True),
        "CrossAccountClone": False,
        "DomainMemberships": [],
        "TagList": request_tags(params, "cluster"),
        "GlobalWriteForwardingRequested": False,
        "ClusterCreateTime": moment(ctx),
        "_pending": {},
        "_incarnation": incarnation,
    }


def start(ctx: Context, record: Record, transition: str, needs: str | None = None) -> None:
    """Puts a new cluster on the shelf and begins its life."""
    name = record["DBClusterIdentifier"]
    Shelf(ctx).clusters[name] = record
    ctx.life.start(CLUSTER, name, transition, needs=[(CLUSTER, needs)] if needs else ())


@on_end(CLUSTER, "create", "restore")
def _available(ctx: Context, name: str) -> None:
    record = Shelf(ctx).clusters[name]
    record["Status"] = "available"
    write_logs(ctx, record)
    cluster_backups.keep(ctx, record)


def write_logs(ctx: Context, record: Record) -> None:
    """An exported log makes its group, which stays when the cluster goes."""
    for kind in record["EnabledCloudwatchLogsExports"]:
        make_log_group(ctx, f"/aws/rds/cluster/{record['DBClusterIdentifier']}/{kind}")


@operation("rds", "DescribeDBClusters")
def describe_clusters(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One by name, or all that pass the filters."""
    shelf = Shelf(ctx)
    name = params.get("DBClusterIdentifier")
    rows = [shelf.cluster(name)] if name else list(shelf.clusters.values())
    filters = params.get("Filters", [])
    return page([shown(ctx, row) for row in rows if _passes(row, filters)], params, "DBClusters")


def shown(ctx: Context, record: Record) -> Record:
    """The cluster as it is described: pending values only when there are some."""
    row = dict(record)
    if pending := {k: v for k, v in record["_pending"].items() if not k.startswith("_")}:
        row["PendingModifiedValues"] = pending
    # Without an instance there is nobody to read from.
    row["MultiAZ"] = len(_zones(ctx, record)) > 1
    # There is nothing to restore from what never came to be.
    if record["Status"] != "creating" and not record.get("_unmade"):
        row["EarliestRestorableTime"] = record["ClusterCreateTime"]
        row["LatestRestorableTime"] = moment(ctx) - timedelta(minutes=5)
    return row


def _zones(ctx: Context, record: Record) -> set[str]:
    return {member["AvailabilityZone"] for member in Shelf(ctx).members(record)}


def _passes(row: Record, filters: list[Record]) -> bool:
    facts = {
        "db-cluster-id": row["DBClusterIdentifier"],
        "db-cluster-resource-id": row["DbClusterResourceId"],
        "engine": row["Engine"],
    }
    named = [
        entry | {"Values": [value.rsplit(":", 1)[-1].lower() for value in entry["Values"]]}
        if entry["Name"] == "db-cluster-id"
        else entry
        for entry in filters
    ]
    return wanted(named, facts)

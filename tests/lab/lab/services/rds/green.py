"""The green environment of a blue/green deployment: copies of the source that follow it.

"Overview of Amazon RDS Blue/Green Deployments" in the RDS User Guide: green is named after its source
with a suffix and gets the target's default parameter group when the request names none.
"""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context
from lab.kit.records import Record, pick
from lab.services.rds import (
    checks,
    cluster_checks,
    cluster_modification,
    clusters,
    engines,
    instances,
    members,
    modification,
    replicas,
)
from lab.services.rds.parameters import parameter_group
from lab.services.rds.state import CLUSTER, INSTANCE, Shelf, arn

# What green has of its source beyond what a read replica inherits.
COPIED = (
    "MultiAZ",
    "BackupRetentionPeriod",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "MaxAllocatedStorage",
    "DeletionProtection",
    "PubliclyAccessible",
    "MonitoringInterval",
    "MonitoringRoleArn",
    "CACertificateIdentifier",
    "NetworkType",
    "EngineLifecycleSupport",
)


def make_instance(ctx: Context, source: Record, name: str, params: Record) -> Record:
    """A read replica of the source, with all of the source's settings."""
    request = pick(source, *COPIED) | _insights(source)
    request |= {
        "SourceDBInstanceIdentifier": source["DBInstanceIdentifier"],
        "DBInstanceIdentifier": name,
        "DBInstanceClass": params.get("TargetDBInstanceClass") or source["DBInstanceClass"],
        "VpcSecurityGroupIds": _groups(source),
        "EnableCloudwatchLogsExports": source["EnabledCloudwatchLogsExports"],
        "Tags": source["TagList"],
    }
    ctx.call("rds", "CreateDBInstanceReadReplica", request)
    return Shelf(ctx).instances[name]


def make_cluster(ctx: Context, source: Record, name: str) -> Record:
    """A clone of the source's volume, still without instances."""
    request = pick(
        source,
        "Port",
        "KmsKeyId",
        "StorageType",
        "StorageEncrypted",
        "AvailabilityZones",
        "BackupRetentionPeriod",
        "PreferredBackupWindow",
        "PreferredMaintenanceWindow",
        "AutoMinorVersionUpgrade",
        "CopyTagsToSnapshot",
        "DeletionProtection",
        "ServerlessV2ScalingConfiguration",
        "NetworkType",
        "EngineLifecycleSupport",
    )
    request |= {
        "DBSubnetGroupName": source["DBSubnetGroup"],
        "DBClusterParameterGroupName": source["DBClusterParameterGroup"],
        "EnableIAMDatabaseAuthentication": source["IAMDatabaseAuthenticationEnabled"],
        "EnableHttpEndpoint": source["HttpEndpointEnabled"],
        "EnableCloudwatchLogsExports": source["EnabledCloudwatchLogsExports"],
        "VpcSecurityGroupIds": _groups(source),
        "Tags": source["TagList"],
    }
    facts = pick(source, "MasterUsername", "DatabaseName", "_password")
    engine, version = engines.of(source), source["EngineVersion"]
    record = clusters.new_record(ctx, name, engine, version, request, facts)
    clusters.start(ctx, record, "restore", needs=source["DBClusterIdentifier"])
    return record


def make_member(ctx: Context, source: Record, cluster: str, name: str, params: Record) -> None:
    """The counterpart of one of the source cluster's instances."""
    request = pick(
        source,
        "AvailabilityZone",
        "PromotionTier",
        "PubliclyAccessible",
        "PreferredMaintenanceWindow",
        "AutoMinorVersionUpgrade",
        "CACertificateIdentifier",
        "MonitoringInterval",
        "MonitoringRoleArn",
    ) | _insights(source)
    request |= {
        "DBInstanceIdentifier": name,
        "DBClusterIdentifier": cluster,
        "DBInstanceClass": params.get("TargetDBInstanceClass") or source["DBInstanceClass"],
        "Engine": source["Engine"],
        "Tags": source["TagList"],
    }
    if group := params.get("TargetDBParameterGroupName"):
        request["DBParameterGroupName"] = group
    ctx.call("rds", "CreateDBInstance", request)


def upgrade_instance(ctx: Context, record: Record, version: str, params: Record) -> None:
    """Target version and parameter group; a major version ends physical replication."""
    major = engines.major_of(version) != engines.major_of(record["EngineVersion"])
    engine = engines.of(record)
    default = f"default.{engine.family_of(version)}"
    group = parameter_group(ctx, params.get("TargetDBParameterGroupName") or default)
    record["EngineVersion"] = version
    record["DBParameterGroups"] = [
        {
            "DBParameterGroupName": group["DBParameterGroupName"],
            "ParameterApplyStatus": "in-sync",
        }
    ]
    options = instances.default_options(engine, version)
    record["OptionGroupMemberships"][0]["OptionGroupName"] = options
    if major:
        replicas.detach(ctx, record)


def upgrade_cluster(ctx: Context, record: Record, version: str, params: Record) -> None:
    """Target version and cluster parameter group."""
    group = params.get("TargetDBClusterParameterGroupName")
    record["EngineVersion"] = version
    record["DBClusterParameterGroup"] = cluster_checks.parameter_group(
        ctx, engines.of(record), version, group
    )


def rename_instance(ctx: Context, old: str, new: str) -> Record:
    """Name, ARN and endpoint at once; what ran in the background under the old name is over."""
    shelf = Shelf(ctx)
    record = shelf.instances[old]
    record |= {"DBInstanceIdentifier": new, "DBInstanceStatus": "available"}
    members.changed(ctx, record, old)
    modification.rename(ctx, shelf, old, record)
    return record


def rename_cluster(ctx: Context, old: str, new: str) -> Record:
    """Name, ARN and endpoints at once."""
    shelf = Shelf(ctx)
    record = shelf.clusters[old]
    record["DBClusterIdentifier"] = new
    cluster_modification.rename(ctx, shelf, old, record)
    return record


def delete(ctx: Context, kind: str, name: str) -> None:
    """Green goes without a snapshot."""
    shelf = Shelf(ctx)
    singles = [name]
    if kind == CLUSTER:
        singles = [row["DBInstanceIdentifier"] for row in shelf.clusters[name]["DBClusterMembers"]]
    for each in singles:
        request = {"DBInstanceIdentifier": each, "SkipFinalSnapshot": True}
        ctx.call("rds", "DeleteDBInstance", request)
    if kind == CLUSTER:
        request = {"DBClusterIdentifier": name, "SkipFinalSnapshot": True}
        ctx.call("rds", "DeleteDBCluster", request)


def serves(ctx: Context, kind: str, name: str) -> bool:
    """Whether the instance, or the cluster with all its instances, is available."""
    shelf = Shelf(ctx)
    if kind == INSTANCE:
        rows = [shelf.instances[name]] if name in shelf.instances else []
    else:
        cluster = shelf.clusters.get(name)
        if cluster is None or cluster["Status"] != "available":
            return False
        rows = shelf.members(cluster)
        if not rows:
            return True
    return bool(rows) and all(
        row["DBInstanceStatus"] in ("available", "storage-optimization") for row in rows
    )


def arn_of(ctx: Context, kind: str, name: str) -> str:
    """The ARN of an instance or a cluster."""
    return arn(ctx, "cluster" if kind == CLUSTER else "db", name)


def free_name(known: dict[str, Any], name: str) -> str:
    """`name-old1`, or the next number that nobody has."""
    number = 1
    while f"{name}-old{number}" in known:
        number += 1
    return f"{name}-old{number}"


def _groups(source: Record) -> list[str]:
    return [group["VpcSecurityGroupId"] for group in source["VpcSecurityGroups"]]


def _insights(source: Record) -> Record:
    if not source.get("PerformanceInsightsEnabled"):
        return {}
    return {"EnablePerformanceInsights": True} | pick(
        source,
        "DatabaseInsightsMode",
        "PerformanceInsightsRetentionPeriod",
        "PerformanceInsightsKMSKeyId",
    )


def check_groups(ctx: Context, source: Record, version: str, params: Record) -> None:
    """The target's groups exist and are of the target version's family."""
    engine = engines.of(source)
    if group := params.get("TargetDBParameterGroupName"):
        checks.family(parameter_group(ctx, group), engine, version)
    cluster_group = params.get("TargetDBClusterParameterGroupName")
    if cluster_group and not engine.aurora:
        raise AwsError(
            "InvalidParameterCombination",
            "TargetDBClusterParameterGroupName can only be specified for a DB cluster",
        )
    if cluster_group:
        cluster_checks.parameter_group(ctx, engine, version, cluster_group)

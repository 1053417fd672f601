"""Instances of Aurora clusters: create, what only the cluster may change, who writes."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context
from lab.kit.records import Record, pick, public
from lab.services.rds import checks, engines, instances
from lab.services.rds.state import CLUSTER, Shelf, require_cluster

# A writer and 15 readers.
MOST = 16
# Members of instance requests that are the cluster's, and how RDS names them in its refusals.
CLUSTERS_OWN = {
    "AllocatedStorage": "allocated storage",
    "MaxAllocatedStorage": "storage autoscaling",
    "BackupRetentionPeriod": "backup retention period",
    "DBName": "database name",
    "DeletionProtection": "deletion protection",
    "EnableIAMDatabaseAuthentication": "IAM database authentication",
    "Iops": "IOPS",
    "KmsKeyId": "KMS key",
    "ManageMasterUserPassword": "master user password",
    "MasterUserPassword": "master user password",
    "MasterUsername": "master user name",
    "MultiAZ": "Availability Zones",
    "PreferredBackupWindow": "backup window",
    "StorageEncrypted": "storage encryption",
    "StorageThroughput": "storage throughput",
    "StorageType": "storage type",
    "VpcSecurityGroupIds": "VPC security groups",
    "CloudwatchLogsExportConfiguration": "log exports",
    "EnableCloudwatchLogsExports": "log exports",
    "DBPortNumber": "port",
}


def create(ctx: Context, name: str, params: dict[str, Any]) -> dict[str, Any]:
    """The first instance of a cluster writes, the others read."""
    shelf = Shelf(ctx)
    cluster = shelf.cluster(params["DBClusterIdentifier"])
    require_cluster(cluster, "modifying")
    _check_cluster(cluster, params)
    engine, version = engines.of(cluster), cluster["EngineVersion"]
    if len(cluster["DBClusterMembers"]) >= MOST:
        raise AwsError("InstanceQuotaExceeded", f"A DB cluster has at most {MOST} instances")
    engine.check_class(params["DBInstanceClass"], version)
    serverless = params["DBInstanceClass"] == "db.serverless"
    if serverless and not cluster.get("ServerlessV2ScalingConfiguration"):
        raise AwsError(
            "InvalidParameterCombination",
            "Set the Serverless v2 scaling configuration on the parent DB cluster before creating "
            "a Serverless v2 DB instance.",
        )
    subnets = shelf.subnet_group(cluster["DBSubnetGroup"])
    place = {"VpcSecurityGroupIds": [g["VpcSecurityGroupId"] for g in cluster["VpcSecurityGroups"]]}
    request = params | place
    monitored = cluster if "MonitoringInterval" in cluster else {}
    record = (
        instances.basics(ctx, name, engine, version, request)
        | checks.placement(ctx, request, subnets)
        | checks.monitoring(
            ctx, pick(monitored, "MonitoringInterval", "MonitoringRoleArn") | params
        )
        | inherited(cluster)
        | {
            "DBClusterIdentifier": cluster["DBClusterIdentifier"],
            "PromotionTier": params.get("PromotionTier", 1),
            "MultiAZ": False,
            "EnabledCloudwatchLogsExports": [],
            "_port": cluster["Port"],
        }
    )
    checks.windows(record)
    instances.start(ctx, record, "create", needs=(CLUSTER, cluster["DBClusterIdentifier"]))
    cluster["DBClusterMembers"].append(
        {
            "DBInstanceIdentifier": name,
            "IsClusterWriter": not cluster["DBClusterMembers"] and not cluster.get("_replica_of"),
            "DBClusterParameterGroupStatus": "in-sync",
            "PromotionTier": record["PromotionTier"],
        }
    )
    return {"DBInstance": public(record)}


def inherited(cluster: Record) -> Record:
    """What an instance shows of its cluster."""
    return {
        "AllocatedStorage": 1,
        "StorageType": cluster.get("StorageType", "aurora"),
        "StorageThroughput": 0,
        "EngineVersion": cluster["EngineVersion"],
        "DeletionProtection": False,
        "IAMDatabaseAuthenticationEnabled": cluster["IAMDatabaseAuthenticationEnabled"],
    } | pick(
        cluster,
        "BackupRetentionPeriod",
        "PreferredBackupWindow",
        "MasterUsername",
        "StorageEncrypted",
        "StorageEncryptionType",
        "KmsKeyId",
    )


def _check_cluster(cluster: Record, params: Record) -> None:
    _refuse(params, "Set {} for the DB Cluster.")
    if params["Engine"] != cluster["Engine"]:
        raise AwsError(
            "InvalidParameterCombination",
            f"The engine name requested for your DB instance ({params['Engine']}) doesn't match "
            f"the engine name of your DB cluster ({cluster['Engine']}).",
        )
    version = params.get("EngineVersion")
    if version and version not in (
        cluster["EngineVersion"],
        engines.major_of(cluster["EngineVersion"]),
    ):
        raise AwsError(
            "InvalidParameterCombination",
            f"The engine version that you requested for your DB instance ({version}) does not "
            f"match the engine version of your DB cluster ({cluster['EngineVersion']}).",
        )
    group = params.get("DBSubnetGroupName")
    if group and group.lower() != cluster["DBSubnetGroup"]:
        raise AwsError(
            "InvalidParameterCombination",
            f"The DB subnet group {group} doesn't match the subnet group of the DB cluster "
            f"({cluster['DBSubnetGroup']}).",
        )


def check_change(record: Record, params: Record) -> None:
    """Refuses to change on an instance what is its cluster's."""
    if not record.get("DBClusterIdentifier"):
        if params.get("PromotionTier") is not None:
            raise AwsError(
                "InvalidParameterCombination",
                "PromotionTier can only be specified for instances of a DB cluster",
            )
        return
    _refuse(params, "Modify {} for the DB Cluster using the ModifyDbCluster API")
    if params.get("EngineVersion"):
        raise AwsError(
            "InvalidParameterCombination",
            "The specified DB Instance is a member of a cluster. Modify database engine version "
            "for the DB Cluster using the ModifyDbCluster API",
        )


def _refuse(params: Record, advice: str) -> None:
    for member, words in CLUSTERS_OWN.items():
        if params.get(member) is not None:
            raise AwsError(
                "InvalidParameterCombination",
                "The requested DB Instance will be a member of a DB Cluster. "
                + advice.format(words),
            )


def of(ctx: Context, record: Record) -> Record | None:
    """The cluster of an instance."""
    return Shelf(ctx).clusters.get(record.get("DBClusterIdentifier", ""))


def leave(ctx: Context, record: Record) -> None:
    """The instance is no longer a member; who writes was settled when its deletion began."""
    cluster = of(ctx, record)
    if cluster is None:
        return
    name = record["DBInstanceIdentifier"]
    rows = cluster["DBClusterMembers"]
    cluster["DBClusterMembers"] = [row for row in rows if row["DBInstanceIdentifier"] != name]


def changed(ctx: Context, record: Record, old: str) -> None:
    """The cluster knows its instance, `old` until now, by its present name and tier."""
    for row in (of(ctx, record) or {}).get("DBClusterMembers", ()):
        if row["DBInstanceIdentifier"] == old:
            row["DBInstanceIdentifier"] = record["DBInstanceIdentifier"]
            row["PromotionTier"] = record["PromotionTier"]


def rebooted(ctx: Context, record: Record) -> None:
    """The cluster's parameters have taken effect on the instance."""
    for row in (of(ctx, record) or {}).get("DBClusterMembers", ()):
        if row["DBInstanceIdentifier"] == record["DBInstanceIdentifier"]:
            row["DBClusterParameterGroupStatus"] = "in-sync"


def candidates(ctx: Context, cluster: Record) -> list[str]:
    """Readers that could write: available, lowest promotion tier first."""
    instances_ = Shelf(ctx).instances
    rows = [
        row
        for row in cluster["DBClusterMembers"]
        if not row["IsClusterWriter"]
        and instances_[row["DBInstanceIdentifier"]]["DBInstanceStatus"] == "available"
    ]
    return [row["DBInstanceIdentifier"] for row in sorted(rows, key=lambda r: r["PromotionTier"])]


def hand_over(ctx: Context, cluster: Record, leaving: str | None = None, to: str = "") -> None:
    """Makes `to`, or the best reader, the writer; with `leaving` only if that one writes."""
    rows = {row["DBInstanceIdentifier"]: row for row in cluster["DBClusterMembers"]}
    writes = {name for name, row in rows.items() if row["IsClusterWriter"]}
    able = [to] if to else candidates(ctx, cluster)
    if not able or not writes or (leaving and leaving not in writes):
        return
    for name, row in rows.items():
        row["IsClusterWriter"] = name == able[0]

"""`database` on Aurora, field by field."""

from __future__ import annotations

from typing import Any

from acceptance.fields import Account, Seen, Step
from acceptance.stacks import NETWORK

CLUSTER = "shop-database"


def cluster(account: Account) -> dict[str, Any]:
    """The cluster as RDS describes it."""
    rds = account.client("rds")
    return rds.describe_db_clusters(DBClusterIdentifier=CLUSTER)["DBClusters"][0]


def members(account: Account) -> list[dict[str, Any]]:
    """Its instances, by name."""
    found = account.client("rds").describe_db_instances()["DBInstances"]
    return sorted(found, key=lambda row: row["DBInstanceIdentifier"])


def _classes(account: Account) -> list[str]:
    return [row["DBInstanceClass"] for row in members(account)]


def _parameters(account: Account, family: str) -> dict[str, str]:
    pages = account.client("rds").get_paginator("describe_db_cluster_parameters")
    found = pages.paginate(DBClusterParameterGroupName=f"{CLUSTER}-{family}", Source="user")
    rows = [row for page in found for row in page["Parameters"]]
    return {row["ParameterName"]: row["ParameterValue"] for row in rows}


def _groups(account: Account) -> list[str]:
    rds = account.client("rds")
    found = rds.describe_db_cluster_parameter_groups()["DBClusterParameterGroups"]
    names = [group["DBClusterParameterGroupName"] for group in found]
    return [name for name in names if not name.startswith("default.")]


def _scaling(account: Account) -> tuple[float, float, int | None]:
    found = cluster(account)["ServerlessV2ScalingConfiguration"]
    return found["MinCapacity"], found["MaxCapacity"], found.get("SecondsUntilAutoPause")


def _parameter_status(account: Account) -> set[str]:
    found = cluster(account)["DBClusterMembers"]
    return {member["DBClusterParameterGroupStatus"] for member in found}


FIRST = """database = {
    engine         = "aurora-postgresql"
    version        = "16"
    instance_class = "db.r6g.large"
    name           = "shop"
    username       = "owner"
    port           = 5433
    parameters     = { work_mem = "65536" }
    backup         = { retention_days = 3, window = "01:00-02:00", final_snapshot = false }
    maintenance_window = "mon:03:00-mon:04:00"
    monitoring         = { interval_seconds = 0 }
  }"""

SECOND = """database = {
    engine         = "aurora-postgresql"
    version        = "16"
    instance_class = "db.r6g.xlarge"
    replicas       = { count = 1, instance_class = "db.serverless" }
    serverless     = { min_acu = 0, max_acu = 8, pause_after_seconds = 600 }
    storage        = { type = "aurora-iopt1" }
    name           = "shop"
    username       = "owner"
    port           = 5434
    iam_authentication = true
    parameters     = { work_mem = "131072", max_connections = "300" }
    reboot         = "when_needed"
    backup         = { retention_days = 5, window = "04:00-05:00", final_snapshot = false }
    maintenance_window = "tue:06:00-tue:07:00"
    monitoring         = { interval_seconds = 60, insights_retention_days = 31 }
    logs               = ["postgresql", "iam-db-auth-error"]
  }"""

THIRD = (
    SECOND.replace('version        = "16"', 'version        = "17"')
    .replace("min_acu = 0, max_acu = 8, pause_after_seconds = 600", "min_acu = 0.5, max_acu = 16")
    .replace('"300"', '"400"')
    .replace("count = 1", "count = 2")
)

STEPS = [
    Step(
        "a cluster of one instance",
        (NETWORK, FIRST),
        seen=(
            Seen("database.engine", lambda a: cluster(a)["Engine"], "aurora-postgresql"),
            Seen("database.version", lambda a: cluster(a)["EngineVersion"].split(".")[0], "16"),
            Seen("database.instance_class", _classes, ["db.r6g.large"]),
            Seen("database.name", lambda a: cluster(a)["DatabaseName"], "shop"),
            Seen("database.username", lambda a: cluster(a)["MasterUsername"], "owner"),
            Seen("database.port", lambda a: cluster(a)["Port"], 5433),
            Seen(
                "database.parameters",
                lambda a: _parameters(a, "aurora-postgresql16"),
                {"rds.force_ssl": "1", "work_mem": "65536"},
            ),
            Seen(
                "database.backup.retention_days", lambda a: cluster(a)["BackupRetentionPeriod"], 3
            ),
            Seen(
                "database.backup.window",
                lambda a: cluster(a)["PreferredBackupWindow"],
                "01:00-02:00",
            ),
            Seen(
                "database.maintenance_window",
                lambda a: cluster(a)["PreferredMaintenanceWindow"],
                "mon:03:00-mon:04:00",
            ),
            Seen(
                "rds.endpoint",
                lambda a: a.values["rds"]["endpoint"] == cluster(a)["Endpoint"],
                True,
            ),
            Seen(
                "rds.reader_endpoint",
                lambda a: a.values["rds"]["reader_endpoint"] == cluster(a)["ReaderEndpoint"],
                True,
            ),
        ),
    ),
    Step(
        "a serverless reader, other storage, limits, windows, logs and parameters, in place",
        (NETWORK, SECOND),
        seen=(
            Seen("database.instance_class", _classes, ["db.r6g.xlarge", "db.serverless"]),
            Seen("database.serverless", _scaling, (0.0, 8.0, 600)),
            Seen("database.storage.type", lambda a: cluster(a)["StorageType"], "aurora-iopt1"),
            Seen("database.port", lambda a: cluster(a)["Port"], 5434),
            Seen(
                "database.iam_authentication",
                lambda a: cluster(a)["IAMDatabaseAuthenticationEnabled"],
                True,
            ),
            Seen(
                "database.parameters",
                lambda a: _parameters(a, "aurora-postgresql16"),
                {"rds.force_ssl": "1", "work_mem": "131072", "max_connections": "300"},
            ),
            Seen("database.reboot", _parameter_status, {"in-sync"}),
            Seen("rds.parameter_status", lambda a: a.values["rds"]["parameter_status"], "in-sync"),
            Seen(
                "database.backup.retention_days", lambda a: cluster(a)["BackupRetentionPeriod"], 5
            ),
            Seen(
                "database.backup.window",
                lambda a: cluster(a)["PreferredBackupWindow"],
                "04:00-05:00",
            ),
            Seen(
                "database.maintenance_window",
                lambda a: {row["PreferredMaintenanceWindow"] for row in members(a)},
                {"tue:06:00-tue:07:00"},
            ),
            Seen(
                "database.monitoring.interval_seconds",
                lambda a: {row["MonitoringInterval"] for row in members(a)},
                {60},
            ),
            Seen(
                "database.monitoring.insights_retention_days",
                lambda a: {row["PerformanceInsightsRetentionPeriod"] for row in members(a)},
                {31},
            ),
            Seen(
                "database.logs",
                lambda a: sorted(cluster(a)["EnabledCloudwatchLogsExports"]),
                ["iam-db-auth-error", "postgresql"],
            ),
        ),
        words=("database/cluster", "database/instance/1", "parameters_at_restart"),
        keeps=("database/cluster", "database/instance/1"),
    ),
    Step(
        "a major version for the cluster and all its instances, and one reader more",
        (NETWORK, THIRD),
        seen=(
            Seen("database.version", lambda a: cluster(a)["EngineVersion"].split(".")[0], "17"),
            Seen(
                "database.version of instances",
                lambda a: {row["EngineVersion"].split(".")[0] for row in members(a)},
                {"17"},
            ),
            Seen("the old parameter group is gone", _groups, [f"{CLUSTER}-aurora-postgresql17"]),
            Seen("database.serverless", _scaling, (0.5, 16.0, None)),
            Seen("database.replicas.count", lambda a: len(members(a)), 3),
            Seen("database.reboot", _parameter_status, {"in-sync"}),
        ),
        words=("engine_version", "create database/instance/3"),
        keeps=("database/cluster", "database/instance/1", "database/instance/2"),
    ),
]

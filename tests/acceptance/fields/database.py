"""`database` on RDS, field by field. Aurora has its own table: `database_aurora.py`."""

from __future__ import annotations

from typing import Any

from acceptance.fields import Account, Seen, Step
from acceptance.fields.cache import own_group, without_own_group
from acceptance.stacks import NETWORK

PRIMARY = "shop-database"


def instance(account: Account, name: str = PRIMARY) -> dict[str, Any]:
    """An instance as RDS describes it."""
    rds = account.client("rds")
    return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def _replicas(account: Account) -> list[dict[str, Any]]:
    return [
        instance(account, name) for name in instance(account)["ReadReplicaDBInstanceIdentifiers"]
    ]


def _parameters(account: Account, family: str) -> dict[str, str]:
    pages = account.client("rds").get_paginator("describe_db_parameters")
    group = f"{PRIMARY}-{family}"
    found = pages.paginate(DBParameterGroupName=group, Source="user")
    rows = [row for page in found for row in page["Parameters"]]
    return {row["ParameterName"]: row["ParameterValue"] for row in rows}


def _groups(account: Account) -> list[str]:
    found = account.client("rds").describe_db_parameter_groups()["DBParameterGroups"]
    names = [group["DBParameterGroupName"] for group in found]
    return sorted(name for name in names if not name.startswith("default."))


def _storage(account: Account) -> tuple[Any, ...]:
    found = instance(account)
    keys = ("AllocatedStorage", "MaxAllocatedStorage", "StorageType", "Iops", "StorageThroughput")
    return tuple(found.get(key) for key in keys)


def _log_groups(account: Account) -> dict[str, int]:
    pages = account.client("logs").get_paginator("describe_log_groups")
    prefix = f"/aws/rds/instance/{PRIMARY}/"
    found = [row for page in pages.paginate(logGroupNamePrefix=prefix) for row in page["logGroups"]]
    return {row["logGroupName"].removeprefix(prefix): row["retentionInDays"] for row in found}


def _ports(account: Account) -> set[int]:
    rules = account.client("ec2").describe_security_group_rules(
        Filters=[{"Name": "group-id", "Values": [account.id("database/security-group")]}]
    )
    return {rule["FromPort"] for rule in rules["SecurityGroupRules"] if not rule["IsEgress"]}


def _cidrs(account: Account) -> set[str]:
    rules = account.client("ec2").describe_security_group_rules(
        Filters=[{"Name": "group-id", "Values": [account.id("database/security-group")]}]
    )
    found = (rule.get("CidrIpv4") for rule in rules["SecurityGroupRules"] if not rule["IsEgress"])
    return set(filter(None, found))


def _peers(account: Account) -> int:
    """How many security groups may connect."""
    rules = account.client("ec2").describe_security_group_rules(
        Filters=[{"Name": "group-id", "Values": [account.id("database/security-group")]}]
    )
    return sum(1 for rule in rules["SecurityGroupRules"] if "ReferencedGroupInfo" in rule)


FIRST = """database = {
    engine         = "postgres"
    version        = "16.10"
    support        = "extended"
    instance_class = "db.t4g.medium"
    storage        = { gb = 400, type = "gp3", iops = 16000, throughput = 600 }
    replicas       = { count = 1, availability_zones = ["us-east-1b"] }
    multi_az       = false
    access         = { cidrs = ["10.9.0.0/16"] }
    name           = "shop"
    username       = "owner"
    port           = 5433
    parameters     = { work_mem = "65536" }
    backup         = { retention_days = 3, window = "01:00-02:00", final_snapshot = false }
    maintenance_window    = "mon:03:00-mon:04:00"
    monitoring            = { interval_seconds = 30, insights_retention_days = 7 }
    log_retention_days    = 7
    certificate_authority = "rds-ca-rsa2048-g1"
  }"""

SECOND = """database = {
    version        = "16.11"
    support        = "standard"
    instance_class = "db.m7g.large"
    storage        = { gb = 500, max_gb = 1000, type = "io2", iops = 3000 }
    replicas       = { count = 2, instance_class = "db.m7g.xlarge", multi_az = true }
    multi_az       = true
    access         = { cidrs = ["10.9.0.0/16", "10.8.0.0/16"], security_group_ids = ["@group@"] }
    name           = "shop"
    username       = "owner"
    port           = 5434
    iam_authentication = true
    parameters     = { work_mem = "131072", max_connections = "300" }
    reboot         = "when_needed"
    backup         = { retention_days = 5, window = "04:00-05:00", final_snapshot = false }
    maintenance_window    = "tue:06:00-tue:07:00"
    monitoring            = { interval_seconds = 60, insights_retention_days = 465, insights_mode = "advanced" }
    logs                  = ["postgresql", "upgrade"]
    log_retention_days    = 14
    certificate_authority = "rds-ca-rsa4096-g1"
  }"""

THIRD = (
    SECOND.replace(', security_group_ids = ["@group@"]', "")
    .replace('"16.11"', '"17"')
    .replace("count = 2", "count = 1")
    .replace('"300"', '"400"')
    .replace("interval_seconds = 60", "interval_seconds = 0")
)

FOURTH = THIRD.replace(
    'instance_class = "db.m7g.large"',
    'instance_class = "db.m7g.2xlarge"\n    apply          = "maintenance_window"',
)

WAITING = FIRST.replace('{ work_mem = "65536" }', '{ work_mem = "65536", max_connections = "250" }')

STEPS = [
    Step(
        "a pinned version with one replica",
        (NETWORK, FIRST),
        seen=(
            Seen("database.engine", lambda a: instance(a)["Engine"], "postgres"),
            Seen("database.version", lambda a: instance(a)["EngineVersion"], "16.10"),
            Seen(
                "database.support",
                lambda a: instance(a)["EngineLifecycleSupport"],
                "open-source-rds-extended-support",
            ),
            Seen(
                "database.instance_class", lambda a: instance(a)["DBInstanceClass"], "db.t4g.medium"
            ),
            Seen("database.storage", _storage, (400, None, "gp3", 16000, 600)),
            Seen("database.replicas.count", lambda a: len(_replicas(a)), 1),
            Seen(
                "database.replicas.availability_zones",
                lambda a: _replicas(a)[0]["AvailabilityZone"],
                "us-east-1b",
            ),
            Seen("database.multi_az", lambda a: instance(a)["MultiAZ"], False),
            Seen("database.access", _cidrs, {"10.9.0.0/16"}),
            Seen("database.name", lambda a: instance(a)["DBName"], "shop"),
            Seen("database.username", lambda a: instance(a)["MasterUsername"], "owner"),
            Seen("database.port", lambda a: instance(a)["Endpoint"]["Port"], 5433),
            Seen("database.port of the rules", _ports, {5433}),
            Seen(
                "database.iam_authentication",
                lambda a: instance(a)["IAMDatabaseAuthenticationEnabled"],
                False,
            ),
            Seen(
                "database.parameters",
                lambda a: _parameters(a, "postgres16"),
                {"rds.force_ssl": "1", "work_mem": "65536"},
            ),
            Seen(
                "database.backup.retention_days", lambda a: instance(a)["BackupRetentionPeriod"], 3
            ),
            Seen(
                "database.backup.window",
                lambda a: instance(a)["PreferredBackupWindow"],
                "01:00-02:00",
            ),
            Seen(
                "database.maintenance_window",
                lambda a: instance(a)["PreferredMaintenanceWindow"],
                "mon:03:00-mon:04:00",
            ),
            Seen(
                "database.monitoring.interval_seconds",
                lambda a: instance(a)["MonitoringInterval"],
                30,
            ),
            Seen(
                "database.monitoring.insights_retention_days",
                lambda a: instance(a)["PerformanceInsightsRetentionPeriod"],
                7,
            ),
            Seen("database.logs", _log_groups, {"postgresql": 7}),
            Seen(
                "database.certificate_authority",
                lambda a: instance(a)["CACertificateIdentifier"],
                "rds-ca-rsa2048-g1",
            ),
            Seen("rds.version", lambda a: a.values["rds"]["version"], "16.10"),
            Seen(
                "rds.kms_key_arn",
                lambda a: a.values["rds"]["kms_key_arn"] == instance(a)["KmsKeyId"],
                True,
            ),
            Seen("rds.parameter_status", lambda a: a.values["rds"]["parameter_status"], "in-sync"),
        ),
    ),
    Step(
        "a static parameter waits for the next restart, which is said and is no difference",
        (NETWORK, WAITING),
        seen=(
            Seen(
                "database.parameters",
                lambda a: _parameters(a, "postgres16"),
                {"rds.force_ssl": "1", "work_mem": "65536", "max_connections": "250"},
            ),
            Seen(
                "rds.parameter_status",
                lambda a: a.values["rds"]["parameter_status"],
                "pending-reboot",
            ),
            Seen(
                "database.reboot",
                lambda a: instance(a)["DBParameterGroups"][0]["ParameterApplyStatus"],
                "pending-reboot",
            ),
        ),
        words=("update database/parameter-group/postgres16", "parameters_at_restart"),
        keeps=("database/primary", "database/replica/1"),
    ),
    Step(
        "everything that can change in place does, replicas first where RDS asks for it",
        (NETWORK, SECOND),
        before=own_group,
        seen=(
            Seen("database.access.security_group_ids", _peers, 1),
            Seen("database.version", lambda a: instance(a)["EngineVersion"], "16.11"),
            Seen(
                "database.version of replicas",
                lambda a: {found["EngineVersion"] for found in _replicas(a)},
                {"16.11"},
            ),
            Seen(
                "database.support",
                lambda a: instance(a)["EngineLifecycleSupport"],
                "open-source-rds-extended-support-disabled",
            ),
            Seen(
                "database.instance_class", lambda a: instance(a)["DBInstanceClass"], "db.m7g.large"
            ),
            Seen("database.storage", lambda a: _storage(a)[:4], (500, 1000, "io2", 3000)),
            Seen("database.replicas.count", lambda a: len(_replicas(a)), 2),
            Seen(
                "database.replicas.instance_class",
                lambda a: {found["DBInstanceClass"] for found in _replicas(a)},
                {"db.m7g.xlarge"},
            ),
            Seen(
                "database.replicas.multi_az",
                lambda a: {found["MultiAZ"] for found in _replicas(a)},
                {True},
            ),
            Seen("database.multi_az", lambda a: instance(a)["MultiAZ"], True),
            Seen("database.access", _cidrs, {"10.8.0.0/16", "10.9.0.0/16"}),
            Seen("database.port", lambda a: instance(a)["Endpoint"]["Port"], 5434),
            Seen("database.port of the rules", _ports, {5434}),
            Seen("rds.port", lambda a: a.values["rds"]["port"], 5434),
            Seen(
                "database.iam_authentication",
                lambda a: instance(a)["IAMDatabaseAuthenticationEnabled"],
                True,
            ),
            Seen(
                "database.parameters",
                lambda a: _parameters(a, "postgres16"),
                {"rds.force_ssl": "1", "work_mem": "131072", "max_connections": "300"},
            ),
            Seen(
                "database.reboot",
                lambda a: instance(a)["DBParameterGroups"][0]["ParameterApplyStatus"],
                "in-sync",
            ),
            Seen(
                "database.backup.retention_days", lambda a: instance(a)["BackupRetentionPeriod"], 5
            ),
            Seen(
                "database.backup.window",
                lambda a: instance(a)["PreferredBackupWindow"],
                "04:00-05:00",
            ),
            Seen(
                "database.maintenance_window",
                lambda a: instance(a)["PreferredMaintenanceWindow"],
                "tue:06:00-tue:07:00",
            ),
            Seen(
                "database.monitoring.interval_seconds",
                lambda a: instance(a)["MonitoringInterval"],
                60,
            ),
            Seen(
                "database.monitoring.insights_mode",
                lambda a: instance(a)["DatabaseInsightsMode"],
                "advanced",
            ),
            Seen("database.logs", _log_groups, {"postgresql": 14, "upgrade": 14}),
            Seen(
                "database.certificate_authority",
                lambda a: instance(a)["CACertificateIdentifier"],
                "rds-ca-rsa4096-g1",
            ),
        ),
        words=(
            "update database/primary",
            "parameters_at_restart",
            "reboot",
            "; about ",
            ", down for about ",
            "create database:",
        ),
        keeps=("database/primary", "database/secret"),
    ),
    Step(
        "a major version brings its parameter group along, and a replica goes",
        (NETWORK, THIRD),
        seen=(
            Seen("database.version", lambda a: instance(a)["EngineVersion"].split(".")[0], "17"),
            Seen(
                "database.version of replicas",
                lambda a: {found["EngineVersion"].split(".")[0] for found in _replicas(a)},
                {"17"},
            ),
            Seen("database.replicas.count", lambda a: len(_replicas(a)), 1),
            Seen("the old parameter group is gone", _groups, [f"{PRIMARY}-postgres17"]),
            Seen(
                "database.monitoring.interval_seconds",
                lambda a: instance(a)["MonitoringInterval"],
                0,
            ),
            Seen(
                "database.reboot",
                lambda a: instance(a)["DBParameterGroups"][0]["ParameterApplyStatus"],
                "in-sync",
            ),
        ),
        words=("engine_version", "database/parameter-group", "delete database/replica/2"),
        keeps=("database/primary", "database/replica/1"),
    ),
    Step(
        "what waits for the maintenance window is no difference",
        (NETWORK, FOURTH),
        before=without_own_group,
        seen=(
            Seen(
                "database.apply",
                lambda a: instance(a)["PendingModifiedValues"].get("DBInstanceClass"),
                "db.m7g.2xlarge",
            ),
            Seen(
                "database.instance_class", lambda a: instance(a)["DBInstanceClass"], "db.m7g.large"
            ),
        ),
        words=("instance_class",),
        keeps=("database/primary",),
    ),
]

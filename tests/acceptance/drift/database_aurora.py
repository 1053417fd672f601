"""What others change in `database` on Aurora."""

from __future__ import annotations

import time
from collections.abc import Callable

from acceptance.drift import Allowed, Drift
from acceptance.fields import Account, Seen
from acceptance.fields.database_aurora import CLUSTER, cluster, members
from acceptance.stacks import NETWORK

BASE = (
    NETWORK,
    """database = {
    engine         = "aurora-postgresql"
    version        = "17"
    instance_class = "db.r6g.large"
    replicas       = { count = 1 }
    parameters     = { work_mem = "65536" }
    backup         = { retention_days = 3, final_snapshot = false }
    monitoring     = { interval_seconds = 0 }
  }""",
)

GROUP = f"{CLUSTER}-aurora-postgresql17"
SECONDS = 60


def _until(reached: Callable[[], bool]) -> None:
    """Returns once AWS shows it."""
    deadline = time.monotonic() + SECONDS
    while not reached():
        assert time.monotonic() < deadline, "AWS does not show the change"
        time.sleep(0.1)


def _writer(account: Account) -> str:
    found = cluster(account)["DBClusterMembers"]
    return next(row["DBInstanceIdentifier"] for row in found if row["IsClusterWriter"])


def _settled(account: Account) -> bool:
    states = {row["DBInstanceStatus"] for row in members(account)}
    return cluster(account)["Status"] == "available" and states == {"available"}


def _fail_over(account: Account) -> None:
    before = _writer(account)
    account.client("rds").failover_db_cluster(DBClusterIdentifier=CLUSTER)
    _until(lambda: _writer(account) != before and _settled(account))


def _parameter(account: Account) -> str | None:
    pages = account.client("rds").get_paginator("describe_db_cluster_parameters")
    found = pages.paginate(DBClusterParameterGroupName=GROUP, Source="user")
    rows = [row for page in found for row in page["Parameters"]]
    return next((row["ParameterValue"] for row in rows if row["ParameterName"] == "work_mem"), None)


def _names(account: Account) -> list[str]:
    return [row["DBInstanceIdentifier"] for row in members(account)]


def _delete_reader(account: Account) -> None:
    name = f"{CLUSTER}-2"
    account.client("rds").delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    _until(lambda: name not in _names(account))


def _weaken(account: Account) -> None:
    name = f"{CLUSTER}-2"
    account.client("rds").modify_db_instance(
        DBInstanceIdentifier=name, DBInstanceClass="db.t4g.medium", ApplyImmediately=True
    )
    _until(lambda: "db.t4g.medium" in _classes(account) and _settled(account))


def _classes(account: Account) -> set[str]:
    return {row["DBInstanceClass"] for row in members(account)}


ALLOWED = [Allowed("a reader takes over as the writer", _fail_over)]

DRIFTS = [
    Drift(
        "a parameter that was reset",
        lambda a: a.client("rds").reset_db_cluster_parameter_group(
            DBClusterParameterGroupName=GROUP,
            Parameters=[{"ParameterName": "work_mem", "ApplyMethod": "immediate"}],
        ),
        ("database/cluster-parameter-group",),
        Seen("database.parameters", _parameter, "65536"),
    ),
    Drift(
        "a changed retention of backups",
        lambda a: a.client("rds").modify_db_cluster(
            DBClusterIdentifier=CLUSTER, BackupRetentionPeriod=1, ApplyImmediately=True
        ),
        ("database/cluster ",),
        Seen("database.backup.retention_days", lambda a: cluster(a)["BackupRetentionPeriod"], 3),
    ),
    Drift(
        "a changed class of a reader",
        _weaken,
        ("update database/instance/2", "instance_class"),
        Seen("database.instance_class", _classes, {"db.r6g.large"}),
    ),
    Drift(
        "a deleted reader",
        _delete_reader,
        ("database/instance/2",),
        Seen("database.replicas.count", _names, [f"{CLUSTER}-1", f"{CLUSTER}-2"]),
    ),
]

"""What others change in `database`."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable

from acceptance.drift import Allowed, Drift
from acceptance.fields import Account, Seen
from acceptance.fields.database import PRIMARY, instance
from acceptance.stacks import NETWORK

REPLICA = f"{PRIMARY}-replica-1"

BASE = (
    NETWORK,
    """database = {
    version        = "17.6"
    instance_class = "db.t4g.medium"
    storage        = { gb = 100, max_gb = 1000 }
    replicas       = { count = 1 }
    multi_az       = false
    parameters     = { work_mem = "65536" }
    backup         = { retention_days = 3, final_snapshot = false }
    monitoring     = { interval_seconds = 0 }
  }""",
)

SECONDS = 60


def _until(account: Account, reached: Callable[[], bool]) -> None:
    """Returns once AWS shows it."""
    deadline = time.monotonic() + SECONDS
    while not reached():
        assert time.monotonic() < deadline, "AWS does not show the change"
        time.sleep(0.1)


def _modify(account: Account, key: str, expected: object, **changes: object) -> None:
    account.client("rds").modify_db_instance(
        DBInstanceIdentifier=PRIMARY, ApplyImmediately=True, **changes
    )

    def reached() -> bool:
        found = instance(account)
        return found[key] == expected and found["DBInstanceStatus"] == "available"

    _until(account, reached)


def _upgrade(account: Account) -> None:
    """As AWS does when it withdraws a minor version: the replica first."""
    rds = account.client("rds")
    for name in (REPLICA, PRIMARY):
        rds.modify_db_instance(
            DBInstanceIdentifier=name, EngineVersion="17.7", ApplyImmediately=True
        )
        _until(account, functools.partial(_has_version, account, name, "17.7"))


def _has_version(account: Account, name: str, version: str) -> bool:
    found = instance(account, name)
    return (found["EngineVersion"], found["DBInstanceStatus"]) == (version, "available")


def _names(account: Account) -> list[str]:
    found = account.client("rds").describe_db_instances()["DBInstances"]
    return sorted(row["DBInstanceIdentifier"] for row in found)


def _delete_replica(account: Account) -> None:
    account.client("rds").modify_db_instance(
        DBInstanceIdentifier=REPLICA, DeletionProtection=False, ApplyImmediately=True
    )
    account.client("rds").delete_db_instance(DBInstanceIdentifier=REPLICA, SkipFinalSnapshot=True)
    _until(account, lambda: REPLICA not in _names(account))


def _set_parameter(account: Account) -> None:
    account.client("rds").modify_db_parameter_group(
        DBParameterGroupName=f"{PRIMARY}-postgres17",
        Parameters=[
            {"ParameterName": "work_mem", "ParameterValue": "4096", "ApplyMethod": "immediate"}
        ],
    )


def _parameter(account: Account) -> str:
    pages = account.client("rds").get_paginator("describe_db_parameters")
    found = pages.paginate(DBParameterGroupName=f"{PRIMARY}-postgres17", Source="user")
    rows = [row for page in found for row in page["Parameters"]]
    return next(row["ParameterValue"] for row in rows if row["ParameterName"] == "work_mem")


def _replace_groups(account: Account) -> None:
    ec2 = account.client("ec2")
    vpc = account.values["vpc"]["id"]
    other = ec2.create_security_group(GroupName="other", Description="other", VpcId=vpc)["GroupId"]
    account.client("rds").modify_db_instance(
        DBInstanceIdentifier=PRIMARY, VpcSecurityGroupIds=[other], ApplyImmediately=True
    )


def _group_is_ours(account: Account) -> bool:
    ours = account.id("database/security-group")
    found = instance(account)["VpcSecurityGroups"]
    is_ours = [group["VpcSecurityGroupId"] for group in found] == [ours]
    if is_ours:
        ec2 = account.client("ec2")
        others = ec2.describe_security_groups(
            Filters=[{"Name": "group-name", "Values": ["other"]}]
        )["SecurityGroups"]
        for group in others:
            ec2.delete_security_group(GroupId=group["GroupId"])
    return is_ours


def _stop_logs(account: Account) -> None:
    account.client("rds").modify_db_instance(
        DBInstanceIdentifier=PRIMARY,
        CloudwatchLogsExportConfiguration={"DisableLogTypes": ["postgresql"]},
        ApplyImmediately=True,
    )


ALLOWED = [
    Allowed("AWS moves a withdrawn minor version on", _upgrade),
    Allowed(
        "RDS grows the storage within its limit",
        lambda a: _modify(a, "AllocatedStorage", 200, AllocatedStorage=200),
    ),
    Allowed(
        "others set tags of their own",
        lambda a: a.client("rds").add_tags_to_resource(
            ResourceName=instance(a)["DBInstanceArn"], Tags=[{"Key": "team", "Value": "data"}]
        ),
    ),
]

DRIFTS = [
    Drift(
        "a changed parameter",
        _set_parameter,
        ("database/parameter-group/postgres17",),
        Seen("database.parameters", _parameter, "65536"),
    ),
    Drift(
        "a changed security group",
        _replace_groups,
        ("database/primary",),
        Seen("database.access", _group_is_ours, True),
    ),
    Drift(
        "a changed class",
        lambda a: _modify(a, "DBInstanceClass", "db.t4g.large", DBInstanceClass="db.t4g.large"),
        ("database/primary",),
        Seen("database.instance_class", lambda a: instance(a)["DBInstanceClass"], "db.t4g.medium"),
    ),
    Drift(
        "a changed retention of backups",
        lambda a: _modify(a, "BackupRetentionPeriod", 1, BackupRetentionPeriod=1),
        ("database/primary",),
        Seen("database.backup.retention_days", lambda a: instance(a)["BackupRetentionPeriod"], 3),
    ),
    Drift(
        "a disabled log",
        _stop_logs,
        ("database/primary",),
        Seen(
            "database.logs",
            lambda a: instance(a).get("EnabledCloudwatchLogsExports"),
            ["postgresql"],
        ),
    ),
    Drift(
        "a deleted replica",
        _delete_replica,
        ("database/replica/1",),
        Seen("database.replicas.count", _names, [PRIMARY, REPLICA]),
    ),
]

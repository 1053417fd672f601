"""A database comes back from a snapshot or a backup, and never from nothing unasked."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from acceptance.fields import Account
from acceptance.fields.database import PRIMARY, instance
from acceptance.stacks import ADDRESS, NETWORK, planned_changes, stack
from harness.lab import Lab
from harness.workspace import Workspace

SECONDS = 60
CLUSTER = PRIMARY


def rds_section(more: str = "", engine: str = "postgres", version: str = "16") -> str:
    """The smallest database."""
    zone = "multi_az = false" if engine == "postgres" else ""
    return f"""database = {{
    engine         = "{engine}"
    version        = "{version}"
    instance_class = "db.r6g.large"
    {zone}
    backup         = {{ final_snapshot = false }}
    monitoring     = {{ interval_seconds = 0 }}
    {more}
  }}"""


def until(reached: Callable[[], bool]) -> None:
    """Returns once AWS shows it."""
    deadline = time.monotonic() + SECONDS
    while not reached():
        assert time.monotonic() < deadline, "AWS does not show the change"
        time.sleep(0.1)


def snapshot(lab: Lab, name: str) -> None:
    """Takes a snapshot of the instance, and waits for it."""
    rds = lab.client("rds")
    rds.create_db_snapshot(DBInstanceIdentifier=PRIMARY, DBSnapshotIdentifier=name)

    def is_available() -> bool:
        found = rds.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"][0]
        return found["Status"] == "available"

    until(is_available)


def lose(lab: Lab) -> None:
    """Deletes the instance behind the stack's back; its automated backups stay."""
    rds = lab.client("rds")
    rds.modify_db_instance(
        DBInstanceIdentifier=PRIMARY, DeletionProtection=False, ApplyImmediately=True
    )
    rds.delete_db_instance(
        DBInstanceIdentifier=PRIMARY, SkipFinalSnapshot=True, DeleteAutomatedBackups=False
    )
    until(lambda: not rds.describe_db_instances()["DBInstances"])


def applied(workspace: Workspace, configuration: str) -> None:
    """Applies, and sees that nothing is left to do."""
    workspace.write(configuration)
    done = workspace.apply()
    assert done.code == 0, done
    again = workspace.plan()
    assert again.code == 0, planned_changes(workspace)


def test_lost_data_comes_back_from_a_snapshot_alone(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK, rds_section()))
    workspace.init()
    applied(workspace, stack(NETWORK, rds_section()))
    snapshot(lab, "yesterday")
    lose(lab)

    refused = workspace.plan()
    assert refused.code == 1, refused
    assert "allow_replace" in refused.errors and "database/primary" in refused.errors

    restored = stack(NETWORK, rds_section('restore_from = { snapshot = "yesterday" }'))
    workspace.write(restored)
    planned = workspace.plan()
    assert planned.code == 2, planned
    assert any("from snapshot yesterday" in line for line in planned_changes(workspace))
    applied(workspace, restored)
    assert "RestoreDBInstanceFromDBSnapshot" in {call["operation"] for call in lab.log()}
    marks = {tag["Key"] for tag in instance(account(workspace, lab))["TagList"]}
    assert "stellar:password" not in marks, "the password is the one in the secret"

    # For a database that exists the field means nothing.
    workspace.write(stack(NETWORK, rds_section()))
    kept = account(workspace, lab).id("database/primary")
    applied(workspace, stack(NETWORK, rds_section()))
    assert account(workspace, lab).id("database/primary") == kept
    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed


def test_a_snapshot_under_another_key_is_copied_under_ours_and_upgraded(
    workspace: Workspace, lab: Lab
) -> None:
    workspace.write(stack(NETWORK, rds_section()))
    workspace.init()
    applied(workspace, stack(NETWORK, rds_section()))
    snapshot(lab, "moving")
    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed

    restored = stack(
        NETWORK,
        rds_section(
            'restore_from = { snapshot = "moving" }\n'
            '    parameters = { work_mem = "65536" }\n'
            "    storage = { gb = 200 }",
            version="17",
        ),
    )
    applied(workspace, restored)
    now = account(workspace, lab)
    found = instance(now)
    key = lab.client("kms").describe_key(KeyId="alias/stellar/shop/database")["KeyMetadata"]["Arn"]
    assert found["KmsKeyId"] == key
    assert found["EngineVersion"].startswith("17.")
    assert found["AllocatedStorage"] == 200
    names = {row["DBSnapshotIdentifier"] for row in snapshots(lab)}
    assert names == {"moving"}, "the copy is gone"


def test_a_lost_database_comes_back_as_of_a_moment(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK, rds_section()))
    workspace.init()
    applied(workspace, stack(NETWORK, rds_section()))
    lost = account(workspace, lab).id("database/primary")
    lose(lab)
    restored = stack(NETWORK, rds_section(f'restore_from = {{ source = "{lost.upper()}" }}'))
    restored = restored.replace("DB-", "db-")
    applied(workspace, restored)
    assert account(workspace, lab).id("database/primary") != lost
    assert "RestoreDBInstanceToPointInTime" in {call["operation"] for call in lab.log()}


def test_a_failed_database_says_why_in_the_words_of_rds(workspace: Workspace, lab: Lab) -> None:
    lab.faults(
        {
            "kind": "fail",
            "service": "rds",
            "operation": "CreateDBInstance",
            "reason": "incompatible-network",
            "message": "No free address in subnet-1",
        }
    )
    workspace.write(stack(NETWORK, rds_section(), on_create_error="taint"))
    workspace.init()
    done = workspace.apply()
    assert done.code == 1, done
    for word in ("database/primary", "incompatible-network", "No free address in subnet-1"):
        assert word in done.errors, f"{word} not in {done.errors}"


@pytest.mark.parametrize(
    ("section", "words"),
    [
        (rds_section('restore_from = { snapshot = "none" }'), ("none",)),
        (
            rds_section('restore_from = { snapshot = "mine" }\n    username = "other"'),
            ("database.username", "stellar"),
        ),
        (
            rds_section('restore_from = { snapshot = "mine" }', version="15"),
            ("database.version", "16"),
        ),
    ],
    ids=["no such snapshot", "another user", "an older version"],
)
def test_what_does_not_fit_a_snapshot_is_told(
    section: str, words: tuple[str, ...], workspace: Workspace, lab: Lab
) -> None:
    workspace.write(stack(NETWORK, rds_section()))
    workspace.init()
    applied(workspace, stack(NETWORK, rds_section()))
    snapshot(lab, "mine")
    lose(lab)
    workspace.write(stack(NETWORK, section))
    done = workspace.apply()
    assert done.code == 1, done
    missing = [word for word in words if word not in done.errors]
    assert not missing, f"{missing} not in {done.errors}"


def test_a_lost_cluster_comes_back_from_a_snapshot(workspace: Workspace, lab: Lab) -> None:
    section = rds_section(engine="aurora-postgresql")
    workspace.write(stack(NETWORK, section))
    workspace.init()
    applied(workspace, stack(NETWORK, section))
    rds = lab.client("rds")
    rds.create_db_cluster_snapshot(
        DBClusterIdentifier=CLUSTER, DBClusterSnapshotIdentifier="yesterday"
    )
    found = "DBClusterSnapshots"
    until(lambda: rds.describe_db_cluster_snapshots()[found][0]["Status"] == "available")
    for row in rds.describe_db_instances()["DBInstances"]:
        rds.delete_db_instance(
            DBInstanceIdentifier=row["DBInstanceIdentifier"], SkipFinalSnapshot=True
        )
    until(lambda: not rds.describe_db_instances()["DBInstances"])
    rds.delete_db_cluster(DBClusterIdentifier=CLUSTER, SkipFinalSnapshot=True)
    until(lambda: not rds.describe_db_clusters()["DBClusters"])

    refused = workspace.plan()
    assert refused.code == 1, refused
    assert "database/cluster" in refused.errors
    restored = rds_section('restore_from = { snapshot = "yesterday" }', engine="aurora-postgresql")
    applied(workspace, stack(NETWORK, restored))
    assert "RestoreDBClusterFromSnapshot" in {call["operation"] for call in lab.log()}


def account(workspace: Workspace, lab: Lab) -> Account:
    """The stack as the state has it."""
    return Account(lab, workspace.state()[ADDRESS]["values"])


def snapshots(lab: Lab) -> list[dict[str, str]]:
    """The snapshots that somebody has taken."""
    return lab.client("rds").describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]

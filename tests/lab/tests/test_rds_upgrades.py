"""RDS for PostgreSQL: upgrades of a primary with read replicas, copies of snapshots, events."""

from __future__ import annotations

import databases
import pytest
from databases import create, instance, settled


@pytest.fixture
def rds(lab):
    return lab.client("rds")


@pytest.fixture
def net(lab):
    return databases.network(lab)


@pytest.fixture
def pair(lab, rds, net):
    """A primary `main` of version 16.10 with the replica `copy`."""
    create(lab, rds, EngineVersion="16.10")
    rds.create_db_instance_read_replica(
        DBInstanceIdentifier="copy", SourceDBInstanceIdentifier="main"
    )
    settled(lab)


def upgrade(rds, name, version, **more):
    rds.modify_db_instance(
        DBInstanceIdentifier=name, EngineVersion=version, ApplyImmediately=True, **more
    )


def test_a_minor_version_comes_to_the_replicas_first(lab, rds, pair, refused):
    with refused("InvalidParameterCombination"):
        upgrade(rds, "main", "16.11")
    upgrade(rds, "copy", "16.11")
    settled(lab)
    upgrade(rds, "main", "16.11")
    settled(lab)
    assert [instance(rds, n)["EngineVersion"] for n in ("main", "copy")] == ["16.11", "16.11"]


def test_a_major_version_comes_to_all_at_once(lab, rds, pair, refused):
    with refused("InvalidParameterCombination"):
        upgrade(rds, "copy", "17.7", AllowMajorVersionUpgrade=True)
    upgrade(rds, "main", "17.7", AllowMajorVersionUpgrade=True)
    lab.advance(60)
    assert instance(rds, "copy")["DBInstanceStatus"] == "upgrading"
    settled(lab)
    copy = instance(rds, "copy")
    assert (copy["EngineVersion"], copy["DBInstanceStatus"]) == ("17.7", "available")
    assert copy["DBParameterGroups"][0]["DBParameterGroupName"] == "default.postgres17"


def test_a_copy_of_a_snapshot_takes_another_key(lab, rds, net, refused):
    create(lab, rds)
    rds.create_db_snapshot(DBInstanceIdentifier="main", DBSnapshotIdentifier="one")
    copy = {"SourceDBSnapshotIdentifier": "one", "TargetDBSnapshotIdentifier": "two"}
    with refused("InvalidDBSnapshotState"):
        rds.copy_db_snapshot(**copy)
    settled(lab)
    key = lab.client("kms").create_key()["KeyMetadata"]["Arn"]
    rds.copy_db_snapshot(**copy, KmsKeyId=key)
    settled(lab)
    found = rds.describe_db_snapshots(DBSnapshotIdentifier="two")["DBSnapshots"][0]
    assert (found["Status"], found["Encrypted"], found["KmsKeyId"]) == ("available", True, key)
    with refused("DBSnapshotAlreadyExists"):
        rds.copy_db_snapshot(**copy)


def test_events_say_why_an_instance_failed(lab, rds, net, refused):
    rule = {"kind": "fail", "service": "rds", "operation": "CreateDBInstance"}
    lab.admin("PUT", "/_lab/faults", [rule | {"reason": "incompatible-network"}])
    create(lab, rds)
    of = {"SourceType": "db-instance", "SourceIdentifier": "main", "Duration": 1440}
    (event,) = rds.describe_events(**of)["Events"]
    assert "subnets" in event["Message"]
    assert rds.describe_events(**of | {"SourceIdentifier": "other"})["Events"] == []
    with refused("InvalidParameterCombination"):
        rds.describe_events(SourceIdentifier="main")

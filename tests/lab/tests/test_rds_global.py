"""Aurora global databases, and automated backups replicated to another region."""

from __future__ import annotations

import databases
import pytest
from databases import PASSWORD, instance, settled

EAST, WEST = "us-east-1", "us-west-2"
ENGINE = "aurora-postgresql"


@pytest.fixture
def rds(lab):
    """Clients of two regions, each with the subnet group `data`."""
    for region in (EAST, WEST):
        databases.network(lab, region)
    return {region: lab.client("rds", region) for region in (EAST, WEST)}


def member(rds, region, name, **more):
    rds[region].create_db_cluster(
        DBClusterIdentifier=name,
        Engine=ENGINE,
        DBSubnetGroupName="data",
        GlobalClusterIdentifier="world",
        **more,
    )


def writer_of(lab, rds, region, name):
    rds[region].create_db_instance(
        DBInstanceIdentifier=f"{name}-1",
        DBClusterIdentifier=name,
        Engine=ENGINE,
        DBInstanceClass="db.r6g.large",
    )
    settled(lab)


def world(lab, rds, version="16.11"):
    """A global database with a cluster of one instance in each region."""
    rds[EAST].create_global_cluster(
        GlobalClusterIdentifier="world", Engine=ENGINE, EngineVersion=version
    )
    settled(lab)
    member(rds, EAST, "east", MasterUsername="stellar", MasterUserPassword=PASSWORD)
    settled(lab)
    member(rds, WEST, "west")
    settled(lab)
    writer_of(lab, rds, EAST, "east")
    writer_of(lab, rds, WEST, "west")


def cluster(rds, region, name):
    return rds[region].describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]


def one(rds):
    return rds[WEST].describe_global_clusters(GlobalClusterIdentifier="world")["GlobalClusters"][0]


def roles(rds):
    rows = one(rds)["GlobalClusterMembers"]
    return {row["DBClusterArn"].rsplit(":", 1)[-1]: row["IsWriter"] for row in rows}


def writers(rds, region, name):
    return [row["IsClusterWriter"] for row in cluster(rds, region, name)["DBClusterMembers"]]


def test_the_first_cluster_writes_and_the_others_follow(lab, rds, refused):
    world(lab, rds)
    assert roles(rds) == {"east": True, "west": False}
    west = cluster(rds, WEST, "west")
    assert west["ReplicationSourceIdentifier"] == cluster(rds, EAST, "east")["DBClusterArn"]
    assert west["MasterUsername"] == "stellar"
    assert (writers(rds, EAST, "east"), writers(rds, WEST, "west")) == ([True], [False])
    with refused("InvalidDBClusterStateFault"):
        rds[WEST].delete_db_cluster(DBClusterIdentifier="west", SkipFinalSnapshot=True)
    with refused("InvalidParameterCombination"):
        member(rds, WEST, "more")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"MasterUsername": "me", "MasterUserPassword": PASSWORD}, "InvalidParameterCombination"),
        ({"EngineVersion": "17.7"}, "InvalidParameterCombination"),
    ],
)
def test_a_secondary_takes_users_and_version_from_the_primary(lab, rds, refused, change, code):
    rds[EAST].create_global_cluster(
        GlobalClusterIdentifier="world", Engine=ENGINE, EngineVersion="16.11"
    )
    settled(lab)
    member(rds, EAST, "east", MasterUsername="stellar", MasterUserPassword=PASSWORD)
    settled(lab)
    with refused(code):
        member(rds, WEST, "west", **change)


def test_an_existing_cluster_becomes_the_primary(lab, rds, refused):
    rds[EAST].create_db_cluster(
        DBClusterIdentifier="east",
        Engine=ENGINE,
        DBSubnetGroupName="data",
        MasterUsername="stellar",
        MasterUserPassword=PASSWORD,
        StorageEncrypted=True,
    )
    settled(lab)
    rds[EAST].create_global_cluster(
        GlobalClusterIdentifier="world",
        SourceDBClusterIdentifier=cluster(rds, EAST, "east")["DBClusterArn"],
    )
    settled(lab)
    assert (roles(rds), one(rds)["StorageEncrypted"]) == ({"east": True}, True)
    with refused("InvalidParameterCombination"):
        member(rds, WEST, "west")
    key = lab.client("kms", WEST).create_key()["KeyMetadata"]["Arn"]
    member(rds, WEST, "west", KmsKeyId=key)
    settled(lab)
    assert cluster(rds, WEST, "west")["KmsKeyId"] == key


@pytest.mark.parametrize(
    ("call", "more", "status"),
    [
        ("switchover_global_cluster", {}, "switching-over"),
        ("failover_global_cluster", {"AllowDataLoss": True}, "failing-over"),
        ("failover_global_cluster", {}, "switching-over"),
    ],
)
def test_the_primary_changes(lab, rds, refused, call, more, status):
    world(lab, rds)
    arn = {n: cluster(rds, r, n)["DBClusterArn"] for r, n in ((EAST, "east"), (WEST, "west"))}
    change = getattr(rds[WEST], call)
    with refused("InvalidDBClusterStateFault"):
        change(GlobalClusterIdentifier="world", TargetDbClusterIdentifier=arn["east"], **more)
    answer = change(GlobalClusterIdentifier="world", TargetDbClusterIdentifier=arn["west"], **more)[
        "GlobalCluster"
    ]
    assert answer["Status"] == status
    settled(lab)
    assert roles(rds) == {"west": True, "east": False}
    assert (writers(rds, EAST, "east"), writers(rds, WEST, "west")) == ([False], [True])


def test_it_is_taken_apart_from_the_secondaries_on(lab, rds, refused):
    world(lab, rds)
    named = {"GlobalClusterIdentifier": "world"}
    arn = {n: cluster(rds, r, n)["DBClusterArn"] for r, n in ((EAST, "east"), (WEST, "west"))}
    with refused("InvalidGlobalClusterStateFault"):
        rds[EAST].delete_global_cluster(**named)
    with refused("InvalidGlobalClusterStateFault"):
        rds[EAST].remove_from_global_cluster(**named, DbClusterIdentifier=arn["east"])
    rds[EAST].remove_from_global_cluster(**named, DbClusterIdentifier=arn["west"])
    assert cluster(rds, WEST, "west")["Status"] == "promoting"
    settled(lab)
    assert writers(rds, WEST, "west") == [True]
    rds[EAST].remove_from_global_cluster(**named, DbClusterIdentifier=arn["east"])
    rds[EAST].modify_global_cluster(**named, DeletionProtection=True)
    with refused("InvalidParameterCombination"):
        rds[EAST].delete_global_cluster(**named)
    rds[EAST].modify_global_cluster(**named, DeletionProtection=False)
    rds[EAST].delete_global_cluster(**named)
    settled(lab)
    with refused("GlobalClusterNotFoundFault"):
        one(rds)


def test_a_major_version_takes_every_member_along(lab, rds, refused):
    world(lab, rds)
    call = {"GlobalClusterIdentifier": "world", "EngineVersion": "17.7"}
    with refused("InvalidParameterCombination"):
        rds[EAST].modify_global_cluster(**call)
    rds[EAST].modify_global_cluster(**call, AllowMajorVersionUpgrade=True)
    assert cluster(rds, WEST, "west")["Status"] == "upgrading"
    settled(lab)
    assert cluster(rds, WEST, "west")["EngineVersion"] == "17.7"
    assert instance(rds[EAST], "east-1")["EngineVersion"] == "17.7"


def test_backups_in_another_region_outlive_their_instance(lab, rds, refused):
    key = lab.client("kms", WEST).create_key()["KeyMetadata"]["Arn"]
    databases.create(lab, rds[EAST], StorageEncrypted=True)
    source = instance(rds[EAST])["DBInstanceArn"]
    west = rds[WEST]
    with refused("InvalidParameterCombination"):
        west.start_db_instance_automated_backups_replication(SourceDBInstanceArn=source)
    west.start_db_instance_automated_backups_replication(SourceDBInstanceArn=source, KmsKeyId=key)
    with refused("InvalidDBInstanceAutomatedBackupState"):
        west.start_db_instance_automated_backups_replication(
            SourceDBInstanceArn=source, KmsKeyId=key
        )
    settled(lab)
    (row,) = west.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
    assert (row["Status"], row["Region"], row["KmsKeyId"]) == ("replicating", EAST, key)
    assert len(instance(rds[EAST])["DBInstanceAutomatedBackupsReplications"]) == 1
    rds[EAST].delete_db_instance(DBInstanceIdentifier="main", SkipFinalSnapshot=True)
    settled(lab)
    (row,) = west.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
    assert row["Status"] == "retained"
    west.restore_db_instance_to_point_in_time(
        SourceDBInstanceAutomatedBackupsArn=row["DBInstanceAutomatedBackupsArn"],
        TargetDBInstanceIdentifier="main",
        UseLatestRestorableTime=True,
        DBSubnetGroupName="data",
    )
    settled(lab)
    assert instance(west)["KmsKeyId"] == key


def test_replication_is_stopped_and_what_was_replicated_deleted(lab, rds):
    databases.create(lab, rds[EAST])
    source, west = instance(rds[EAST])["DBInstanceArn"], rds[WEST]
    west.start_db_instance_automated_backups_replication(SourceDBInstanceArn=source)
    settled(lab)
    west.stop_db_instance_automated_backups_replication(SourceDBInstanceArn=source)
    (row,) = west.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
    west.delete_db_instance_automated_backup(
        DBInstanceAutomatedBackupsArn=row["DBInstanceAutomatedBackupsArn"]
    )
    assert west.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"] == []
    assert not instance(rds[EAST]).get("DBInstanceAutomatedBackupsReplications")


def test_a_minor_version_takes_every_member_along_and_keeps_its_groups(lab, rds, refused):
    world(lab, rds, version="16.10")
    rds[EAST].create_db_cluster_parameter_group(
        DBClusterParameterGroupName="own",
        DBParameterGroupFamily="aurora-postgresql16",
        Description="d",
    )
    rds[EAST].modify_db_cluster(DBClusterIdentifier="east", DBClusterParameterGroupName="own")
    with refused("InvalidParameterCombination"):
        rds[EAST].modify_global_cluster(GlobalClusterIdentifier="world", EngineVersion="16.9")
    rds[EAST].modify_global_cluster(GlobalClusterIdentifier="world", EngineVersion="16.11")
    assert one(rds)["Status"] == "upgrading"
    lab.settle()
    assert (one(rds)["Status"], one(rds)["EngineVersion"]) == ("available", "16.11")
    for region, name in ((EAST, "east"), (WEST, "west")):
        assert cluster(rds, region, name)["EngineVersion"] == "16.11"
        assert instance(rds[region], f"{name}-1")["EngineVersion"] == "16.11"
    assert cluster(rds, EAST, "east")["DBClusterParameterGroup"] == "own"

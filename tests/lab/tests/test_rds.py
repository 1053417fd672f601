"""RDS for PostgreSQL: life, checks, pending values, deletion."""

from __future__ import annotations

import databases
import pytest
import setups
from databases import PASSWORD, create, instance, request, settled, status

MONITORING = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"


@pytest.fixture
def rds(lab):
    return lab.client("rds")


@pytest.fixture
def net(lab):
    return databases.network(lab)


def test_an_instance_is_creating_for_minutes_and_then_available(lab, rds, net):
    made = rds.create_db_instance(**request())["DBInstance"]
    assert (made["DBInstanceStatus"], "Endpoint" in made) == ("creating", False)
    lab.advance(450)
    assert status(rds) == "creating"
    lab.advance(60)
    now = instance(rds)
    assert now["DBInstanceStatus"] == "available"
    assert now["Endpoint"]["Address"].startswith("main.") and now["Endpoint"]["Port"] == 5432
    assert now["EngineVersion"] == "17.7"


def test_multi_az_takes_longer_and_stands_in_two_zones(lab, rds, net):
    rds.create_db_instance(**request(MultiAZ=True))
    lab.advance(600)
    assert status(rds) == "creating"
    lab.advance(400)
    now = instance(rds)
    assert now["SecondaryAvailabilityZone"] != now["AvailabilityZone"]


def test_names_fold_to_lower_case_and_are_taken_once(lab, rds, net, refused):
    create(lab, rds, DBInstanceIdentifier="Main")
    assert instance(rds, "MAIN")["DBInstanceIdentifier"] == "main"
    with refused("DBInstanceAlreadyExists"):
        rds.create_db_instance(**request(DBInstanceIdentifier="main"))


def test_without_its_subnets_nothing_is_created(lab, rds, net, refused):
    for subnet in net.subnets:
        lab.client("ec2").delete_subnet(SubnetId=subnet)
    with refused("InvalidVPCNetworkStateFault"):
        rds.create_db_instance(**request())
    assert rds.describe_db_instances()["DBInstances"] == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"DBInstanceIdentifier": "9main"}, "InvalidParameterValue"),
        ({"DBInstanceIdentifier": "a--b"}, "InvalidParameterValue"),
        ({"EngineVersion": "9.6"}, "InvalidParameterCombination"),
        ({"Engine": "oracle"}, "InvalidParameterValue"),
        ({"DBInstanceClass": "db.none.large"}, "InvalidParameterCombination"),
        ({"AllocatedStorage": 5}, "InvalidParameterValue"),
        ({"Iops": 6000}, "InvalidParameterCombination"),
        ({"StorageType": "io1"}, "InvalidParameterCombination"),
        ({"MaxAllocatedStorage": 50}, "InvalidParameterCombination"),
        ({"MasterUserPassword": "short"}, "InvalidParameterValue"),
        ({"MasterUserPassword": "with/slash-in-it"}, "InvalidParameterValue"),
        ({"MasterUsername": "admin"}, "InvalidParameterValue"),
        ({"ManageMasterUserPassword": True}, "InvalidParameterCombination"),
        ({"DBSubnetGroupName": "none"}, "DBSubnetGroupNotFoundFault"),
        ({"DBParameterGroupName": "none"}, "DBParameterGroupNotFound"),
        ({"DBParameterGroupName": "default.postgres16"}, "InvalidParameterCombination"),
        ({"VpcSecurityGroupIds": ["sg-0"]}, "InvalidParameterValue"),
        ({"KmsKeyId": "alias/none", "StorageEncrypted": True}, "KMSKeyNotAccessibleFault"),
        ({"MonitoringInterval": 60}, "InvalidParameterCombination"),
        ({"MonitoringInterval": 7}, "InvalidParameterValue"),
        (
            {"MonitoringInterval": 60, "MonitoringRoleArn": "arn:aws:iam::123456789012:role/no"},
            "InvalidParameterValue",
        ),
        ({"BackupRetentionPeriod": 36}, "InvalidParameterValue"),
        ({"PreferredBackupWindow": "3-4"}, "InvalidParameterValue"),
        (
            {
                "PreferredBackupWindow": "03:00-04:00",
                "PreferredMaintenanceWindow": "sun:03:30-sun:04:30",
            },
            "InvalidParameterValue",
        ),
        ({"EnableCloudwatchLogsExports": ["audit"]}, "InvalidParameterCombination"),
        (
            {"EnablePerformanceInsights": True, "PerformanceInsightsRetentionPeriod": 8},
            "InvalidParameterValue",
        ),
        ({"MultiAZ": True, "AvailabilityZone": "us-east-1a"}, "InvalidParameterCombination"),
    ],
)
def test_a_bad_request_creates_nothing(rds, net, refused, change, code):
    with refused(code):
        rds.create_db_instance(**request(**change))
    assert rds.describe_db_instances()["DBInstances"] == []


def test_what_the_request_said_is_read_back(lab, rds, net):
    key = lab.client("kms").create_key()["KeyMetadata"]
    role = setups.role(lab, "monitor", "monitoring.rds.amazonaws.com", MONITORING)
    given = {
        "MaxAllocatedStorage": 2000,
        "MonitoringInterval": 60,
        "MonitoringRoleArn": role,
        "PerformanceInsightsRetentionPeriod": 7,
        "DeletionProtection": True,
        "CopyTagsToSnapshot": True,
        "PreferredBackupWindow": "03:00-04:00",
        "PreferredMaintenanceWindow": "sun:04:00-sun:05:00",
        "AutoMinorVersionUpgrade": False,
        "DBName": "stellar",
    }
    create(
        lab,
        rds,
        **given,
        VpcSecurityGroupIds=[net.group],
        StorageEncrypted=True,
        KmsKeyId=key["KeyId"],
        EnablePerformanceInsights=True,
        EnableCloudwatchLogsExports=["postgresql"],
        Tags=[{"Key": "a", "Value": "b"}],
    )
    now = instance(rds)
    assert given.items() <= now.items()
    assert now["KmsKeyId"] == key["Arn"]
    assert now["PerformanceInsightsEnabled"] is True
    assert now["TagList"] == [{"Key": "a", "Value": "b"}]
    assert (now["Iops"], now["StorageThroughput"]) == (3000, 125)
    groups = lab.client("logs").describe_log_groups(logGroupNamePrefix="/aws/rds/")["logGroups"]
    assert [group["logGroupName"] for group in groups] == ["/aws/rds/instance/main/postgresql"]


def test_an_instance_holds_its_network(lab, rds, net, refused):
    create(lab, rds, VpcSecurityGroupIds=[net.group])
    ec2 = lab.client("ec2")
    with refused("DependencyViolation"):
        ec2.delete_security_group(GroupId=net.group)
    with refused("InvalidDBSubnetGroupStateFault"):
        rds.delete_db_subnet_group(DBSubnetGroupName="data")
    rds.delete_db_instance(DBInstanceIdentifier="main", SkipFinalSnapshot=True)
    with refused("InvalidDBSubnetGroupStateFault"):
        rds.delete_db_subnet_group(DBSubnetGroupName="data")
    settled(lab)
    rds.delete_db_subnet_group(DBSubnetGroupName="data")
    ec2.delete_security_group(GroupId=net.group)


def test_a_change_is_pending_and_still_available_before_it_is_modifying(lab, rds, net):
    create(lab, rds)
    answer = rds.modify_db_instance(
        DBInstanceIdentifier="main", DBInstanceClass="db.r6g.xlarge", ApplyImmediately=True
    )["DBInstance"]
    assert answer["DBInstanceStatus"] == "available"
    assert answer["PendingModifiedValues"] == {"DBInstanceClass": "db.r6g.xlarge"}
    lab.advance(20)
    assert status(rds) == "modifying"
    lab.advance(300)
    now = instance(rds)
    assert (now["DBInstanceStatus"], now["DBInstanceClass"]) == ("available", "db.r6g.xlarge")
    assert now["PendingModifiedValues"] == {}


def test_without_apply_immediately_a_change_stays_pending(lab, rds, net):
    create(lab, rds)
    rds.modify_db_instance(DBInstanceIdentifier="main", DBInstanceClass="db.r6g.xlarge")
    settled(lab)
    now = instance(rds)
    assert now["DBInstanceClass"] == "db.r6g.large"
    assert now["PendingModifiedValues"] == {"DBInstanceClass": "db.r6g.xlarge"}


def test_settings_that_need_no_restart_apply_at_once(lab, rds, net):
    create(lab, rds)
    answer = rds.modify_db_instance(
        DBInstanceIdentifier="main", DeletionProtection=True, MaxAllocatedStorage=500
    )["DBInstance"]
    assert (answer["DeletionProtection"], answer["MaxAllocatedStorage"]) == (True, 500)
    assert answer["DBInstanceStatus"] == "available"


def test_a_limit_at_the_present_size_switches_autoscaling_off(lab, rds, net):
    create(lab, rds, MaxAllocatedStorage=200)
    rds.modify_db_instance(DBInstanceIdentifier="main", MaxAllocatedStorage=100)
    assert "MaxAllocatedStorage" not in instance(rds)


@pytest.mark.parametrize("size", [50, 105])
def test_storage_grows_by_a_tenth_at_least(lab, rds, net, refused, size):
    create(lab, rds)
    with refused("InvalidParameterCombination"):
        rds.modify_db_instance(
            DBInstanceIdentifier="main", AllocatedStorage=size, ApplyImmediately=True
        )


def test_grown_storage_is_optimized_while_the_database_serves(lab, rds, net, refused):
    create(lab, rds)
    rds.modify_db_instance(DBInstanceIdentifier="main", AllocatedStorage=500, ApplyImmediately=True)
    lab.advance(20)
    assert status(rds) == "modifying"
    lab.advance(310)
    now = instance(rds)
    assert (now["DBInstanceStatus"], now["AllocatedStorage"]) == ("storage-optimization", 500)
    assert (now["Iops"], now["StorageThroughput"]) == (12000, 500)
    with refused("InvalidParameterCombination"):
        rds.modify_db_instance(
            DBInstanceIdentifier="main", AllocatedStorage=600, ApplyImmediately=True
        )
    lab.settle()
    assert status(rds) == "available"


def test_a_major_upgrade_must_be_allowed(lab, rds, net, refused):
    create(lab, rds, EngineVersion="16.10")
    change = {"DBInstanceIdentifier": "main", "EngineVersion": "17.7", "ApplyImmediately": True}
    with refused("InvalidParameterCombination"):
        rds.modify_db_instance(**change)
    with refused("InvalidParameterCombination"):
        rds.modify_db_instance(**change | {"EngineVersion": "15.15"})
    rds.modify_db_instance(
        **change, AllowMajorVersionUpgrade=True, DBParameterGroupName="default.postgres17"
    )
    lab.settle()
    assert instance(rds)["EngineVersion"] == "17.7"


def test_an_instance_that_is_not_available_takes_no_change(rds, net, refused):
    rds.create_db_instance(**request())
    with refused("InvalidDBInstanceState"):
        rds.modify_db_instance(DBInstanceIdentifier="main", DeletionProtection=True)


def test_protection_and_the_final_snapshot_guard_deletion(lab, rds, net, refused):
    create(
        lab,
        rds,
        DeletionProtection=True,
        CopyTagsToSnapshot=True,
        Tags=[{"Key": "a", "Value": "b"}],
    )
    with refused("InvalidParameterCombination"):
        rds.delete_db_instance(DBInstanceIdentifier="main", SkipFinalSnapshot=True)
    rds.modify_db_instance(DBInstanceIdentifier="main", DeletionProtection=False)
    with refused("InvalidParameterCombination"):
        rds.delete_db_instance(DBInstanceIdentifier="main")
    with refused("InvalidParameterCombination"):
        rds.delete_db_instance(
            DBInstanceIdentifier="main", SkipFinalSnapshot=True, FinalDBSnapshotIdentifier="last"
        )
    rds.delete_db_instance(DBInstanceIdentifier="main", FinalDBSnapshotIdentifier="Last")
    with refused("InvalidDBInstanceState"):
        rds.delete_db_instance(DBInstanceIdentifier="main", SkipFinalSnapshot=True)
    settled(lab)
    with refused("DBInstanceNotFound"):
        instance(rds)
    rows = rds.describe_db_snapshots()["DBSnapshots"]
    assert [(row["DBSnapshotIdentifier"], row["Status"]) for row in rows] == [("last", "available")]
    assert rows[0]["TagList"] == [{"Key": "a", "Value": "b"}]


@pytest.mark.parametrize(("keep", "left"), [(True, []), (False, ["retained"])])
def test_automated_backups_go_with_the_instance_unless_kept(lab, rds, net, keep, left):
    create(lab, rds)
    backups = rds.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
    assert [row["Status"] for row in backups] == ["active"]
    rds.delete_db_instance(
        DBInstanceIdentifier="main", SkipFinalSnapshot=True, DeleteAutomatedBackups=keep
    )
    settled(lab)
    backups = rds.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
    assert [row["Status"] for row in backups] == left
    for row in backups:
        rds.delete_db_instance_automated_backup(DbiResourceId=row["DbiResourceId"])
    assert rds.describe_db_snapshots()["DBSnapshots"] == []


def test_a_replica_inherits_and_both_sides_know_each_other(lab, rds, net):
    create(lab, rds, VpcSecurityGroupIds=[net.group], StorageEncrypted=True)
    rds.create_db_instance_read_replica(
        DBInstanceIdentifier="copy",
        SourceDBInstanceIdentifier="main",
        VpcSecurityGroupIds=[net.group],
    )
    assert status(rds, "copy") == "creating"
    settled(lab)
    source, copy = instance(rds), instance(rds, "copy")
    assert source["ReadReplicaDBInstanceIdentifiers"] == ["copy"]
    assert copy["ReadReplicaSourceDBInstanceIdentifier"] == "main"
    assert copy["StatusInfos"][0]["Status"] == "replicating"
    for member in ("DBInstanceClass", "EngineVersion", "KmsKeyId", "MasterUsername"):
        assert copy[member] == source[member]
    assert (copy["BackupRetentionPeriod"], copy["TagList"]) == (0, [])


def test_a_replica_is_not_smaller_than_its_source(lab, rds, net, refused):
    create(lab, rds, AllocatedStorage=200)
    with refused("InvalidParameterCombination"):
        rds.create_db_instance_read_replica(
            DBInstanceIdentifier="copy", SourceDBInstanceIdentifier="main", AllocatedStorage=100
        )


def test_a_source_without_backups_has_no_replicas(lab, rds, net, refused):
    create(lab, rds, BackupRetentionPeriod=0)
    with refused("InvalidDBInstanceState"):
        rds.create_db_instance_read_replica(
            DBInstanceIdentifier="copy", SourceDBInstanceIdentifier="main"
        )


def test_a_replica_in_another_region_needs_a_key_of_that_region(lab, rds, net, refused):
    create(lab, rds, StorageEncrypted=True)
    databases.network(lab, "us-west-2")
    west = lab.client("rds", "us-west-2")
    call = {
        "DBInstanceIdentifier": "west",
        "SourceDBInstanceIdentifier": instance(rds)["DBInstanceArn"],
        "DBSubnetGroupName": "data",
    }
    with refused("InvalidParameterCombination"):
        west.create_db_instance_read_replica(**call)
    key = lab.client("kms", "us-west-2").create_key()["KeyMetadata"]["Arn"]
    west.create_db_instance_read_replica(**call, KmsKeyId=key)
    settled(lab)
    copy = instance(west, "west")
    assert (copy["DBInstanceStatus"], copy["KmsKeyId"]) == ("available", key)
    assert copy["ReadReplicaSourceDBInstanceIdentifier"] == instance(rds)["DBInstanceArn"]
    assert instance(rds)["ReadReplicaDBInstanceIdentifiers"] == [copy["DBInstanceArn"]]
    west.promote_read_replica(DBInstanceIdentifier="west", BackupRetentionPeriod=7)
    settled(lab)
    assert instance(rds)["ReadReplicaDBInstanceIdentifiers"] == []
    assert instance(west, "west")["BackupRetentionPeriod"] == 7


@pytest.mark.parametrize("end", ["promote", "delete-source"])
def test_a_replica_becomes_a_database_of_its_own(lab, rds, net, end):
    create(lab, rds)
    rds.create_db_instance_read_replica(
        DBInstanceIdentifier="copy", SourceDBInstanceIdentifier="main"
    )
    settled(lab)
    if end == "promote":
        rds.promote_read_replica(DBInstanceIdentifier="copy")
        assert status(rds, "copy") == "modifying"
        settled(lab)
        assert instance(rds)["ReadReplicaDBInstanceIdentifiers"] == []
    else:
        rds.delete_db_instance(DBInstanceIdentifier="main", SkipFinalSnapshot=True)
        settled(lab)
    assert "ReadReplicaSourceDBInstanceIdentifier" not in instance(rds, "copy")


def test_an_instance_comes_back_from_snapshot_and_backup(lab, rds, net):
    mine, other = [{"Key": "team", "Value": "web"}], [{"Key": "team", "Value": "data"}]
    create(lab, rds, CopyTagsToSnapshot=True, Tags=mine)
    rds.create_db_snapshot(DBInstanceIdentifier="main", DBSnapshotIdentifier="s")
    settled(lab)
    for name, tags in (("from-snapshot", {}), ("marked", {"Tags": other})):
        rds.restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier=name, DBSnapshotIdentifier="s", DBSubnetGroupName="data", **tags
        )
    rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier="main",
        TargetDBInstanceIdentifier="from-time",
        UseLatestRestorableTime=True,
        DBSubnetGroupName="data",
    )
    settled(lab)
    for name in ("from-snapshot", "from-time"):
        now = instance(rds, name)
        assert (now["DBInstanceStatus"], now["AllocatedStorage"]) == ("available", 100)
    names = ("from-snapshot", "marked", "from-time")
    assert [instance(rds, name)["TagList"] for name in names] == [mine, other, []]


def test_a_new_name_is_a_new_arn(lab, rds, net, refused):
    create(lab, rds)
    rds.modify_db_instance(
        DBInstanceIdentifier="main", NewDBInstanceIdentifier="other", ApplyImmediately=True
    )
    lab.settle()
    with refused("DBInstanceNotFound"):
        instance(rds)
    assert instance(rds, "other")["DBInstanceArn"].endswith(":db:other")


def test_a_managed_password_is_a_secret_of_rds(lab, rds, net):
    given = request(ManageMasterUserPassword=True)
    del given["MasterUserPassword"]
    rds.create_db_instance(**given)
    settled(lab)
    secret = instance(rds)["MasterUserSecret"]["SecretArn"]
    secrets = lab.client("secretsmanager")
    assert secrets.describe_secret(SecretId=secret)["Name"].startswith("rds!db-")
    rds.delete_db_instance(DBInstanceIdentifier="main", SkipFinalSnapshot=True)
    settled(lab)
    assert secrets.list_secrets()["SecretList"] == []


def test_tags_are_added_and_removed(lab, rds, net):
    create(lab, rds, Tags=[{"Key": "a", "Value": "1"}])
    arn = instance(rds)["DBInstanceArn"]
    rds.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "b", "Value": "2"}])
    rds.remove_tags_from_resource(ResourceName=arn, TagKeys=["a"])
    assert rds.list_tags_for_resource(ResourceName=arn)["TagList"] == [{"Key": "b", "Value": "2"}]


def test_the_password_never_shows(lab, rds, net):
    create(lab, rds)
    assert PASSWORD not in str(lab.admin("GET", "/_lab/log"))
    assert PASSWORD not in str(rds.describe_db_instances())


def test_waiters_of_the_sdk_end(lab, rds, net):
    create(lab, rds)
    once = {"MaxAttempts": 1}
    rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier="main", WaiterConfig=once)
    rds.delete_db_instance(DBInstanceIdentifier="main", FinalDBSnapshotIdentifier="last")
    settled(lab)
    rds.get_waiter("db_instance_deleted").wait(DBInstanceIdentifier="main", WaiterConfig=once)
    rds.get_waiter("db_snapshot_available").wait(DBSnapshotIdentifier="last", WaiterConfig=once)


def test_the_census_counts_what_is_left(lab, rds, net):
    create(lab, rds)
    counted = lab.admin("GET", "/_lab/census")["regions"]["us-east-1"]
    assert [each["id"] for each in counted["rds/instance"]] == ["main"]
    assert [each["id"] for each in counted["rds/subnet-group"]] == ["data"]
    rds.delete_db_instance(DBInstanceIdentifier="main", SkipFinalSnapshot=True)
    settled(lab)
    counted = lab.admin("GET", "/_lab/census")["regions"]["us-east-1"]
    assert not [kind for kind in counted if kind in ("rds/instance", "rds/snapshot")]


def test_replicas_come_and_go_side_by_side_on_the_critical_path(lab, rds, net):
    create(lab, rds)
    for name in ("copy", "other"):
        rds.create_db_instance_read_replica(
            DBInstanceIdentifier=name, SourceDBInstanceIdentifier="main"
        )
    settled(lab)
    for names in (("copy", "other"), ("main",)):
        for name in names:
            rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
        settled(lab)
    path = lab.admin("GET", "/_lab/critical-path")["path"]
    spans = [each["seconds"] for each in path if each["kind"] == "rds/instance"]
    assert spans == [480, 600, 420, 420]

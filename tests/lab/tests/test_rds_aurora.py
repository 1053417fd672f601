"""Aurora PostgreSQL: clusters, their instances, groups, endpoints, backups."""

from __future__ import annotations

import databases
import pytest
from databases import PASSWORD, settled


@pytest.fixture
def rds(lab):
    return lab.client("rds")


@pytest.fixture
def net(lab):
    return databases.network(lab)


def request(**more):
    return {
        "DBClusterIdentifier": "main",
        "Engine": "aurora-postgresql",
        "EngineVersion": "16",
        "MasterUsername": "stellar",
        "MasterUserPassword": PASSWORD,
        "DBSubnetGroupName": "data",
    } | more


def create(lab, rds, instances=("one", "two"), instance_class="db.r6g.large", **more):
    """An available cluster `main` with instances; the first writes."""
    rds.create_db_cluster(**request(**more))
    settled(lab)
    for name in instances:
        add(rds, name, instance_class)
    settled(lab)


def add(rds, name, instance_class="db.r6g.large", **more):
    return rds.create_db_instance(
        DBInstanceIdentifier=name,
        DBClusterIdentifier="main",
        Engine="aurora-postgresql",
        DBInstanceClass=instance_class,
        **more,
    )


def cluster(rds, name="main"):
    return rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]


def writer(rds):
    rows = cluster(rds)["DBClusterMembers"]
    return [row["DBInstanceIdentifier"] for row in rows if row["IsClusterWriter"]]


def test_a_cluster_is_available_without_instances_and_the_first_one_writes(lab, rds, net):
    made = rds.create_db_cluster(**request())["DBCluster"]
    assert (made["Status"], made["EngineVersion"]) == ("creating", "16.11")
    settled(lab)
    now = cluster(rds)
    assert (now["Status"], now["DBClusterMembers"], now["MultiAZ"]) == ("available", [], False)
    assert now["Endpoint"].startswith("main.cluster-")
    assert now["ReaderEndpoint"].startswith("main.cluster-ro-")
    assert len(now["AvailabilityZones"]) == 3
    add(rds, "one")
    add(rds, "two", PromotionTier=0)
    settled(lab)
    assert writer(rds) == ["one"]
    instance = databases.instance(rds, "two")
    assert (instance["DBClusterIdentifier"], instance["PromotionTier"]) == ("main", 0)
    assert (instance["StorageType"], instance["MasterUsername"]) == ("aurora", "stellar")
    lab.client("rds").get_waiter("db_cluster_available").wait(
        DBClusterIdentifier="main", WaiterConfig={"MaxAttempts": 1}
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"DBClusterIdentifier": "9"}, "InvalidParameterValue"),
        ({"Engine": "aurora-mysql"}, "InvalidParameterValue"),
        ({"Engine": "postgres"}, "InvalidParameterValue"),
        ({"EngineVersion": "18"}, "InvalidParameterCombination"),
        ({"EngineMode": "serverless"}, "InvalidParameterValue"),
        ({"BacktrackWindow": 60}, "InvalidParameterCombination"),
        ({"AllocatedStorage": 100}, "InvalidParameterCombination"),
        ({"StorageType": "gp3"}, "InvalidParameterCombination"),
        ({"BackupRetentionPeriod": 0}, "InvalidParameterValue"),
        ({"ManageMasterUserPassword": True}, "InvalidParameterCombination"),
        ({"DBClusterParameterGroupName": "none"}, "DBClusterParameterGroupNotFound"),
        (
            {"DBClusterParameterGroupName": "default.aurora-postgresql17"},
            "InvalidParameterCombination",
        ),
        ({"DBSubnetGroupName": "none"}, "DBSubnetGroupNotFoundFault"),
        (
            {"ServerlessV2ScalingConfiguration": {"MinCapacity": 8, "MaxCapacity": 2}},
            "InvalidParameterValue",
        ),
        (
            {"ServerlessV2ScalingConfiguration": {"MinCapacity": 0.7, "MaxCapacity": 2}},
            "InvalidParameterValue",
        ),
        (
            {"ServerlessV2ScalingConfiguration": {"MinCapacity": 1, "MaxCapacity": 300}},
            "InvalidParameterValue",
        ),
        ({"EnableCloudwatchLogsExports": ["audit"]}, "InvalidParameterCombination"),
    ],
)
def test_a_bad_request_creates_no_cluster(rds, net, refused, change, code):
    with refused(code):
        rds.create_db_cluster(**request(**change))
    assert rds.describe_db_clusters()["DBClusters"] == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"DBClusterIdentifier": "none"}, "DBClusterNotFoundFault"),
        ({"Engine": "postgres"}, "InvalidParameterCombination"),
        ({"EngineVersion": "17.7"}, "InvalidParameterCombination"),
        ({"MasterUsername": "me"}, "InvalidParameterCombination"),
        ({"BackupRetentionPeriod": 7}, "InvalidParameterCombination"),
        ({"VpcSecurityGroupIds": ["sg-0"]}, "InvalidParameterCombination"),
        ({"DBInstanceClass": "db.m6g.large"}, "InvalidParameterCombination"),
        ({"DBInstanceClass": "db.serverless"}, "InvalidParameterCombination"),
        ({"DBParameterGroupName": "default.postgres16"}, "InvalidParameterCombination"),
    ],
)
def test_an_instance_must_fit_its_cluster(lab, rds, net, refused, change, code):
    create(lab, rds, instances=())
    given = {
        "DBInstanceIdentifier": "one",
        "DBClusterIdentifier": "main",
        "Engine": "aurora-postgresql",
        "DBInstanceClass": "db.r6g.large",
    }
    with refused(code):
        rds.create_db_instance(**given | change)
    assert rds.describe_db_instances()["DBInstances"] == []


def test_serverless_instances_need_a_capacity_of_the_cluster(lab, rds, net):
    scaling = {"MinCapacity": 0.5, "MaxCapacity": 8.0}
    create(lab, rds, instance_class="db.serverless", ServerlessV2ScalingConfiguration=scaling)
    assert cluster(rds)["ServerlessV2ScalingConfiguration"] == scaling
    more = {"MinCapacity": 0.0, "MaxCapacity": 16.0}
    rds.modify_db_cluster(DBClusterIdentifier="main", ServerlessV2ScalingConfiguration=more)
    assert cluster(rds)["ServerlessV2ScalingConfiguration"] == more | {"SecondsUntilAutoPause": 300}


@pytest.mark.parametrize(
    "change",
    [
        {"EngineVersion": "16.11"},
        {"BackupRetentionPeriod": 5},
        {"AllocatedStorage": 200},
        {"MasterUserPassword": "another-password"},
    ],
)
def test_what_is_the_clusters_is_not_changed_on_an_instance(lab, rds, net, refused, change):
    create(lab, rds, instances=("one",))
    with refused("InvalidParameterCombination"):
        rds.modify_db_instance(DBInstanceIdentifier="one", ApplyImmediately=True, **change)


def test_an_instance_changes_class_and_tier(lab, rds, net):
    create(lab, rds)
    rds.modify_db_instance(
        DBInstanceIdentifier="two",
        DBInstanceClass="db.r7g.xlarge",
        PromotionTier=3,
        ApplyImmediately=True,
    )
    assert {row["PromotionTier"] for row in cluster(rds)["DBClusterMembers"]} == {1, 3}
    settled(lab)
    assert databases.instance(rds, "two")["DBInstanceClass"] == "db.r7g.xlarge"


def test_settings_of_the_cluster_apply_at_once_and_reach_its_instances(lab, rds, net):
    create(lab, rds)
    rds.modify_db_cluster(
        DBClusterIdentifier="main",
        BackupRetentionPeriod=14,
        DeletionProtection=True,
        VpcSecurityGroupIds=[net.group],
        CloudwatchLogsExportConfiguration={"EnableLogTypes": ["postgresql"]},
        Port=5433,
    )
    now, instance = cluster(rds), databases.instance(rds, "one")
    assert (now["BackupRetentionPeriod"], now["DeletionProtection"]) == (14, True)
    assert now["EnabledCloudwatchLogsExports"] == ["postgresql"]
    assert (now["Port"], instance["Endpoint"]["Port"]) == (5433, 5433)
    assert instance["BackupRetentionPeriod"] == 14
    assert [g["VpcSecurityGroupId"] for g in instance["VpcSecurityGroups"]] == [net.group]


def test_an_upgrade_takes_the_whole_cluster(lab, rds, net):
    create(lab, rds, EngineVersion="16.10")
    answer = rds.modify_db_cluster(
        DBClusterIdentifier="main", EngineVersion="16.11", ApplyImmediately=True
    )["DBCluster"]
    assert answer["PendingModifiedValues"] == {"EngineVersion": "16.11"}
    lab.advance(20)
    assert cluster(rds)["Status"] == "upgrading"
    assert databases.status(rds, "one") == "upgrading"
    settled(lab)
    assert (cluster(rds)["Status"], cluster(rds)["EngineVersion"]) == ("available", "16.11")
    assert "PendingModifiedValues" not in cluster(rds)
    assert databases.instance(rds, "two")["EngineVersion"] == "16.11"
    assert databases.status(rds, "two") == "available"


def test_a_major_upgrade_brings_its_own_groups(lab, rds, net, refused):
    for family in ("16", "17"):
        rds.create_db_cluster_parameter_group(
            DBClusterParameterGroupName=f"pg{family}",
            DBParameterGroupFamily=f"aurora-postgresql{family}",
            Description="d",
        )
    create(lab, rds, DBClusterParameterGroupName="pg16")
    change = {"DBClusterIdentifier": "main", "EngineVersion": "17.7", "ApplyImmediately": True}
    with refused("InvalidParameterCombination"):
        rds.modify_db_cluster(**change)
    with refused("InvalidParameterCombination"):
        rds.modify_db_cluster(**change, AllowMajorVersionUpgrade=True)
    with refused("InvalidParameterCombination"):
        rds.modify_db_cluster(
            **change, AllowMajorVersionUpgrade=True, DBClusterParameterGroupName="pg16"
        )
    rds.modify_db_cluster(
        **change, AllowMajorVersionUpgrade=True, DBClusterParameterGroupName="pg17"
    )
    assert cluster(rds)["DBClusterParameterGroup"] == "pg16"
    settled(lab)
    assert (cluster(rds)["EngineVersion"], cluster(rds)["DBClusterParameterGroup"]) == (
        "17.7",
        "pg17",
    )
    groups = databases.instance(rds, "one")["DBParameterGroups"]
    assert groups[0]["DBParameterGroupName"] == "default.aurora-postgresql17"
    rds.delete_db_cluster_parameter_group(DBClusterParameterGroupName="pg16")
    with refused("InvalidDBParameterGroupState"):
        rds.delete_db_cluster_parameter_group(DBClusterParameterGroupName="pg17")


def test_cluster_parameters_wait_for_each_instances_reboot(lab, rds, net, refused):
    rds.create_db_cluster_parameter_group(
        DBClusterParameterGroupName="pg",
        DBParameterGroupFamily="aurora-postgresql16",
        Description="d",
    )
    create(lab, rds)

    def statuses():
        return [row["DBClusterParameterGroupStatus"] for row in cluster(rds)["DBClusterMembers"]]

    rds.modify_db_cluster(DBClusterIdentifier="main", DBClusterParameterGroupName="pg")
    assert statuses() == ["pending-reboot", "pending-reboot"]
    rds.reboot_db_instance(DBInstanceIdentifier="one")
    settled(lab)
    assert statuses() == ["in-sync", "pending-reboot"]
    change = {"ParameterName": "rds.logical_replication", "ParameterValue": "1"}
    with refused("InvalidParameterCombination"):
        rds.modify_db_cluster_parameter_group(
            DBClusterParameterGroupName="pg", Parameters=[change | {"ApplyMethod": "immediate"}]
        )
    rds.modify_db_cluster_parameter_group(
        DBClusterParameterGroupName="pg", Parameters=[change | {"ApplyMethod": "pending-reboot"}]
    )
    assert statuses() == ["pending-reboot", "pending-reboot"]


@pytest.mark.parametrize(
    ("name", "cluster_has", "instance_has"),
    [
        ("rds.logical_replication", True, False),
        ("rds.force_ssl", True, False),
        ("max_wal_size", False, False),
        ("work_mem", True, True),
        ("max_connections", True, True),
    ],
)
def test_cluster_and_instances_have_parameters_of_their_own(rds, name, cluster_has, instance_has):
    family = {"DBParameterGroupFamily": "aurora-postgresql16"}

    def names(operation):
        pages = rds.get_paginator("describe_engine_default_parameters").paginate(**family)
        if operation == "cluster":
            answer = rds.describe_engine_default_cluster_parameters(**family)["EngineDefaults"]
            return {row["ParameterName"] for row in answer["Parameters"]}
        return {r["ParameterName"] for p in pages for r in p["EngineDefaults"]["Parameters"]}

    assert (name in names("cluster"), name in names("instance")) == (cluster_has, instance_has)


def test_a_failover_makes_the_best_reader_the_writer(lab, rds, net, refused):
    create(lab, rds, instances=("one",))
    with refused("InvalidDBClusterStateFault"):
        rds.failover_db_cluster(DBClusterIdentifier="main")
    add(rds, "two", PromotionTier=5)
    add(rds, "three", PromotionTier=2)
    settled(lab)
    rds.failover_db_cluster(DBClusterIdentifier="main")
    assert cluster(rds)["Status"] == "failing-over"
    settled(lab)
    assert writer(rds) == ["three"]
    with refused("InvalidDBInstanceState"):
        rds.failover_db_cluster(DBClusterIdentifier="main", TargetDBInstanceIdentifier="three")
    rds.failover_db_cluster(DBClusterIdentifier="main", TargetDBInstanceIdentifier="two")
    settled(lab)
    assert writer(rds) == ["two"]


def test_a_deleted_writer_hands_over(lab, rds, net, refused):
    create(lab, rds)
    with refused("InvalidParameterCombination"):
        rds.delete_db_instance(DBInstanceIdentifier="one", FinalDBSnapshotIdentifier="last")
    rds.delete_db_instance(DBInstanceIdentifier="one")
    assert writer(rds) == ["two"]
    settled(lab)
    assert [m["DBInstanceIdentifier"] for m in cluster(rds)["DBClusterMembers"]] == ["two"]


def test_instances_protection_and_final_snapshot_guard_deletion(lab, rds, net, refused):
    create(lab, rds, DeletionProtection=True)
    delete = {"DBClusterIdentifier": "main"}
    with refused("InvalidParameterCombination"):
        rds.delete_db_cluster(**delete, SkipFinalSnapshot=True)
    rds.modify_db_cluster(**delete, DeletionProtection=False)
    with refused("InvalidDBClusterStateFault"):
        rds.delete_db_cluster(**delete, SkipFinalSnapshot=True)
    for name in ("one", "two"):
        rds.delete_db_instance(DBInstanceIdentifier=name)
    with refused("InvalidParameterCombination"):
        rds.delete_db_cluster(**delete)
    rds.delete_db_cluster(**delete, FinalDBSnapshotIdentifier="Last")
    with refused("InvalidDBClusterStateFault"):
        rds.delete_db_cluster(**delete, SkipFinalSnapshot=True)
    with refused("InvalidDBSubnetGroupStateFault"):
        rds.delete_db_subnet_group(DBSubnetGroupName="data")
    lab.settle()
    with refused("DBClusterNotFoundFault"):
        cluster(rds)
    rows = rds.describe_db_cluster_snapshots()["DBClusterSnapshots"]
    assert [(row["DBClusterSnapshotIdentifier"], row["Status"]) for row in rows] == [
        ("last", "available")
    ]
    rds.delete_db_subnet_group(DBSubnetGroupName="data")


@pytest.mark.parametrize(("drop", "left"), [(True, []), (False, ["retained"])])
def test_backups_go_with_the_cluster_unless_kept(lab, rds, net, drop, left):
    create(lab, rds, instances=())
    rds.delete_db_cluster(
        DBClusterIdentifier="main", SkipFinalSnapshot=True, DeleteAutomatedBackups=drop
    )
    settled(lab)
    rows = rds.describe_db_cluster_automated_backups()["DBClusterAutomatedBackups"]
    assert [row["Status"] for row in rows] == left
    for row in rows:
        rds.delete_db_cluster_automated_backup(DbClusterResourceId=row["DbClusterResourceId"])
    assert rds.describe_db_cluster_snapshots()["DBClusterSnapshots"] == []


def test_a_cluster_comes_back_from_snapshot_and_backup(lab, rds, net, refused):
    create(lab, rds, StorageEncrypted=True, DatabaseName="stellar")
    rds.create_db_cluster_snapshot(
        DBClusterIdentifier="main",
        DBClusterSnapshotIdentifier="s",
        Tags=[{"Key": "a", "Value": "b"}],
    )
    settled(lab)
    with refused("DBClusterSnapshotAlreadyExistsFault"):
        rds.create_db_cluster_snapshot(DBClusterIdentifier="main", DBClusterSnapshotIdentifier="s")
    rds.restore_db_cluster_from_snapshot(
        DBClusterIdentifier="from-snapshot",
        SnapshotIdentifier="s",
        Engine="aurora-postgresql",
        DBSubnetGroupName="data",
    )
    rds.restore_db_cluster_to_point_in_time(
        DBClusterIdentifier="from-time",
        SourceDBClusterIdentifier="main",
        UseLatestRestorableTime=True,
        DBSubnetGroupName="data",
    )
    settled(lab)
    for name in ("from-snapshot", "from-time"):
        now = cluster(rds, name)
        assert (now["Status"], now["DatabaseName"]) == ("available", "stellar")
        assert (now["StorageEncrypted"], now["DBClusterMembers"]) == (True, [])


def test_custom_endpoints_stand_beside_the_built_in_ones(lab, rds, net, refused):
    create(lab, rds)
    rds.create_db_cluster_endpoint(
        DBClusterIdentifier="main",
        DBClusterEndpointIdentifier="reports",
        EndpointType="READER",
        StaticMembers=["two"],
    )
    with refused("DBInstanceNotFound"):
        rds.create_db_cluster_endpoint(
            DBClusterIdentifier="main",
            DBClusterEndpointIdentifier="more",
            EndpointType="ANY",
            StaticMembers=["none"],
        )
    settled(lab)
    rows = rds.describe_db_cluster_endpoints(DBClusterIdentifier="main")["DBClusterEndpoints"]
    assert [row["EndpointType"] for row in rows] == ["WRITER", "READER", "CUSTOM"]
    assert (rows[2]["Status"], rows[2]["StaticMembers"]) == ("available", ["two"])
    rds.modify_db_cluster_endpoint(DBClusterEndpointIdentifier="reports", StaticMembers=["one"])
    settled(lab)
    rds.delete_db_cluster_endpoint(DBClusterEndpointIdentifier="reports")
    settled(lab)
    rows = rds.describe_db_cluster_endpoints(DBClusterIdentifier="main")["DBClusterEndpoints"]
    assert len(rows) == 2


def test_a_managed_password_is_a_secret_of_the_cluster(lab, rds, net):
    given = request(ManageMasterUserPassword=True)
    del given["MasterUserPassword"]
    rds.create_db_cluster(**given)
    settled(lab)
    secret = cluster(rds)["MasterUserSecret"]["SecretArn"]
    secrets = lab.client("secretsmanager")
    assert secrets.describe_secret(SecretId=secret)["Name"].startswith("rds!cluster-")
    rds.delete_db_cluster(DBClusterIdentifier="main", SkipFinalSnapshot=True)
    settled(lab)
    assert secrets.list_secrets()["SecretList"] == []


def test_tags_of_clusters_are_changed_by_arn(lab, rds, net):
    create(lab, rds, instances=(), Tags=[{"Key": "a", "Value": "1"}])
    arn = cluster(rds)["DBClusterArn"]
    rds.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "b", "Value": "2"}])
    rds.remove_tags_from_resource(ResourceName=arn, TagKeys=["a"])
    assert cluster(rds)["TagList"] == [{"Key": "b", "Value": "2"}]


def test_versions_and_offers_of_aurora_are_listed(rds):
    rows = rds.describe_db_engine_versions(Engine="aurora-postgresql", DefaultOnly=True)
    assert [row["EngineVersion"] for row in rows["DBEngineVersions"]] == ["17.7"]
    offers = rds.describe_orderable_db_instance_options(
        Engine="aurora-postgresql", EngineVersion="17.7", DBInstanceClass="db.serverless"
    )["OrderableDBInstanceOptions"]
    assert {row["StorageType"] for row in offers} == {"aurora", "aurora-iopt1"}


def test_the_census_counts_clusters(lab, rds, net):
    create(lab, rds)
    counted = lab.admin("GET", "/_lab/census")["regions"]["us-east-1"]
    assert [each["id"] for each in counted["rds/cluster"]] == ["main"]
    assert len(counted["rds/instance"]) == 2

"""Blue/green deployments: green is built beside blue and takes over its names."""

from __future__ import annotations

import databases
import pytest
import test_rds_aurora
from databases import instance, settled


@pytest.fixture
def rds(lab):
    databases.network(lab)
    return lab.client("rds")


def deploy(rds, source=None, name="next", **more):
    source = source or instance(rds)["DBInstanceArn"]
    return rds.create_blue_green_deployment(BlueGreenDeploymentName=name, Source=source, **more)[
        "BlueGreenDeployment"
    ]


def read(rds, made):
    return rds.describe_blue_green_deployments(
        BlueGreenDeploymentIdentifier=made["BlueGreenDeploymentIdentifier"]
    )["BlueGreenDeployments"][0]


def ready(lab, rds, **more):
    """An available deployment of the instance `main`, 16.11 → 17.7."""
    databases.create(lab, rds, EngineVersion="16.11", MultiAZ=True, DBName="app")
    made = deploy(rds, **{"TargetEngineVersion": "17.7"} | more)
    for _ in range(3):
        settled(lab)
    return made


def names(rds):
    return [row["DBInstanceIdentifier"] for row in rds.describe_db_instances()["DBInstances"]]


def switch(lab, rds, made):
    rds.switchover_blue_green_deployment(
        BlueGreenDeploymentIdentifier=made["BlueGreenDeploymentIdentifier"]
    )
    assert read(rds, made)["Status"] == "SWITCHOVER_IN_PROGRESS"
    settled(lab)


def test_green_is_copied_upgraded_and_then_available(lab, rds):
    databases.create(lab, rds, EngineVersion="16.11")
    made = deploy(rds, TargetEngineVersion="17", Tags=[{"Key": "a", "Value": "b"}])
    assert made["Status"] == "PROVISIONING"
    assert made["TagList"] == [{"Key": "a", "Value": "b"}]
    assert [row["Status"] for row in made["Tasks"]] == ["IN_PROGRESS", "PENDING", "PENDING"]
    lab.advance(700)
    assert [row["Status"] for row in read(rds, made)["Tasks"]] == [
        "COMPLETED",
        "IN_PROGRESS",
        "PENDING",
    ]
    lab.advance(2000)
    found = read(rds, made)
    assert {row["Status"] for row in found["Tasks"]} == {"COMPLETED"}
    assert found["Status"] == "AVAILABLE"
    assert found["SwitchoverDetails"] == [
        {
            "SourceMember": found["Source"],
            "TargetMember": found["Target"],
            "Status": "AVAILABLE",
        }
    ]
    target = instance(rds, found["Target"].rsplit(":", 1)[-1])
    assert target["DBInstanceIdentifier"].startswith("main-green-")
    assert target["EngineVersion"] == "17.7"
    assert instance(rds)["EngineVersion"] == "16.11"
    assert found["BlueGreenDeploymentIdentifier"] in str(lab.admin("GET", "/_lab/census"))


def test_green_takes_blues_name_and_endpoint_and_blue_becomes_old(lab, rds):
    made = ready(lab, rds, TargetDBInstanceClass="db.r6g.xlarge")
    address = instance(rds)["Endpoint"]["Address"]
    switch(lab, rds, made)
    found = read(rds, made)
    assert found["Status"] == "SWITCHOVER_COMPLETED"
    assert found["Source"].endswith(":db:main-old1")
    assert found["Target"].endswith(":db:main")
    assert sorted(names(rds)) == ["main", "main-old1"]
    new, old = instance(rds), instance(rds, "main-old1")
    assert (new["EngineVersion"], old["EngineVersion"]) == ("17.7", "16.11")
    assert (new["DBInstanceClass"], new["MultiAZ"]) == ("db.r6g.xlarge", True)
    assert (new["DBName"], new["BackupRetentionPeriod"]) == ("app", 7)
    assert new["Endpoint"]["Address"] == address != old["Endpoint"]["Address"]
    assert old["DBInstanceStatus"] == new["DBInstanceStatus"] == "available"
    assert "ReadReplicaSourceDBInstanceIdentifier" not in new


def test_without_a_target_group_green_gets_the_default_one(lab, rds):
    for family in ("postgres16", "postgres17"):
        rds.create_db_parameter_group(
            DBParameterGroupName=family, DBParameterGroupFamily=family, Description="d"
        )
    databases.create(lab, rds, EngineVersion="16.11", DBParameterGroupName="postgres16")
    for name, more, group in (
        ("plain", {}, "default.postgres17"),
        ("own", {"TargetDBParameterGroupName": "postgres17"}, "postgres17"),
    ):
        made = deploy(rds, name=name, TargetEngineVersion="17", **more)
        lab.settle()
        target = instance(rds, made["Target"].rsplit(":", 1)[-1])
        assert target["DBParameterGroups"][0]["DBParameterGroupName"] == group
        rds.delete_blue_green_deployment(
            BlueGreenDeploymentIdentifier=made["BlueGreenDeploymentIdentifier"], DeleteTarget=True
        )
        lab.settle()
    assert names(rds) == ["main"]


def test_a_minor_version_keeps_green_a_replica_until_the_switchover(lab, rds):
    made = ready(lab, rds, TargetEngineVersion="16.11")
    target = made["Target"].rsplit(":", 1)[-1]
    assert instance(rds, target)["ReadReplicaSourceDBInstanceIdentifier"] == "main"
    switch(lab, rds, made)
    assert instance(rds)["ReadReplicaDBInstanceIdentifiers"] == []
    assert instance(rds, "main-old1")["ReadReplicaDBInstanceIdentifiers"] == []


@pytest.mark.parametrize(
    ("source", "more", "code"),
    [
        ({"BackupRetentionPeriod": 0}, {}, "InvalidDBInstanceState"),
        ({}, {"TargetEngineVersion": "15.12"}, "InvalidParameterCombination"),
        ({}, {"TargetDBInstanceClass": "db.q1.large"}, "InvalidParameterCombination"),
        ({}, {"TargetDBParameterGroupName": "none"}, "DBParameterGroupNotFound"),
        (
            {},
            {"TargetDBClusterParameterGroupName": "default.aurora"},
            "InvalidParameterCombination",
        ),
        (
            {},
            {"Source": "arn:aws:rds:us-east-1:123456789012:db:none"},
            "DBInstanceNotFound",
        ),
        (
            {},
            {"Source": "arn:aws:rds:us-east-1:123456789012:cluster:none"},
            "DBClusterNotFoundFault",
        ),
    ],
)
def test_what_cannot_be_deployed_is_refused(lab, rds, refused, source, more, code):
    databases.create(lab, rds, EngineVersion="16.11", **source)
    with refused(code):
        deploy(rds, **{"source": more.pop("Source", None)} | more)
    assert names(rds) == ["main"]
    assert rds.describe_blue_green_deployments()["BlueGreenDeployments"] == []


def test_a_source_has_one_deployment_and_a_name_is_used_once(lab, rds, refused):
    made = ready(lab, rds)
    with refused("BlueGreenDeploymentAlreadyExistsFault"):
        deploy(rds)
    with refused("InvalidDBInstanceState"):
        deploy(rds, name="other")
    for name in ("main", made["Target"].rsplit(":", 1)[-1]):
        with refused("InvalidDBInstanceState"):
            rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)


def test_deployments_are_found_by_filters_and_on_pages(lab, rds, refused):
    made = ready(lab, rds)
    for name, value, count in (
        ("blue-green-deployment-name", "next", 1),
        ("blue-green-deployment-name", "other", 0),
        ("source", made["Source"], 1),
        ("target", made["Source"], 0),
    ):
        rows = rds.describe_blue_green_deployments(Filters=[{"Name": name, "Values": [value]}])
        assert len(rows["BlueGreenDeployments"]) == count
    page = rds.describe_blue_green_deployments(MaxRecords=20)
    assert len(page["BlueGreenDeployments"]) == 1 and "Marker" not in page
    with refused("InvalidParameterValue"):
        rds.describe_blue_green_deployments(Filters=[{"Name": "colour", "Values": ["x"]}])
    with refused("BlueGreenDeploymentNotFoundFault"):
        rds.describe_blue_green_deployments(BlueGreenDeploymentIdentifier="bgd-none")


def test_only_an_available_deployment_is_switched_over(lab, rds, refused):
    databases.create(lab, rds, EngineVersion="16.11")
    identifier = deploy(rds)["BlueGreenDeploymentIdentifier"]
    with refused("InvalidBlueGreenDeploymentStateFault"):
        rds.switchover_blue_green_deployment(BlueGreenDeploymentIdentifier=identifier)
    lab.settle()
    with refused("InvalidParameterValue"):
        rds.switchover_blue_green_deployment(
            BlueGreenDeploymentIdentifier=identifier, SwitchoverTimeout=4000
        )
    with refused("BlueGreenDeploymentNotFoundFault"):
        rds.switchover_blue_green_deployment(BlueGreenDeploymentIdentifier="bgd-none")
    rds.reboot_db_instance(DBInstanceIdentifier="main")
    with refused("InvalidBlueGreenDeploymentStateFault"):
        rds.switchover_blue_green_deployment(BlueGreenDeploymentIdentifier=identifier)


def test_after_the_switchover_only_the_deployment_is_deleted(lab, rds, refused):
    made = ready(lab, rds)
    identifier = made["BlueGreenDeploymentIdentifier"]
    switch(lab, rds, made)
    with refused("InvalidBlueGreenDeploymentStateFault"):
        rds.delete_blue_green_deployment(
            BlueGreenDeploymentIdentifier=identifier, DeleteTarget=True
        )
    deleted = rds.delete_blue_green_deployment(BlueGreenDeploymentIdentifier=identifier)
    assert deleted["BlueGreenDeployment"]["Status"] == "DELETING"
    lab.settle()
    assert rds.describe_blue_green_deployments()["BlueGreenDeployments"] == []
    rds.delete_db_instance(DBInstanceIdentifier="main-old1", SkipFinalSnapshot=True)
    lab.settle()
    assert names(rds) == ["main"]


def test_a_failed_green_makes_the_configuration_invalid(lab, rds):
    databases.create(lab, rds, EngineVersion="16.11")
    made = deploy(rds)
    lab.advance(650)
    target = made["Target"].rsplit(":", 1)[-1]
    assert instance(rds, target)["DBInstanceStatus"] == "available"
    lab.admin(
        "POST", "/_lab/decay", {"kind": "rds/instance", "id": target, "reason": "storage-full"}
    )
    lab.settle()
    assert read(rds, made)["Status"] == "INVALID_CONFIGURATION"


def test_a_cluster_is_switched_over_with_its_instances(lab, rds):
    test_rds_aurora.create(lab, rds)
    blue = test_rds_aurora.cluster(rds)
    made = deploy(rds, blue["DBClusterArn"], TargetEngineVersion="17.7")
    lab.settle()
    found = read(rds, made)
    assert (found["Status"], len(found["SwitchoverDetails"])) == ("AVAILABLE", 3)
    switch(lab, rds, made)
    found = read(rds, made)
    assert found["Source"].endswith(":cluster:main-old1")
    assert {row["Status"] for row in found["SwitchoverDetails"]} == {"SWITCHOVER_COMPLETED"}
    new, old = test_rds_aurora.cluster(rds), test_rds_aurora.cluster(rds, "main-old1")
    assert (new["EngineVersion"], old["EngineVersion"]) == ("17.7", "16.11")
    assert (new["Endpoint"], new["ReaderEndpoint"]) == (blue["Endpoint"], blue["ReaderEndpoint"])
    assert old["Endpoint"] != blue["Endpoint"]
    assert new["DBClusterParameterGroup"] == "default.aurora-postgresql17"
    assert sorted(names(rds)) == ["one", "one-old1", "two", "two-old1"]
    assert test_rds_aurora.writer(rds) == ["one"]
    assert instance(rds, "one")["DBClusterIdentifier"] == "main"
    assert instance(rds, "one")["EngineVersion"] == "17.7"


def test_a_clusters_green_goes_with_its_deployment(lab, rds):
    test_rds_aurora.create(lab, rds)
    made = deploy(rds, test_rds_aurora.cluster(rds)["DBClusterArn"])
    lab.settle()
    rds.delete_blue_green_deployment(
        BlueGreenDeploymentIdentifier=made["BlueGreenDeploymentIdentifier"], DeleteTarget=True
    )
    lab.settle()
    assert [row["DBClusterIdentifier"] for row in rds.describe_db_clusters()["DBClusters"]] == [
        "main"
    ]
    assert sorted(names(rds)) == ["one", "two"]

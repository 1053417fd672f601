"""RDS parameter groups, subnet groups and catalogue."""

from __future__ import annotations

import databases
import pytest
import setups
from databases import create, instance, settled


@pytest.fixture
def rds(lab):
    return lab.client("rds")


@pytest.fixture
def net(lab):
    return databases.network(lab)


def test_a_parameter_group_knows_static_and_dynamic(lab, rds, net, refused):
    rds.create_db_parameter_group(
        DBParameterGroupName="pg", DBParameterGroupFamily="postgres17", Description="d"
    )
    create(lab, rds, DBParameterGroupName="pg")

    def modify(name, value, method):
        rds.modify_db_parameter_group(
            DBParameterGroupName="pg",
            Parameters=[{"ParameterName": name, "ParameterValue": value, "ApplyMethod": method}],
        )

    with refused("InvalidParameterCombination"):
        modify("max_connections", "200", "immediate")
    with refused("InvalidParameterValue"):
        modify("max_connections", "many", "pending-reboot")
    with refused("InvalidParameterValue"):
        modify("no_such_parameter", "1", "immediate")
    modify("work_mem", "65536", "immediate")
    assert instance(rds)["DBParameterGroups"][0]["ParameterApplyStatus"] == "in-sync"
    modify("max_connections", "200", "pending-reboot")
    assert instance(rds)["DBParameterGroups"][0]["ParameterApplyStatus"] == "pending-reboot"
    rows = rds.describe_db_parameters(DBParameterGroupName="pg", Source="user")["Parameters"]
    assert {row["ParameterName"]: row["ParameterValue"] for row in rows} == {
        "max_connections": "200",
        "work_mem": "65536",
    }
    rds.reboot_db_instance(DBInstanceIdentifier="main")
    settled(lab)
    assert instance(rds)["DBParameterGroups"][0]["ParameterApplyStatus"] == "in-sync"
    with refused("InvalidDBParameterGroupState"):
        rds.delete_db_parameter_group(DBParameterGroupName="pg")


def test_more_than_twenty_parameters_are_too_many(rds, refused):
    rds.create_db_parameter_group(
        DBParameterGroupName="pg", DBParameterGroupFamily="postgres17", Description="d"
    )
    rows = [{"ParameterName": "work_mem", "ParameterValue": "64"}] * 21
    with refused("InvalidParameterValue"):
        rds.modify_db_parameter_group(DBParameterGroupName="pg", Parameters=rows)


def test_a_subnet_group_covers_two_zones(lab, rds, refused):
    net = setups.network(lab)
    with refused("DBSubnetGroupDoesNotCoverEnoughAZs"):
        rds.create_db_subnet_group(
            DBSubnetGroupName="one", DBSubnetGroupDescription="d", SubnetIds=net.subnets[:1]
        )


def test_versions_and_offers_are_listed(rds):
    rows = rds.describe_db_engine_versions(Engine="postgres", EngineVersion="17")[
        "DBEngineVersions"
    ]
    assert [row["EngineVersion"] for row in rows] == ["17.4", "17.5", "17.6", "17.7"]
    targets = {
        row["EngineVersion"]: row["IsMajorVersionUpgrade"] for row in rows[2]["ValidUpgradeTarget"]
    }
    assert targets == {"17.7": False, "18.1": True}
    offers = rds.describe_orderable_db_instance_options(
        Engine="postgres", EngineVersion="17.7", DBInstanceClass="db.r6g.large"
    )["OrderableDBInstanceOptions"]
    assert {row["StorageType"] for row in offers} == {"gp2", "gp3", "io1", "io2"}
    none = rds.describe_orderable_db_instance_options(
        Engine="postgres", DBInstanceClass="db.none.large"
    )
    assert none["OrderableDBInstanceOptions"] == []

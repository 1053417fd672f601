"""ElastiCache global datastores."""

from __future__ import annotations

import pytest
import setups

WEST = "us-west-2"


@pytest.fixture
def caches(lab):
    """Clients of two regions, each with a subnet group."""
    found = {}
    for region in ("us-east-1", WEST):
        found[region] = lab.client("elasticache", region)
        found[region].create_cache_subnet_group(
            CacheSubnetGroupName="data",
            CacheSubnetGroupDescription="d",
            SubnetIds=setups.network(lab, region).subnets,
        )
    return found


def primary(lab, caches, **more):
    caches["us-east-1"].create_replication_group(
        **{
            "ReplicationGroupId": "east",
            "ReplicationGroupDescription": "d",
            "Engine": "valkey",
            "EngineVersion": "8.0",
            "CacheNodeType": "cache.r7g.large",
            "CacheSubnetGroupName": "data",
            "NumCacheClusters": 2,
            "AutomaticFailoverEnabled": True,
            "TransitEncryptionEnabled": True,
            "AtRestEncryptionEnabled": True,
        }
        | more
    )
    lab.settle()


def with_secondary(lab, caches):
    """A global datastore with a member in each region; its id."""
    primary(lab, caches)
    made = caches["us-east-1"].create_global_replication_group(
        GlobalReplicationGroupIdSuffix="stellar", PrimaryReplicationGroupId="east"
    )["GlobalReplicationGroup"]["GlobalReplicationGroupId"]
    lab.settle()
    caches[WEST].create_replication_group(
        ReplicationGroupId="west",
        ReplicationGroupDescription="d",
        GlobalReplicationGroupId=made,
        CacheSubnetGroupName="data",
    )
    lab.settle()
    return made


def one(cache, name):
    return cache.describe_global_replication_groups(
        GlobalReplicationGroupId=name, ShowMemberInfo=True
    )["GlobalReplicationGroups"][0]


def roles(cache, name):
    return {row["ReplicationGroupId"]: row["Role"] for row in one(cache, name)["Members"]}


def test_a_global_datastore_begins_with_its_primary(lab, caches, refused):
    primary(lab, caches)
    east = caches["us-east-1"]
    made = east.create_global_replication_group(
        GlobalReplicationGroupIdSuffix="stellar", PrimaryReplicationGroupId="east"
    )["GlobalReplicationGroup"]
    name = made["GlobalReplicationGroupId"]
    assert name.endswith("-stellar") and made["Status"] == "creating"
    lab.settle()
    assert one(east, name)["Status"] == "primary-only"
    with refused("InvalidReplicationGroupState"):
        east.delete_replication_group(ReplicationGroupId="east")
    with refused("InvalidReplicationGroupState"):
        east.modify_replication_group(
            ReplicationGroupId="east", CacheNodeType="cache.r7g.xlarge", ApplyImmediately=True
        )


def test_small_nodes_are_not_supported(lab, caches, refused):
    primary(lab, caches, CacheNodeType="cache.t4g.micro")
    with refused("InvalidParameterValue"):
        caches["us-east-1"].create_global_replication_group(
            GlobalReplicationGroupIdSuffix="stellar", PrimaryReplicationGroupId="east"
        )


def test_a_secondary_takes_its_shape_from_the_primary(lab, caches, refused):
    name = with_secondary(lab, caches)
    west = caches[WEST].describe_replication_groups(ReplicationGroupId="west")
    found = west["ReplicationGroups"][0]
    assert (found["CacheNodeType"], found["Engine"]) == ("cache.r7g.large", "valkey")
    assert found["GlobalReplicationGroupInfo"] == {
        "GlobalReplicationGroupId": name,
        "GlobalReplicationGroupMemberRole": "SECONDARY",
    }
    assert one(caches[WEST], name)["Status"] == "available"
    assert roles(caches[WEST], name) == {"east": "PRIMARY", "west": "SECONDARY"}
    groups = caches[WEST].describe_cache_parameter_groups()["CacheParameterGroups"]
    assert [row["CacheParameterGroupName"] for row in groups if row["IsGlobal"]]
    with refused("InvalidParameterCombination"):
        lab.client("elasticache", "eu-west-1").create_replication_group(
            ReplicationGroupId="more",
            ReplicationGroupDescription="d",
            GlobalReplicationGroupId=name,
            CacheNodeType="cache.r7g.large",
        )


def test_one_change_per_call_reaches_every_member(lab, caches, refused):
    name = with_secondary(lab, caches)
    change = {"GlobalReplicationGroupId": name, "ApplyImmediately": True}
    with refused("InvalidParameterValue"):
        caches[WEST].modify_global_replication_group(
            **change, CacheNodeType="cache.r7g.xlarge", EngineVersion="8.1"
        )
    caches[WEST].modify_global_replication_group(**change, CacheNodeType="cache.r7g.xlarge")
    with refused("InvalidGlobalReplicationGroupState"):
        caches[WEST].modify_global_replication_group(**change, EngineVersion="8.1")
    lab.settle()
    assert one(caches[WEST], name)["CacheNodeType"] == "cache.r7g.xlarge"
    west = caches[WEST].describe_replication_groups(ReplicationGroupId="west")
    assert west["ReplicationGroups"][0]["CacheNodeType"] == "cache.r7g.xlarge"


def test_a_failover_swaps_the_roles(lab, caches, refused):
    name = with_secondary(lab, caches)
    call = {"GlobalReplicationGroupId": name, "PrimaryRegion": WEST}
    with refused("InvalidParameterValue"):
        caches[WEST].failover_global_replication_group(**call, PrimaryReplicationGroupId="none")
    caches[WEST].failover_global_replication_group(**call, PrimaryReplicationGroupId="west")
    lab.settle()
    assert roles(caches[WEST], name) == {"east": "SECONDARY", "west": "PRIMARY"}


def test_it_is_taken_apart_from_the_secondaries_on(lab, caches, refused):
    name = with_secondary(lab, caches)
    east = caches["us-east-1"]
    with refused("InvalidGlobalReplicationGroupState"):
        east.delete_global_replication_group(
            GlobalReplicationGroupId=name, RetainPrimaryReplicationGroup=True
        )
    east.disassociate_global_replication_group(
        GlobalReplicationGroupId=name, ReplicationGroupId="west", ReplicationGroupRegion=WEST
    )
    lab.settle()
    east.delete_global_replication_group(
        GlobalReplicationGroupId=name, RetainPrimaryReplicationGroup=True
    )
    lab.settle()
    with refused("GlobalReplicationGroupNotFoundFault"):
        one(east, name)
    caches[WEST].delete_replication_group(ReplicationGroupId="west")
    east.delete_replication_group(ReplicationGroupId="east")
    lab.settle()
    counted = lab.admin("GET", "/_lab/census")["regions"]
    assert not [k for kinds in counted.values() for k in kinds if "replication-group" in k]

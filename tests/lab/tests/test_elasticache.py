"""ElastiCache replication groups: life, checks, scaling, deletion."""

from __future__ import annotations

import caches
import pytest
from caches import TOKEN, clustered, create, group, in_hours, nodes, request


@pytest.fixture
def cache(lab):
    return lab.client("elasticache")


@pytest.fixture
def net(lab):
    return caches.network(lab)


def test_a_group_is_creating_for_minutes_and_then_available(lab, cache, net):
    made = cache.create_replication_group(**request())["ReplicationGroup"]
    assert (made["Status"], made["AutomaticFailover"]) == ("creating", "enabling")
    lab.advance(500)
    assert group(cache)["Status"] == "creating"
    assert "PrimaryEndpoint" not in group(cache)["NodeGroups"][0]
    lab.advance(60)
    now = group(cache)
    assert (now["Status"], now["AutomaticFailover"]) == ("available", "enabled")
    shard = now["NodeGroups"][0]
    assert shard["PrimaryEndpoint"]["Address"].startswith("master.main.")
    assert shard["ReaderEndpoint"]["Address"].startswith("replica.main.")
    assert now["MemberClusters"] == ["main-001", "main-002", "main-003"]
    zones = [each["PreferredAvailabilityZone"] for each in shard["NodeGroupMembers"]]
    assert sorted(zones) == ["us-east-1a", "us-east-1b", "us-east-1c"]


def test_members_are_cache_clusters_with_the_full_version(lab, cache, net):
    create(lab, cache, SecurityGroupIds=[net.group])
    rows = nodes(cache)
    assert [row["CacheClusterId"] for row in rows] == ["main-001", "main-002", "main-003"]
    for row in rows:
        assert (row["EngineVersion"], row["CacheClusterStatus"]) == ("8.0.1", "available")
        assert row["SecurityGroups"][0]["SecurityGroupId"] == net.group
        assert row["CacheParameterGroup"]["CacheParameterGroupName"] == "default.valkey8"


def test_cluster_mode_has_shards_with_distinct_members(lab, cache, net):
    cache.create_replication_group(**clustered(2, 1))
    lab.settle()
    now = group(cache)
    assert now["ClusterEnabled"] is True
    assert now["ConfigurationEndpoint"]["Address"].startswith("clustercfg.main.")
    assert now["MemberClusters"] == [
        "main-0001-001",
        "main-0001-002",
        "main-0002-001",
        "main-0002-002",
    ]
    assert [each["Slots"] for each in now["NodeGroups"]] == ["0-8191", "8192-16383"]


def test_without_its_subnets_nothing_is_created(lab, cache, net, refused):
    for subnet in net.subnets:
        lab.client("ec2").delete_subnet(SubnetId=subnet)
    with refused("InvalidVPCNetworkStateFault"):
        cache.create_replication_group(**request())
    assert cache.describe_replication_groups()["ReplicationGroups"] == []
    assert lab.client("ec2").describe_network_interfaces()["NetworkInterfaces"] == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ReplicationGroupId": "9"}, "InvalidParameterValue"),
        ({"ReplicationGroupId": "a" * 41}, "InvalidParameterValue"),
        ({"Engine": "other"}, "InvalidParameterValue"),
        ({"EngineVersion": "1.0"}, "InvalidParameterValue"),
        ({"CacheNodeType": "cache.none.large"}, "InvalidParameterValue"),
        ({"NumNodeGroups": 1}, "InvalidParameterCombination"),
        ({"NumCacheClusters": 1}, "InvalidParameterCombination"),
        ({"NumCacheClusters": 7}, "InvalidParameterValue"),
        ({"AutomaticFailoverEnabled": False}, "InvalidParameterCombination"),
        ({"CacheParameterGroupName": "default.redis7"}, "InvalidParameterCombination"),
        ({"CacheParameterGroupName": "none"}, "CacheParameterGroupNotFound"),
        ({"CacheSubnetGroupName": "none"}, "CacheSubnetGroupNotFoundFault"),
        ({"SecurityGroupIds": ["sg-0"]}, "InvalidParameterValue"),
        ({"KmsKeyId": "alias/none"}, "InvalidKMSKeyFault"),
        ({"AuthToken": "short"}, "InvalidParameterValue"),
        ({"AuthToken": TOKEN, "TransitEncryptionEnabled": False}, "InvalidParameterCombination"),
        ({"SnapshotRetentionLimit": 36}, "InvalidParameterValue"),
        ({"SnapshotWindow": "3-4"}, "InvalidParameterValue"),
        (
            {"SnapshotWindow": "03:00-04:00", "PreferredMaintenanceWindow": "sun:03:30-sun:05:00"},
            "InvalidParameterValue",
        ),
        ({"SnapshotName": "none"}, "SnapshotNotFoundFault"),
        ({"PreferredCacheClusterAZs": ["us-east-1f"]}, "InvalidParameterValue"),
    ],
)
def test_a_bad_request_creates_nothing(cache, net, refused, change, code):
    with refused(code):
        cache.create_replication_group(**request(**change))
    assert cache.describe_replication_groups()["ReplicationGroups"] == []


def test_names_fold_to_lower_case_and_are_taken_once(lab, cache, net, refused):
    create(lab, cache, ReplicationGroupId="Main")
    assert group(cache)["ReplicationGroupId"] == "main"
    with refused("ReplicationGroupAlreadyExists"):
        cache.create_replication_group(**request())


def test_a_group_holds_its_network(lab, cache, net, refused):
    create(lab, cache, SecurityGroupIds=[net.group])
    ec2 = lab.client("ec2")
    with refused("DependencyViolation"):
        ec2.delete_security_group(GroupId=net.group)
    with refused("CacheSubnetGroupInUse"):
        cache.delete_cache_subnet_group(CacheSubnetGroupName="data")
    cache.delete_replication_group(ReplicationGroupId="main")
    with refused("CacheSubnetGroupInUse"):
        cache.delete_cache_subnet_group(CacheSubnetGroupName="data")
    lab.settle()
    cache.delete_cache_subnet_group(CacheSubnetGroupName="data")
    ec2.delete_security_group(GroupId=net.group)


def test_a_busy_group_takes_no_change(lab, cache, net, refused):
    cache.create_replication_group(**request())
    for call in (
        lambda: cache.modify_replication_group(ReplicationGroupId="main", SnapshotRetentionLimit=1),
        lambda: cache.delete_replication_group(ReplicationGroupId="main"),
        lambda: cache.increase_replica_count(
            ReplicationGroupId="main", NewReplicaCount=4, ApplyImmediately=True
        ),
        lambda: cache.create_snapshot(ReplicationGroupId="main", SnapshotName="s"),
    ):
        with refused("InvalidReplicationGroupState"):
            call()


def test_settings_change_in_place_and_no_change_is_an_error(lab, cache, net, refused):
    create(lab, cache)
    change = {"ReplicationGroupId": "main", "SnapshotRetentionLimit": 7, "ApplyImmediately": True}
    assert cache.modify_replication_group(**change)["ReplicationGroup"]["Status"] == "modifying"
    lab.settle()
    assert (group(cache)["Status"], group(cache)["SnapshotRetentionLimit"]) == ("available", 7)
    with refused("InvalidParameterCombination") as refusal:
        cache.modify_replication_group(**change)
    assert refusal.message == "No modifications were requested"


def test_a_node_type_waits_for_its_window_unless_told(lab, cache, net):
    window = in_hours(lab, 30)
    create(lab, cache, PreferredMaintenanceWindow=window, SnapshotWindow=in_hours(lab, 12, day=""))
    change = {"ReplicationGroupId": "main", "CacheNodeType": "cache.r7g.xlarge"}
    cache.modify_replication_group(**change)
    lab.advance(3600)
    assert nodes(cache)[0]["PendingModifiedValues"] == {"CacheNodeType": "cache.r7g.xlarge"}
    assert group(cache)["CacheNodeType"] == "cache.r7g.large"
    cache.modify_replication_group(**change, ApplyImmediately=True)
    lab.settle()
    assert group(cache)["CacheNodeType"] == "cache.r7g.xlarge"
    assert nodes(cache)[0]["PendingModifiedValues"] == {}


def test_a_pending_node_type_comes_with_the_window(lab, cache, net):
    window = in_hours(lab, 30)
    create(lab, cache, PreferredMaintenanceWindow=window, SnapshotWindow=in_hours(lab, 12, day=""))
    cache.modify_replication_group(ReplicationGroupId="main", CacheNodeType="cache.r7g.xlarge")
    lab.settle()
    assert group(cache)["CacheNodeType"] == "cache.r7g.xlarge"
    assert nodes(cache)[0]["PendingModifiedValues"] == {}


def test_engines_go_forward_only(lab, cache, net, refused):
    create(lab, cache, Engine="redis", EngineVersion="7.1")
    change = {"ReplicationGroupId": "main", "ApplyImmediately": True}
    with refused("InvalidParameterValue"):
        cache.modify_replication_group(**change, EngineVersion="7.0")
    cache.modify_replication_group(**change, Engine="valkey", EngineVersion="8.0")
    lab.settle()
    row = nodes(cache)[0]
    assert (row["Engine"], row["EngineVersion"]) == ("valkey", "8.0.1")
    assert row["CacheParameterGroup"]["CacheParameterGroupName"] == "default.valkey8"
    with refused("InvalidParameterValue"):
        cache.modify_replication_group(**change, Engine="redis", EngineVersion="7.1")


def test_replicas_grow_and_shrink_with_their_interfaces(lab, cache, net, refused):
    create(lab, cache)

    def change(verb, count):
        getattr(cache, f"{verb}_replica_count")(
            ReplicationGroupId="main", NewReplicaCount=count, ApplyImmediately=True
        )
        assert group(cache)["Status"] == "modifying"
        lab.settle()
        return len(group(cache)["MemberClusters"])

    assert change("increase", 4) == 5
    assert change("decrease", 1) == 2
    held = lab.client("ec2").describe_network_interfaces()["NetworkInterfaces"]
    assert len([each for each in held if each["Description"].startswith("ElastiCache")]) == 2
    with refused("InvalidParameterCombination"):
        change("decrease", 0)
    with refused("InvalidParameterValue"):
        change("increase", 1)


def test_shards_grow_and_shrink_in_cluster_mode_only(lab, cache, net, refused):
    create(lab, cache)
    reshard = {"ReplicationGroupId": "main", "ApplyImmediately": True}
    with refused("InvalidParameterCombination"):
        cache.modify_replication_group_shard_configuration(**reshard, NodeGroupCount=2)
    cache.delete_replication_group(ReplicationGroupId="main")
    lab.settle()
    cache.create_replication_group(**clustered(2, 1))
    lab.settle()
    cache.modify_replication_group_shard_configuration(**reshard, NodeGroupCount=3)
    lab.settle()
    assert len(group(cache)["NodeGroups"]) == 3
    with refused("InvalidParameterCombination"):
        cache.modify_replication_group_shard_configuration(**reshard, NodeGroupCount=2)
    cache.modify_replication_group_shard_configuration(
        **reshard, NodeGroupCount=2, NodeGroupsToRemove=["0001"]
    )
    lab.settle()
    assert [each["NodeGroupId"] for each in group(cache)["NodeGroups"]] == ["0002", "0003"]


def test_a_deleted_group_is_gone_and_its_final_snapshot_stays(lab, cache, net, refused):
    create(lab, cache)
    answer = cache.delete_replication_group(
        ReplicationGroupId="main", FinalSnapshotIdentifier="last"
    )
    assert answer["ReplicationGroup"]["Status"] == "deleting"
    lab.settle()
    with refused("ReplicationGroupNotFoundFault"):
        group(cache)
    assert nodes(cache) == []
    rows = cache.describe_snapshots()["Snapshots"]
    assert [(row["SnapshotName"], row["SnapshotStatus"]) for row in rows] == [("last", "available")]
    create(lab, cache, SnapshotName="last")
    cache.delete_snapshot(SnapshotName="last")


def test_a_snapshot_occupies_the_group(lab, cache, net):
    create(lab, cache)
    cache.create_snapshot(ReplicationGroupId="main", SnapshotName="s")
    assert group(cache)["Status"] == "snapshotting"
    lab.settle()
    assert group(cache)["Status"] == "available"
    assert (
        cache.describe_snapshots(SnapshotName="s")["Snapshots"][0]["SnapshotStatus"] == "available"
    )


def test_tagging_makes_the_group_busy_for_moments(lab, cache, net, refused):
    create(lab, cache, Tags=[{"Key": "a", "Value": "1"}])
    arn = group(cache)["ARN"]
    cache.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "b", "Value": "2"}])
    with refused("InvalidReplicationGroupState"):
        cache.remove_tags_from_resource(ResourceName=arn, TagKeys=["a"])
    lab.settle()
    cache.remove_tags_from_resource(ResourceName=arn, TagKeys=["a"])
    assert cache.list_tags_for_resource(ResourceName=arn)["TagList"] == [{"Key": "b", "Value": "2"}]


def test_a_parameter_group_is_checked_and_held(lab, cache, net, refused):
    cache.create_cache_parameter_group(
        CacheParameterGroupName="pg", CacheParameterGroupFamily="valkey8", Description="d"
    )

    def modify(name, value):
        cache.modify_cache_parameter_group(
            CacheParameterGroupName="pg",
            ParameterNameValues=[{"ParameterName": name, "ParameterValue": value}],
        )

    for name, value in (
        ("none", "1"),
        ("maxmemory-policy", "some-lru"),
        ("timeout", "7"),
        ("appendonly", "yes"),
    ):
        with refused("InvalidParameterValue"):
            modify(name, value)
    modify("maxmemory-policy", "allkeys-lru")
    rows = cache.describe_cache_parameters(CacheParameterGroupName="pg", Source="user")[
        "Parameters"
    ]
    assert [(r["ParameterName"], r["ParameterValue"]) for r in rows] == [
        ("maxmemory-policy", "allkeys-lru")
    ]
    create(lab, cache, CacheParameterGroupName="pg")
    with refused("InvalidCacheParameterGroupState"):
        cache.delete_cache_parameter_group(CacheParameterGroupName="pg")


def test_log_delivery_needs_its_log_group(lab, cache, net, refused):
    delivery = {
        "LogType": "slow-log",
        "DestinationType": "cloudwatch-logs",
        "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": "/slow"}},
        "LogFormat": "json",
    }
    with refused("InvalidParameterValue"):
        cache.create_replication_group(**request(LogDeliveryConfigurations=[delivery]))
    lab.client("logs").create_log_group(logGroupName="/slow")
    create(lab, cache, LogDeliveryConfigurations=[delivery])
    assert group(cache)["LogDeliveryConfigurations"][0]["Status"] == "active"


def test_versions_and_families_are_listed(cache):
    rows = cache.describe_cache_engine_versions(Engine="valkey")["CacheEngineVersions"]
    assert {row["EngineVersion"]: row["CacheParameterGroupFamily"] for row in rows} == {
        "7.2": "valkey7",
        "8.0": "valkey8",
        "8.1": "valkey8",
        "8.2": "valkey8",
    }


def test_the_token_never_shows(lab, cache, net):
    create(lab, cache, AuthToken=TOKEN)
    assert group(cache)["AuthTokenEnabled"] is True
    assert TOKEN not in str(lab.admin("GET", "/_lab/log"))
    assert TOKEN not in str(group(cache)) + str(nodes(cache))


def test_waiters_of_the_sdk_end(lab, cache, net):
    create(lab, cache)
    once = {"MaxAttempts": 1}
    for waiter, want in (("replication_group_available", None), ("replication_group_deleted", 1)):
        if want:
            cache.delete_replication_group(ReplicationGroupId="main")
            lab.settle()
        cache.get_waiter(waiter).wait(ReplicationGroupId="main", WaiterConfig=once)

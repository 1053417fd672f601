"""`cache`, field by field."""

from __future__ import annotations

from typing import Any

from acceptance.fields import Account, Seen, Step, allowed
from acceptance.stacks import NETWORK

GROUP = "cache/replication-group"


def _group(account: Account) -> dict[str, Any]:
    client = account.client("elasticache")
    return client.describe_replication_groups(ReplicationGroupId=account.id(GROUP))[
        "ReplicationGroups"
    ][0]


def _member(account: Account) -> dict[str, Any]:
    name = _group(account)["MemberClusters"][0]
    return account.client("elasticache").describe_cache_clusters(CacheClusterId=name)[
        "CacheClusters"
    ][0]


def _engine(account: Account) -> tuple[str, str]:
    member = _member(account)
    return member["Engine"], member["EngineVersion"]


def _shape(account: Account) -> tuple[int, int]:
    """Shards, and nodes of each."""
    shards = _group(account)["NodeGroups"]
    (nodes,) = {len(shard["NodeGroupMembers"]) for shard in shards}
    return len(shards), nodes


def _failover(account: Account) -> tuple[str, str]:
    group = _group(account)
    return group["AutomaticFailover"], group["MultiAZ"]


def _parameters(account: Account) -> dict[str, str]:
    name = _member(account)["CacheParameterGroup"]["CacheParameterGroupName"]
    found = account.client("elasticache").describe_cache_parameters(
        CacheParameterGroupName=name, Source="user"
    )
    return {each["ParameterName"]: each["ParameterValue"] for each in found["Parameters"]}


def _sources(account: Account) -> list[str]:
    filters = [{"Name": "group-id", "Values": [account.id("cache/security-group")]}]
    rules = account.client("ec2").describe_security_group_rules(Filters=filters)
    found = [each for each in rules["SecurityGroupRules"] if not each["IsEgress"]]
    peers = (each.get("ReferencedGroupInfo", {}).get("GroupId") for each in found)
    return sorted(filter(None, (*(each.get("CidrIpv4") for each in found), *peers)))


def _snapshot(account: Account) -> tuple[int, str, str]:
    group, member = _group(account), _member(account)
    window = member["PreferredMaintenanceWindow"]
    return group["SnapshotRetentionLimit"], group["SnapshotWindow"], window


def own_group(account: Account) -> dict[str, str]:
    """Somebody has a security group of their own in the VPC."""
    vpc = account.values["vpc"]["id"]
    made = account.client("ec2").create_security_group(
        GroupName="office", Description="office", VpcId=vpc
    )
    return {"group": made["GroupId"]}


def without_own_group(account: Account) -> None:
    """Nobody needs it any more; a VPC in which it were left could not be deleted."""
    groups = account.client("ec2").describe_security_groups(
        Filters=[{"Name": "group-name", "Values": ["office"]}]
    )["SecurityGroups"]
    account.client("ec2").delete_security_group(GroupId=groups[0]["GroupId"])


def _peers(account: Account) -> int:
    """How many security groups may connect."""
    return sum(1 for source in _sources(account) if source.startswith("sg-"))


def _forgotten(account: Account) -> dict[str, str]:
    """What the refusal of the plan would print."""
    without_own_group(account)
    return allowed(account, "cache")


def _cache(fields: str) -> tuple[str, str]:
    return NETWORK, f"cache = {{ {fields} }}"


STEPS = [
    Step(
        "one small node of Redis, without a replica and without failover",
        _cache('engine = "redis", version = "7.0", node_type = "cache.t3.micro", replicas = 0'),
        seen=(
            Seen("cache.engine", _engine, ("redis", "7.0.7")),
            Seen("cache.node_type", lambda a: _group(a)["CacheNodeType"], "cache.t3.micro"),
            Seen("cache.replicas", _shape, (1, 1)),
            Seen("cache.replicas (failover)", _failover, ("disabled", "disabled")),
            Seen("cache.cluster_mode", lambda a: _group(a)["ClusterEnabled"], False),
            Seen("cache.auth", lambda a: _group(a)["AuthTokenEnabled"], False),
            Seen("cache.snapshot.retention_days", lambda a: _snapshot(a)[0], 7),
            Seen("cache.access", _sources, []),
        ),
    ),
    Step(
        "it grows in every direction in place: type, replicas, failover, parameters, windows, peers",
        _cache(
            'engine = "redis", version = "7.1", node_type = "cache.t3.small", replicas = 2, '
            'parameters = { maxmemory-policy = "allkeys-lru", timeout = "300" }, '
            'snapshot = { retention_days = 14, window = "01:00-02:00" }, '
            'maintenance_window = "sun:03:00-sun:04:30", '
            'access = { cidrs = ["10.9.0.0/16"], security_group_ids = ["@group@"] }'
        ),
        before=own_group,
        seen=(
            Seen("cache.version", _engine, ("redis", "7.1.0")),
            Seen("cache.node_type", lambda a: _group(a)["CacheNodeType"], "cache.t3.small"),
            Seen("cache.replicas", _shape, (1, 3)),
            Seen("cache.replicas (failover)", _failover, ("enabled", "enabled")),
            Seen(
                "cache.parameters",
                _parameters,
                {"maxmemory-policy": "allkeys-lru", "timeout": "300"},
            ),
            Seen("cache.snapshot", _snapshot, (14, "01:00-02:00", "sun:03:00-sun:04:30")),
            Seen("cache.access.cidrs", lambda a: "10.9.0.0/16" in _sources(a), True),
            Seen("cache.access.security_group_ids", _peers, 1),
        ),
        words=("update cache/replication-group", "connections drop briefly"),
        keeps=(GROUP, "cache/parameter-group/redis7"),
    ),
    Step(
        "Redis becomes Valkey in place, with a parameter group of the new family, and asks for a token",
        _cache(
            'auth = "token", engine = "valkey", version = "8.0", node_type = "cache.t3.small", replicas = 1, '
            'parameters = { maxmemory-policy = "noeviction" }, '
            "snapshot = { retention_days = 0, final_snapshot = true }"
        ),
        seen=(
            Seen("cache.engine", _engine, ("valkey", "8.0.1")),
            Seen("cache.replicas", _shape, (1, 2)),
            Seen("cache.parameters", _parameters, {"maxmemory-policy": "noeviction"}),
            Seen("cache.snapshot.retention_days", lambda a: _snapshot(a)[0], 0),
            Seen("cache.access.cidrs", _sources, []),
            Seen("cache.auth", lambda a: _group(a)["AuthTokenEnabled"], True),
        ),
        words=("replace cache/parameter-group", "a new one first"),
        keeps=(GROUP,),
    ),
    Step(
        "the section goes when its loss is allowed, and the network stays",
        (NETWORK, "allow_replace = @allowed@"),
        before=_forgotten,
        seen=(Seen("cache", lambda a: a.values["elasticache"], None),),
        words=("delete cache/replication-group", "ITS DATA IS LOST"),
        keeps=("network/vpc",),
    ),
]

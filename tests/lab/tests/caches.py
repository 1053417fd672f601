"""Caches for tests: the network they stand in, requests, and what is read back."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import setups

TOKEN = "a-token-of-sixteen-or-more"


def network(lab, region="us-east-1"):
    """A network with the subnet group `data`."""
    net = setups.network(lab, region)
    lab.client("elasticache", region).create_cache_subnet_group(
        CacheSubnetGroupName="Data", CacheSubnetGroupDescription="d", SubnetIds=net.subnets
    )
    return net


def request(**more):
    """What CreateReplicationGroup needs at least."""
    return {
        "ReplicationGroupId": "main",
        "ReplicationGroupDescription": "d",
        "Engine": "valkey",
        "EngineVersion": "8.0",
        "CacheNodeType": "cache.r7g.large",
        "CacheSubnetGroupName": "data",
        "NumCacheClusters": 3,
        "AutomaticFailoverEnabled": True,
        "MultiAZEnabled": True,
        "TransitEncryptionEnabled": True,
        "AtRestEncryptionEnabled": True,
    } | more


def clustered(shards, replicas):
    """The same with cluster mode."""
    given = request(NumNodeGroups=shards, ReplicasPerNodeGroup=replicas)
    del given["NumCacheClusters"]
    return given


def create(lab, cache, **more):
    """An available group `main`."""
    cache.create_replication_group(**request(**more))
    lab.settle()


def in_hours(lab, hours, day="%a:"):
    """An hour's window that opens so many hours from now."""
    begin = datetime.fromtimestamp(lab.world.clock.now() + hours * 3600, timezone.utc)
    end = begin + timedelta(hours=1)
    return f"{begin:{day}%H:%M}-{end:{day}%H:%M}".lower()


def group(cache):
    """The group as it is described."""
    return cache.describe_replication_groups(ReplicationGroupId="main")["ReplicationGroups"][0]


def nodes(cache):
    """Its nodes."""
    return cache.describe_cache_clusters()["CacheClusters"]

"""Drift in `cache`."""

from __future__ import annotations

from typing import Any

from acceptance.drift import Drift
from acceptance.fields import Account, Seen
from acceptance.fields.cache import GROUP, _group, _member, _parameters, _shape
from acceptance.stacks import NETWORK

BASE = (
    NETWORK,
    'cache = { node_type = "cache.t3.small", parameters = { maxmemory-policy = "allkeys-lru" }, '
    'snapshot = { window = "01:00-02:00" } }',
)


def _settled(account: Account) -> None:
    """The lab applies changes over time."""
    account.client("elasticache").get_waiter("replication_group_available").wait(
        ReplicationGroupId=account.id(GROUP), WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )


def _modify(account: Account, **changes: Any) -> None:
    account.client("elasticache").modify_replication_group(
        ReplicationGroupId=account.id(GROUP), ApplyImmediately=True, **changes
    )
    _settled(account)


def _add_replica(account: Account) -> None:
    account.client("elasticache").increase_replica_count(
        ReplicationGroupId=account.id(GROUP), NewReplicaCount=2, ApplyImmediately=True
    )
    _settled(account)


def _set_parameter(account: Account) -> None:
    name = _member(account)["CacheParameterGroup"]["CacheParameterGroupName"]
    row = {"ParameterName": "maxmemory-policy", "ParameterValue": "noeviction"}
    account.client("elasticache").modify_cache_parameter_group(
        CacheParameterGroupName=name, ParameterNameValues=[row]
    )


DRIFTS = [
    Drift(
        "a parameter that was changed is set again",
        _set_parameter,
        ("update cache/parameter-group/valkey8", "parameters"),
        Seen("cache.parameters", _parameters, {"maxmemory-policy": "allkeys-lru"}),
    ),
    Drift(
        "a replica that was added goes",
        _add_replica,
        ("update cache/replication-group", "replicas"),
        Seen("cache.replicas", _shape, (1, 2)),
    ),
    Drift(
        "snapshots are made again, and patches too",
        lambda a: _modify(a, SnapshotRetentionLimit=0, AutoMinorVersionUpgrade=False),
        ("update cache/replication-group", "snapshot_retention_days", "minor_upgrades"),
        Seen(
            "cache.snapshot",
            lambda a: (_group(a)["SnapshotRetentionLimit"], _group(a)["AutoMinorVersionUpgrade"]),
            (7, True),
        ),
    ),
]

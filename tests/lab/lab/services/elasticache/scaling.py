"""Replicas and shards of replication groups, up and down."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, operation
from lab.kit.records import Record, public
from lab.services.elasticache import checks, members
from lab.services.elasticache.state import GROUP, Shelf


@operation("elasticache", "IncreaseReplicaCount")
def increase_replicas(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """To a higher number in every shard, or in the shards of `ReplicaConfiguration`."""
    group = _free(ctx, params)
    wanted = _wanted(group, params)
    for shard, count in wanted.items():
        have = len(group["_shards"][shard]) - 1
        if count <= have:
            raise checks.value(
                f"The new replica count {count} of node group {shard} must be above {have}"
            )
    for shard, count in wanted.items():
        members.add_nodes(ctx, group, shard, count + 1 - len(group["_shards"][shard]))
    return _begin(ctx, group)


@operation("elasticache", "DecreaseReplicaCount")
def decrease_replicas(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """To a lower number; Multi-AZ and cluster-mode-disabled failover keep at least one."""
    group = _free(ctx, params)
    named = [name.lower() for name in params.get("ReplicasToRemove", [])]
    if named and params.get("NewReplicaCount") is None:
        lost = {
            shard: sum(node["id"] in named for node in nodes[1:])
            for shard, nodes in group["_shards"].items()
        }
        wanted = {s: len(group["_shards"][s]) - 1 - count for s, count in lost.items() if count}
    else:
        wanted = _wanted(group, params)
    failover = group["AutomaticFailover"] == "enabled" and not group["ClusterEnabled"]
    least = 1 if group["MultiAZ"] == "enabled" or failover else 0
    for shard, count in wanted.items():
        have = len(group["_shards"][shard]) - 1
        if count >= have:
            raise checks.value(
                f"The new replica count {count} of node group {shard} must be below {have}"
            )
        if count < least:
            raise checks.combination(
                "Multi-AZ or automatic failover needs at least one replica; disable it first"
            )
    for shard, count in wanted.items():
        members.drop_nodes(ctx, group, shard, len(group["_shards"][shard]) - 1 - count, named)
    return _begin(ctx, group)


@operation("elasticache", "ModifyReplicationGroupShardConfiguration")
def reshard(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Cluster mode only; on the way down the caller says which shards go or stay."""
    group = _free(ctx, params)
    if not group["ClusterEnabled"]:
        raise checks.combination("Shards can be changed with cluster mode enabled only")
    shards, count = sorted(group["_shards"]), params["NodeGroupCount"]
    if count == len(shards) or count < 1:
        raise checks.value(f"The new node group count {count} must differ from {len(shards)}")
    if count > len(shards):
        replicas = len(group["_shards"][shards[0]])
        number = int(shards[-1])
        for step in range(count - len(shards)):
            members.add_nodes(ctx, group, f"{number + step + 1:04d}", replicas)
    else:
        for shard in _leaving(params, shards, count):
            members.drop_shard(ctx, group, shard)
    return _begin(ctx, group)


@operation("elasticache", "TestFailover")
def fail_over(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """A replica of the shard becomes its primary."""
    group = Shelf(ctx).free_group(params["ReplicationGroupId"])
    nodes = group["_shards"].get(params["NodeGroupId"])
    if nodes is None:
        raise AwsError("NodeGroupNotFoundFault", f"Node group {params['NodeGroupId']} not found.")
    if group["AutomaticFailover"] != "enabled" or len(nodes) < 2:
        raise AwsError(
            "TestFailoverNotAvailableFault",
            "TestFailover needs automatic failover and a replica in the node group",
        )
    nodes[0], nodes[1] = nodes[1], nodes[0]
    group["Status"] = "modifying"
    members.show(group, ctx.region)
    ctx.life.start(GROUP, group["ReplicationGroupId"], "failover")
    return {"ReplicationGroup": public(group)}


def _leaving(params: Record, shards: list[str], count: int) -> list[str]:
    gone, kept = params.get("NodeGroupsToRemove"), params.get("NodeGroupsToRetain")
    if bool(gone) == bool(kept):
        raise checks.combination("Give either NodeGroupsToRemove or NodeGroupsToRetain")
    leaving = list(gone or [shard for shard in shards if shard not in (kept or ())])
    if not set(leaving) <= set(shards) or len(shards) - len(set(leaving)) != count:
        raise checks.value(f"The node groups {leaving} do not lead from {shards} to {count}")
    return leaving


def _free(ctx: Context, params: Record) -> Record:
    if not params["ApplyImmediately"]:
        raise checks.value("ApplyImmediately must be true")
    return Shelf(ctx).free_group(params["ReplicationGroupId"])


def _wanted(group: Record, params: Record) -> dict[str, int]:
    """Shard → number of replicas asked for."""
    if rows := params.get("ReplicaConfiguration"):
        wanted = {row["NodeGroupId"]: row["NewReplicaCount"] for row in rows}
    elif params.get("NewReplicaCount") is not None:
        wanted = dict.fromkeys(group["_shards"], params["NewReplicaCount"])
    else:
        raise checks.combination("Give either NewReplicaCount or ReplicaConfiguration")
    for shard, count in wanted.items():
        if shard not in group["_shards"]:
            raise AwsError("NodeGroupNotFoundFault", f"Node group {shard} not found.")
        if not 0 <= count <= checks.MOST_REPLICAS:
            raise checks.value(f"Replica count {count} must be 0 to {checks.MOST_REPLICAS}")
    return wanted


def _begin(ctx: Context, group: Record) -> dict[str, Any]:
    group["Status"] = "modifying"
    members.show(group, ctx.region)
    ctx.life.start(GROUP, group["ReplicationGroupId"], "scale")
    return {"ReplicationGroup": public(group)}

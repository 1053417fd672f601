"""Shards and member nodes of a replication group, and the cache clusters that they show up as."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, operation
from lab.kit import network
from lab.kit.records import Record, digest, pick
from lab.services.elasticache.state import Shelf, arn, page

SLOTS = 16384
# Region names as host names carry them.
SHORT = {"us": "us", "eu": "eu", "ap": "ap", "ca": "ca", "sa": "sa", "me": "me", "af": "af"}
SIDES = {
    "east": "e",
    "west": "w",
    "north": "n",
    "south": "s",
    "central": "c",
    "northeast": "ne",
    "southeast": "se",
    "northwest": "nw",
    "southwest": "sw",
}


def short_region(region: str) -> str:
    """`use1` for `us-east-1`."""
    area, side, number = region.split("-")[-3:]
    return f"{SHORT.get(area, area)}{SIDES.get(side, side)}{number}"


def add_nodes(ctx: Context, group: Record, shard: str, count: int) -> None:
    """Adds nodes to a shard, or none if one finds no place in the network."""
    nodes = group["_shards"].setdefault(shard, [])
    before = len(nodes)
    try:
        _add_nodes(ctx, group, shard, count)
    except AwsError as error:
        network.remove(ctx, [node["eni"] for node in nodes[before:]])
        del nodes[before:]
        if not nodes:
            del group["_shards"][shard]
        raise AwsError("InvalidVPCNetworkStateFault", error.message) from error


def _add_nodes(ctx: Context, group: Record, shard: str, count: int) -> None:
    """Each node stands in the zone that holds fewest of its shard, with an interface there."""
    nodes = group["_shards"][shard]
    zones = sorted(group["_subnets"])
    for _ in range(count):
        load = {zone: sum(node["zone"] == zone for node in nodes) for zone in zones}
        wished = group["_zones"][len(nodes)] if len(nodes) < len(group["_zones"]) else None
        zone = wished or min(zones, key=lambda each: (load[each], each))
        number = _free_number(nodes)
        infix = f"{shard}-" if group["ClusterEnabled"] else ""
        name = f"{group['ReplicationGroupId']}-{infix}{number:03d}"
        eni = network.place(
            ctx,
            [group["_subnets"][zone]],
            group["_security_groups"],
            f"ElastiCache {name}",
            "amazon-elasticache",
        )
        nodes.append({"id": name, "number": number, "zone": zone, "eni": eni[0]})


def drop_nodes(ctx: Context, group: Record, shard: str, count: int, names: list[str]) -> None:
    """Removes replicas of a shard: those named, else the youngest; never the primary."""
    nodes = group["_shards"][shard]
    chosen = [node for node in nodes[1:] if node["id"] in names]
    chosen += [node for node in reversed(nodes[1:]) if node not in chosen]
    for node in chosen[:count]:
        network.remove(ctx, [node["eni"]])
        nodes.remove(node)


def drop_shard(ctx: Context, group: Record, shard: str) -> None:
    """Removes a shard with all its nodes."""
    network.remove(ctx, [node["eni"] for node in group["_shards"].pop(shard)])


def _free_number(nodes: list[Record]) -> int:
    taken = {node["number"] for node in nodes}
    return next(number for number in range(1, 1000) if number not in taken)


def show(group: Record, region: str) -> None:
    """Brings `MemberClusters`, `NodeGroups` and the endpoints in line with the shards."""
    name, port = group["ReplicationGroupId"], group["_port"]
    tail = f"{digest('host', group['ARN'], length=6)}.{short_region(region)}.cache.amazonaws.com"
    tls, ready = group["TransitEncryptionEnabled"], group["_endpoints"]

    def at(prefix: str) -> Record:
        return {"Address": f"{prefix}.{tail}", "Port": port}

    shards = sorted(group["_shards"])
    group["MemberClusters"] = [node["id"] for shard in shards for node in group["_shards"][shard]]
    group["NodeGroups"] = []
    for index, shard in enumerate(shards):
        row: Record = {"NodeGroupId": shard, "Status": group["Status"], "NodeGroupMembers": []}
        if group["ClusterEnabled"]:
            first = index * SLOTS // len(shards)
            row["Slots"] = f"{first}-{(index + 1) * SLOTS // len(shards) - 1}"
        elif ready:
            row["PrimaryEndpoint"] = at(f"master.{name}" if tls else f"{name}.ng.0001")
            row["ReaderEndpoint"] = at(f"replica.{name}" if tls else f"{name}-ro")
        for position, node in enumerate(group["_shards"][shard]):
            member: Record = {
                "CacheClusterId": node["id"],
                "CacheNodeId": "0001",
                "PreferredAvailabilityZone": node["zone"],
            }
            if not group["ClusterEnabled"]:
                member["CurrentRole"] = "replica" if position else "primary"
                if ready:
                    member["ReadEndpoint"] = at(f"{node['id']}.{name}" if tls else node["id"])
            row["NodeGroupMembers"].append(member)
        group["NodeGroups"].append(row)
    if group["ClusterEnabled"] and ready:
        group["ConfigurationEndpoint"] = at(f"clustercfg.{name}")


@operation("elasticache", "DescribeCacheClusters")
def describe_cache_clusters(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Every node of every replication group is a cache cluster of its own."""
    wanted = (params.get("CacheClusterId") or "").lower()
    rows = []
    if not params.get("ShowCacheClustersNotInReplicationGroups"):
        rows = [
            _cluster(ctx, group, node, nodes=params.get("ShowCacheNodeInfo", False))
            for group in Shelf(ctx).groups.values()
            for shard in sorted(group["_shards"])
            for node in group["_shards"][shard]
            if wanted in ("", node["id"])
        ]
    if wanted and not rows:
        raise AwsError("CacheClusterNotFound", f"CacheCluster not found: {wanted}")
    return page(rows, params, "CacheClusters")


def _cluster(ctx: Context, group: Record, node: Record, *, nodes: bool) -> Record:
    row = pick(
        group,
        "CacheNodeType",
        "Engine",
        "AutoMinorVersionUpgrade",
        "ReplicationGroupId",
        "SnapshotRetentionLimit",
        "SnapshotWindow",
        "AuthTokenEnabled",
        "AuthTokenLastModifiedDate",
        "TransitEncryptionEnabled",
        "TransitEncryptionMode",
        "AtRestEncryptionEnabled",
        "LogDeliveryConfigurations",
        "NetworkType",
        "IpDiscovery",
    ) | {
        "CacheClusterId": node["id"],
        "EngineVersion": group["_version"],
        "CacheClusterStatus": group["Status"],
        "NumCacheNodes": 1,
        "PreferredAvailabilityZone": node["zone"],
        "CacheClusterCreateTime": group["ReplicationGroupCreateTime"],
        "PreferredMaintenanceWindow": group["_maintenance"],
        "PendingModifiedValues": dict(group["_pending"]),
        "CacheSecurityGroups": [],
        "CacheParameterGroup": {
            "CacheParameterGroupName": group["_parameter_group"],
            "ParameterApplyStatus": "in-sync",
            "CacheNodeIdsToReboot": [],
        },
        "CacheSubnetGroupName": group["_subnet_group"],
        "SecurityGroups": [
            {"SecurityGroupId": each, "Status": "active"} for each in group["_security_groups"]
        ],
        "ARN": arn(ctx, "cluster", node["id"]),
        "ReplicationGroupLogDeliveryEnabled": bool(group["LogDeliveryConfigurations"]),
    }
    if group["_topic"]:
        row["NotificationConfiguration"] = {"TopicArn": group["_topic"], "TopicStatus": "active"}
    if nodes:
        row["CacheNodes"] = [
            {
                "CacheNodeId": "0001",
                "CacheNodeStatus": group["Status"],
                "CacheNodeCreateTime": group["ReplicationGroupCreateTime"],
                "ParameterGroupStatus": "in-sync",
                "CustomerAvailabilityZone": node["zone"],
            }
        ]
    return row

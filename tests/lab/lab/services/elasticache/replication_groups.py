"""ElastiCache replication groups: create, describe, delete."""

from __future__ import annotations

from typing import Any

from lab.backend import not_simulated
from lab.extend import AwsError, Context, on_end, operation
from lab.kit import network
from lab.kit.records import Record, moment, public
from lab.services.elasticache import (
    checks,
    engines,
    global_groups,
    members,
    parameters,
    snapshots,
    user_groups,
)
from lab.services.elasticache.state import GROUP, Shelf, arn, page

FOREIGN = ("PrimaryClusterId", "SnapshotArns")


@operation("elasticache", "CreateReplicationGroup")
def create_group(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """`creating` for minutes; endpoints come with `available`."""
    if any(params.get(member) for member in FOREIGN):
        raise not_simulated("elasticache", f"CreateReplicationGroup with one of {FOREIGN}")
    shelf = Shelf(ctx)
    joins = params.get("GlobalReplicationGroupId")
    if joins:
        params = global_groups.joining(ctx, params)
    group = _record(ctx, shelf, checks.new_name(shelf, params["ReplicationGroupId"]), params)
    try:
        for index in range(group["_wanted_shards"]):
            members.add_nodes(ctx, group, f"{index + 1:04d}", group["_wanted_replicas"] + 1)
    except AwsError:
        for shard in list(group["_shards"]):
            members.drop_shard(ctx, group, shard)
        raise
    shelf.groups[group["ReplicationGroupId"]] = group
    if joins:
        global_groups.join(ctx, group, joins)
    members.show(group, ctx.region)
    ctx.life.start(GROUP, group["ReplicationGroupId"], "create")
    return {"ReplicationGroup": public(group)}


@on_end(GROUP, "create", "modify", "scale", "snapshot", "tag", "token", "failover")
def _available(ctx: Context, name: str) -> None:
    group = Shelf(ctx).groups[name]
    group |= {"Status": "available", "_endpoints": True, "PendingModifiedValues": {}}
    group["AutomaticFailover"] = group["AutomaticFailover"].replace("ing", "ed")
    members.show(group, ctx.region)


@operation("elasticache", "DescribeReplicationGroups")
def describe_groups(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One by id, or all."""
    shelf, name = Shelf(ctx), params.get("ReplicationGroupId")
    rows = [shelf.group(name)] if name else list(shelf.groups.values())
    return page(rows, params, "ReplicationGroups")


@operation("elasticache", "DeleteReplicationGroup")
def delete_group(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Needs an available group; a final snapshot survives it."""
    if params.get("RetainPrimaryCluster"):
        raise not_simulated("elasticache", "DeleteReplicationGroup with RetainPrimaryCluster")
    shelf = Shelf(ctx)
    group = shelf.group(params["ReplicationGroupId"])
    if group["Status"] not in ("available", "create-failed"):
        raise AwsError(
            "InvalidReplicationGroupState",
            f"Replication group {group['ReplicationGroupId']} has status {group['Status']} which "
            "is not valid for deletion.",
        )
    if "GlobalReplicationGroupInfo" in group:
        raise AwsError(
            "InvalidReplicationGroupState",
            f"Replication group {group['ReplicationGroupId']} is part of a global replication "
            "group: disassociate it first",
        )
    if final := params.get("FinalSnapshotIdentifier"):
        snapshots.check_new(shelf, final)
        group["_final"] = snapshots.take(ctx, group, final)
    group["Status"] = "deleting"
    members.show(group, ctx.region)
    ctx.life.start(GROUP, group["ReplicationGroupId"], "delete")
    return {"ReplicationGroup": public(group)}


@on_end(GROUP, "delete")
def _deleted(ctx: Context, name: str) -> None:
    group = Shelf(ctx).groups.pop(name)
    network.remove(ctx, [node["eni"] for nodes in group["_shards"].values() for node in nodes])
    if final := group.get("_final"):
        final["SnapshotStatus"] = "available"


def _record(ctx: Context, shelf: Shelf, name: str, params: Record) -> Record:
    """The checked new group with ElastiCache's defaults."""
    if not params["ReplicationGroupDescription"]:
        raise checks.value("The parameter ReplicationGroupDescription must not be blank.")
    origin = shelf.snapshot(params["SnapshotName"]) if params.get("SnapshotName") else {}
    engine = params.get("Engine") or origin.get("Engine", "redis")
    version = engines.full_version(
        engine, params.get("EngineVersion") or origin.get("EngineVersion")
    )
    node_type = params.get("CacheNodeType") or origin.get("CacheNodeType")
    if not node_type:
        raise checks.combination("CacheNodeType must be given")
    engines.check_node_type(node_type)
    many = params.get("ClusterMode") == "enabled" or (params.get("NumNodeGroups") or 1) > 1
    group = checks.group_for(ctx, params.get("CacheParameterGroupName"), engine, version, many=many)
    clustered = parameters.clusters(group)
    shards, replicas = checks.topology(params, clustered=clustered)
    checks.failover(params, shards, replicas, clustered=clustered)
    subnets = shelf.subnet_group(params.get("CacheSubnetGroupName") or "default")
    window = params.get("SnapshotWindow", "06:30-07:30")
    maintenance = params.get("PreferredMaintenanceWindow", "sun:09:00-sun:10:00").lower()
    checks.snapshots(params.get("SnapshotRetentionLimit", 0), window, maintenance)
    zones = {
        row["SubnetAvailabilityZone"]["Name"]: row["SubnetIdentifier"] for row in subnets["Subnets"]
    }
    wished = _zones(params, zones)
    return checks.encryption(ctx, params) | {
        "ReplicationGroupId": name,
        "Description": params["ReplicationGroupDescription"],
        "Status": "creating",
        "PendingModifiedValues": {},
        "AutomaticFailover": "enabling" if params.get("AutomaticFailoverEnabled") else "disabled",
        "MultiAZ": "enabled" if params.get("MultiAZEnabled") else "disabled",
        "SnapshotRetentionLimit": params.get("SnapshotRetentionLimit", 0),
        "SnapshotWindow": window,
        "ClusterEnabled": clustered,
        "ClusterMode": "enabled" if clustered else "disabled",
        "CacheNodeType": node_type,
        "ARN": arn(ctx, "replicationgroup", name),
        "UserGroupIds": user_groups.usable(shelf, params.get("UserGroupIds", []), params),
        "LogDeliveryConfigurations": checks.log_delivery(
            ctx, params.get("LogDeliveryConfigurations", [])
        ),
        "ReplicationGroupCreateTime": moment(ctx),
        "DataTiering": "enabled" if params.get("DataTieringEnabled") else "disabled",
        "AutoMinorVersionUpgrade": params.get("AutoMinorVersionUpgrade", True),
        "NetworkType": params.get("NetworkType", "ipv4"),
        "IpDiscovery": params.get("IpDiscovery", "ipv4"),
        "Engine": engine,
        "_version": version,
        "_port": params.get("Port") or engines.PORT,
        "_parameter_group": group["CacheParameterGroupName"],
        "_subnet_group": subnets["CacheSubnetGroupName"],
        "_subnets": zones,
        "_zones": wished,
        "_vpc": subnets["VpcId"],
        "_security_groups": checks.security_groups(
            ctx, params.get("SecurityGroupIds"), subnets["VpcId"]
        ),
        "_maintenance": maintenance,
        "_topic": params.get("NotificationTopicArn"),
        "_tags": list(params.get("Tags", [])),
        "_tokens": [params["AuthToken"]] if params.get("AuthToken") else [],
        "_pending": {},
        "_shards": {},
        "_endpoints": False,
        "_wanted_shards": shards,
        "_wanted_replicas": replicas,
    }


def _zones(params: Record, offered: dict[str, str]) -> list[str]:
    """The zones that the caller wants, in order of nodes; each must have a subnet."""
    wished = list(params.get("PreferredCacheClusterAZs", []))
    if missing := [zone for zone in wished if zone not in offered]:
        raise checks.value(f"The subnet group has no subnet in {missing}")
    return wished

"""ModifyReplicationGroup: settings, node type, engine, failover, token."""

from __future__ import annotations

from typing import Any

from lab.backend import not_simulated
from lab.extend import Context, on_end, operation
from lab.kit import network
from lab.kit.records import Record, public
from lab.kit.windows import until
from lab.services.elasticache import (
    checks,
    engines,
    global_groups,
    members,
    tokens,
    user_groups,
)
from lab.services.elasticache.state import GROUP, WINDOW, Shelf

FOREIGN = ("PrimaryClusterId", "ClusterMode")


@operation("elasticache", "ModifyReplicationGroup")
def modify_group(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Node type and engine wait for the window unless they are to be applied immediately."""
    if any(params.get(member) for member in FOREIGN):
        raise not_simulated("elasticache", f"ModifyReplicationGroup with one of {FOREIGN}")
    group = Shelf(ctx).free_group(params["ReplicationGroupId"])
    new, scaled = _settings(ctx, group, params), _scale(ctx, group, params)
    if not new and not scaled:
        raise checks.combination("No modifications were requested")
    group |= new
    if "_security_groups" in new:
        enis = [node["eni"] for nodes in group["_shards"].values() for node in nodes]
        network.regroup(ctx, enis, new["_security_groups"])
    if scaled:
        global_groups.check_change(group)
    if scaled and not params.get("ApplyImmediately"):
        shown = {
            "CacheNodeType": scaled.get("CacheNodeType"),
            "EngineVersion": scaled.get("_version"),
        }
        group["_pending"] |= {key: value for key, value in shown.items() if value}
        group["_scaled"] = group.get("_scaled", {}) | scaled
        span = until(ctx.now(), group["_maintenance"])
        name = group["ReplicationGroupId"]
        ctx.life.start(WINDOW, name, "wait", seconds=span, waited_for=False)
        scaled = {}
    if scaled:
        _begin_scale(ctx, group, scaled)
    elif new:
        group["Status"] = "modifying"
        members.show(group, ctx.region)
        step = "token" if "_tokens" in new else "modify"
        ctx.life.start(GROUP, group["ReplicationGroupId"], step)
    return {"ReplicationGroup": public(group)}


def _begin_scale(ctx: Context, group: Record, scaled: Record) -> None:
    """Nothing is pending any more: it is being done."""
    group |= scaled | {"Status": "modifying", "_pending": {}, "_scaled": {}}
    members.show(group, ctx.region)
    ctx.life.start(GROUP, group["ReplicationGroupId"], "scale")


@on_end(WINDOW, "wait")
def _window(ctx: Context, name: str) -> None:
    """The maintenance window opens."""
    group = Shelf(ctx).groups.get(name)
    if group and group.get("_scaled") and group["Status"] == "available":
        _begin_scale(ctx, group, group["_scaled"])


def _settings(ctx: Context, group: Record, params: Record) -> Record:
    """Changes that apply at once; values that equal the present ones are none."""
    plain = {
        "ReplicationGroupDescription": "Description",
        "SnapshotRetentionLimit": "SnapshotRetentionLimit",
        "SnapshotWindow": "SnapshotWindow",
        "AutoMinorVersionUpgrade": "AutoMinorVersionUpgrade",
        "IpDiscovery": "IpDiscovery",
        "NotificationTopicArn": "_topic",
        "TransitEncryptionMode": "TransitEncryptionMode",
        "TransitEncryptionEnabled": "TransitEncryptionEnabled",
    }
    new: Record = {own: params[member] for member, own in plain.items() if member in params}
    if "PreferredMaintenanceWindow" in params:
        new["_maintenance"] = params["PreferredMaintenanceWindow"].lower()
    if "SecurityGroupIds" in params:
        ids = checks.security_groups(ctx, params["SecurityGroupIds"], group["_vpc"])
        new["_security_groups"] = ids
    if "LogDeliveryConfigurations" in params:
        new["LogDeliveryConfigurations"] = _deliveries(ctx, group, params)
    if "CacheParameterGroupName" in params and not {"Engine", "EngineVersion"} & set(params):
        new["_parameter_group"] = _parameter_group(
            ctx, group, params, group["Engine"], group["_version"]
        )
    new |= _failover(group, params)
    merged = group | new
    checks.snapshots(
        merged["SnapshotRetentionLimit"], merged["SnapshotWindow"], merged["_maintenance"]
    )
    new = {key: value for key, value in new.items() if value != group.get(key)}
    return new | tokens.change(ctx, group, params) | user_groups.change(ctx, group, params)


def _failover(group: Record, params: Record) -> Record:
    asked = {
        "AutomaticFailoverEnabled": params.get(
            "AutomaticFailoverEnabled", group["AutomaticFailover"] == "enabled"
        ),
        "MultiAZEnabled": params.get("MultiAZEnabled", group["MultiAZ"] == "enabled"),
    }
    replicas = min(len(nodes) for nodes in group["_shards"].values()) - 1
    checks.failover(asked, len(group["_shards"]), replicas, clustered=group["ClusterEnabled"])
    return {
        "AutomaticFailover": "enabled" if asked["AutomaticFailoverEnabled"] else "disabled",
        "MultiAZ": "enabled" if asked["MultiAZEnabled"] else "disabled",
    }


def _deliveries(ctx: Context, group: Record, params: Record) -> list[Record]:
    """Each row replaces the delivery of its log type; `Enabled` = false removes it."""
    given = params["LogDeliveryConfigurations"]
    named = {row["LogType"] for row in given}
    kept = [row for row in group["LogDeliveryConfigurations"] if row["LogType"] not in named]
    return kept + checks.log_delivery(ctx, given)


def _parameter_group(ctx: Context, group: Record, params: Record, engine: str, version: str) -> str:
    """The name of the new group; cluster mode stays what it is."""
    found = checks.group_for(
        ctx,
        params.get("CacheParameterGroupName"),
        engine,
        version,
        many=group["ClusterEnabled"],
    )
    return found["CacheParameterGroupName"]


def _scale(ctx: Context, group: Record, params: Record) -> Record:
    """Changes of node type and engine, which replace nodes."""
    new: Record = {}
    if params.get("CacheNodeType") not in (None, group["CacheNodeType"]):
        engines.check_node_type(params["CacheNodeType"])
        new["CacheNodeType"] = params["CacheNodeType"]
    engine: str = params.get("Engine") or group["Engine"]
    asked = params.get("EngineVersion")
    version = engines.full_version(engine, asked) if asked else group["_version"]
    if (engine, version) == (group["Engine"], group["_version"]):
        return new
    if engine != group["Engine"] and not asked:
        raise checks.combination("EngineVersion must be given with Engine")
    if not engines.is_newer(engine, group["Engine"], version, group["_version"]):
        raise checks.value(
            f"Downgrading from {group['Engine']} {group['_version']} to {engine} {version} "
            "requires deletion and recreation"
        )
    old_family = engines.family_of(group["Engine"], group["_version"])
    new |= {"Engine": engine, "_version": version}
    custom = not group["_parameter_group"].startswith("default.")
    if engines.family_of(engine, version) == old_family and not params.get(
        "CacheParameterGroupName"
    ):
        return new
    if custom and not params.get("CacheParameterGroupName"):
        raise checks.combination("A new major version needs CacheParameterGroupName")
    new["_parameter_group"] = _parameter_group(ctx, group, params, engine, version)
    return new

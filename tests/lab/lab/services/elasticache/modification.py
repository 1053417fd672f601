"""ModifyReplicationGroup: settings, node type, engine, failover, token."""

from __future__ import annotations

from typing import Any

from lab.backend import not_simulated
from lab.extend import Context, operation
from lab.kit import network
from lab.kit.records import Record, moment, public
from lab.services.elasticache import checks, engines, members
from lab.services.elasticache.state import GROUP, Shelf

FOREIGN = (
    "UserGroupIdsToAdd",
    "UserGroupIdsToRemove",
    "RemoveUserGroups",
    "PrimaryClusterId",
    "ClusterMode",
)


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
    if scaled and not params.get("ApplyImmediately"):
        shown = {
            "CacheNodeType": scaled.get("CacheNodeType"),
            "EngineVersion": scaled.get("_version"),
        }
        group["_pending"] |= {key: value for key, value in shown.items() if value}
        scaled = {}
    if new or scaled:
        group |= scaled | {"Status": "modifying", "_pending": {}}
        members.show(group, ctx.region)
        ctx.life.start(GROUP, group["ReplicationGroupId"], "scale" if scaled else "modify")
    return {"ReplicationGroup": public(group)}


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
    return new | _token(ctx, group, params)


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


def _token(ctx: Context, group: Record, params: Record) -> Record:
    token = params.get("AuthToken")
    if not token:
        return {}
    if not group["TransitEncryptionEnabled"]:
        raise checks.combination("The AUTH token needs encryption-in-transit")
    checks.auth_token(token)
    return {"_token": token, "AuthTokenEnabled": True, "AuthTokenLastModifiedDate": moment(ctx)}


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

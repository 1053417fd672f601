"""EKS updates: one change kind per call, one running update per object."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lab.extend import AwsError, Context, on_end, operation
from lab.kit.pages import page
from lab.kit.records import Record, moment, public
from lab.services.eks import control_plane
from lab.services.eks.clusters import check_key, check_network, whole_logging
from lab.services.eks.state import (
    CLUSTER,
    addon_of,
    cluster_of,
    clusters,
    nodegroup_of,
    uuid,
)
from lab.services.eks.versions import MINORS

# Authentication modes, in the only direction in which a cluster can move.
MODES = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"]


def open_update(
    ctx: Context,
    cluster: Record,
    record: Record,
    kind: str,
    values: dict[str, Any],
    change: Record,
    **of: str,
) -> Record:
    """Puts `record` into UPDATING until `close_update` applies `change` to it.

    The record is the cluster itself, or the node group or add-on of it that `of` names.
    """
    update = {
        "id": uuid(ctx, "update", cluster["name"], str(len(cluster["_updates"]))),
        "status": "InProgress",
        "type": kind,
        "params": [{"type": key, "value": _text(value)} for key, value in values.items()],
        "createdAt": moment(ctx),
        "errors": [],
        "_of": of,
        "_change": change,
    }
    cluster["_updates"][update["id"]] = update
    record |= {"status": "UPDATING", "_update": update["id"]}
    return update


def close_update(cluster: Record, record: Record) -> Record:
    """Applies the running update of `record`: the new values can be read, it is ACTIVE again."""
    update = cluster["_updates"][record.pop("_update")]
    update["status"] = "Successful"
    record.update(update["_change"], status="ACTIVE")
    return update


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@operation("eks", "DescribeUpdate")
def describe_update(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One update; those of node groups and add-ons are found only with their name given."""
    cluster = cluster_of(ctx, params["name"])
    update = cluster["_updates"].get(params["updateId"])
    if update is None or update["_of"] != _owner(params):
        raise AwsError("ResourceNotFoundException", f"No update found for ID: {params['updateId']}")
    return {"update": public(update)}


@operation("eks", "ListUpdates")
def list_updates(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Ids of the updates of a cluster, node group or add-on, newest first."""
    cluster = cluster_of(ctx, params["name"])
    owner = _owner(params)
    if "nodegroup" in owner:
        nodegroup_of(ctx, cluster["name"], owner["nodegroup"])
    if "addon" in owner:
        addon_of(ctx, cluster["name"], owner["addon"])
    ids = [key for key, update in cluster["_updates"].items() if update["_of"] == owner]
    ids, token = page(ids[::-1], params)
    return {"updateIds": ids, "nextToken": token}


def _owner(params: Record) -> dict[str, str]:
    members = (("nodegroupName", "nodegroup"), ("addonName", "addon"))
    return {key: params[member] for member, key in members if params.get(member)}


@operation("eks", "UpdateClusterVersion")
def update_cluster_version(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One minor up, with every managed node group on the control plane's present minor."""
    cluster = _free(ctx, params["name"], "UpdateClusterVersion")
    old, new = cluster["version"], params["version"]
    if new not in MINORS:
        raise AwsError("InvalidParameterException", f"unsupported Kubernetes version {new}")
    if new == old:
        raise AwsError("InvalidParameterException", f"Cluster is already at version {new}")
    if MINORS[new].number != MINORS[old].number + 1:
        raise AwsError(
            "InvalidParameterException",
            f"Unsupported Kubernetes minor version update from {old} to {new}",
        )
    lagging = sorted(
        name for name, group in cluster["_nodegroups"].items() if group["version"] != old
    )
    if lagging:
        raise AwsError(
            "InvalidRequestException",
            f"Nodegroups {lagging} must be updated to match cluster version {old} "
            "before updating cluster version",
        )
    values = {"Version": new, "PlatformVersion": MINORS[new].platform}
    change = {"version": new, "platformVersion": MINORS[new].platform}
    return _begin(ctx, cluster, "VersionUpdate", values, change, "upgrade")


@operation("eks", "UpdateClusterConfig")
def update_cluster_config(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Exactly one kind of change; the new values are read back when the update is done."""
    cluster = _free(ctx, params["name"], "UpdateClusterConfig")
    kinds = [kind for kind in CHANGES if any(params.get(m) is not None for m in kind.members)]
    if len(kinds) != 1:
        raise AwsError(
            "InvalidParameterException",
            "Only one type of update can be allowed."
            if kinds
            else "The type for cluster update was not provided.",
        )
    kind, values, change = kinds[0].plan(ctx, cluster, params)
    return _begin(ctx, cluster, kind, values, change, "update")


@operation("eks", "AssociateEncryptionConfig")
def associate_encryption(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Encryption of secrets can be added once and never removed."""
    cluster = _free(ctx, params["clusterName"], "AssociateEncryptionConfig")
    if cluster.get("encryptionConfig"):
        raise AwsError("InvalidParameterException", "Encryption is already enabled for the cluster")
    check_key(ctx, params["encryptionConfig"])
    change = {"encryptionConfig": params["encryptionConfig"]}
    values = {"EncryptionConfig": params["encryptionConfig"]}
    return _begin(ctx, cluster, "AssociateEncryptionConfig", values, change, "update")


def _free(ctx: Context, name: str, call: str) -> Record:
    cluster = cluster_of(ctx, name)
    if cluster["status"] != "ACTIVE":
        raise AwsError(
            "ResourceInUseException",
            f"Cannot {call} because cluster {name} currently has update "
            f"{cluster.get('_update', cluster['status'])} in progress",
        )
    return cluster


def _begin(
    ctx: Context,
    cluster: Record,
    kind: str,
    values: dict[str, Any],
    change: Record,
    transition: str,
) -> dict[str, Any]:
    update = open_update(ctx, cluster, cluster, kind, values, change)
    ctx.life.start(CLUSTER, cluster["name"], transition)
    return {"update": public(update)}


@on_end(CLUSTER, "update", "upgrade")
def _updated(ctx: Context, name: str) -> None:
    cluster = clusters(ctx)[name]
    network_before = cluster["resourcesVpcConfig"]
    update = close_update(cluster, cluster)
    if cluster["resourcesVpcConfig"] != network_before:
        try:
            control_plane.place(ctx, cluster)
        except AwsError as error:
            cluster["resourcesVpcConfig"] = network_before
            problem = {"errorCode": "SubnetNotFound", "errorMessage": error.message}
            update |= {"status": "Failed", "errors": [problem]}
    control_plane.write_logs(ctx, cluster)


Plan = tuple[str, dict[str, Any], Record]


@dataclass(frozen=True)
class Change:
    """One kind of configuration change: the request's members, and what they lead to."""

    members: list[str]
    plan: Callable[[Context, Record, Record], Plan]


def _vpc(ctx: Context, cluster: Record, params: Record) -> Plan:
    given, old = params["resourcesVpcConfig"], cluster["resourcesVpcConfig"]
    placed = {"subnetIds", "securityGroupIds"} & set(given)
    access = {"endpointPublicAccess", "endpointPrivateAccess", "publicAccessCidrs"} & set(given)
    if placed and access:
        raise AwsError("InvalidParameterException", "Only one type of update can be allowed.")
    new = old | given
    if new == old:
        raise AwsError(
            "InvalidParameterException",
            "Cluster is already at the desired configuration with endpointPrivateAccess: "
            f"{old['endpointPrivateAccess']} , endpointPublicAccess: "
            f"{old['endpointPublicAccess']}, and Public Endpoint Restrictions: "
            f"{old['publicAccessCidrs']}",
        )
    if not (new["endpointPublicAccess"] or new["endpointPrivateAccess"]):
        raise AwsError(
            "InvalidParameterException", "Private and public endpoint access cannot both be false"
        )
    if placed and check_network(ctx, new)["VpcId"] != old["vpcId"]:
        raise AwsError("InvalidParameterException", "Subnets must stay in the cluster's VPC")
    if placed:
        values = {"Subnets": new["subnetIds"], "SecurityGroups": new["securityGroupIds"]}
        return "VpcConfigUpdate", values, {"resourcesVpcConfig": new}
    values = {key[0].upper() + key[1:]: given[key] for key in sorted(access)}
    return "EndpointAccessUpdate", values, {"resourcesVpcConfig": new}


def _logging(_ctx: Context, cluster: Record, params: Record) -> Plan:
    old = cluster["logging"]["clusterLogging"]
    new = whole_logging(params["logging"], old)
    if new == old:
        raise AwsError(
            "InvalidParameterException", "No changes needed for the logging config provided"
        )
    values = {"ClusterLogging": params["logging"]}
    return "LoggingUpdate", values, {"logging": {"clusterLogging": new}}


def _access(_ctx: Context, cluster: Record, params: Record) -> Plan:
    old = cluster["accessConfig"]["authenticationMode"]
    new = params["accessConfig"].get("authenticationMode", old)
    if MODES.index(new) <= MODES.index(old):
        raise AwsError(
            "InvalidParameterException",
            f"Unsupported authentication mode update from {old} to {new}",
        )
    change = {"accessConfig": cluster["accessConfig"] | {"authenticationMode": new}}
    return "AccessConfigUpdate", {"AuthenticationMode": new}, change


def _plain(member: str, kind: str, label: str) -> Callable[[Context, Record, Record], Plan]:
    """A change that only sets one member of the cluster."""

    def plan(_ctx: Context, cluster: Record, params: Record) -> Plan:
        old, new = cluster.get(member), params[member]
        if isinstance(old, dict) and isinstance(new, dict):
            new = old | new
        if new == old:
            raise AwsError("InvalidParameterException", f"No changes needed for {member}")
        return kind, {label: params[member]}, {member: new}

    return plan


def _auto_mode(_ctx: Context, cluster: Record, params: Record) -> Plan:
    members = ("computeConfig", "storageConfig", "kubernetesNetworkConfig")
    if any(params.get(member) is None for member in members):
        raise AwsError(
            "InvalidParameterException",
            "computeConfig, storageConfig and kubernetesNetworkConfig must be given together",
        )
    change = {member: cluster.get(member, {}) | params[member] for member in members}
    values = {member[0].upper() + member[1:]: params[member] for member in members}
    return "AutoModeUpdate", values, change


CHANGES = [
    Change(["resourcesVpcConfig"], _vpc),
    Change(["logging"], _logging),
    Change(["accessConfig"], _access),
    Change(["upgradePolicy"], _plain("upgradePolicy", "UpgradePolicyUpdate", "UpgradePolicy")),
    Change(
        ["zonalShiftConfig"],
        _plain("zonalShiftConfig", "ZonalShiftConfigUpdate", "ZonalShiftConfig"),
    ),
    Change(["computeConfig", "storageConfig", "kubernetesNetworkConfig"], _auto_mode),
    Change(
        ["remoteNetworkConfig"],
        _plain("remoteNetworkConfig", "RemoteNetworkConfigUpdate", "RemoteNetworkConfig"),
    ),
    Change(
        ["deletionProtection"],
        _plain("deletionProtection", "DeletionProtectionUpdate", "DeletionProtection"),
    ),
]

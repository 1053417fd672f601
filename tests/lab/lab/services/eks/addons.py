"""EKS add-ons: catalogue, create, describe, list, update, delete."""

from __future__ import annotations

import json
from typing import Any

from lab.extend import AwsError, Context, on_end, operation
from lab.kit.pages import page
from lab.kit.records import Record, moment, pick, public
from lab.kit.tokens import remember, replayed
from lab.services.eks import identity
from lab.services.eks.catalogue import CATALOGUE, describe
from lab.services.eks.state import (
    ADDON,
    active_cluster,
    addon_of,
    arn,
    cluster_of,
    clusters,
    has_nodes,
)
from lab.services.eks.updates import close_update, open_update
from lab.services.eks.versions import MINORS

WAITING = {
    "code": "InsufficientNumberOfReplicas",
    "message": "The add-on is unhealthy because it doesn't have the desired number of replicas.",
    "resourceIds": [],
}


@operation("eks", "DescribeAddonVersions")
def describe_addon_versions(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """The catalogue; an unknown Kubernetes version or add-on name is an error."""
    minor, name = params.get("kubernetesVersion"), params.get("addonName")
    if minor and minor not in MINORS:
        raise AwsError("InvalidParameterException", f"unsupported Kubernetes version {minor}")
    if name and name not in CATALOGUE:
        raise AwsError("ResourceNotFoundException", f"Addon {name} is not supported")
    minors = [minor] if minor else sorted(MINORS, reverse=True)
    kinds = params.get("types")
    rows = [
        describe(addon, minors)
        for addon in CATALOGUE.values()
        if (not name or addon.name == name) and (not kinds or addon.kind in kinds)
    ]
    rows, token = page(rows, params)
    return {"addons": rows, "nextToken": token}


@operation("eks", "DescribeAddonConfiguration")
def describe_addon_configuration(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Schema of the configuration and the service accounts of one add-on version."""
    name, version = params["addonName"], params["addonVersion"]
    addon = CATALOGUE.get(name)
    if addon is None or version not in addon.all_versions():
        raise AwsError("ResourceNotFoundException", f"Addon {name} {version} is not supported")
    return {
        "addonName": name,
        "addonVersion": version,
        "configurationSchema": addon.schema(),
        "podIdentityConfiguration": [
            {
                "serviceAccount": account,
                "recommendedManagedPolicies": [f"arn:aws:iam::aws:policy/{p}" for p in policies],
            }
            for account, policies in addon.accounts.items()
        ],
    }


@operation("eks", "CreateAddon")
def create_addon(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """CREATING, then ACTIVE – or DEGRADED while the nodes that it needs are missing."""
    cluster, name = active_cluster(ctx, params["clusterName"]), params["addonName"]
    if replayed(ctx, "CreateAddon", params) and name in cluster["_addons"]:
        return {"addon": public(cluster["_addons"][name])}
    if name in cluster["_addons"]:
        raise AwsError("ResourceInUseException", "Addon already exists.")
    if name not in CATALOGUE:
        raise AwsError("InvalidParameterException", f"Addon {name} specified is not supported")
    version = _version(cluster, name, params.get("addonVersion"))
    _check_configuration(name, params.get("configurationValues"))
    addon = {
        "addonName": name,
        "clusterName": cluster["name"],
        "status": "CREATING",
        "addonVersion": version,
        "health": {"issues": []},
        "addonArn": arn(ctx, "addon", cluster["name"], name),
        "createdAt": moment(ctx),
        "modifiedAt": moment(ctx),
        "tags": dict(params.get("tags", {})),
        "publisher": "eks",
        "owner": "aws",
        "namespaceConfig": {"namespace": CATALOGUE[name].namespace},
        "podIdentityAssociations": [],
    } | pick(params, "serviceAccountRoleArn", "configurationValues", "namespaceConfig")
    if wanted := params.get("podIdentityAssociations"):
        addon["podIdentityAssociations"] = identity.own(ctx, cluster, addon, wanted)
    cluster["_addons"][name] = addon
    ctx.life.start(ADDON, f"{cluster['name']}/{name}", "create")
    remember(ctx, "CreateAddon", params, name)
    return {"addon": public(addon)}


@on_end(ADDON, "create")
def _created(ctx: Context, path: str) -> None:
    cluster, addon = _find(ctx, path)
    addon["status"] = "ACTIVE"
    reconcile(cluster)


def reconcile(cluster: Record) -> None:
    """Add-ons that run as Deployments follow the nodes: DEGRADED without, ACTIVE with."""
    healthy = has_nodes(cluster)
    for addon in cluster["_addons"].values():
        if not CATALOGUE[addon["addonName"]].needs_nodes:
            continue
        if addon["status"] in ("ACTIVE", "DEGRADED"):
            addon["status"] = "ACTIVE" if healthy else "DEGRADED"
            addon["health"]["issues"] = [] if healthy else [dict(WAITING)]


@operation("eks", "DescribeAddon")
def describe_addon(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """The add-on as it is now."""
    return {"addon": public(addon_of(ctx, params["clusterName"], params["addonName"]))}


@operation("eks", "ListAddons")
def list_addons(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Names, sorted."""
    names, token = page(sorted(cluster_of(ctx, params["clusterName"])["_addons"]), params)
    return {"addons": names, "nextToken": token}


@operation("eks", "UpdateAddon")
def update_addon(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Version, configuration, role or pod identity, in any combination."""
    cluster = active_cluster(ctx, params["clusterName"])
    addon = addon_of(ctx, cluster["name"], params["addonName"])
    if addon["status"] not in ("ACTIVE", "DEGRADED", "UPDATE_FAILED", "CREATE_FAILED"):
        raise AwsError(
            "ResourceInUseException",
            f"Addon {addon['addonName']} cannot be updated as it is currently in "
            f"{addon['status']} state",
        )
    change = pick(params, "serviceAccountRoleArn", "configurationValues")
    values = {key[0].upper() + key[1:]: value for key, value in change.items()}
    if params.get("addonVersion"):
        change["addonVersion"] = _version(cluster, addon["addonName"], params["addonVersion"])
        values["AddonVersion"] = change["addonVersion"]
    _check_configuration(addon["addonName"], params.get("configurationValues"))
    if params.get("podIdentityAssociations") is not None:
        wanted = params["podIdentityAssociations"]
        change["podIdentityAssociations"] = identity.own(ctx, cluster, addon, wanted)
        values["PodIdentityAssociations"] = wanted
    values["ResolveConflicts"] = params.get("resolveConflicts", "NONE")
    name = addon["addonName"]
    update = open_update(ctx, cluster, addon, "AddonUpdate", values, change, addon=name)
    ctx.life.start(ADDON, f"{cluster['name']}/{name}", "update")
    return {"update": public(update)}


@on_end(ADDON, "update")
def _updated(ctx: Context, path: str) -> None:
    cluster, addon = _find(ctx, path)
    close_update(cluster, addon)
    addon["modifiedAt"] = moment(ctx)
    reconcile(cluster)


@operation("eks", "DeleteAddon")
def delete_addon(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """`preserve` keeps what runs in the cluster, of which the lab holds nothing."""
    addon = addon_of(ctx, params["clusterName"], params["addonName"])
    if addon["status"] != "DELETING":
        addon["status"] = "DELETING"
        path = f"{addon['clusterName']}/{addon['addonName']}"
        ctx.life.start(ADDON, path, "delete")
    return {"addon": public(addon)}


@on_end(ADDON, "delete")
def _deleted(ctx: Context, path: str) -> None:
    cluster, addon = _find(ctx, path)
    identity.disown(cluster, addon)
    del cluster["_addons"][addon["addonName"]]


def _find(ctx: Context, path: str) -> tuple[Record, Record]:
    cluster = clusters(ctx)[path.split("/")[0]]
    return cluster, cluster["_addons"][path.split("/")[1]]


def _version(cluster: Record, name: str, wanted: str | None) -> str:
    offered = CATALOGUE[name].offered(cluster["version"])
    if wanted is None:
        return offered[0]
    if wanted not in offered:
        raise AwsError(
            "InvalidParameterException",
            f"Addon version specified is not supported: {name} {wanted} on Kubernetes "
            f"{cluster['version']}",
        )
    return wanted


def _check_configuration(name: str, text: str | None) -> None:
    """JSON objects whose top-level keys the add-on's schema knows."""
    if not text:
        return
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise AwsError(
            "InvalidParameterException", f"ConfigurationValue is not in valid JSON: {error}"
        ) from error
    known = CATALOGUE[name].settings
    unknown = sorted(set(values) - set(known)) if isinstance(values, dict) else ["(root)"]
    if unknown:
        raise AwsError(
            "InvalidParameterException",
            "ConfigurationValue provided in request is not supported: Json schema validation "
            f"failed with error: [$.{unknown[0]}: is not defined in the schema and the schema "
            "does not allow additional properties]",
        )

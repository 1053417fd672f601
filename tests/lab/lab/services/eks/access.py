"""EKS access entries and the access policies associated with them."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, operation
from lab.kit.pages import page
from lab.kit.principals import principal_exists
from lab.kit.records import Record, moment, public
from lab.kit.tokens import remember, replayed
from lab.services.eks.state import active_cluster, arn, cluster_of

POLICIES = {
    f"arn:aws:eks::aws:cluster-access-policy/{name}": name
    for name in (
        "AmazonEKSAdminPolicy",
        "AmazonEKSAdminViewPolicy",
        "AmazonEKSAutoNodePolicy",
        "AmazonEKSClusterAdminPolicy",
        "AmazonEKSEditPolicy",
        "AmazonEKSSecretReaderPolicy",
        "AmazonEKSViewPolicy",
    )
}
NODE_TYPES = {"EC2_LINUX", "EC2_WINDOWS", "EC2", "FARGATE_LINUX", "HYBRID_LINUX", "HYPERPOD_LINUX"}


def admit_creator(ctx: Context, cluster: Record) -> None:
    """The creator becomes administrator by an entry that nobody asked for, unless told not to."""
    config = cluster["accessConfig"]
    if config["authenticationMode"] == "CONFIG_MAP":
        return
    if config["bootstrapClusterCreatorAdminPermissions"]:
        caller = ctx.call("sts", "GetCallerIdentity", {})["Arn"]
        entry = _entry(ctx, cluster, {"principalArn": caller, "type": "STANDARD"})
        policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
        _associate(ctx, entry, policy, {"type": "cluster", "namespaces": []})


def admit_nodes(ctx: Context, cluster: Record, role_arn: str) -> None:
    """Managed nodes may join: EKS makes the entry of their role."""
    if cluster["accessConfig"]["authenticationMode"] == "CONFIG_MAP":
        return
    if role_arn not in cluster["_entries"]:
        _entry(ctx, cluster, {"principalArn": role_arn, "type": "EC2_LINUX"})


@operation("eks", "CreateAccessEntry")
def create_access_entry(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """The principal must exist; one entry per principal."""
    cluster = _cluster_with_api(ctx, params["clusterName"])
    principal = params["principalArn"]
    if replayed(ctx, "CreateAccessEntry", params) and principal in cluster["_entries"]:
        return {"accessEntry": public(cluster["_entries"][principal])}
    if principal in cluster["_entries"]:
        raise AwsError(
            "ResourceInUseException",
            "The specified access entry resource is already in use on this cluster.",
        )
    if not principal_exists(ctx, principal):
        raise AwsError(
            "InvalidParameterException",
            "The specified principalArn is invalid: invalid principal.",
        )
    _check_groups(params, params.get("type", "STANDARD"))
    entry = _entry(ctx, cluster, params)
    remember(ctx, "CreateAccessEntry", params, principal)
    return {"accessEntry": public(entry)}


@operation("eks", "DescribeAccessEntry")
def describe_access_entry(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One entry."""
    return {"accessEntry": public(_entry_of(ctx, params))}


@operation("eks", "ListAccessEntries")
def list_access_entries(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Principals, optionally only those with a given policy."""
    cluster = _cluster_with_api(ctx, params["clusterName"])
    policy = params.get("associatedPolicyArn")
    arns = [
        principal
        for principal, entry in sorted(cluster["_entries"].items())
        if not policy or policy in entry["_policies"]
    ]
    arns, token = page(arns, params)
    return {"accessEntries": arns, "nextToken": token}


@operation("eks", "UpdateAccessEntry")
def update_access_entry(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Groups are replaced as a whole."""
    entry = _entry_of(ctx, params)
    _check_groups(params, entry["type"])
    if "kubernetesGroups" in params:
        entry["kubernetesGroups"] = list(params["kubernetesGroups"])
    if params.get("username"):
        entry["username"] = params["username"]
    entry["modifiedAt"] = moment(ctx)
    return {"accessEntry": public(entry)}


@operation("eks", "DeleteAccessEntry")
def delete_access_entry(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Takes the associations along."""
    entry = _entry_of(ctx, params)
    del cluster_of(ctx, params["clusterName"])["_entries"][entry["principalArn"]]
    return {}


@operation("eks", "ListAccessPolicies")
def list_access_policies(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """The policies that AWS offers."""
    rows = [{"name": name, "arn": policy} for policy, name in POLICIES.items()]
    rows, token = page(rows, params)
    return {"accessPolicies": rows, "nextToken": token}


@operation("eks", "AssociateAccessPolicy")
def associate_access_policy(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """An upsert: a second call changes the scope."""
    entry = _entry_of(ctx, params)
    if entry["type"] in NODE_TYPES:
        raise AwsError(
            "InvalidRequestException",
            "Access policies cannot be associated with an entry of this type.",
        )
    if params["policyArn"] not in POLICIES:
        raise AwsError("InvalidParameterException", "The policyArn parameter format is not valid")
    scope = params["accessScope"]
    if scope.get("type") == "namespace" and not scope.get("namespaces"):
        raise AwsError("InvalidParameterException", "Namespaces are required for a namespace scope")
    row = _associate(ctx, entry, params["policyArn"], scope)
    return {
        "clusterName": params["clusterName"],
        "principalArn": entry["principalArn"],
        "associatedAccessPolicy": public(row),
    }


@operation("eks", "DisassociateAccessPolicy")
def disassociate_access_policy(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Unknown associations are an error."""
    entry = _entry_of(ctx, params)
    if entry["_policies"].pop(params["policyArn"], None) is None:
        raise AwsError("ResourceNotFoundException", "The policy is not associated with the entry.")
    return {}


@operation("eks", "ListAssociatedAccessPolicies")
def list_associated_policies(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Associations of one entry."""
    entry = _entry_of(ctx, params)
    rows, token = page([public(row) for row in entry["_policies"].values()], params)
    return {
        "clusterName": params["clusterName"],
        "principalArn": entry["principalArn"],
        "associatedAccessPolicies": rows,
        "nextToken": token,
    }


def _cluster_with_api(ctx: Context, name: str) -> Record:
    cluster = active_cluster(ctx, name)
    if cluster["accessConfig"]["authenticationMode"] == "CONFIG_MAP":
        raise AwsError(
            "InvalidRequestException",
            "The cluster's authentication mode must be set to one of "
            "[API, API_AND_CONFIG_MAP] to perform this operation.",
        )
    return cluster


def _entry_of(ctx: Context, params: Record) -> Record:
    entries = _cluster_with_api(ctx, params["clusterName"])["_entries"]
    if params["principalArn"] not in entries:
        raise AwsError(
            "ResourceNotFoundException",
            f"The specified principalArn could not be found: {params['principalArn']}",
        )
    return entries[params["principalArn"]]


def _check_groups(params: Record, kind: str) -> None:
    groups = params.get("kubernetesGroups", [])
    if kind in NODE_TYPES and groups:
        raise AwsError(
            "InvalidParameterException", f"Kubernetes groups cannot be set for type {kind}"
        )
    if any(group.startswith("system:") for group in groups):
        raise AwsError(
            "InvalidParameterException", "The kubernetes group name can't start with system:"
        )


def _entry(ctx: Context, cluster: Record, params: Record) -> Record:
    principal, kind = params["principalArn"], params.get("type", "STANDARD")
    path = principal.split(":", 5)
    entry = {
        "clusterName": cluster["name"],
        "principalArn": principal,
        "kubernetesGroups": list(params.get("kubernetesGroups", [])),
        "accessEntryArn": arn(ctx, "access-entry", cluster["name"], path[5].split("/")[0], path[4]),
        "createdAt": moment(ctx),
        "modifiedAt": moment(ctx),
        "tags": dict(params.get("tags", {})),
        "username": params.get("username") or _username(principal, kind),
        "type": kind,
        "_policies": {},
    }
    if kind in NODE_TYPES:
        entry["kubernetesGroups"] = ["system:nodes"]
    cluster["_entries"][principal] = entry
    return entry


def _username(principal: str, kind: str) -> str:
    if kind in NODE_TYPES:
        return "system:node:{{EC2PrivateDNSName}}"
    _, _, _, _, account, resource = principal.split(":", 5)
    if resource.startswith("role/"):
        name = resource.rsplit("/", 1)[-1]
        return f"arn:aws:sts::{account}:assumed-role/{name}/{{{{SessionName}}}}"
    return principal


def _associate(ctx: Context, entry: Record, policy: str, scope: Record) -> Record:
    before = entry["_policies"].get(policy)
    row = {
        "policyArn": policy,
        "accessScope": {"type": "cluster", "namespaces": []} | scope,
        "associatedAt": before["associatedAt"] if before else moment(ctx),
        "modifiedAt": moment(ctx),
    }
    entry["_policies"][policy] = row
    return row

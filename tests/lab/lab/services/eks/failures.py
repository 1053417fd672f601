"""How what EKS accepted can still fail. Reasons are the issue and error codes of EKS's model."""

from __future__ import annotations

from botocore.session import get_session

from lab.decay import decays
from lab.extend import Context
from lab.failures import Failure, fails
from lab.kit.records import Record
from lab.services.eks import nodes
from lab.services.eks.state import (
    ADDON,
    CLUSTER,
    NODEGROUP,
    addon_of,
    cluster_of,
    clusters,
    nodegroup_of,
)

NODE_TEXTS = {
    "NodeCreationFailure": "Instances failed to join the kubernetes cluster",
    "InsufficientFreeAddresses": "One or more of the subnets do not have enough free addresses",
    "AsgInstanceLaunchFailures": "Could not launch On-Demand Instances. "
    "InsufficientInstanceCapacity - We currently do not have sufficient capacity in the "
    "Availability Zone you requested.",
    "InstanceLimitExceeded": "You have requested more vCPU capacity than your current limit allows",
}
UNSCHEDULED = "InsufficientNumberOfReplicas"
"""The issue of an add-on whose pods find no node: the add-on is there, but DEGRADED."""


def _codes(shape: str) -> list[str]:
    return list(get_session().get_service_model("eks").shape_for(shape).enum)


NODE_CODES = dict.fromkeys(_codes("NodegroupIssueCode"), "") | NODE_TEXTS
ADDON_CODES = _codes("AddonIssueCode")
CLUSTER_CODES = _codes("ClusterIssueCode")
UPDATE_CODES = _codes("ErrorCode")


@fails("eks", "CreateCluster", CLUSTER, CLUSTER_CODES)
def cluster_not_created(ctx: Context, name: str, failure: Failure) -> None:
    """FAILED, without an endpoint; all that can be done is to delete it."""
    _mark(clusters(ctx)[name], "FAILED", failure)


@fails("eks", "DeleteCluster", CLUSTER, CLUSTER_CODES)
def cluster_not_deleted(ctx: Context, name: str, failure: Failure) -> None:
    """FAILED; the next attempt may succeed."""
    _mark(clusters(ctx)[name], "FAILED", failure)


@fails("eks", "UpdateClusterConfig", CLUSTER, UPDATE_CODES)
@fails("eks", "UpdateClusterVersion", CLUSTER, UPDATE_CODES)
@fails("eks", "AssociateEncryptionConfig", CLUSTER, UPDATE_CODES)
def cluster_not_updated(ctx: Context, name: str, failure: Failure) -> None:
    """The update is Failed, the cluster ACTIVE as it was."""
    cluster = clusters(ctx)[name]
    _fail_update(cluster, cluster, failure)
    cluster["status"] = "ACTIVE"


@fails("eks", "CreateNodegroup", NODEGROUP, NODE_CODES)
def nodes_not_created(ctx: Context, path: str, failure: Failure) -> None:
    """CREATE_FAILED; the instances run nevertheless, and cost."""
    cluster, group = _child(ctx, path, "_nodegroups")
    if failure.reason == "NodeCreationFailure":
        nodes.launch(ctx, cluster, group)
    _mark(group, "CREATE_FAILED", failure, nodes.group_name(group))


@fails("eks", "DeleteNodegroup", NODEGROUP, NODE_CODES)
def nodes_not_deleted(ctx: Context, path: str, failure: Failure) -> None:
    """DELETE_FAILED; deleting again goes on."""
    _, group = _child(ctx, path, "_nodegroups")
    _mark(group, "DELETE_FAILED", failure, nodes.group_name(group))


@fails("eks", "UpdateNodegroupConfig", NODEGROUP, UPDATE_CODES)
@fails("eks", "UpdateNodegroupVersion", NODEGROUP, UPDATE_CODES)
def nodes_not_updated(ctx: Context, path: str, failure: Failure) -> None:
    """The update is Failed and rolled back, the group ACTIVE as it was."""
    cluster, group = _child(ctx, path, "_nodegroups")
    _fail_update(cluster, group, failure, nodes.group_name(group))
    group["status"] = "ACTIVE"


@fails("eks", "CreateAddon", ADDON, ADDON_CODES)
def addon_not_created(ctx: Context, path: str, failure: Failure) -> None:
    """CREATE_FAILED, or DEGRADED when its pods are merely not scheduled."""
    _, addon = _child(ctx, path, "_addons")
    status = "DEGRADED" if failure.reason == UNSCHEDULED else "CREATE_FAILED"
    _mark(addon, status, failure, addon["addonName"])


@fails("eks", "UpdateAddon", ADDON, sorted(set(ADDON_CODES) & set(UPDATE_CODES)))
def addon_not_updated(ctx: Context, path: str, failure: Failure) -> None:
    """UPDATE_FAILED with the old values."""
    cluster, addon = _child(ctx, path, "_addons")
    _fail_update(cluster, addon, failure, addon["addonName"])
    _mark(addon, "UPDATE_FAILED", failure, addon["addonName"])


@fails("eks", "DeleteAddon", ADDON, ADDON_CODES)
def addon_not_deleted(ctx: Context, path: str, failure: Failure) -> None:
    """DELETE_FAILED; deleting again goes on."""
    _, addon = _child(ctx, path, "_addons")
    _mark(addon, "DELETE_FAILED", failure, addon["addonName"])


def _child(ctx: Context, path: str, kind: str) -> tuple[Record, Record]:
    name, _, child = path.partition("/")
    cluster = clusters(ctx)[name]
    return cluster, cluster[kind][child]


def _mark(record: Record, status: str, failure: Failure, *resources: str) -> None:
    issue = {"code": failure.reason, "message": failure.message, "resourceIds": list(resources)}
    record |= {"status": status, "health": {"issues": [issue]}}


def _fail_update(cluster: Record, record: Record, failure: Failure, *resources: str) -> None:
    update = cluster["_updates"][record.pop("_update")]
    problem = {
        "errorCode": failure.reason,
        "errorMessage": failure.message,
        "resourceIds": list(resources),
    }
    update |= {"status": "Failed", "errors": [problem]}


@decays(CLUSTER, CLUSTER_CODES)
def cluster_ails(ctx: Context, name: str, reason: str | None) -> None:
    """A cluster stays ACTIVE; its health says what is wrong."""
    _ail(cluster_of(ctx, name), "ACTIVE", reason)


@decays(NODEGROUP, NODE_CODES)
def nodes_ail(ctx: Context, path: str, reason: str | None) -> None:
    """DEGRADED: the nodes run, but cannot be changed or replaced."""
    _ail(nodegroup_of(ctx, *_split(path)), "DEGRADED", reason)


@decays(ADDON, ADDON_CODES)
def addon_ails(ctx: Context, path: str, reason: str | None) -> None:
    """DEGRADED."""
    _ail(addon_of(ctx, *_split(path)), "DEGRADED", reason)


def _split(path: str) -> tuple[str, str]:
    name, _, child = path.partition("/")
    return name, child


def _ail(record: Record, status: str, reason: str | None) -> None:
    if reason is None:
        record |= {"status": "ACTIVE", "health": {"issues": []}}
        return
    issue = {"code": reason, "message": f"{reason} (asked for)", "resourceIds": []}
    record |= {"status": status, "health": {"issues": [issue]}}

"""EKS managed node groups: create, describe, list, update, delete."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, on_end, operation
from lab.kit.pages import page
from lab.kit.records import Record, moment, pick, public
from lab.kit.tokens import remember, replayed
from lab.services.eks import addons, node_checks, nodes
from lab.services.eks.access import admit_nodes
from lab.services.eks.state import (
    NODEGROUP,
    active_cluster,
    arn,
    cluster_of,
    clusters,
    nodegroup_of,
    uuid,
)
from lab.services.eks.updates import close_update, open_update
from lab.services.eks.versions import MINORS, ami_release

NO_NODES = "Instances failed to join the kubernetes cluster"


@operation("eks", "CreateNodegroup")
def create_nodegroup(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """CREATING, then ACTIVE – or CREATE_FAILED when the nodes could not join."""
    name = params["nodegroupName"]
    cluster = active_cluster(ctx, params["clusterName"])
    if replayed(ctx, "CreateNodegroup", params) and name in cluster["_nodegroups"]:
        return {"nodegroup": public(cluster["_nodegroups"][name])}
    if name in cluster["_nodegroups"]:
        raise AwsError(
            "ResourceInUseException",
            f"NodeGroup already exists with name {name} and cluster name {cluster['name']}",
        )
    template = node_checks.check(ctx, cluster, params)
    group = _record(ctx, cluster, params, template)
    cluster["_nodegroups"][name] = group
    admit_nodes(ctx, cluster, params["nodeRole"])
    ctx.life.start(NODEGROUP, _path(group), "create")
    remember(ctx, "CreateNodegroup", params, name)
    return {"nodegroup": public(group)}


@on_end(NODEGROUP, "create")
def _created(ctx: Context, path: str) -> None:
    cluster, group = _find(ctx, path)
    try:
        nodes.launch(ctx, cluster, group)
    except AwsError as error:
        _fail(group, "CREATE_FAILED", "AsgInstanceLaunchFailures", error.message)
        return
    if not node_checks.nodes_can_join(ctx, group):
        _fail(group, "CREATE_FAILED", "NodeCreationFailure", NO_NODES)
        return
    group["status"] = "ACTIVE"
    addons.reconcile(cluster)


def _fail(group: Record, status: str, code: str, message: str) -> None:
    issue = {"code": code, "message": message, "resourceIds": [nodes.group_name(group)]}
    group |= {"status": status, "health": {"issues": [issue]}}


@operation("eks", "DescribeNodegroup")
def describe_nodegroup(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """The node group as it is now."""
    group = nodegroup_of(ctx, params["clusterName"], params["nodegroupName"])
    nodes.sync(ctx, group)
    return {"nodegroup": public(group)}


@operation("eks", "ListNodegroups")
def list_nodegroups(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Names, sorted."""
    names, token = page(sorted(cluster_of(ctx, params["clusterName"])["_nodegroups"]), params)
    return {"nodegroups": names, "nextToken": token}


@operation("eks", "UpdateNodegroupConfig")
def update_nodegroup_config(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Scaling, labels, taints, update and repair settings, in any combination."""
    cluster, group = _free(ctx, params)
    nodes.sync(ctx, group)
    change: Record = pick(params, "warmPoolConfig")
    values: dict[str, Any] = {}
    if scaling := params.get("scalingConfig"):
        change["scalingConfig"] = group["scalingConfig"] | scaling
        node_checks.check_scaling(change["scalingConfig"])
        values |= {key[0].upper() + key[1:]: str(value) for key, value in scaling.items()}
    if labels := params.get("labels"):
        kept = {k: v for k, v in group["labels"].items() if k not in labels.get("removeLabels", [])}
        change["labels"] = kept | labels.get("addOrUpdateLabels", {})
        values["LabelsToAdd"] = labels.get("addOrUpdateLabels", {})
        values["LabelsToRemove"] = labels.get("removeLabels", [])
    if taints := params.get("taints"):
        change["taints"] = _new_taints(group["taints"], taints)
        values["TaintsToAdd"] = taints.get("addOrUpdateTaints", [])
        values["TaintsToRemove"] = taints.get("removeTaints", [])
    if limits := params.get("updateConfig"):
        change["updateConfig"] = node_checks.whole_update_config(limits)
        values |= {key[0].upper() + key[1:]: str(value) for key, value in limits.items()}
    if repair := params.get("nodeRepairConfig"):
        change["nodeRepairConfig"] = group.get("nodeRepairConfig", {}) | repair
        values["NodeRepairConfig"] = repair
    if not change:
        raise AwsError("InvalidParameterException", "No changes were requested")
    return _begin(ctx, cluster, group, "ConfigUpdate", values, change, "update")


@operation("eks", "UpdateNodegroupVersion")
def update_nodegroup_version(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Newer Kubernetes version, image release or launch template version."""
    cluster, group = _free(ctx, params)
    version = params.get("version") or (
        group["version"] if params.get("launchTemplate") else cluster["version"]
    )
    if version not in MINORS:
        raise AwsError("InvalidParameterException", f"unsupported Kubernetes version {version}")
    if MINORS[version].number > MINORS[cluster["version"]].number:
        raise AwsError(
            "InvalidParameterException",
            f"Nodegroup Kubernetes version {version} may not be newer than the cluster's "
            f"{cluster['version']}",
        )
    if MINORS[version].number < MINORS[group["version"]].number:
        raise AwsError(
            "InvalidParameterException",
            f"Nodegroup version {version} is older than the current {group['version']}",
        )
    release = node_checks.check_release(params.get("releaseVersion"), version)
    change: Record = {"version": version, "releaseVersion": release}
    if template := params.get("launchTemplate"):
        found = node_checks.next_template(ctx, group, template)
        change |= {
            "launchTemplate": found["spec"],
            "_security_groups": found["security_groups"],
            "_placed": found["launch"],
        }
        if found["instance_type"]:
            change["_instance_type"] = found["instance_type"]
    values = {"Version": version, "ReleaseVersion": release}
    if "launchTemplate" in change:
        values["LaunchTemplateVersion"] = change["launchTemplate"]["version"]
    return _begin(ctx, cluster, group, "VersionUpdate", values, change, "upgrade")


@operation("eks", "DeleteNodegroup")
def delete_nodegroup(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Drains and ends the nodes; refused while the group is being created or updated."""
    group = nodegroup_of(ctx, params["clusterName"], params["nodegroupName"])
    if group["status"] in ("CREATING", "UPDATING"):
        raise AwsError(
            "ResourceInUseException",
            f"Nodegroup cannot be deleted as it is currently not in Active status: "
            f"{group['status']}",
        )
    if group["status"] != "DELETING":
        group["status"] = "DELETING"
        ctx.life.start(NODEGROUP, _path(group), "delete")
    return {"nodegroup": public(group)}


@on_end(NODEGROUP, "delete")
def _deleted(ctx: Context, path: str) -> None:
    cluster, group = _find(ctx, path)
    nodes.end(ctx, group)
    del cluster["_nodegroups"][group["nodegroupName"]]
    addons.reconcile(cluster)


@on_end(NODEGROUP, "update", "upgrade")
def _updated(ctx: Context, path: str) -> None:
    cluster, group = _find(ctx, path)
    update = close_update(cluster, group)
    group |= {"modifiedAt": moment(ctx), "health": {"issues": []}}
    change = nodes.roll if update["type"] == "VersionUpdate" else nodes.scale
    try:
        change(ctx, cluster, group)
    except AwsError as error:
        _fail(group, "DEGRADED", "AsgInstanceLaunchFailures", error.message)
    addons.reconcile(cluster)


def _path(group: Record) -> str:
    return f"{group['clusterName']}/{group['nodegroupName']}"


def _find(ctx: Context, path: str) -> tuple[Record, Record]:
    cluster = clusters(ctx)[path.split("/")[0]]
    return cluster, cluster["_nodegroups"][path.split("/")[1]]


def _free(ctx: Context, params: Record) -> tuple[Record, Record]:
    cluster = active_cluster(ctx, params["clusterName"])
    group = nodegroup_of(ctx, cluster["name"], params["nodegroupName"])
    if group["status"] not in ("ACTIVE", "DEGRADED"):
        raise AwsError(
            "ResourceInUseException",
            f"Nodegroup cannot be updated as it is currently not in Active State: "
            f"{group['status']}",
        )
    return cluster, group


def _begin(
    ctx: Context,
    cluster: Record,
    group: Record,
    kind: str,
    values: dict[str, Any],
    change: Record,
    transition: str,
) -> dict[str, Any]:
    name = group["nodegroupName"]
    update = open_update(ctx, cluster, group, kind, values, change, nodegroup=name)
    ctx.life.start(NODEGROUP, _path(group), transition)
    return {"update": public(update)}


def _new_taints(old: list[Record], update: Record) -> list[Record]:
    gone = {(taint["key"], taint["effect"]) for taint in update.get("removeTaints", [])}
    added = {(t["key"], t["effect"]): t for t in update.get("addOrUpdateTaints", [])}
    kept = {(t["key"], t["effect"]): t for t in old if (t["key"], t["effect"]) not in gone}
    return list((kept | added).values())


def _record(ctx: Context, cluster: Record, params: Record, template: Record) -> Record:
    """The new node group with the defaults of EKS filled in."""
    name = params["nodegroupName"]
    version = params.get("version") or cluster["version"]
    own_image = bool(template.get("image"))
    record = {
        "nodegroupName": name,
        "nodegroupArn": arn(ctx, "nodegroup", cluster["name"], name),
        "clusterName": cluster["name"],
        "version": version,
        "releaseVersion": template.get("image")
        or params.get("releaseVersion")
        or ami_release(version),
        "createdAt": moment(ctx),
        "modifiedAt": moment(ctx),
        "status": "CREATING",
        "capacityType": params.get("capacityType", "ON_DEMAND"),
        "scalingConfig": node_checks.whole_scaling(params.get("scalingConfig", {})),
        "subnets": list(params["subnets"]),
        "amiType": "CUSTOM" if own_image else params.get("amiType", "AL2023_x86_64_STANDARD"),
        "nodeRole": params["nodeRole"],
        "labels": dict(params.get("labels", {})),
        "taints": list(params.get("taints", [])),
        "resources": {"autoScalingGroups": [{"name": f"eks-{name}-{uuid(ctx, 'asg', name)}"}]},
        "health": {"issues": []},
        "updateConfig": node_checks.whole_update_config(params.get("updateConfig", {})),
        "tags": dict(params.get("tags", {})),
        "_security_groups": template.get("security_groups", []),
        "_placed": template.get("launch", {}),
    } | pick(params, "nodeRepairConfig", "warmPoolConfig", "remoteAccess")
    if template:
        record["launchTemplate"] = template["spec"]
    else:
        record["diskSize"] = params.get("diskSize", 20)
    if not template.get("instance_type"):
        record["instanceTypes"] = list(params.get("instanceTypes") or ["t3.medium"])
    record["_instance_type"] = template.get("instance_type") or record["instanceTypes"][0]
    return record

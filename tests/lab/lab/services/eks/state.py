"""Where EKS keeps its records, and the look-ups that every operation needs.

A cluster's record holds its children, so they vanish with it as they do on AWS.
"""

from __future__ import annotations

from lab.extend import AwsError, Context
from lab.kit.records import Record, digest

CLUSTER, NODEGROUP, ADDON = "eks/cluster", "eks/nodegroup", "eks/addon"
INSIGHTS = "eks/insights"


def clusters(ctx: Context) -> dict[str, Record]:
    """All clusters of this account and region, by name."""
    return ctx.store("eks").setdefault("clusters", {})


def cluster_of(ctx: Context, name: str) -> Record:
    """The cluster, or ResourceNotFoundException."""
    if name not in clusters(ctx):
        raise AwsError("ResourceNotFoundException", f"No cluster found for name: {name}.")
    return clusters(ctx)[name]


def active_cluster(ctx: Context, name: str) -> Record:
    """A cluster whose control plane can take children: ACTIVE, or UPDATING which serves too."""
    cluster = cluster_of(ctx, name)
    if cluster["status"] not in ("ACTIVE", "UPDATING"):
        raise AwsError("InvalidRequestException", f"Cluster '{name}' is not in ACTIVE status")
    return cluster


def nodegroup_of(ctx: Context, cluster: str, name: str) -> Record:
    """The node group, or ResourceNotFoundException."""
    groups = cluster_of(ctx, cluster)["_nodegroups"]
    if name not in groups:
        raise AwsError("ResourceNotFoundException", f"No node group found for name: {name}.")
    return groups[name]


def addon_of(ctx: Context, cluster: str, name: str) -> Record:
    """The add-on, or ResourceNotFoundException."""
    addons = cluster_of(ctx, cluster)["_addons"]
    if name not in addons:
        raise AwsError("ResourceNotFoundException", f"No addon: {name} found in cluster: {cluster}")
    return addons[name]


def arn(ctx: Context, kind: str, *path: str) -> str:
    """`arn:aws:eks:region:account:kind/path`; children end in a stable pseudo-UUID."""
    prefix = f"arn:aws:eks:{ctx.region}:{ctx.account}:{kind}/{'/'.join(path)}"
    return prefix if kind == "cluster" else f"{prefix}/{uuid(ctx, kind, *path)}"


def uuid(ctx: Context, *parts: str) -> str:
    """A pseudo-UUID that differs for an object that is made again under its old name."""
    text = digest(*parts, ctx.region, repr(ctx.now()))
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def has_nodes(cluster: Record) -> bool:
    """Whether pods can be scheduled: a live node group with at least one node, or Auto Mode."""
    if cluster.get("computeConfig", {}).get("enabled"):
        return True
    return any(
        group["status"] in ("ACTIVE", "UPDATING", "DEGRADED")
        and group["scalingConfig"]["desiredSize"] > 0
        for group in cluster["_nodegroups"].values()
    )

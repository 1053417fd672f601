"""EKS cluster insights: the upgrade checks that AWS runs by itself."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, on_end, operation
from lab.kit.pages import page
from lab.kit.records import Record, digest, moment, pick
from lab.services.eks.catalogue import CATALOGUE
from lab.services.eks.state import INSIGHTS, cluster_of, clusters
from lab.services.eks.versions import MINORS


@operation("eks", "ListInsights")
def list_insights(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Summaries, filtered by category, version and status."""
    cluster, only = cluster_of(ctx, params["clusterName"]), params.get("filter", {})
    rows = [
        pick(
            row,
            "id",
            "name",
            "category",
            "kubernetesVersion",
            "lastRefreshTime",
            "lastTransitionTime",
            "description",
            "insightStatus",
        )
        for row in _insights(ctx, cluster)
        if row["category"] in only.get("categories", [row["category"]])
        and row["kubernetesVersion"] in only.get("kubernetesVersions", [row["kubernetesVersion"]])
        and row["insightStatus"]["status"] in only.get("statuses", [row["insightStatus"]["status"]])
    ]
    rows, token = page(rows, params)
    return {"insights": rows, "nextToken": token}


@operation("eks", "DescribeInsight")
def describe_insight(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One check with its findings."""
    cluster = cluster_of(ctx, params["clusterName"])
    for row in _insights(ctx, cluster):
        if row["id"] == params["id"]:
            return {"insight": row}
    raise AwsError("ResourceNotFoundException", f"No insight found for ID: {params['id']}")


@operation("eks", "StartInsightsRefresh")
def start_insights_refresh(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Checks the cluster anew; one refresh at a time."""
    cluster = cluster_of(ctx, params["clusterName"])
    if cluster.get("_refresh", {}).get("status") == "IN_PROGRESS":
        raise AwsError("InvalidRequestException", "An insights refresh is already in progress")
    cluster["_refresh"] = {"status": "IN_PROGRESS", "startedAt": moment(ctx)}
    ctx.life.start(INSIGHTS, cluster["name"], "refresh")
    return {"status": "IN_PROGRESS", "message": "Insights refresh is in progress"}


@on_end(INSIGHTS, "refresh")
def _refreshed(ctx: Context, name: str) -> None:
    if cluster := clusters(ctx).get(name):
        cluster["_refresh"] |= {"status": "COMPLETED", "endedAt": moment(ctx)}


@operation("eks", "DescribeInsightsRefresh")
def describe_insights_refresh(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """The last refresh."""
    cluster = cluster_of(ctx, params["clusterName"])
    if "_refresh" not in cluster:
        raise AwsError("ResourceNotFoundException", "No insights refresh found")
    return cluster["_refresh"] | {"message": "Insights refresh"}


def _insights(ctx: Context, cluster: Record) -> list[Record]:
    following = next(
        (m.name for m in MINORS.values() if m.number == MINORS[cluster["version"]].number + 1),
        None,
    )
    if following is None or cluster["status"] not in ("ACTIVE", "UPDATING"):
        return []
    skewed = [g for g in cluster["_nodegroups"].values() if g["version"] != cluster["version"]]
    outdated = [
        addon
        for addon in cluster["_addons"].values()
        if addon["addonVersion"] not in CATALOGUE[addon["addonName"]].offered(following)
    ]
    return [
        _row(
            ctx,
            cluster,
            following,
            "Kubelet version skew",
            "Checks for kubelet versions of worker nodes in the cluster to see if upgrade would "
            "cause non compliance with supported Kubernetes kubelet version skew policy.",
            [group["nodegroupArn"] for group in skewed],
            {},
        ),
        _row(
            ctx,
            cluster,
            following,
            "EKS add-on version compatibility",
            "Checks version of installed EKS add-ons to ensure they are compatible with the next "
            "version of Kubernetes.",
            [addon["addonArn"] for addon in outdated],
            {
                "addonCompatibilityDetails": [
                    {
                        "name": addon["addonName"],
                        "compatibleVersions": CATALOGUE[addon["addonName"]].offered(following),
                    }
                    for addon in outdated
                ]
            },
        ),
    ]


STATUSES = ("PASSING", "WARNING", "ERROR", "UNKNOWN")


def force(ctx: Context, name: str, status: str | None, reason: str) -> None:
    """All insights of a cluster show `status` from now on; None: again what the checks find."""
    cluster = cluster_of(ctx, name)
    cluster.pop("_insight", None)
    if status is not None:
        cluster["_insight"] = {"status": status, "reason": reason}


def _row(
    ctx: Context,
    cluster: Record,
    minor: str,
    name: str,
    text: str,
    found: list[str],
    details: Record,
) -> Record:
    checked = {"status": "ERROR" if found else "PASSING", "reason": f"{len(found)} findings"}
    status = cluster.get("_insight", checked)
    return {
        "id": digest("insight", cluster["_incarnation"], minor, name, length=36),
        "name": name,
        "category": "UPGRADE_READINESS",
        "kubernetesVersion": minor,
        "lastRefreshTime": moment(ctx),
        "lastTransitionTime": cluster["createdAt"],
        "description": text,
        "insightStatus": status,
        "recommendation": "Update what is listed before you upgrade the cluster.",
        "additionalInfo": {},
        "resources": [{"insightStatus": status, "arn": arn} for arn in found],
        "categorySpecificSummary": {"deprecationDetails": []} | details,
    }

"""EKS cluster insights: the upgrade checks that AWS runs by itself."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, operation
from lab.kit.pages import page
from lab.kit.records import Record, digest, moment, pick
from lab.services.eks.catalogue import CATALOGUE
from lab.services.eks.state import cluster_of
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


def _row(
    ctx: Context,
    cluster: Record,
    minor: str,
    name: str,
    text: str,
    found: list[str],
    details: Record,
) -> Record:
    status = {"status": "ERROR" if found else "PASSING", "reason": f"{len(found)} findings"}
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

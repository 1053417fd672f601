"""EKS pod identity associations: a service account of the cluster gets a role."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, operation
from lab.kit import roles
from lab.kit.pages import page
from lab.kit.records import Record, digest, moment, pick, public
from lab.kit.tokens import remember, replayed
from lab.services.eks.state import active_cluster, cluster_of

PRINCIPAL = "pods.eks.amazonaws.com"
# A cluster takes no more associations than this.
MOST = 5000


@operation("eks", "CreatePodIdentityAssociation")
def create_association(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One association per namespace and service account."""
    cluster = active_cluster(ctx, params["clusterName"])
    known = replayed(ctx, "CreatePodIdentityAssociation", params)
    if known and known in cluster["_associations"]:
        return {"association": public(cluster["_associations"][known])}
    namespace, account = params["namespace"], params["serviceAccount"]
    for other in cluster["_associations"].values():
        if (other["namespace"], other["serviceAccount"]) == (namespace, account):
            raise AwsError(
                "ResourceInUseException",
                f"Association already exists: {other['associationId']}",
            )
    if len(cluster["_associations"]) >= MOST:
        raise AwsError("ResourceLimitExceededException", f"Limit of {MOST} associations reached")
    association = _record(ctx, cluster, params)
    remember(ctx, "CreatePodIdentityAssociation", params, association["associationId"])
    return {"association": public(association)}


@operation("eks", "DescribePodIdentityAssociation")
def describe_association(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One association by id."""
    return {"association": public(_association_of(ctx, params))}


@operation("eks", "ListPodIdentityAssociations")
def list_associations(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Summaries, filtered by namespace and service account."""
    cluster = cluster_of(ctx, params["clusterName"])
    rows = [
        pick(
            row,
            "clusterName",
            "namespace",
            "serviceAccount",
            "associationArn",
            "associationId",
            "ownerArn",
        )
        for row in cluster["_associations"].values()
        if all(params.get(key) in (None, row[key]) for key in ("namespace", "serviceAccount"))
    ]
    rows, token = page(rows, params)
    return {"associations": rows, "nextToken": token}


@operation("eks", "UpdatePodIdentityAssociation")
def update_association(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Role, target role and session tags; namespace and account are fixed."""
    association = _association_of(ctx, params)
    if params.get("roleArn"):
        _check_role(ctx, params["roleArn"])
    association.update(pick(params, "roleArn", "targetRoleArn", "disableSessionTags", "policy"))
    association["modifiedAt"] = moment(ctx)
    return {"association": public(association)}


@operation("eks", "DeletePodIdentityAssociation")
def delete_association(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Those of an add-on go with the add-on."""
    association = _association_of(ctx, params)
    if association.get("ownerArn"):
        raise AwsError(
            "InvalidRequestException",
            f"The association is owned by {association['ownerArn']} and is managed through it",
        )
    cluster = cluster_of(ctx, params["clusterName"])
    return {"association": public(cluster["_associations"].pop(association["associationId"]))}


def own(ctx: Context, cluster: Record, addon: Record, wanted: list[Record]) -> list[str]:
    """Makes an add-on's associations be exactly `wanted`; returns their ARNs."""
    for row in wanted:
        _check_role(ctx, row["roleArn"])
    disown(cluster, addon)
    namespace = addon["namespaceConfig"]["namespace"]
    made = []
    for row in wanted:
        request = {
            "namespace": namespace,
            "serviceAccount": row["serviceAccount"],
            "roleArn": row["roleArn"],
        }
        made.append(_record(ctx, cluster, request, owner=addon["addonArn"])["associationArn"])
    return made


def disown(cluster: Record, addon: Record) -> None:
    """Removes the associations that the add-on owns."""
    rows = cluster["_associations"]
    for key in [key for key, row in rows.items() if row.get("ownerArn") == addon["addonArn"]]:
        del rows[key]


def _association_of(ctx: Context, params: Record) -> Record:
    rows = cluster_of(ctx, params["clusterName"])["_associations"]
    if params["associationId"] not in rows:
        raise AwsError(
            "ResourceNotFoundException", f"Association not found: {params['associationId']}"
        )
    return rows[params["associationId"]]


def _record(ctx: Context, cluster: Record, params: Record, owner: str | None = None) -> Record:
    _check_role(ctx, params["roleArn"])
    key = (cluster["_incarnation"], params["namespace"], params["serviceAccount"], repr(ctx.now()))
    identifier = "a-" + digest(*key, length=17)
    prefix = f"arn:aws:eks:{ctx.region}:{ctx.account}:podidentityassociation"
    association = {
        "clusterName": cluster["name"],
        "namespace": params["namespace"],
        "serviceAccount": params["serviceAccount"],
        "roleArn": params["roleArn"],
        "associationArn": f"{prefix}/{cluster['name']}/{identifier}",
        "associationId": identifier,
        "tags": dict(params.get("tags", {})),
        "createdAt": moment(ctx),
        "modifiedAt": moment(ctx),
        "disableSessionTags": params.get("disableSessionTags", False),
    } | pick(params, "targetRoleArn", "policy")
    if owner:
        association["ownerArn"] = owner
    cluster["_associations"][identifier] = association
    return association


def _check_role(ctx: Context, role_arn: str) -> None:
    role = roles.find_role(ctx, role_arn)
    if role is None or roles.fresh(ctx, role["RoleName"]):
        raise AwsError("InvalidParameterException", "Role provided in the request does not exist.")
    if not roles.trusts(role, PRINCIPAL):
        raise AwsError(
            "InvalidParameterException",
            f"Trust policy of the role does not allow {PRINCIPAL} to assume it.",
        )

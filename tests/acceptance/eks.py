"""What EKS shows of the cluster `shop`."""

from __future__ import annotations

import json
from typing import Any

from acceptance.fields import Account

CLUSTER = "shop"


def cluster(account: Account) -> dict[str, Any]:
    """The cluster as EKS describes it."""
    return account.client("eks").describe_cluster(name=CLUSTER)["cluster"]


def addon(account: Account, name: str) -> dict[str, Any]:
    """An add-on as EKS describes it."""
    return account.client("eks").describe_addon(clusterName=CLUSTER, addonName=name)["addon"]


def pool(account: Account, name: str) -> dict[str, Any]:
    """The node group of a pool."""
    group = account.values["eks"]["node_pools"][name]["name"]
    found = account.client("eks").describe_nodegroup(clusterName=CLUSTER, nodegroupName=group)
    return found["nodegroup"]


def zones(account: Account, name: str) -> list[str]:
    """The zones in which a pool may have nodes."""
    found = account.client("ec2").describe_subnets(SubnetIds=pool(account, name)["subnets"])
    return sorted(subnet["AvailabilityZone"] for subnet in found["Subnets"])


def template(account: Account, name: str) -> dict[str, Any]:
    """The launch template's data that the nodes of a pool have."""
    spec = pool(account, name)["launchTemplate"]
    found = account.client("ec2").describe_launch_template_versions(
        LaunchTemplateId=spec["id"], Versions=[spec["version"]]
    )
    return found["LaunchTemplateVersions"][0]["LaunchTemplateData"]


def policies(account: Account, principal: str) -> dict[str, list[str]]:
    """Access policies of a principal, with their namespaces."""
    found = account.client("eks").list_associated_access_policies(
        clusterName=CLUSTER, principalArn=principal
    )["associatedAccessPolicies"]
    return {
        row["policyArn"].split("/")[-1]: row["accessScope"].get("namespaces", []) for row in found
    }


def groups(account: Account, principal: str) -> list[str]:
    """The Kubernetes groups of a principal."""
    entry = account.client("eks").describe_access_entry(
        clusterName=CLUSTER, principalArn=principal
    )["accessEntry"]
    return entry["kubernetesGroups"]


def entries(account: Account) -> set[str]:
    """The principals that have an access entry."""
    return set(account.client("eks").list_access_entries(clusterName=CLUSTER)["accessEntries"])


def role(account: Account, namespace: str, service_account: str) -> str:
    """Name of the role of a service account."""
    eks = account.client("eks")
    found = eks.list_pod_identity_associations(
        clusterName=CLUSTER, namespace=namespace, serviceAccount=service_account
    )["associations"]
    described = eks.describe_pod_identity_association(
        clusterName=CLUSTER, associationId=found[0]["associationId"]
    )
    return described["association"]["roleArn"].split("/")[-1]


def attached(account: Account, role: str) -> list[str]:
    """Names of the managed policies of a role."""
    found = account.client("iam").list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    return [policy["PolicyName"] for policy in found]


def inline(account: Account, role: str) -> list[str]:
    """Actions of the role's inline policy."""
    iam = account.client("iam")
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    documents = [iam.get_role_policy(RoleName=role, PolicyName=n)["PolicyDocument"] for n in names]
    return [statement["Action"] for doc in documents for statement in doc["Statement"]]


def logs(account: Account) -> set[str]:
    """The kinds of logs that are sent."""
    rows = cluster(account)["logging"]["clusterLogging"]
    return {kind for row in rows if row["enabled"] for kind in row["types"]}


def retention(account: Account) -> int:
    """Days for which they are kept."""
    prefix = f"/aws/eks/{CLUSTER}/cluster"
    groups = account.client("logs").describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]
    return groups[0]["retentionInDays"]


def endpoint(account: Account) -> tuple[bool, bool, list[str]]:
    """Whether it is reached from the VPC and from the internet, and from which blocks."""
    config = cluster(account)["resourcesVpcConfig"]
    blocks = sorted(config["publicAccessCidrs"]) if config["endpointPublicAccess"] else []
    return config["endpointPrivateAccess"], config["endpointPublicAccess"], blocks


def made(account: Account, operation: str) -> list[dict[str, Any]]:
    """The successful calls of an operation."""
    return [c for c in account.lab.log() if c["operation"] == operation and not c["error"]]


def configuration(account: Account, name: str) -> Any:
    """The configuration of an add-on."""
    return json.loads(addon(account, name).get("configurationValues") or "null")

"""What others change in a Kubernetes cluster."""

from __future__ import annotations

import json
from typing import Any

from acceptance.drift import Allowed, Drift
from acceptance.fields import Account, Seen
from acceptance.stacks import NETWORK

CLUSTER = "shop"
DEVELOPER = "arn:aws:iam::210987654321:role/dev"
SOON = {"Delay": 0.1, "MaxAttempts": 600}

BASE = (
    NETWORK,
    f"""kubernetes = {{
    version    = "1.35"
    addons     = {{ "coredns" = {{ configuration = jsonencode({{ replicaCount = 2 }}) }} }}
    access     = {{ dev = {{ principal_arn = "{DEVELOPER}", policy = "view" }} }}
    pod_identities = {{
      files = {{
        namespace       = "web"
        service_account = "files"
        policy_json     = jsonencode({{
          Version   = "2012-10-17"
          Statement = [{{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }}]
        }})
      }}
    }}
    node_pools = {{
      web = {{
        instance_types = ["m5.large"]
        min            = 1
        desired        = 2
        max            = 4
        labels         = {{ tier = "web" }}
      }}
    }}
  }}""",
)


def _pool(account: Account) -> str:
    return account.values["eks"]["node_pools"]["web"]["name"]


def _change_cluster(account: Account, **change: Any) -> None:
    eks = account.client("eks")
    eks.update_cluster_config(name=CLUSTER, **change)
    eks.get_waiter("cluster_active").wait(name=CLUSTER, WaiterConfig=SOON)


def _open(account: Account) -> None:
    access = {"endpointPublicAccess": True, "publicAccessCidrs": ["0.0.0.0/0"]}
    _change_cluster(account, resourcesVpcConfig=access)
    off = {"types": ["audit"], "enabled": False}
    _change_cluster(account, logging={"clusterLogging": [off]})


def _is_closed(account: Account) -> tuple[bool, bool]:
    cluster = account.client("eks").describe_cluster(name=CLUSTER)["cluster"]
    on = {t for row in cluster["logging"]["clusterLogging"] if row["enabled"] for t in row["types"]}
    return not cluster["resourcesVpcConfig"]["endpointPublicAccess"], "audit" in on


def _change_pool(account: Account) -> None:
    eks = account.client("eks")
    eks.update_nodegroup_config(
        clusterName=CLUSTER,
        nodegroupName=_pool(account),
        scalingConfig={"maxSize": 9},
        labels={"removeLabels": ["tier"], "addOrUpdateLabels": {"a": "1"}},
        taints={"addOrUpdateTaints": [{"key": "a", "value": "b", "effect": "NO_EXECUTE"}]},
    )
    _settle_pool(account)


def _settle_pool(account: Account) -> None:
    waiter = account.client("eks").get_waiter("nodegroup_active")
    waiter.wait(clusterName=CLUSTER, nodegroupName=_pool(account), WaiterConfig=SOON)


def _pool_settings(account: Account) -> tuple[int, dict[str, str], list[Any]]:
    found = account.client("eks").describe_nodegroup(
        clusterName=CLUSTER, nodegroupName=_pool(account)
    )["nodegroup"]
    return found["scalingConfig"]["maxSize"], found["labels"], found["taints"]


def _delete_pool(account: Account) -> None:
    eks = account.client("eks")
    eks.delete_nodegroup(clusterName=CLUSTER, nodegroupName=_pool(account))
    waiter = eks.get_waiter("nodegroup_deleted")
    waiter.wait(clusterName=CLUSTER, nodegroupName=_pool(account), WaiterConfig=SOON)


def _pools(account: Account) -> int:
    return len(account.client("eks").list_nodegroups(clusterName=CLUSTER)["nodegroups"])


def _change_addons(account: Account) -> None:
    eks = account.client("eks")
    eks.update_addon(
        clusterName=CLUSTER, addonName="coredns", configurationValues='{"replicaCount": 9}'
    )
    eks.update_addon(clusterName=CLUSTER, addonName="vpc-cni", addonVersion="v1.20.4-eksbuild.2")
    eks.delete_addon(clusterName=CLUSTER, addonName="kube-proxy")
    for name in ("coredns", "vpc-cni"):
        waiter = eks.get_waiter("addon_active")
        waiter.wait(clusterName=CLUSTER, addonName=name, WaiterConfig=SOON)
    waiter = eks.get_waiter("addon_deleted")
    waiter.wait(clusterName=CLUSTER, addonName="kube-proxy", WaiterConfig=SOON)


def _addons(account: Account) -> tuple[str, str, bool]:
    eks = account.client("eks")
    coredns = eks.describe_addon(clusterName=CLUSTER, addonName="coredns")["addon"]
    cni = eks.describe_addon(clusterName=CLUSTER, addonName="vpc-cni")["addon"]
    installed = eks.list_addons(clusterName=CLUSTER)["addons"]
    return coredns["configurationValues"], cni["addonVersion"], "kube-proxy" in installed


def _policy(name: str) -> str:
    return f"arn:aws:eks::aws:cluster-access-policy/{name}"


def _raise_rights(account: Account) -> None:
    account.client("eks").associate_access_policy(
        clusterName=CLUSTER,
        principalArn=DEVELOPER,
        policyArn=_policy("AmazonEKSClusterAdminPolicy"),
        accessScope={"type": "cluster"},
    )


def _rights(account: Account) -> list[str]:
    found = account.client("eks").list_associated_access_policies(
        clusterName=CLUSTER, principalArn=DEVELOPER
    )
    return [row["policyArn"].split("/")[-1] for row in found["associatedAccessPolicies"]]


def _role(account: Account) -> str:
    return account.id("kubernetes/pod-identity-role/files")


def _widen_role(account: Account) -> None:
    iam = account.client("iam")
    iam.attach_role_policy(
        RoleName=_role(account), PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
    }
    iam.put_role_policy(
        RoleName=_role(account), PolicyName="access", PolicyDocument=json.dumps(document)
    )
    anybody = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
    }
    iam.update_assume_role_policy(RoleName=_role(account), PolicyDocument=json.dumps(anybody))


def _role_settings(account: Account) -> tuple[int, str, list[str]]:
    iam, role = account.client("iam"), _role(account)
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    inline = iam.get_role_policy(RoleName=role, PolicyName="access")["PolicyDocument"]
    trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    return (
        len(attached),
        inline["Statement"][0]["Action"],
        list(trust["Statement"][0]["Principal"]),
    )


def _associations(account: Account) -> list[str]:
    found = account.client("eks").list_pod_identity_associations(
        clusterName=CLUSTER, namespace="web"
    )
    return [row["serviceAccount"] for row in found["associations"]]


def _delete_association(account: Account) -> None:
    eks = account.client("eks")
    found = eks.list_pod_identity_associations(clusterName=CLUSTER, namespace="web")
    eks.delete_pod_identity_association(
        clusterName=CLUSTER, associationId=found["associations"][0]["associationId"]
    )


def _weaken_template(account: Account) -> None:
    ec2, template = account.client("ec2"), account.id("kubernetes/launch-template/web")
    made = ec2.create_launch_template_version(
        LaunchTemplateId=template,
        SourceVersion="1",
        LaunchTemplateData={"MetadataOptions": {"HttpTokens": "optional"}},
    )
    version = str(made["LaunchTemplateVersion"]["VersionNumber"])
    ec2.modify_launch_template(LaunchTemplateId=template, DefaultVersion=version)


def _tokens(account: Account) -> str:
    found = account.client("ec2").describe_launch_template_versions(
        LaunchTemplateId=account.id("kubernetes/launch-template/web"), Versions=["$Default"]
    )
    return found["LaunchTemplateVersions"][0]["LaunchTemplateData"]["MetadataOptions"]["HttpTokens"]


def _delete_template(account: Account) -> None:
    account.client("ec2").delete_launch_template(
        LaunchTemplateId=account.id("kubernetes/launch-template/web")
    )


def _templates(account: Account) -> tuple[int, bool]:
    """How many launch templates there are besides EKS's own, and whether the pool's is the stack's."""
    found = account.client("ec2").describe_launch_templates()["LaunchTemplates"]
    names = [row["LaunchTemplateName"] for row in found]
    group = account.client("eks").describe_nodegroup(
        clusterName=CLUSTER, nodegroupName=_pool(account)
    )["nodegroup"]
    is_ours = group["launchTemplate"]["id"] == account.id("kubernetes/launch-template/web")
    return sum(1 for name in names if not name.startswith("eks-")), is_ours


def _delete_cluster(account: Account) -> None:
    _delete_pool(account)
    eks = account.client("eks")
    eks.delete_cluster(name=CLUSTER)
    eks.get_waiter("cluster_deleted").wait(name=CLUSTER, WaiterConfig=SOON)


def _whole(account: Account) -> tuple[list[str], int, int]:
    """The clusters, and of ours the pools and the add-ons."""
    eks = account.client("eks")
    clusters = eks.list_clusters()["clusters"]
    if not clusters:
        return clusters, 0, 0
    return clusters, _pools(account), len(eks.list_addons(clusterName=CLUSTER)["addons"])


def _scale(account: Account) -> None:
    account.client("eks").update_nodegroup_config(
        clusterName=CLUSTER, nodegroupName=_pool(account), scalingConfig={"desiredSize": 4}
    )
    _settle_pool(account)


def _renew(account: Account) -> None:
    account.client("eks").update_nodegroup_version(
        clusterName=CLUSTER, nodegroupName=_pool(account), releaseVersion="1.35.4-20261118"
    )
    _settle_pool(account)


def _foreign(account: Account) -> None:
    eks = account.client("eks")
    arn = eks.describe_cluster(name=CLUSTER)["cluster"]["arn"]
    eks.tag_resource(resourceArn=arn, tags={"owner": "somebody"})
    eks.create_access_entry(
        clusterName=CLUSTER, principalArn="arn:aws:iam::210987654321:role/other"
    )
    eks.create_addon(clusterName=CLUSTER, addonName="snapshot-controller")


ALLOWED = [
    Allowed("the autoscaler changes the number of nodes", _scale),
    Allowed("nodes get a newer image", _renew),
    Allowed("others add tags, rights and add-ons of their own", _foreign),
]

DRIFTS = [
    Drift(
        "the API server is opened and the audit log switched off",
        _open,
        ("update kubernetes/cluster", "endpoint, logs"),
        Seen("kubernetes.endpoint, logs", _is_closed, (True, True)),
    ),
    Drift(
        "a pool's size, labels and taints are changed",
        _change_pool,
        ("update kubernetes/node-pool/web", "size, labels, taints"),
        Seen("kubernetes.node_pools", _pool_settings, (4, {"tier": "web"}, [])),
    ),
    Drift(
        "a pool is deleted",
        _delete_pool,
        ("create kubernetes/node-pool/web", "wait for kubernetes/addon/"),
        Seen("kubernetes.node_pools", _pools, 1),
    ),
    Drift(
        "add-ons are configured, downgraded and removed",
        _change_addons,
        (
            "update kubernetes/addon/coredns",
            "update kubernetes/addon/vpc-cni",
            "create kubernetes/addon/kube-proxy",
        ),
        Seen("kubernetes.addons", _addons, ('{"replicaCount":2}', "v1.21.1-eksbuild.3", True)),
    ),
    Drift(
        "a principal gets more rights",
        _raise_rights,
        ("update kubernetes/access/dev",),
        Seen("kubernetes.access", _rights, ["AmazonEKSViewPolicy"]),
    ),
    Drift(
        "a role gets more rights and trusts anybody",
        _widen_role,
        ("update kubernetes/pod-identity-role/files", "trust"),
        Seen("kubernetes.pod_identities", _role_settings, (0, "s3:GetObject", ["Service"])),
    ),
    Drift(
        "a service account loses its role",
        _delete_association,
        ("create kubernetes/pod-identity/files",),
        Seen("kubernetes.pod_identities", _associations, ["files"]),
    ),
    Drift(
        "a launch template allows IMDSv1",
        _weaken_template,
        ("update kubernetes/launch-template/web", "update kubernetes/node-pool/web"),
        Seen("IMDSv2 alone", _tokens, "required"),
    ),
    Drift(
        "a launch template is deleted, and with it the way to make nodes",
        _delete_template,
        ("kubernetes/launch-template/web", "replace kubernetes/node-pool/web"),
        Seen("kubernetes.node_pools", _templates, (1, True)),
    ),
    Drift(
        "a cluster is deleted with all that is in it",
        _delete_cluster,
        ("kubernetes",),
        Seen("kubernetes", _whole, ([CLUSTER], 1, 5)),
    ),
]

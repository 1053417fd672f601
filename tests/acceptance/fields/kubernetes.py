"""`kubernetes`, field by field, and a way over several minors."""

from __future__ import annotations

from acceptance import eks
from acceptance.fields import Account, Seen, Step
from acceptance.stacks import NETWORK

CLUSTER = eks.CLUSTER
ROLE = "arn:aws:iam::210987654321:role/"
"""Principals of another account need not exist."""


def _scale(account: Account) -> None:
    """What the cluster autoscaler does."""
    group = account.values["eks"]["node_pools"]["api"]["name"]
    account.client("eks").update_nodegroup_config(
        clusterName=CLUSTER, nodegroupName=group, scalingConfig={"desiredSize": 4}
    )


POLICY = """jsonencode({
        Version   = "2012-10-17"
        Statement = [{ Effect = "Allow", Action = "%s", Resource = "*" }]
      })"""

FIRST = f"""kubernetes = {{
    version            = "1.33"
    support            = "extended"
    endpoint           = {{ private = true, public_cidrs = ["203.0.113.0/24"] }}
    logs               = ["api"]
    log_retention_days = 7
    volumes            = "delete"
    addons = {{
      "vpc-cni"        = {{ version = "v1.20.4-eksbuild.2" }}
      "coredns"        = {{ configuration = jsonencode({{ replicaCount = 3 }}) }}
      "metrics-server" = {{}}
    }}
    access = {{
      admins     = {{ principal_arn = "{ROLE}admin", policy = "cluster-admin" }}
      developers = {{ principal_arn = "{ROLE}dev", policy = "edit", namespaces = ["web", "api"] }}
      guests     = {{ principal_arn = "{ROLE}guest", policy = "view" }}
    }}
    pod_identities = {{
      secrets = {{
        namespace       = "external-secrets"
        service_account = "external-secrets"
        policy_json     = {POLICY % "secretsmanager:GetSecretValue"}
      }}
      files = {{
        namespace       = "web"
        service_account = "files"
        policy_arns     = ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]
      }}
      mail = {{ namespace = "web", service_account = "mail" }}
    }}
    node_pools = {{
      api = {{
        instance_types  = ["m5.large", "m5a.large"]
        capacity        = "spot"
        min             = 1
        desired         = 2
        max             = 6
        disk_gb         = 80
        labels          = {{ tier = "api" }}
        taints          = [{{ key = "team", value = "a", effect = "NoSchedule" }}]
        image           = "BOTTLEROCKET_x86_64"
        max_unavailable = "1"
      }}
      batch = {{ instance_types = ["m7g.large"], min = 0, max = 2 }}
      night = {{ instance_types = ["m7g.large"], min = 0, max = 2, release = "1.33.11-20261105" }}
    }}
  }}"""

SECOND = f"""kubernetes = {{
    version            = "1.33"
    support            = "standard"
    endpoint           = {{ private = true, public_cidrs = [] }}
    logs               = ["audit", "scheduler"]
    log_retention_days = 30
    addons = {{
      "vpc-cni" = {{ configuration = jsonencode({{ env = {{ ENABLE_PREFIX_DELEGATION = "true" }} }}) }}
      "coredns" = {{ configuration = jsonencode({{ replicaCount = 2 }}) }}
      "eks-node-monitoring-agent" = {{}}
    }}
    access = {{
      developers = {{
        principal_arn     = "{ROLE}dev"
        policy            = "view"
        namespaces        = ["web"]
        kubernetes_groups = ["developers"]
      }}
      auditors = {{ principal_arn = "{ROLE}audit", kubernetes_groups = ["auditors"] }}
      guests   = {{ principal_arn = "{ROLE}visitor", policy = "view" }}
    }}
    pod_identities = {{
      secrets = {{
        namespace       = "external-secrets"
        service_account = "external-secrets"
        policy_json     = {POLICY % "secretsmanager:ListSecrets"}
        policy_arns     = ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]
      }}
      mail = {{ namespace = "jobs", service_account = "sender" }}
    }}
    node_pools = {{
      api = {{
        instance_types  = ["m5.large", "m5a.large"]
        capacity        = "spot"
        min             = 2
        desired         = 3
        max             = 8
        disk_gb         = 120
        labels          = {{ tier = "web" }}
        taints          = [{{ key = "team", value = "b", effect = "NoSchedule" }}]
        image           = "BOTTLEROCKET_x86_64"
        max_unavailable = "50%"
      }}
      night = {{ instance_types = ["m7g.large"], min = 0, max = 2, release = "1.33.11-20261118" }}
      web   = {{ instance_types = ["m5.large"], max = 2, availability_zones = ["us-east-1b"] }}
    }}
  }}"""


def _third(version: str, image: str = "") -> str:
    """Two pools on demand, on that Kubernetes version."""
    return f"""kubernetes = {{
    version    = "{version}"
    support    = "extended"
    node_pools = {{
      api = {{ instance_types = ["m6i.large"], min = 2, max = 8, disk_gb = 120{image} }}
      web = {{ instance_types = ["m5.large"], max = 2 }}
    }}
  }}"""


def _mail(account: Account) -> tuple[str, str]:
    """Namespace and service account of the pod identity `mail`."""
    _, association = account.id("kubernetes/pod-identity/mail").split("/", 1)
    found = account.client("eks").describe_pod_identity_association(
        clusterName=CLUSTER, associationId=association
    )["association"]
    return found["namespace"], found["serviceAccount"]


def _versions(account: Account) -> tuple[str, str, str, str]:
    """Kubernetes versions of control plane and nodes, and of kube-proxy."""
    pools = (eks.pool(account, "api")["version"], eks.pool(account, "web")["version"])
    proxy = eks.addon(account, "kube-proxy")["addonVersion"]
    return eks.cluster(account)["version"], *pools, proxy.split("-")[0]


def _order(account: Account) -> list[str]:
    """Upgrades in the order in which they were requested, one word each."""
    words = {
        "UpdateClusterVersion": "cluster",
        "UpdateNodegroupVersion": "nodes",
        "UpdateAddon": "add-on",
    }
    found = [words[c["operation"]] for c in account.lab.log() if c["operation"] in words]
    since = len(found) - 1 - found[::-1].index("cluster", found[::-1].index("cluster") + 1)
    run: list[str] = []
    for word in found[since:]:
        if run[-1:] != [word]:
            run.append(word)
    return run


STEPS = [
    Step(
        "a cluster with every field",
        (NETWORK, FIRST),
        seen=(
            Seen("kubernetes.version", lambda a: eks.cluster(a)["version"], "1.33"),
            Seen(
                "kubernetes.support",
                lambda a: eks.cluster(a)["upgradePolicy"]["supportType"],
                "EXTENDED",
            ),
            Seen("kubernetes.endpoint", eks.endpoint, (True, True, ["203.0.113.0/24"])),
            Seen("kubernetes.logs", eks.logs, {"api"}),
            Seen("kubernetes.log_retention_days", eks.retention, 7),
            Seen(
                "kubernetes.addons.version",
                lambda a: eks.addon(a, "vpc-cni")["addonVersion"],
                "v1.20.4-eksbuild.2",
            ),
            Seen(
                "kubernetes.addons.configuration",
                lambda a: eks.configuration(a, "coredns"),
                {"replicaCount": 3},
            ),
            Seen("kubernetes.addons", lambda a: eks.addon(a, "metrics-server")["status"], "ACTIVE"),
            Seen(
                "kubernetes.access.policy",
                lambda a: eks.policies(a, ROLE + "admin"),
                {"AmazonEKSClusterAdminPolicy": []},
            ),
            Seen(
                "kubernetes.access.namespaces",
                lambda a: eks.policies(a, ROLE + "dev"),
                {"AmazonEKSEditPolicy": ["api", "web"]},
            ),
            Seen(
                "kubernetes.pod_identities.policy_json",
                lambda a: eks.inline(a, eks.role(a, "external-secrets", "external-secrets")),
                ["secretsmanager:GetSecretValue"],
            ),
            Seen(
                "kubernetes.pod_identities.policy_arns",
                lambda a: eks.attached(a, eks.role(a, "web", "files")),
                ["AmazonS3ReadOnlyAccess"],
            ),
            Seen(
                "kubernetes.node_pools.instance_types",
                lambda a: eks.pool(a, "api")["instanceTypes"],
                ["m5.large", "m5a.large"],
            ),
            Seen(
                "kubernetes.node_pools.capacity",
                lambda a: eks.pool(a, "api")["capacityType"],
                "SPOT",
            ),
            Seen(
                "kubernetes.node_pools.min, desired, max",
                lambda a: eks.pool(a, "api")["scalingConfig"],
                {"minSize": 1, "desiredSize": 2, "maxSize": 6},
            ),
            Seen(
                "kubernetes.node_pools.labels",
                lambda a: eks.pool(a, "api")["labels"],
                {"tier": "api"},
            ),
            Seen(
                "kubernetes.node_pools.taints",
                lambda a: eks.pool(a, "api")["taints"],
                [{"key": "team", "value": "a", "effect": "NO_SCHEDULE"}],
            ),
            Seen(
                "kubernetes.node_pools.image",
                lambda a: eks.pool(a, "api")["amiType"],
                "BOTTLEROCKET_x86_64",
            ),
            Seen(
                "kubernetes.node_pools.max_unavailable",
                lambda a: eks.pool(a, "api")["updateConfig"],
                {"maxUnavailable": 1},
            ),
            Seen(
                "kubernetes.node_pools.disk_gb",
                lambda a: [
                    (disk["DeviceName"], disk["Ebs"]["VolumeSize"], disk["Ebs"]["Encrypted"])
                    for disk in eks.template(a, "api")["BlockDeviceMappings"]
                ],
                [("/dev/xvdb", 80, True)],
            ),
            Seen(
                "IMDSv2 alone, for the node alone",
                lambda a: (
                    eks.template(a, "api")["MetadataOptions"]["HttpTokens"],
                    eks.template(a, "api")["MetadataOptions"]["HttpPutResponseHopLimit"],
                ),
                ("required", 1),
            ),
            Seen(
                "an Arm pool has an Arm image",
                lambda a: eks.pool(a, "batch")["amiType"],
                "AL2023_ARM_64_STANDARD",
            ),
            Seen(
                "kubernetes.node_pools.release",
                lambda a: eks.pool(a, "night")["releaseVersion"],
                "1.33.11-20261105",
            ),
            Seen(
                "kubernetes.access.principal_arn", lambda a: ROLE + "guest" in eks.entries(a), True
            ),
            Seen("kubernetes.pod_identities.namespace", _mail, ("web", "mail")),
            Seen(
                "outputs",
                lambda a: sorted(k for k, v in a.values["eks"].items() if v in (None, "", {})),
                [],
            ),
        ),
    ),
    Step(
        "everything that EKS changes in place is changed in place; pools, add-ons and rights come and go",
        (NETWORK, SECOND),
        before=_scale,
        seen=(
            Seen(
                "kubernetes.support",
                lambda a: eks.cluster(a)["upgradePolicy"]["supportType"],
                "STANDARD",
            ),
            Seen("kubernetes.endpoint", eks.endpoint, (True, False, [])),
            Seen("kubernetes.logs", eks.logs, {"audit", "scheduler"}),
            Seen("kubernetes.log_retention_days", eks.retention, 30),
            Seen(
                "kubernetes.addons.version: without one the recommended",
                lambda a: eks.addon(a, "vpc-cni")["addonVersion"],
                "v1.21.1-eksbuild.3",
            ),
            Seen(
                "kubernetes.addons.configuration",
                lambda a: (eks.configuration(a, "coredns"), eks.configuration(a, "vpc-cni")),
                ({"replicaCount": 2}, {"env": {"ENABLE_PREFIX_DELEGATION": "true"}}),
            ),
            Seen(
                "kubernetes.addons",
                lambda a: a.client("eks").list_addons(clusterName=CLUSTER)["addons"],
                [
                    "aws-ebs-csi-driver",
                    "coredns",
                    "eks-node-monitoring-agent",
                    "eks-pod-identity-agent",
                    "kube-proxy",
                    "vpc-cni",
                ],
            ),
            Seen(
                "kubernetes.access.policy",
                lambda a: eks.policies(a, ROLE + "dev"),
                {"AmazonEKSViewPolicy": ["web"]},
            ),
            Seen(
                "kubernetes.access.kubernetes_groups",
                lambda a: (eks.groups(a, ROLE + "dev"), eks.groups(a, ROLE + "audit")),
                (["developers"], ["auditors"]),
            ),
            Seen("kubernetes.access", lambda a: ROLE + "admin" in eks.entries(a), False),
            Seen(
                "kubernetes.pod_identities.policy_json",
                lambda a: eks.inline(a, eks.role(a, "external-secrets", "external-secrets")),
                ["secretsmanager:ListSecrets"],
            ),
            Seen(
                "kubernetes.pod_identities.policy_arns",
                lambda a: eks.attached(a, eks.role(a, "external-secrets", "external-secrets")),
                ["AmazonS3ReadOnlyAccess"],
            ),
            Seen(
                "kubernetes.node_pools.min, max; desired stays the autoscaler's",
                lambda a: eks.pool(a, "api")["scalingConfig"],
                {"minSize": 2, "desiredSize": 4, "maxSize": 8},
            ),
            Seen(
                "kubernetes.node_pools.labels",
                lambda a: eks.pool(a, "api")["labels"],
                {"tier": "web"},
            ),
            Seen(
                "kubernetes.node_pools.taints",
                lambda a: eks.pool(a, "api")["taints"],
                [{"key": "team", "value": "b", "effect": "NO_SCHEDULE"}],
            ),
            Seen(
                "kubernetes.node_pools.max_unavailable",
                lambda a: eks.pool(a, "api")["updateConfig"],
                {"maxUnavailablePercentage": 50},
            ),
            Seen(
                "kubernetes.node_pools.disk_gb",
                lambda a: eks.template(a, "api")["BlockDeviceMappings"][0]["Ebs"]["VolumeSize"],
                120,
            ),
            Seen(
                "kubernetes.node_pools",
                lambda a: sorted(a.values["eks"]["node_pools"]),
                ["api", "night", "web"],
            ),
            Seen(
                "kubernetes.node_pools.release",
                lambda a: eks.pool(a, "night")["releaseVersion"],
                "1.33.11-20261118",
            ),
            Seen(
                "kubernetes.access.principal_arn",
                lambda a: {ROLE + "guest", ROLE + "visitor"} & eks.entries(a),
                {ROLE + "visitor"},
            ),
            Seen("kubernetes.pod_identities.namespace", _mail, ("jobs", "sender")),
            Seen(
                "kubernetes.node_pools.availability_zones",
                lambda a: (eks.zones(a, "api"), eks.zones(a, "web")),
                (["us-east-1a", "us-east-1b"], ["us-east-1b"]),
            ),
        ),
        words=(
            "update kubernetes/cluster",
            "update kubernetes/addon/vpc-cni",
            "delete kubernetes/addon/metrics-server",
            "update kubernetes/launch-template/api",
            "delete kubernetes/node-pool/batch",
            "replace kubernetes/access/guests",
            "replace kubernetes/pod-identity/mail",
            "update kubernetes/node-pool/night",
            "create kubernetes: EKS access entry, EKS add-on, EKS node group",
        ),
        keeps=(
            "kubernetes/cluster",
            "kubernetes/addon/vpc-cni",
            "kubernetes/access/developers",
            "kubernetes/pod-identity/secrets",
        ),
    ),
    Step(
        "other instance types, capacity and images make a new pool before the old one goes",
        (NETWORK, _third("1.33")),
        seen=(
            Seen(
                "kubernetes.node_pools.instance_types",
                lambda a: eks.pool(a, "api")["instanceTypes"],
                ["m6i.large"],
            ),
            Seen(
                "kubernetes.node_pools.capacity",
                lambda a: eks.pool(a, "api")["capacityType"],
                "ON_DEMAND",
            ),
            Seen(
                "kubernetes.node_pools.image",
                lambda a: eks.pool(a, "api")["amiType"],
                "AL2023_x86_64_STANDARD",
            ),
            Seen(
                "the new pool begins with the nodes to which the autoscaler had brought the old one",
                lambda a: eks.pool(a, "api")["scalingConfig"],
                {"minSize": 2, "desiredSize": 4, "maxSize": 8},
            ),
            Seen(
                "the old one goes last",
                lambda a: (
                    eks.made(a, "CreateNodegroup")[-1]["time"]
                    < eks.made(a, "DeleteNodegroup")[-1]["time"]
                ),
                True,
            ),
            Seen(
                "kubernetes.node_pools.availability_zones",
                lambda a: eks.zones(a, "web"),
                ["us-east-1a", "us-east-1b"],
            ),
            Seen(
                "two node groups",
                lambda a: len(a.client("eks").list_nodegroups(clusterName=CLUSTER)["nodegroups"]),
                2,
            ),
        ),
        words=(
            "replace kubernetes/node-pool/api (EKS node group): a new one first, then ",
            "replace kubernetes/node-pool/web",
            "; about ",
        ),
    ),
    Step(
        "several minors in one apply: control plane, add-ons, nodes, then the next minor",
        (NETWORK, _third("1.35")),
        seen=(
            Seen("kubernetes.version", _versions, ("1.35", "1.35", "1.35", "v1.35.4")),
            Seen(
                "minor by minor",
                _order,
                ["cluster", "add-on", "nodes", "cluster", "add-on", "nodes"],
            ),
            Seen("outputs.version", lambda a: a.values["eks"]["version"], "1.35"),
        ),
        words=("1.33 → 1.34 → 1.35, each with 5 add-ons, 2 node pools; about 72 min",),
        keeps=("kubernetes/cluster", "kubernetes/addon/vpc-cni"),
    ),
]

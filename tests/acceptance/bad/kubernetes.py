"""Mistakes in `kubernetes`."""

from __future__ import annotations

from acceptance.bad import Bad, any_account
from acceptance.stacks import NETWORK, stack


def pool(attributes: str) -> str:
    """The section with one node pool `web`."""
    return f'kubernetes = {{ version = "1.35", node_pools = {{ web = {{ {attributes} }} }} }}'


def section(attributes: str) -> str:
    """The section with these attributes and no pools."""
    return f"kubernetes = {{ {attributes} }}"


ADMIN = 'principal_arn = "arn:aws:iam::123456789012:role/admin"'
TYPES = 'instance_types = ["m5.large"], max = 3'
IDENTITY = 'namespace = "web", service_account = "files"'

ROWS = [
    Bad(
        "min is not above max",
        stack(NETWORK, pool('instance_types = ["m5.large"], min = 5, max = 3')),
        ("kubernetes.node_pools", "web", "min", "max"),
    ),
    Bad(
        "desired lies between min and max",
        stack(NETWORK, pool('instance_types = ["m5.large"], min = 1, desired = 9, max = 3')),
        ("kubernetes.node_pools", "web", "desired"),
    ),
    Bad(
        "a pool has instance types",
        stack(NETWORK, pool("instance_types = [], max = 3")),
        ("kubernetes.node_pools", "web", "instance_types", "1 to 20"),
    ),
    Bad(
        "an instance type has a family and a size",
        stack(NETWORK, pool('instance_types = ["m5"], max = 3')),
        ("kubernetes.node_pools", "web", "instance_types[0]", '"m5"', "m7i.xlarge"),
    ),
    Bad(
        "an instance type is one that the region offers",
        stack(NETWORK, pool('instance_types = ["m5.gigantic"], max = 3')),
        ("kubernetes.node_pools", "web", "instance_types", "m5.gigantic", "us-east-1"),
        before=any_account,
    ),
    Bad(
        "the types of a pool have one architecture",
        stack(NETWORK, pool('instance_types = ["m7i.large", "m7g.large"], max = 3')),
        ("kubernetes.node_pools", "web", "instance_types", "Arm", "two pools"),
    ),
    Bad(
        "an image fits the processor",
        stack(
            NETWORK,
            pool('instance_types = ["m7g.large"], max = 3, image = "AL2023_x86_64_STANDARD"'),
        ),
        ("kubernetes.node_pools", "web", "image", "m7g.large", "AL2023_ARM_64_STANDARD"),
    ),
    Bad(
        "an image is one that EKS builds",
        stack(NETWORK, pool('instance_types = ["m5.large"], max = 3, image = "AL2_x86_64"')),
        ("kubernetes.node_pools", "web", "image", "AL2_x86_64", "AL2023_x86_64_STANDARD"),
    ),
    Bad(
        "a release belongs to the version",
        stack(
            NETWORK,
            pool('instance_types = ["m5.large"], max = 3, release = "1.34.7-20261105"'),
        ),
        ("kubernetes.node_pools", "web", "release", "1.34.7-20261105", "1.35"),
    ),
    Bad(
        "a pool is in zones of the network",
        stack(
            'network = { availability_zones = ["us-east-1a", "us-east-1b"] }',
            pool(f'{TYPES}, availability_zones = ["us-east-1c"]'),
        ),
        ("kubernetes.node_pools", "web", "availability_zones", "us-east-1c", "us-east-1a"),
    ),
    Bad(
        "a pool is in a zone",
        stack(NETWORK, pool(f"{TYPES}, availability_zones = []")),
        ("kubernetes.node_pools", "web", "availability_zones"),
    ),
    Bad(
        "a pool is in zones that were chosen for the network",
        stack(NETWORK, pool(f'{TYPES}, availability_zones = ["us-east-1f"]')),
        ("kubernetes.node_pools", "web", "availability_zones", "us-east-1f", "us-east-1a"),
        before=any_account,
    ),
    Bad(
        "capacity blocks are for GPU pools",
        stack(
            NETWORK, pool('instance_types = ["p5.48xlarge"], max = 3, capacity = "capacity_block"')
        ),
        ("kubernetes.node_pools", "web", "capacity", "stellar_gpu_pool"),
    ),
    Bad(
        "a taint's effect is one of Kubernetes",
        stack(
            NETWORK,
            pool(
                'instance_types = ["m5.large"], max = 3, taints = [{ key = "a", effect = "Never" }]'
            ),
        ),
        ("kubernetes.node_pools", "web", "taints[0].effect", "Never", "NoSchedule"),
    ),
    Bad(
        "a share of nodes is between 1 and 100 %",
        stack(NETWORK, pool('instance_types = ["m5.large"], max = 3, max_unavailable = "133%"')),
        ("kubernetes.node_pools", "web", "max_unavailable", "33%"),
    ),
    Bad(
        "a version has a major and a minor",
        stack(NETWORK, section('version = "1.35.2"')),
        ("kubernetes.version", "1.35.2", '"1.35"'),
    ),
    Bad(
        "a version is one that EKS offers",
        stack(NETWORK, section('version = "1.27"')),
        ("kubernetes.version", "1.27", "1.35 (standard support until"),
        before=any_account,
    ),
    Bad(
        "a version does not go back",
        stack(NETWORK, section('version = "1.34"')),
        ("kubernetes.version", "runs 1.35", "-refresh=false"),
        after=stack(NETWORK, section('version = "1.35"')),
    ),
    Bad(
        "support is standard or extended",
        stack(NETWORK, section('support = "premium"')),
        ("kubernetes.support", "premium", "standard", "extended"),
    ),
    Bad(
        "volumes are kept or deleted",
        stack(NETWORK, section('volumes = "snapshot"')),
        ("kubernetes.volumes", "snapshot", "keep", "delete"),
    ),
    Bad(
        "an API server is reached from somewhere",
        stack(NETWORK, section("endpoint = { private = false }")),
        ("kubernetes.endpoint.public_cidrs", "private = false"),
    ),
    Bad(
        "a block of the endpoint has no host bits",
        stack(NETWORK, section('endpoint = { public_cidrs = ["203.0.113.7/24"] }')),
        ("kubernetes.endpoint.public_cidrs", "203.0.113.7/24", "203.0.113.0/24"),
    ),
    Bad(
        "a log is one of the control plane's",
        stack(NETWORK, section('logs = ["kubelet"]')),
        ("kubernetes.logs", "kubelet", "audit"),
    ),
    Bad(
        "logs are kept for a number of days that CloudWatch knows",
        stack(NETWORK, section("log_retention_days = 31")),
        ("kubernetes.log_retention_days", "31", "30"),
    ),
    Bad(
        "an add-on's configuration is JSON",
        stack(NETWORK, section('addons = { coredns = { configuration = "replicaCount: 2" } }')),
        ("kubernetes.addons", "coredns", "configuration", "jsonencode"),
    ),
    Bad(
        "an add-on is one that EKS offers",
        stack(NETWORK, section('version = "1.35", addons = { cornedns = {} }')),
        ("cornedns", "1.35", "describe-addon-versions"),
        before=any_account,
    ),
    Bad(
        "an add-on's version goes with the Kubernetes version",
        stack(
            NETWORK,
            section('version = "1.35", addons = { coredns = { version = "v1.9.3-eksbuild.2" } }'),
        ),
        ("kubernetes.addons", "coredns", "v1.9.3-eksbuild.2", "v1.13.2-eksbuild.4"),
        before=any_account,
    ),
    Bad(
        "an access policy is one of EKS",
        stack(NETWORK, section(f'access = {{ a = {{ {ADMIN}, policy = "root" }} }}')),
        ("kubernetes.access", "policy", "root", "cluster-admin"),
    ),
    Bad(
        "a principal has rights",
        stack(NETWORK, section(f"access = {{ a = {{ {ADMIN} }} }}")),
        ("kubernetes.access", "policy", "kubernetes_groups"),
    ),
    Bad(
        "a group is not one of Kubernetes' own",
        stack(
            NETWORK,
            section(f'access = {{ a = {{ {ADMIN}, kubernetes_groups = ["system:masters"] }} }}'),
        ),
        ("kubernetes.access", "kubernetes_groups", "system:masters"),
    ),
    Bad(
        "a principal is a role or a user",
        stack(
            NETWORK,
            section(
                "access = { a = { principal_arn = "
                '"arn:aws:sts::123456789012:assumed-role/admin/me", policy = "view" } }'
            ),
        ),
        ("kubernetes.access", "principal_arn", "assumed-role", "role behind it"),
    ),
    Bad(
        "a pod's policy is JSON",
        stack(
            NETWORK,
            section(f'pod_identities = {{ files = {{ {IDENTITY}, policy_json = "s3:*" }} }}'),
        ),
        ("kubernetes.pod_identities", "files", "policy_json", "jsonencode"),
    ),
    Bad(
        "a service account has one role",
        stack(
            NETWORK,
            section(f"pod_identities = {{ a = {{ {IDENTITY} }}, b = {{ {IDENTITY} }} }}"),
        ),
        ("kubernetes.pod_identities", "service_account", "one role"),
    ),
]

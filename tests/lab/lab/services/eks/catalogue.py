"""The add-ons that AWS offers: versions per minor, configuration schema, pod identity."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from lab.services.eks.versions import MINORS


@dataclass(frozen=True)
class Addon:
    """One add-on of the catalogue.

    `versions` are newest first; `{minor}` is replaced for add-ons that follow Kubernetes.
    `until` maps a version to the last minor for which it is offered.
    `accounts` maps each service account to the managed policies it needs.
    """

    name: str
    kind: str
    versions: tuple[str, ...]
    settings: tuple[str, ...]
    # Runs on nodes as a Deployment, so it is DEGRADED without any.
    needs_nodes: bool = False
    namespace: str = "kube-system"
    accounts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    until: dict[str, str] = field(default_factory=dict)

    def offered(self, minor: str) -> list[str]:
        """Versions for a Kubernetes minor, newest first; the first is the default.

        What follows Kubernetes may be up to three minors older than the control plane
        (Kubernetes version skew policy), so an upgrade finds it compatible.
        """
        number = MINORS[minor].number
        minors = [m for m in MINORS.values() if number - 3 <= m.number <= number]
        found = [
            text.format(minor=m.name, patch=m.patch)
            for m in sorted(minors, key=lambda m: -m.number)
            for text in self.versions
            if MINORS[self.until.get(text, minor)].number >= number
        ]
        return list(dict.fromkeys(found))

    def all_versions(self) -> list[str]:
        """Every version for any minor, newest first."""
        found = [v for minor in sorted(MINORS, reverse=True) for v in self.offered(minor)]
        return list(dict.fromkeys(found))

    def schema(self) -> str:
        """The JSON schema of `configurationValues`, closed at the top level."""
        return json.dumps(
            {
                "$schema": "http://json-schema.org/draft-07/schema#",
                "type": "object",
                "additionalProperties": False,
                "properties": {name: {} for name in self.settings},
            }
        )


_COMMON = ("affinity", "nodeSelector", "podAnnotations", "podLabels", "resources", "tolerations")
_CSI = ("controller", "node", "sidecars", "defaultStorageClass", "additionalLabels")

CATALOGUE: dict[str, Addon] = {
    addon.name: addon
    for addon in (
        Addon(
            "vpc-cni",
            "networking",
            ("v1.21.1-eksbuild.3", "v1.20.4-eksbuild.2"),
            (
                *_COMMON,
                "env",
                "init",
                "enableNetworkPolicy",
                "enableWindowsIpam",
                "eniConfig",
                "nodeAgent",
                "extraVolumes",
                "livenessProbeTimeoutSeconds",
                "readinessProbeTimeoutSeconds",
            ),
            accounts={"aws-node": ("AmazonEKS_CNI_Policy",)},
        ),
        Addon(
            "kube-proxy",
            "networking",
            ("v{minor}.{patch}-eksbuild.2", "v{minor}.0-eksbuild.2"),
            (*_COMMON, "ipvs", "mode"),
        ),
        Addon(
            "coredns",
            "networking",
            ("v1.13.2-eksbuild.4", "v1.12.4-eksbuild.1"),
            (
                *_COMMON,
                "autoScaling",
                "corefile",
                "podDisruptionBudget",
                "replicaCount",
                "topologySpreadConstraints",
                "computeType",
            ),
            needs_nodes=True,
        ),
        Addon(
            "eks-pod-identity-agent",
            "security",
            ("v1.3.10-eksbuild.2", "v1.3.8-eksbuild.2"),
            (*_COMMON, "agent", "priorityClassName", "updateStrategy"),
        ),
        Addon(
            "aws-ebs-csi-driver",
            "storage",
            ("v1.54.0-eksbuild.1", "v1.51.1-eksbuild.1"),
            _CSI,
            needs_nodes=True,
            accounts={"ebs-csi-controller-sa": ("service-role/AmazonEBSCSIDriverPolicy",)},
        ),
        Addon(
            "aws-efs-csi-driver",
            "storage",
            ("v2.2.0-eksbuild.1", "v2.1.13-eksbuild.1"),
            _CSI,
            needs_nodes=True,
            accounts={
                "efs-csi-controller-sa": ("service-role/AmazonEFSCSIDriverPolicy",),
                "efs-csi-node-sa": ("service-role/AmazonEFSCSIDriverPolicy",),
            },
        ),
        Addon(
            "aws-mountpoint-s3-csi-driver",
            "storage",
            ("v2.2.1-eksbuild.1", "v1.15.0-eksbuild.1"),
            ("node", "controller", "mountpointPod"),
            until={"v1.15.0-eksbuild.1": "1.34"},
            needs_nodes=True,
            accounts={"s3-csi-driver-sa": ("AmazonS3FullAccess",)},
        ),
        Addon(
            "snapshot-controller",
            "storage",
            ("v8.4.0-eksbuild.1", "v8.3.0-eksbuild.1"),
            (*_COMMON, "replicaCount"),
            needs_nodes=True,
        ),
        Addon(
            "metrics-server",
            "observability",
            ("v0.8.0-eksbuild.5", "v0.8.0-eksbuild.2"),
            (*_COMMON, "replicas", "args", "containerPort", "metrics", "podDisruptionBudget"),
            needs_nodes=True,
        ),
        Addon(
            "eks-node-monitoring-agent",
            "observability",
            ("v1.4.2-eksbuild.1", "v1.4.1-eksbuild.1"),
            ("dcgmAgent", "monitoringAgent"),
        ),
        Addon(
            "amazon-cloudwatch-observability",
            "observability",
            ("v4.7.0-eksbuild.1", "v4.6.0-eksbuild.1"),
            (
                "agent",
                "agents",
                "containerLogs",
                "manager",
                "tolerations",
                "admissionWebhooks",
                "dcgmExporter",
                "neuronMonitor",
                "region",
                "clusterName",
            ),
            needs_nodes=True,
            namespace="amazon-cloudwatch",
            accounts={
                "cloudwatch-agent": ("CloudWatchAgentServerPolicy", "AWSXrayWriteOnlyAccess")
            },
        ),
    )
}


def describe(addon: Addon, minors: list[str]) -> dict[str, Any]:
    """The catalogue entry as DescribeAddonVersions answers it, for the given minors."""
    offers = {minor: addon.offered(minor) for minor in minors}
    versions = [v for v in addon.all_versions() if any(v in offer for offer in offers.values())]
    return {
        "addonName": addon.name,
        "type": addon.kind,
        "publisher": "eks",
        "owner": "aws",
        "defaultNamespace": addon.namespace,
        "addonVersions": [
            {
                "addonVersion": version,
                "architecture": ["amd64", "arm64"],
                "computeTypes": ["ec2", "auto", "hybrid"],
                "requiresConfiguration": False,
                "requiresIamPermissions": bool(addon.accounts),
                "compatibilities": [
                    {
                        "clusterVersion": minor,
                        "platformVersions": ["*"],
                        "defaultVersion": offer[0] == version,
                    }
                    for minor, offer in offers.items()
                    if version in offer
                ],
            }
            for version in versions
        ],
    }

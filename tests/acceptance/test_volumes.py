"""What a destroy does with the volumes that pods have left behind."""

from __future__ import annotations

import pytest

from acceptance.stacks import NETWORK, stack
from harness.lab import Lab
from harness.workspace import Workspace


def volume(lab: Lab, cluster: str) -> str:
    """A volume as the EBS driver makes it for a pod of a cluster; its id."""
    tags = {
        "ebs.csi.aws.com/cluster": "true",
        f"kubernetes.io/cluster/{cluster}": "owned",
        "kubernetes.io/created-for/pvc/name": "data-0",
    }
    specification = {
        "ResourceType": "volume",
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }
    made = lab.client("ec2").create_volume(
        AvailabilityZone="us-east-1a", Size=8, TagSpecifications=[specification]
    )
    return made["VolumeId"]


@pytest.mark.parametrize(("volumes", "kept"), [(None, True), ("keep", True), ("delete", False)])
def test_volumes_of_pods_stay_and_are_named_unless_they_are_to_go(
    workspace: Workspace, lab: Lab, volumes: str | None, kept: bool
) -> None:
    field = f', volumes = "{volumes}"' if volumes else ""
    section = f'kubernetes = {{ version = "1.35"{field}, node_pools = {{}} }}'
    workspace.write(stack(NETWORK, section))
    workspace.init()
    applied = workspace.apply()
    assert applied.code == 0, applied
    ours, others = volume(lab, "shop"), volume(lab, "shop-2")

    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed
    left = {found["VolumeId"] for found in lab.client("ec2").describe_volumes()["Volumes"]}
    assert left == ({ours, others} if kept else {others})
    assert (ours in destroyed.warnings) == kept, destroyed
    assert others not in destroyed.warnings

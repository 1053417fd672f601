"""An upgrade over several minors stops where it must, and goes on where it stopped."""

from __future__ import annotations

import pytest

from acceptance.stacks import ADDRESS, NETWORK, stack
from harness.lab import Lab
from harness.workspace import Workspace

OLD_DRIVER = "v1.15.0-eksbuild.1"
"""A version of the Mountpoint driver that is not offered beyond Kubernetes 1.34."""


def kubernetes(version: str, more: str = "") -> str:
    """A cluster of that version with one pool."""
    return f"""kubernetes = {{
    version    = "{version}"
    support    = "extended"
    node_pools = {{ web = {{ instance_types = ["m5.large"], min = 1, max = 3 }} }}
    {more}
  }}"""


def made(workspace: Workspace, *sections: str) -> None:
    """Applies a stack of these sections for the first time."""
    workspace.write(stack(NETWORK, *sections))
    workspace.init()
    applied = workspace.apply()
    assert applied.code == 0, applied


def upgrades(lab: Lab) -> list[str]:
    """The versions to which control planes and nodes were upgraded, in order."""
    calls = ("UpdateClusterVersion", "UpdateNodegroupVersion")
    return [
        f"{'cluster' if call['operation'] == calls[0] else 'nodes'} {call['params']['version']}"
        for call in lab.log()
        if call["operation"] in calls and not call["error"]
    ]


@pytest.mark.parametrize(
    ("operation", "skip"), [("UpdateClusterVersion", 1), ("UpdateNodegroupVersion", 0)]
)
def test_a_killed_upgrade_goes_on_where_it_stopped(
    workspace: Workspace, lab: Lab, operation: str, skip: int
) -> None:
    made(workspace, kubernetes("1.33"))
    claim = workspace.state()[ADDRESS]["values"]["claim"]
    workspace.write(stack(NETWORK, kubernetes("1.35")))
    lab.faults(
        {
            "service": "eks",
            "operation": operation,
            "kind": "kill",
            "when": "after",
            "skip": skip,
        }
    )
    killed = workspace.apply()
    assert killed.code == 1, killed

    finished = workspace.apply()
    assert finished.code == 0, finished
    assert upgrades(lab) == ["cluster 1.34", "nodes 1.34", "cluster 1.35", "nodes 1.35"]
    assert workspace.state()[ADDRESS]["values"]["claim"] == claim
    assert lab.changes("DeleteNodegroup") == []
    assert workspace.plan().code == 0


@pytest.mark.parametrize("operation", ["CreateNodegroup", "DeleteNodegroup"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_killed_replacement_of_a_pool_ends_with_the_new_one_alone(
    workspace: Workspace, lab: Lab, operation: str, when: str
) -> None:
    section = kubernetes("1.35")
    made(workspace, section)
    workspace.write(stack(NETWORK, section.replace("m5.large", "m6i.large")))
    lab.faults({"service": "eks", "operation": operation, "kind": "kill", "when": when})
    killed = workspace.apply()
    assert killed.code == 1, killed

    finished = workspace.apply()
    assert finished.code == 0, finished
    eks = lab.client("eks")
    groups = eks.list_nodegroups(clusterName="shop")["nodegroups"]
    types = [
        eks.describe_nodegroup(clusterName="shop", nodegroupName=group)["nodegroup"][
            "instanceTypes"
        ]
        for group in groups
    ]
    assert types == [["m6i.large"]]
    assert workspace.plan().code == 0


def test_findings_of_eks_stop_an_upgrade_until_they_are_mended_or_overridden(
    workspace: Workspace, lab: Lab
) -> None:
    made(workspace, kubernetes("1.33"))
    eks = lab.client("eks")
    # Somebody's own add-on, which the stack leaves alone.
    eks.create_addon(
        clusterName="shop", addonName="aws-mountpoint-s3-csi-driver", addonVersion=OLD_DRIVER
    )
    workspace.write(stack(NETWORK, kubernetes("1.35")))
    stopped = workspace.apply()
    assert stopped.code == 1, stopped
    for words in ("EKS add-on version compatibility", "kubernetes.force_upgrade", "1.35"):
        assert words in stopped.errors
    assert upgrades(lab) == ["cluster 1.34", "nodes 1.34"], "the minor before it is done"
    assert len(lab.changes("StartInsightsRefresh")) == 1, "findings may be a day old"
    assert workspace.state()[ADDRESS]["values"]["status"] == "incomplete"

    workspace.write(stack(NETWORK, kubernetes("1.35", "force_upgrade = true")))
    finished = workspace.apply()
    assert finished.code == 0, finished
    assert upgrades(lab)[2:] == ["cluster 1.35", "nodes 1.35"]
    assert workspace.plan().code == 0


def test_versions_that_cannot_be_reached_are_refused_before_anything_is_touched(
    workspace: Workspace, lab: Lab
) -> None:
    made(workspace, kubernetes("1.34"))
    before = lab.changes()
    driver = f'addons = {{ "aws-mountpoint-s3-csi-driver" = {{ version = "{OLD_DRIVER}" }} }}'
    rows = [
        ("plan", kubernetes("1.33"), ("kubernetes.version", "runs 1.34", "1.33")),
        ("apply", kubernetes("1.39"), ("1.39", "1.35 (standard support until 2027-03-27)")),
        (
            "apply",
            kubernetes("1.35", driver),
            ("aws-mountpoint-s3-csi-driver", OLD_DRIVER, "v2.2.1"),
        ),
        ("apply", kubernetes("1.35", "addons = { nonsense = {} }"), ("no add-on nonsense",)),
    ]
    for command, section, words in rows:
        workspace.write(stack(NETWORK, section))
        run = workspace.plan() if command == "plan" else workspace.apply()
        assert run.code == 1, section
        for word in words:
            assert word in run.errors, f"{word}: {run}"
    assert [c for c in lab.changes() if c.startswith(("eks.", "ec2."))] == [
        c for c in before if c.startswith(("eks.", "ec2."))
    ]

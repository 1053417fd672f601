"""An apply that breaks in the middle keeps what exists; the next one finishes it."""

from __future__ import annotations

import os
import signal

import pytest

from acceptance.stacks import ADDRESS, KUBERNETES, NETWORK, stack
from harness.lab import Lab
from harness.workspace import Workspace

REFUSED = {
    "service": "eks",
    "operation": "CreateNodegroup",
    "kind": "error",
    "code": "InvalidParameterException",
    "message": "The instance type is not offered",
}


def test_keep_an_error_in_the_middle_leaves_state_and_the_next_apply_finishes(
    workspace: Workspace, lab: Lab
) -> None:
    workspace.write(stack(NETWORK, KUBERNETES))
    workspace.init()
    lab.faults(REFUSED)

    broken = workspace.apply()
    assert broken.code == 1, broken
    assert "The instance type is not offered" in broken.warnings
    found = workspace.state()[ADDRESS]
    assert found["values"]["status"] == "incomplete"
    assert not found.get("tainted"), "kept, not thrown away"
    claim = found["values"]["claim"]

    planned = workspace.plan()
    assert planned.code == 2, "what is missing is a change"
    assert workspace.planned()["resource_changes"][0]["change"]["actions"] == ["update"]

    finished = workspace.apply()
    assert finished.code == 0, finished
    assert_finished_in_place(workspace, lab, claim)


def test_taint_an_error_in_the_middle_taints_and_the_replacement_finishes_in_place(
    workspace: Workspace, lab: Lab
) -> None:
    workspace.write(stack(NETWORK, KUBERNETES, on_create_error="taint"))
    workspace.init()
    lab.faults(REFUSED)

    broken = workspace.apply()
    assert broken.code == 1, broken
    assert "The instance type is not offered" in broken.errors
    assert "terraform untaint" in broken.errors
    found = workspace.state()[ADDRESS]
    assert found["tainted"]
    claim = found["values"]["claim"]

    finished = workspace.apply()
    assert finished.code == 0, finished
    assert_finished_in_place(workspace, lab, claim)


def test_ctrl_c_in_the_middle_leaves_state_and_the_next_apply_finishes(
    workspace: Workspace, lab: Lab
) -> None:
    workspace.write(stack(NETWORK, KUBERNETES))
    workspace.init()

    process = workspace.start("apply", "-json", "-auto-approve", "-input=false")
    lab.wait_for("eks", "CreateCluster")
    os.killpg(process.pid, signal.SIGINT)
    stopped = workspace.finish(process)
    assert stopped.code == 1, stopped
    assert stopped.seconds < 45
    found = workspace.state()[ADDRESS]
    assert found["values"]["status"] == "incomplete"

    finished = workspace.apply()
    assert finished.code == 0, finished
    assert_finished_in_place(workspace, lab, found["values"]["claim"])


@pytest.mark.parametrize(
    ("service", "operation"),
    [("ec2", "CreateVpc"), ("eks", "CreateCluster"), ("ec2", "CreateNatGateway")],
)
def test_a_lost_response_makes_no_second_object(
    workspace: Workspace, lab: Lab, service: str, operation: str
) -> None:
    workspace.write(stack(NETWORK, KUBERNETES))
    workspace.init()
    lab.faults({"service": service, "operation": operation, "kind": "lost-response"})

    applied = workspace.apply()
    if applied.code != 0:
        applied = workspace.apply()
    assert applied.code == 0, applied
    assert_no_duplicates(lab)


def test_throttling_is_waited_out(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK, KUBERNETES))
    workspace.init()
    lab.faults({"service": "ec2", "kind": "throttle", "every": 5, "count": 10})

    applied = workspace.apply()
    assert applied.code == 0, applied
    assert len([call for call in lab.log() if call["fault"]]) == 10


def assert_finished_in_place(workspace: Workspace, lab: Lab, claim: str) -> None:
    """The stack is the one that was begun: nothing was deleted or made twice, nothing is left to do."""
    found = workspace.state()[ADDRESS]
    assert found["values"]["status"] == "ready"
    assert found["values"]["claim"] == claim
    assert not found.get("tainted")
    assert lab.changes("Delete") == []
    assert_no_duplicates(lab)
    planned = workspace.plan()
    assert planned.code == 0, planned


def assert_no_duplicates(lab: Lab) -> None:
    """One of each object that a stack has only once."""
    ec2 = lab.client("ec2")
    vpcs = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"]
    assert len(vpcs) == 1
    assert len(ec2.describe_nat_gateways()["NatGateways"]) == 1
    assert len(ec2.describe_subnets()["Subnets"]) == 6
    assert len(lab.client("eks").list_clusters()["clusters"]) == 1

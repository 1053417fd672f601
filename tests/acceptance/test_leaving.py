"""What a stack does not want any more goes, even when the apply that was to remove it did not end."""

from __future__ import annotations

from typing import Any

import pytest

from acceptance.stacks import KUBERNETES, NETWORK, stack
from harness.lab import Lab
from harness.workspace import Workspace

OWN_ENDPOINT = (
    'network = { cidr = "10.0.0.0/16", zone_count = 2, nat = "single", endpoints = ["ecr.api"] }'
)
WITHOUT = {"service": "ec2", "operation": "DeleteVpcEndpoints"}
BREAKS = [
    pytest.param(WITHOUT | {"kind": "kill", "when": "before"}, id="killed before"),
    pytest.param(WITHOUT | {"kind": "kill", "when": "after"}, id="killed after"),
    pytest.param(
        WITHOUT | {"kind": "error", "code": "UnauthorizedOperation", "status": 403}, id="refused"
    ),
]


@pytest.mark.parametrize("fault", BREAKS)
@pytest.mark.parametrize("options", [(), ("-refresh=false",)], ids=["refresh", "no refresh"])
def test_a_removal_that_did_not_happen_happens_next(
    workspace: Workspace, lab: Lab, fault: dict[str, Any], options: tuple[str, ...]
) -> None:
    workspace.write(stack(NETWORK))
    workspace.init()
    assert workspace.apply().code == 0
    before = lab.census()
    workspace.write(stack(OWN_ENDPOINT))
    assert workspace.apply().code == 0

    workspace.write(stack(NETWORK))
    lab.faults(fault)
    broken = workspace.apply()
    assert broken.code == 1, broken
    lab.faults()

    finished = workspace.apply(*options)
    assert finished.code == 0, finished
    assert lab.census() == before, "nothing of the endpoint is left"
    assert workspace.plan().code == 0


def test_a_resumed_create_removes_what_only_its_first_attempt_wanted(
    workspace: Workspace, lab: Lab
) -> None:
    workspace.write(stack(OWN_ENDPOINT, KUBERNETES, on_create_error="taint"))
    workspace.init()
    lab.faults({"service": "eks", "operation": "CreateNodegroup", "kind": "kill"})
    broken = workspace.apply()
    assert broken.code == 1, broken
    assert len(lab.census()["us-east-1 ec2/vpc-endpoint"]) == 2
    lab.faults()

    workspace.write(stack(NETWORK, KUBERNETES, on_create_error="taint"))
    finished = workspace.apply()
    assert finished.code == 0, finished
    assert len(lab.census()["us-east-1 ec2/vpc-endpoint"]) == 1, "the gateway endpoint of S3 alone"
    assert workspace.plan().code == 0


def test_a_resumed_create_does_not_drop_data(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK, KUBERNETES, on_create_error="taint"))
    workspace.init()
    lab.faults({"service": "eks", "operation": "CreateCluster", "kind": "kill"})
    assert workspace.apply().code == 1
    before = lab.census()
    lab.faults()

    workspace.write(stack(NETWORK, on_create_error="taint"))
    refused = workspace.apply()
    assert refused.code == 1, refused
    assert "kubernetes/key@" in refused.errors
    assert lab.census() == before


def test_destroy_takes_what_a_broken_update_had_still_to_remove(
    workspace: Workspace, lab: Lab
) -> None:
    workspace.write(stack(OWN_ENDPOINT))
    workspace.init()
    assert workspace.apply().code == 0
    workspace.write(stack(NETWORK))
    lab.faults(WITHOUT | {"kind": "kill"})
    assert workspace.apply().code == 1
    lab.faults()

    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed
    assert lab.census() == {}

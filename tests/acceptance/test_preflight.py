"""What a plan finds out before anything is created: errors for a new stack, warnings for one that exists."""

from __future__ import annotations

from acceptance.stacks import NETWORK, stack
from harness.lab import Lab
from harness.workspace import Workspace

SECONDS = 12
"""How long a plan with all its checks may take on a busy machine; the checks themselves end after 3 s."""


def pool(kind: str, desired: int = 1, most: int = 2, version: str = "1.35") -> str:
    """A cluster with one pool."""
    size = f"min = 1, desired = {desired}, max = {most}"
    nodes = f'node_pools = {{ api = {{ instance_types = ["{kind}"], {size} }} }}'
    return f'kubernetes = {{ version = "{version}", {nodes} }}'


def planned(workspace: Workspace, *sections: str):
    """The plan of a stack of these sections."""
    workspace.write(stack(*sections))
    return workspace.plan()


def test_a_new_stack_is_refused_with_the_number_that_stops_it(
    workspace: Workspace, lab: Lab
) -> None:
    workspace.write(stack(NETWORK))
    workspace.init()
    quotas = {"ec2/L-0263D0A3": 0, "vpc/L-F678F1CE": 0, "ec2/L-1216C47A": 16}
    lab._call("PUT", "quotas", quotas)
    refused = planned(workspace, NETWORK, pool("m5.xlarge", desired=5, most=20))
    assert refused.code == 1, refused
    for word in ("Elastic IP addresses", "1 VPCs", "L-1216C47A", "20 vCPUs"):
        assert word in refused.errors, refused
    assert lab.changes() == []
    assert refused.seconds < SECONDS

    off = planned(workspace, NETWORK, pool("m5.xlarge", desired=5, most=20), 'preflight = "off"')
    assert off.code == 2, off
    everywhere = 'region = "us-east-1"\n  preflight = "off"'
    workspace.write(
        stack(NETWORK, pool("m5.xlarge", desired=5, most=20)).replace(
            'region = "us-east-1"', everywhere
        )
    )
    assert workspace.plan().code == 2
    lab._call("PUT", "quotas", dict.fromkeys(quotas, 100))


def test_what_the_region_does_not_have_is_named(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK))
    workspace.init()
    rows = [
        (pool("m5.enormous"), ("instance_types", "m5.enormous")),
        (pool("m5.large", version="1.20"), ("1.20", "1.35")),
    ]
    for sections, words in rows:
        refused = planned(workspace, NETWORK, sections)
        assert refused.code == 1, refused
        for word in words:
            assert word in refused.errors, refused
    assert lab.changes() == []


def test_a_name_that_is_taken_is_an_error_and_overlapping_blocks_a_warning(
    workspace: Workspace, lab: Lab
) -> None:
    workspace.write(stack(NETWORK))
    workspace.init()
    lab.client("ec2").create_vpc(CidrBlock="10.0.0.0/17")
    overlapping = planned(workspace, NETWORK)
    assert overlapping.code == 2, overlapping
    assert "10.0.0.0/17" in overlapping.warnings


def test_what_may_not_be_asked_is_one_warning(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK))
    workspace.init()
    denied = {"service": "service-quotas", "kind": "error", "count": 0, "status": 400}
    lab.faults(denied | {"code": "AccessDeniedException"})
    found = planned(workspace, NETWORK)
    lab.faults()
    assert found.code == 2, found
    assert "Not everything could be checked beforehand" in found.warnings
    assert "AccessDeniedException" in found.warnings


def test_a_stack_that_exists_is_warned_and_a_no_op_plan_asks_nothing(
    workspace: Workspace, lab: Lab
) -> None:
    workspace.write(stack(NETWORK))
    workspace.init()
    assert workspace.apply().code == 0
    before = len(lab.log())
    assert workspace.plan().code == 0
    asked = {f"{call['service']}.{call['operation']}" for call in lab.log()[before:]}
    for word in ("quota", "pricing", "Offerings", "InstanceTypes"):
        assert not any(word.lower() in call.lower() for call in asked), asked

    warned = planned(workspace, NETWORK, pool("m5.enormous"))
    assert warned.code == 2, warned
    assert "m5.enormous" in warned.warnings

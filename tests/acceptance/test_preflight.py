"""What a plan finds out before anything is created: errors for a new stack, warnings for one that exists."""

from __future__ import annotations

from acceptance.stacks import NETWORK, stack
from harness.lab import Lab
from harness.workspace import Workspace

SECONDS = 45
"""How long a plan with all its checks may take on a busy machine; the checks themselves end after 3 s."""


AURORA = """database = {
    engine         = "aurora-postgresql"
    instance_class = "db.r6g.large"
    replicas       = { count = 1 }
  }"""
CACHE = 'cache = { node_type = "cache.t3.micro" }'


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
    quotas = dict.fromkeys(
        ("ec2/L-0263D0A3", "vpc/L-F678F1CE", "vpc/L-FE5A380F", "eks/L-1194D53C", "rds/L-7B6409FD"),
        0,
    )
    quotas |= {"rds/L-952B80B8": 0, "elasticache/L-DFE45DF3": 1, "ec2/L-1216C47A": 16}
    lab._call("PUT", "quotas", quotas)
    sections = (NETWORK, pool("m5.xlarge", desired=5, most=20), AURORA, CACHE)
    refused = planned(workspace, *sections)
    assert refused.code == 1, refused
    words = ("1 Elastic IP addresses", "1 VPCs", "1 NAT gateways in us-east-1a", "1 EKS clusters")
    words += ("2 DB instances", "1 DB clusters", "2 ElastiCache nodes", "L-1216C47A", "20 vCPUs")
    for word in words:
        assert word in refused.errors, refused
    assert lab.changes() == []
    assert refused.seconds < SECONDS

    off = planned(workspace, *sections, 'preflight = "off"')
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
        ('cache = { node_type = "cache.r99.large" }', ("cache.node_type", "cache.r99.large")),
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
    assert found.warnings.count("AccessDeniedException") == 2, (
        "once for NAT gateways, once for the other quotas"
    )


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


def test_a_pool_that_may_grow_is_compared_with_the_quota(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK, pool("m5.large", most=2)))
    workspace.init()
    assert workspace.apply().code == 0
    assert workspace.plan().code == 0
    lab._call("PUT", "quotas", {"ec2/L-1216C47A": 16})
    grown = planned(workspace, NETWORK, pool("m5.large", most=30))
    lab._call("PUT", "quotas", {"ec2/L-1216C47A": 1152})
    assert grown.code == 2, grown
    assert "56 vCPUs of standard instances once all node pools have grown" in grown.warnings
    assert not grown.errors


def test_the_end_of_support_is_told(workspace: Workspace, lab: Lab) -> None:
    database = 'database = { version = "13", instance_class = "db.t3.medium" }'
    workspace.write(stack(NETWORK))
    workspace.init()
    old = planned(workspace, NETWORK, pool("m5.large", version="1.33"), database)
    assert old.code == 2, old
    assert "Standard support of Kubernetes 1.33 has ended" in old.warnings
    assert "Standard support of PostgreSQL 13 has ended" in old.warnings

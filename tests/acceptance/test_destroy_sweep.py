"""What controllers inside the cluster have left goes with it; what only looks like it stays."""

from __future__ import annotations

from typing import Any

import pytest

from acceptance.stacks import ADDRESS, KUBERNETES, NETWORK, stack
from acceptance.test_existing_vpc import brought_along, described, network
from harness.lab import Lab
from harness.workspace import Workspace

SORTS = ("elbv2/load-balancer", "elbv2/target-group", "ec2/security-group", "ec2/instance")
SORTS += ("ec2/network-interface", "ec2/launch-template")


def left(lab: Lab) -> set[str]:
    """Every id of the sorts that controllers make, but instances that have ended."""
    found = {
        each for kind, ids in lab.census().items() if kind.split(" ", 1)[1] in SORTS for each in ids
    }
    reservations = lab.client("ec2").describe_instances()["Reservations"]
    instances = [each for reservation in reservations for each in reservation["Instances"]]
    return found - {i["InstanceId"] for i in instances if i["State"]["Name"] == "terminated"}


def all_of(planted: dict[str, list[str]]) -> set[str]:
    """The ids of everything planted but volumes."""
    return {each for kind, ids in planted.items() if kind in SORTS for each in ids}


def test_leftovers_of_controllers_go_before_their_cluster(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK, KUBERNETES))
    workspace.init()
    applied = workspace.apply()
    assert applied.code == 0, applied
    planted = lab.plant("shop")
    (protected, _) = planted["elbv2/load-balancer"]
    lab.client("elbv2").modify_load_balancer_attributes(
        LoadBalancerArn=protected,
        Attributes=[{"Key": "deletion_protection.enabled", "Value": "true"}],
    )
    (volume,) = planted["ec2/volume"]

    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed
    assert workspace.state() == {}
    census = lab.census()
    assert list(census) == ["us-east-1 ec2/volume"], census
    told = destroyed.warnings
    assert "The stack shop is destroyed" in told
    for part in ("1 EKS cluster", "6 subnets", "2 load balancers (k8s-shop-web-", "1 instance (i-"):
        assert part in told, destroyed
    assert f"ec2/volume {volume}" in told, destroyed
    assert_swept_while_the_cluster_lived(lab, planted)


def assert_swept_while_the_cluster_lived(lab: Lab, planted: dict[str, list[str]]) -> None:
    """After the last node group and before the cluster, in an order that AWS allows."""
    calls = [f"{call['service']}.{call['operation']}" for call in lab.log() if not call["error"]]
    last_nodes = max(n for n, call in enumerate(calls) if call == "eks.DeleteNodegroup")
    cluster = calls.index("eks.DeleteCluster")
    for call in ("elbv2.DeleteLoadBalancer", "ec2.TerminateInstances", "elbv2.DeleteTargetGroup"):
        assert last_nodes < calls.index(call) < cluster, call
    groups = planted["ec2/security-group"]
    deleted = [
        number
        for number, call in enumerate(call for call in lab.log() if not call["error"])
        if call["operation"] == "DeleteSecurityGroup" and call["params"]["GroupId"] in groups
    ]
    assert len(deleted) == len(groups)
    assert all(number < cluster for number in deleted)


def test_a_vpc_that_was_brought_along_keeps_what_is_not_the_clusters(
    workspace: Workspace, lab: Lab
) -> None:
    existing = brought_along(lab)
    untouched = described(lab, existing)
    workspace.write(stack(network(existing), 'kubernetes = { version = "1.35", node_pools = {} }'))
    workspace.init()
    applied = workspace.apply()
    assert applied.code == 0, applied
    before = left(lab)
    decoys: set[str] = set()
    for name in ("shop-2", "sho", "other"):
        decoys |= all_of(lab.plant("shop", tagged=name))
    ours = all_of(lab.plant("shop"))
    # Whoever tags a group of his own for the cluster does not give it away.
    tags = [{"Key": "kubernetes.io/cluster/shop", "Value": "owned"}]
    mine = lab.client("ec2").create_security_group(
        GroupName="nodes",
        Description="my nodes",
        VpcId=existing["vpc_id"],
        TagSpecifications=[{"ResourceType": "security-group", "Tags": tags}],
    )["GroupId"]
    assert ours & before == set()

    destroyed = workspace.destroy()
    if destroyed.code != 0:
        # The decoys' rules stand in the group that EKS made, and keep nothing.
        pytest.fail(repr(destroyed))
    now = left(lab)
    assert ours & now == set(), "left behind"
    assert decoys - now == set(), "taken from somebody else"
    assert mine in now
    assert described(lab, existing) == untouched


def test_a_sweep_that_is_killed_goes_on(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK, 'kubernetes = { version = "1.35", node_pools = {} }'))
    workspace.init()
    applied = workspace.apply()
    assert applied.code == 0, applied
    lab.plant("shop", "ingress", "service", "backend-group", "interface", "karpenter")
    world = lab.snapshot()
    state = (workspace.directory / "terraform.tfstate").read_text()
    points: list[dict[str, Any]] = [
        {"service": "elbv2", "operation": "DeleteLoadBalancer", "skip": 1, "when": "after"},
        {"service": "ec2", "operation": "TerminateInstances", "when": "before"},
        {"service": "ec2", "operation": "RevokeSecurityGroupIngress", "when": "after"},
        {"service": "ec2", "operation": "DeleteSecurityGroup", "when": "after"},
    ]
    for point in points:
        lab.restore(world)
        (workspace.directory / "terraform.tfstate").write_text(state)
        lab.faults({"kind": "kill", "count": 1} | point)
        assert workspace.destroy().code == 1
        lab.faults()
        again = workspace.destroy()
        assert again.code == 0, (point, again)
        assert lab.census() == {}, point


def test_leftovers_of_a_cluster_that_somebody_deleted_go_too(
    workspace: Workspace, lab: Lab
) -> None:
    workspace.write(stack(NETWORK, 'kubernetes = { version = "1.35", node_pools = {} }'))
    workspace.init()
    applied = workspace.apply()
    assert applied.code == 0, applied
    lab.plant("shop", "ingress", "service", "backend-group", "interface", "karpenter")
    eks = lab.client("eks")
    eks.delete_cluster(name="shop")
    while eks.list_clusters()["clusters"]:
        pass

    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed
    assert lab.census() == {}
    assert "load balancers (" in destroyed.warnings
    assert workspace.state().get(ADDRESS) is None

"""What cannot be read is left alone, with what it needs; a destroy deletes everything else, and ends once it can be read."""

from __future__ import annotations

from typing import Any

import pytest

from acceptance.stacks import ADDRESS, NETWORK, stack
from acceptance.test_repair import CACHE, KUBERNETES
from harness.lab import Lab
from harness.workspace import Workspace

GROUP = "cache/replication-group"
BUCKETS = "buckets = { images = { force_destroy = true } }"
READS: dict[str, Any] = {
    "service": "elasticache",
    "operation": "DescribeReplicationGroups",
    "kind": "error",
    "count": 0,
}
HIDDEN = [
    pytest.param(READS | {"code": "AccessDenied", "status": 403}, id="denied"),
    pytest.param(READS | {"status": 500}, id="failing"),
]
WITHOUT_REFRESH = "-refresh=false"


@pytest.mark.parametrize("fault", HIDDEN)
def test_a_destroy_leaves_what_it_cannot_read_and_deletes_the_rest(
    workspace: Workspace, lab: Lab, fault: dict[str, Any]
) -> None:
    workspace.write(stack(NETWORK, CACHE, BUCKETS, on_create_error="taint"))
    workspace.init()
    created = workspace.apply()
    assert created.code == 0, created
    components = workspace.state()[ADDRESS]["values"]["components"]
    lab.faults(fault)
    if "code" in fault:
        says_what_to_type(workspace, lab)

    broken = workspace.destroy(WITHOUT_REFRESH)
    assert broken.code == 1, broken
    assert "not wholly destroyed" in broken.errors, broken
    for part in (f"{GROUP}: elasticache:DescribeReplicationGroups", components[GROUP]["id"]):
        assert part in broken.errors, (part, broken)
    left = workspace.state()[ADDRESS]["values"]
    assert (left["status"], GROUP in left["pending"]) == ("incomplete", True)
    assert left["components"][GROUP] == components[GROUP]
    # The cache's own and what it stands in; gateways, ways out and buckets are gone.
    assert {"network/vpc", "network/subnet/database/a", "cache/subnet-group"} <= set(
        left["components"]
    )
    gone = {"network/nat-gateway/a", "network/internet-gateway", "buckets/bucket/images"}
    assert gone <= set(components)
    assert not gone & set(left["components"]), left["components"]
    assert set(lab.changes("Delete")) & {"ec2.DeleteNatGateway", "s3.DeleteBucket"}
    assert "elasticache.DeleteReplicationGroup" not in lab.changes()
    assert not [
        kind for kind in lab.census() if kind.endswith(("s3/bucket", "ec2/internet-gateway"))
    ]

    lab.faults()
    ended = workspace.destroy()
    assert ended.code == 0, ended
    assert lab.census() == {}


def says_what_to_type(workspace: Workspace, lab: Lab) -> None:
    """Whatever begins with a refresh ends with it; the message names what could not be read and the way on."""
    before = lab.changes()
    for run in (workspace.plan(), workspace.apply(), workspace.destroy()):
        assert run.code == 1, run
        for part in (GROUP, "AccessDenied", f"terraform destroy {WITHOUT_REFRESH}"):
            assert part in run.errors, (part, run)
    assert lab.changes() == before, "nothing was changed"


def test_what_a_cluster_needs_stays_while_its_node_group_cannot_be_read(
    workspace: Workspace, lab: Lab
) -> None:
    workspace.write(stack(NETWORK, KUBERNETES))
    workspace.init()
    assert workspace.apply().code == 0
    lab.plant("shop", "ingress")
    lab.faults(
        READS
        | {
            "service": "eks",
            "operation": "DescribeNodegroup",
            "code": "AccessDenied",
            "status": 403,
        }
    )
    broken = workspace.destroy(WITHOUT_REFRESH)
    assert broken.code == 1, broken
    for part in ("kubernetes/node-pool/general", "eks:DescribeNodegroup answered AccessDenied"):
        assert part in broken.errors, (part, broken)
    assert not {
        "eks.DeleteCluster",
        "eks.DeleteNodegroup",
        "ec2.DeleteNatGateway",
        "ec2.DeleteVpc",
    } & set(lab.changes())
    assert not [each for each in lab.changes() if each.startswith("elbv2.")], "nothing was swept"
    lab.faults()
    ended = workspace.destroy()
    assert ended.code == 0, ended

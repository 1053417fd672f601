"""Objects whose creation AWS began and did not finish are explained, and made again by the next apply where that is safe."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from acceptance.stacks import ADDRESS, KUBERNETES, NETWORK, planned_changes, stack
from harness.lab import Lab
from harness.workspace import Run, Workspace

CACHE = (
    'cache = { engine = "valkey", version = "8.0", node_type = "cache.m7g.large", replicas = 1 }'
)
DATABASE = """database = {
    engine = "postgres", version = "17", instance_class = "db.m7g.large", storage = { gb = 100 }
    backup = { final_snapshot = false }
  }"""
AURORA = """database = {
    engine = "aurora-postgresql", version = "17", instance_class = "db.r7g.large"
    backup = { final_snapshot = false }
  }"""


@dataclass(frozen=True)
class Broken:
    """A creation that AWS accepts and does not finish."""

    service: str
    operation: str
    reason: str
    address: str
    message: str = "the lab said so"
    says: str = ""
    """What the object's state is called, where it is not the reason."""

    def rule(self) -> dict[str, object]:
        """The lab's rule that breaks all of them."""
        return {
            "kind": "fail",
            "service": self.service,
            "operation": self.operation,
            "reason": self.reason,
            "message": self.message,
        }


NAT = Broken("ec2", "CreateNatGateway", "InternalError", "network/nat-gateway/a")
REPLICATION = Broken(
    "elasticache", "CreateReplicationGroup", "create-failed", "cache/replication-group", message=""
)
PRIMARY = Broken("rds", "CreateDBInstance", "incompatible-network", "database/primary")


def explained(run: Run, *broken: Broken) -> None:
    """The apply says which component failed, and why in AWS's words."""
    assert run.code == 1, run
    for each in broken:
        for word in (each.address, each.says or each.reason, each.message):
            assert word in run.warnings + run.errors, (each, word, run)


def announced(workspace: Workspace, *broken: Broken) -> None:
    """The plan says that they are replaced, why, and that no data is lost."""
    planned = workspace.plan()
    assert planned.code == 2, planned
    lines = planned_changes(workspace)
    for each in broken:
        # EC2 lists a failed NAT gateway for an hour, which is seconds here: then it is simply not there.
        again = ("replace", "create") if each is NAT else ("replace",)
        found = [
            line
            for line in lines
            if line.startswith(tuple(f"{verb} {each.address} " for verb in again))
        ]
        assert len(found) == 1, (each, lines)
        (line,) = found
        assert line.startswith("create") or (each.says or each.reason) in line, line
        assert "ITS DATA IS LOST" not in line, line


CLUSTER = Broken("eks", "CreateCluster", "InsufficientFreeAddresses", "kubernetes/cluster")
ADDON = Broken("eks", "CreateAddon", "AccessDenied", "kubernetes/addon/")
NODES = Broken("eks", "CreateNodegroup", "InsufficientFreeAddresses", "kubernetes/node-pool/")


def test_a_cluster_and_its_parts_that_were_not_made_are_made_again(
    workspace: Workspace, lab: Lab
) -> None:
    workspace.write(stack(NETWORK, KUBERNETES, protected=True))
    workspace.init()
    for broken in (CLUSTER, ADDON, NODES):
        lab.faults(broken.rule())
        failed = workspace.apply()
        explained(failed, broken)
        planned = workspace.plan()
        assert planned.code == 2, planned
        lines = [line for line in planned_changes(workspace) if line.startswith("replace kube")]
        found = [line for line in lines if line.startswith(f"replace {broken.address}")]
        assert found, planned_changes(workspace)
        assert all(broken.reason in line and broken.message in line for line in found), found
    lab.faults()
    mended = workspace.apply()
    assert mended.code == 0, mended
    assert workspace.state()[ADDRESS]["values"]["status"] == "ready"
    assert workspace.plan().code == 0
    assert len(lab.client("eks").list_nodegroups(clusterName="shop")["nodegroups"]) == 1


@pytest.mark.parametrize("on_create_error", ["keep", "taint"])
def test_an_aurora_cluster_that_was_not_made_is_made_again(
    workspace: Workspace, lab: Lab, on_create_error: str
) -> None:
    broken = Broken(
        "rds", "CreateDBCluster", "inaccessible-encryption-credentials", "database/cluster"
    )
    workspace.write(stack(NETWORK, AURORA, on_create_error=on_create_error))
    workspace.init()
    lab.faults(broken.rule())
    explained(workspace.apply(), broken)
    lab.faults()
    mended = workspace.apply()
    assert mended.code == 0, mended
    assert workspace.plan().code == 0
    assert len(lab.client("rds").describe_db_clusters()["DBClusters"]) == 1

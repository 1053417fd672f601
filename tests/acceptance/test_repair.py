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
            "count": 0,
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


def test_networks_and_stores_that_were_not_made_are_made_again(
    workspace: Workspace, lab: Lab
) -> None:
    broken = (NAT, REPLICATION, PRIMARY)
    workspace.write(stack(NETWORK, CACHE, DATABASE))
    workspace.init()
    lab.faults(*(each.rule() for each in broken))
    explained(workspace.apply(), *broken)
    addresses = workspace.state()[ADDRESS]["values"]["components"]
    before = {each.address: addresses[each.address]["id"] for each in broken}
    announced(workspace, *broken)

    lab.faults()
    mended = workspace.apply()
    assert mended.code == 0, mended
    values = workspace.state()[ADDRESS]["values"]
    assert values["status"] == "ready"
    for each in (NAT, PRIMARY):
        assert values["components"][each.address]["id"] != before[each.address], each
    assert values["retained"] == [], "there was nothing to keep"
    planned = workspace.plan()
    assert planned.code == 0, planned

    in_use_stays(workspace, lab, values["components"][PRIMARY.address]["id"])

    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed
    census = {kind for kind in lab.census() if "rds/snapshot" not in kind}
    assert census <= {"us-east-1 rds/automated-backup"}, census


def in_use_stays(workspace: Workspace, lab: Lab, primary: str) -> None:
    """A database that was in use is never replaced, whatever becomes of it; what helps is said, and done."""

    def standing() -> list[str]:
        return [
            each["DbiResourceId"]
            for each in lab.client("rds").describe_db_instances()["DBInstances"]
        ]

    for state in ("failed", "incompatible-parameters"):
        lab.decay("rds/instance", "shop-database", state)
        applied = workspace.apply()
        assert applied.code == 1, applied
        assert "database/primary" in applied.warnings, applied
        assert state in applied.warnings, applied
        assert standing() == [primary], state
    assert "correct `parameters`" in applied.warnings, applied

    # The cause is mended in the configuration, and RDS starts it again.
    mended = DATABASE.replace(
        "storage =", 'reboot = "when_needed", parameters = { work_mem = "8192" }, storage ='
    )
    workspace.write(stack(NETWORK, CACHE, mended))
    applied = workspace.apply()
    assert applied.code == 0, applied
    assert workspace.state()[ADDRESS]["values"]["status"] == "ready"
    assert standing() == [primary]
    assert workspace.plan().code == 0


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


ENDPOINT = Broken("ec2", "CreateVpcEndpoint", "failed", "network/endpoint/ecr.api")
WITH_ENDPOINT = NETWORK.replace("single", "none").replace("nat =", 'endpoints = ["ecr.api"], nat =')


def test_an_endpoint_that_was_not_made_is_made_again(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(WITH_ENDPOINT))
    workspace.init()
    lab.faults(ENDPOINT.rule())
    explained(workspace.apply(), ENDPOINT)
    announced(workspace, ENDPOINT)
    before = workspace.state()[ADDRESS]["values"]["components"][ENDPOINT.address]["id"]
    lab.faults()
    mended = workspace.apply()
    assert mended.code == 0, mended
    assert workspace.plan().code == 0
    found = lab.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    assert {each["State"] for each in found} == {"available"}
    assert before not in {each["VpcEndpointId"] for each in found}


CDN = (
    "buckets = { images = { force_destroy = true } }",
    'cdn = { default_origin = { bucket = "images" } }',
    # Long enough for a busy machine, and short enough not to wait for long: 1.5 s at the lab's clock.
    'timeouts = { create = "15m", update = "15m" }',
)


def test_a_distribution_that_is_not_deployed_is_waited_for_and_not_made_again(
    workspace: Workspace, lab: Lab
) -> None:
    workspace.write(stack(*CDN))
    workspace.init()
    lab.faults(
        {
            "kind": "fail",
            "service": "cloudfront",
            "operation": "CreateDistributionWithTags",
            "reason": "stuck",
        }
    )
    for _ in range(2):
        waited = workspace.apply()
        assert waited.code == 1, waited
        said = waited.warnings + waited.errors
        assert "cdn/distribution" in said and "InProgress" in said, waited
        # Its own limit, or that of the operation: on a machine that stood still both have passed at once.
        assert "the next apply picks it up" in said or "apply again to go on waiting" in said, (
            waited
        )
        planned = workspace.plan()
        assert planned.code == 2, planned
        assert [
            line
            for line in planned_changes(workspace)
            if line.startswith("wait for cdn/distribution")
        ]
        lab.faults()

    # Whatever is changed next takes CloudFront's edge locations along.
    cloudfront = lab.client("cloudfront")
    (found,) = cloudfront.list_distributions()["DistributionList"]["Items"]
    current = cloudfront.get_distribution_config(Id=found["Id"])
    cloudfront.update_distribution(
        Id=found["Id"], IfMatch=current["ETag"], DistributionConfig=current["DistributionConfig"]
    )
    ended = workspace.apply()
    assert ended.code == 0, ended
    assert workspace.plan().code == 0
    (after,) = cloudfront.list_distributions()["DistributionList"]["Items"]
    assert after["Id"] == found["Id"]
    assert lab.changes("CreateDistribution") == ["cloudfront.CreateDistributionWithTags"]


UNSCHEDULED = "InsufficientNumberOfReplicas"
"""The one reason for which EKS calls a new add-on DEGRADED and not CREATE_FAILED."""


def test_an_add_on_that_stays_degraded_is_explained_and_left_alone(
    workspace: Workspace, lab: Lab
) -> None:
    broken = Broken("eks", "CreateAddon", UNSCHEDULED, "kubernetes/addon/coredns")
    workspace.write(stack(NETWORK, KUBERNETES))
    workspace.init()
    lab.faults(broken.rule())
    explained(workspace.apply(), broken)
    lab.faults()
    addons = lab.client("eks").list_addons(clusterName="shop")["addons"]
    degraded = [
        name
        for name in addons
        if lab.client("eks").describe_addon(clusterName="shop", addonName=name)["addon"]["status"]
        == "DEGRADED"
    ]
    assert "coredns" in degraded, degraded
    before = lab.changes()
    again = workspace.apply()
    explained(again, broken)
    assert [each for each in lab.changes() if each.startswith("eks.")] == [
        each for each in before if each.startswith("eks.")
    ], "nothing was replaced, changed or made again"
    for name in degraded:
        lab.decay("eks/addon", f"shop/{name}", None)
    healed = workspace.apply()
    assert healed.code == 0, healed
    assert workspace.state()[ADDRESS]["values"]["status"] == "ready"
    assert workspace.plan().code == 0

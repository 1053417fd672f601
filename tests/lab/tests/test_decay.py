"""Objects that go bad by themselves, and are cured."""

from __future__ import annotations

import urllib.error

import databases
import pytest
import setups


def decay(lab, kind, identifier, reason):
    lab.admin("POST", "/_lab/decay", {"kind": kind, "id": identifier, "reason": reason})


@pytest.fixture
def eks(lab):
    net = setups.network(lab)
    setups.cluster(lab, net)
    setups.nodes(lab, net)
    lab.client("eks").create_addon(clusterName="demo", addonName="vpc-cni")
    lab.settle()
    return lab.client("eks")


@pytest.mark.parametrize(
    ("kind", "identifier", "reason", "bad", "read"),
    [
        (
            "eks/cluster",
            "demo",
            "KmsKeyDisabled",
            "ACTIVE",
            lambda eks: eks.describe_cluster(name="demo")["cluster"],
        ),
        (
            "eks/nodegroup",
            "demo/api",
            "Ec2LaunchTemplateNotFound",
            "DEGRADED",
            lambda eks: eks.describe_nodegroup(clusterName="demo", nodegroupName="api")[
                "nodegroup"
            ],
        ),
        (
            "eks/addon",
            "demo/vpc-cni",
            "AccessDenied",
            "DEGRADED",
            lambda eks: eks.describe_addon(clusterName="demo", addonName="vpc-cni")["addon"],
        ),
    ],
)
def test_kubernetes_objects_show_their_health_and_are_cured(
    lab, eks, kind, identifier, reason, bad, read
):
    decay(lab, kind, identifier, reason)
    record = read(eks)
    assert record["status"] == bad
    assert [each["code"] for each in record["health"]["issues"]] == [reason]
    decay(lab, kind, identifier, None)
    record = read(eks)
    assert (record["status"], record["health"]["issues"]) == ("ACTIVE", [])


def test_a_database_runs_full(lab):
    databases.network(lab)
    rds = lab.client("rds")
    databases.create(lab, rds)
    for reason, status in (("storage-full", "storage-full"), (None, "available")):
        decay(lab, "rds/instance", "main", reason)
        assert databases.status(rds) == status


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (None, "eks/nodegroup"),
        ({"kind": "ec2/vpc", "id": "x"}, "rds/instance"),
        ({"kind": "rds/instance", "id": "main", "reason": "tired"}, "storage-full"),
        ({"kind": "rds/instance", "id": "none", "reason": "failed"}, "no such rds/instance"),
        ({"kind": "eks/addon", "id": "none", "reason": None}, "no such eks/addon"),
    ],
)
def test_what_cannot_go_bad_is_refused(lab, document, said):
    with pytest.raises(urllib.error.HTTPError) as answer:
        lab.admin("POST", "/_lab/decay", document)
    assert answer.value.code == 400
    assert said in answer.value.read().decode()

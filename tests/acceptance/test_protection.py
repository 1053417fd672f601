"""What a stack refuses, so that nothing is lost or mixed up."""

from __future__ import annotations

from acceptance.stacks import ADDRESS, NETWORK, stack
from harness.lab import Lab
from harness.workspace import Workspace


def test_destroy_is_refused_while_deletion_protection_is_on(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK, protected=True))
    workspace.init()
    assert workspace.apply().code == 0
    before = lab.census()

    refused = workspace.destroy()
    assert refused.code == 1, refused
    assert "deletion_protection" in refused.errors
    assert lab.census() == before

    workspace.write(stack(NETWORK, protected=False))
    assert workspace.apply().code == 0
    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed
    assert lab.census() == {}


def test_create_after_destroy_works_at_once(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK))
    workspace.init()
    assert workspace.apply().code == 0
    assert workspace.destroy().code == 0

    again = workspace.apply()
    assert again.code == 0, again
    assert workspace.plan().code == 0


def test_a_second_stack_of_the_same_name_is_refused(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK))
    workspace.init()
    assert workspace.apply().code == 0
    assert workspace.plan().code == 0, "the stack is known to be in a state"
    before = lab.census()

    other = Workspace(workspace.directory.parent / "other", workspace.cli, workspace.env)
    other.write(stack(NETWORK))
    other.init()
    refused = other.apply()
    assert refused.code == 1, refused
    for way_out in ("rename", "import", "moved", "untaint"):
        assert way_out in refused.errors.lower()
    assert lab.census() == before
    assert other.state() == {}


def test_a_change_made_by_others_is_seen_and_repaired(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK))
    workspace.init()
    assert workspace.apply().code == 0
    vpc = workspace.state()[ADDRESS]["values"]["components"]["network/vpc"]["id"]
    ec2 = lab.client("ec2")
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": False})

    assert workspace.plan().code == 2
    repaired = workspace.apply()
    assert repaired.code == 0, repaired
    attribute = ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsHostnames")
    assert attribute["EnableDnsHostnames"]["Value"] is True
    assert workspace.plan().code == 0


def test_private_state_is_only_a_cache(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK))
    workspace.init()
    assert workspace.apply().code == 0
    workspace.strip_private_state()

    planned = workspace.plan()
    assert planned.code == 0, planned
    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed
    assert lab.census() == {}


def test_a_lost_state_is_recovered_by_import(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK))
    workspace.init()
    assert workspace.apply().code == 0
    assert workspace.plan().code == 0
    before = workspace.state()[ADDRESS]["values"]
    created = objects_created(lab)
    (workspace.directory / "terraform.tfstate").unlink()

    workspace.command("import", "-input=false", ADDRESS, "us-east-1/shop")
    planned = workspace.plan()
    assert planned.code == 0, planned
    found = workspace.state()[ADDRESS]["values"]
    assert found["claim"] == before["claim"]
    assert found["components"] == before["components"]
    assert objects_created(lab) == created

    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed
    assert lab.census() == {}


def objects_created(lab: Lab) -> list[str]:
    """Creating calls, without those that add an entry to the claim."""
    return [call for call in lab.changes("Create") if call != "logs.CreateLogStream"]


def test_two_resources_of_one_name_are_refused(workspace: Workspace, lab: Lab) -> None:
    one = stack(NETWORK)
    two = one[one.index('resource "stellar_cluster"') :].replace('"this"', '"that"')
    workspace.write(one + two)
    workspace.init()
    refused = workspace.apply()
    assert refused.code == 1, refused
    assert "two resources of this configuration have the name shop" in refused.errors.lower()
    assert workspace.state() == {}
    assert lab.changes() == []

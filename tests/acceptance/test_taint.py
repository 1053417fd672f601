"""A create that fails for real: everything else is finished, all is told at once, and the next apply goes on in place."""

from __future__ import annotations

from typing import Any

import pytest

from acceptance.stacks import ADDRESS, stack
from acceptance.test_commands import stellar
from harness.lab import Lab
from harness.workspace import Run, Workspace

SMALL = (
    'network = { cidr = "10.0.0.0/16", zone_count = 2, nat = "none" }',
    "buckets = { images = { force_destroy = true } }",
)
QUOTA = {"service": "s3", "operation": "CreateBucket", "kind": "quota", "count": 0}
LATE = {
    "service": "ec2",
    "operation": "CreateVpcEndpoint",
    "kind": "error",
    "code": "InvalidParameter",
    "message": "found late",
    "status": 400,
    "count": 0,
}
BEFORE_DESTROY = "lifecycle { create_before_destroy = true }"
PREVENT = "lifecycle { prevent_destroy = true }"
OTHER = """
resource "terraform_data" "other" {
  triggers_replace = "%(version)s"
  provisioner "local-exec" { command = "%(command)s" }
}
"""


def vpcs(lab: Lab) -> list[str]:
    """The ids of the networks that somebody made."""
    found = lab.client("ec2").describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])
    return [vpc["VpcId"] for vpc in found["Vpcs"]]


def fails(workspace: Workspace, lab: Lab, *more: str, mode: str = "taint", **options: Any) -> str:
    """A create that meets a quota and a parameter that is refused late; answers the claim."""
    workspace.write(stack(*SMALL, *more, on_create_error=mode, **options))
    workspace.init()
    lab.faults(QUOTA, LATE)
    broken = workspace.apply()
    assert broken.code == 1, broken
    told = broken.errors if mode == "taint" else broken.warnings
    assert told.count("is not finished") == 1, "everything in one diagnostic"
    for part in (
        "buckets/bucket/images",
        "TooManyBuckets",
        "request id",
        "found late",
        "same apply",
    ):
        assert part in told, broken
    found = workspace.state()[ADDRESS]
    assert bool(found.get("tainted")) == (mode == "taint")
    assert len(found["values"]["pending"]) >= 3, "what failed, and what waits for it"
    assert len(lab.client("ec2").describe_subnets()["Subnets"]) == 6, "what does not depend on it"
    lab.faults()
    return found["values"]["claim"]


def in_place(workspace: Workspace, lab: Lab, finished: Run, claim: str) -> None:
    """The begun stack is finished: nothing went, nothing is there twice, nothing is left to do."""
    assert finished.code == 0, finished
    found = workspace.state()[ADDRESS]
    assert (found["values"]["status"], found["values"]["claim"]) == ("ready", claim)
    assert not found.get("tainted")
    assert lab.changes("Delete") == []
    assert len(vpcs(lab)) == 1
    planned = workspace.plan()
    assert planned.code == 0, planned


def test_kept_what_failed_is_an_update(workspace: Workspace, lab: Lab) -> None:
    claim = fails(workspace, lab, mode="keep")
    assert workspace.plan("-refresh=false").code == 2, "never 'no changes'"
    assert workspace.planned()["resource_changes"][0]["change"]["actions"] == ["update"]
    in_place(workspace, lab, workspace.apply("-refresh=false"), claim)


@pytest.mark.parametrize(
    ("options", "lifecycle", "protected"),
    [
        pytest.param((), (), False, id="plain"),
        pytest.param(("-refresh=false",), (), True, id="no refresh"),
        pytest.param((), (BEFORE_DESTROY,), True, id="create before destroy"),
        pytest.param((f"-replace={ADDRESS}",), (), False, id="asked to be replaced"),
    ],
)
def test_tainted_the_replacement_finishes_in_place(
    workspace: Workspace,
    lab: Lab,
    options: tuple[str, ...],
    lifecycle: tuple[str, ...],
    protected: bool,
) -> None:
    claim = fails(workspace, lab, *lifecycle, protected=protected)
    in_place(workspace, lab, workspace.apply(*options), claim)


def test_tainted_a_saved_plan_finishes_in_place_after_another_failure(
    workspace: Workspace, lab: Lab
) -> None:
    claim = fails(workspace, lab)
    lab.faults(QUOTA)
    assert workspace.apply().code == 1
    lab.faults()
    assert workspace.plan().code == 2
    workspace.command("apply", "-input=false", "plan.out")
    in_place(workspace, lab, workspace.apply(), claim)


def test_tainted_prevent_destroy_and_untaint_finish_in_place(
    workspace: Workspace, lab: Lab
) -> None:
    claim = fails(workspace, lab, PREVENT)
    refused = workspace.apply()
    assert refused.code == 1, "Terraform calls it a replacement"
    assert "prevent_destroy" in refused.errors
    workspace.command("untaint", ADDRESS)
    assert workspace.plan().code == 2
    assert workspace.planned()["resource_changes"][0]["change"]["actions"] == ["update"]
    in_place(workspace, lab, workspace.apply(), claim)


def test_tainted_something_else_fails_between_the_two_halves(
    workspace: Workspace, lab: Lab
) -> None:
    after = "depends_on = [terraform_data.other]"
    configuration = stack(*SMALL, after, on_create_error="taint")
    workspace.write(OTHER % {"version": "1", "command": "true"}, "other.tf")
    claim = fails(workspace, lab, after)
    workspace.write(OTHER % {"version": "2", "command": "false"}, "other.tf")
    workspace.write(configuration)
    halfway = workspace.apply()
    assert halfway.code == 1, halfway
    assert ADDRESS not in workspace.state(), "Terraform counts it as destroyed"
    assert len(vpcs(lab)) == 1, "it is not"
    workspace.write(OTHER % {"version": "3", "command": "true"}, "other.tf")
    in_place(workspace, lab, workspace.apply(), claim)


def test_tainted_another_name_is_refused_until_it_is_meant(workspace: Workspace, lab: Lab) -> None:
    claim = fails(workspace, lab)
    before = lab.census()
    workspace.write(stack(*SMALL, name="other", on_create_error="taint"))
    refused = workspace.apply()
    assert refused.code == 1, refused
    for part in ("shop", "terraform untaint", "nothing was touched", "terraform destroy"):
        assert part in refused.errors, refused
    assert lab.census() == before
    assert workspace.state()[ADDRESS]["values"]["claim"] == claim
    workspace.write(stack(*SMALL, on_create_error="taint"))
    in_place(workspace, lab, workspace.apply(), claim)


def test_what_is_good_is_replaced_only_when_that_is_meant(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(*SMALL, protected=True))
    workspace.init()
    assert workspace.apply().code == 0
    assert workspace.plan().code == 0
    (vpc,) = vpcs(lab)
    before = lab.census()

    # Tainted by hand: neither the plan nor the apply says that it goes.
    workspace.command("taint", ADDRESS)
    refused = workspace.apply()
    assert (refused.code, "terraform untaint" in refused.errors) == (1, True), refused
    workspace.command("untaint", ADDRESS)
    # Asked to be replaced, with protection: refused by the plan.
    refused = workspace.plan(f"-replace={ADDRESS}")
    assert (refused.code, "deletion_protection" in refused.errors) == (1, True), refused
    workspace.write(stack(*SMALL, protected=False))
    assert workspace.apply().code == 0
    # The new one before the old one: one name cannot stand for two.
    workspace.write(stack(*SMALL, BEFORE_DESTROY, on_create_error="taint"))
    refused = workspace.apply(f"-replace={ADDRESS}")
    assert (refused.code, "`create_before_destroy`" in refused.errors) == (1, True), refused
    assert lab.census() == before

    workspace.write(stack(*SMALL))
    replaced = workspace.apply(f"-replace={ADDRESS}")
    assert replaced.code == 0, replaced
    assert vpcs(lab) != [vpc]
    assert len(vpcs(lab)) == 1
    assert workspace.plan().code == 0
    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed
    assert lab.census() == {}


@pytest.mark.parametrize("mode", ["taint", "keep"])
def test_whoever_gives_up_can_destroy(workspace: Workspace, lab: Lab, mode: str) -> None:
    fails(workspace, lab, mode=mode)
    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed
    assert lab.census() == {}

    # Killed in the create: Terraform knows of nothing, the account does.
    lab.faults({"service": "s3", "operation": "CreateBucket", "kind": "kill", "when": "after"})
    assert workspace.apply().code == 1
    lab.faults()
    assert workspace.state() == {}
    assert len(vpcs(lab)) == 1
    code, said = stellar(workspace, "destroy", "shop", "--confirm", "shop")
    assert code == 0, said
    assert lab.census() == {}

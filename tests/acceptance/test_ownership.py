"""Whose stack it is: one state owns it, and every way to lose that ends with a message that says what to type."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

import pytest

from acceptance.stacks import ADDRESS, PATIENT, stack
from acceptance.test_taint import SMALL, fails, in_place, vpcs
from harness.lab import Lab
from harness.workspace import Run, Workspace

GROUP = "/stellar/shop"
ARN = f"arn:aws:logs:us-east-1:123456789012:log-group:{GROUP}"
TAGS = 'tags = { team = "web" }'
NOTHING = {"add": 0, "change": 0, "remove": 0}
PREFLIGHT = (
    "ec2:DescribeInstanceTypeOfferings",
    "servicequotas:*",
    "pricing:*",
    "ec2:DescribeVpcs",
)


def refused(run: Run, *parts: str) -> None:
    """The run failed, and said all of this."""
    assert run.code == 1, run
    for part in parts:
        assert part in run.errors.replace("\n", " "), f"{part!r} in {run}"


def beside(workspace: Workspace, name: str = "other") -> Workspace:
    """Another directory with the same configuration: another state, and another origin."""
    other = Workspace(workspace.directory.parent / name, workspace.cli, workspace.env)
    shutil.copy(workspace.directory / "main.tf", other.directory / "main.tf")
    other.init()
    return other


def doctor(workspace: Workspace, change: Callable[[dict[str, Any]], None]) -> None:
    """Changes the values in the state file."""
    file = workspace.directory / "terraform.tfstate"
    state = json.loads(file.read_text())
    change(state["resources"][0]["instances"][0]["attributes"])
    state["serial"] += 1
    file.write_text(json.dumps(state))


def stands(workspace: Workspace, *sections: str, **options: Any) -> None:
    """A stack that is there, and known to be in a state."""
    workspace.write(stack(*SMALL, *sections, **options))
    workspace.init()
    assert workspace.apply().code == 0
    assert workspace.plan().code == 0


def test_an_import_fences_the_old_state_out_with_its_first_change(
    workspace: Workspace, lab: Lab
) -> None:
    stands(workspace)
    owner = workspace.state()[ADDRESS]["values"]["owner"]
    before = lab.changes()
    other = beside(workspace)
    other.command("import", "-input=false", ADDRESS, "shop")
    assert other.plan().code == 0
    assert lab.changes() == before, "an import writes nothing"
    # Until it changes something the old state is good; then it is not.
    assert workspace.plan().warnings == ""
    other.write(stack(*SMALL, TAGS))
    assert other.apply().code == 0
    values = other.state()[ADDRESS]["values"]
    assert values["owner"] not in (owner, None)
    assert "@" not in values["owner"]
    assert other.plan().code == 0

    stale = workspace.plan()
    assert "not the stack's newest" in stale.warnings, stale
    workspace.write(stack(*SMALL, 'tags = { team = "shop" }'))
    way_out = ("terraform state rm ADDRESS", "terraform import ADDRESS shop", "nothing was touched")
    refused(workspace.apply(), *way_out)
    refused(workspace.destroy(), *way_out)
    workspace.strip_private_state()
    refused(workspace.destroy("-refresh=false"), *way_out)
    assert workspace.state()[ADDRESS]["values"]["owner"] == owner
    assert len(vpcs(lab)) == 1

    # Straight after an import a destroy works.
    third = beside(other, "third")
    third.command("import", "-input=false", ADDRESS, "us-east-1/shop")
    destroyed = third.destroy()
    assert destroyed.code == 0, destroyed
    assert lab.census() == {}
    # Nothing exists any more, and the states that were left behind say so.
    assert other.destroy().code == 0


def test_a_state_from_before_a_resume_deletes_nothing(workspace: Workspace, lab: Lab) -> None:
    claim = fails(workspace, lab)
    state = workspace.directory / "terraform.tfstate"
    backup = state.read_text()
    assert workspace.apply().code == 0
    newest = state.read_text()
    state.write_text(backup)
    workspace.command("untaint", ADDRESS)
    refused(workspace.apply(), "restored from a backup?", "terraform import ADDRESS shop")
    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed
    assert "is kept" in destroyed.warnings
    assert len(vpcs(lab)) == 1
    state.write_text(newest)
    in_place(workspace, lab, workspace.apply(), claim)


def test_a_stack_that_terraform_lost_is_not_made_again(workspace: Workspace, lab: Lab) -> None:
    stands(workspace)
    before = lab.census()
    # A resource that was renamed without a word.
    original = stack(*SMALL)
    renamed = original.replace('"stellar_cluster" "this"', '"stellar_cluster" "that"')
    workspace.write(renamed)
    refused(workspace.plan(), "moved {", "stellar_cluster.NEW", "terraform destroy -refresh=false")
    workspace.write(renamed + f"\nmoved {{\n  from = {ADDRESS}\n  to = stellar_cluster.that\n}}\n")
    moved = workspace.apply()
    assert (moved.code, moved.summary) == (0, NOTHING), moved
    # Two resources for one stack.
    workspace.write(original + renamed[renamed.index("resource ") :])
    refused(workspace.plan(), "two resources of this configuration have the name shop")
    refused(workspace.plan("-refresh=false"), "two resources of this configuration have the name")
    workspace.write(renamed)
    assert workspace.plan().code == 0

    # Forgotten by Terraform.
    workspace.command("state", "rm", "stellar_cluster.that")
    four = ("choose another `name`", "terraform import", "moved {", "terraform untaint")
    refused(workspace.apply(), *four)
    # The same from another directory, in whatever words.
    workspace.write(stack(*SMALL, "adopt = true"))
    refused(workspace.apply(), *four)
    assert lab.census() == before
    workspace.write(original)
    workspace.command("import", "-input=false", ADDRESS, "shop")
    assert workspace.plan().code == 0


def test_an_unfinished_stack_is_taken_over_only_by_whoever_says_so(
    workspace: Workspace, lab: Lab
) -> None:
    claim = fails(workspace, lab)
    other = beside(workspace)
    refused(other.apply(), "adopt = true", "terraform-provider-stellar destroy shop")
    # Another workspace of the same directory is another origin.
    workspace.command("workspace", "new", "second")
    refused(workspace.apply(), "from another directory, workspace or role")
    workspace.command("workspace", "select", "default")
    assert len(vpcs(lab)) == 1
    other.write(stack(*SMALL, "adopt = true"))
    in_place(other, lab, other.apply(), claim)
    # What was taken over is not the first one's any more; it gives up without deleting anything.
    given_up = workspace.destroy()
    assert given_up.code == 0, given_up
    assert len(vpcs(lab)) == 1
    assert other.plan().code == 0


@pytest.mark.parametrize("place", ["directories", "workspaces"])
def test_of_two_creates_at_one_moment_one_is_refused(
    workspace: Workspace, lab: Lab, place: str
) -> None:
    workspace.write(stack(*SMALL, PATIENT))
    workspace.init()
    if place == "directories":
        other = beside(workspace)
    else:
        workspace.command("workspace", "new", "second")
        workspace.command("workspace", "select", "default")
        env = workspace.env | {"TF_WORKSPACE": "second"}
        other = Workspace(workspace.directory, workspace.cli, env)
    # Both have looked, neither has found a claim, and both make it at once.
    lab.faults({"service": "logs", "operation": "CreateLogGroup", "kind": "hold", "count": 0})
    arguments = ("apply", "-json", "-auto-approve", "-input=false")
    started = [(each, each.start(*arguments)) for each in (workspace, other)]
    lab.wait_for("logs", "CreateLogGroup", times=2)
    lab.faults()
    runs = [each.finish(process) for each, process in started]
    assert sorted(run.code for run in runs) == [0, 1], runs
    (failed,) = [run for run in runs if run.code == 1]
    refused(failed, "The stack was not created", "shop", "another directory, workspace or role")
    assert len(vpcs(lab)) == 1
    assert lab.changes("CreateLogGroup") == ["logs.CreateLogGroup"]
    winner = workspace if runs[0].code == 0 else other
    assert winner.plan().code == 0


def test_what_stands_in_the_way_is_named(workspace: Workspace, lab: Lab) -> None:
    claim = fails(workspace, lab)
    ec2, s3 = lab.client("ec2"), lab.client("s3")
    found = workspace.state()[ADDRESS]["values"]
    # Two candidates for one component, of which no id is on record.
    tags = {"stellar:claim": claim, "stellar:component": "network/endpoint/s3"}
    marks = [{"Key": key, "Value": value} for key, value in tags.items()]
    (vpc,) = vpcs(lab)
    service = "com.amazonaws.us-east-1.s3"
    copies = [
        ec2.create_vpc_endpoint(
            VpcId=vpc,
            ServiceName=name,
            TagSpecifications=[{"ResourceType": "vpc-endpoint", "Tags": marks}],
        )["VpcEndpoint"]["VpcEndpointId"]
        for name in (service, "com.amazonaws.us-east-1.dynamodb")
    ]
    refused(workspace.apply(), *copies, "delete the one that is not in use", "stellar:component")
    ec2.delete_vpc_endpoints(VpcEndpointIds=copies)
    # An object of a derived name without our tags.
    bucket = f"shop-images-{claim[:8]}"
    s3.create_bucket(Bucket=bucket)
    before = lab.census()
    stranger = workspace.apply()
    refused(stranger, bucket, "stellar:claim", "buckets/bucket/images")
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    assert set(before["global s3/bucket"] if "global s3/bucket" in before else [bucket]) >= {bucket}
    s3.delete_bucket(Bucket=bucket)
    finished = workspace.apply()
    assert finished.code == 0, finished
    assert workspace.state()[ADDRESS]["values"]["claim"] == found["claim"]
    assert workspace.plan().code == 0


def test_what_happens_to_claim_account_and_rights(workspace: Workspace, lab: Lab) -> None:
    stands(workspace)
    logs = lab.client("logs")
    claim = workspace.state()[ADDRESS]["values"]["claim"]
    changed = stack(*SMALL, TAGS)

    # A newer version of the provider wrote the claim: everything is read, nothing is written.
    logs.tag_resource(resourceArn=ARN, tags={"stellar:format": "2"})
    before = lab.changes()
    readable = workspace.plan()
    assert readable.code == 0, readable
    assert "terraform init -upgrade" in readable.warnings
    workspace.write(changed)
    refused(workspace.apply(), "newer version", "terraform init -upgrade")
    refused(workspace.destroy(), "newer version", "terraform init -upgrade")
    refused(beside(workspace).apply(), "newer version", "terraform init -upgrade")
    assert lab.changes() == before
    logs.tag_resource(resourceArn=ARN, tags={"stellar:format": "1"})

    # Credentials of another account: an error before any other call, and the state stays.
    here = "123456789012"
    doctor(workspace, lambda values: values.update(id=values["id"].replace(here, "999999999999")))
    calls = len(lab.log())
    for run in (workspace.plan(), workspace.apply(), workspace.apply("-refresh=false")):
        refused(run, "in account 999999999999", f"account {here}", "profile or role")
    refused(workspace.destroy("-refresh=false"), "use the right profile or role")
    assert {call["service"] for call in lab.log()[calls:]} <= {
        "sts",
        "pricing",
        "servicequotas",
        "ec2",
    }
    assert lab.changes() == [*before, *lab.changes()[len(before) :]]
    assert ADDRESS in workspace.state()
    doctor(workspace, lambda values: values.update(id=values["id"].replace("999999999999", here)))

    # The claim was tidied away: no destroy without it, and the next apply makes it again with the same ids.
    logs.put_log_group_deletion_protection(
        logGroupIdentifier=GROUP, deletionProtectionEnabled=False
    )
    logs.delete_log_group(logGroupName=GROUP)
    workspace.write(stack(*SMALL))
    missing = workspace.plan()
    assert (missing.code, GROUP in missing.warnings) == (2, True), missing
    refused(workspace.destroy(), GROUP, "Apply once")
    restored = workspace.apply()
    assert restored.code == 0, restored
    assert "made again with the ids" in restored.warnings
    assert logs.list_tags_for_resource(resourceArn=ARN)["tags"]["stellar:claim"] == claim
    assert workspace.plan().code == 0

    # No rights for what is only asked beforehand: neither changes nor the destroy are held up.
    deny = [{"Effect": "Deny", "Action": list(PREFLIGHT[:3]), "Resource": "*"}]
    allow = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    lab.policy({"Version": "2012-10-17", "Statement": allow + deny})
    grown = "buckets = { images = { force_destroy = true }, more = { force_destroy = true } }"
    workspace.write(stack(SMALL[0], grown))
    planned = workspace.plan()
    assert planned.code == 2, planned
    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed
    lab.policy(None)
    assert lab.census() == {}


def test_an_apply_does_only_what_its_plan_listed(workspace: Workspace, lab: Lab) -> None:
    stands(workspace)
    values = workspace.state()[ADDRESS]["values"]
    bucket = values["s3"]["images"]["name"]
    s3 = lab.client("s3")
    s3.delete_bucket(Bucket=bucket)
    # A plan that neither looks nor remembers what was seen cannot list that the bucket is gone.
    workspace.strip_private_state()
    workspace.write(stack(*SMALL, TAGS))
    planned = workspace.plan("-refresh=false")
    assert planned.code == 2, planned
    refused(workspace.apply("-refresh=false"), f"buckets/bucket/images@{bucket}")
    assert bucket not in [each["Name"] for each in s3.list_buckets()["Buckets"]]
    # The refresh sees it; what is lost is made anew only when that is said.
    refused(workspace.plan(), "allow_replace", f"buckets/bucket/images@{bucket}")
    destroyed = workspace.destroy("-refresh=false")
    assert destroyed.code == 0, destroyed
    assert lab.census() == {}

"""A stack comes back to Terraform: by name or region, in any phase, with a configuration written for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from acceptance.stacks import ADDRESS, KUBERNETES, NETWORK, stack
from harness.lab import Lab
from harness.workspace import Run, Workspace

SECTIONS = (
    NETWORK,
    KUBERNETES,
    'tags = { team = "web" }',
    "buckets = { images = { versioning = true, force_destroy = true } }",
)
IMPORT = f'\nimport {{\n  to = {ADDRESS}\n  id = "us-east-1/shop"\n}}\n'


def outside_the_claim(lab: Lab) -> list[str]:
    """Changing calls, without those that add an entry to the claim."""
    return [call for call in lab.changes() if not call.startswith("logs.")]


def head(configuration: str) -> str:
    """The configuration without its resource."""
    return configuration[: configuration.index("resource ")]


@pytest.mark.parametrize("name", ["shop", "us-east-1/shop", "123456789012/us-east-1/shop"])
def test_a_lost_state_comes_back_by_each_name(name: str, workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK))
    workspace.init()
    assert workspace.apply().code == 0
    assert workspace.plan().code == 0
    workspace.forget()
    workspace.command("import", "-input=false", ADDRESS, name)
    planned = workspace.plan()
    assert planned.code == 0, planned


def test_a_configuration_is_written_for_an_imported_stack(workspace: Workspace, lab: Lab) -> None:
    configuration = stack(*SECTIONS)
    workspace.write(configuration)
    workspace.init()
    assert workspace.apply().code == 0
    assert workspace.plan().code == 0
    workspace.forget()
    before = lab.changes()

    workspace.write(head(configuration) + IMPORT)
    generated = workspace.plan("-generate-config-out=generated.tf")
    assert generated.code in (0, 2), generated
    planned = workspace.plan()
    assert planned.summary == {"add": 0, "change": 0, "remove": 0}, planned
    applied = workspace.apply()
    assert applied.code == 0, applied
    assert lab.changes() == before, "an import changes nothing"
    assert workspace.plan().code == 0


def test_a_stack_is_imported_in_any_phase(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK))
    workspace.init()

    interrupted(workspace, lab, "CreateNatGateway", workspace.apply)
    back(workspace, lab, "creating", status="incomplete")
    finished = workspace.apply()
    assert finished.code == 0, finished
    assert workspace.state()[ADDRESS]["values"]["status"] == "ready"
    assert workspace.plan().code == 0

    workspace.write(stack(NETWORK.replace("single", "per_zone")))
    interrupted(workspace, lab, "CreateNatGateway", workspace.apply)
    back(workspace, lab, "updating", status="incomplete")
    finished = workspace.apply()
    assert finished.code == 0, finished
    assert workspace.plan().code == 0

    interrupted(workspace, lab, "DeleteNatGateway", workspace.destroy)
    back(workspace, lab, "deleting", status="incomplete")
    gone = workspace.destroy()
    assert gone.code == 0, gone
    assert lab.census() == {}

    # A create that has ended, and that Terraform has not seen since.
    workspace.write(stack(NETWORK))
    assert workspace.apply().code == 0
    back(workspace, lab, "created", status="ready")
    assert workspace.plan().code == 0
    assert phase(lab) == "ready"


def interrupted(workspace: Workspace, lab: Lab, operation: str, run: Callable[[], Run]) -> None:
    """A run whose provider is killed at this call."""
    lab.faults({"service": "ec2", "operation": operation, "kind": "kill"})
    assert run().code == 1
    lab.faults()


def back(workspace: Workspace, lab: Lab, expected: str, *, status: str) -> None:
    """Loses the state of a stack in this phase, and imports it."""
    assert phase(lab) == expected
    workspace.forget()
    workspace.command("import", "-input=false", ADDRESS, "shop")
    assert workspace.state()[ADDRESS]["values"]["status"] == status


def phase(lab: Lab) -> str:
    """Where the stack is in its life, as its claim says."""
    streams = lab.client("logs").describe_log_streams(
        logGroupName="/stellar/shop", logStreamNamePrefix="phase/"
    )["logStreams"]
    return max(stream["logStreamName"] for stream in streams).rpartition("/")[2]


def test_a_stack_without_its_record_is_imported_by_the_configuration(
    workspace: Workspace, lab: Lab
) -> None:
    workspace.write(stack(NETWORK, KUBERNETES))
    workspace.init()
    assert workspace.apply().code == 0
    assert workspace.plan().code == 0
    forget_record(workspace, lab)
    workspace.command("import", "-input=false", ADDRESS, "shop")
    planned = workspace.plan()
    assert planned.code == 2, planned
    assert "components exist as configured: they are adopted with no AWS call" in planned.warnings
    before = outside_the_claim(lab)
    assert workspace.apply().code == 0
    assert outside_the_claim(lab) == before
    assert workspace.plan().code == 0

    # What differs is said, and done.
    forget_record(workspace, lab)
    workspace.write(stack(NETWORK, KUBERNETES, 'tags = { team = "web" }'))
    workspace.command("import", "-input=false", ADDRESS, "shop")
    planned = workspace.plan()
    assert "The rest is not as it is configured here" in planned.warnings, planned
    assert "network/vpc" in planned.warnings
    assert workspace.apply().code == 0
    assert workspace.plan().code == 0


def forget_record(workspace: Workspace, lab: Lab) -> None:
    """Loses the state, and what the claim remembers of the configuration."""
    workspace.forget()
    logs = lab.client("logs")
    group = {"logGroupName": "/stellar/shop"}
    for stream in logs.describe_log_streams(**group, logStreamNamePrefix="config/")["logStreams"]:
        logs.delete_log_stream(**group, logStreamName=stream["logStreamName"])


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("nowhere", "no stack nowhere"),
        ("eu-west-1/shop", "eu-west-1"),
        ("111111111111/us-east-1/shop", "111111111111"),
        ("My Shop", "region/name"),
    ],
)
def test_what_cannot_be_imported_says_why(
    name: str, word: str, workspace: Workspace, lab: Lab
) -> None:
    workspace.write(stack(NETWORK))
    workspace.init()
    refused = workspace._run(["import", "-input=false", "-no-color", ADDRESS, name])
    assert refused.returncode == 1
    assert word in refused.stderr.replace("\n", " ").replace("│ ", ""), refused.stderr
    assert lab.changes() == []

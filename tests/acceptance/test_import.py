"""A stack comes back to Terraform: by name, region or identity, in any phase, with a configuration written for it."""

from __future__ import annotations

import re

import pytest

from acceptance.stacks import ADDRESS, KUBERNETES, NETWORK, stack
from harness.cli import version
from harness.lab import Lab
from harness.workspace import Workspace

SECTIONS = (
    NETWORK,
    KUBERNETES,
    'tags = { team = "web" }',
    "buckets = { images = { versioning = true, force_destroy = true } }",
)
IMPORT = f'\nimport {{\n  to = {ADDRESS}\n  id = "us-east-1/shop"\n}}\n'
IDENTITY = f"""
import {{
  to = {ADDRESS}
  identity = {{
    account = "123456789012"
    region  = "us-east-1"
    name    = "shop"
  }}
}}
"""


def needs(workspace: Workspace, terraform: tuple[int, int], tofu: tuple[int, int] | None) -> None:
    """Skips for a CLI that is too old."""
    found = re.search(r"v(\d+)\.(\d+)", version(workspace.cli))
    least = {"terraform": terraform, "tofu": tofu}[workspace.cli.name]
    if least is None or (int(found[1]), int(found[2])) < least:
        pytest.skip(f"missing: {workspace.cli.name} with this way to import")


def lose_state(workspace: Workspace) -> None:
    """Forgets everything that Terraform knew."""
    (workspace.directory / "terraform.tfstate").unlink()


def objects_created(lab: Lab) -> list[str]:
    """Creating calls, without those that add an entry to the claim."""
    return [call for call in lab.changes("Create") if not call.startswith("logs.")]


def head(configuration: str) -> str:
    """The configuration without its resource."""
    return configuration[: configuration.index("resource ")]


@pytest.mark.parametrize("name", ["shop", "us-east-1/shop", "123456789012/us-east-1/shop"])
def test_a_lost_state_comes_back_by_each_name(name: str, workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK))
    workspace.init()
    assert workspace.apply().code == 0
    assert workspace.plan().code == 0
    lose_state(workspace)
    workspace.command("import", "-input=false", ADDRESS, name)
    planned = workspace.plan()
    assert planned.code == 0, planned


def test_a_configuration_is_written_for_an_imported_stack(workspace: Workspace, lab: Lab) -> None:
    needs(workspace, (1, 5), (1, 8))
    configuration = stack(*SECTIONS)
    workspace.write(configuration)
    workspace.init()
    assert workspace.apply().code == 0
    assert workspace.plan().code == 0
    lose_state(workspace)
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


def test_an_identity_finds_a_stack(workspace: Workspace, lab: Lab) -> None:
    needs(workspace, (1, 12), None)
    workspace.write(stack(NETWORK))
    workspace.init()
    assert workspace.apply().code == 0
    assert workspace.plan().code == 0
    lose_state(workspace)
    workspace.write(stack(NETWORK) + IDENTITY)
    planned = workspace.plan()
    assert planned.summary == {"add": 0, "change": 0, "remove": 0}, planned


def test_an_unfinished_stack_is_imported_and_finished(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK))
    workspace.init()
    refused = {"service": "ec2", "operation": "CreateNatGateway", "kind": "error", "count": 0}
    lab.faults(refused | {"code": "InvalidParameter", "status": 400})
    assert workspace.apply().code == 1
    lab.faults()
    lose_state(workspace)
    workspace.command("import", "-input=false", ADDRESS, "shop")
    finished = workspace.apply()
    assert finished.code == 0, finished
    assert workspace.state()[ADDRESS]["values"]["status"] == "ready"
    assert workspace.plan().code == 0
    assert workspace.destroy().code == 0
    assert lab.census() == {}


def test_a_stack_without_its_record_is_imported_by_the_configuration(
    workspace: Workspace, lab: Lab
) -> None:
    workspace.write(stack(NETWORK))
    workspace.init()
    assert workspace.apply().code == 0
    assert workspace.plan().code == 0
    lose_state(workspace)
    logs = lab.client("logs")
    streams = logs.describe_log_streams(logGroupName="/stellar/shop")["logStreams"]
    for stream in streams:
        if stream["logStreamName"].startswith("config/"):
            logs.delete_log_stream(
                logGroupName="/stellar/shop", logStreamName=stream["logStreamName"]
            )
    workspace.command("import", "-input=false", ADDRESS, "shop")
    planned = workspace.plan()
    assert planned.code == 2, planned
    assert "no AWS call" in planned.warnings
    before = objects_created(lab)
    assert workspace.apply().code == 0
    assert objects_created(lab) == before
    assert workspace.plan().code == 0


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

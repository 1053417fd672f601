"""The provider's functions, called by the CLIs."""

from __future__ import annotations

import json
import re

import pytest

from acceptance.stacks import ADDRESS, KUBERNETES, NETWORK, stack
from harness.cli import version
from harness.lab import Lab
from harness.workspace import Workspace

SUBNETS = """
output "subnets" {
  value = provider::stellar::subnets("10.0.0.0/16", 2)
}
"""
KUBECONFIG = f"""
output "kubeconfig" {{
  value = provider::stellar::kubeconfig({ADDRESS})
}}
"""


@pytest.fixture(autouse=True)
def needs_functions(workspace: Workspace) -> None:
    """Functions of providers came with Terraform 1.8."""
    found = re.search(r"v(\d+)\.(\d+)", version(workspace.cli))
    if (int(found[1]), int(found[2])) < (1, 8):
        pytest.skip(f"missing: {workspace.cli.name} >= 1.8")


def outputs(workspace: Workspace) -> dict:
    """The root module's outputs."""
    found = json.loads(workspace.command("output", "-json"))
    return {name: output["value"] for name, output in found.items()}


def test_the_functions_agree_with_the_stack(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK, KUBERNETES) + SUBNETS + KUBECONFIG)
    workspace.init()
    applied = workspace.apply()
    assert applied.code == 0, applied
    found = outputs(workspace)
    ids = workspace.state()[ADDRESS]["values"]["vpc"]["private_subnet_ids"]
    subnets = lab.client("ec2").describe_subnets(SubnetIds=ids)["Subnets"]
    assert sorted(found["subnets"]["private"]) == sorted(each["CidrBlock"] for each in subnets)
    eks = workspace.state()[ADDRESS]["values"]["eks"]
    for text in (eks["endpoint"], eks["certificate_authority"], "get-token", "us-east-1"):
        assert text in found["kubeconfig"]
    assert workspace.plan().code == 0


def test_a_wrong_argument_is_named(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK) + SUBNETS.replace("16", "31"))
    workspace.init()
    planned = workspace.plan()
    assert planned.code == 1, planned
    assert "no room" in planned.errors

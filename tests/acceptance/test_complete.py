"""Every attribute at once: applied as written, with no more rights than its policy gives, stable, and gone after destroy."""

from __future__ import annotations

import json
from pathlib import Path

from acceptance.stacks import ADDRESS
from acceptance.test_permissions import allow, configuration, denied, policies
from harness.lab import Lab
from harness.workspace import Workspace

ANYBODY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        }
    ],
}


def test_every_attribute_is_applied_as_written(
    workspace: Workspace, lab: Lab, tmp_path: Path
) -> None:
    # The role that the configuration lets into the cluster.
    iam = lab.client("iam")
    iam.create_role(RoleName="admins", AssumeRolePolicyDocument=json.dumps(ANYBODY))
    workspace.write((Path(__file__).parent / "complete.tf").read_text())
    workspace.init()
    allow(lab, policies(tmp_path / "policies", workspace, configuration(workspace))["all"])

    applied = workspace.apply()
    assert applied.code == 0, applied
    found = workspace.state()[ADDRESS]["values"]
    assert found["status"] == "ready"
    assert found["network"]["zone_count"] == 3, "inputs stay as they were written"
    planned = workspace.plan()
    assert planned.code == 0, planned

    _assert_the_generated_configuration_is_as_good(workspace, lab)
    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed
    assert denied(lab) == []
    lab.policy(None)
    assert lab.census() == {"global iam/role": ["admins"]}


def _assert_the_generated_configuration_is_as_good(workspace: Workspace, lab: Lab) -> None:
    """The state is lost, and the configuration with it; the CLI writes another one, which needs no hand."""
    before = workspace.state()[ADDRESS]["values"]
    workspace.forget()
    text = (workspace.directory / "main.tf").read_text()
    block = f'import {{\n  to = {ADDRESS}\n  id = "us-east-1/stellar-prod"\n}}\n'
    workspace.write(text[: text.index("resource ")] + block)
    generated = workspace.plan("-generate-config-out=generated.tf")
    assert generated.code in (0, 2), generated
    done = lab.changes()
    imported = workspace.apply()
    assert imported.code == 0, imported
    assert imported.summary == {"add": 0, "change": 0, "remove": 0}
    assert lab.changes() == done, "an import changes nothing"
    planned = workspace.plan()
    assert planned.code == 0, planned
    after = workspace.state()[ADDRESS]["values"]
    assert after["components"] == before["components"]

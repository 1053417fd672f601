"""Least privilege: what `stellar_iam_policy` prints is what a whole life needs, part by part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from acceptance.stacks import NETWORK, stack
from acceptance.test_commands import stellar
from acceptance.test_minimum import DISPOSABLE
from harness.lab import Lab
from harness.workspace import Workspace

ACCOUNT = "123456789012"
RIGHTS = ("create", "update", "destroy", "read_only", "all")
LIMIT = 6144
"""Characters of a managed policy (IAM User Guide, quotas)."""
FREE = "sts:GetCallerIdentity"
"""No policy is asked for it."""
SETTINGS = {"deletion_protection", "on_create_error", "timeouts", "adopt", "allow_replace", "tags"}
SETTINGS |= {"preflight", "cost_estimate"}
"""Inputs of the resource that the data source does not have."""


def configuration(example: Workspace, *options: str) -> dict[str, Any]:
    """The inputs of the example's cluster, as its module sets them."""
    assert example.plan(DISPOSABLE, *options).code == 2
    planned = example.planned()
    module = planned["planned_values"]["root_module"]["child_modules"][0]
    (cluster,) = [found for found in module["resources"] if found["type"] == "stellar_cluster"]
    schema = json.loads(example.command("providers", "schema", "-json"))["provider_schemas"]
    (provider,) = [found for name, found in schema.items() if name.endswith("stellar/stellar")]
    inputs = provider["data_source_schemas"]["stellar_iam_policy"]["block"]["attributes"]
    values = {name: value for name, value in cluster["values"].items() if value is not None}
    return {name: values[name] for name in inputs if name in values}


def policies(directory: Path, example: Workspace, inputs: dict[str, Any]) -> dict[str, list[Any]]:
    """Rights → statements, from the data source; nothing is called for them."""
    workspace = Workspace(directory, example.cli, example.env)
    sources = {rights: inputs | {"account": ACCOUNT, "rights": rights} for rights in RIGHTS}
    outputs = {
        rights: {"value": f"${{data.stellar_iam_policy.{rights}.policies}}"} for rights in RIGHTS
    }
    document = {
        "terraform": {"required_providers": {"stellar": {"source": "stellar/stellar"}}},
        "data": {"stellar_iam_policy": sources},
        "output": outputs,
    }
    workspace.write(json.dumps(document), "main.tf.json")
    workspace.init()
    applied = workspace.apply()
    assert applied.code == 0, applied
    found = json.loads(workspace.command("output", "-json"))
    for rights in RIGHTS:
        assert all(len(text) <= LIMIT for text in found[rights]["value"]), rights
    return {
        rights: [
            statement
            for text in found[rights]["value"]
            for statement in json.loads(text)["Statement"]
        ]
        for rights in RIGHTS
    }


def actions(statements: list[Any]) -> set[str]:
    """Everything that the statements allow somewhere."""
    return {action for statement in statements for action in listed(statement)}


def allow(lab: Lab, statements: list[Any]) -> None:
    """From now on nothing else is allowed."""
    lab.policy({"Version": "2012-10-17", "Statement": statements})


MISSING = ("logs:CreateLogStream", "ec2:CreateTags", "iam:PassRole")
"""Actions of a network's creation: what is left out is named, and the next apply goes on when it is given."""


def test_an_action_that_is_missing_is_named_and_the_next_apply_goes_on(
    workspace: Workspace, lab: Lab
) -> None:
    flow_logs = "flow_logs = { retention_days = 30 }"
    workspace.write(stack(NETWORK.replace(" }", f", {flow_logs} }}")))
    workspace.init()
    for missing in (*MISSING, None):
        allow(lab, without(missing, everything(workspace)))
        applied = workspace.apply()
        if missing is None:
            assert applied.code == 0, applied
            break
        assert applied.code == 1, (missing, applied)
        said = applied.errors + applied.warnings
        assert f"is not authorized to perform: {missing}" in said, (missing, applied)
        assert "aws sts get-caller-identity" in said, applied
    assert workspace.plan().code == 0

    allow(lab, without("ec2:DeleteVpc", everything(workspace)))
    destroyed = workspace.destroy()
    assert destroyed.code == 1
    assert "is not authorized to perform: ec2:DeleteVpc" in destroyed.errors, destroyed
    allow(lab, everything(workspace))
    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed
    lab.policy(None)
    assert lab.census() == {}


def everything(workspace: Workspace) -> list[Any]:
    """The statements that the command prints for a stack with every section."""
    code, printed = stellar(workspace, "policy", "shop")
    assert code == 0, printed
    documents = [json.loads(line) for line in printed.splitlines()]
    return [statement for each in documents for statement in each["Statement"]]


def without(action: str | None, statements: list[Any]) -> list[Any]:
    """The same without one action."""
    left = [
        statement | {"Action": [each for each in listed(statement) if each != action]}
        for statement in statements
    ]
    assert action is None or left != statements, action
    return [statement for statement in left if statement["Action"]]


def listed(statement: dict[str, Any]) -> list[str]:
    """A statement's actions: IAM takes one without a list."""
    found = statement["Action"]
    return [found] if isinstance(found, str) else found


def test_the_command_prints_the_policy_of_a_stack_that_is_not_there_yet(
    workspace: Workspace, lab: Lab
) -> None:
    code, printed = stellar(workspace, "policy", "shop", "--rights", "destroy")
    assert code == 0, printed
    documents = [json.loads(line) for line in printed.splitlines()]
    statements = [statement for each in documents for statement in each["Statement"]]
    assert "rds:DeleteDBInstance" in actions(statements)
    assert "ec2:CreateVpc" not in actions(statements)
    assert f"arn:aws:iam::{ACCOUNT}:role/shop-*" in printed
    code, printed = stellar(workspace, "policy", "Shop")
    assert (code, "cannot be a stack's name" in printed) == (1, True)

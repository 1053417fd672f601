"""Least privilege: what `stellar_iam_policy` prints is what a whole life needs, part by part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

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


def policies(directory: Path, example: Workspace, stack: dict[str, Any]) -> dict[str, list[Any]]:
    """Rights → statements, from the data source; nothing is called for them."""
    workspace = Workspace(directory, example.cli, example.env)
    sources = {rights: stack | {"account": ACCOUNT, "rights": rights} for rights in RIGHTS}
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
    found = [statement["Action"] for statement in statements]
    return {action for each in found for action in ([each] if isinstance(each, str) else each)}


def allow(lab: Lab, statements: list[Any]) -> None:
    """From now on nothing else is allowed."""
    lab.policy({"Version": "2012-10-17", "Statement": statements})


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

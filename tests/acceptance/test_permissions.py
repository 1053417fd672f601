"""Least privilege: what `stellar_iam_policy` prints is what a whole life needs, part by part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from acceptance.conftest import CLOCK
from acceptance.stacks import NETWORK, stack
from acceptance.test_commands import stellar
from acceptance.test_minimum import DISPOSABLE, GROWN, RESOURCE
from harness.lab import Lab
from harness.workspace import Workspace

ACCOUNT = "123456789012"
RIGHTS = ("create", "update", "destroy", "read_only", "all")
LIMIT = 6144
"""Characters of a managed policy (IAM User Guide, quotas)."""
FREE = "sts:GetCallerIdentity"
"""No policy is asked for it."""
DENIALS = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}


def configuration(example: Workspace, *options: str) -> dict[str, Any]:
    """The inputs of the configuration's cluster that the data source takes too."""
    assert example.plan(*options).code == 2
    root = example.planned()["planned_values"]["root_module"]
    modules = [root, *root.get("child_modules", [])]
    (cluster,) = [
        found
        for module in modules
        for found in module.get("resources", [])
        if found["type"] == "stellar_cluster"
    ]
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


def denied(lab: Lab) -> list[str]:
    """The calls that were refused for want of a right, also those that the provider does without."""
    return [
        f"{call['service']}.{call['operation']} {call['params']}"
        for call in lab.log()
        if call["error"] in DENIALS
    ]


def test_each_part_of_a_life_needs_no_more_than_its_policy(
    example: Workspace, lab: Lab, tmp_path: Path
) -> None:
    # Access checks make every call slower, and a component's limit is little of real time.
    example.env = example.env | {"STELLAR_CLOCK_FACTOR": str(CLOCK // 4)}
    inputs = configuration(example, DISPOSABLE, GROWN)
    made = policies(tmp_path / "policies", example, inputs)
    assert set(lab.actions()) - {FREE} <= actions(made["read_only"]), "what a first plan looks up"

    allow(lab, made["create"])
    created = example.apply(DISPOSABLE)
    assert created.code == 0, created
    assert denied(lab) == []

    allow(lab, made["read_only"])
    assert_looking_is_enough(example, inputs["name"])
    assert denied(lab) == []
    refused = example.apply(DISPOSABLE, GROWN)
    assert refused.code == 1
    assert "is not authorized to perform: logs:CreateLogStream" in refused.errors, refused
    (first,) = denied(lab)

    allow(lab, made["update"])
    changed = example.apply(DISPOSABLE, GROWN)
    assert changed.code == 0, changed
    assert example.plan(DISPOSABLE, GROWN).code == 0
    assert denied(lab) == [first]

    planted = lab.plant(inputs["name"])
    allow(lab, made["destroy"])
    destroyed = example.destroy(DISPOSABLE, GROWN)
    assert destroyed.code == 0, destroyed
    assert denied(lab) == [first]
    lab.policy(None)
    assert lab.census() == {"us-east-1 ec2/volume": planted["ec2/volume"]}
    assert set(lab.actions()) - {FREE} <= actions(made["all"])
    assert RESOURCE not in example.state()


def assert_looking_is_enough(example: Workspace, name: str) -> None:
    """Whoever may only read can plan, import, and see the stack and what happened to it."""
    assert example.plan(DISPOSABLE).code == 0
    for command in (("stacks",), ("watch", name, "--once")):
        code, printed = stellar(example, *command)
        assert (code, name in printed) == (0, True), printed
    example.command("state", "rm", RESOURCE)
    example.command("import", "-input=false", DISPOSABLE, RESOURCE, name)
    planned = example.plan(DISPOSABLE)
    assert planned.code == 0, planned


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

"""What needs a newer Terraform than most have: import by identity (1.12), `terraform query` (1.14)."""

from __future__ import annotations

from pathlib import Path

import pytest

from acceptance.stacks import ADDRESS, NETWORK, stack
from harness.cli import Cli, environment
from harness.lab import Lab
from harness.workspace import Workspace

NEXT = Cli("terraform-next", "Terraform, a build of what comes next", "1.14")
IDENTITIES = (
    'account = "123456789012", region = "us-east-1", name = "shop"',
    'name = "shop"',
)


@pytest.fixture
def newest(tmp_path: Path, lab: Lab, configuration: Path) -> Workspace:
    """A working directory of the newest Terraform."""
    if NEXT.path is None:
        pytest.skip(f"missing: {NEXT.name} ({NEXT.title} ≥ {NEXT.oldest})")
    return Workspace(tmp_path / "stack", NEXT, environment(lab, configuration))


def made(workspace: Workspace, name: str = "shop") -> None:
    """A stack of this name, of which no state is left."""
    workspace.write(stack(NETWORK, name=name))
    workspace.init()
    applied = workspace.apply()
    assert applied.code == 0, applied
    assert workspace.plan().code == 0
    workspace.forget()


def head() -> str:
    """The configuration of the provider alone."""
    text = stack(NETWORK)
    return text[: text.index("resource ")]


def test_an_identity_finds_a_stack(newest: Workspace, lab: Lab) -> None:
    made(newest)
    before = lab.changes()
    for identity in IDENTITIES:
        found = f"\nimport {{\n  to       = {ADDRESS}\n  identity = {{ {identity} }}\n}}\n"
        newest.write(stack(NETWORK) + found)
        planned = newest.plan()
        assert planned.summary == {"add": 0, "change": 0, "remove": 0}, planned
    applied = newest.apply()
    assert applied.code == 0, applied
    assert lab.changes() == before, "an import changes nothing"
    assert newest.plan().code == 0
    for identity, word in [
        ('account = "111111111111", name = "shop"', "111111111111"),
        ('region = "eu-west-1", name = "shop"', "eu-west-1"),
        ('name = "other"', "no stack other"),
    ]:
        newest.forget()
        found = f"\nimport {{\n  to       = {ADDRESS}\n  identity = {{ {identity} }}\n}}\n"
        newest.write(stack(NETWORK) + found)
        refused = newest.plan()
        assert (refused.code, word in refused.errors) == (1, True), refused


def test_a_query_lists_the_stacks_and_writes_their_configuration(
    newest: Workspace, lab: Lab
) -> None:
    for name in ("shop", "store"):
        made(newest, name)
    before = lab.changes()
    newest.write(head())
    query = 'list "stellar_cluster" "all" {\n  provider         = stellar\n  include_resource = true\n}\n'
    newest.write(query, "all.tfquery.hcl")
    listed = newest.command("query", "-no-color", "-generate-config-out=generated.tf")
    assert "name=shop" in listed and "name=store" in listed, listed
    (newest.directory / "all.tfquery.hcl").unlink()

    planned = newest.plan()
    assert planned.summary == {"add": 0, "change": 0, "remove": 0}, planned
    applied = newest.apply()
    assert applied.code == 0, applied
    assert lab.changes() == before, "a query and an import change nothing"
    assert len(newest.state()) == 2
    assert newest.plan().code == 0

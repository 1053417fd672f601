"""Whose stack it is: one state owns it, and a state that is older changes and deletes nothing."""

from __future__ import annotations

import shutil
from typing import Any

from acceptance.stacks import ADDRESS, stack
from acceptance.test_taint import SMALL, vpcs
from harness.lab import Lab
from harness.workspace import Run, Workspace

TAGS = 'tags = { team = "web" }'


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

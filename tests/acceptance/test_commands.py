"""The binary at the command line, for stacks that no state knows."""

from __future__ import annotations

import pytest

from acceptance.stacks import NETWORK, stack
from harness.lab import Lab
from harness.workspace import Workspace


def stellar(workspace: Workspace, *arguments: str, typed: str = "") -> tuple[int, str]:
    """The provider's own program, in the region of the tests' stacks."""
    return workspace.provider(*arguments, "--region", "us-east-1", typed=typed)


def given_up(workspace: Workspace, lab: Lab, protected: bool = False) -> None:
    """A create that was killed, and whose state is lost."""
    workspace.write(stack(NETWORK, protected=protected))
    workspace.init()
    lab.faults({"service": "ec2", "operation": "CreateNatGateway", "kind": "kill"})
    assert workspace.apply().code == 1
    lab.faults()
    (workspace.directory / "terraform.tfstate").unlink(missing_ok=True)


@pytest.mark.parametrize("protected", [False, True])
def test_a_stack_without_a_state_is_listed_and_destroyed(
    workspace: Workspace, lab: Lab, protected: bool
) -> None:
    given_up(workspace, lab, protected)
    code, listed = stellar(workspace, "stacks")
    assert code == 0, listed
    assert "shop  creating" in listed

    if protected:
        code, refused = stellar(workspace, "destroy", "shop", "--confirm", "shop")
        assert code == 1
        assert "deletion_protection" in refused
        assert len(lab.census()) > 1
    override = ("--ignore-deletion-protection",) if protected else ()
    code, said = stellar(workspace, "destroy", "shop", *override, typed="shop\n")
    assert code == 0, said
    assert lab.census() == {}
    code, listed = stellar(workspace, "stacks")
    assert (code, listed) == (0, "no stacks in us-east-1 of account 123456789012\n")


def test_another_name_destroys_nothing(workspace: Workspace, lab: Lab) -> None:
    given_up(workspace, lab)
    before = lab.census()
    for arguments, typed in [(("--confirm", "shops"), ""), ((), "no\n"), ((), "")]:
        code, said = stellar(workspace, "destroy", "shop", *arguments, typed=typed)
        assert (code, "nothing was touched" in said) == (1, True), said
    code, said = stellar(workspace, "destroy", "other", "--confirm", "other")
    assert (code, "here is no stack other" in said) == (1, True), said
    assert lab.census() == before

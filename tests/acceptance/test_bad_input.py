"""Mistakes are errors that are clear and early, and nothing is created."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest

from acceptance import bad
from acceptance.bad import Bad
from acceptance.stacks import NETWORK, stack
from harness.cli import Cli, environment
from harness.lab import Lab
from harness.workspace import Workspace

SECONDS = 60
"""How long a plan may take to say that AWS cannot be used."""

NOWHERE = "http://127.0.0.1:9"
"""An endpoint at which nobody answers."""

SECTIONS = sorted(found.name for found in pkgutil.iter_modules(bad.__path__))
ROWS = [
    pytest.param(row, id=f"{section}: {row.rule}")
    for section in SECTIONS
    for row in importlib.import_module(f"acceptance.bad.{section}").ROWS
]

CREDENTIALS = [
    ("missing", {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "credentials"),
    ("expired", {"AWS_ACCESS_KEY_ID": "EXPIRED0000000000000"}, "expired"),
    ("unreachable", {"AWS_ENDPOINT_URL": NOWHERE}, "127.0.0.1:9"),
]


@pytest.fixture(scope="module")
def initialized(
    tmp_path_factory: pytest.TempPathFactory, running_lab: Lab, cli: Cli, configuration: Path
) -> Workspace:
    """A directory with the provider installed, which all rows use one after the other."""
    directory = tmp_path_factory.mktemp("bad") / "stack"
    workspace = Workspace(directory, cli, environment(running_lab, configuration))
    workspace.write(stack(NETWORK))
    workspace.init()
    return workspace


@pytest.mark.parametrize("row", ROWS)
def test_a_mistake_is_named_where_it_is(row: Bad, initialized: Workspace, lab: Lab) -> None:
    initialized.forget()
    if row.before:
        row.before(lab)
    if row.after:
        initialized.write(row.after)
        applied = initialized.apply()
        assert applied.code == 0, applied
    account, done = lab.census(), _changes(lab)
    initialized.write(row.configuration)

    found = (
        initialized.plan() if row.needs_account else initialized.validate(AWS_ENDPOINT_URL=NOWHERE)
    )
    assert found.code == 1, found
    missing = [word for word in row.words if word not in found.errors]
    assert not missing, f"{missing} not in:\n{found.errors}"
    assert _changes(lab) == done, "no call that changes something was made"
    assert lab.census() == account


def _changes(lab: Lab) -> list[str]:
    """The calls that changed something, without those that note in the claim what its state has seen."""
    return [call for call in lab.changes() if call != "logs.CreateLogStream"]


@pytest.mark.parametrize(
    ("env", "word"), [row[1:] for row in CREDENTIALS], ids=[row[0] for row in CREDENTIALS]
)
def test_plan_says_within_seconds_that_aws_cannot_be_used(
    env: dict[str, str], word: str, initialized: Workspace, lab: Lab
) -> None:
    initialized.forget()
    initialized.write(stack(NETWORK))
    planned = initialized.plan(**env)
    assert planned.code == 1, planned
    assert word in planned.errors.lower()
    assert planned.seconds < SECONDS
    assert lab.changes() == []

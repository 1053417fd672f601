"""Every field of every section: applied, changed in place, seen on AWS; the plan after each is empty."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

from acceptance import fields
from acceptance.fields import Account, Step
from acceptance.stacks import ADDRESS, planned_changes, stack
from harness.lab import Lab
from harness.workspace import Workspace

SECTIONS = sorted(found.name for found in pkgutil.iter_modules(fields.__path__))


@pytest.mark.parametrize("section", SECTIONS)
def test_fields(section: str, workspace: Workspace, lab: Lab) -> None:
    steps: list[Step] = importlib.import_module(f"acceptance.fields.{section}").STEPS
    account = Account(lab, {})
    made: dict[str, str] = {}
    for number, step in enumerate(steps):
        if step.before:
            made |= step.before(account) or {}
        configuration = stack(*step.sections)
        for key, value in made.items():
            configuration = configuration.replace(f"@{key}@", value)
        workspace.write(configuration)
        if number == 0:
            workspace.init()
        account = _apply(step, workspace, account)
    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed


def _apply(step: Step, workspace: Workspace, before: Account) -> Account:
    """One step: plan, apply, look, plan again."""
    planned = workspace.plan()
    assert planned.code == 2, f"{step.rule}: {planned}"
    lines = planned_changes(workspace)
    for word in step.words:
        assert any(word in line for line in lines), f"{step.rule}: {word} is not in {lines}"
    applied = workspace.apply()
    assert applied.code == 0, f"{step.rule}: {applied}"
    account = Account(before.lab, workspace.state()[ADDRESS]["values"])
    assert account.values["status"] == "ready", f"{step.rule}: {account.values['pending']}"
    for address in step.keeps:
        assert account.id(address) == before.id(address), f"{step.rule}: {address} was replaced"
    for seen in step.seen:
        assert seen.see(account) == seen.expected, f"{step.rule}: {seen.field}"
    again = workspace.plan()
    assert again.code == 0, f"{step.rule}: not stable, {planned_changes(workspace)}"
    return account

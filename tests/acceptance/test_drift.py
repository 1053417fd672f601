"""Drift in what a stack owns is named by the next plan and repaired by the next apply; other changes are none."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

from acceptance import drift
from acceptance.drift import Allowed, Drift
from acceptance.fields import Account
from acceptance.stacks import ADDRESS, planned_changes, stack
from harness.lab import Lab
from harness.workspace import Workspace

SECTIONS = sorted(found.name for found in pkgutil.iter_modules(drift.__path__))


@pytest.mark.parametrize("section", SECTIONS)
def test_drift(section: str, workspace: Workspace, lab: Lab) -> None:
    rows = importlib.import_module(f"acceptance.drift.{section}")
    workspace.write(stack(*rows.BASE))
    workspace.init()
    created = workspace.apply()
    assert created.code == 0, created
    planned = workspace.plan()
    assert planned.code == 0, f"nothing has changed yet: {planned_changes(workspace)}"
    for row in getattr(rows, "ALLOWED", []):
        _assert_left_alone(row, workspace, _account(workspace, lab))
    for row in rows.DRIFTS:
        _assert_repaired(row, workspace, _account(workspace, lab))
    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed


def _account(workspace: Workspace, lab: Lab) -> Account:
    return Account(lab, workspace.state()[ADDRESS]["values"])


def _assert_left_alone(row: Allowed, workspace: Workspace, account: Account) -> None:
    row.do(account)
    planned = workspace.plan()
    assert planned.code == 0, f"{row.rule}: {planned_changes(workspace)}"


def _assert_repaired(row: Drift, workspace: Workspace, account: Account) -> None:
    row.do(account)
    assert row.see.see(account) != row.see.expected, f"{row.rule}: nothing was changed"
    planned = workspace.plan()
    assert planned.code == 2, f"{row.rule}: not noticed, {planned}"
    lines = planned_changes(workspace)
    for word in row.words:
        assert any(word in line for line in lines), f"{row.rule}: {word} is not in {lines}"
    others = [line for line in lines if not any(word in line for word in row.words)]
    assert not others, f"{row.rule}: more than the drift would change: {others}"
    repaired = workspace.apply()
    assert repaired.code == 0, f"{row.rule}: {repaired}"
    now = _account(workspace, account.lab)
    assert row.see.see(now) == row.see.expected, f"{row.rule}: {row.see.field}"
    again = workspace.plan()
    assert again.code == 0, f"{row.rule}: not stable, {planned_changes(workspace)}"

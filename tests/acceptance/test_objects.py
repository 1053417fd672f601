"""What holds for the objects of every kind: tags follow, deletions and changes by others are repaired, time alone changes nothing."""

from __future__ import annotations

import importlib

import pytest

from acceptance.fields import Account
from acceptance.objects import AURORA, CONFIGURATION, KINDS, PLATFORM, changed, gone, tags
from acceptance.stacks import changes_of
from harness.lab import Lab
from harness.workspace import Workspace

DAY = 86_400


@pytest.mark.parametrize("kind", sorted(changed.ELSEWHERE))
def test_a_change_of_the_kind_has_a_row(kind: str) -> None:
    section, found = changed.ELSEWHERE[kind]
    rows = importlib.import_module(f"acceptance.drift.{section}").DRIFTS
    assert any(word.startswith(found) for row in rows for word in row.words)


def test_every_object_is_kept_as_configured(workspace: Workspace, lab: Lab) -> None:
    workspace.write(CONFIGURATION)
    workspace.init()
    created = workspace.apply()
    assert created.code == 0, created
    assert _kinds(workspace) == KINDS, "an object of every kind"
    assert tags.READ.keys() | tags.WITHOUT == KINDS
    _is_stable(workspace)
    _assert_tags(workspace, lab, {"team": "shop", "stage": "test", "owner": "platform"}, set())

    retagged = workspace.apply("-var", 'tags={team="core"}')
    assert retagged.code == 0, retagged
    workspace.write(CONFIGURATION.replace('{ team = "shop", stage = "test" }', '{ team = "core" }'))
    _is_stable(workspace)
    _assert_tags(workspace, lab, {"team": "core", "owner": "platform"}, {"stage"})

    for wait in (DAY, 7 * DAY):
        lab.advance(wait)
        _is_stable(workspace)

    _assert_deletions_are_repaired(workspace, lab)
    _assert_changes_are_repaired(workspace, lab)

    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed


def _account(workspace: Workspace, lab: Lab, address: str) -> Account:
    return Account(lab, workspace.state()[address]["values"])


def _kinds(workspace: Workspace) -> set[str]:
    stacks = workspace.state().values()
    return {each["kind"] for stack in stacks for each in stack["values"]["components"].values()}


def _is_stable(workspace: Workspace) -> None:
    planned = workspace.plan()
    assert planned.code == 0, (changes_of(workspace, PLATFORM), changes_of(workspace, AURORA))


def _assert_tags(workspace: Workspace, lab: Lab, wanted: dict[str, str], without: set[str]) -> None:
    """Every object that can have tags has these, the claims too."""
    for stack in (PLATFORM, AURORA):
        account = _account(workspace, lab, stack)
        claim = f"/stellar/{account.values['name']}"
        found = {claim: tags.log_group(account, claim)}
        for address, each in account.values["components"].items():
            if each["kind"] not in tags.WITHOUT:
                found[address] = tags.READ[each["kind"]](account, each["id"])
        wrong = {
            address: each
            for address, each in found.items()
            if not wanted.items() <= each.items() or without & each.keys()
        }
        assert not wrong, f"{stack}: {wrong}"


def _assert_deletions_are_repaired(workspace: Workspace, lab: Lab) -> None:
    before = {stack: _account(workspace, lab, stack) for stack in (PLATFORM, AURORA)}
    deleted = {stack: gone.delete(account) for stack, account in before.items()}
    planned = workspace.plan()
    assert planned.code == 2, planned
    kinds = {
        account.values["components"][address]["kind"]
        for stack, account in before.items()
        for address in deleted[stack]
    }
    others = gone.HELD.keys() | gone.ELSEWHERE | gone.DATA
    assert kinds | others == KINDS, "a kind without a deletion"
    for stack, account in before.items():
        seen = _refreshed(workspace, stack)["components"]
        assert set(account.values["components"]) - set(seen) == deleted[stack], "what is missing"
        lines = changes_of(workspace, stack)
        # The routes follow their gateway.
        others = [line for line in lines if not line.startswith(("create ", "wait for "))]
        assert all("network/route/private/" in line for line in others), others
    _assert_repaired(workspace)


def _assert_changes_are_repaired(workspace: Workspace, lab: Lab) -> None:
    account = _account(workspace, lab, PLATFORM)
    kinds = {
        each["kind"]
        for address, each in account.values["components"].items()
        if any(f"update {address} ".startswith(line) for line, _ in changed.CHANGES)
    }
    others = changed.FIXED.keys() | changed.ELSEWHERE.keys()
    assert kinds | others == KINDS, "a kind without a change"
    assert not kinds & others
    for _, change in changed.CHANGES:
        change(account)
    lab.advance(3600)
    planned = workspace.plan()
    assert planned.code == 2, planned
    lines = changes_of(workspace, PLATFORM)
    missing = [line for line, _ in changed.CHANGES if not any(f.startswith(line) for f in lines)]
    assert not missing, f"not noticed: {missing}; noticed: {lines}"
    more = [f for f in lines if not any(f.startswith(line) for line, _ in changed.CHANGES)]
    assert not more, f"more than was changed: {more}"
    _assert_repaired(workspace)


def _assert_repaired(workspace: Workspace) -> None:
    repaired = workspace.apply()
    assert repaired.code == 0, repaired
    _is_stable(workspace)


def _refreshed(workspace: Workspace, address: str) -> dict:
    """The resource as the last plan has found it."""
    resources = workspace.planned()["prior_state"]["values"]["root_module"]["resources"]
    return next(found["values"] for found in resources if found["address"] == address)

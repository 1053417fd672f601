"""AWS and the network misbehave while an apply runs: the same command, again when need be, ends well."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from acceptance.conftest import CLOCK
from acceptance.stacks import KUBERNETES, MIDDLES, MORE, NETWORK, PATIENT, stack
from acceptance.test_interruption import assert_no_duplicates
from harness.cli import Cli, environment
from harness.lab import Lab
from harness.workspace import Run, Workspace

REPEATS = 2


@pytest.mark.parametrize(
    ("rule", "repeats"),
    [
        ({"kind": "throttle", "probability": 0.3}, 0),
        ({"kind": "error", "status": 503, "code": "ServiceUnavailable", "probability": 0.1}, 0),
        ({"kind": "reset", "probability": 0.1}, REPEATS),
    ],
    ids=["throttled", "unavailable", "reset"],
)
def test_a_rough_network_is_survived(
    workspace: Workspace, lab: Lab, rule: dict[str, Any], repeats: int
) -> None:
    # Attempts take real time, and a quarter of an hour of AWS, a component's limit, is little of that.
    workspace.env = workspace.env | {"STELLAR_CLOCK_FACTOR": str(CLOCK // 4)}
    workspace.write(stack(NETWORK, KUBERNETES))
    workspace.init()
    lab.faults(rule)

    applied = again(workspace, repeats)
    assert applied.code == 0, applied
    disturbed = [call for call in lab.log() if call["fault"]]
    assert len(disturbed) > 15, "the calls were hardly disturbed"
    lab.faults()
    assert workspace.plan().code == 0
    assert_no_duplicates(lab)

    # A pool more, another range of addresses, and every object gets another tag.
    wider = NETWORK.replace("{ cidr", '{ secondary_cidrs = ["10.9.0.0/16"], cidr')
    workspace.write(stack(wider, MORE, 'tags = { team = "web" }'))
    lab.faults(rule)
    changed = again(workspace, repeats)
    assert changed.code == 0, changed
    lab.faults()
    assert workspace.plan().code == 0
    assert_no_duplicates(lab)
    assert len(lab.client("eks").list_nodegroups(clusterName="shop")["nodegroups"]) == 2

    lab.faults(rule)
    destroyed = again(workspace, repeats, "destroy")
    assert destroyed.code == 0, destroyed
    assert lab.census() == {}


def test_an_endpoint_that_goes_away_and_comes_back_is_survived(
    tmp_path: Path, cli: Cli, configuration: Path
) -> None:
    world = tmp_path / "world"
    lab = Lab.start(CLOCK, tmp_path / "lab.log", state=world)
    try:
        workspace = Workspace(tmp_path / "stack", cli, environment(lab, configuration))
        workspace.write(stack(NETWORK, KUBERNETES, PATIENT))
        workspace.init()
        for command, section, (service, operation) in MIDDLES:
            workspace.write(stack(NETWORK, section, PATIENT))
            earlier = lab.made(service, operation)
            process = workspace.start(command, "-json", "-auto-approve", "-input=false")
            lab.wait_for(service, operation, 120, earlier + 1)
            lab.restart(world, tmp_path / f"lab-{command}-{operation}.log")
            done = workspace.finish(process)
            if done.code != 0:
                done = again(workspace, REPEATS - 1, command)
            assert done.code == 0, (operation, done)
            if command == "apply":
                assert workspace.plan().code == 0
                assert_no_duplicates(lab)
        assert lab.census() == {}
    finally:
        lab.stop()


def again(workspace: Workspace, repeats: int, command: str = "apply") -> Run:
    """Runs the command until it ends well, at most so many times more."""
    run: Run = getattr(workspace, command)()
    for _ in range(repeats):
        if run.code == 0:
            break
        run = getattr(workspace, command)()
    return run

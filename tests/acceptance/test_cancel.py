"""Ctrl-C: within five seconds, whatever AWS does, with everything on record; the next apply goes on."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from typing import Any

import pytest

from acceptance.stacks import ADDRESS, stack
from acceptance.test_taint import SMALL, vpcs
from harness.lab import Lab
from harness.workspace import Run, Workspace

PROMISED = 5.0
ARGUMENTS = ("-json", "-auto-approve", "-input=false")


def silent(service: str, operation: str) -> dict[str, Any]:
    """A call that gets no answer; it is done all the same, when the fault is taken back."""
    return {"service": service, "operation": operation, "kind": "hold"}


def interrupted(
    workspace: Workspace,
    lab: Lab,
    at: tuple[str, str],
    *arguments: str,
    signals: Sequence[signal.Signals] = (signal.SIGINT,),
) -> Run:
    """Starts a command, and sends the signals to its process group when the call is made."""
    before = lab.made(*at)
    process = workspace.start(*arguments)
    lab.wait_for(*at, times=before + 1)
    for number in signals:
        os.killpg(process.pid, number)
        time.sleep(0.3)
    run = workspace.finish(process)
    assert run.code == 1, run
    assert run.seconds < PROMISED * machine_is_busy(), run
    return run


def machine_is_busy() -> float:
    """How many times longer all takes, the CLI itself included, on a machine with more work than cores."""
    return 2 + 2 * os.getloadavg()[0] / (os.cpu_count() or 1)


def finishes(workspace: Workspace, lab: Lab) -> None:
    """The same command again, and nothing is there twice."""
    finished = workspace.apply()
    assert finished.code == 0, finished
    assert workspace.state()[ADDRESS]["values"]["status"] == "ready"
    assert len(vpcs(lab)) == 1
    assert len(lab.client("ec2").describe_subnets()["Subnets"]) == 6
    assert lab.changes("DeleteVpc") == []
    planned = workspace.plan()
    assert planned.code == 0, planned


@pytest.mark.parametrize(
    "signals",
    [(signal.SIGINT,), (signal.SIGINT, signal.SIGINT), (signal.SIGTERM,)],
    ids=["once", "twice", "terminated"],
)
def test_a_create_that_waits_for_an_answer(
    workspace: Workspace, lab: Lab, signals: tuple[signal.Signals, ...]
) -> None:
    workspace.write(stack(*SMALL))
    workspace.init()
    lab.faults(silent("ec2", "CreateVpcEndpoint"))
    stopped = interrupted(
        workspace, lab, ("ec2", "CreateVpcEndpoint"), "apply", *ARGUMENTS, signals=signals
    )
    lab.faults()
    if len(signals) == 1:
        found = workspace.state()[ADDRESS]["values"]
        assert found["status"] == "incomplete"
        assert "network/endpoint/s3" in found["pending"], stopped
        assert found["components"]["network/vpc"]["id"] == vpcs(lab)[0]
    finishes(workspace, lab)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_job_that_is_killed_while_it_stops(
    workspace: Workspace, lab: Lab, number: signal.Signals
) -> None:
    """What ends a CI job: a signal to all of its processes, and SIGKILL behind."""
    workspace.write(stack(*SMALL))
    workspace.init()
    lab.faults(silent("ec2", "CreateVpcEndpoint"))
    process = workspace.start("apply", *ARGUMENTS)
    lab.wait_for("ec2", "CreateVpcEndpoint")
    os.killpg(process.pid, number)
    os.killpg(process.pid, signal.SIGKILL)
    assert workspace.finish(process).code == -signal.SIGKILL
    lab.faults()
    finishes(workspace, lab)


def test_every_other_command_that_waits_for_an_answer(workspace: Workspace, lab: Lab) -> None:
    """Plan, refresh, update and destroy of one stack; throttling; a hold of somebody else."""
    workspace.write(stack(*SMALL))
    workspace.init()
    # Before there is anything: the plan asks for the claim.
    lab.faults(silent("logs", "ListTagsForResource"))
    interrupted(workspace, lab, ("logs", "ListTagsForResource"), "plan", "-json", "-input=false")
    lab.faults()
    assert lab.changes() == []
    assert workspace.apply().code == 0

    lab.faults(silent("ec2", "DescribeVpcs"))
    interrupted(workspace, lab, ("ec2", "DescribeVpcs"), "plan", "-json", "-input=false")
    lab.faults()
    assert workspace.plan().code == 0

    # An update: once without an answer, once throttled, once while somebody else works on the stack.
    workspace.write(stack(*SMALL, 'tags = { team = "web" }'))
    for fault in (
        silent("ec2", "CreateTags"),
        {"service": "ec2", "operation": "CreateTags", "kind": "throttle", "count": 0},
    ):
        lab.faults(fault)
        interrupted(workspace, lab, ("ec2", "CreateTags"), "apply", *ARGUMENTS)
        lab.faults()
        assert workspace.state()[ADDRESS]["values"]["pending"], "what was not done is pending"
        assert workspace.plan("-refresh=false").code == 2
    finishes(workspace, lab)
    logs = lab.client("logs")
    logs.create_log_stream(logGroupName="/stellar/shop", logStreamName="hold/000099")
    workspace.write(stack(*SMALL, 'tags = { team = "shop" }'))
    stopped = interrupted(workspace, lab, ("logs", "GetLogEvents"), "apply", *ARGUMENTS)
    assert "nothing was touched" in stopped.errors, stopped
    finishes(workspace, lab)

    lab.faults(silent("ec2", "DeleteVpcEndpoints"))
    interrupted(workspace, lab, ("ec2", "DeleteVpcEndpoints"), "destroy", *ARGUMENTS)
    lab.faults()
    assert workspace.state()[ADDRESS]["values"]["status"] == "incomplete"
    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed
    assert lab.census() == {}

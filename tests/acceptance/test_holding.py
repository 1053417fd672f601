"""At most one operation works on a stack; whoever dies holds nobody up for long."""

from __future__ import annotations

import json

from acceptance.stacks import KUBERNETES, NETWORK, stack
from harness.lab import Lab
from harness.workspace import Workspace

TAGS = 'tags = { team = "web" }'
SLOW = {"service": "eks", "operation": "CreateAddon", "kind": "delay", "seconds": 1, "count": 0}


def journal(lab: Lab, name: str = "shop") -> list[str]:
    """Every line of every operation on the stack."""
    logs = lab.client("logs")
    group = f"/stellar/{name}"
    streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix="journal/")[
        "logStreams"
    ]
    return [
        event["message"]
        for stream in streams
        for event in logs.get_log_events(
            logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
        )["events"]
    ]


def test_the_second_of_two_applies_at_one_moment_changes_nothing(
    workspace: Workspace, lab: Lab
) -> None:
    workspace.write(stack(NETWORK))
    workspace.init()
    assert workspace.apply().code == 0
    workspace.write(stack(NETWORK, KUBERNETES))
    arguments = ("apply", "-json", "-auto-approve", "-input=false", "-lock=false")
    lab.faults(SLOW)
    first = workspace.start(*arguments)
    lab.wait_for("eks", "CreateCluster")

    second = workspace.apply("-lock=false", "-state-out=other.tfstate")
    assert second.code == 1, second
    assert "nother operation has worked on the stack" in second.errors
    assert workspace.finish(first).code == 0
    assert len(lab.client("eks").list_clusters()["clusters"]) == 1
    assert workspace.plan().code == 0


def test_the_journal_shows_what_was_done(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK))
    workspace.init()
    assert workspace.apply().code == 0
    lines = journal(lab)
    assert any("network/vpc  created vpc-" in line for line in lines), lines


def test_an_apply_succeeds_when_the_journal_cannot_be_written(
    workspace: Workspace, lab: Lab
) -> None:
    refused = {"service": "logs", "operation": "PutLogEvents", "kind": "error", "count": 0}
    # What is remembered of the configuration is written by the same call, first; without it nothing begins.
    lab.faults(refused | {"code": "AccessDeniedException", "status": 400, "skip": 2})
    workspace.write(stack(NETWORK))
    workspace.init()
    applied = workspace.apply()
    assert applied.code == 0, applied
    assert any(call["fault"] for call in lab.log()), json.dumps(lab.log()[-1])
    lab.faults()
    assert workspace.plan().code == 0

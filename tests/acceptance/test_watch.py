"""Progress from the outside: the journal, `watch`, and the report of each operation."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from acceptance.stacks import KUBERNETES, NETWORK, stack
from acceptance.test_commands import stellar
from harness.cli import provider_binary
from harness.lab import Lab
from harness.workspace import Workspace

ARGUMENTS = ("-json", "-auto-approve", "-input=false")
SLOW = {"service": "eks", "operation": "CreateAddon", "kind": "delay", "seconds": 1, "count": 0}


def watching(workspace: Workspace, *options: str) -> subprocess.Popen[str]:
    """Starts `watch` on the stack, with its output in a pipe."""
    return subprocess.Popen(
        [provider_binary(), "watch", "shop", "--region", "us-east-1", *options],
        env=workspace.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def told(lab: Lab) -> list[str]:
    """Every line of the journals, as `aws logs tail` shows them."""
    pages = lab.client("logs").get_paginator("filter_log_events")
    found = pages.paginate(logGroupName="/stellar/shop", logStreamNamePrefix="journal/")
    events = [event for page in found for event in page["events"]]
    # moto answers the events of every stream.
    return [e["message"] for e in events if e["logStreamName"].startswith("journal/")]


def test_an_operation_can_be_followed_and_leaves_a_report(
    workspace: Workspace, lab: Lab, tmp_path: Path
) -> None:
    code, said = stellar(workspace, "watch", "shop")
    assert (code, "There is no stack shop in us-east-1" in said) == (2, True), said

    reports = tmp_path / "reports"
    workspace.env = workspace.env | {"STELLAR_REPORT_DIR": str(reports)}
    workspace.write(stack(NETWORK, KUBERNETES))
    workspace.init()
    lab.faults(SLOW)
    apply = workspace.start("apply", *ARGUMENTS)
    lab.wait_for("eks", "CreateCluster")
    follower = watching(workspace)
    code, picture = stellar(workspace, "watch", "shop", "--once")
    assert code == 3, picture
    # Its first lines are perhaps still on their way.
    assert "shop in us-east-1" in picture, picture
    assert "wait for cluster" in picture
    assert workspace.finish(apply).code == 0
    out, _ = follower.communicate(timeout=60)
    assert follower.returncode == 0, out
    assert "network/vpc  created vpc-" in out
    assert re.search(r"create ended well: \d+ components", out), out

    lines = told(lab)
    assert re.match(r"stellar \d+\.\d+\.\d+: create of shop in us-east-1 by arn:aws:", lines[0])
    assert str(workspace.directory) in lines[0]
    assert any(line.startswith("plan: create ") and "network/vpc" in line for line in lines)
    assert any(re.search(r"kubernetes/cluster  finished after \d+ s", line) for line in lines)
    code, picture = stellar(workspace, "watch", "shop")
    assert (code, "create ended well after" in picture or "create ended well:" in picture) == (
        0,
        True,
    )

    (report,) = reports.iterdir()
    page = report.read_text()
    assert report.name.startswith("shop-")
    assert report.name.endswith("-create.html")
    for part in ("ended well", "Critical path", "node-pool/general", "eks:CreateCluster"):
        assert part in page, part
    assert not re.search(r"<script|https?://", page), "nothing is run or fetched"

    fails(workspace, lab, reports)
    goes(workspace, lab, reports)


def fails(workspace: Workspace, lab: Lab, reports: Path) -> None:
    """An update that fails is told with its reason, by every means."""
    more = KUBERNETES.replace(
        "general =", 'more = { instance_types = ["m5.large"], min = 1, max = 2 }, general ='
    )
    workspace.write(stack(NETWORK, more))
    lab.faults(
        {
            "service": "eks",
            "operation": "CreateNodegroup",
            "kind": "error",
            "code": "InvalidParameterException",
            "message": "not <this> one",
            "status": 400,
            "count": 0,
        }
    )
    assert workspace.apply().code == 1
    lab.faults()
    code, said = stellar(workspace, "watch", "shop", "--once")
    assert code == 1, said
    assert "not <this> one" in said
    assert "update failed after" in said
    assert any("update failed: " in line for line in told(lab))
    (page,) = [each.read_text() for each in reports.glob("*-update.html")]
    assert "What went wrong" in page
    assert "not &lt;this&gt; one" in page


def goes(workspace: Workspace, lab: Lab, reports: Path) -> None:
    """A destroy takes its journal along; who watches is told all the same. A report that cannot be written is a warning."""
    full = reports.parent / "a-file"
    full.write_text("")
    lab.faults(SLOW | {"operation": "DeleteCluster"})
    destroy = workspace.start("destroy", *ARGUMENTS)
    lab.wait_for("eks", "DeleteNodegroup")
    watch = watching(workspace)
    assert workspace.finish(destroy).code == 0
    out, _ = watch.communicate(timeout=60)
    assert watch.returncode == 0, out
    assert "kubernetes/cluster  deleting" in out
    assert len(list(reports.glob("*-destroy.html"))) == 1
    workspace.write(stack('network = { cidr = "10.0.0.0/16", zone_count = 2, nat = "none" }'))
    applied = workspace.apply(STELLAR_REPORT_DIR=str(full))
    assert applied.code == 0, applied
    assert "The report was not written" in applied.warnings

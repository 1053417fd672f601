"""Progress from the outside: the journal, `watch`, and the report of each operation."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import time
from pathlib import Path
from typing import Any

from acceptance.stacks import KUBERNETES, NETWORK, PATIENT, stack
from acceptance.test_commands import stellar
from harness.cli import provider_binary
from harness.lab import Lab
from harness.workspace import Workspace

ARGUMENTS = ("-json", "-auto-approve", "-input=false")
WATCH = ("watch", "shop", "--region", "us-east-1")
LIMIT = 60
COLUMNS = 80
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def held(operation: str) -> dict[str, Any]:
    """A call that is answered when the faults are replaced: time stands still at that point."""
    return {"service": "eks", "operation": operation, "kind": "hold"}


def pictured(workspace: Workspace, *parts: str) -> str:
    """The picture of a moment at which it shows all of this, which has to come."""
    deadline = time.monotonic() + LIMIT
    while True:
        code, picture = stellar(workspace, "watch", "shop", "--once")
        if code == 3 and all(part in picture for part in parts):
            return picture
        assert time.monotonic() < deadline, f"never {parts}, but at last {code}:\n{picture}"


def piped(workspace: Workspace) -> subprocess.Popen[str]:
    """Starts `watch` with its output in a pipe."""
    return subprocess.Popen(
        [provider_binary(), *WATCH],
        env=workspace.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


class Terminal:
    """`watch` on a terminal of 80 columns."""

    def __init__(self, workspace: Workspace) -> None:
        self._own, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
        self._process = subprocess.Popen(
            [provider_binary(), *WATCH],
            env=workspace.env | {"TERM": "xterm"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)

    def watched(self) -> tuple[int, str]:
        """Its exit code and all its pictures, without what moves and paints them."""
        written = b""
        while True:
            try:
                part = os.read(self._own, 65536)
            except OSError:  # As Linux ends what a terminal's last user has left.
                break
            if not part:
                break
            written += part
        os.close(self._own)
        return self._process.wait(LIMIT), CONTROL.sub("", written.decode())


def told(lab: Lab, prefix: str = "journal/") -> list[str]:
    """Every line of these streams, as `aws logs tail /stellar/shop --log-stream-name-prefix …` shows them."""
    pages = lab.client("logs").get_paginator("filter_log_events")
    found = pages.paginate(logGroupName="/stellar/shop", logStreamNamePrefix=prefix)
    return [event["message"] for page in found for event in page["events"]]


def test_an_operation_can_be_followed_and_leaves_a_report(
    workspace: Workspace, lab: Lab, tmp_path: Path
) -> None:
    code, said = stellar(workspace, "watch", "shop")
    assert (code, "There is no stack shop in us-east-1" in said) == (2, True), said

    reports = tmp_path / "reports"
    workspace.env = workspace.env | {"STELLAR_REPORT_DIR": str(reports)}
    workspace.write(stack(NETWORK, KUBERNETES, PATIENT))
    workspace.init()
    lab.faults(held("CreateCluster"))
    apply = workspace.start("apply", *ARGUMENTS)
    picture = pictured(workspace, "✓ network", "▶ cluster")
    assert "shop in us-east-1 · create · " in picture
    assert re.search(r"· \d+ of \d+ done · about \d+ min left\n", picture), picture
    assert re.search(r"▶ cluster +[\d:]+ of about 9:00\n", picture), picture
    assert re.search(r"· \d+ wait for cluster: addon", picture), picture
    assert f":{workspace.directory}, stellar " in picture
    follower, terminal = piped(workspace), Terminal(workspace)
    first = follower.stdout.readline()
    lab.faults()
    assert workspace.finish(apply).code == 0
    # Not by `communicate`, which skips what the first read has buffered.
    rest = follower.stdout.read()
    assert follower.wait(LIMIT) == 0, rest
    assert re.match(r"stellar \d+\.\d+\.\d+: create of shop in us-east-1 by arn:aws:", first)
    assert "network/vpc  created vpc-" in rest
    assert re.search(r"create ended well: \d+ components", rest), rest
    code, pictures = terminal.watched()
    assert code == 0, pictures
    assert "wait for cluster: " in pictures
    assert "✓ kubernetes" in pictures
    assert pictures.rstrip().splitlines()[-1].startswith("create ended well after"), pictures
    assert max(map(len, pictures.splitlines())) <= COLUMNS

    lines = told(lab)
    assert lines[0] == first.rstrip("\n")
    assert str(workspace.directory) in lines[0]
    assert any(line.startswith("plan: create ") and "network/vpc" in line for line in lines)
    assert any(re.search(r"kubernetes/cluster  finished after \d+ s", line) for line in lines)
    assert not any("alive" in line for line in lines), "the heartbeats stand elsewhere"
    assert any("alive" in line for line in told(lab, "hold/"))
    code, picture = stellar(workspace, "watch", "shop")
    assert (code, "create ended well: " in picture) == (0, True), picture

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
    workspace.write(stack(NETWORK, more, PATIENT))
    reason = "not <this> one"
    refusal = {"code": "InvalidParameterException", "message": reason, "status": 400, "count": 0}
    rule = {"service": "eks", "operation": "CreateNodegroup", "kind": "error"}
    lab.faults(rule | refusal)
    assert workspace.apply().code == 1
    lab.faults()
    code, said = stellar(workspace, "watch", "shop", "--once")
    assert code == 1, said
    assert reason in said
    assert "update failed after" in said
    assert any("update failed: " in line for line in told(lab))
    (page,) = [each.read_text() for each in reports.glob("*-update.html")]
    assert "What went wrong" in page
    assert "not &lt;this&gt; one" in page


def goes(workspace: Workspace, lab: Lab, reports: Path) -> None:
    """A destroy is followed to its end, with which its journal goes; its report stays."""
    lab.faults(held("DeleteCluster"))
    destroy = workspace.start("destroy", *ARGUMENTS)
    picture = pictured(workspace, "▶ cluster", "wait for cluster: key, log-group")
    assert "shop in us-east-1 · destroy · " in picture
    follower = piped(workspace)
    first = follower.stdout.readline()
    lab.faults()
    assert workspace.finish(destroy).code == 0
    rest = follower.stdout.read()
    assert follower.wait(LIMIT) == 0, rest
    assert ": destroy of shop in us-east-1 by arn:aws:" in first
    # The journal's last line is there for a moment only: the group that holds it goes right after.
    assert re.search(r"destroy ended well: |The stack shop is destroyed", rest), rest
    assert lab.census() == {}
    (page,) = [each.read_text() for each in reports.glob("*-destroy.html")]
    assert "eks:DeleteCluster" in page


def test_a_report_that_cannot_be_written_is_a_warning(
    workspace: Workspace, lab: Lab, tmp_path: Path
) -> None:
    full = tmp_path / "a-file"
    full.write_text("")
    workspace.write(stack('network = { cidr = "10.0.0.0/16", zone_count = 2, nat = "none" }'))
    workspace.init()
    applied = workspace.apply(STELLAR_REPORT_DIR=str(full))
    assert applied.code == 0, applied
    assert "The report was not written" in applied.warnings

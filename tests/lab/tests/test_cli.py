"""`python -m lab`: what a caller relies on when it starts and ends the lab."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
import urllib.request

import pytest


def start(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "lab", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_when_it_is_ready_and_ends_on_a_signal(number):
    process = start("--port", "0", "--clock", "600")
    line = process.stdout.readline()
    address = re.fullmatch(r"lab ready on (http://127\.0\.0\.1:\d+)\n", line)
    assert address, line
    with urllib.request.urlopen(f"{address[1]}/_lab/clock") as answer:
        clock = json.load(answer)
    assert (clock["factor"], clock["instant"]) == (600, False)
    assert abs(clock["now"] - time.time()) < 600 * 60
    process.send_signal(number)
    assert process.wait(5) == 0
    assert process.stderr.read() == ""


def test_a_port_in_use_is_one_clear_line(lab):
    port = lab.server.url.rsplit(":", 1)[-1]
    process = start("--port", port)
    assert process.wait(20) == 1
    assert process.stderr.read() == f"lab: cannot listen on port {port}: Address already in use\n"


def test_a_clock_that_stands_still_is_refused():
    process = start("--clock", "0")
    assert process.wait(20) == 2
    assert "--clock must be above 0" in process.stderr.read()

"""`python -m lab`: what a caller relies on when it starts and ends the lab."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
import urllib.request

import boto3
import pytest

from lab.__main__ import main


def start(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "lab", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


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
    assert process.wait(20) == 0
    assert process.stderr.read() == ""


def test_a_port_in_use_is_one_clear_line(lab, capsys):
    port = lab.server.url.rsplit(":", 1)[-1]
    assert main(["--port", port]) == 1
    wanted = f"lab: cannot listen on port {port}: Address already in use\n"
    assert capsys.readouterr().err == wanted


def test_a_world_outlives_its_process(tmp_path):
    file = tmp_path / "world"
    for groups in (0, 1):
        process = start("--port", "0", "--state", str(file))
        logs = boto3.client(
            "logs",
            region_name="us-east-1",
            endpoint_url=process.stdout.readline().split()[-1],
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        assert len(logs.describe_log_groups()["logGroups"]) == groups
        logs.create_log_group(logGroupName=f"/{groups}")
        process.terminate()
        assert process.wait(20) == 0


def test_a_file_that_holds_no_world_is_one_clear_line(tmp_path, capsys):
    file = tmp_path / "world"
    file.write_text("nothing")
    assert main(["--port", "0", "--state", str(file)]) == 1
    assert capsys.readouterr().err.startswith(f"lab: cannot go on: {file} holds no world")


@pytest.mark.parametrize("factor", ["0", "-1", "fast"])
def test_a_clock_factor_is_a_number_above_0(factor, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--clock", factor])
    assert ended.value.code == 2
    assert "argument --clock" in capsys.readouterr().err

"""Terragrunt: units that depend on each other, applied, interrupted, planned and destroyed together."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from acceptance.stacks import NETWORK, stack
from harness.lab import Lab
from harness.workspace import LIMIT, Workspace

TERRAGRUNT = shutil.which("terragrunt")
PLATFORM = (
    stack(NETWORK)
    + """
output "name" {
  value = stellar_cluster.this.name
}
"""
)
APPLICATION = """
terraform {
  required_providers {
    stellar = { source = "stellar/stellar" }
  }
}

provider "stellar" {
  region = "us-east-1"
}

variable "platform" {
  type = string
}

data "stellar_cluster" "platform" {
  name = var.platform
}

output "vpc_id" {
  value = data.stellar_cluster.platform.vpc.id
}
"""
BESIDE = """
remote_state {
  backend  = "local"
  generate = { path = "backend.tf", if_exists = "overwrite" }
  config   = { path = "${get_terragrunt_dir()}/terraform.tfstate" }
}
"""
DEPENDENT = """
dependency "platform" {
  config_path = "../platform"
}

inputs = {
  platform = dependency.platform.outputs.name
}
"""


class Live:
    """The directory of a live configuration with two units."""

    def __init__(self, workspace: Workspace) -> None:
        self.directory = workspace.directory
        self.env = workspace.env | {"TG_TF_PATH": workspace.cli.path or workspace.cli.name}
        for unit, configuration, terragrunt in (
            ("platform", PLATFORM, ""),
            ("application", APPLICATION, DEPENDENT),
        ):
            place = self.directory / unit
            place.mkdir()
            (place / "main.tf").write_text(configuration)
            (place / "terragrunt.hcl").write_text(BESIDE + terragrunt)

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Starts a command in all units, in a process group of its own, which Ctrl-C reaches as a whole."""
        return subprocess.Popen(
            [TERRAGRUNT or "terragrunt", "run", "--all", "--non-interactive", "--", *command],
            cwd=self.directory,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *command: str) -> tuple[int, str]:
        """Runs a command in all units: exit code and output."""
        process = self.start(*command)
        output, _ = process.communicate(timeout=LIMIT)
        return process.returncode, output

    def state(self, unit: str) -> Path:
        """The state file of a unit."""
        return self.directory / unit / "terraform.tfstate"


@pytest.mark.skipif(TERRAGRUNT is None, reason="missing: terragrunt")
def test_units_live_together_and_an_interrupted_apply_goes_on(
    workspace: Workspace, lab: Lab
) -> None:
    live = Live(workspace)
    interrupted = live.start("apply", "-auto-approve", "-input=false")
    lab.wait_for("ec2", "CreateNatGateway")
    os.killpg(interrupted.pid, signal.SIGINT)
    output, _ = interrupted.communicate(timeout=LIMIT)
    assert live.state("platform").exists(), output
    assert "stellar_cluster" in live.state("platform").read_text()
    assert not live.state("application").exists(), "what depends on the platform has not begun"

    code, output = live.run("apply", "-auto-approve", "-input=false")
    assert code == 0, output
    assert "vpc-" in live.state("application").read_text()
    code, output = live.run("plan", "-detailed-exitcode", "-input=false")
    assert code == 0, output
    code, output = live.run("destroy", "-auto-approve", "-input=false")
    assert code == 0, output
    assert lab.census() == {}

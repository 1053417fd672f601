"""Terraform Cloud's way: each plan and each apply on a worker of its own, with dynamic credentials and no home to write to."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from acceptance.stacks import ADDRESS, KUBERNETES, MORE, NETWORK, stack
from acceptance.test_credentials import KEYLESS
from acceptance.test_interruption import assert_no_duplicates
from acceptance.test_provider import ROLE, make_role
from harness.cli import REGISTRIES, VERSION, provider_binary, target_platform
from harness.lab import Lab
from harness.workspace import Workspace

VARIABLE = """
variable "tfc_aws_dynamic_credentials" {
  type = object({
    default = object({ shared_config_file = string })
    aliases = map(object({ shared_config_file = string }))
  })
}
"""
TAGGED = """region = "us-east-1"
  shared_config_files = [var.tfc_aws_dynamic_credentials.aliases["prod"].shared_config_file]"""


class Cloud:
    """A workspace there: its state, and a fresh directory, token and provider for every job."""

    def __init__(self, directory: Path, model: Workspace) -> None:
        self.directory = directory
        self.model = model
        self.jobs = 0
        self.saved = b""
        self.config = directory / "config"
        self.token = directory / "token"

    def job(self, *sections: str) -> Workspace:
        """A worker with the configuration, initialized; the plan of the job before is there."""
        self.jobs += 1
        self.token.write_text(f"header.run{self.jobs}.signature\n")
        self.config.write_text(
            f"[default]\nrole_arn = {ROLE}\nweb_identity_token_file = {self.token}\n"
            "role_session_name = tfc\n"
        )
        settings = {
            "HOME": os.devnull,
            "TF_CLI_CONFIG_FILE": os.devnull,
            "TF_IN_AUTOMATION": "true",
            "TFC_RUN_ID": f"run-{self.jobs}",
            "TFC_WORKSPACE_NAME": "shop-prod",
            "TFC_WORKSPACE_SLUG": "acme/shop-prod",
            "TF_VAR_tfc_aws_dynamic_credentials": (
                f'{{ default = {{ shared_config_file = "" }}, aliases = {{ prod = {{ '
                f'shared_config_file = "{self.config}" }} }} }}'
            ),
        }
        env = self.model.env | KEYLESS | settings
        worker = Workspace(self.directory / f"worker-{self.jobs}", self.model.cli, env)
        # The program beside the configuration, as the guide says; the state is where all workers reach it.
        for registry in REGISTRIES:
            plugins = worker.directory / "terraform.d/plugins" / registry / "stellar/stellar"
            package = plugins / VERSION / target_platform()
            package.mkdir(parents=True)
            (package / f"terraform-provider-stellar_v{VERSION}").symlink_to(provider_binary())
        state = self.directory / "state" / "terraform.tfstate"
        text = stack(*sections).replace('region = "us-east-1"', TAGGED, 1)
        backend = f'terraform {{\n  backend "local" {{ path = "{state}" }}\n}}\n'
        worker.write(text + VARIABLE + backend)
        (worker.directory / "plan.out").write_bytes(self.saved)
        worker.init()
        return worker

    def plan(self, *sections: str, options: tuple[str, ...] = ()) -> int:
        """A plan job; its plan is kept for the apply job."""
        worker = self.job(*sections)
        planned = worker.plan(*options)
        assert planned.code != 1, planned
        self.saved = (worker.directory / "plan.out").read_bytes()
        return planned.code


def test_plans_and_applies_on_different_workers_survive_a_cancel_and_a_lost_worker(
    workspace: Workspace, lab: Lab, tmp_path: Path
) -> None:
    make_role(lab)
    cloud = Cloud(tmp_path, workspace)
    create = (NETWORK, KUBERNETES)
    assert cloud.plan(*create) == 2
    worker = cloud.job(*create)
    process = worker.start("apply", "-json", "-input=false", "plan.out")
    lab.wait_for("eks", "CreateCluster")
    # A cancelled run: the program is asked to end, and its child is not.
    os.kill(process.pid, signal.SIGINT)
    cancelled = worker.finish(process)
    assert cancelled.code == 1, cancelled
    assert worker.state()[ADDRESS]["values"]["status"] == "incomplete"

    assert cloud.plan(*create) == 2
    finished = cloud.job(*create).apply("plan.out")
    assert finished.code == 0, finished
    assert cloud.plan(*create) == 0
    assert_no_duplicates(lab)

    grown = (NETWORK, MORE)
    assert cloud.plan(*grown) == 2
    process = cloud.job(*grown).start("apply", "-json", "-input=false", "plan.out")
    lab.wait_for("eks", "CreateNodegroup", times=2)
    # A worker that is lost, whole.
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    (tmp_path / "state" / ".terraform.tfstate.lock.info").unlink(missing_ok=True)
    assert cloud.plan(*grown) == 2
    finished = cloud.job(*grown).apply("plan.out")
    assert finished.code == 0, finished
    assert cloud.plan(*grown) == 0
    assert lab.made("eks", "CreateNodegroup") == 2

    assert cloud.plan(*grown, options=("-destroy",)) == 2
    destroyed = cloud.job(*grown).apply("plan.out")
    assert destroyed.code == 0, destroyed
    assert lab.census() == {"global iam/role": ["deploy"]}

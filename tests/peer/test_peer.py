"""HashiCorp's AWS provider applies the minimum platform on the lab, changes it and takes it down.

Where the two disagree, one of them is wrong about AWS; each such place is said here. So far:
- Log groups that RDS makes for exported logs stay when the database goes, as they do on AWS: the
  provider does not know them, the census rightly shows them.

The provider waits a minute or more for every change of a database, whatever the lab says. The run
with databases takes minutes and is therefore only made with `PEER=full`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.cli import TERRAFORM, lab_settings
from harness.lab import Lab
from harness.workspace import Workspace

PROVIDER = "terraform-provider-aws"
PLATFORM = Path(__file__).parent / "platform"
PARALLEL = "-parallelism=60"
"""The provider mostly waits: in parallel it waits less."""
CHANGES = ("-var=ai_nodes=3", "-var=cached_days=2", "-var=database_gb=600")
LOGS_OF_RDS = {"us-east-1 logs/group": ["/aws/rds/instance/peer/postgresql"]}


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A lab in which nothing takes time; the provider has its own fixed delays."""
    lab = Lab.start(600, tmp_path / "lab.log", instant=True)
    yield lab
    lab.stop()


@pytest.fixture
def workspace(tmp_path: Path, lab: Lab) -> Workspace:
    """The configuration, with the provider that is on the PATH."""
    binary = shutil.which(PROVIDER)
    if binary is None or TERRAFORM.path is None:
        pytest.skip(f"missing: {PROVIDER} and terraform")
    folder = Path(binary).parent
    configuration = tmp_path / "cli.tfrc"
    configuration.write_text(
        f'provider_installation {{\n  dev_overrides {{ "hashicorp/aws" = "{folder}" }}\n}}\n'
    )
    shutil.copytree(PLATFORM, tmp_path / "platform")
    env = os.environ | lab_settings(lab, configuration) | {"TF_VAR_endpoint": lab.url}
    return Workspace(tmp_path / "platform", TERRAFORM, env, limit=900)


@pytest.mark.parametrize("databases", [False, True], ids=["quick", "full"])
def test_the_peer_lives_on_the_lab_from_create_to_destroy(
    workspace: Workspace, lab: Lab, databases: bool
) -> None:
    if databases and os.environ.get("PEER") != "full":
        pytest.skip("databases take the AWS provider ten minutes: set PEER=full")
    options = (f"-var=databases={str(databases).lower()}",)
    created = workspace.apply(PARALLEL, *options)
    assert created.code == 0, created
    assert workspace.plan(*options).code == 0, "the plan after the apply is not empty"

    changed = workspace.apply(PARALLEL, *options, *CHANGES)
    assert changed.code == 0, changed
    assert changed.summary == {"add": 0, "change": 2 + databases, "remove": 0}
    assert workspace.plan(*options, *CHANGES).code == 0, "the plan after the change is not empty"

    destroyed = workspace.destroy(PARALLEL, "-refresh=false", *options, *CHANGES)
    assert destroyed.code == 0, destroyed
    assert lab.census() == (LOGS_OF_RDS if databases else {})
    unknown = {
        (call["service"], call["operation"])
        for call in lab.log()
        if call["error"] == "NotImplemented"
    }
    assert unknown == set()

"""What an interrupted update has made is known, whatever Terraform's state knows: nothing of it is left behind."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from acceptance.stacks import ADDRESS, KUBERNETES, stack
from acceptance.test_commands import stellar
from harness.lab import Lab
from harness.workspace import Workspace

NETWORK = 'network = { cidr = "10.0.0.0/16", zone_count = 2, nat = "none"%s }'
POOL = 'more = { instance_types = ["m5.large"], min = 1, max = 2 }, general ='
SMALL = (NETWORK % "", KUBERNETES)
LARGE = (NETWORK % ', endpoints = ["ecr.api"]', KUBERNETES.replace("general =", POOL))
BUCKET = "buckets = { reports = {} }"
KILLS = [
    ("ec2", "CreateSecurityGroup", "after"),
    ("ec2", "CreateVpcEndpoint", "before"),
    ("ec2", "CreateLaunchTemplate", "after"),
    ("eks", "CreateNodegroup", "after"),
]


class Grown:
    """A small stack, to which a world goes back before each attempt to enlarge it."""

    def __init__(self, workspace: Workspace, lab: Lab) -> None:
        self.workspace, self.lab = workspace, lab
        workspace.write(stack(*SMALL))
        workspace.init()
        applied = workspace.apply()
        assert applied.code == 0, applied
        assert workspace.plan().code == 0
        self.objects = lab.census()
        self.file = workspace.directory / "terraform.tfstate"
        self.state = self.file.read_text()
        self.world = lab.snapshot()

    def enlarged(self, *sections: str, kill: tuple[str, str, str] | None) -> None:
        """The stack after an update that was killed; without a kill after one of which Terraform has stored nothing."""
        self.lab.restore(self.world)
        self.file.write_text(self.state)
        self.workspace.write(stack(*sections))
        if kill is not None:
            names = dict(zip(("service", "operation", "when"), kill, strict=True))
            self.lab.faults({"kind": "kill"} | names)
        applied = self.workspace.apply()
        assert applied.code == (0 if kill is None else 1), applied
        self.lab.faults()
        if kill is None:
            self.file.write_text(self.state)


def test_growth_that_was_interrupted_goes_when_it_is_not_wanted_any_more(
    workspace: Workspace, lab: Lab
) -> None:
    grown = Grown(workspace, lab)
    for kill in [*KILLS, None]:
        grown.enlarged(*LARGE, kill=kill)
        workspace.write(stack(*SMALL))
        reverted = workspace.apply()
        assert reverted.code == 0, (kill, reverted)
        assert lab.census() == grown.objects, kill
        if kill:
            assert "An operation that was interrupted is taken over" in reverted.warnings
            assert "aws logs tail /stellar/shop --log-stream-names journal/" in reverted.warnings
        planned = workspace.plan()
        assert planned.code == 0, (kill, planned)

    # Without a refresh nothing shows it, but what is applied then finds it too.
    grown.enlarged(*LARGE, kill=("eks", "CreateNodegroup", "after"))
    workspace.write(stack(NETWORK % "", KUBERNETES.replace("max = 4", "max = 5")))
    reverted = workspace.apply("-refresh=false")
    assert reverted.code == 0, reverted
    assert lab.census() == grown.objects
    assert workspace.plan().code == 0

    # Data is named before it goes, although it is only as old as the interrupted update.
    grown.enlarged(*SMALL, BUCKET, kill=("s3", "PutBucketVersioning", "before"))
    workspace.write(stack(*SMALL))
    refused = workspace.apply()
    assert refused.code == 1, refused
    (bucket,) = lab.client("s3").list_buckets()["Buckets"]
    named = set(re.findall(r"[\w/-]+@[\w-]+", refused.errors))
    assert f"buckets/bucket/reports@{bucket['Name']}" in named, refused
    workspace.write(stack(*SMALL, f"allow_replace = {json.dumps(sorted(named))}"))
    reverted = workspace.apply()
    assert reverted.code == 0, reverted
    assert lab.census() == grown.objects


@pytest.mark.parametrize("without_state", [False, True], ids=["terraform destroy", "destroy NAME"])
def test_growth_that_was_interrupted_goes_with_its_stack(
    workspace: Workspace, lab: Lab, without_state: bool
) -> None:
    grown = Grown(workspace, lab)
    kills: list[Any] = [("eks", "CreateNodegroup", "after"), ("s3", "CreateBucket", "after"), None]
    for kill in kills:
        grown.enlarged(*LARGE, BUCKET, kill=kill)
        if without_state:
            workspace.forget()
            code, printed = stellar(workspace, "destroy", "shop", "--confirm", "shop")
            assert code == 0, (kill, printed)
        else:
            destroyed = workspace.destroy()
            assert destroyed.code == 0, (kill, destroyed)
            assert ADDRESS not in workspace.state()
        assert lab.census() == {}, kill

"""Credentials that end while an apply runs: renewed ones go on without a word, lost ones are told and lose nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.stacks import ADDRESS, KUBERNETES, MIDDLES, MORE, NETWORK, PATIENT, stack
from acceptance.test_interruption import assert_no_duplicates
from acceptance.test_provider import ROLE, make_role
from harness.lab import Lab
from harness.sts import ShortLived
from harness.workspace import Workspace

ADVICE = "aws sts get-caller-identity"
KEYLESS = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
EARLY = 10
"""Seconds before their end at which new ones are asked for: the provider's own."""


def test_credentials_that_expire_in_the_middle_are_told_and_fresh_ones_finish(
    workspace: Workspace, lab: Lab
) -> None:
    workspace.write(stack(NETWORK, KUBERNETES, PATIENT))
    workspace.init()
    for number, (command, section, (service, operation)) in enumerate(MIDDLES):
        workspace.write(stack(NETWORK, section, PATIENT))
        key = f"key{number}"
        workspace.env["AWS_ACCESS_KEY_ID"] = key
        earlier = lab.made(service, operation)
        process = workspace.start(command, "-json", "-auto-approve", "-input=false")
        lab.wait_for(service, operation, 180, earlier + 1)
        lab.faults({"kind": "expire", "seconds": 0, "access_key": key})
        broken = workspace.finish(process)
        assert broken.code == 1, broken
        said = broken.errors + broken.warnings
        assert "The credentials have expired" in said, broken
        assert said.count(ADVICE) == 1, "the message says what to do, once"
        assert broken.seconds < 90, broken
        assert workspace.state()[ADDRESS]["values"]["status"] == "incomplete"

        workspace.env["AWS_ACCESS_KEY_ID"] = "fresh"
        finished = getattr(workspace, command)()
        assert finished.code == 0, finished
        if command == "apply":
            assert workspace.plan().code == 0
            assert_no_duplicates(lab)
    assert lab.census() == {}


def test_a_shared_file_that_is_written_again_is_read_again(
    workspace: Workspace, lab: Lab, tmp_path: Path
) -> None:
    file = tmp_path / "credentials"

    def login(key: str) -> None:
        file.write_text(f"[default]\naws_access_key_id = {key}\naws_secret_access_key = test\n")

    login("stale")
    workspace.env |= KEYLESS | {"AWS_SHARED_CREDENTIALS_FILE": str(file)}
    workspace.write(stack(NETWORK, KUBERNETES))
    workspace.init()
    process = workspace.start("apply", "-json", "-auto-approve", "-input=false")
    lab.wait_for("eks", "CreateCluster")
    login("fresh-from-a-login")
    # What was signed before is answered by then, and the cluster is still being made.
    lab.faults({"kind": "expire", "seconds": 120, "access_key": "stale"})
    applied = workspace.finish(process)
    assert applied.code == 0, applied
    assert "expired" not in applied.warnings
    assert lab.made("eks", "CreateNodegroup") == 1
    assert workspace.plan().code == 0

    login("stale")
    refused = workspace.plan()
    assert refused.code == 1, "the old ones are of no use any more"
    assert "The credentials have expired" in refused.errors, refused


@pytest.fixture
def sts(lab: Lab) -> Iterator[ShortLived]:
    # Too short to be kept: each call asks for new ones, however quick the whole apply is.
    service = ShortLived(lab.url, EARLY / 2)
    yield service
    service.stop()


def test_sessions_are_renewed_while_an_apply_runs(
    workspace: Workspace, lab: Lab, sts: ShortLived, tmp_path: Path
) -> None:
    make_role(lab)
    token = tmp_path / "token"
    token.write_text("header.first.signature\n")
    web = {"AWS_ROLE_ARN": ROLE, "AWS_WEB_IDENTITY_TOKEN_FILE": str(token)}
    assume = f'region = "us-east-1"\n  assume_role = {{ role_arn = "{ROLE}" }}'
    exchange = 'region = "us-east-1"\n  assume_role_with_web_identity = {}'
    # Dynamic credentials for the create, the same by the provider's block for an update, a role on top for the destroy.
    rows = [
        ("apply", KUBERNETES, "", KEYLESS | web, "AssumeRoleWithWebIdentity"),
        ("apply", MORE, exchange, KEYLESS | web, "AssumeRoleWithWebIdentity"),
        ("destroy", MORE, assume, {}, "AssumeRole"),
    ]
    usual = dict(workspace.env)
    for number, (command, section, block, env, exchanged) in enumerate(rows):
        text = stack(NETWORK, section)
        workspace.write(text.replace('region = "us-east-1"', block, 1) if block else text)
        if number == 0:
            workspace.init()
        workspace.env = usual | env | {"AWS_ENDPOINT_URL_STS": sts.url}
        before = len(sts.asked)
        process = workspace.start(command, "-json", "-auto-approve", "-input=false")
        if number == 0:
            lab.wait_for("eks", "CreateCluster", 120)
            token.write_text("header.second.signature\n")
        done = workspace.finish(process)
        assert done.code == 0, done
        asked = [each for each in sts.asked[before:] if each["Action"] == exchanged]
        # A plan and an apply have a process each.
        assert len(asked) > 2, (exchanged, done)
    tokens = {each.get("WebIdentityToken", "").strip() for each in sts.asked}
    assert {"header.first.signature", "header.second.signature"} <= tokens, (
        "the file is read each time"
    )
    assert not [name for name in lab.census() if not name.endswith("iam/role")]


def test_a_credential_process_is_run_again_before_its_credentials_expire(
    workspace: Workspace, lab: Lab, tmp_path: Path
) -> None:
    program, config, runs = tmp_path / "login.py", tmp_path / "config", tmp_path / "runs"
    held = 0.5
    answer = {"Version": 1, "SecretAccessKey": "test", "SessionToken": "token"}
    program.write_text(
        "import datetime as d, json, pathlib\n"
        f"runs = pathlib.Path({str(runs)!r})\n"
        "count = len(runs.read_text()) if runs.exists() else 0\n"
        "runs.write_text('x' * (count + 1))\n"
        f"until = d.datetime.now(d.timezone.utc) + d.timedelta(seconds={EARLY + held})\n"
        f"print(json.dumps({answer!r} | {{'AccessKeyId': f'key{{count}}', 'Expiration': until.isoformat()}}))\n"
    )
    config.write_text(f"[default]\ncredential_process = python3 {program}\n")
    workspace.env |= KEYLESS | {"AWS_CONFIG_FILE": str(config)}
    workspace.write(stack(NETWORK, KUBERNETES))
    workspace.init()
    applied = workspace.apply()
    assert applied.code == 0, applied
    made = len(runs.read_text())
    # A plan and an apply have a process each, and making the cluster alone takes longer than they are held.
    assert 2 < made <= 2 + applied.seconds / held, f"{made} runs in {applied.seconds:.1f} s"
    assert json.loads(workspace.command("show", "-json"))["values"]

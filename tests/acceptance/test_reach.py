"""How AWS is reached where something stands in between: proxies, certificates of a company, endpoints of one's own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.stacks import ADDRESS
from acceptance.test_provider import ACCOUNT, NARROW, ROLE, calls, make_role, root
from harness.gateway import Gateway
from harness.lab import Lab
from harness.workspace import Workspace

NOWHERE = "http://127.0.0.1:9"
REPEATED = (
    r"provider.*tcp.*timeout",
    r"provider.*tcp.*connection reset by peer",
    r"provider.*TLS handshake timeout",
    r"provider.*context deadline exceeded",
    r"Client\.Timeout exceeded while awaiting headers",
)
AWS_ITSELF = {"AWS_ENDPOINT_URL": ""}
"""No endpoint of our own: the real host names."""


@pytest.fixture
def gateway(lab: Lab, tmp_path: Path) -> Iterator[Gateway]:
    """A proxy that opens TLS, behind which all of AWS is the lab."""
    gateway = Gateway(lab.url, tmp_path)
    yield gateway
    gateway.stop()


def test_a_proxy_that_opens_tls_and_the_certificate_of_its_authority(
    workspace: Workspace, lab: Lab, gateway: Gateway, tmp_path: Path
) -> None:
    proxy = f"http://ann:a%40b%2Fc@{gateway.address}"
    in_block = f'https_proxy = "{proxy}"\n  custom_ca_bundle = "{gateway.authority}"'
    in_env = {"HTTPS_PROXY": proxy, "AWS_CA_BUNDLE": str(gateway.authority)}
    region = 'region = "us-east-1"\n  max_retries = 0'

    workspace.write(root(f"{region}\n  {in_block}"))
    workspace.init()
    applied = workspace.apply(**AWS_ITSELF)
    assert applied.code == 0, applied
    assert set(gateway.asked) >= {
        "sts.us-east-1.amazonaws.com",
        "ec2.us-east-1.amazonaws.com",
        "logs.us-east-1.amazonaws.com",
    }
    assert gateway.logins == {"ann:a@b/c"}

    # The same from the environment.
    gateway.asked.clear()
    gateway.logins.clear()
    workspace.write(root(region))
    planned = workspace.plan(**AWS_ITSELF, **in_env)
    assert planned.code == 0, planned
    assert "sts.us-east-1.amazonaws.com" in gateway.asked
    assert gateway.logins == {"ann:a@b/c"}

    # A password as it is, where people forget to encode it.
    gateway.logins.clear()
    workspace.write(root(f"{region}\n  {in_block.replace('%40', '@')}"))
    assert workspace.plan(**AWS_ITSELF).code == 0
    assert gateway.logins == {"ann:a@b/c"}

    # Without the configuration's one, the environment's.
    workspace.write(root(region))

    # An authority that nobody knows is refused, and the words say what to look at.
    refused = workspace.plan(**AWS_ITSELF, HTTPS_PROXY=proxy)
    assert refused.code == 1, refused
    assert "certificate" in refused.errors, refused
    other = tmp_path / "other"
    other.mkdir()
    stranger = Gateway(lab.url, other)
    stranger.stop()
    refused = workspace.plan(**AWS_ITSELF, HTTPS_PROXY=proxy, AWS_CA_BUNDLE=str(stranger.authority))
    assert refused.code == 1, refused


@pytest.mark.parametrize(
    ("attribute", "variable", "host"),
    [
        (
            "use_fips_endpoint = true",
            {"AWS_USE_FIPS_ENDPOINT": "true"},
            "ec2-fips.us-east-1.amazonaws.com",
        ),
        (
            "use_dualstack_endpoint = true",
            {"AWS_USE_DUALSTACK_ENDPOINT": "true"},
            "ec2.us-east-1.api.aws",
        ),
    ],
)
def test_endpoints_of_another_sort(
    attribute: str, variable: dict[str, str], host: str, workspace: Workspace, gateway: Gateway
) -> None:
    reach = f'region = "us-east-1"\n  https_proxy = "http://{gateway.address}"'
    reach += f'\n  custom_ca_bundle = "{gateway.authority}"\n  preflight = "off"'
    workspace.write(root(f"{reach}\n  {attribute}"))
    workspace.init()
    for provider, env in [(f"{reach}\n  {attribute}", {}), (reach, variable)]:
        gateway.asked.clear()
        workspace.write(root(provider))
        workspace.plan(**AWS_ITSELF, **env)
        assert host in gateway.asked, gateway.asked


def test_endpoints_and_proxies_of_the_environment(
    workspace: Workspace, lab: Lab, gateway: Gateway
) -> None:
    workspace.write(root('region = "us-east-1"\n  preflight = "off"'))
    workspace.init()
    # One service's own endpoint goes before the one for all.
    single = {
        f"AWS_ENDPOINT_URL_{name}": lab.url
        for name in ("STS", "CLOUDWATCH_LOGS", "EC2", "IAM", "PRICING")
    }
    planned = workspace.plan(AWS_ENDPOINT_URL=NOWHERE, **single)
    assert planned.code == 2, planned
    assert "logs.DescribeLogStreams" in calls(lab)

    # A proxy for endpoints in the clear, and hosts that need none.
    planned = workspace.plan(
        AWS_ENDPOINT_URL="http://aws.invalid", HTTP_PROXY=f"http://{gateway.address}"
    )
    assert planned.code == 2, planned
    assert set(gateway.asked) == {"aws.invalid"}
    gateway.asked.clear()
    planned = workspace.plan(HTTP_PROXY=NOWHERE, NO_PROXY="127.0.0.1")
    assert planned.code == 2, planned
    assert gateway.asked == []


def test_a_request_is_repeated_as_often_as_configured(workspace: Workspace, lab: Lab) -> None:
    workspace.write(root('region = "us-east-1"\n  max_retries = 2'))
    workspace.init()
    broken = {
        "service": "sts",
        "kind": "error",
        "count": 0,
        "code": "InternalFailure",
        "status": 500,
    }
    for retries, asked in [(0, 1), (2, 3)]:
        lab.reset()
        lab.faults(broken)
        workspace.write(root(f'region = "us-east-1"\n  max_retries = {retries}'))
        planned = workspace.plan()
        assert planned.code == 1, planned
        assert "InternalFailure" in planned.errors
        assert len(lab.log()) == asked
    lab.faults()


def test_a_role_gets_every_setting_and_credentials_come_from_a_command(
    workspace: Workspace, lab: Lab, tmp_path: Path
) -> None:
    make_role(lab)
    command = tmp_path / "credentials"
    command.write_text(
        '#!/bin/sh\necho \'{"Version": 1, "AccessKeyId": "AKIAFROMACOMMAND", "SecretAccessKey": "x"}\'\n'
    )
    command.chmod(0o700)
    config = tmp_path / "config"
    config.write_text(
        f"[profile base]\ncredential_process = {command}\n"
        f"[profile ci]\nregion = us-east-1\nrole_arn = {ROLE}\nsource_profile = base\nrole_session_name = chained\n"
    )
    keyless = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    role = (
        f'assume_role = {{ role_arn = "{ROLE}", external_id = "x1", session_name = "ci", duration = "30m",'
        ' tags = { run = "7" }, policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"],'
        f" policy = jsonencode({NARROW}) }}"
    )
    files = f'profile = "base"\n  shared_config_files = ["{config}"]'
    workspace.write(root(f'region = "us-east-1"\n  {files}\n  {role}'))
    workspace.init()
    seen = {"access_key": "AKIAFROMACOMMAND", "kind": "delay", "seconds": 0, "count": 0}
    lab.faults(seen)
    assert workspace.plan(**keyless).code == 2
    (assumed,) = (call for call in lab.log() if call["operation"] == "AssumeRole")
    sent = assumed["params"]
    assert sent["RoleArn"] == ROLE
    assert (sent["ExternalId"], sent["RoleSessionName"], int(sent["DurationSeconds"])) == (
        "x1",
        "ci",
        1800,
    )
    assert sent["Tags"] == [{"Key": "run", "Value": "7"}]
    assert sent["PolicyArns"] == [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]
    assert json.loads(sent["Policy"])["Statement"][0]["Action"] == "*"
    assert assumed["fault"] == "delay", "it is signed with the key of the command"

    lab.reset()
    make_role(lab)
    workspace.write(root('region = "us-east-1"'))
    planned = workspace.plan(**keyless, AWS_PROFILE="ci", AWS_CONFIG_FILE=str(config))
    assert planned.code == 2, planned
    (assumed,) = (call for call in lab.log() if call["operation"] == "AssumeRole")
    assert assumed["params"]["RoleSessionName"] == "chained"


def test_values_known_after_apply_do_not_fail_the_plan(
    workspace: Workspace, lab: Lab, tmp_path: Path
) -> None:
    later = 'resource "terraform_data" "later" {\n  input = { role = "%s", account = "%s", url = "%s" }\n}'
    more = later % (ROLE, ACCOUNT, lab.url)
    make_role(lab)
    value = "terraform_data.later.output"
    provider = f"""region = "us-east-1"
  assume_role         = {{ role_arn = {value}.role }}
  allowed_account_ids = [{value}.account]
  endpoint_url        = {value}.url"""
    workspace.write(root(provider, more=more))
    workspace.init()
    planned = workspace.plan(AWS_ENDPOINT_URL=NOWHERE)
    assert planned.code == 2, planned
    assert calls(lab) <= {"iam.CreateRole"}
    applied = workspace.apply(AWS_ENDPOINT_URL=NOWHERE)
    assert applied.code == 0, applied
    assert workspace.plan(AWS_ENDPOINT_URL=NOWHERE).code == 0
    assert workspace.state()[ADDRESS]["values"]["id"].startswith(ACCOUNT)


def test_no_network_error_makes_terragrunt_repeat_the_apply(workspace: Workspace, lab: Lab) -> None:
    """Its default patterns, those that a provider's errors can meet; `(?s)`: over the whole output."""
    workspace.write(root('region = "us-east-1"\n  max_retries = 0'))
    workspace.init()
    lab.faults({"service": "sts", "kind": "reset", "count": 0})
    outputs = [workspace.plan().errors]
    lab.faults()
    outputs.append(workspace.plan(AWS_ENDPOINT_URL=NOWHERE).errors)
    # An address that nobody has: packets to it vanish.
    outputs.append(workspace.plan(AWS_ENDPOINT_URL="http://192.0.2.1").errors)
    for output in outputs:
        assert output
        whole = f'with provider["registry.terraform.io/stellar/stellar"]\n{output}'
        for pattern in REPEATED:
            assert not re.search(pattern, whole, re.S), whole

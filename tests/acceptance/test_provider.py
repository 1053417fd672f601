"""The `provider` block: how AWS is reached, in which account, and what every object carries."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from acceptance.stacks import ADDRESS, NETWORK
from harness.lab import Lab
from harness.workspace import Run, Workspace

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
NOWHERE = "http://127.0.0.1:9"
NARROW = (
    '{ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] }'
)
"""A session policy, in HCL."""


def root(provider: str, *attributes: str, more: str = "") -> str:
    """A root module with this provider block, one small stack, and whatever else."""
    body = "\n  ".join(attributes or (NETWORK,))
    return f"""
terraform {{
  required_providers {{
    stellar = {{ source = "stellar/stellar" }}
  }}
}}

provider "stellar" {{
  {provider}
}}

resource "stellar_cluster" "this" {{
  name                = "shop"
  deletion_protection = false
  {body}
}}
{more}
"""


@dataclass(frozen=True)
class Bad:
    """A provider block with one mistake, and the words that its error must hold."""

    rule: str
    provider: str
    words: tuple[str, ...]
    calls: tuple[str, ...] = ()
    """The only calls that may have been made."""
    env: dict[str, str] = field(default_factory=dict)


BAD = [
    Bad("a region has its form", 'region = "Frankfurt"', ("region", "Frankfurt")),
    Bad(
        "a role is an ARN",
        'region = "us-east-1"\n  assume_role = { role_arn = "deploy" }',
        ("assume_role.role_arn", "deploy"),
    ),
    Bad(
        "access keys are no attributes",
        'region = "us-east-1"\n  access_key = "AKIA"',
        ("access_key",),
    ),
    Bad(
        "endpoints are those of known services",
        'region = "us-east-1"\n  endpoints = { lambda = "http://x" }',
        ("endpoints", "lambda", "ec2"),
    ),
    Bad(
        "a certificate file can be read",
        'region = "us-east-1"\n  custom_ca_bundle = "/absent.pem"',
        ("/absent.pem",),
    ),
]

WRONG_PLACE = [
    Bad(
        "an account that is not allowed",
        'region = "us-east-1"\n  allowed_account_ids = ["111111111111"]',
        ("123456789012", "allowed_account_ids"),
        ("sts.GetCallerIdentity",),
    ),
    Bad(
        "a forbidden account",
        'region = "us-east-1"\n  forbidden_account_ids = ["123456789012"]',
        ("123456789012", "forbidden_account_ids"),
        ("sts.GetCallerIdentity",),
    ),
    Bad("no region", "", ("No region", "AWS_REGION")),
    Bad(
        "a profile that does not exist",
        'region = "us-east-1"\n  profile = "absent"',
        ("absent",),
        env={"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""},
    ),
    Bad(
        "a token file that does not exist",
        f'region = "us-east-1"\n  assume_role_with_web_identity = {{ role_arn = "{ROLE}",'
        ' web_identity_token_file = "/absent/token" }',
        ("/absent/token",),
    ),
]


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.rule)
def test_a_wrong_provider_block_is_refused(bad: Bad, workspace: Workspace, lab: Lab) -> None:
    workspace.write(root(bad.provider))
    workspace.init()
    planned = workspace.plan()
    assert planned.code == 1, planned
    assert_words(bad, planned)
    assert lab.log() == []


@pytest.mark.parametrize("bad", WRONG_PLACE, ids=lambda bad: bad.rule)
def test_a_wrong_place_is_refused_before_anything(bad: Bad, workspace: Workspace, lab: Lab) -> None:
    workspace.write(root(bad.provider))
    workspace.init()
    planned = workspace.plan(**bad.env)
    assert planned.code == 1, planned
    assert_words(bad, planned)
    assert {f"{call['service']}.{call['operation']}" for call in lab.log()} <= set(bad.calls)


def test_default_tags_reach_every_object_and_ignored_ones_are_left_alone(
    workspace: Workspace, lab: Lab
) -> None:
    def provider(team: str, more: str = "") -> str:
        return f'region = "us-east-1"\n  default_tags = {{ tags = {{ team = "{team}", stage = "test" }} }}{more}'

    own = 'tags = { stage = "prod", owner = "ann", "cost:center" = "1" }'
    workspace.write(root(provider("web"), NETWORK, own))
    workspace.init()
    assert workspace.apply().code == 0
    assert workspace.plan().code == 0
    values = workspace.state()[ADDRESS]["values"]
    both = {"stage": "prod", "owner": "ann", "cost:center": "1"}
    assert values["tags"] == both
    assert values["tags_all"] == both | {"team": "web"}
    assert pairs(lab, values) >= {("team", "web"), ("stage", "prod"), ("owner", "ann")}

    workspace.write(root(provider("api"), NETWORK, own))
    planned = workspace.plan()
    assert planned.code == 2, planned
    assert workspace.apply().code == 0
    assert ("team", "api") in pairs(lab, values)

    vpc = values["components"]["network/vpc"]["id"]
    others = {"owner": "somebody else", "cost:center": "2"}
    changed_by_others = [{"Key": key, "Value": value} for key, value in others.items()]
    lab.client("ec2").create_tags(Resources=[vpc], Tags=changed_by_others)
    ignored = 'ignore_tags = { keys = ["owner"], key_prefixes = ["cost:"] }'
    ignoring = provider("api", f"\n  {ignored}")
    workspace.write(root(ignoring, NETWORK, own))
    assert workspace.apply().code == 0
    assert workspace.plan().code == 0
    assert pairs(lab, values) >= others.items()

    workspace.write(root('region = "us-east-1"', NETWORK))
    assert workspace.apply().code == 0
    left = {key for key, _ in pairs(lab, values)}
    assert left == {"Name", "stellar:claim", "stellar:component", "stellar:stack", *others}


def test_a_role_is_taken_on(workspace: Workspace, lab: Lab) -> None:
    make_role(lab)
    role = (
        f'assume_role = {{ role_arn = "{ROLE}", external_id = "x1", session_name = "ci",'
        ' duration = "30m", tags = { run = "7" } }'
    )
    workspace.write(root(f'region = "us-east-1"\n  {role}\n  allowed_account_ids = ["{ACCOUNT}"]'))
    workspace.init()
    planned = workspace.plan()
    assert planned.code == 2, planned
    assert "sts.AssumeRole" in calls(lab)

    workspace.write(
        root(f'region = "us-east-1"\n  {role}\n  forbidden_account_ids = ["{ACCOUNT}"]')
    )
    refused = workspace.plan()
    assert refused.code == 1, refused
    assert "assumed-role/deploy/ci" in refused.errors, "the caller is the role"


def test_a_web_identity_is_exchanged_as_dynamic_credentials_set_it(
    workspace: Workspace, lab: Lab, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("header.body.signature\n")
    keyless = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    dynamic = keyless | {"AWS_ROLE_ARN": ROLE, "AWS_WEB_IDENTITY_TOKEN_FILE": str(token)}
    by_file = tmp_path / "config"
    by_file.write_text(f"[default]\nrole_arn = {ROLE}\nweb_identity_token_file = {token}\n")
    explicit = (
        f'role_arn = "{ROLE}", web_identity_token_file = "{token}", session_name = "ci", duration = "30m",'
        f' policy_arns = ["{ROLE.replace("role/deploy", "policy/narrow")}"], policy = jsonencode({NARROW})'
    )
    in_env = {"AWS_WEB_IDENTITY_TOKEN": token.read_text(), "AWS_ROLE_SESSION_NAME": "run-7"}
    rows = [
        ("", dynamic, {}),
        (
            f"assume_role_with_web_identity = {{ {explicit} }}",
            keyless,
            {"RoleSessionName": "ci", "DurationSeconds": 1800},
        ),
        (
            "assume_role_with_web_identity = {}",
            keyless | in_env | {"AWS_ROLE_ARN": ROLE},
            {"RoleSessionName": "run-7"},
        ),
        (f'shared_config_files = ["{by_file}"]', keyless, {}),
    ]
    for number, (provider, env, wanted) in enumerate(rows):
        lab.reset()
        make_role(lab)
        workspace.write(root(f'region = "us-east-1"\n  {provider}'))
        if number == 0:
            workspace.init()
        planned = workspace.plan(**env)
        assert planned.code == 2, (provider, planned)
        (exchanged,) = (c for c in lab.log() if c["operation"] == "AssumeRoleWithWebIdentity")
        sent = exchanged["params"]
        assert sent["RoleArn"] == ROLE
        assert wanted.items() <= sent.items(), provider
        assert ("Policy" in sent, "PolicyArns" in sent) == ("policy" in provider,) * 2


def test_a_named_profile_goes_before_the_environment(
    workspace: Workspace, lab: Lab, tmp_path: Path
) -> None:
    make_role(lab)
    config, credentials = tmp_path / "config", tmp_path / "credentials"
    config.write_text(
        f"[profile ci]\nregion = eu-west-1\nrole_arn = {ROLE}\nsource_profile = base\n"
    )
    credentials.write_text("[base]\naws_access_key_id = base\naws_secret_access_key = base\n")
    files = f'shared_config_files = ["{config}"]\n  shared_credentials_files = ["{credentials}"]'
    workspace.write(root(f'profile = "ci"\n  {files}'))
    workspace.init()
    planned = workspace.plan()
    assert planned.code == 2, planned
    assert "sts.AssumeRole" in calls(lab)
    assert planned_region(workspace) == "eu-west-1"

    # The same from the environment, whose region goes before the profile's.
    workspace.write(root(""))
    env = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_PROFILE": "ci"}
    env |= {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(credentials)}
    for more, region in [({}, "eu-west-1"), ({"AWS_REGION": "ca-central-1"}, "ca-central-1")]:
        planned = workspace.plan(**env, **more)
        assert planned.code == 2, planned
        assert planned_region(workspace) == region


def planned_region(workspace: Workspace) -> str:
    """The region of the stack in the last plan."""
    (change,) = workspace.planned()["resource_changes"]
    return change["change"]["after"]["region"]


def test_endpoints_of_single_services_go_before_the_one_for_all(
    workspace: Workspace, lab: Lab
) -> None:
    services = ("sts", "logs", "ec2", "iam", "kms", "servicequotas", "pricing")
    endpoints = ", ".join(f'{service} = "{lab.url}"' for service in services)
    workspace.write(root(f'region = "us-east-1"\n  endpoints = {{ {endpoints} }}'))
    workspace.init()
    planned = workspace.plan(AWS_ENDPOINT_URL=NOWHERE)
    assert planned.code == 2, planned
    assert "logs.DescribeLogStreams" in calls(lab)


def test_a_proxy_carries_the_requests(workspace: Workspace, lab: Lab) -> None:
    workspace.write(root(f'region = "us-east-1"\n  http_proxy = "{lab.url}"'))
    workspace.init()
    planned = workspace.plan(AWS_ENDPOINT_URL="http://aws.invalid")
    assert planned.code == 2, planned
    assert "sts.GetCallerIdentity" in calls(lab)
    workspace.write(
        root(f'region = "us-east-1"\n  http_proxy = "{NOWHERE}"\n  no_proxy = "127.0.0.1"')
    )
    assert workspace.plan().code == 2


def test_what_is_known_after_apply_only_does_not_fail_the_plan(
    workspace: Workspace, lab: Lab
) -> None:
    later = 'resource "terraform_data" "region" {\n  input = "eu-west-1"\n}'
    workspace.write(root("region = terraform_data.region.output", more=later))
    workspace.init()
    planned = workspace.plan()
    assert planned.code == 2, planned
    assert lab.log() == []
    applied = workspace.apply()
    assert applied.code == 0, applied
    assert workspace.state()[ADDRESS]["values"]["region"] == "eu-west-1"
    assert workspace.plan().code == 0


@pytest.mark.parametrize(
    ("region", "word"), [("us-east-9", "no region"), ("ap-east-1", "is not enabled")]
)
def test_a_region_that_cannot_be_used_is_named(
    region: str, word: str, workspace: Workspace, lab: Lab
) -> None:
    workspace.write(root(f'region = "{region}"'))
    workspace.init()
    planned = workspace.plan()
    assert planned.code == 1, planned
    assert region in planned.errors
    assert word in planned.errors
    assert lab.changes() == []


def make_role(lab: Lab) -> None:
    """The role `deploy`, which everybody in the account, and any web identity, may take on."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root", "Federated": "*"},
        "Action": ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    lab.client("iam").create_role(RoleName="deploy", AssumeRolePolicyDocument=trust)


def pairs(lab: Lab, values: dict) -> set[tuple[str, str]]:
    """The tags of the stack's VPC."""
    (vpc,) = lab.client("ec2").describe_vpcs(VpcIds=[values["components"]["network/vpc"]["id"]])[
        "Vpcs"
    ]
    return {(tag["Key"], tag["Value"]) for tag in vpc["Tags"]}


def calls(lab: Lab) -> set[str]:
    """Every operation that was called."""
    return {f"{call['service']}.{call['operation']}" for call in lab.log()}


def assert_words(bad: Bad, run: Run) -> None:
    """Every word stands in the errors."""
    missing = [word for word in bad.words if word not in run.errors]
    assert not missing, f"{missing} not in:\n{run.errors}"

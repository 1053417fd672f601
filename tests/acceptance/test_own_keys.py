"""Keys that the user brings along: used where they fit, refused with what is missing where they do not."""

from __future__ import annotations

import json

from acceptance.stacks import ADDRESS, stack
from harness.lab import Lab
from harness.workspace import Workspace

ACCOUNT = {
    "Sid": "Account",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
    "Action": "kms:*",
    "Resource": "*",
}
CDN = {
    "Sid": "CloudFront",
    "Effect": "Allow",
    "Principal": {"Service": "cloudfront.amazonaws.com"},
    "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
    "Resource": "*",
}


def test_a_key_must_let_in_the_services_that_need_it(workspace: Workspace, lab: Lab) -> None:
    key = lab.client("kms").create_key(Policy=_policy(ACCOUNT))["KeyMetadata"]["Arn"]
    workspace.write(_stack(key))
    workspace.init()
    refused = workspace.plan()
    assert refused.code == 1, refused
    for word in ('kms_key_arns["buckets"]', "cloudfront.amazonaws.com", "add this statement"):
        assert word in refused.errors, refused.errors

    lab.client("kms").put_key_policy(KeyId=key, Policy=_policy(ACCOUNT, CDN))
    applied = workspace.apply()
    assert applied.code == 0, applied
    values = workspace.state()[ADDRESS]["values"]
    assert values["s3"]["images"]["kms_key_arn"] == key
    assert "buckets/key" not in values["components"]
    assert workspace.plan().code == 0
    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed
    state = lab.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    assert state == "Enabled", "the key is not the stack's"


def test_a_key_must_be_enabled(workspace: Workspace, lab: Lab) -> None:
    key = lab.client("kms").create_key()["KeyMetadata"]["Arn"]
    lab.client("kms").disable_key(KeyId=key.rsplit("/", 1)[-1])
    workspace.write(_stack(key))
    workspace.init()
    refused = workspace.plan()
    assert refused.code == 1, refused
    for word in ('kms_key_arns["buckets"]', key, "Disabled"):
        assert word in refused.errors, refused.errors


def _stack(key: str) -> str:
    return stack(
        "buckets = { images = { force_destroy = true } }",
        'cdn = { default_origin = { bucket = "images" } }',
        f'kms_key_arns = {{ buckets = "{key}" }}',
    )


def _policy(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})

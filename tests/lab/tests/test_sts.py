"""Who calls: the account's user, or the session of a role."""

from __future__ import annotations

import json

import boto3
import pytest
import setups

ROOT = {"AWS": "arn:aws:iam::123456789012:root"}


def role(lab, principal):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam = lab.client("iam")
    return iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=trust)["Role"]["Arn"]


def test_every_key_belongs_to_the_accounts_user(lab):
    found = lab.client("sts").get_caller_identity()
    assert found["Arn"] == "arn:aws:iam::123456789012:user/lab"
    assert found["Account"] == "123456789012"


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_the_key_of_a_session_belongs_to_its_role(lab, region):
    arn = role(lab, ROOT)
    made = lab.client("sts").assume_role(RoleArn=arn, RoleSessionName="run")["Credentials"]
    session = boto3.client(
        "sts",
        region_name=region,
        endpoint_url=lab.server.url,
        aws_access_key_id=made["AccessKeyId"],
        aws_secret_access_key=made["SecretAccessKey"],
        aws_session_token=made["SessionToken"],
    )
    found = session.get_caller_identity()["Arn"]
    assert found == "arn:aws:sts::123456789012:assumed-role/deploy/run"


@pytest.mark.parametrize("principal", [None, {"Service": "ec2.amazonaws.com"}])
def test_a_role_is_assumed_only_where_it_is_and_trusts(lab, refused, principal):
    arn = "arn:aws:iam::123456789012:role/deploy"
    if principal is not None:
        arn = setups.role(lab, "deploy", principal["Service"])
    with refused("AccessDenied") as refusal:
        lab.client("sts").assume_role(RoleArn=arn, RoleSessionName="run")
    assert arn in refusal.message

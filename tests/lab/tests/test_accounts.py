"""Several accounts: a key belongs to one, and each account is a world of its own."""

from __future__ import annotations

import json

import pytest

HERE, THERE = "123456789012", "210987654321"


def trust(account):
    statement = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}}
    statement["Action"] = "sts:AssumeRole"
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def role(lab, key, trusted):
    lab.client("iam", key=key).create_role(
        RoleName="operator", AssumeRolePolicyDocument=trust(trusted)
    )
    return f"arn:aws:iam::{key}:role/operator"


def test_a_key_of_twelve_digits_is_its_accounts(lab):
    who = lab.client("sts", key=THERE).get_caller_identity()
    assert (who["Account"], who["Arn"]) == (THERE, f"arn:aws:iam::{THERE}:user/lab")
    assert lab.client("sts").get_caller_identity()["Account"] == HERE


def test_a_role_of_another_account_is_assumed_into_its_own_world(lab):
    arn = role(lab, THERE, HERE)
    lab.client("logs").create_log_group(logGroupName="/here")
    session = lab.client("sts").assume_role(RoleArn=arn, RoleSessionName="me")["Credentials"]
    key = session["AccessKeyId"]
    who = lab.client("sts", key=key).get_caller_identity()
    assert (who["Account"], who["Arn"]) == (
        THERE,
        f"arn:aws:sts::{THERE}:assumed-role/operator/me",
    )
    logs = lab.client("logs", key=key)
    assert logs.describe_log_groups()["logGroups"] == []
    logs.create_log_group(logGroupName="/there")
    (group,) = logs.describe_log_groups()["logGroups"]
    assert f":{THERE}:" in group["arn"]
    (group,) = lab.client("logs").describe_log_groups()["logGroups"]
    assert group["logGroupName"] == "/here"
    vpc = lab.client("ec2", key=key).create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]
    assert vpc["OwnerId"] == THERE
    assert lab.client("ec2").describe_vpcs()["Vpcs"] == []


@pytest.mark.parametrize("trusted", [THERE, None])
def test_a_role_that_does_not_trust_or_exist_is_refused(lab, refused, trusted):
    arn = f"arn:aws:iam::{THERE}:role/operator"
    if trusted:
        role(lab, THERE, trusted)
    with refused("AccessDenied"):
        lab.client("sts").assume_role(RoleArn=arn, RoleSessionName="me")


def test_every_accounts_objects_are_counted_and_remembered(lab):
    lab.client("kms", key=THERE).create_key()
    lab.client("eks", key=THERE).list_clusters()
    census = lab.admin("GET", "/_lab/census")
    assert (census["total"], census["regions"]) == (1, {})
    assert list(census["accounts"][THERE]["regions"]["us-east-1"]) == ["kms/key"]
    snapshot = lab.admin("POST", "/_lab/snapshot")["snapshot"]
    lab.admin("POST", "/_lab/reset")
    assert lab.admin("GET", "/_lab/census")["total"] == 0
    lab.admin("POST", "/_lab/restore", {"snapshot": snapshot})
    assert lab.admin("GET", "/_lab/census") == census


def test_bucket_names_are_the_worlds_and_buckets_their_accounts(lab, refused):
    lab.client("s3").create_bucket(Bucket="some-bucket")
    with refused("BucketAlreadyExists"):
        lab.client("s3", "us-west-2", key=THERE).create_bucket(
            Bucket="some-bucket", CreateBucketConfiguration={"LocationConstraint": "us-west-2"}
        )
    assert lab.client("s3", key=THERE).list_buckets()["Buckets"] == []

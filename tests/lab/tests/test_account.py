"""IAM, KMS, Logs, Secrets Manager and S3: what AWS enforces and moto does not."""

from __future__ import annotations

import json
import time
import urllib.request
from xml.etree import ElementTree

import pytest

DAY = 86400
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "eks.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)

READ_ALL = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
    }
)


def trusting(principal):
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


# IAM


def test_a_fresh_role_takes_ten_seconds_to_spread(lab):
    lab.client("iam").create_role(RoleName="fresh", AssumeRolePolicyDocument=TRUST)
    life = lab.world.context("us-east-1", "iam").life
    lab.advance(9)
    lab.world.settle()
    assert life.running("iam/role", "fresh")
    lab.advance(1)
    lab.world.settle()
    assert not life.running("iam/role", "fresh")


def test_a_trust_policy_names_only_principals_that_exist(lab, refused):
    iam = lab.client("iam")
    with refused("MalformedPolicyDocument") as refusal:
        iam.create_role(
            RoleName="a", AssumeRolePolicyDocument=trusting("arn:aws:iam::123456789012:role/none")
        )
    assert "Invalid principal in policy" in refusal.message
    iam.create_role(RoleName="b", AssumeRolePolicyDocument=TRUST)
    iam.create_role(
        RoleName="a", AssumeRolePolicyDocument=trusting("arn:aws:iam::123456789012:role/b")
    )


def test_aws_s_own_policies_exist_and_unknown_ones_do_not(lab, refused):
    iam = lab.client("iam")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
    iam.attach_role_policy(RoleName="r", PolicyArn="arn:aws:iam::aws:policy/AmazonEKSClusterPolicy")
    with refused("NoSuchEntity"):
        iam.attach_role_policy(RoleName="r", PolicyArn="arn:aws:iam::aws:policy/NoSuchPolicy")
    with refused("DeleteConflict"):
        iam.delete_role(RoleName="r")


def test_an_attached_policy_stays(lab, refused):
    iam = lab.client("iam")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
    arn = iam.create_policy(PolicyName="p", PolicyDocument=READ_ALL)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="r", PolicyArn=arn)
    with refused("DeleteConflict"):
        iam.delete_policy(PolicyArn=arn)
    iam.detach_role_policy(RoleName="r", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)


def test_a_service_linked_role_exists_once_and_is_not_counted(lab, refused):
    iam = lab.client("iam")
    iam.create_service_linked_role(AWSServiceName="eks.amazonaws.com")
    with refused("InvalidInput") as refusal:
        iam.create_service_linked_role(AWSServiceName="eks.amazonaws.com")
    assert "has been taken" in refusal.message
    assert lab.admin("GET", "/_lab/census")["total"] == 0


# KMS


@pytest.fixture
def key(lab):
    made = lab.client("kms").create_key(Tags=[{"TagKey": "a", "TagValue": "b"}])
    return made["KeyMetadata"]["KeyId"]


def test_a_key_s_policy_needs_no_name(lab, key):
    assert "kms:" in lab.client("kms").get_key_policy(KeyId=key)["Policy"]


def test_a_key_waits_for_its_deletion_and_is_then_gone(lab, key, refused):
    kms = lab.client("kms")
    answer = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert (answer["KeyState"], answer["PendingWindowInDays"]) == ("PendingDeletion", 7)
    with refused("KMSInvalidStateException"):
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    with refused("KMSInvalidStateException"):
        kms.tag_resource(KeyId=key, Tags=[{"TagKey": "c", "TagValue": "d"}])
    census = lab.admin("GET", "/_lab/census")
    assert census["total"] == 0
    assert census["pending"]["us-east-1"]["kms/key"] == [{"id": key, "tags": {"a": "b"}}]
    lab.advance(7 * DAY)
    with refused("NotFoundException"):
        kms.describe_key(KeyId=key)


def test_a_cancelled_deletion_leaves_the_key_disabled(lab, key):
    kms = lab.client("kms")
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    kms.cancel_key_deletion(KeyId=key)
    lab.advance(8 * DAY)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"


@pytest.mark.parametrize("days", [1, 6, 31])
def test_the_waiting_period_is_7_to_30_days(lab, key, refused, days):
    with refused("ValidationException"):
        lab.client("kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=days)


# Logs


def test_a_protected_log_group_stays_until_protection_is_off(lab, refused):
    logs = lab.client("logs")
    logs.create_log_group(
        logGroupName="/s/one", deletionProtectionEnabled=True, tags={"stellar:claim": "x"}
    )
    assert logs.describe_log_groups()["logGroups"][0]["deletionProtectionEnabled"] is True
    with refused("ValidationException"):
        logs.delete_log_group(logGroupName="/s/one")
    logs.put_log_group_deletion_protection(
        logGroupIdentifier="/s/one", deletionProtectionEnabled=False
    )
    groups = lab.admin("GET", "/_lab/census")["regions"]["us-east-1"]["logs/group"]
    assert groups == [{"id": "/s/one", "tags": {"stellar:claim": "x"}}]
    logs.delete_log_group(logGroupName="/s/one")
    with refused("ResourceNotFoundException"):
        logs.delete_log_group(logGroupName="/s/one")


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ({}, ["/a", "/b/One", "/b/two"]),
        ({"logGroupNamePrefix": "/b/"}, ["/b/One", "/b/two"]),
        ({"logGroupNamePattern": "one"}, ["/b/One"]),
        ({"logGroupIdentifiers": ["/a"]}, ["/a"]),
    ],
)
def test_log_groups_are_found_by_prefix_pattern_and_identifier(lab, search, found):
    logs = lab.client("logs")
    for name in ("/b/two", "/a", "/b/One"):
        logs.create_log_group(logGroupName=name)
    shown = logs.describe_log_groups(**search)["logGroups"]
    assert [each["logGroupName"] for each in shown] == found


def test_log_groups_come_in_pages(lab):
    logs = lab.client("logs")
    for number in range(5):
        logs.create_log_group(logGroupName=f"/g/{number}")
    pages = logs.get_paginator("describe_log_groups").paginate(PaginationConfig={"PageSize": 2})
    assert [len(page["logGroups"]) for page in pages] == [2, 2, 1]


def test_a_stream_s_name_is_taken_once(lab, refused):
    logs = lab.client("logs")
    logs.create_log_group(logGroupName="/s")
    logs.create_log_stream(logGroupName="/s", logStreamName="hold/1")
    with refused("ResourceAlreadyExistsException"):
        logs.create_log_stream(logGroupName="/s", logStreamName="hold/1")


def test_events_are_those_of_the_streams_with_a_prefix(lab, refused):
    logs = lab.client("logs")
    logs.create_log_group(logGroupName="/s")
    for number, stream in enumerate(("hold/1", "journal/1", "journal/2")):
        logs.create_log_stream(logGroupName="/s", logStreamName=stream)
        event = {"timestamp": int(time.time() * 1000) + number, "message": stream}
        logs.put_log_events(logGroupName="/s", logStreamName=stream, logEvents=[event])
    rows = {"journal/": ["journal/1", "journal/2"], "hold/": ["hold/1"], "owner/": []}
    for prefix, expected in rows.items():
        found = logs.filter_log_events(logGroupName="/s", logStreamNamePrefix=prefix)["events"]
        assert [event["message"] for event in found] == expected
    with refused("InvalidParameterException"):
        logs.filter_log_events(
            logGroupName="/s", logStreamNamePrefix="hold/", logStreamNames=["hold/1"]
        )


def test_a_log_group_takes_only_a_key_that_exists(lab, key, refused):
    logs, arn = lab.client("logs"), f"arn:aws:kms:us-east-1:123456789012:key/{key}"
    with refused("InvalidParameterException"):
        logs.create_log_group(logGroupName="/s", kmsKeyId=arn[:-3] + "000")
    logs.create_log_group(logGroupName="/s", kmsKeyId=arn)
    logs.associate_kms_key(logGroupName="/s", kmsKeyId=arn)
    assert logs.describe_log_groups()["logGroups"][0]["kmsKeyId"] == arn


# Secrets Manager


def test_a_deleted_secret_s_name_is_blocked_for_its_window(lab, refused):
    secrets = lab.client("secretsmanager")
    secrets.create_secret(Name="db", SecretString="x")
    secrets.delete_secret(SecretId="db", RecoveryWindowInDays=7)
    with refused("InvalidRequestException"):
        secrets.create_secret(Name="db", SecretString="y")
    lab.advance(7 * DAY)
    secrets.create_secret(Name="db", SecretString="y")


def test_a_restored_secret_lives_on(lab):
    secrets = lab.client("secretsmanager")
    secrets.create_secret(Name="db", SecretString="x")
    secrets.delete_secret(SecretId="db", RecoveryWindowInDays=7)
    secrets.restore_secret(SecretId="db")
    lab.advance(8 * DAY)
    assert secrets.get_secret_value(SecretId="db")["SecretString"] == "x"


def test_a_forced_deletion_frees_the_name_at_once(lab):
    secrets = lab.client("secretsmanager")
    for _ in range(2):
        secrets.create_secret(Name="db", SecretString="x")
        secrets.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)
    assert lab.admin("GET", "/_lab/census")["total"] == 0


# S3


def test_a_new_bucket_is_closed_encrypted_and_owner_enforced(lab):
    s3 = lab.client("s3")
    s3.create_bucket(Bucket="new-bucket")
    block = s3.get_public_access_block(Bucket="new-bucket")["PublicAccessBlockConfiguration"]
    assert all(block.values())
    rules = s3.get_bucket_encryption(Bucket="new-bucket")["ServerSideEncryptionConfiguration"]
    assert rules["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    owner = s3.get_bucket_ownership_controls(Bucket="new-bucket")["OwnershipControls"]["Rules"]
    assert owner == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_a_bucket_takes_tags_when_it_is_created(lab):
    s3 = lab.client("s3", "us-west-2")
    s3.create_bucket(
        Bucket="tagged",
        CreateBucketConfiguration={
            "LocationConstraint": "us-west-2",
            "Tags": [{"Key": "a", "Value": "b"}],
        },
    )
    assert s3.get_bucket_tagging(Bucket="tagged")["TagSet"] == [{"Key": "a", "Value": "b"}]
    buckets = lab.admin("GET", "/_lab/census")["regions"]["us-west-2"]["s3/bucket"]
    assert buckets == [{"id": "tagged", "tags": {"a": "b"}}]


def test_only_us_east_1_creates_one_s_own_bucket_again(lab, refused):
    east, west = lab.client("s3"), lab.client("s3", "us-west-2")
    place = {"CreateBucketConfiguration": {"LocationConstraint": "us-west-2"}}
    east.create_bucket(Bucket="east")
    east.put_bucket_encryption(
        Bucket="east",
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
        },
    )
    east.create_bucket(Bucket="east")
    kept = east.get_bucket_encryption(Bucket="east")["ServerSideEncryptionConfiguration"]
    assert kept["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    west.create_bucket(Bucket="west", **place)
    for name in ("west", "east"):
        with refused("BucketAlreadyOwnedByYou"):
            west.create_bucket(Bucket=name, **place)


def test_a_bucket_goes_only_when_it_is_empty(lab, refused):
    s3 = lab.client("s3")
    s3.create_bucket(Bucket="full")
    s3.put_bucket_versioning(Bucket="full", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="full", Key="a/b c", Body=b"hello")
    assert s3.get_object(Bucket="full", Key="a/b c")["Body"].read() == b"hello"
    s3.delete_object(Bucket="full", Key="a/b c")
    with refused("BucketNotEmpty"):
        s3.delete_bucket(Bucket="full")
    listed = s3.list_object_versions(Bucket="full")
    objects = [
        {"Key": each["Key"], "VersionId": each["VersionId"]}
        for each in (*listed["Versions"], *listed["DeleteMarkers"])
    ]
    s3.delete_objects(Bucket="full", Delete={"Objects": objects})
    s3.delete_bucket(Bucket="full")
    with refused("404"):
        s3.head_bucket(Bucket="full")


# Policies of other services


@pytest.mark.parametrize(
    ("put", "code"),
    [
        (
            lambda lab, policy: lab.client("kms").create_key(Policy=policy),
            "MalformedPolicyDocumentException",
        ),
        (
            lambda lab, policy: lab.client("s3").put_bucket_policy(Bucket="b-1", Policy=policy),
            "MalformedPolicy",
        ),
        (
            lambda lab, policy: lab.client("secretsmanager").put_resource_policy(
                SecretId="s", ResourcePolicy=policy
            ),
            "MalformedPolicyDocumentException",
        ),
    ],
    ids=["kms", "s3", "secretsmanager"],
)
def test_a_policy_takes_a_role_only_when_iam_has_spread_it(lab, refused, put, code):
    lab.client("s3").create_bucket(Bucket="b-1")
    lab.client("secretsmanager").create_secret(Name="s", SecretString="x")
    policy = trusting("arn:aws:iam::123456789012:role/reader").replace(
        '"sts:AssumeRole"', '"*", "Resource": "*"'
    )
    with refused(code):
        put(lab, policy)
    lab.client("iam").create_role(RoleName="reader", AssumeRolePolicyDocument=TRUST)
    with refused(code):
        put(lab, policy)
    lab.advance(10)
    put(lab, policy)


def test_flow_logs_need_a_role_that_they_can_assume(lab, refused):
    ec2, iam = lab.client("ec2"), lab.client("iam")
    lab.client("logs").create_log_group(logGroupName="/flow")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    trust = TRUST.replace("eks.amazonaws.com", "vpc-flow-logs.amazonaws.com")
    arn = iam.create_role(RoleName="flow", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    wanted = {
        "ResourceIds": [vpc], "ResourceType": "VPC", "TrafficType": "ALL",
        "LogGroupName": "/flow", "DeliverLogsPermissionArn": arn,
    }  # fmt: skip
    with refused("InvalidParameter"):
        ec2.create_flow_logs(**wanted)
    lab.advance(10)
    made = ec2.create_flow_logs(**wanted)
    assert (len(made["FlowLogIds"]), made["Unsuccessful"]) == (1, [])


@pytest.mark.parametrize(
    ("call", "params"),
    [
        ("get_bucket_metadata_configuration", {}),
        ("get_bucket_metrics_configuration", {"Id": "x"}),
        ("list_bucket_analytics_configurations", {}),
    ],
)
def test_s3_operations_that_moto_confuses_are_501(lab, refused, call, params):
    lab.client("s3").create_bucket(Bucket="b-1")
    with refused("NotImplemented") as refusal:
        getattr(lab.client("s3"), call)(Bucket="b-1", **params)
    assert refusal.status == 501


@pytest.mark.parametrize(
    ("query", "root"),
    [
        ("versioning", "VersioningConfiguration"),
        ("notification", "NotificationConfiguration"),
        ("accelerate", "AccelerateConfiguration"),
        ("acl", "AccessControlPolicy"),
        ("logging", "BucketLoggingStatus"),
        ("versions", "ListVersionsResult"),
        ("uploads", "ListMultipartUploadsResult"),
        ("publicAccessBlock", "PublicAccessBlockConfiguration"),
    ],
)
def test_answers_of_s3_have_the_root_that_strict_sdks_expect(lab, query, root):
    lab.client("s3").create_bucket(Bucket="b-1")
    request = urllib.request.Request(f"{lab.server.url}/b-1?{query}")
    scope = "AKIALABLABLABLABLAB0/20260101/us-east-1/s3/aws4_request"
    request.add_header(
        "Authorization", f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
    )
    with urllib.request.urlopen(request) as answer:
        document = ElementTree.fromstring(answer.read())
    assert document.tag.split("}")[-1] == root


def test_a_bucket_answers_only_in_its_own_region(lab):
    west = lab.client("s3", "us-west-2")
    west.create_bucket(Bucket="west", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    lab.client("s3").get_bucket_versioning(Bucket="west")
    seen = [(each["region"], each["error"]) for each in lab.admin("GET", "/_lab/log")]
    assert ("us-east-1", "PermanentRedirect") in seen
    assert seen[-1] == ("us-west-2", None)

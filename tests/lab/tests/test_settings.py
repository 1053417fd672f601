"""Settings: EC2's eventual consistency, and signatures that are checked."""

from __future__ import annotations

import urllib.error
import urllib.request

import boto3
import pytest
import setups
from botocore.config import Config


def settings(lab, **values):
    return lab.admin("PUT", "/_lab/settings", values)


@pytest.fixture
def late(lab):
    """An EC2 that does not see for up to ten seconds what it made; time stands still."""
    settings(lab, ec2_lag=10)
    return lab.client("ec2")


def test_a_fresh_vpc_is_unknown_by_id_and_missing_from_lists(lab, late, refused):
    vpc = late.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    calls = (
        lambda: late.describe_vpcs(VpcIds=[vpc]),
        lambda: late.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24"),
        lambda: late.create_tags(Resources=[vpc], Tags=[{"Key": "a", "Value": "b"}]),
    )
    for call in calls:
        with refused("InvalidVpcID.NotFound"):
            call()
    assert late.describe_vpcs()["Vpcs"] == []
    by_id = [{"Name": "vpc-id", "Values": [vpc]}]
    assert late.describe_vpcs(Filters=by_id)["Vpcs"] == []
    lab.advance(10)
    for call in calls:
        call()
    assert len(late.describe_vpcs()["Vpcs"]) == 1


@pytest.mark.parametrize(
    ("make", "read", "code"),
    [
        (
            lambda ec2, net: ec2.create_security_group(
                GroupName="g", Description="d", VpcId=net.vpc
            )["GroupId"],
            lambda ec2, one: ec2.describe_security_groups(GroupIds=[one]),
            "InvalidGroup.NotFound",
        ),
        (
            lambda ec2, net: ec2.create_route_table(VpcId=net.vpc)["RouteTable"]["RouteTableId"],
            lambda ec2, one: ec2.describe_route_tables(RouteTableIds=[one]),
            "InvalidRouteTableID.NotFound",
        ),
        (
            lambda ec2, net: ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"],
            lambda ec2, one: ec2.describe_internet_gateways(InternetGatewayIds=[one]),
            "InvalidInternetGatewayID.NotFound",
        ),
        (
            lambda ec2, net: ec2.allocate_address(Domain="vpc")["AllocationId"],
            lambda ec2, one: ec2.describe_addresses(AllocationIds=[one]),
            "InvalidAllocationID.NotFound",
        ),
    ],
)
def test_each_kind_is_unknown_with_its_own_code(lab, refused, make, read, code):
    net, ec2 = setups.network(lab), lab.client("ec2")
    settings(lab, ec2_lag=10)
    made = make(ec2, net)
    with refused(code):
        read(ec2, made)
    lab.advance(10)
    read(ec2, made)


def test_the_lag_is_drawn_from_the_seed(lab):
    lags = []
    for seed in (1, 1, 2):
        lab.world.reset()
        settings(lab, ec2_lag=10, seed=seed)
        ec2, waited = lab.client("ec2"), 0.0
        ec2.create_vpc(CidrBlock="10.0.0.0/16")
        while not ec2.describe_vpcs()["Vpcs"]:
            lab.advance(0.25)
            waited += 0.25
        lags.append(waited)
    assert lags[0] == lags[1] != lags[2]


def test_without_lag_everything_is_seen_at_once(lab):
    ec2 = lab.client("ec2")
    ec2.create_vpc(CidrBlock="10.0.0.0/16")
    assert len(ec2.describe_vpcs()["Vpcs"]) == 1


@pytest.mark.parametrize(
    "values",
    [{"ec2_lag": -1}, {"ec2_lag": "long"}, {"keys": ["a"]}, {"seed": 1.5}, {"other": 1}, []],
)
def test_a_setting_that_makes_no_sense_is_refused(lab, values):
    with pytest.raises(urllib.error.HTTPError) as answer:
        lab.admin("PUT", "/_lab/settings", values)
    assert answer.value.code == 400


KEY, SECRET = "AKIAREAL000000000000", "wJalrXUtnFEMI/K7MDENG"
CALLS = [
    ("ec2", "describe_vpcs", {}, "AuthFailure", "SignatureDoesNotMatch"),
    ("iam", "list_roles", {}, "InvalidClientTokenId", "SignatureDoesNotMatch"),
    ("kms", "list_keys", {}, "UnrecognizedClientException", "InvalidSignatureException"),
    ("eks", "list_clusters", {}, "UnrecognizedClientException", "InvalidSignatureException"),
    (
        "eks",
        "describe_cluster",
        {"name": "a"},
        "UnrecognizedClientException",
        "InvalidSignatureException",
    ),
    ("s3", "list_buckets", {}, "InvalidAccessKeyId", "SignatureDoesNotMatch"),
    (
        "s3",
        "list_objects_v2",
        {"Bucket": "some-bucket", "Prefix": "a b/ü+c"},
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
    ),
    (
        "s3",
        "put_object",
        {"Bucket": "some-bucket", "Key": "a b/ü+c~", "Body": b"x"},
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
    ),
    ("cloudfront", "list_distributions", {}, "InvalidClientTokenId", "SignatureDoesNotMatch"),
]


def client(lab, service, key=KEY, secret=SECRET):
    return boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=lab.server.url,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
    )


@pytest.mark.parametrize(("service", "call", "params", "unknown", "wrong"), CALLS)
def test_signatures_are_checked_when_keys_are_set(
    lab, refused, service, call, params, unknown, wrong
):
    lab.client("s3").create_bucket(Bucket="some-bucket")
    settings(lab, keys={KEY: SECRET})
    try:
        getattr(client(lab, service), call)(**params)
    except Exception as error:
        assert "ResourceNotFound" in str(error)  # the signature was right
    with refused(wrong):
        getattr(client(lab, service, secret="guessed"), call)(**params)
    with refused(unknown):
        getattr(client(lab, service, key="AKIAOTHER00000000000"), call)(**params)


def test_a_presigned_address_is_checked_too(lab):
    lab.client("s3").create_bucket(Bucket="some-bucket")
    lab.client("s3").put_object(Bucket="some-bucket", Key="a b", Body=b"x")
    settings(lab, keys={KEY: SECRET})
    target = {"Bucket": "some-bucket", "Key": "a b"}
    address = client(lab, "s3").generate_presigned_url("get_object", target)
    if "X-Amz-Signature" not in address:
        s3 = boto3.client(
            "s3",
            region_name="us-east-1",
            endpoint_url=lab.server.url,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
        )
        address = s3.generate_presigned_url("get_object", target)
    with urllib.request.urlopen(address) as answer:
        assert answer.read() == b"x"
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(address.replace("a%20b", "other"))
    assert refusal.value.code == 403


def test_secrets_of_keys_are_never_shown(lab):
    assert SECRET not in str(settings(lab, keys={KEY: SECRET}))

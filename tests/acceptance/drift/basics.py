"""What holds for every object: its properties are ours, further tags are not."""

from __future__ import annotations

from acceptance.drift import Allowed, Drift
from acceptance.fields import Account, Seen
from acceptance.stacks import NETWORK

BASE = (NETWORK, 'tags = { team = "shop" }')


def _hostnames(account: Account, wanted: bool) -> None:
    account.client("ec2").modify_vpc_attribute(
        VpcId=account.id("network/vpc"), EnableDnsHostnames={"Value": wanted}
    )


def _has_hostnames(account: Account) -> bool:
    found = account.client("ec2").describe_vpc_attribute(
        VpcId=account.id("network/vpc"), Attribute="enableDnsHostnames"
    )
    return found["EnableDnsHostnames"]["Value"]


def _tag(account: Account, key: str, value: str) -> None:
    tags = [{"Key": key, "Value": value}]
    account.client("ec2").create_tags(Resources=[account.id("network/vpc")], Tags=tags)


def _team(account: Account) -> str:
    found = account.client("ec2").describe_vpcs(VpcIds=[account.id("network/vpc")])["Vpcs"][0]
    return next(tag["Value"] for tag in found["Tags"] if tag["Key"] == "team")


DRIFTS = [
    Drift(
        "a property that was changed is set again",
        lambda a: _hostnames(a, wanted=False),
        ("update network/vpc",),
        Seen("network", _has_hostnames, True),
    ),
    Drift(
        "a tag of ours that was changed is set again",
        lambda a: _tag(a, "team", "other"),
        ("update network/vpc", "tags"),
        Seen("tags", _team, "shop"),
    ),
]

ALLOWED = [
    Allowed("a tag of somebody else stays", lambda a: _tag(a, "cost-center", "42")),
]

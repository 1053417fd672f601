"""`network`, field by field."""

from __future__ import annotations

from acceptance.fields import Account, Seen, Step


def _vpc(account: Account) -> dict:
    return account.client("ec2").describe_vpcs(VpcIds=[account.id("network/vpc")])["Vpcs"][0]


def _nat_gateways(account: Account) -> int:
    found = account.client("ec2").describe_nat_gateways(
        Filters=[{"Name": "state", "Values": ["available"]}]
    )
    return len(found["NatGateways"])


STEPS = [
    Step(
        "a network of two zones with one NAT gateway",
        ('network = { cidr = "10.20.0.0/16", zone_count = 2, nat = "single" }',),
        seen=(
            Seen("network.cidr", lambda a: _vpc(a)["CidrBlock"], "10.20.0.0/16"),
            Seen("network.nat", _nat_gateways, 1),
        ),
    ),
    Step(
        "a NAT gateway per zone is added in place",
        ('network = { cidr = "10.20.0.0/16", zone_count = 2, nat = "per_zone" }',),
        seen=(Seen("network.nat", _nat_gateways, 2),),
        words=("create network/nat-gateway/b",),
        keeps=("network/vpc", "network/nat-gateway/a"),
    ),
]

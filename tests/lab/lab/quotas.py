"""Service quotas: AWS's default, and what this account has been granted.

The account of the lab was granted more than a new one, so that several stacks fit into a region;
`PUT /_lab/quotas` sets any value, in both directions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lab.extend import AwsError, Context


@dataclass(frozen=True)
class Quota:
    """One quota; `default` is AWS's value for a new account, `granted` this account's."""

    service: str
    code: str
    name: str
    default: float
    granted: float
    adjustable: bool = True


ALL = (
    Quota("vpc", "L-F678F1CE", "VPCs per Region", 5, 100),
    Quota("vpc", "L-A4707A72", "Internet gateways per Region", 5, 100),
    Quota("vpc", "L-FE5A380F", "NAT gateways per Availability Zone", 5, 100),
    Quota("vpc", "L-407747CB", "Subnets per VPC", 200, 200),
    Quota("vpc", "L-589F43AA", "Route tables per VPC", 200, 200),
    Quota("vpc", "L-E79EC296", "VPC security groups per Region", 2500, 2500),
    Quota("vpc", "L-0EA8095F", "Inbound or outbound rules per security group", 60, 60),
    Quota("ec2", "L-0263D0A3", "EC2-VPC Elastic IPs", 5, 100),
    Quota("ec2", "L-1216C47A", "Running On-Demand Standard instances", 5, 1152),
    Quota("ec2", "L-34B43A08", "All Standard Spot Instance Requests", 5, 1152),
    Quota("ec2", "L-DB2E81BA", "Running On-Demand G and VT instances", 0, 256),
    Quota("ec2", "L-3819A6DF", "All G and VT Spot Instance Requests", 0, 256),
    Quota("ec2", "L-417A185B", "Running On-Demand P instances", 0, 192),
    Quota("ec2", "L-C4BD4855", "All P5 Spot Instance Requests", 0, 192),
    Quota("ec2", "L-7212CCBC", "All P4, P3 and P2 Spot Instance Requests", 0, 192),
    Quota("eks", "L-1194D53C", "Clusters", 100, 100),
    Quota("eks", "L-6D54EA21", "Managed node groups per cluster", 30, 30),
    Quota("eks", "L-BD136A63", "Nodes per managed node group", 450, 450),
    Quota("rds", "L-7B6409FD", "DB instances", 40, 40),
    Quota("rds", "L-952B80B8", "DB clusters", 40, 40),
    Quota("rds", "L-7ADDB58A", "Total storage for all DB instances", 100000, 100000),
    Quota("rds", "L-5BC124EF", "Read replicas per primary", 15, 15),
    Quota("elasticache", "L-DFE45DF3", "Nodes per Region", 300, 300),
    Quota("cloudfront", "L-24B04930", "Web distributions per AWS account", 200, 200),
    Quota("iam", "L-FE177D64", "Roles per account", 1000, 1000),
    Quota("s3", "L-DC2B2D3D", "Buckets", 10000, 10000),
    Quota("kms", "L-C2F1777E", "Customer master keys", 100000, 100000),
)
BY_CODE = {(each.service, each.code): each for each in ALL}


def value(ctx: Context, service: str, code: str) -> float:
    """What the account may have now."""
    overridden = ctx.world.store(ctx.account, "global", "servicequotas").get("values", {})
    return overridden.get(f"{service}/{code}", BY_CODE[service, code].granted)


def require(ctx: Context, service: str, code: str, used: int, error: str, text: str) -> None:
    """Raises `error` when one more than `used` would be too many."""
    if used + 1 > value(ctx, service, code):
        raise AwsError(error, text, status=400)


def override(store: dict[str, Any], values: Any) -> None:
    """Sets quotas from `{"vpc/L-F678F1CE": 5}`; raises ValueError for an unknown one."""
    if not isinstance(values, dict):
        raise ValueError('expected {"service/code": value}')
    for name, amount in values.items():
        if tuple(name.split("/")) not in BY_CODE or not isinstance(amount, (int, float)):
            raise ValueError(f"no such quota, or no number: {name}")
    store.setdefault("values", {}).update(values)

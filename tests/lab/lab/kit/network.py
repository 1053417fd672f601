"""Subnets, security groups and the network interfaces that services place into a VPC."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context
from lab.services.ec2 import interfaces


def subnets(ctx: Context, ids: list[str]) -> list[dict[str, Any]]:
    """The subnets of `ids`, as EC2 describes them; raises EC2's own error for a missing one."""
    if not ids:
        return []
    return ctx.call("ec2", "DescribeSubnets", {"SubnetIds": list(ids)})["Subnets"]


def security_groups(ctx: Context, ids: list[str]) -> list[dict[str, Any]]:
    """The security groups of `ids`; raises EC2's own error for a missing one."""
    if not ids:
        return []
    return ctx.call("ec2", "DescribeSecurityGroups", {"GroupIds": list(ids)})["SecurityGroups"]


def default_group(ctx: Context, vpc_id: str) -> str:
    """The id of the VPC's default security group."""
    filters = [
        {"Name": "vpc-id", "Values": [vpc_id]},
        {"Name": "group-name", "Values": ["default"]},
    ]
    groups = ctx.call("ec2", "DescribeSecurityGroups", {"Filters": filters})["SecurityGroups"]
    return groups[0]["GroupId"]


def place(
    ctx: Context, subnet_ids: list[str], group_ids: list[str], description: str, requester: str
) -> list[str]:
    """Creates one requester-managed interface per subnet and returns the ids, or none at all.

    They are what makes EC2 refuse to delete a subnet or a security group that a service uses.
    Raises EC2's error when a subnet or group is gone, or a subnet has no free address.
    """
    subnets(ctx, sorted(set(subnet_ids)))
    security_groups(ctx, sorted(set(group_ids)))
    made: list[str] = []
    try:
        for subnet_id in subnet_ids:
            eni = interfaces.place(
                ctx, subnet_id, description, group_ids=list(group_ids), requester=requester
            )
            made.append(eni.id)
    except AwsError:
        remove(ctx, made)
        raise
    return made


def regroup(ctx: Context, eni_ids: list[str], group_ids: list[str]) -> None:
    """Puts the interfaces into other security groups."""
    ec2 = ctx.moto("ec2")
    groups = [ec2.get_security_group_from_id(group_id) for group_id in group_ids]
    for eni_id in eni_ids:
        if eni := ec2.enis.get(eni_id):
            eni._group_set = list(groups)


def remove(ctx: Context, eni_ids: list[str]) -> None:
    """Removes interfaces that `place` made; one that is gone already is no error."""
    for eni_id in eni_ids:
        interfaces.remove(ctx, eni_id)

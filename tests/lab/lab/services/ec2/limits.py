"""EC2's quotas, checked before something is made, and how much one request may ask for."""

from __future__ import annotations

from lab import quotas
from lab.extend import AwsError, Context, Params, before

MOST_VALUES = 200
"""Values of all filters of a request: gjbae1212/gossm#47 shows the error."""


@before("ec2", "*")
def few_values(_ctx: Context, params: Params) -> None:
    """No Describe call takes more values in its filters."""
    filters = params.get("Filters") or params.get("Filter") or ()
    if sum(len(each.get("Values", ())) for each in filters) > MOST_VALUES:
        text = "The maximum number of filter values specified on a single call is"
        raise AwsError("FilterLimitExceeded", f"{text} {MOST_VALUES}", status=400)


@before("ec2", "CreateVpc")
def vpcs(ctx: Context, _params: Params) -> None:
    """VPCs per region."""
    used, text = len(ctx.moto("ec2").vpcs), "The maximum number of VPCs has been reached."
    quotas.require(ctx, "vpc", "L-F678F1CE", used, "VpcLimitExceeded", text)


@before("ec2", "CreateInternetGateway")
def internet_gateways(ctx: Context, _params: Params) -> None:
    """Internet gateways per region."""
    used = len(ctx.moto("ec2").internet_gateways)
    text = "The maximum number of internet gateways has been reached."
    quotas.require(ctx, "vpc", "L-A4707A72", used, "InternetGatewayLimitExceeded", text)


@before("ec2", "AllocateAddress")
def addresses(ctx: Context, _params: Params) -> None:
    """Elastic addresses per region."""
    used = len(ctx.moto("ec2").addresses)
    text = "The maximum number of addresses has been reached."
    quotas.require(ctx, "ec2", "L-0263D0A3", used, "AddressLimitExceeded", text)


@before("ec2", "CreateNatGateway")
def nat_gateways(ctx: Context, params: Params) -> None:
    """NAT gateways per zone; those that are gone but still listed do not count."""
    ec2 = ctx.moto("ec2")
    zone = ec2.get_subnet(params["SubnetId"]).availability_zone
    used = sum(
        ec2.get_subnet(nat.subnet_id).availability_zone == zone
        for nat in ec2.nat_gateways.values()
        if nat.state in ("pending", "available", "deleting")
    )
    text = "Performing this operation would exceed the limit of NAT gateways"
    quotas.require(ctx, "vpc", "L-FE5A380F", used, "NatGatewayLimitExceeded", text)

"""Internet gateways: one per VPC, detached only when no public address is left."""

from __future__ import annotations

from lab.extend import AwsError, Context, Params, before
from lab.services.ec2.network import dependency


@before("ec2", "AttachInternetGateway")
def one_per_vpc(ctx: Context, params: Params) -> None:
    """A VPC has at most one internet gateway."""
    vpc_id = params["VpcId"]
    for gateway in ctx.moto("ec2").internet_gateways.values():
        if gateway.vpc and gateway.vpc.id == vpc_id and gateway.id != params["InternetGatewayId"]:
            text = f"Network {vpc_id} already has an internet gateway attached"
            raise AwsError("InvalidParameterValue", text, status=400)


@before("ec2", "DetachInternetGateway")
def no_public_addresses(ctx: Context, params: Params) -> None:
    """Public addresses inside the VPC need the gateway."""
    vpc_id = params["VpcId"]
    for eni in ctx.moto("ec2").enis.values():
        if eni.vpc_id == vpc_id and eni.public_ip:
            raise dependency(
                f"Network {vpc_id} has some mapped public address(es). "
                "Please unmap those public address(es) before detaching the gateway."
            )


def attached(ctx: Context, vpc_id: str) -> bool:
    """Whether the VPC has an internet gateway."""
    gateways = ctx.moto("ec2").internet_gateways.values()
    return any(gateway.vpc and gateway.vpc.id == vpc_id for gateway in gateways)

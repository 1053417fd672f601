"""How what EC2 accepted can still fail."""

from __future__ import annotations

from lab.extend import Context, Output, Params, after
from lab.failures import Failure, fails
from lab.services.ec2 import nat
from lab.services.ec2.endpoints import ENDPOINT

NAT_CODES = {
    "InsufficientFreeAddressesInSubnet": "Subnet has insufficient free addresses to create this "
    "NAT gateway",
    "Gateway.NotAttached": "Network has no Internet gateway attached",
    "InvalidAllocationID.NotFound": "Elastic IP address could not be associated with this NAT "
    "gateway",
    "Resource.AlreadyAssociated": "Elastic IP address is already associated",
    "InternalError": "Network interface could not be created; please try again later",
    "InvalidSubnetID.NotFound": "The specified subnet does not exist or could not be found",
}
"""The codes that the model lists for a NAT gateway's FailureCode."""


@fails("ec2", "CreateNatGateway", nat.NAT, NAT_CODES)
def nat_not_made(ctx: Context, nat_id: str, failure: Failure) -> None:
    """failed, listed for an hour; its address is free again."""
    gateway = ctx.moto("ec2").nat_gateways[nat_id]
    gateway.failure_code, gateway.failure_message = failure.reason, failure.message
    nat.failed(ctx, nat_id)


@fails("ec2", "CreateVpcEndpoint", ENDPOINT, {"failed": "The endpoint could not be created"})
def endpoint_not_made(ctx: Context, endpoint_id: str, failure: Failure) -> None:
    """The state `failed`, with its reason; it can be deleted."""
    endpoint = ctx.moto("ec2").vpc_end_points[endpoint_id]
    endpoint.state, endpoint.last_error = "failed", failure.message


@after("ec2", "DescribeVpcEndpoints")
def told(ctx: Context, _params: Params, output: Output) -> None:
    """LastError: "the last error that occurred for endpoint" (EC2 API Reference, VpcEndpoint)."""
    endpoints = ctx.moto("ec2").vpc_end_points
    for shown in output.get("VpcEndpoints", ()):
        if text := getattr(endpoints.get(shown["VpcEndpointId"]), "last_error", None):
            shown["LastError"] = {"Code": "failed", "Message": text}

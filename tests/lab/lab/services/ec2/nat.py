"""NAT gateways: minutes to come and go, a failed way, and a row that stays visible for an hour."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, Output, Params, before, idempotent, on_end, operation
from lab.services.ec2 import gateways, interfaces

NAT = "ec2/nat-gateway"

idempotent("ec2", "CreateNatGateway")


@operation("ec2", "CreateNatGateway")
def create(ctx: Context, params: Params) -> Output:
    """Accepts the gateway; what is wrong with its network shows as state `failed` later."""
    if params.get("AvailabilityMode") == "regional":
        text = "The lab does not simulate regional NAT gateways"
        raise AwsError("NotImplemented", text, status=501)
    ec2 = ctx.moto("ec2")
    subnet = ec2.get_subnet(params["SubnetId"])
    kind = params.get("ConnectivityType", "public")
    address = _address(ec2, params, kind)
    reason = _failure(ctx, subnet, address)
    tags = {
        tag["Key"]: tag["Value"]
        for group in params.get("TagSpecifications", ())
        for tag in group.get("Tags", ())
    }
    allocation = address.allocation_id if address is not None and reason is None else None
    nat = ec2.create_nat_gateway(subnet.id, allocation, tags, kind)
    _adopt_interface(ctx, nat, subnet)
    nat.state = "pending"
    if reason is not None:
        nat.failure_code, nat.failure_message = reason
    ctx.life.start(NAT, nat.id, "fail" if reason else "create")
    return {"NatGateway": _shown(ctx, nat.id), "ClientToken": params.get("ClientToken")}


def _address(ec2: Any, params: Params, kind: str) -> Any:
    if kind == "private":
        if "AllocationId" in params:
            text = "The parameter AllocationId may not be used with a private NAT gateway"
            raise AwsError("InvalidParameterCombination", text, status=400)
        return None
    if "AllocationId" not in params:
        text = "The request must contain the parameter AllocationId"
        raise AwsError("MissingParameter", text, status=400)
    return ec2.address_by_allocation([params["AllocationId"]])[0]


def _failure(ctx: Context, subnet: Any, address: Any) -> tuple[str, str] | None:
    """The failure code and message that EC2 gives a gateway after it accepted it."""
    if address is None:
        return None
    if address.association_id is not None:
        text = f"Elastic IP address [{address.allocation_id}] is already associated"
        return "Resource.AlreadyAssociated", text
    if not gateways.attached(ctx, subnet.vpc_id):
        return "Gateway.NotAttached", f"Network {subnet.vpc_id} has no Internet gateway attached"
    return None


def _adopt_interface(ctx: Context, nat: Any, subnet: Any) -> None:
    """Makes moto's interface look like EC2's: managed, in use, without a security group."""
    eni = nat._eni
    eni.description = f"Interface for NAT Gateway {nat.id}"
    eni.requester_managed, eni.requester_id = True, "amazon-aws"
    eni.interface_type, eni.status, eni._group_set = "nat_gateway", "in-use", []
    eni.private_ip_address = interfaces.free_address(ctx, subnet)
    eni.private_ip_addresses = [{"Primary": True, "PrivateIpAddress": eni.private_ip_address}]
    nat.private_ip = nat.address_set[0]["privateIp"] = eni.private_ip_address


def _shown(ctx: Context, nat_id: str) -> Output:
    found = ctx.call("ec2", "DescribeNatGateways", {"NatGatewayIds": [nat_id]})
    return found["NatGateways"][0]


@on_end(NAT, "create")
def created(ctx: Context, nat_id: str) -> None:
    """The gateway works."""
    ctx.moto("ec2").nat_gateways[nat_id].state = "available"


@on_end(NAT, "fail")
def failed(ctx: Context, nat_id: str) -> None:
    """The gateway never worked; its interface goes, its row stays to be read."""
    nat = ctx.moto("ec2").nat_gateways[nat_id]
    nat.state = "failed"
    interfaces.remove(ctx, nat._eni.id)
    ctx.life.start(NAT, nat_id, "vanish", waited_for=False)


@before("ec2", "DescribeNatGateways", "DeleteNatGateway")
def known(ctx: Context, params: Params) -> None:
    """Ids that EC2 does not know are an error; moto ignores or crashes on them."""
    asked = params.get("NatGatewayIds") or [params.get("NatGatewayId")]
    for nat_id in asked:
        if nat_id is not None and nat_id not in ctx.moto("ec2").nat_gateways:
            text = f"NatGateway {nat_id} was not found"
            raise AwsError("NatGatewayNotFound", text, status=400)


@operation("ec2", "DeleteNatGateway")
def delete(ctx: Context, params: Params) -> Output:
    """Begins the deletion; a gateway that is going or gone stays as it is."""
    nat = ctx.moto("ec2").nat_gateways[params["NatGatewayId"]]
    if nat.state in ("pending", "available"):
        nat.state = "deleting"
        ctx.life.start(NAT, nat.id, "delete")
    return {"NatGatewayId": nat.id}


@on_end(NAT, "delete")
def deleted(ctx: Context, nat_id: str) -> None:
    """The interface goes and the elastic address is free; routes to it become black holes."""
    nat = ctx.moto("ec2").nat_gateways[nat_id]
    nat.state = "deleted"
    interfaces.remove(ctx, nat._eni.id)
    ctx.life.start(NAT, nat_id, "vanish", waited_for=False)


@on_end(NAT, "vanish")
def vanished(ctx: Context, nat_id: str) -> None:
    """About an hour later nothing shows that the gateway existed."""
    ec2 = ctx.moto("ec2")
    ec2.nat_gateways.pop(nat_id, None)
    ec2.tags.pop(nat_id, None)
    ctx.life.forget(NAT, nat_id)

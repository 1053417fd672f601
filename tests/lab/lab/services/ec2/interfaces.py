"""Network interfaces that AWS services put into a network, and who may delete them."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, Params, before


def place(
    ctx: Context,
    subnet_id: str,
    description: str,
    *,
    kind: str = "interface",
    group_ids: list[str] | None = None,
    requester: str = "amazon-aws",
) -> Any:
    """Puts a requester-managed interface into a subnet and returns moto's object.

    `group_ids` None means no security group at all, as NAT gateways have.
    """
    ec2 = ctx.moto("ec2")
    subnet = ec2.get_subnet(subnet_id)
    eni = ec2.create_network_interface(
        subnet, free_address(ctx, subnet), group_ids=group_ids, description=description
    )
    if group_ids is None:
        eni._group_set = []
    eni.requester_managed, eni.requester_id = True, requester
    eni.interface_type, eni.status = kind, "in-use"
    return eni


def free_address(ctx: Context, subnet: Any) -> str:
    """The lowest free IPv4 address of a subnet; AWS keeps the first four and the last."""
    taken = {eni.private_ip_address for eni in ctx.moto("ec2").enis.values()}
    size = subnet.cidr.num_addresses
    for offset in range(4, size - 1):
        if (address := str(subnet.cidr.network_address + offset)) not in taken:
            return address
    text = f"Not enough free addresses in subnet '{subnet.id}'"
    raise AwsError("InsufficientFreeAddressesInSubnet", text, status=400)


def remove(ctx: Context, eni_id: str) -> None:
    """Removes an interface and frees its elastic address; one that is gone is no error."""
    ec2 = ctx.moto("ec2")
    if ec2.enis.pop(eni_id, None) is None:
        return
    for address in ec2.addresses:
        if address.eni is not None and address.eni.id == eni_id:
            address.eni = address.instance = address.association_id = None


@before("ec2", "DeleteNetworkInterface")
def deletable(ctx: Context, params: Params) -> None:
    """An interface in use stays, and one that a service made is that service's."""
    eni = ctx.moto("ec2").enis.get(params["NetworkInterfaceId"])
    if eni is None:
        return
    if eni.requester_managed:
        text = f"You do not have permission to access the specified resource: {eni.id}"
        raise AwsError("OperationNotPermitted", text, status=400)
    if eni.status == "in-use":
        text = f"Network interface '{eni.id}' is currently in use."
        raise AwsError("InvalidParameterValue", text, status=400)

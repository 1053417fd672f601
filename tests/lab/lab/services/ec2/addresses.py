"""Elastic addresses: released only when nothing uses them."""

from __future__ import annotations

from lab.extend import AwsError, Context, Params, before


@before("ec2", "ReleaseAddress")
def unassociated(ctx: Context, params: Params) -> None:
    """An address that a NAT gateway or an interface holds cannot be released.

    A gateway's association is the service's own, so EC2 answers as to a stranger: kubernetes/kops#1604
    and genevieve/leftovers#33.
    """
    ec2 = ctx.moto("ec2")
    for address in ec2.addresses:
        named = params.get("AllocationId") == address.allocation_id
        if named and address.association_id is not None:
            if any(nat._eni is address.eni for nat in ec2.nat_gateways.values()):
                text = "You do not have permission to access the specified resource."
                raise AwsError("AuthFailure", text, status=400)
            text = f"Address {address.public_ip} is in use."
            raise AwsError("InvalidIPAddress.InUse", text, status=400)

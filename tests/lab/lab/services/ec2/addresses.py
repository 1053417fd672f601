"""Elastic addresses: released only when nothing uses them."""

from __future__ import annotations

from lab.extend import AwsError, Context, Params, before


@before("ec2", "ReleaseAddress")
def unassociated(ctx: Context, params: Params) -> None:
    """An address that a NAT gateway or an interface holds cannot be released."""
    for address in ctx.moto("ec2").addresses:
        named = params.get("AllocationId") == address.allocation_id
        if named and address.association_id is not None:
            text = f"Address {address.public_ip} is in use."
            raise AwsError("InvalidIPAddress.InUse", text, status=400)

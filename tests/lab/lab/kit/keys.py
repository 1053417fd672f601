"""KMS keys as other services use them."""

from __future__ import annotations

from lab.extend import AwsError, Context
from lab.kit.records import digest


def usable(ctx: Context, key: str, service: str) -> str | None:
    """The ARN of an enabled key, given by id, ARN or alias; None for any other.

    The key that AWS keeps for the service itself is always usable.
    """
    if key in (f"alias/aws/{service}", service_key(ctx, service)):
        return service_key(ctx, service)
    try:
        found = ctx.call("kms", "DescribeKey", {"KeyId": key})["KeyMetadata"]
    except AwsError:
        return None
    return found["Arn"] if found["KeyState"] == "Enabled" else None


def service_key(ctx: Context, service: str) -> str:
    """The ARN of the key that AWS keeps for a service (`aws/rds`); it needs no creation."""
    text = digest("service key", ctx.account, ctx.region, service)
    uuid = "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
    return f"arn:aws:kms:{ctx.region}:{ctx.account}:key/{uuid}"

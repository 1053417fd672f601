"""Rotation of keys: its period, and when the next one is due, which moto forgets.

Rules: KMS API reference, EnableKeyRotation and GetKeyRotationStatus.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from lab.extend import AwsError, Context, Output, Params, after, before
from lab.services.kms import find_key

USUAL = 365
"""Days between two rotations when nobody says otherwise."""
MINE = "SYMMETRIC_DEFAULT"
"""The only kind of key material that KMS rotates by itself."""


def _enabled(ctx: Context) -> dict[str, dict[str, Any]]:
    """Key → days between rotations, and the lab time from which they count."""
    return ctx.store("kms").setdefault("rotation", {})


@before("kms", "EnableKeyRotation")
def rotates(ctx: Context, params: Params) -> None:
    """Only symmetric keys whose material is of KMS."""
    key = find_key(ctx, params["KeyId"])
    if key is not None and (key.key_spec != MINE or key.origin != "AWS_KMS"):
        text = f"{key.arn} does not support automatic rotation"
        raise AwsError("UnsupportedOperationException", text, status=400)


@after("kms", "EnableKeyRotation")
def begin(ctx: Context, params: Params, _output: Output) -> None:
    """The period counts from now; without one it stays as it is, or is a year."""
    key = find_key(ctx, params["KeyId"]).id
    before_now = _enabled(ctx).get(key, {"days": USUAL})
    days = params.get("RotationPeriodInDays", before_now["days"])
    _enabled(ctx)[key] = {"days": days, "since": ctx.now()}


@after("kms", "DisableKeyRotation")
def end(ctx: Context, params: Params, _output: Output) -> None:
    """The next one begins with a year again."""
    _enabled(ctx).pop(find_key(ctx, params["KeyId"]).id, None)


@after("kms", "GetKeyRotationStatus")
def show(ctx: Context, params: Params, output: Output) -> Output:
    """Period and next date, while it is enabled."""
    key = find_key(ctx, params["KeyId"])
    output = output | {"KeyId": key.arn}
    kept = _enabled(ctx).get(key.id)
    if not output["KeyRotationEnabled"] or kept is None:
        return output
    begun = datetime.fromtimestamp(int(kept["since"]), timezone.utc)
    return output | {
        "RotationPeriodInDays": kept["days"],
        "NextRotationDate": begun + timedelta(days=kept["days"]),
    }

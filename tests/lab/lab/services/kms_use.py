"""Use of keys: only enabled ones, and only for what they are made for, which moto does not look at.

Rules: KMS Developer Guide, "Key states of AWS KMS keys", and the errors of each operation.
"""

from __future__ import annotations

from lab.extend import AwsError, Context, Params, before
from lab.services.kms import find_key

USES = {
    "Encrypt": "ENCRYPT_DECRYPT",
    "Decrypt": "ENCRYPT_DECRYPT",
    "GenerateDataKey": "ENCRYPT_DECRYPT",
    "GenerateDataKeyWithoutPlaintext": "ENCRYPT_DECRYPT",
    "ReEncrypt": "ENCRYPT_DECRYPT",
    "Sign": "SIGN_VERIFY",
    "Verify": "SIGN_VERIFY",
    "GenerateMac": "GENERATE_VERIFY_MAC",
    "VerifyMac": "GENERATE_VERIFY_MAC",
}
"""Operation → KeyUsage that a key must have for it."""


def _require(ctx: Context, key_id: str | None, usage: str) -> None:
    key = None if key_id is None else find_key(ctx, key_id)
    if key is None:
        return
    if key.key_state == "Disabled":
        raise AwsError("DisabledException", f"{key.arn} is disabled.", status=400)
    if key.key_state != "Enabled":
        state = "pending deletion" if key.key_state.startswith("Pending") else key.key_state
        raise AwsError("KMSInvalidStateException", f"{key.arn} is {state}.", status=400)
    given = key.key_usage or "ENCRYPT_DECRYPT"
    if given != usage:
        text = f"{key.arn} key usage is {given} which is not valid for this operation."
        raise AwsError("InvalidKeyUsageException", text, status=400)


def _check(operation: str, usage: str) -> None:
    @before("kms", operation)
    def usable(ctx: Context, params: Params) -> None:
        _require(ctx, params.get("KeyId") or params.get("DestinationKeyId"), usage)


for _operation, _usage in USES.items():
    _check(_operation, _usage)

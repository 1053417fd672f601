"""Secrets Manager: names that are blocked while a deleted secret waits for its end."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, Output, Params, after, before, on_end
from lab.kit import keys
from lab.kit.policies import unacceptable_principal

SECRET = "secretsmanager/secret"
DAY = 86400.0
LONGEST = 30
"""Days of the recovery window when the caller names none."""


@before("secretsmanager", "CreateSecret")
def name_free(ctx: Context, params: Params) -> None:
    """A name in its recovery window cannot be used; moto says it exists, AWS says why."""
    secret = ctx.moto("secretsmanager").secrets.get(params["Name"])
    if secret is not None and secret.is_deleted():
        text = (
            "You can't create this secret because a secret with this name is already "
            "scheduled for deletion."
        )
        raise AwsError("InvalidRequestException", text, status=400)


@before("secretsmanager", "CreateSecret", "UpdateSecret", "PutSecretValue")
def key_usable(ctx: Context, params: Params) -> None:
    """What is encrypted needs a key that exists and is enabled."""
    key = params.get("KmsKeyId")
    if key and keys.usable(ctx, key, "secretsmanager") is None:
        text = f"The KMS key {key} does not exist, or is not in a state in which it can be used."
        raise AwsError("EncryptionFailure", text, status=400)


@before("secretsmanager", "CreateSecret", "UpdateSecret", "PutSecretValue")
def one_value(_ctx: Context, params: Params) -> None:
    """Text or bytes."""
    if "SecretString" in params and "SecretBinary" in params:
        text = "You can't specify both a binary secret value and a string secret value."
        raise AwsError("InvalidParameterException", text, status=400)


@before("secretsmanager", "UpdateSecret", "PutSecretValue", "RotateSecret", "TagResource")
def not_deleted(ctx: Context, params: Params) -> None:
    """What waits for its end takes no changes."""
    name = params["SecretId"]
    secrets = ctx.moto("secretsmanager").secrets
    secret = secrets.get(name) or next(
        (each for each in secrets.values() if each.arn == name), None
    )
    if secret is not None and secret.is_deleted():
        text = "You can't perform this operation on the secret because it was marked for deletion."
        raise AwsError("InvalidRequestException", text, status=400)


@before("secretsmanager", "RotateSecret")
def rotatable(ctx: Context, params: Params) -> None:
    """Somebody must rotate: a function, or the service that owns the secret."""
    secret = ctx.moto("secretsmanager").secrets.get(params["SecretId"].rsplit(":", 1)[-1])
    known = getattr(secret, "rotation_lambda_arn", None)
    if secret is not None and not (known or params.get("RotationLambdaARN")):
        text = "No Lambda rotation function ARN is associated with this secret."
        raise AwsError("InvalidRequestException", text, status=400)


@before("secretsmanager", "PutResourcePolicy")
def principals_exist(ctx: Context, params: Params) -> None:
    """A resource policy can only name principals that exist and that IAM has spread."""
    try:
        unknown = unacceptable_principal(ctx, params["ResourcePolicy"])
    except ValueError as reason:
        text = "This resource policy is no valid JSON."
        raise AwsError("MalformedPolicyDocumentException", text, status=400) from reason
    if unknown is not None:
        text = f"This resource policy contains an unsupported principal: {unknown}"
        raise AwsError("MalformedPolicyDocumentException", text, status=400)


@after("secretsmanager", "DeleteSecret")
def begin_deletion(ctx: Context, params: Params, output: Output) -> None:
    """The recovery window runs in lab time; a forced deletion has none."""
    if not params.get("ForceDeleteWithoutRecovery"):
        days = params.get("RecoveryWindowInDays", LONGEST)
        ctx.life.start(SECRET, output["Name"], "delete", seconds=days * DAY, waited_for=False)


@after("secretsmanager", "RestoreSecret")
def restored(ctx: Context, _params: Params, output: Output) -> None:
    """The secret lives on."""
    ctx.life.forget(SECRET, output["Name"])


@on_end(SECRET, "delete")
def deleted(ctx: Context, name: str) -> None:
    """The secret is gone for good and its name free."""
    ctx.moto("secretsmanager").secrets.pop(name)


def census(ctx: Context) -> list[dict[str, Any]]:
    """The secrets of this region; those in their recovery window count as pending."""
    return [
        {
            "kind": "secretsmanager/secret",
            "id": secret.name,
            "tags": {tag["Key"]: tag["Value"] for tag in secret.tags or ()},
            "pending": secret.is_deleted(),
        }
        for secret in list(ctx.moto("secretsmanager").secrets.values())
    ]

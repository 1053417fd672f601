"""The secret in which RDS keeps a master password that it manages itself."""

from __future__ import annotations

from lab.extend import Context
from lab.kit.calls import succeeds
from lab.kit.records import Record


def managed(ctx: Context, resource: str, params: Record) -> Record:
    """`MasterUserSecret` of a database: a new secret named after its resource id."""
    request: Record = {"Name": f"rds!{resource.lower()}", "SecretString": "{}"}
    if key := params.get("MasterUserSecretKmsKeyId"):
        request["KmsKeyId"] = key
    secret = ctx.call("secretsmanager", "CreateSecret", request)
    return {"SecretArn": secret["ARN"], "SecretStatus": "active"} | (
        {"KmsKeyId": key} if key else {}
    )


def drop(ctx: Context, record: Record) -> None:
    """The secret goes with its database, or when RDS no longer manages the password."""
    if secret := record.pop("MasterUserSecret", None):
        request = {"SecretId": secret["SecretArn"], "ForceDeleteWithoutRecovery": True}
        succeeds(ctx, "secretsmanager", "DeleteSecret", request)

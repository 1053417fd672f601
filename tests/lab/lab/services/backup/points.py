"""Recovery points, and the vaults that they hold up."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, Output, Params, after, before, operation
from lab.kit.records import public
from lab.services.backup.state import missing, recovery_points, vault


def _held(ctx: Context, name: str) -> list[dict[str, Any]]:
    return [each for each in recovery_points(ctx).values() if each["BackupVaultName"] == name]


@before("backup", "DeleteBackupVault")
def empty(ctx: Context, params: Params) -> None:
    """A vault that exists and holds nothing can be deleted."""
    name = params["BackupVaultName"]
    vault(ctx, name)
    if _held(ctx, name):
        text = f"Backup vault {name} cannot be deleted because it contains recovery points"
        raise AwsError("InvalidRequestException", text, status=400)


@after("backup", "DescribeBackupVault")
def counted(ctx: Context, params: Params, output: Output) -> None:
    """moto says of a vault no more than its name."""
    found = vault(ctx, params["BackupVaultName"])
    output |= {"NumberOfRecoveryPoints": found.num_of_recovery_points, "Locked": found.locked}
    if found.encryption_key_arn:
        output["EncryptionKeyArn"] = found.encryption_key_arn
    if found.creator_request_id:
        output["CreatorRequestId"] = found.creator_request_id


@operation("backup", "ListRecoveryPointsByBackupVault")
def by_vault(ctx: Context, params: Params) -> Output:
    """What a vault holds."""
    vault(ctx, params["BackupVaultName"])
    rows = [public(each) for each in _held(ctx, params["BackupVaultName"])]
    wanted = params.get("ByResourceArn")
    return {"RecoveryPoints": [each for each in rows if wanted in (None, each["ResourceArn"])]}


@operation("backup", "ListRecoveryPointsByResource")
def by_resource(ctx: Context, params: Params) -> Output:
    """What there is of one resource."""
    rows = [
        {
            "RecoveryPointArn": each["RecoveryPointArn"],
            "CreationDate": each["CreationDate"],
            "Status": each["Status"],
            "BackupVaultName": each["BackupVaultName"],
            "BackupSizeBytes": each["BackupSizeInBytes"],
        }
        for each in recovery_points(ctx).values()
        if each["ResourceArn"] == params["ResourceArn"]
    ]
    return {"RecoveryPoints": rows}


def _point(ctx: Context, params: Params) -> dict[str, Any]:
    vault(ctx, params["BackupVaultName"])
    found = recovery_points(ctx).get(params["RecoveryPointArn"])
    if found is None or found["BackupVaultName"] != params["BackupVaultName"]:
        raise missing(f"Recovery point {params['RecoveryPointArn']}")
    return found


@operation("backup", "DescribeRecoveryPoint")
def describe(ctx: Context, params: Params) -> Output:
    """One recovery point."""
    return public(_point(ctx, params))


@operation("backup", "DeleteRecoveryPoint")
def delete(ctx: Context, params: Params) -> None:
    """Not while its backup runs."""
    found = _point(ctx, params)
    if found["Status"] == "CREATING":
        text = "The recovery point cannot be deleted while its backup job is running"
        raise AwsError("InvalidResourceStateException", text, status=400)
    del recovery_points(ctx)[found["RecoveryPointArn"]]
    vault(ctx, found["BackupVaultName"]).num_of_recovery_points -= 1

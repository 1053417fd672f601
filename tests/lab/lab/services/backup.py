"""AWS Backup: vaults that are not there, which moto deletes and fills without a word."""

from __future__ import annotations

from lab.extend import AwsError, Context, Params, before


@before("backup", "DeleteBackupVault")
def there(ctx: Context, params: Params) -> None:
    """A vault that does not exist is not deleted."""
    name = params["BackupVaultName"]
    if name not in ctx.moto("backup").vaults:
        text = f"Backup vault {name} does not exist"
        raise AwsError("ResourceNotFoundException", text, status=400)


@before("backup", "CreateBackupPlan")
def vaults_of(ctx: Context, params: Params) -> None:
    """Every rule of a plan stores into a vault of this region."""
    vaults = ctx.moto("backup").vaults
    for rule in params["BackupPlan"]["Rules"]:
        name = rule["TargetBackupVaultName"]
        if name not in vaults:
            text = f"Invalid backup plan: the backup vault {name} does not exist"
            raise AwsError("InvalidParameterValueException", text, status=400)

"""AWS Backup: vaults, plans, selections, jobs and the recovery points that they leave."""

from __future__ import annotations

import setups


def plan(name):
    return {"BackupPlanName": "p", "Rules": [{"RuleName": "r", "TargetBackupVaultName": name}]}


def test_a_plan_needs_its_vault(lab, refused):
    backup = lab.client("backup")
    with refused("InvalidParameterValueException"):
        backup.create_backup_plan(BackupPlan=plan("vault"))
    assert backup.list_backup_plans()["BackupPlansList"] == []
    backup.create_backup_vault(BackupVaultName="vault")
    assert backup.create_backup_plan(BackupPlan=plan("vault"))["BackupPlanId"]


def test_a_vault_is_deleted_once(lab, refused):
    backup = lab.client("backup")
    backup.create_backup_vault(BackupVaultName="vault")
    backup.delete_backup_vault(BackupVaultName="vault")
    with refused("ResourceNotFoundException"):
        backup.delete_backup_vault(BackupVaultName="vault")


def made_plan(lab):
    backup = lab.client("backup")
    backup.create_backup_vault(BackupVaultName="vault")
    return backup.create_backup_plan(BackupPlan=plan("vault"))["BackupPlanId"]


def test_a_plan_is_updated_as_a_whole(lab, refused):
    identifier, backup = made_plan(lab), lab.client("backup")
    before = backup.get_backup_plan(BackupPlanId=identifier)["VersionId"]
    with refused("InvalidParameterValueException"):
        backup.update_backup_plan(BackupPlanId=identifier, BackupPlan=plan("other"))
    new = plan("vault") | {"BackupPlanName": "new"}
    backup.update_backup_plan(BackupPlanId=identifier, BackupPlan=new)
    shown = backup.get_backup_plan(BackupPlanId=identifier)
    assert shown["BackupPlan"]["BackupPlanName"] == "new"
    assert shown["VersionId"] != before


def test_a_selection_holds_its_plan_and_needs_a_role(lab, refused):
    identifier, backup = made_plan(lab), lab.client("backup")
    role = setups.role(lab, "backups", "backup.amazonaws.com", wait=False)
    of = {"SelectionName": "all", "IamRoleArn": role, "Resources": ["*"]}
    with refused("InvalidParameterValueException") as refusal:
        backup.create_backup_selection(BackupPlanId=identifier, BackupSelection=of)
    assert "cannot be assumed by AWS Backup" in refusal.message
    lab.settle()
    made = backup.create_backup_selection(BackupPlanId=identifier, BackupSelection=of)
    with refused("AlreadyExistsException"):
        backup.create_backup_selection(BackupPlanId=identifier, BackupSelection=of)
    one = {"BackupPlanId": identifier, "SelectionId": made["SelectionId"]}
    assert backup.get_backup_selection(**one)["BackupSelection"]["Resources"] == ["*"]
    (listed,) = backup.list_backup_selections(BackupPlanId=identifier)["BackupSelectionsList"]
    assert listed["SelectionName"] == "all"
    with refused("InvalidRequestException"):
        backup.delete_backup_plan(BackupPlanId=identifier)
    backup.delete_backup_selection(**one)
    with refused("ResourceNotFoundException"):
        backup.get_backup_selection(**one)
    backup.delete_backup_plan(BackupPlanId=identifier)
    kinds = lab.admin("GET", "/_lab/census")["regions"]["us-east-1"]
    assert list(kinds) == ["backup/vault"]


def test_a_job_leaves_a_recovery_point_that_holds_its_vault(lab, refused):
    backup, efs = lab.client("backup"), lab.client("efs")
    backup.create_backup_vault(BackupVaultName="vault")
    role = setups.role(lab, "backups", "backup.amazonaws.com")
    system = efs.create_file_system(CreationToken="t")["FileSystemArn"]
    lab.settle()
    of = {"BackupVaultName": "vault", "IamRoleArn": role}
    with refused("ResourceNotFoundException"):
        backup.start_backup_job(
            **of, ResourceArn=system.rpartition("/")[0] + "/fs-0123456789abcdef0"
        )
    with refused("NotImplemented"):
        backup.start_backup_job(
            **of, ResourceArn="arn:aws:fsx:us-east-1:123456789012:file-system/a"
        )
    job = backup.start_backup_job(**of, ResourceArn=system)
    assert backup.describe_backup_job(BackupJobId=job["BackupJobId"])["State"] == "RUNNING"
    point = {"BackupVaultName": "vault", "RecoveryPointArn": job["RecoveryPointArn"]}
    with refused("InvalidResourceStateException"):
        backup.delete_recovery_point(**point)
    lab.advance(600)
    assert backup.describe_backup_job(BackupJobId=job["BackupJobId"])["State"] == "COMPLETED"
    assert backup.describe_recovery_point(**point)["Status"] == "COMPLETED"
    assert backup.describe_backup_vault(BackupVaultName="vault")["NumberOfRecoveryPoints"] == 1
    (row,) = backup.list_recovery_points_by_backup_vault(BackupVaultName="vault")["RecoveryPoints"]
    assert row["ResourceArn"] == system
    with refused("InvalidRequestException"):
        backup.delete_backup_vault(BackupVaultName="vault")
    backup.delete_recovery_point(**point)
    backup.delete_backup_vault(BackupVaultName="vault")

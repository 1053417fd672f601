"""AWS Backup: what needs a vault finds it missing."""

from __future__ import annotations


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


def test_selections_are_refused_and_not_forgotten(lab, refused):
    with refused("NotImplemented") as refusal:
        lab.client("backup").list_backup_selections(BackupPlanId="a")
    assert refusal.status == 501

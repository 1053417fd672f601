"""Backup jobs: they run for some minutes and leave a recovery point."""

from __future__ import annotations

from typing import Any

from lab.backend import not_simulated
from lab.extend import AwsError, Context, Output, Params, on_end, operation
from lab.kit.calls import succeeds
from lab.kit.records import digest, moment, public
from lab.services.backup.state import JOB, jobs, missing, recovery_points, require_role, vault

TYPES = {
    "elasticfilesystem": ("EFS", "efs", "DescribeFileSystems", "FileSystemId"),
    "rds": ("RDS", "rds", "DescribeDBInstances", "DBInstanceIdentifier"),
    "dynamodb": ("DynamoDB", "dynamodb", "DescribeTable", "TableName"),
    "s3": ("S3", "s3", "HeadBucket", "Bucket"),
}
"""Service in an ARN → type of resource, and the call that finds it by its last part."""


def _kind(ctx: Context, arn: str) -> str:
    """The type of a resource that exists; other types are not simulated."""
    service = arn.split(":")[2] if arn.count(":") > 4 else ""
    if service not in TYPES or (service == "rds" and ":db:" not in arn):
        raise not_simulated("backup", f"StartBackupJob of {arn}")
    kind, client, call, member = TYPES[service]
    name = arn.rsplit("/", 1)[-1].rsplit(":", 1)[-1]
    if not succeeds(ctx, client, call, {member: name}):
        text = f"The resource {arn} does not exist"
        raise AwsError("ResourceNotFoundException", text, status=400)
    return kind


@operation("backup", "StartBackupJob")
def start(ctx: Context, params: Params) -> Output:
    """CREATED, then RUNNING; the recovery point is in the vault from the start, PARTIAL."""
    found = vault(ctx, params["BackupVaultName"])
    kind = _kind(ctx, params["ResourceArn"])
    require_role(ctx, params["IamRoleArn"])
    for each in jobs(ctx).values():
        if params.get("IdempotencyToken") and each["_token"] == params["IdempotencyToken"]:
            return _begun(each)
    raw = digest("job", params["ResourceArn"], repr(ctx.now()), str(len(jobs(ctx))))
    identifier = f"{raw[:8]}-{raw[8:12]}-4{raw[13:16]}-8{raw[17:20]}-{raw[20:32]}".upper()
    point = f"arn:aws:backup:{ctx.region}:{ctx.account}:recovery-point:{identifier.lower()}"
    shared = {
        "BackupVaultName": params["BackupVaultName"],
        "BackupVaultArn": found.backup_vault_arn,
        "RecoveryPointArn": point,
        "ResourceArn": params["ResourceArn"],
        "ResourceType": kind,
        "IamRoleArn": params["IamRoleArn"],
        "CreationDate": moment(ctx),
    }
    jobs(ctx)[identifier] = shared | {
        "AccountId": ctx.account,
        "BackupJobId": identifier,
        "State": "RUNNING",
        "PercentDone": "0.0",
        "_token": params.get("IdempotencyToken"),
    }
    recovery_points(ctx)[point] = shared | {
        "Status": "CREATING",
        "IsEncrypted": True,
        "BackupSizeInBytes": 0,
        "_tags": dict(params.get("RecoveryPointTags", {})),
    }
    if found.encryption_key_arn:
        recovery_points(ctx)[point]["EncryptionKeyArn"] = found.encryption_key_arn
    found.num_of_recovery_points += 1
    ctx.life.start(JOB, identifier, "run")
    return _begun(jobs(ctx)[identifier])


def _begun(job: dict[str, Any]) -> Output:
    names = ("BackupJobId", "RecoveryPointArn", "CreationDate")
    return {name: job[name] for name in names}


@on_end(JOB, "run")
def done(ctx: Context, identifier: str) -> None:
    """COMPLETED, and the recovery point too."""
    job, now = jobs(ctx)[identifier], moment(ctx)
    job |= {"State": "COMPLETED", "PercentDone": "100.0", "CompletionDate": now}
    if point := recovery_points(ctx).get(job["RecoveryPointArn"]):
        point |= {"Status": "COMPLETED", "CompletionDate": now}


@operation("backup", "DescribeBackupJob")
def describe(ctx: Context, params: Params) -> Output:
    """One job."""
    if (job := jobs(ctx).get(params["BackupJobId"])) is None:
        raise missing(f"Backup job {params['BackupJobId']}")
    return public(job)


@operation("backup", "ListBackupJobs")
def list_jobs(ctx: Context, params: Params) -> Output:
    """Those that fit, newest first."""
    wanted = {
        "BackupVaultName": params.get("ByBackupVaultName"),
        "ResourceArn": params.get("ByResourceArn"),
        "State": params.get("ByState"),
        "ResourceType": params.get("ByResourceType"),
    }
    if unknown := sorted(set(params) - {f"By{name}" for name in wanted} - {"MaxResults"}):
        raise not_simulated("backup", f"ListBackupJobs with {', '.join(unknown)}")
    rows = [
        public(job)
        for job in reversed(jobs(ctx).values())
        if all(value in (None, job[name]) for name, value in wanted.items())
    ]
    return {"BackupJobs": rows}

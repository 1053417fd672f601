"""Replication of automated backups to another region, from where they can be restored.

"Replicating automated backups to another AWS Region" in the RDS guide: it is started in the
region that receives them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lab.extend import AwsError, Context, on_end, operation
from lab.kit import keys
from lab.kit.records import Record, digest, moment, public
from lab.services.rds.state import REPLICATION, Shelf, arn, require_available

# "20 DB instances": the quota of replicated backups per destination region.
MOST = 20


@operation("rds", "StartDBInstanceAutomatedBackupsReplication")
def start_replication(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Encrypted sources need a key of this region."""
    source, shelf = _source(ctx, params["SourceDBInstanceArn"]), Shelf(ctx)
    require_available(source)
    if not source["BackupRetentionPeriod"]:
        raise AwsError(
            "InvalidDBInstanceState", "Automated backups are not enabled for the source instance"
        )
    key, resource = params.get("KmsKeyId"), source["DbiResourceId"]
    if resource in shelf.backups:
        raise AwsError(
            "InvalidDBInstanceAutomatedBackupState", "The backups are replicated already"
        )
    if source["StorageEncrypted"] and not key:
        raise AwsError(
            "InvalidParameterCombination",
            "KmsKeyId must be given for the backups of an encrypted DB instance",
        )
    found = keys.usable(ctx, key, "rds") if key else None
    if key and found is None:
        raise AwsError("KMSKeyNotAccessibleFault", f"The KMS key [{key}] is not accessible")
    if sum(row["Status"] != "active" for row in shelf.backups.values()) >= MOST:
        raise AwsError("DBInstanceAutomatedBackupQuotaExceeded", "Too many replicated backups")
    record = _replica(ctx, source, params, found)
    shelf.backups[resource] = record
    own = record["DBInstanceAutomatedBackupsArn"]
    source.setdefault("DBInstanceAutomatedBackupsReplications", []).append(
        {"DBInstanceAutomatedBackupsArn": own}
    )
    ctx.life.start(REPLICATION, resource, "create")
    return {"DBInstanceAutomatedBackup": public(record)}


def _source(ctx: Context, given: str) -> Record:
    region = given.split(":")[3] if given.count(":") >= 6 else ctx.region
    if region == ctx.region:
        raise AwsError(
            "InvalidParameterValue", "The source must be an ARN of another region than this one"
        )
    return Shelf(ctx.elsewhere(region)).instance(given)


def _replica(ctx: Context, source: Record, params: Record, key: str | None) -> Record:
    there = Shelf(ctx.elsewhere(source["DBInstanceArn"].split(":")[3]))
    resource = source["DbiResourceId"]
    record = public(there.backups[resource]) | {
        "Status": "pending",
        "BackupRetentionPeriod": params.get("BackupRetentionPeriod", 7),
        "DBInstanceAutomatedBackupsArn": arn(
            ctx, "auto-backup", "ab-" + digest("replica", resource, length=26)
        ),
        "TagList": list(params.get("Tags", [])),
        "_of": there.backups[resource]["_of"],
    }
    return record | ({"KmsKeyId": key} if key else {})


@on_end(REPLICATION, "create")
def _replicating(ctx: Context, resource: str) -> None:
    if (row := Shelf(ctx).backups.get(resource)) and row["Status"] == "pending":
        row |= {
            "Status": "replicating",
            "RestoreWindow": {"EarliestTime": moment(ctx), "LatestTime": moment(ctx)},
        }


@operation("rds", "StopDBInstanceAutomatedBackupsReplication")
def stop_replication(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """What was replicated stays until it is deleted or its retention is over."""
    source = _source(ctx, params["SourceDBInstanceArn"])
    row = Shelf(ctx).backups.get(source["DbiResourceId"])
    if row is None or row["Status"] not in ("pending", "replicating"):
        raise AwsError("InvalidDBInstanceState", "The backups are not replicated to this region")
    own = row["DBInstanceAutomatedBackupsArn"]
    source["DBInstanceAutomatedBackupsReplications"] = [
        each
        for each in source["DBInstanceAutomatedBackupsReplications"]
        if each["DBInstanceAutomatedBackupsArn"] != own
    ]
    retain(ctx, row)
    return {"DBInstanceAutomatedBackup": public(row)}


def retain(ctx: Context, row: Record) -> None:
    """Nothing is added to the backup any more."""
    row["Status"] = "retained"
    row["RestoreWindow"]["LatestTime"] = moment(ctx) - timedelta(minutes=5)


def source_gone(ctx: Context, source: Record) -> None:
    """The replicated backups of a deleted instance are retained."""
    for each in source.get("DBInstanceAutomatedBackupsReplications", ()):
        there = ctx.elsewhere(each["DBInstanceAutomatedBackupsArn"].split(":")[3])
        if row := Shelf(there).backups.get(source["DbiResourceId"]):
            retain(there, row)

"""RDS read replicas: create, promote; also across regions."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, on_end, operation
from lab.kit.records import Record, pick, public
from lab.services.rds import backups, checks, storage
from lab.services.rds.instances import new_record, start
from lab.services.rds.state import INSTANCE, Shelf, require_available

MOST = 15


@operation("rds", "CreateDBInstanceReadReplica")
def create_replica(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Inherits what the request does not say, except backups, Multi-AZ, protection and tags."""
    source = source_of(ctx, params)
    name = checks.new_name(Shelf(ctx), params["DBInstanceIdentifier"])
    require_available(source)
    if source.get("DBClusterIdentifier"):
        raise AwsError(
            "InvalidDBInstanceState",
            "Read replicas of an Aurora instance are further instances of its cluster",
        )
    if not source["BackupRetentionPeriod"]:
        raise AwsError(
            "InvalidDBInstanceState",
            "Automated backups are not enabled for this database instance. To enable automated "
            "backups, use ModifyDBInstance to set the backup retention period to a non-zero value.",
        )
    if len(source["ReadReplicaDBInstanceIdentifiers"]) >= MOST:
        raise AwsError("InvalidDBInstanceState", f"A source has at most {MOST} read replicas")
    local = source["DBInstanceArn"].split(":")[3] == ctx.region
    request = _request(params, source, name, local)
    shown = source["DBInstanceIdentifier"] if local else source["DBInstanceArn"]
    facts = pick(source, "MasterUsername", "DBName") | {
        "ReadReplicaSourceDBInstanceIdentifier": shown,
        "_source": source["DBInstanceArn"],
    }
    record = new_record(ctx, name, source["EngineVersion"], request, facts)
    start(ctx, record, "replica", needs=(INSTANCE, source["DBInstanceIdentifier"]))
    listed = name if local else record["DBInstanceArn"]
    source["ReadReplicaDBInstanceIdentifiers"].append(listed)
    return {"DBInstance": public(record)}


def source_of(ctx: Context, params: Record) -> Record:
    """The source by name, or by ARN in its own region."""
    given = params.get("SourceDBInstanceIdentifier")
    if not given:
        raise AwsError("InvalidParameterValue", "SourceDBInstanceIdentifier must be given")
    parts = given.split(":")
    region = parts[3] if len(parts) > 6 else ctx.region
    return Shelf(ctx.elsewhere(region)).instance(given)


def _request(params: Record, source: Record, name: str, local: bool) -> Record:
    """The replica's create request with what it inherits filled in."""
    inherited = pick(
        source,
        "DBInstanceClass",
        "AllocatedStorage",
        "StorageType",
        "AutoMinorVersionUpgrade",
        "CopyTagsToSnapshot",
    )
    inherited["EnableIAMDatabaseAuthentication"] = source["IAMDatabaseAuthenticationEnabled"]
    inherited["Port"] = source["_port"]
    inherited |= storage.chosen(source)
    if local:
        group = source["DBParameterGroups"][0]["DBParameterGroupName"]
        inherited |= {
            "DBSubnetGroupName": source["DBSubnetGroup"]["DBSubnetGroupName"],
            "DBParameterGroupName": group,
        }
    given = {key: value for key, value in params.items() if value is not None}
    request = inherited | given | {"DBInstanceIdentifier": name}
    if request["AllocatedStorage"] < source["AllocatedStorage"]:
        # API reference of CreateDBInstanceReadReplica: "Be sure to allocate enough storage for your read replica so that the
        # create operation can succeed."
        raise AwsError(
            "InvalidParameterCombination",
            f"The allocated storage of a read replica ({request['AllocatedStorage']}) cannot be less than that of its "
            f"source ({source['AllocatedStorage']}).",
        )
    request.setdefault("BackupRetentionPeriod", 0)
    _inherit_encryption(request, params, source, local)
    return request


def _inherit_encryption(request: Record, params: Record, source: Record, local: bool) -> None:
    """In the source's region always the source's key; elsewhere a key of that region."""
    key = params.get("KmsKeyId")
    if local:
        if key and key != source.get("KmsKeyId"):
            raise AwsError(
                "InvalidParameterCombination",
                "A read replica in the source's region is encrypted with the source's key; "
                "do not specify another",
            )
        if source["StorageEncrypted"]:
            request |= {"StorageEncrypted": True, "KmsKeyId": source["KmsKeyId"]}
    elif source["StorageEncrypted"] and not key:
        raise AwsError(
            "InvalidParameterCombination",
            "Cannot create a cross region unencrypted read replica from encrypted source",
        )
    elif key and not source["StorageEncrypted"]:
        raise AwsError(
            "InvalidParameterCombination",
            "Cannot create an encrypted read replica from an unencrypted source",
        )


@operation("rds", "PromoteReadReplica")
def promote(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One way: the replica restarts as a database of its own."""
    record = Shelf(ctx).instance(params["DBInstanceIdentifier"])
    require_available(record)
    if not record.get("ReadReplicaSourceDBInstanceIdentifier"):
        raise AwsError("InvalidDBInstanceState", "DB Instance is not a read replica")
    new = record | pick(params, "BackupRetentionPeriod", "PreferredBackupWindow")
    checks.windows(new)
    checks.growth(new)
    record.update(new, DBInstanceStatus="modifying")
    ctx.life.start(INSTANCE, record["DBInstanceIdentifier"], "promote")
    return {"DBInstance": public(record)}


@on_end(INSTANCE, "promote")
def _promoted(ctx: Context, name: str) -> None:
    record = Shelf(ctx).instances[name]
    detach(ctx, record)
    record["DBInstanceStatus"] = "available"
    backups.keep(ctx, record)


def detach(ctx: Context, record: Record) -> None:
    """Ends replication; both sides forget each other."""
    arn = record.pop("_source", None)
    if arn is None:
        return
    source = Shelf(ctx.elsewhere(arn.split(":")[3])).instances.get(arn.rsplit(":", 1)[-1])
    own = {record["DBInstanceIdentifier"], record["DBInstanceArn"]}
    if source is not None:
        names = source["ReadReplicaDBInstanceIdentifiers"]
        source["ReadReplicaDBInstanceIdentifiers"] = [n for n in names if n not in own]
    record.pop("ReadReplicaSourceDBInstanceIdentifier", None)
    record.pop("StatusInfos", None)


def release(ctx: Context, source: Record) -> None:
    """The replicas of a source that goes become databases of their own."""
    for shown in list(source["ReadReplicaDBInstanceIdentifiers"]):
        parts = shown.split(":")
        region = parts[3] if len(parts) > 6 else ctx.region
        replica = Shelf(ctx.elsewhere(region)).instances.get(parts[-1])
        if replica is not None:
            detach(ctx.elsewhere(region), replica)

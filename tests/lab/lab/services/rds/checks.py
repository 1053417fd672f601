"""What RDS checks in the requests that make or change an instance."""

from __future__ import annotations

import re

from lab.extend import AwsError, Context
from lab.kit import keys, network, roles
from lab.kit.records import Record, digest
from lab.kit.windows import daily, overlap, weekly
from lab.services.rds.engines import Engine
from lab.services.rds.state import Shelf

NAME = re.compile(r"[a-z](?!.*--)[a-z0-9-]{0,61}[a-z0-9]|[a-z]")
RESERVED_USERS = {"admin", "rdsadmin", "rds_superuser", "replication", "user"}
INTERVALS = (0, 1, 5, 10, 15, 30, 60)
MONITORING_PRINCIPAL = "monitoring.rds.amazonaws.com"


def valid_name(name: str, member: str = "DBInstanceIdentifier") -> str:
    """The name in lower case; RDS takes letters, digits and single hyphens."""
    if not NAME.fullmatch(name.lower()):
        raise AwsError(
            "InvalidParameterValue",
            f"The parameter {member} is not a valid identifier. Identifiers must begin with a "
            "letter; must contain only ASCII letters, digits, and hyphens; and must not end with "
            "a hyphen or contain two consecutive hyphens.",
        )
    return name.lower()


def new_name(shelf: Shelf, name: str) -> str:
    """A valid instance name that is free."""
    name = valid_name(name)
    if name in shelf.instances:
        raise AwsError("DBInstanceAlreadyExists", "DB instance already exists")
    return name


def master(params: Record) -> None:
    """Master user and password, or a password that RDS manages."""
    user = params.get("MasterUsername", "")
    if not user:
        raise AwsError(
            "InvalidParameterValue",
            "The parameter MasterUsername must be provided and must not be blank.",
        )
    if user.lower() in RESERVED_USERS or not re.fullmatch(r"[A-Za-z]\w{0,62}", user):
        raise AwsError(
            "InvalidParameterValue",
            f"MasterUsername {user} cannot be used as it is a reserved word used by the engine",
        )
    given, managed = params.get("MasterUserPassword"), params.get("ManageMasterUserPassword")
    if given is not None and managed:
        raise AwsError(
            "InvalidParameterCombination",
            "You can't specify MasterUserPassword for an instance with ManageMasterUserPassword.",
        )
    if given is None and not managed:
        raise AwsError(
            "InvalidParameterValue",
            "The parameter MasterUserPassword must be provided and must not be blank.",
        )
    if given is not None:
        password(given)


def password(text: str) -> None:
    """8–128 printable ASCII characters without / @ " and space."""
    if len(text) < 8:
        raise AwsError(
            "InvalidParameterValue",
            "The parameter MasterUserPassword is not a valid password because it is shorter than "
            "8 characters.",
        )
    if len(text) > 128 or re.search(r'[/@" ]|[^\x20-\x7e]', text):
        raise AwsError(
            "InvalidParameterValue",
            "The parameter MasterUserPassword is not a valid password. Only printable ASCII "
            "characters besides '/', '@', '\"', ' ' may be used.",
        )


def family(group: Record, engine: Engine, version: str) -> None:
    """A parameter group serves its own engine and major only."""
    needed = engine.family_of(version)
    name = group.get("DBParameterGroupName") or group.get("DBClusterParameterGroupName")
    if group["DBParameterGroupFamily"] != needed:
        raise AwsError(
            "InvalidParameterCombination",
            f"The parameter group {name} with DBParameterGroupFamily "
            f"{group['DBParameterGroupFamily']} can't be used for this instance. Please use a "
            f"parameter group with DBParameterGroupFamily {needed}",
        )


def placement(ctx: Context, params: Record, subnets: Record) -> Record:
    """Zone, subnets and security groups."""
    zone, multi = params.get("AvailabilityZone"), params.get("MultiAZ", False)
    if zone and multi:
        raise AwsError(
            "InvalidParameterCombination",
            "Requesting a specific availability zone is not valid for Multi-AZ instances.",
        )
    by_zone = {
        row["SubnetAvailabilityZone"]["Name"]: row["SubnetIdentifier"] for row in subnets["Subnets"]
    }
    zones = sorted(by_zone)
    if zone and zone not in by_zone:
        raise AwsError(
            "InvalidVPCNetworkStateFault",
            f"Cannot create a DB instance in {zone}: the subnet group has no subnet there",
        )
    first = zone or zones[int(digest(params["DBInstanceIdentifier"], length=8), 16) % len(zones)]
    second = zones[(zones.index(first) + 1) % len(zones)]
    record = {
        "DBSubnetGroup": {key: value for key, value in subnets.items() if key not in ("TagList",)},
        "AvailabilityZone": first,
        "VpcSecurityGroups": security_groups(ctx, params.get("VpcSecurityGroupIds"), subnets),
        "_subnets": [by_zone[first]] + ([by_zone[second]] if multi else []),
    }
    return record | ({"SecondaryAvailabilityZone": second} if multi else {})


def security_groups(ctx: Context, ids: list[str] | None, subnets: Record) -> list[Record]:
    """Groups of the subnet group's VPC; without any, the VPC's default group."""
    vpc = subnets["VpcId"]
    if not ids:
        return [{"VpcSecurityGroupId": network.default_group(ctx, vpc), "Status": "active"}]
    try:
        found = network.security_groups(ctx, ids)
    except AwsError as error:
        raise AwsError("InvalidParameterValue", f"Invalid security group: {ids}") from error
    for group in found:
        if group["VpcId"] != vpc:
            raise AwsError(
                "InvalidParameterCombination",
                "The DB instance and EC2 security group are in different VPCs. The DB instance is "
                f"in {vpc} and the EC2 security group is in {group['VpcId']}",
            )
    return [{"VpcSecurityGroupId": group_id, "Status": "adding"} for group_id in ids]


def encryption(ctx: Context, params: Record) -> Record:
    """Encryption needs a usable key; without one it is the account's `aws/rds`."""
    key = params.get("KmsKeyId")
    if not key:
        if not params.get("StorageEncrypted"):
            return {"StorageEncrypted": False, "StorageEncryptionType": "none"}
        return {
            "StorageEncrypted": True,
            "StorageEncryptionType": "sse-kms",
            "KmsKeyId": keys.service_key(ctx, "rds"),
        }
    if params.get("StorageEncrypted") is False:
        raise AwsError(
            "InvalidParameterCombination", "A KMS key can only be given with storage encryption"
        )
    found = keys.usable(ctx, key, "rds")
    if found is None:
        raise AwsError(
            "KMSKeyNotAccessibleFault",
            f"The specified KMS key [{key}] does not exist, is not enabled or you do not have "
            "permissions to access it.",
        )
    return {"StorageEncrypted": True, "StorageEncryptionType": "sse-kms", "KmsKeyId": found}


def monitoring(ctx: Context, params: Record) -> Record:
    """Enhanced monitoring with its role, Performance Insights with its retention."""
    interval, role = params.get("MonitoringInterval", 0), params.get("MonitoringRoleArn")
    if interval not in INTERVALS:
        raise AwsError("InvalidParameterValue", f"Invalid monitoring interval: {interval}")
    record: Record = {"MonitoringInterval": interval}
    if interval:
        if not role:
            raise AwsError(
                "InvalidParameterCombination",
                "A MonitoringRoleARN value is required if you specify a MonitoringInterval value "
                "other than 0.",
            )
        monitoring_role(ctx, role)
        record["MonitoringRoleArn"] = role
    return record | insights(ctx, params)


def monitoring_role(ctx: Context, arn: str) -> None:
    """RDS must be able to assume the role by now, and the role must carry the policy."""
    usable = roles.assumable(ctx, arn, MONITORING_PRINCIPAL)
    if not usable or "AmazonRDSEnhancedMonitoringRole" not in roles.attached(ctx, arn):
        raise AwsError(
            "InvalidParameterValue",
            "IAM role ARN value is invalid or does not include the required permissions for: "
            "ENHANCED_MONITORING",
        )


def insights(ctx: Context, params: Record) -> Record:
    """Performance Insights members."""
    mode = params.get("DatabaseInsightsMode", "standard")
    if not params.get("EnablePerformanceInsights"):
        if mode == "advanced":
            raise AwsError(
                "InvalidParameterCombination",
                "To enable the Advanced mode of Database Insights, modify your cluster to enable "
                "Performance Insights",
            )
        return {"PerformanceInsightsEnabled": False, "DatabaseInsightsMode": mode}
    days = params.get("PerformanceInsightsRetentionPeriod", 7)
    if days not in (7, 731) and (days % 31 or not 31 <= days <= 713):
        raise AwsError(
            "InvalidParameterValue", f"Invalid Performance Insights retention period: {days}"
        )
    if mode == "advanced" and days < 465:
        raise AwsError(
            "InvalidParameterCombination",
            "The Advanced mode of Database Insights needs a retention of at least 465 days",
        )
    key = params.get("PerformanceInsightsKMSKeyId")
    return {
        "PerformanceInsightsEnabled": True,
        "DatabaseInsightsMode": mode,
        "PerformanceInsightsRetentionPeriod": days,
        "PerformanceInsightsKMSKeyId": (key and keys.usable(ctx, key, "rds"))
        or keys.service_key(ctx, "rds"),
    }


def logs(params: Record, engine: Engine, version: str) -> Record:
    """Exports that the engine knows."""
    kinds = list(params.get("EnableCloudwatchLogsExports", []))
    log_types(kinds, engine, version)
    return {"EnabledCloudwatchLogsExports": kinds}


def log_types(kinds: list[str], engine: Engine, version: str) -> None:
    """Refuses log types that the engine does not export."""
    if unknown := [kind for kind in kinds if kind not in engine.log_types]:
        raise AwsError(
            "InvalidParameterCombination",
            f"You cannot use the log types '{unknown[0]}' with engine version {engine.name} "
            f"{version}.",
        )


def growth(record: Record) -> None:
    """Storage autoscaling needs room above the present size, and its limits hold."""
    most = record.get("MaxAllocatedStorage")
    if most is not None and most < record["AllocatedStorage"]:
        raise AwsError(
            "InvalidParameterCombination",
            "Max storage size must be greater than storage size",
        )
    if most == record["AllocatedStorage"]:
        # No room to grow: that is how autoscaling is switched off, and then it is not shown.
        del record["MaxAllocatedStorage"]
    if not 0 <= record["BackupRetentionPeriod"] <= 35:
        raise AwsError(
            "InvalidParameterValue",
            f"Invalid backup retention period: {record['BackupRetentionPeriod']}. "
            "Retention period must be between 0 and 35",
        )


def windows(record: Record) -> None:
    """Both windows are well formed, at least 30 minutes long and do not overlap."""
    backup, maintenance = record["PreferredBackupWindow"], record["PreferredMaintenanceWindow"]
    first, second = daily(backup), weekly(maintenance)
    if first is None:
        raise AwsError("InvalidParameterValue", f"Invalid backup window format: {backup}")
    if second is None:
        raise AwsError("InvalidParameterValue", f"Invalid maintenance window format: {maintenance}")
    if first[1] < 30 or second[1] < 30:
        raise AwsError("InvalidParameterValue", "Windows must be at least 30 minutes long")
    if overlap(first, second):
        raise AwsError(
            "InvalidParameterValue", "The backup window and maintenance window must not overlap."
        )

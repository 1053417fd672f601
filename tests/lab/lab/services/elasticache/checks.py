"""What ElastiCache checks in the requests that make or change a replication group."""

from __future__ import annotations

import re

from lab.extend import AwsError, Context
from lab.kit import keys, network
from lab.kit.records import Record
from lab.kit.windows import daily, overlap, weekly
from lab.services.elasticache import engines, parameters
from lab.services.elasticache.state import Shelf

NAME = re.compile(r"[a-z](?!.*--)[a-z0-9-]{0,38}[a-z0-9]|[a-z]")
MOST_REPLICAS = 5


def combination(message: str) -> AwsError:
    """InvalidParameterCombination."""
    return AwsError("InvalidParameterCombination", message)


def value(message: str) -> AwsError:
    """InvalidParameterValue."""
    return AwsError("InvalidParameterValue", message)


def new_name(shelf: Shelf, name: str) -> str:
    """A valid, free id, at most 40 characters, in lower case."""
    if not NAME.fullmatch(name.lower()):
        raise value(
            f"The parameter ReplicationGroupIdentifier is not a valid identifier: {name}. "
            "Identifiers must begin with a letter; must contain only ASCII letters, digits, and "
            "hyphens; and must not end with a hyphen or contain two consecutive hyphens."
        )
    if name.lower() in shelf.groups:
        raise AwsError("ReplicationGroupAlreadyExists", f"Replication group {name} already exists.")
    return name.lower()


def topology(params: Record, *, clustered: bool) -> tuple[int, int]:
    """Number of shards and of replicas per shard."""
    nodes, shards = params.get("NumCacheClusters"), params.get("NumNodeGroups")
    replicas = params.get("ReplicasPerNodeGroup")
    if nodes is not None and (shards is not None or replicas is not None):
        raise combination(
            "Cannot use both NumCacheClusters and NumNodeGroups or ReplicasPerNodeGroup"
        )
    if rows := params.get("NodeGroupConfiguration"):
        shards = shards or len(rows)
        replicas = rows[0].get("ReplicaCount", 0) if replicas is None else replicas
    if nodes is not None:
        shards, replicas = 1, nodes - 1
    shards, replicas = shards or 1, replicas or 0
    if not 0 <= replicas <= MOST_REPLICAS:
        raise value(f"Replicas per node group must be between 0 and {MOST_REPLICAS}: {replicas}")
    if not 1 <= shards <= 90:
        raise value(f"The number of node groups must be between 1 and 90: {shards}")
    if shards > 1 and not clustered:
        raise combination("More than one node group needs cluster mode enabled")
    return shards, replicas


def failover(params: Record, shards: int, replicas: int, *, clustered: bool) -> None:
    """Automatic failover needs replicas, Multi-AZ needs failover, cluster mode needs failover."""
    automatic, multi = params.get("AutomaticFailoverEnabled"), params.get("MultiAZEnabled")
    if automatic and not clustered and replicas < 1:
        raise combination(
            "Replication group with automatic failover enabled must have at least one replica"
        )
    if multi and not automatic:
        raise combination("Must have automatic failover enabled to enable Multi-AZ")
    if multi and replicas < 1:
        raise combination("Multi-AZ needs at least one replica per node group")
    if clustered and not automatic:
        raise combination(
            "Redis with cluster mode enabled cannot be created with auto failover turned off."
        )
    if shards < 1:
        raise value("At least one node group is needed")


def encryption(ctx: Context, params: Record) -> Record:
    """Encryption in transit and at rest, key and token."""
    transit = params.get("TransitEncryptionEnabled", False)
    rest = params.get("AtRestEncryptionEnabled", False)
    record: Record = {
        "TransitEncryptionEnabled": transit,
        "AtRestEncryptionEnabled": rest,
        "AuthTokenEnabled": bool(params.get("AuthToken")),
    }
    if mode := params.get("TransitEncryptionMode"):
        if not transit:
            raise combination("TransitEncryptionMode needs TransitEncryptionEnabled")
        record["TransitEncryptionMode"] = mode
    elif transit:
        record["TransitEncryptionMode"] = "required"
    if token := params.get("AuthToken"):
        if not transit:
            raise combination(
                "The AUTH token is only supported when encryption-in-transit is enabled"
            )
        auth_token(token)
    if key := params.get("KmsKeyId"):
        if not rest:
            raise combination("KmsKeyId needs AtRestEncryptionEnabled")
        found = keys.usable(ctx, key, "elasticache")
        if found is None:
            raise AwsError("InvalidKMSKeyFault", f"The KMS key {key} is not usable.")
        record["KmsKeyId"] = found
    return record


def auth_token(token: str) -> None:
    """16–128 printable characters, of the special ones only !&#$^<>-."""
    if not re.fullmatch(r"[A-Za-z0-9!&#$^<>\-]{16,128}", token):
        raise value(
            "Invalid AuthToken provided. It must be 16 to 128 alphanumeric characters or symbols "
            "from !&#$^<>-"
        )


def group_for(ctx: Context, name: str | None, engine: str, version: str, *, many: bool) -> Record:
    """The parameter group, of the version's family; without a name the default one."""
    family = engines.family_of(engine, version)
    name = name or f"default.{family}{'.cluster.on' if many else ''}"
    group = parameters.parameter_group(ctx, name)
    if group["CacheParameterGroupFamily"] != family:
        raise combination(
            f"Expected a parameter group of family {family} but found one of family "
            f"{group['CacheParameterGroupFamily']}"
        )
    return group


def security_groups(ctx: Context, ids: list[str] | None, vpc: str) -> list[str]:
    """Groups of the subnet group's VPC; without any, the VPC's default group."""
    if not ids:
        return [network.default_group(ctx, vpc)]
    try:
        found = network.security_groups(ctx, ids)
    except AwsError as error:
        raise value(f"Some security groups are invalid: {ids}") from error
    if any(group["VpcId"] != vpc for group in found):
        raise value(f"The security groups {ids} are not all in {vpc}")
    return list(ids)


def snapshots(retention: int, window: str, maintenance: str) -> None:
    """Retention up to 35 days; both windows well formed, long enough and apart."""
    if not 0 <= retention <= 35:
        raise value(f"Invalid snapshot retention limit: {retention}")
    first, second = daily(window), weekly(maintenance)
    if first is None:
        raise value(f"Invalid snapshot window: {window}")
    if second is None:
        raise value(f"Invalid maintenance window: {maintenance}")
    if first[1] < 60 or second[1] < 60:
        raise value("Windows must be at least 60 minutes long")
    if overlap(first, second):
        raise value("The snapshot window and maintenance window must not overlap.")


def log_delivery(ctx: Context, rows: list[Record]) -> list[Record]:
    """Enabled deliveries; the log group must exist."""
    found = []
    for row in rows:
        if row.get("Enabled") is False:
            continue
        name = row.get("DestinationDetails", {}).get("CloudWatchLogsDetails", {}).get("LogGroup")
        if row.get("DestinationType") == "cloudwatch-logs":
            groups = ctx.call("logs", "DescribeLogGroups", {"logGroupNamePrefix": name or ""})
            if name not in [group["logGroupName"] for group in groups["logGroups"]]:
                raise value(f"The log group {name} does not exist")
        entry = {key: item for key, item in row.items() if key != "Enabled"}
        found.append(entry | {"Status": "active"})
    return found

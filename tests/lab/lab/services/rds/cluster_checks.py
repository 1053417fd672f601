"""What RDS checks in the requests that make or change an Aurora cluster."""

from __future__ import annotations

from lab.extend import AwsError, Context
from lab.kit.records import Record, digest, pick
from lab.services.rds import checks, engines
from lab.services.rds.engines import Engine
from lab.services.rds.parameters import OF_CLUSTERS
from lab.services.rds.state import Shelf

# Aurora capacity units of serverless v2, "Aurora capacity and scaling" in the Aurora guide.
CAPACITY = (0.0, 256.0)
STORAGE = ("aurora", "aurora-iopt1")
# Request members of RDS that Aurora PostgreSQL has no use for.
FOREIGN = ("AllocatedStorage", "Iops", "DBClusterInstanceClass", "ScalingConfiguration")
ZONES = 3


def new_name(shelf: Shelf, name: str) -> str:
    """A valid cluster name that is free."""
    name = checks.valid_name(name, "DBClusterIdentifier")
    if name in shelf.clusters:
        raise AwsError("DBClusterAlreadyExistsFault", "DB Cluster already exists")
    return name


def engine(params: Record) -> Engine:
    """Aurora PostgreSQL; the lab has no Multi-AZ DB clusters and no MySQL."""
    found = engines.ALL.get(params["Engine"])
    if found is None or not found.aurora:
        raise AwsError(
            "InvalidParameterValue", f"The lab offers no DB clusters with engine {params['Engine']}"
        )
    if params.get("EngineMode", "provisioned") != "provisioned":
        raise AwsError(
            "InvalidParameterValue",
            f"The engine mode {params['EngineMode']} you requested is currently unavailable.",
        )
    foreign(found, params)
    return found


def foreign(found: Engine, params: Record) -> None:
    """Refuses what Aurora PostgreSQL does not take."""
    for member in FOREIGN:
        if params.get(member):
            raise AwsError(
                "InvalidParameterCombination",
                f"The parameter {member} isn't supported for DB engine {found.name}.",
            )
    if params.get("BacktrackWindow"):
        raise AwsError(
            "InvalidParameterCombination", f"Backtrack isn't supported for DB engine {found.name}."
        )


def storage_type(kind: str | None) -> Record:
    """`aurora` is not shown, only the I/O-optimized type is."""
    if kind not in (None, *STORAGE):
        raise AwsError(
            "InvalidParameterCombination",
            f"Storage type {kind} isn't supported for DB engine aurora-postgresql.",
        )
    return {"StorageType": kind} if kind == STORAGE[1] else {}


def scaling(params: Record) -> Record:
    """Serverless v2 capacity: half units, least below most."""
    given = params.get("ServerlessV2ScalingConfiguration")
    if not given:
        return {}
    low, high = given.get("MinCapacity"), given.get("MaxCapacity")
    if low is None or high is None:
        raise AwsError(
            "InvalidParameterCombination",
            "Set both MinCapacity and MaxCapacity of ServerlessV2ScalingConfiguration.",
        )
    if not CAPACITY[0] <= low <= CAPACITY[1] or not 1 <= high <= CAPACITY[1] or high < low:
        raise AwsError(
            "InvalidParameterValue",
            f"Serverless v2 capacity from {low} to {high} isn't valid: the minimum must be from "
            f"{CAPACITY[0]} to {CAPACITY[1]}, the maximum from 1.0 and not below the minimum.",
        )
    if (low * 2) % 1 or (high * 2) % 1:
        raise AwsError("InvalidParameterValue", "Serverless v2 capacity must be a multiple of 0.5.")
    pause = given.get("SecondsUntilAutoPause")
    if pause is not None and low:
        raise AwsError(
            "InvalidParameterCombination",
            "SecondsUntilAutoPause can only be set with a MinCapacity of 0.",
        )
    if pause is None and not low:
        pause = 300
    shown: Record = {"MinCapacity": float(low), "MaxCapacity": float(high)}
    return {
        "ServerlessV2ScalingConfiguration": shown
        | ({} if pause is None else {"SecondsUntilAutoPause": pause})
    }


def retention(days: int) -> int:
    """Aurora always keeps backups."""
    if not 1 <= days <= 35:
        raise AwsError(
            "InvalidParameterValue",
            f"Invalid backup retention period: {days}. Retention period must be between 1 and 35",
        )
    return days


def parameter_group(ctx: Context, found: Engine, version: str, name: str | None) -> str:
    """The name of an existing group of the right family; without one the default."""
    if name is None:
        return f"default.{found.family_of(version)}"
    try:
        group = OF_CLUSTERS.find(ctx, name)
    except AwsError as error:
        raise AwsError("DBClusterParameterGroupNotFound", error.message) from error
    checks.family(group, found, version)
    return str(group[OF_CLUSTERS.name])


def placement(ctx: Context, name: str, params: Record, subnets: Record) -> Record:
    """Three zones, of which the request may name some; the subnet group covers the rest."""
    covered = sorted({row["SubnetAvailabilityZone"]["Name"] for row in subnets["Subnets"]})
    zones = list(params.get("AvailabilityZones", []))
    if len(zones) > ZONES:
        raise AwsError("InvalidParameterValue", "A DB cluster has at most 3 Availability Zones")
    start = int(digest(name, length=8), 16) % len(covered)
    others = [zone for zone in covered[start:] + covered[:start] if zone not in zones]
    return {
        "AvailabilityZones": sorted((zones + others)[:ZONES]),
        "DBSubnetGroup": subnets["DBSubnetGroupName"],
        "VpcSecurityGroups": [
            group | {"Status": "active"}
            for group in checks.security_groups(ctx, params.get("VpcSecurityGroupIds"), subnets)
        ],
    }


def monitoring(ctx: Context, params: Record) -> Record:
    """Enhanced monitoring and insights, if the request sets them for the whole cluster."""
    members = ("MonitoringInterval", "EnablePerformanceInsights", "DatabaseInsightsMode")
    if not any(params.get(member) for member in members):
        return {}
    return checks.monitoring(ctx, params)


def features(params: Record) -> Record:
    """Members that are read back as given."""
    return {
        "DeletionProtection": params.get("DeletionProtection", False),
        "CopyTagsToSnapshot": params.get("CopyTagsToSnapshot", False),
        "HttpEndpointEnabled": params.get("EnableHttpEndpoint", False),
        "IAMDatabaseAuthenticationEnabled": params.get("EnableIAMDatabaseAuthentication", False),
        "NetworkType": params.get("NetworkType", "IPV4"),
        "EngineLifecycleSupport": params.get(
            "EngineLifecycleSupport", "open-source-rds-extended-support"
        ),
        "LocalWriteForwardingStatus": (
            "enabled" if params.get("EnableLocalWriteForwarding") else "disabled"
        ),
    } | pick(params, "DatabaseName")

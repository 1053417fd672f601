"""The members of Aurora global databases: who writes, who follows, joining and leaving."""

from __future__ import annotations

from collections.abc import Iterator

from lab.extend import AwsError, Context, on_end
from lab.kit.records import Record
from lab.services.rds import engines
from lab.services.rds.state import CLUSTER, Shelf

# "You can have up to 10 secondary clusters."
MOST_SECONDARIES = 10


def every(ctx: Context) -> dict[str, Record]:
    """All global clusters of the account by name."""
    return ctx.world.store(ctx.account, "global", "rds").setdefault("global", {})


def find(ctx: Context, name: str) -> Record:
    """The global cluster by name or ARN, or GlobalClusterNotFoundFault."""
    name = name.rsplit(":", 1)[-1].lower()
    if name not in every(ctx):
        raise AwsError("GlobalClusterNotFoundFault", f"Global cluster {name} not found")
    return every(ctx)[name]


def free(ctx: Context, name: str) -> Record:
    """One that takes changes."""
    record = find(ctx, name)
    if record["Status"] != "available":
        raise AwsError(
            "InvalidGlobalClusterStateFault", f"Global cluster {name} is {record['Status']}"
        )
    return record


def clusters_of(ctx: Context, record: Record) -> Iterator[tuple[Context, Record]]:
    """The member clusters, each with the context of its region; the primary first."""
    for arn in record["_members"]:
        there = ctx.elsewhere(arn.split(":")[3])
        yield there, Shelf(there).cluster(arn)


def primary_of(ctx: Context, record: Record) -> Record | None:
    """The cluster that writes; None for an empty global cluster."""
    return next((cluster for _, cluster in clusters_of(ctx, record)), None)


def named(ctx: Context, record: Record, arn: str) -> tuple[Context, Record]:
    """A member by its ARN, or DBClusterNotFoundFault."""
    for there, cluster in clusters_of(ctx, record):
        if arn in (cluster["DBClusterArn"], cluster["DBClusterIdentifier"]):
            return there, cluster
    raise AwsError("DBClusterNotFoundFault", f"{arn} is no member of the global cluster")


def shown(ctx: Context, record: Record) -> Record:
    """The global cluster as it is described."""
    arns = record["_members"]
    return record | {
        "GlobalClusterMembers": [
            {
                "DBClusterArn": arn,
                "Readers": arns[1:] if not index else [],
                "IsWriter": not index,
                "GlobalWriteForwardingStatus": "disabled",
                "SynchronizationStatus": "connected",
            }
            for index, arn in enumerate(arns)
        ]
    }


def joining(ctx: Context, params: Record) -> Record:
    """The create request of a member with what it takes from the primary filled in."""
    record = free(ctx, params["GlobalClusterIdentifier"])
    if params["Engine"] != record["Engine"]:
        raise AwsError(
            "InvalidParameterCombination",
            f"The engine {params['Engine']} does not match the global cluster's {record['Engine']}",
        )
    version = params.get("EngineVersion")
    if version not in (None, record["EngineVersion"], engines.major_of(record["EngineVersion"])):
        raise AwsError(
            "InvalidParameterCombination",
            f"The engine version {version} does not match the global cluster's "
            f"{record['EngineVersion']}",
        )
    params = params | {"EngineVersion": record["EngineVersion"]}
    primary = primary_of(ctx, record)
    return params if primary is None else _secondary(ctx, params, record, primary)


def _secondary(ctx: Context, params: Record, record: Record, primary: Record) -> Record:
    if any(arn.split(":")[3] == ctx.region for arn in record["_members"]):
        raise AwsError(
            "InvalidParameterCombination",
            f"The global cluster has a cluster in {ctx.region} already",
        )
    if len(record["_members"]) > MOST_SECONDARIES:
        raise AwsError("InvalidGlobalClusterStateFault", "Too many secondary clusters")
    for member in ("MasterUsername", "MasterUserPassword", "ManageMasterUserPassword"):
        if params.get(member):
            raise AwsError(
                "InvalidParameterCombination",
                "Cannot specify user name or password for a cross region replication cluster",
            )
    if primary["StorageEncrypted"] and not params.get("KmsKeyId"):
        raise AwsError(
            "InvalidParameterCombination",
            "A secondary of an encrypted primary needs a KmsKeyId of its own region",
        )
    return params | {"StorageEncrypted": primary["StorageEncrypted"]}


def add(ctx: Context, record: Record, cluster: Record) -> None:
    """The cluster is a member from now on: the first one writes."""
    primary = primary_of(ctx, record)
    record["_members"].append(cluster["DBClusterArn"])
    cluster["GlobalClusterIdentifier"] = record["GlobalClusterIdentifier"]
    if primary is not None:
        _follow(cluster, primary["DBClusterArn"])


def _follow(cluster: Record, primary: str) -> None:
    cluster |= {"_replica_of": primary, "ReplicationSourceIdentifier": primary}
    for row in cluster["DBClusterMembers"]:
        row["IsClusterWriter"] = False


def _write(cluster: Record) -> None:
    cluster.pop("_replica_of", None)
    cluster.pop("ReplicationSourceIdentifier", None)
    rows = sorted(cluster["DBClusterMembers"], key=lambda row: row["PromotionTier"])
    for index, row in enumerate(rows):
        row["IsClusterWriter"] = not index


def make_primary(ctx: Context, record: Record, arn: str) -> None:
    """The member writes, all others follow it."""
    rest = [each for each in record["_members"] if each != arn]
    record["_members"] = [arn, *rest]
    for _, cluster in clusters_of(ctx, record):
        if cluster["DBClusterArn"] == arn:
            _write(cluster)
        else:
            _follow(cluster, arn)


def leave(ctx: Context, record: Record, cluster: Record) -> None:
    """The cluster becomes one of its own; a secondary is promoted first."""
    record["_members"].remove(cluster["DBClusterArn"])
    cluster.pop("GlobalClusterIdentifier")
    if "_replica_of" in cluster:
        cluster["Status"] = "promoting"
        ctx.life.start(CLUSTER, cluster["DBClusterIdentifier"], "promote")


@on_end(CLUSTER, "promote")
def _promoted(ctx: Context, name: str) -> None:
    cluster = Shelf(ctx).clusters[name]
    cluster["Status"] = "available"
    _write(cluster)


def rename(ctx: Context, record: Record, new: str) -> None:
    """The members learn the new name."""
    if new in every(ctx):
        raise AwsError("GlobalClusterAlreadyExistsFault", f"Global cluster {new} already exists")
    known = every(ctx)
    known[new] = known.pop(record["GlobalClusterIdentifier"])
    record |= {
        "GlobalClusterIdentifier": new,
        "GlobalClusterArn": f"arn:aws:rds::{ctx.account}:global-cluster:{new}",
    }
    for _, cluster in clusters_of(ctx, record):
        cluster["GlobalClusterIdentifier"] = new


def check_upgrade(record: Record, version: str, params: Record) -> None:
    """Along the upgrade paths; a major version must be allowed."""
    engine, old = engines.of(record), record["EngineVersion"]
    new = engine.full_version(version)
    if new not in engine.upgrades(old):
        raise AwsError("InvalidParameterCombination", f"Cannot upgrade from {old} to {new}")
    major = engines.major_of(new) != engines.major_of(old)
    if major and not params.get("AllowMajorVersionUpgrade"):
        raise AwsError(
            "InvalidParameterCombination",
            "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major "
            "version.",
        )


def upgraded(ctx: Context, record: Record) -> None:
    """Every member and its instances have the version; a major one brings the default groups."""
    version = record["EngineVersion"]
    default = f"default.{engines.of(record).family_of(version)}"
    for there, cluster in clusters_of(ctx, record):
        major = engines.major_of(version) != engines.major_of(cluster["EngineVersion"])
        cluster |= {"Status": "available", "EngineVersion": version}
        if major:
            cluster["DBClusterParameterGroup"] = default
        for instance in Shelf(there).members(cluster):
            instance["EngineVersion"] = version
            if major:
                instance["DBParameterGroups"][0]["DBParameterGroupName"] = default

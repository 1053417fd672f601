"""Global datastores: one primary replication group and its secondaries in other regions."""

from __future__ import annotations

import re
from typing import Any

from lab.extend import AwsError, Context, on_end, operation
from lab.kit.records import Record, digest, public
from lab.services.elasticache import checks, engines, members, parameters
from lab.services.elasticache.state import GLOBAL, GROUP, Shelf, page

# "Prerequisites and limitations" of global datastores in the ElastiCache guide.
MOST_SECONDARIES = 2
NODE_TYPE = re.compile(r"cache\.(m5|m6g|m7g|r5|r6g|r6gd|r7g|c7gn)\.\d*x?large")
# What a secondary takes from the primary and must not be told.
INHERITED = ("CacheNodeType", "Engine", "EngineVersion", "CacheParameterGroupName", "NumNodeGroups")
HOME = "us-east-1"
"""Where the lives of global datastores are kept, which have no region."""


def _all(ctx: Context) -> dict[str, Record]:
    return ctx.world.store(ctx.account, "global", "elasticache").setdefault("global", {})


def of_region(ctx: Context) -> dict[str, Record]:
    """The global datastores whose primary is in this region, for the census."""
    return {
        name: row
        for name, row in _all(ctx).items()
        if _primary(row)["ReplicationGroupRegion"] == ctx.region
    }


def _find(ctx: Context, name: str) -> Record:
    if name.lower() not in _all(ctx):
        raise AwsError(
            "GlobalReplicationGroupNotFoundFault", f"Global Replication Group {name} not found."
        )
    return _all(ctx)[name.lower()]


def _free(ctx: Context, name: str) -> Record:
    record = _find(ctx, name)
    if record["Status"] not in ("available", "primary-only"):
        raise AwsError(
            "InvalidGlobalReplicationGroupState",
            f"Global replication group {name} is {record['Status']}",
        )
    return record


def _primary(record: Record) -> Record:
    return next(row for row in record["_members"] if row["Role"] == "PRIMARY")


def _group(ctx: Context, member: Record) -> Record:
    region = member["ReplicationGroupRegion"]
    return Shelf(ctx.elsewhere(region)).group(member["ReplicationGroupId"])


@operation("elasticache", "CreateGlobalReplicationGroup")
def create_global(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Around an existing replication group; the id begins with letters that AWS chooses."""
    shelf = Shelf(ctx)
    group = shelf.free_group(params["PrimaryReplicationGroupId"])
    if "GlobalReplicationGroupInfo" in group:
        raise AwsError(
            "InvalidReplicationGroupState", "The replication group is in a global one already"
        )
    if not NODE_TYPE.fullmatch(group["CacheNodeType"]):
        raise checks.value(
            f"Global datastores do not support the node type {group['CacheNodeType']}"
        )
    letters = "".join(chr(97 + int(each, 16)) for each in digest("global", ctx.region, length=5))
    name = f"{letters}-{params['GlobalReplicationGroupIdSuffix'].lower()}"
    if name in _all(ctx):
        raise AwsError("GlobalReplicationGroupAlreadyExistsFault", f"{name} already exists.")
    record = {
        "GlobalReplicationGroupId": name,
        "GlobalReplicationGroupDescription": params.get("GlobalReplicationGroupDescription", ""),
        "Status": "creating",
        "ARN": f"arn:aws:elasticache::{ctx.account}:globalreplicationgroup:{name}",
        "_members": [],
        "_tags": list(params.get("Tags", [])),
    }
    _all(ctx)[name] = record
    _add(ctx, record, group, "PRIMARY")
    ctx.elsewhere(HOME).life.start(
        GLOBAL, name, "create", needs=[(GROUP, group["ReplicationGroupId"])]
    )
    return {"GlobalReplicationGroup": _shown(ctx, record, members_too=True)}


def _add(ctx: Context, record: Record, group: Record, role: str) -> None:
    record["_members"].append(
        {
            "ReplicationGroupId": group["ReplicationGroupId"],
            "ReplicationGroupRegion": ctx.region,
            "Role": role,
        }
    )
    group["GlobalReplicationGroupInfo"] = {
        "GlobalReplicationGroupId": record["GlobalReplicationGroupId"],
        "GlobalReplicationGroupMemberRole": role,
    }


def joining(ctx: Context, params: Record) -> Record:
    """The create request of a secondary with what it takes from the primary filled in."""
    record = _free(ctx, params["GlobalReplicationGroupId"])
    if given := [name for name in INHERITED if params.get(name) is not None]:
        raise checks.combination(f"A secondary takes {given[0]} from the global replication group")
    regions = {row["ReplicationGroupRegion"] for row in record["_members"]}
    if ctx.region in regions:
        raise checks.value(f"The global replication group has a member in {ctx.region} already")
    if len(regions) > MOST_SECONDARIES:
        raise checks.value(f"At most {MOST_SECONDARIES} secondary regions")
    primary = _group(ctx, _primary(record))
    shape: Record = {
        "CacheNodeType": primary["CacheNodeType"],
        "Engine": primary["Engine"],
        "EngineVersion": primary["_version"],
        "TransitEncryptionEnabled": primary["TransitEncryptionEnabled"],
        "AtRestEncryptionEnabled": primary["AtRestEncryptionEnabled"],
        "AutomaticFailoverEnabled": primary["AutomaticFailover"] == "enabled",
        "CacheParameterGroupName": _make_parameters(ctx, record, primary),
    }
    if primary["ClusterEnabled"]:
        shape["NumNodeGroups"] = len(primary["_shards"])
        shape["ReplicasPerNodeGroup"] = params.get(
            "ReplicasPerNodeGroup", primary["_wanted_replicas"]
        )
    elif not params.get("NumCacheClusters"):
        shape["NumCacheClusters"] = primary["_wanted_replicas"] + 1
    return params | shape


def _make_parameters(ctx: Context, record: Record, primary: Record) -> str:
    """ElastiCache makes a parameter group for the secondary, which nobody deletes with it."""
    name = f"global-datastore-{record['GlobalReplicationGroupId']}-{ctx.region}"
    if name not in Shelf(ctx).parameter_groups:
        family = engines.family_of(primary["Engine"], primary["_version"])
        parameters.make(ctx, name, family, clustered=primary["ClusterEnabled"])
    return name


def join(ctx: Context, group: Record, name: str) -> None:
    """The new secondary is a member from now on."""
    record = _free(ctx, name)
    _add(ctx, record, group, "SECONDARY")
    record["Status"] = "modifying"
    home = ctx.elsewhere(HOME)
    home.life.start(GLOBAL, record["GlobalReplicationGroupId"], "modify")


@on_end(GLOBAL, "create", "modify", "failover")
def _ready(ctx: Context, name: str) -> None:
    record = _all(ctx)[name]
    record["Status"] = "available" if len(record["_members"]) > 1 else "primary-only"


@operation("elasticache", "DescribeGlobalReplicationGroups")
def describe_global(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One by id, or all; from every region the same."""
    name = params.get("GlobalReplicationGroupId")
    rows = [_find(ctx, name)] if name else list(_all(ctx).values())
    with_members = params.get("ShowMemberInfo", False)
    shown = [_shown(ctx, row, members_too=with_members) for row in rows]
    return page(shown, params, "GlobalReplicationGroups")


def _shown(ctx: Context, record: Record, *, members_too: bool) -> Record:
    primary = _group(ctx, _primary(record))
    row = public(record) | {
        "CacheNodeType": primary["CacheNodeType"],
        "Engine": primary["Engine"],
        "EngineVersion": primary["_version"],
        "ClusterEnabled": primary["ClusterEnabled"],
        "AuthTokenEnabled": primary.get("AuthTokenEnabled", False),
        "TransitEncryptionEnabled": primary["TransitEncryptionEnabled"],
        "AtRestEncryptionEnabled": primary["AtRestEncryptionEnabled"],
        "GlobalNodeGroups": [
            {"GlobalNodeGroupId": f"{record['GlobalReplicationGroupId']}-{shard}"}
            for shard in sorted(primary["_shards"])
        ],
    }
    if members_too:
        row["Members"] = [_member(ctx, member) for member in record["_members"]]
    return row


def _member(ctx: Context, member: Record) -> Record:
    group = _group(ctx, member)
    joined = group["Status"] in ("available", "modifying", "snapshotting")
    return member | {
        "AutomaticFailover": group["AutomaticFailover"],
        "Status": "associated" if joined else "associating",
    }


@operation("elasticache", "ModifyGlobalReplicationGroup")
def modify_global(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One kind of change per call, at once and for every member."""
    record = _free(ctx, params["GlobalReplicationGroupId"])
    if not params["ApplyImmediately"]:
        raise checks.value("ApplyImmediately must be true")
    asked = [name for name in MODIFIABLE if params.get(name) is not None]
    if len(asked) != 1:
        raise checks.value(f"Give exactly one of {', '.join(MODIFIABLE)}")
    change = _change(_group(ctx, _primary(record)), asked[0], params)
    for member in record["_members"]:
        group = _group(ctx, member)
        group |= change | {"Status": "modifying"}
        there = ctx.elsewhere(member["ReplicationGroupRegion"])
        members.show(group, there.region)
        there.life.start(GROUP, group["ReplicationGroupId"], "scale")
    if text := params.get("GlobalReplicationGroupDescription"):
        record["GlobalReplicationGroupDescription"] = text
    return _begin(ctx, record, "modify")


MODIFIABLE = (
    "CacheNodeType",
    "EngineVersion",
    "AutomaticFailoverEnabled",
    "GlobalReplicationGroupDescription",
)


def _change(primary: Record, member: str, params: Record) -> Record:
    if member == "CacheNodeType":
        engines.check_node_type(params[member])
        if not NODE_TYPE.fullmatch(params[member]):
            raise checks.value(f"Global datastores do not support the node type {params[member]}")
        return {"CacheNodeType": params[member]}
    if member == "AutomaticFailoverEnabled":
        return {"AutomaticFailover": "enabled" if params[member] else "disabled"}
    if member != "EngineVersion":
        return {}
    engine = params.get("Engine") or primary["Engine"]
    version = engines.full_version(engine, params[member])
    if not engines.is_newer(engine, primary["Engine"], version, primary["_version"]):
        raise checks.value(f"Downgrading to {engine} {version} is not possible")
    old = engines.family_of(primary["Engine"], primary["_version"])
    change = {"Engine": engine, "_version": version}
    if engines.family_of(engine, version) == old:
        return change
    if not params.get("CacheParameterGroupName"):
        raise checks.value("A new major version needs CacheParameterGroupName")
    return change | {"_parameter_group": params["CacheParameterGroupName"]}


@operation("elasticache", "FailoverGlobalReplicationGroup")
def failover_global(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """A secondary becomes the primary; needs every member in good state."""
    record = _free(ctx, params["GlobalReplicationGroupId"])
    member = _named(record, params["PrimaryReplicationGroupId"], params["PrimaryRegion"])
    if member["Role"] == "PRIMARY":
        raise checks.value(f"{member['ReplicationGroupId']} is the primary already")
    for each in record["_members"]:
        each["Role"] = "PRIMARY" if each is member else "SECONDARY"
        info = _group(ctx, each)["GlobalReplicationGroupInfo"]
        info["GlobalReplicationGroupMemberRole"] = each["Role"]
    return _begin(ctx, record, "failover")


@operation("elasticache", "DisassociateGlobalReplicationGroup")
def disassociate(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """A secondary becomes a replication group of its own."""
    record = _free(ctx, params["GlobalReplicationGroupId"])
    member = _named(record, params["ReplicationGroupId"], params["ReplicationGroupRegion"])
    if member["Role"] == "PRIMARY":
        raise checks.value("The primary cannot be disassociated")
    record["_members"].remove(member)
    _group(ctx, member).pop("GlobalReplicationGroupInfo")
    return _begin(ctx, record, "modify")


@operation("elasticache", "DeleteGlobalReplicationGroup")
def delete_global(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Secondaries must be gone; the primary stays as a replication group of its own."""
    record = _free(ctx, params["GlobalReplicationGroupId"])
    if len(record["_members"]) > 1:
        raise AwsError(
            "InvalidGlobalReplicationGroupState",
            "Disassociate or delete the secondary replication groups first",
        )
    if not params["RetainPrimaryReplicationGroup"]:
        raise checks.value("RetainPrimaryReplicationGroup must be true")
    return _begin(ctx, record, "delete", "deleting")


@on_end(GLOBAL, "delete")
def _deleted(ctx: Context, name: str) -> None:
    record = _all(ctx).pop(name)
    _group(ctx, _primary(record)).pop("GlobalReplicationGroupInfo", None)


def _named(record: Record, name: str, region: str) -> Record:
    for row in record["_members"]:
        if (row["ReplicationGroupId"], row["ReplicationGroupRegion"]) == (name.lower(), region):
            return row
    raise checks.value(f"{name} in {region} is no member of the global replication group")


def _begin(ctx: Context, record: Record, step: str, status: str = "modifying") -> dict[str, Any]:
    record["Status"] = status
    ctx.elsewhere(HOME).life.start(GLOBAL, record["GlobalReplicationGroupId"], step)
    return {"GlobalReplicationGroup": _shown(ctx, record, members_too=True)}


def check_change(group: Record) -> None:
    """Node type and version of a member are the global replication group's."""
    if "GlobalReplicationGroupInfo" in group:
        raise AwsError(
            "InvalidReplicationGroupState",
            "The replication group is part of a global one: use ModifyGlobalReplicationGroup",
        )

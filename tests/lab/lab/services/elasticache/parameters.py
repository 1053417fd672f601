"""ElastiCache parameter groups: families with defaults."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, operation
from lab.kit.records import Record, public
from lab.services.elasticache.engines import families
from lab.services.elasticache.redis_parameters import PARAMETERS, check_value, find, row
from lab.services.elasticache.state import Shelf, arn, page

# ModifyCacheParameterGroup takes no more parameters in one call.
MOST = 20


@operation("elasticache", "CreateCacheParameterGroup")
def create_parameter_group(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Names fold to lower case; the family must exist."""
    name, family = params["CacheParameterGroupName"].lower(), params["CacheParameterGroupFamily"]
    groups = Shelf(ctx).parameter_groups
    if name in groups or name in _defaults():
        raise AwsError(
            "CacheParameterGroupAlreadyExists", f"CacheParameterGroup {name} already exists"
        )
    if family not in families():
        raise AwsError("InvalidParameterValue", f"CacheParameterGroupFamily {family} is not valid")
    groups[name] = _record(ctx, name, family, params["Description"], params.get("Tags", []))
    return {"CacheParameterGroup": public(groups[name])}


@operation("elasticache", "DescribeCacheParameterGroups")
def describe_parameter_groups(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One by name, or all with the default groups."""
    name = params.get("CacheParameterGroupName")
    if name:
        rows = [parameter_group(ctx, name)]
    else:
        defaults = [parameter_group(ctx, each) for each in _defaults()]
        rows = [*Shelf(ctx).parameter_groups.values(), *defaults]
    return page(rows, params, "CacheParameterGroups")


@operation("elasticache", "ModifyCacheParameterGroup")
def modify_parameter_group(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """All or nothing."""
    group = _own_group(ctx, params["CacheParameterGroupName"])
    rows = params["ParameterNameValues"]
    if not 0 < len(rows) <= MOST:
        raise AwsError("InvalidParameterValue", f"Give between 1 and {MOST} parameters in one call")
    for given in rows:
        check_value(find(given["ParameterName"]), given.get("ParameterValue", ""))
    for given in rows:
        group["_values"][given["ParameterName"]] = given["ParameterValue"]
    return {"CacheParameterGroupName": group["CacheParameterGroupName"]}


@operation("elasticache", "ResetCacheParameterGroup")
def reset_parameter_group(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Back to the family's defaults, all or some."""
    group = _own_group(ctx, params["CacheParameterGroupName"])
    names = [find(given["ParameterName"]).name for given in params.get("ParameterNameValues", [])]
    for name in list(group["_values"]) if params.get("ResetAllParameters") else names:
        group["_values"].pop(name, None)
    return {"CacheParameterGroupName": group["CacheParameterGroupName"]}


@operation("elasticache", "DescribeCacheParameters")
def describe_parameters(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """All parameters; `Source` = user or system filters."""
    values = parameter_group(ctx, params["CacheParameterGroupName"])["_values"]
    rows = [row(parameter, values.get(parameter.name)) for parameter in PARAMETERS.values()]
    source = params.get("Source")
    return page([r for r in rows if source in (None, r["Source"])], params, "Parameters")


@operation("elasticache", "DescribeEngineDefaultParameters")
def describe_engine_defaults(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """The defaults of one family."""
    family = params["CacheParameterGroupFamily"]
    if family not in families():
        raise AwsError("InvalidParameterValue", f"CacheParameterGroupFamily {family} is not valid")
    rows = page([row(each, None) for each in PARAMETERS.values()], params, "Parameters")
    return {"EngineDefaults": {"CacheParameterGroupFamily": family} | rows}


@operation("elasticache", "DeleteCacheParameterGroup")
def delete_parameter_group(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Refused while a replication group uses it, even one that is being deleted."""
    shelf = Shelf(ctx)
    name = _own_group(ctx, params["CacheParameterGroupName"])["CacheParameterGroupName"]
    if any(group["_parameter_group"] == name for group in shelf.groups.values()):
        raise AwsError(
            "InvalidCacheParameterGroupState",
            f"One or more cache clusters are still members of this parameter group {name}, so the "
            "group cannot be deleted",
        )
    del shelf.parameter_groups[name]
    return {}


def parameter_group(ctx: Context, name: str) -> Record:
    """A group of the user's or a default one, or CacheParameterGroupNotFound."""
    name = name.lower()
    if family := _defaults().get(name):
        record = _record(ctx, name, family, f"Default parameter group for {family}", [])
        if name.endswith(".cluster.on"):
            record["_values"]["cluster-enabled"] = "yes"
        return record
    groups = Shelf(ctx).parameter_groups
    if name not in groups:
        raise AwsError("CacheParameterGroupNotFound", f"CacheParameterGroup {name} not found.")
    return groups[name]


def make(ctx: Context, name: str, family: str, *, clustered: bool) -> None:
    """A group that ElastiCache makes by itself, for a secondary of a global datastore."""
    group = _record(ctx, name, family, "Made for a global datastore", [])
    group["IsGlobal"] = True
    if clustered:
        group["_values"]["cluster-enabled"] = "yes"
    Shelf(ctx).parameter_groups[name] = group


def clusters(group: Record) -> bool:
    """Whether the group switches cluster mode on."""
    return group["_values"].get("cluster-enabled") == "yes"


def _defaults() -> dict[str, str]:
    """Default group → family."""
    names = {f"default.{family}": family for family in families()}
    return names | {f"default.{family}.cluster.on": family for family in families()}


def _own_group(ctx: Context, name: str) -> Record:
    if name.lower() in _defaults():
        raise AwsError(
            "InvalidCacheParameterGroupState", "Default groups cannot be modified or deleted."
        )
    return parameter_group(ctx, name)


def _record(ctx: Context, name: str, family: str, text: str, tags: list[Record]) -> Record:
    return {
        "CacheParameterGroupName": name,
        "CacheParameterGroupFamily": family,
        "Description": text,
        "IsGlobal": False,
        "ARN": arn(ctx, "parametergroup", name),
        "_tags": list(tags),
        "_values": {},
    }

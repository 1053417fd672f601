"""RDS parameter groups: families with defaults, static and dynamic parameters."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, operation
from lab.kit.records import Record, public
from lab.services.rds.engines import families
from lab.services.rds.postgres_parameters import PARAMETERS, check_value, find, row
from lab.services.rds.state import Shelf, arn, page, request_tags

# ModifyDBParameterGroup takes no more parameters in one call.
MOST = 20


@operation("rds", "CreateDBParameterGroup")
def create_parameter_group(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Names fold to lower case; the family must exist."""
    name, family = params["DBParameterGroupName"].lower(), params["DBParameterGroupFamily"]
    groups = Shelf(ctx).parameter_groups
    if name in groups or _is_default(name):
        raise AwsError("DBParameterGroupAlreadyExists", f"Parameter group {name} already exists")
    if family not in families():
        raise AwsError(
            "InvalidParameterValue",
            f"ParameterGroupFamily {family} is not a valid parameter group family",
        )
    groups[name] = _record(ctx, name, family, params["Description"], request_tags(params, "pg"))
    return {"DBParameterGroup": public(groups[name])}


@operation("rds", "DescribeDBParameterGroups")
def describe_parameter_groups(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One by name, or all, with the default groups of every family."""
    name = params.get("DBParameterGroupName")
    if name:
        rows = [parameter_group(ctx, name)]
    else:
        defaults = [parameter_group(ctx, f"default.{family}") for family in families()]
        rows = [*Shelf(ctx).parameter_groups.values(), *defaults]
    return page(rows, params, "DBParameterGroups")


@operation("rds", "ModifyDBParameterGroup")
def modify_parameter_group(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """All or nothing; a static parameter takes only `pending-reboot`."""
    group = _own_group(ctx, params["DBParameterGroupName"])
    rows = params["Parameters"]
    if len(rows) > MOST:
        raise AwsError(
            "InvalidParameterValue", f"Cannot modify more than {MOST} parameters in one request"
        )
    for given in rows:
        parameter = find(given["ParameterName"])
        check_value(parameter, given["ParameterValue"])
        if parameter.kind == "static" and given.get("ApplyMethod") == "immediate":
            raise AwsError(
                "InvalidParameterCombination",
                "cannot use immediate apply method for static parameter",
            )
    for given in rows:
        name, method = given["ParameterName"], given.get("ApplyMethod", "immediate")
        group["_values"][name] = (given["ParameterValue"], method)
        _touch_members(ctx, group["DBParameterGroupName"], static=PARAMETERS[name].kind == "static")
    return {"DBParameterGroupName": group["DBParameterGroupName"]}


@operation("rds", "ResetDBParameterGroup")
def reset_parameter_group(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Back to the family's defaults, all or some."""
    group = _own_group(ctx, params["DBParameterGroupName"])
    if params.get("ResetAllParameters"):
        names = list(group["_values"])
    else:
        names = [find(given["ParameterName"]).name for given in params.get("Parameters", [])]
    for name in names:
        group["_values"].pop(name, None)
        _touch_members(ctx, group["DBParameterGroupName"], static=PARAMETERS[name].kind == "static")
    return {"DBParameterGroupName": group["DBParameterGroupName"]}


@operation("rds", "DescribeDBParameters")
def describe_parameters(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """All parameters of the family; `Source` = user, system or engine-default filters."""
    values = parameter_group(ctx, params["DBParameterGroupName"])["_values"]
    rows = [
        row(parameter, *values.get(parameter.name, (None, None)))
        for parameter in PARAMETERS.values()
    ]
    source = params.get("Source")
    return page([r for r in rows if source in (None, r["Source"])], params, "Parameters")


@operation("rds", "DescribeEngineDefaultParameters")
def describe_engine_defaults(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """The defaults of one family."""
    family = params["DBParameterGroupFamily"]
    if family not in families():
        raise AwsError("InvalidParameterValue", f"Invalid parameter group family: {family}")
    rows = page([row(p, None, None) for p in PARAMETERS.values()], params, "Parameters")
    return {"EngineDefaults": {"DBParameterGroupFamily": family} | rows}


@operation("rds", "DeleteDBParameterGroup")
def delete_parameter_group(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Refused while an instance uses it, even one that is being deleted."""
    shelf = Shelf(ctx)
    name = _own_group(ctx, params["DBParameterGroupName"])["DBParameterGroupName"]
    if any(_uses(instance, name) for instance in shelf.instances.values()):
        raise AwsError(
            "InvalidDBParameterGroupState",
            "One or more database instances are still members of this parameter group "
            f"{name}, so the group cannot be deleted",
        )
    del shelf.parameter_groups[name]
    return {}


def parameter_group(ctx: Context, name: str) -> Record:
    """A group of the user's or a default one, or DBParameterGroupNotFound."""
    name = name.lower()
    if _is_default(name):
        family = name.removeprefix("default.")
        return _record(ctx, name, family, f"Default parameter group for {family}", [])
    groups = Shelf(ctx).parameter_groups
    if name not in groups:
        raise AwsError("DBParameterGroupNotFound", f"DBParameterGroup not found: {name}")
    return groups[name]


def _own_group(ctx: Context, name: str) -> Record:
    if _is_default(name.lower()):
        raise AwsError(
            "InvalidDBParameterGroupState",
            "Default parameter groups cannot be modified or deleted.",
        )
    return parameter_group(ctx, name)


def _is_default(name: str) -> bool:
    return name in {f"default.{family}" for family in families()}


def _uses(instance: Record, name: str) -> bool:
    return any(row["DBParameterGroupName"] == name for row in instance["DBParameterGroups"])


def _touch_members(ctx: Context, name: str, *, static: bool) -> None:
    """A static change waits for the reboot of every instance that uses the group."""
    for instance in Shelf(ctx).instances.values():
        if static and _uses(instance, name):
            instance["DBParameterGroups"][0]["ParameterApplyStatus"] = "pending-reboot"


def _record(ctx: Context, name: str, family: str, text: str, tags: list[Record]) -> Record:
    return {
        "DBParameterGroupName": name,
        "DBParameterGroupFamily": family,
        "Description": text,
        "DBParameterGroupArn": arn(ctx, "pg", name),
        "TagList": tags,
        "_values": {},
    }

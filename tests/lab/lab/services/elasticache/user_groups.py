"""ElastiCache user groups: the users of a replication group."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, on_end, operation
from lab.kit.records import Record, public
from lab.services.elasticache import checks
from lab.services.elasticache.state import USER_GROUP, Shelf, arn, page
from lab.services.elasticache.users import DEFAULT, ENGINES, NAME


@operation("elasticache", "CreateUserGroup")
def create_group(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Redis OSS wants exactly one user named `default` in it; Valkey does not."""
    shelf, name = Shelf(ctx), params["UserGroupId"].lower()
    if not NAME.fullmatch(name):
        raise checks.value(f"The user group id {name} is not valid")
    if name in shelf.user_groups:
        raise AwsError("UserGroupAlreadyExists", f"User group {name} already exists.")
    engine = params["Engine"].lower()
    if engine not in ENGINES:
        raise checks.value(f"Unknown engine {engine}")
    group = {
        "UserGroupId": name,
        "Status": "creating",
        "Engine": engine,
        "UserIds": _users(shelf, engine, params.get("UserIds", [])),
        "MinimumEngineVersion": ENGINES[engine],
        "ReplicationGroups": [],
        "ARN": arn(ctx, "usergroup", name),
        "_tags": list(params.get("Tags", [])),
    }
    shelf.user_groups[name] = group
    _tell_users(shelf, group)
    ctx.life.start(USER_GROUP, name, "create")
    return public(group)


def _users(shelf: Shelf, engine: str, ids: list[str]) -> list[str]:
    """The ids in lower case, checked as the members of one group."""
    users = [shelf.user(each) for each in dict.fromkeys(each.lower() for each in ids)]
    if foreign := [u["UserId"] for u in users if engine == "redis" and u["Engine"] != "redis"]:
        raise checks.value(f"Users of Valkey cannot be in a group of Redis OSS: {foreign}")
    logins = [user["UserName"] for user in users]
    if len(set(logins)) != len(logins):
        raise AwsError("DuplicateUserName", f"Two users have the same name: {sorted(logins)}")
    if engine == "redis" and DEFAULT not in logins:
        raise AwsError("DefaultUserRequired", "A user named default must be in the user group")
    return [user["UserId"] for user in users]


def _tell_users(shelf: Shelf, group: Record) -> None:
    """Every user knows its groups."""
    name = group["UserGroupId"]
    for user in shelf.users.values():
        rest = [each for each in user["UserGroupIds"] if each != name]
        user["UserGroupIds"] = rest + ([name] if user["UserId"] in group["UserIds"] else [])


@operation("elasticache", "DescribeUserGroups")
def describe_groups(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One by id, or all, with the replication groups that use it."""
    shelf, name = Shelf(ctx), params.get("UserGroupId")
    rows = [shelf.user_group(name)] if name else list(shelf.user_groups.values())
    shown = [row | {"ReplicationGroups": _used_by(shelf, row["UserGroupId"])} for row in rows]
    return page(shown, params, "UserGroups")


def _used_by(shelf: Shelf, name: str) -> list[str]:
    return [key for key, group in shelf.groups.items() if name in group["UserGroupIds"]]


@operation("elasticache", "ModifyUserGroup")
def modify_group(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Adds and removes users."""
    shelf = Shelf(ctx)
    group = _free(shelf, params["UserGroupId"])
    added = [each.lower() for each in params.get("UserIdsToAdd", [])]
    removed = [each.lower() for each in params.get("UserIdsToRemove", [])]
    if not added and not removed:
        raise checks.combination("Give UserIdsToAdd or UserIdsToRemove")
    if missing := [each for each in removed if each not in group["UserIds"]]:
        raise AwsError("UserNotFound", f"Not in the user group: {missing}")
    kept = [each for each in group["UserIds"] if each not in removed]
    group["UserIds"] = _users(shelf, group["Engine"], kept + added)
    group["Status"] = "modifying"
    _tell_users(shelf, group)
    ctx.life.start(USER_GROUP, group["UserGroupId"], "modify")
    return public(group)


@operation("elasticache", "DeleteUserGroup")
def delete_group(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Refused while a replication group uses it."""
    shelf = Shelf(ctx)
    group = _free(shelf, params["UserGroupId"])
    if used := _used_by(shelf, group["UserGroupId"]):
        raise AwsError(
            "InvalidUserGroupState",
            f"User group {group['UserGroupId']} is associated with replication groups {used}",
        )
    group |= {"Status": "deleting", "UserIds": []}
    _tell_users(shelf, group)
    ctx.life.start(USER_GROUP, group["UserGroupId"], "delete")
    return public(group)


def _free(shelf: Shelf, name: str) -> Record:
    group = shelf.user_group(name)
    if group["Status"] != "active":
        raise AwsError(
            "InvalidUserGroupState", f"User group {name} is not active: it is {group['Status']}"
        )
    return group


@on_end(USER_GROUP, "create", "modify")
def _active(ctx: Context, name: str) -> None:
    Shelf(ctx).user_groups[name]["Status"] = "active"


@on_end(USER_GROUP, "delete")
def _deleted(ctx: Context, name: str) -> None:
    del Shelf(ctx).user_groups[name]


def usable(shelf: Shelf, ids: list[str], params: Record) -> list[str]:
    """User groups that a new replication group may use: one, active, with TLS and no token."""
    if not ids:
        return []
    if len(ids) > 1:
        raise checks.combination("A replication group has at most one user group")
    if not params.get("TransitEncryptionEnabled"):
        raise checks.combination("User groups need encryption-in-transit")
    if params.get("AuthToken"):
        raise checks.combination("The AUTH token and user groups exclude each other")
    return [_free(shelf, name)["UserGroupId"] for name in ids]


def change(ctx: Context, group: Record, params: Record) -> Record:
    """What a modification makes of the group's user groups; {} for no change."""
    added = params.get("UserGroupIdsToAdd", [])
    removed = params.get("UserGroupIdsToRemove", [])
    if params.get("RemoveUserGroups"):
        removed = group["UserGroupIds"]
    if missing := [each for each in removed if each not in group["UserGroupIds"]]:
        raise AwsError("UserGroupNotFound", f"Not associated with the replication group: {missing}")
    ids = [each for each in group["UserGroupIds"] if each not in removed] + list(added)
    if group["_tokens"] and added and params.get("AuthTokenUpdateStrategy") != "DELETE":
        raise checks.combination("The AUTH token and user groups exclude each other")
    request = {"TransitEncryptionEnabled": group["TransitEncryptionEnabled"]}
    found = usable(Shelf(ctx), ids, request)
    return {} if found == group["UserGroupIds"] else {"UserGroupIds": found}

"""ElastiCache users: who may log in, with which commands on which keys."""

from __future__ import annotations

import re
from typing import Any

from lab.extend import AwsError, Context, before, on_end, operation
from lab.kit.records import Record, public
from lab.services.elasticache import checks
from lab.services.elasticache.state import USER, Shelf, arn, page

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
ENGINES = {"redis": "6.0", "valkey": "7.2"}
"""Engine → the oldest version that knows users."""
DEFAULT = "default"


@before("elasticache", "*")
def default_user(ctx: Context, _params: dict[str, Any]) -> None:
    """Every account has the user `default`, who may do everything without a password."""
    Shelf(ctx).users.setdefault(
        DEFAULT,
        {
            "UserId": DEFAULT,
            "UserName": DEFAULT,
            "Status": "active",
            "Engine": "redis",
            "MinimumEngineVersion": ENGINES["redis"],
            "AccessString": "on ~* +@all",
            "UserGroupIds": [],
            "Authentication": {"Type": "no-password"},
            "ARN": arn(ctx, "user", DEFAULT),
            "_tags": [],
        },
    )


def own(shelf: Shelf) -> dict[str, Record]:
    """The users that somebody made."""
    return {name: row for name, row in shelf.users.items() if name != DEFAULT}


@operation("elasticache", "CreateUser")
def create_user(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Active after moments."""
    shelf, name = Shelf(ctx), params["UserId"].lower()
    if not NAME.fullmatch(name):
        raise checks.value(f"The user id {name} is not valid")
    if name in shelf.users:
        raise AwsError("UserAlreadyExists", f"User {name} already exists.")
    engine = params["Engine"].lower()
    if engine not in ENGINES:
        raise checks.value(f"Unknown engine {engine}")
    shelf.users[name] = {
        "UserId": name,
        "UserName": params["UserName"],
        "Status": "creating",
        "Engine": engine,
        "MinimumEngineVersion": ENGINES[engine],
        "AccessString": _access(params["AccessString"]),
        "UserGroupIds": [],
        "Authentication": _authentication(params, name, params["UserName"]),
        "ARN": arn(ctx, "user", name),
        "_tags": list(params.get("Tags", [])),
    }
    ctx.life.start(USER, name, "create")
    return public(shelf.users[name])


def _access(text: str) -> str:
    if text.split()[:1] not in (["on"], ["off"]):
        raise checks.value(f"The access string must begin with on or off: {text}")
    return text


def _authentication(params: Record, name: str, login: str) -> Record:
    """The way to log in: passwords, IAM, or nothing; none of them shows a secret."""
    mode = params.get("AuthenticationMode", {})
    kind = mode.get("Type")
    passwords = mode.get("Passwords") or params.get("Passwords") or []
    if params.get("NoPasswordRequired"):
        if kind not in (None, "no-password-required"):
            raise checks.combination(
                f"Authentication by {kind} does not go with no-password-required"
            )
        kind = "no-password-required"
    elif kind is None:
        kind = "password"
    if kind == "password":
        if not 1 <= len(passwords) <= 2:
            raise checks.combination("A user has one or two passwords, or needs none")
        if any(not 16 <= len(each) <= 128 for each in passwords):
            raise checks.value("Passwords must have 16 to 128 characters")
        return {"Type": "password", "PasswordCount": len(passwords)}
    if passwords:
        raise checks.combination(f"Passwords do not go with {kind}")
    if kind == "iam" and name != login:
        raise checks.combination("With IAM authentication user id and user name must be the same")
    return {"Type": "iam" if kind == "iam" else "no-password"}


@operation("elasticache", "DescribeUsers")
def describe_users(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One by id, or all of an engine; the filter `user-id` narrows."""
    shelf, name = Shelf(ctx), params.get("UserId")
    rows = [shelf.user(name)] if name else list(shelf.users.values())
    for each in params.get("Filters", []):
        if each["Name"] != "user-id":
            raise checks.value(f"Unknown filter {each['Name']}")
        rows = [row for row in rows if row["UserId"] in each["Values"]]
    engine = params.get("Engine")
    return page([row for row in rows if engine in (None, row["Engine"])], params, "Users")


@operation("elasticache", "ModifyUser")
def modify_user(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Access and passwords; reaches every replication group of the user's groups."""
    user = _free(Shelf(ctx), params["UserId"])
    new = {}
    if params.get("AccessString") and params.get("AppendAccessString"):
        raise checks.combination("Give either AccessString or AppendAccessString")
    if text := params.get("AccessString"):
        new["AccessString"] = _access(text)
    if text := params.get("AppendAccessString"):
        new["AccessString"] = f"{user['AccessString']} {text}"
    if any(m in params for m in ("AuthenticationMode", "Passwords", "NoPasswordRequired")):
        new["Authentication"] = _authentication(params, user["UserId"], user["UserName"])
    user |= new | {"Status": "modifying"}
    ctx.life.start(USER, user["UserId"], "modify")
    return public(user)


@operation("elasticache", "DeleteUser")
def delete_user(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """The user leaves its groups, unless it is the default user of one."""
    shelf = Shelf(ctx)
    user = _free(shelf, params["UserId"])
    if user["UserId"] == DEFAULT:
        raise checks.value("The default user cannot be deleted")
    if user["UserName"] == DEFAULT and user["UserGroupIds"]:
        raise AwsError(
            "DefaultUserAssociatedToUserGroup",
            f"User {user['UserId']} is the default user of {user['UserGroupIds']}",
        )
    for name in user["UserGroupIds"]:
        shelf.user_group(name)["UserIds"].remove(user["UserId"])
    user |= {"Status": "deleting", "UserGroupIds": []}
    ctx.life.start(USER, user["UserId"], "delete")
    return public(user)


def _free(shelf: Shelf, name: str) -> Record:
    user = shelf.user(name)
    if user["Status"] != "active":
        raise AwsError("InvalidUserState", f"User {name} is not active: it is {user['Status']}")
    return user


@on_end(USER, "create", "modify")
def _active(ctx: Context, name: str) -> None:
    Shelf(ctx).users[name]["Status"] = "active"


@on_end(USER, "delete")
def _deleted(ctx: Context, name: str) -> None:
    del Shelf(ctx).users[name]

"""ElastiCache: users, user groups, AUTH tokens, failover on request."""

from __future__ import annotations

import caches
import pytest
from caches import TOKEN, create, group, request

SECOND = "another-token-of-sixteen"
PASSWORD = "a-password-of-sixteen"


@pytest.fixture
def cache(lab):
    return lab.client("elasticache")


@pytest.fixture
def net(lab):
    return caches.network(lab)


def user(cache, name, login, **more):
    given = {"UserId": name, "UserName": login, "Engine": "valkey", "AccessString": "on ~* +@read"}
    merged = given | {"Passwords": [PASSWORD]} | more
    return cache.create_user(**{key: value for key, value in merged.items() if value is not None})


def one(cache, name):
    return cache.describe_users(UserId=name)["Users"][0]


def test_a_user_is_created_changed_and_deleted(lab, cache, refused):
    made = user(cache, "App", "app")
    assert (made["UserId"], made["Status"]) == ("app", "creating")
    assert made["Authentication"] == {"Type": "password", "PasswordCount": 1}
    with refused("InvalidUserState"):
        cache.modify_user(UserId="app", AccessString="off")
    lab.settle()
    cache.modify_user(
        UserId="app", AppendAccessString="+@write", AuthenticationMode={"Type": "iam"}
    )
    lab.settle()
    assert one(cache, "app")["AccessString"] == "on ~* +@read +@write"
    assert one(cache, "app")["Authentication"] == {"Type": "iam"}
    with refused("UserAlreadyExists"):
        user(cache, "app", "other")
    cache.delete_user(UserId="app")
    lab.settle()
    with refused("UserNotFound"):
        one(cache, "app")
    assert PASSWORD not in str(lab.admin("GET", "/_lab/log"))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Engine": "memcached"}, "InvalidParameterValue"),
        ({"AccessString": "~* +@all"}, "InvalidParameterValue"),
        ({"Passwords": ["short"]}, "InvalidParameterValue"),
        ({"Passwords": None}, "InvalidParameterCombination"),
        ({"NoPasswordRequired": True}, "InvalidParameterCombination"),
        ({"Passwords": None, "AuthenticationMode": {"Type": "iam"}}, "InvalidParameterCombination"),
        ({"UserId": "9"}, "InvalidParameterValue"),
    ],
)
def test_a_bad_user_is_refused(cache, refused, change, code):
    with refused(code):
        user(cache, "app", "login", **change)


def test_redis_groups_need_the_default_user_and_valkey_groups_do_not(lab, cache, refused):
    user(cache, "app", "app")
    user(cache, "twin", "app")
    lab.settle()
    with refused("DefaultUserRequired"):
        cache.create_user_group(UserGroupId="g", Engine="redis")
    with refused("InvalidParameterValue"):
        cache.create_user_group(UserGroupId="g", Engine="redis", UserIds=["default", "app"])
    with refused("DuplicateUserName"):
        cache.create_user_group(UserGroupId="g", Engine="valkey", UserIds=["app", "twin"])
    with refused("UserNotFound"):
        cache.create_user_group(UserGroupId="g", Engine="valkey", UserIds=["none"])
    cache.create_user_group(UserGroupId="g", Engine="valkey", UserIds=["app"])
    lab.settle()
    assert one(cache, "app")["UserGroupIds"] == ["g"]
    cache.modify_user_group(UserGroupId="g", UserIdsToAdd=["default"], UserIdsToRemove=["app"])
    lab.settle()
    found = cache.describe_user_groups(UserGroupId="g")["UserGroups"][0]
    assert (found["UserIds"], found["Status"]) == (["default"], "active")


def test_a_user_group_guards_a_replication_group(lab, cache, net, refused):
    user(cache, "app", "app")
    cache.create_user_group(UserGroupId="g", Engine="valkey", UserIds=["app"])
    with refused("InvalidUserGroupState"):
        cache.create_replication_group(**request(UserGroupIds=["g"]))
    lab.settle()
    with refused("InvalidParameterCombination"):
        cache.create_replication_group(**request(UserGroupIds=["g"], AuthToken=TOKEN))
    create(lab, cache, UserGroupIds=["g"])
    assert group(cache)["UserGroupIds"] == ["g"]
    used = cache.describe_user_groups(UserGroupId="g")["UserGroups"][0]["ReplicationGroups"]
    assert used == ["main"]
    with refused("InvalidUserGroupState"):
        cache.delete_user_group(UserGroupId="g")
    cache.modify_replication_group(
        ReplicationGroupId="main", UserGroupIdsToRemove=["g"], ApplyImmediately=True
    )
    lab.settle()
    cache.delete_user_group(UserGroupId="g")
    lab.settle()
    assert one(cache, "app")["UserGroupIds"] == []


def test_a_token_is_rotated_set_and_replaced_by_users(lab, cache, net, refused):
    create(lab, cache, AuthToken=TOKEN)
    change = {"ReplicationGroupId": "main", "ApplyImmediately": True}
    with refused("InvalidParameterCombination"):
        cache.modify_replication_group(**change | {"ApplyImmediately": False}, AuthToken=SECOND)
    with refused("InvalidParameterCombination"):
        cache.modify_replication_group(**change, AuthTokenUpdateStrategy="DELETE")
    answer = cache.modify_replication_group(
        **change, AuthToken=SECOND, AuthTokenUpdateStrategy="ROTATE"
    )["ReplicationGroup"]
    assert answer["PendingModifiedValues"] == {"AuthTokenStatus": "ROTATING"}
    lab.settle()
    assert group(cache)["PendingModifiedValues"] == {}
    cache.modify_replication_group(**change, AuthToken=SECOND, AuthTokenUpdateStrategy="SET")
    lab.settle()
    assert group(cache)["AuthTokenEnabled"] is True
    user(cache, "app", "app")
    cache.create_user_group(UserGroupId="g", Engine="valkey", UserIds=["app"])
    lab.settle()
    with refused("InvalidParameterCombination"):
        cache.modify_replication_group(**change, UserGroupIdsToAdd=["g"])
    cache.modify_replication_group(
        **change, UserGroupIdsToAdd=["g"], AuthTokenUpdateStrategy="DELETE"
    )
    lab.settle()
    assert (group(cache)["AuthTokenEnabled"], group(cache)["UserGroupIds"]) == (False, ["g"])
    assert SECOND not in str(lab.admin("GET", "/_lab/log"))


def test_a_failover_makes_a_replica_the_primary(lab, cache, net, refused):
    create(lab, cache)
    primary = group(cache)["NodeGroups"][0]["NodeGroupMembers"][0]["CacheClusterId"]
    with refused("NodeGroupNotFoundFault"):
        cache.test_failover(ReplicationGroupId="main", NodeGroupId="0009")
    cache.test_failover(ReplicationGroupId="main", NodeGroupId="0001")
    assert group(cache)["Status"] == "modifying"
    lab.settle()
    members = group(cache)["NodeGroups"][0]["NodeGroupMembers"]
    roles = {row["CacheClusterId"]: row["CurrentRole"] for row in members}
    assert roles[primary] == "replica"
    assert sorted(roles.values()) == ["primary", "replica", "replica"]


@pytest.mark.parametrize("change", [{"AutomaticFailoverEnabled": False, "MultiAZEnabled": False}])
def test_without_automatic_failover_there_is_none(lab, cache, net, refused, change):
    create(lab, cache, **change)
    with refused("TestFailoverNotAvailableFault"):
        cache.test_failover(ReplicationGroupId="main", NodeGroupId="0001")


def test_a_user_logs_in_one_way(cache, refused):
    with refused("InvalidParameterCombination"):
        cache.create_user(
            UserId="u",
            UserName="u",
            Engine="valkey",
            AccessString="on ~* +@all",
            NoPasswordRequired=True,
            AuthenticationMode={"Type": "iam"},
        )

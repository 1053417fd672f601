"""Where ElastiCache keeps its records, and the look-ups that every operation needs."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context
from lab.kit import pages
from lab.kit.records import Record, public

GROUP, SNAPSHOT = "elasticache/replication-group", "elasticache/snapshot"
USER, USER_GROUP = "elasticache/user", "elasticache/user-group"
GLOBAL = "elasticache/global"
# Waits of their own: a change that is asked for meanwhile must not end them.
WINDOW = "elasticache/window"


class Shelf:
    """The records of one account and region, by name."""

    def __init__(self, ctx: Context) -> None:
        store = ctx.store("elasticache")
        self.groups: dict[str, Record] = store.setdefault("groups", {})
        self.users: dict[str, Record] = store.setdefault("users", {})
        self.user_groups: dict[str, Record] = store.setdefault("user_groups", {})
        self.snapshots: dict[str, Record] = store.setdefault("snapshots", {})
        self.subnet_groups: dict[str, Record] = store.setdefault("subnet_groups", {})
        self.parameter_groups: dict[str, Record] = store.setdefault("parameter_groups", {})

    def group(self, name: str) -> Record:
        """The replication group, or ReplicationGroupNotFoundFault; names fold to lower case."""
        if name.lower() not in self.groups:
            raise AwsError("ReplicationGroupNotFoundFault", f"ReplicationGroup {name} not found.")
        return self.groups[name.lower()]

    def free_group(self, name: str) -> Record:
        """A replication group that takes changes, or InvalidReplicationGroupState."""
        group = self.group(name)
        if group["Status"] != "available":
            raise AwsError(
                "InvalidReplicationGroupState",
                f"Replication group {group['ReplicationGroupId']} must be in available state; "
                f"it is {group['Status']}.",
            )
        return group

    def user(self, name: str) -> Record:
        """The user, or UserNotFound; `default` always exists."""
        if name.lower() not in self.users:
            raise AwsError("UserNotFound", f"User {name} not found.")
        return self.users[name.lower()]

    def user_group(self, name: str) -> Record:
        """The user group, or UserGroupNotFound."""
        if name.lower() not in self.user_groups:
            raise AwsError("UserGroupNotFound", f"UserGroup {name} not found.")
        return self.user_groups[name.lower()]

    def snapshot(self, name: str) -> Record:
        """The snapshot, or SnapshotNotFoundFault."""
        if name not in self.snapshots:
            raise AwsError("SnapshotNotFoundFault", f"Snapshot {name} not found.")
        return self.snapshots[name]

    def subnet_group(self, name: str) -> Record:
        """The subnet group, or CacheSubnetGroupNotFoundFault."""
        if name.lower() not in self.subnet_groups:
            raise AwsError("CacheSubnetGroupNotFoundFault", f"CacheSubnetGroup {name} not found.")
        return self.subnet_groups[name.lower()]


def arn(ctx: Context, kind: str, name: str) -> str:
    """`arn:aws:elasticache:region:account:kind:name`."""
    return f"arn:aws:elasticache:{ctx.region}:{ctx.account}:{kind}:{name}"


def page(items: list[Record], params: Record, member: str) -> dict[str, Any]:
    """One page of a Describe answer."""
    rows, marker = pages.page(
        items, params, size="MaxRecords", token="Marker", most=100, error="InvalidParameterValue"
    )
    answer: dict[str, Any] = {member: [public(row) for row in rows]}
    return answer | ({"Marker": marker} if marker else {})

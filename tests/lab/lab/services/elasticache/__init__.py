"""Amazon ElastiCache for Redis OSS and Valkey: replication groups, snapshots, groups, catalogue.

The whole service is the lab's own; what it does not simulate (Memcached, serverless caches …) is refused.
"""

from __future__ import annotations

from typing import Any

from lab.extend import Context
from lab.kit.records import tag_map
from lab.kit.refuse import refuse_rest
from lab.services.elasticache import (  # noqa: F401 (registration)
    catalogue,
    failures,
    global_groups,
    members,
    modification,
    parameters,
    replication_groups,
    scaling,
    snapshots,
    subnet_groups,
    tags,
    tokens,
    user_groups,
    users,
)
from lab.services.elasticache.state import Shelf

refuse_rest("elasticache")


def census(ctx: Context) -> list[dict[str, Any]]:
    """Every ElastiCache object of this account and region; default groups do not count."""
    shelf = Shelf(ctx)
    return [
        {"kind": f"elasticache/{kind}", "id": name, "tags": tag_map(record["_tags"])}
        for kind, records in (
            ("replication-group", shelf.groups),
            ("snapshot", shelf.snapshots),
            ("subnet-group", shelf.subnet_groups),
            ("parameter-group", shelf.parameter_groups),
            ("user", users.own(shelf)),
            ("user-group", shelf.user_groups),
            ("global", global_groups.of_region(ctx)),
        )
        for name, record in records.items()
    ]

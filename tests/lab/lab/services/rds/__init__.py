"""Amazon RDS for PostgreSQL and Aurora PostgreSQL: clusters, instances, backups, groups.

The whole service is the lab's own; what it does not simulate (proxies, Multi-AZ clusters …) is refused.
"""

from __future__ import annotations

from typing import Any

from lab.extend import Context
from lab.kit.records import tag_map
from lab.kit.refuse import refuse_rest
from lab.services.rds import (  # noqa: F401 (registration)
    backup_replication,
    backups,
    blue_green,
    catalogue,
    cluster_backups,
    cluster_deletion,
    cluster_endpoints,
    cluster_modification,
    cluster_restore,
    cluster_snapshots,
    clusters,
    deletion,
    events,
    failures,
    global_clusters,
    global_members,
    instances,
    modification,
    options,
    parameters,
    replicas,
    restore,
    snapshots,
    subnet_groups,
    switchover,
    tags,
)
from lab.services.rds.state import Shelf

refuse_rest("rds")


def census(ctx: Context) -> list[dict[str, Any]]:
    """Every RDS object of this account and region; default parameter groups do not count."""
    shelf = Shelf(ctx)
    found = [
        {"kind": "rds/global-cluster", "id": name, "tags": tag_map(record["TagList"])}
        for name, record in global_members.every(ctx).items()
        if ctx.region == global_clusters.HOME
    ]
    return found + [
        {"kind": f"rds/{kind}", "id": name, "tags": tag_map(record["TagList"])}
        for kind, records in (
            ("instance", shelf.instances),
            ("snapshot", shelf.snapshots),
            ("automated-backup", backups.retained(shelf)),
            ("cluster", shelf.clusters),
            ("cluster-snapshot", shelf.cluster_snapshots),
            ("cluster-automated-backup", cluster_backups.retained(shelf)),
            ("cluster-endpoint", shelf.cluster_endpoints),
            ("blue-green-deployment", shelf.blue_green),
            ("cluster-parameter-group", shelf.cluster_parameter_groups),
            ("subnet-group", shelf.subnet_groups),
            ("parameter-group", shelf.parameter_groups),
        )
        for name, record in records.items()
    ]

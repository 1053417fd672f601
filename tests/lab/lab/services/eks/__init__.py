"""Amazon EKS: clusters, node groups, add-ons, access entries, pod identity, updates, insights.

The whole service is the lab's own; nothing of it is forwarded to moto.
"""

from __future__ import annotations

from typing import Any

from lab.extend import Context
from lab.kit.refuse import refuse_rest
from lab.services.eks import (  # noqa: F401 (registration)
    access,
    addons,
    clusters,
    failures,
    identity,
    insights,
    nodegroups,
    tags,
    updates,
    versions,
)
from lab.services.eks.state import clusters as all_clusters

refuse_rest("eks")


def census(ctx: Context) -> list[dict[str, Any]]:
    """Every EKS object of this account and region."""
    found = []
    for name, cluster in all_clusters(ctx).items():
        found.append({"kind": "eks/cluster", "id": name, "tags": cluster["tags"]})
        for part, kind in (
            ("_nodegroups", "eks/nodegroup"),
            ("_addons", "eks/addon"),
            ("_entries", "eks/access-entry"),
            ("_associations", "eks/pod-identity"),
        ):
            for key, record in cluster[part].items():
                found.append({"kind": kind, "id": f"{name}/{key}", "tags": record["tags"]})
    return found

"""How what ElastiCache accepted can still fail."""

from __future__ import annotations

from lab.extend import Context
from lab.failures import Failure, fails
from lab.services.elasticache import members
from lab.services.elasticache.state import GROUP, Shelf


@fails(
    "elasticache",
    "CreateReplicationGroup",
    GROUP,
    {"create-failed": "The replication group could not be created"},
)
def not_made(ctx: Context, name: str, failure: Failure) -> None:
    """create-failed, without endpoints; it can be deleted."""
    group = Shelf(ctx).groups[name]
    group["Status"] = failure.reason
    members.show(group, ctx.region)

"""DescribeEvents: what RDS says about objects that fail ("Amazon RDS event categories and messages")."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lab.extend import AwsError, Context, operation
from lab.kit.records import Record, moment
from lab.services.rds.state import Shelf, arn, page

INSTANCE, CLUSTER = "db-instance", "db-cluster"
_ARN_KIND = {INSTANCE: "db", CLUSTER: "cluster"}
# "By default, RDS returns events that are generated in the past hour"; they are kept for 14 days.
MINUTES, MOST_MINUTES = 60, 14 * 24 * 60


def tell(ctx: Context, source: str, name: str, message: str) -> None:
    """Notes a failure of the object, or of its change."""
    Shelf(ctx).events.append(
        {
            "SourceIdentifier": name,
            "SourceType": source,
            "Message": message,
            "EventCategories": ["failure"],
            "Date": moment(ctx),
            "SourceArn": arn(ctx, _ARN_KIND[source], name),
        }
    )


@operation("rds", "DescribeEvents")
def describe_events(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Oldest first, of the last hour unless asked for more; an identifier needs its type."""
    source, name = params.get("SourceType"), params.get("SourceIdentifier")
    if name and not source:
        raise AwsError(
            "InvalidParameterCombination",
            "The parameter SourceType must be provided with SourceIdentifier.",
        )
    minutes = min(params.get("Duration", MINUTES), MOST_MINUTES)
    since = moment(ctx) - timedelta(minutes=minutes)
    rows: list[Record] = [
        event
        for event in Shelf(ctx).events
        if event["Date"] >= since
        and source in (None, event["SourceType"])
        and name in (None, event["SourceIdentifier"])
    ]
    return page(rows, params, "Events")

"""Where CloudFront keeps its records, ids, ETags and pages."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context
from lab.kit import pages
from lab.kit.records import Record, digest

DISTRIBUTION = "cloudfront/distribution"


def home(ctx: Context) -> Context:
    """CloudFront is global; its life happens in us-east-1 whatever the caller signs for."""
    return ctx.elsewhere("us-east-1", "cloudfront")


def shelf(ctx: Context, name: str) -> dict[str, Record]:
    """Records of one kind, by id."""
    return ctx.store("cloudfront").setdefault(name, {})


def all_distributions(ctx: Context) -> dict[str, Record]:
    """Distributions by id."""
    return shelf(ctx, "distributions")


def access_controls(ctx: Context) -> dict[str, Record]:
    """Origin access controls by id."""
    return shelf(ctx, "OriginAccessControl")


def new_id(ctx: Context, prefix: str = "E", length: int = 13) -> str:
    """An id as CloudFront makes them; every call gives another."""
    store = ctx.store("cloudfront")
    store["count"] = store.get("count", 0) + 1
    return prefix + digest("cloudfront", ctx.account, str(store["count"]), length=length).upper()


def new_etag(ctx: Context) -> str:
    """Every change of an object gives it a new ETag."""
    return new_id(ctx)


def check_etag(record: Record, given: str | None) -> None:
    """`If-Match` must be there and be the newest."""
    if not given:
        raise AwsError(
            "InvalidIfMatchVersion",
            "The If-Match version is missing or not valid for the resource.",
        )
    if given != record["_etag"]:
        raise AwsError(
            "PreconditionFailed",
            "The request failed because it didn't meet the preconditions in one or more "
            "request-header fields.",
        )


def listing(items: list[Record], params: Record, *, full: bool) -> dict[str, Any]:
    """A list answer; `full` adds the members that only some lists have."""
    rows, following = pages.page(
        items, params, size="MaxItems", token="Marker", most=100, error="InvalidArgument"
    )
    answer: dict[str, Any] = {
        "MaxItems": int(params.get("MaxItems") or 100),
        "Quantity": len(rows),
        "Items": rows,
    }
    if following:
        answer["NextMarker"] = following
    if full:
        answer |= {"Marker": params.get("Marker") or "", "IsTruncated": following is not None}
    return answer

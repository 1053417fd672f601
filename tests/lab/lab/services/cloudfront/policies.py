"""Origin access controls and policies, and which distribution uses them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lab.extend import Context
from lab.kit.records import Record
from lab.services.cloudfront import managed
from lab.services.cloudfront.catalogs import Catalog
from lab.services.cloudfront.state import all_distributions


def behaviors(config: Record) -> Iterator[Record]:
    """The default behaviour and the others."""
    yield config["DefaultCacheBehavior"]
    yield from config.get("CacheBehaviors", {}).get("Items", [])


def _used_by_behavior(member: str) -> Callable[[Context, str], bool]:
    def used(ctx: Context, identifier: str) -> bool:
        return any(
            behavior.get(member) == identifier
            for each in all_distributions(ctx).values()
            for behavior in behaviors(each["DistributionConfig"])
        )

    return used


def _used_by_origin(ctx: Context, identifier: str) -> bool:
    return any(
        origin.get("OriginAccessControlId") == identifier
        for each in all_distributions(ctx).values()
        for origin in each["DistributionConfig"]["Origins"]["Items"]
    )


CACHE = Catalog(
    "CachePolicy",
    "CachePolicies",
    "cache policy",
    _used_by_behavior("CachePolicyId"),
    managed.CACHE,
)
ORIGIN_REQUEST = Catalog(
    "OriginRequestPolicy",
    "OriginRequestPolicies",
    "origin request policy",
    _used_by_behavior("OriginRequestPolicyId"),
    managed.ORIGIN_REQUEST,
)
RESPONSE_HEADERS = Catalog(
    "ResponseHeadersPolicy",
    "ResponseHeadersPolicies",
    "response headers policy",
    _used_by_behavior("ResponseHeadersPolicyId"),
    managed.RESPONSE_HEADERS,
)
ACCESS_CONTROL = Catalog(
    "OriginAccessControl",
    "OriginAccessControls",
    "origin access control",
    _used_by_origin,
    uuid=False,
)

POLICIES = (CACHE, ORIGIN_REQUEST, RESPONSE_HEADERS)

for _catalog in (*POLICIES, ACCESS_CONTROL):
    _catalog.register()

"""Drift in `cdn`."""

from __future__ import annotations

from typing import Any

from acceptance.drift import Drift
from acceptance.fields import Account, Seen
from acceptance.fields.cdn import BUCKETS, _config, _paths, _ttl

BASE = (
    BUCKETS,
    """cdn = {
    default_origin = { bucket = "site" }
    behaviors = [
      { path = "/images/*", bucket = "images", ttl = { max = 60 } },
      { path = "/api/*", origin = "api.example.com" },
    ]
  }""",
)


def _change(account: Account, **changes: Any) -> None:
    client, name = account.client("cloudfront"), account.id("cdn/distribution")
    found = client.get_distribution_config(Id=name)
    config = found["DistributionConfig"] | changes
    client.update_distribution(Id=name, IfMatch=found["ETag"], DistributionConfig=config)
    client.get_waiter("distribution_deployed").wait(
        Id=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )


def _policy(account: Account) -> None:
    client, name = account.client("cloudfront"), account.id("cdn/cache-policy/images")
    found = client.get_cache_policy_config(Id=name)
    config = found["CachePolicyConfig"] | {"DefaultTTL": 3600, "MaxTTL": 86400}
    client.update_cache_policy(Id=name, IfMatch=found["ETag"], CachePolicyConfig=config)


def _delete(account: Account) -> None:
    client, name = account.client("cloudfront"), account.id("cdn/distribution")
    _change(account, Enabled=False)
    etag = client.get_distribution_config(Id=name)["ETag"]
    client.delete_distribution(Id=name, IfMatch=etag)


def _readers(account: Account) -> list[bool]:
    """Whether each distribution is the one that the buckets let in."""
    found = account.client("cloudfront").list_distributions()["DistributionList"].get("Items", [])
    policies = [
        account.client("s3").get_bucket_policy(Bucket=account.id(f"buckets/bucket/{name}"))[
            "Policy"
        ]
        for name in ("images", "site")
    ]
    return [all(each["Id"] in policy for policy in policies) for each in found]


DRIFTS = [
    Drift(
        "a behavior that was removed comes back",
        lambda a: _change(a, CacheBehaviors={"Quantity": 0}),
        ("update cdn/distribution", "behaviors"),
        Seen("cdn.behaviors", _paths, ["/images/*", "/api/*"]),
    ),
    Drift(
        "a distribution that was switched off is on again",
        lambda a: _change(a, Enabled=False, PriceClass="PriceClass_All"),
        ("update cdn/distribution", "enabled", "price_class"),
        Seen(
            "cdn",
            lambda a: (_config(a)["Enabled"], _config(a)["PriceClass"]),
            (True, "PriceClass_100"),
        ),
    ),
    Drift(
        "seconds in the cache are as configured",
        _policy,
        ("update cdn/cache-policy/images", "max_ttl"),
        Seen("cdn.behaviors.ttl", lambda a: _ttl(a, "/images/*"), (0, 60, 60)),
    ),
    Drift(
        "a distribution that was deleted is made again, and the buckets let the new one in",
        _delete,
        ("create cdn/distribution", "update buckets/policy/"),
        Seen("cdn", _readers, [True]),
    ),
]

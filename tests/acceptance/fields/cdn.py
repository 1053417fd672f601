"""`cdn`, field by field."""

from __future__ import annotations

from typing import Any

from acceptance.fields import Account, Seen, Step


def _config(account: Account) -> dict[str, Any]:
    found = account.client("cloudfront").get_distribution(Id=account.id("cdn/distribution"))
    return found["Distribution"]["DistributionConfig"]


def _behavior(account: Account, path: str = "") -> dict[str, Any]:
    config = _config(account)
    if not path:
        return config["DefaultCacheBehavior"]
    (found,) = [each for each in config["CacheBehaviors"]["Items"] if each["PathPattern"] == path]
    return found


def _paths(account: Account) -> list[str]:
    return [each["PathPattern"] for each in _config(account)["CacheBehaviors"].get("Items", [])]


def _origin(account: Account, path: str = "") -> dict[str, Any]:
    target = _behavior(account, path)["TargetOriginId"]
    (found,) = [each for each in _config(account)["Origins"]["Items"] if each["Id"] == target]
    return found


def _methods(account: Account, path: str = "") -> int:
    return _behavior(account, path)["AllowedMethods"]["Quantity"]


def _cache(account: Account, path: str = "") -> dict[str, Any]:
    policy = account.client("cloudfront").get_cache_policy(
        Id=_behavior(account, path)["CachePolicyId"]
    )
    return policy["CachePolicy"]["CachePolicyConfig"]


def _ttl(account: Account, path: str = "") -> tuple[int, int, int]:
    config = _cache(account, path)
    return config["MinTTL"], config["DefaultTTL"], config["MaxTTL"]


def _names(config: dict[str, Any], kind: str) -> list[str] | str:
    """The names that a policy lists, or how it calls all or none."""
    keys = {
        "query_strings": ("QueryStringsConfig", "QueryStringBehavior", "QueryStrings"),
        "cookies": ("CookiesConfig", "CookieBehavior", "Cookies"),
        "headers": ("HeadersConfig", "HeaderBehavior", "Headers"),
    }
    part, mode, names = keys[kind]
    found = config[part]
    return found[names]["Items"] if found[mode] == "whitelist" else found[mode]


def _key(account: Account, path: str) -> tuple[Any, ...]:
    config = _cache(account, path)["ParametersInCacheKeyAndForwardedToOrigin"]
    return tuple(_names(config, kind) for kind in ("query_strings", "cookies", "headers"))


def _forward(account: Account, path: str) -> tuple[Any, ...]:
    policy = account.client("cloudfront").get_origin_request_policy(
        Id=_behavior(account, path)["OriginRequestPolicyId"]
    )
    config = policy["OriginRequestPolicy"]["OriginRequestPolicyConfig"]
    return tuple(_names(config, kind) for kind in ("query_strings", "cookies", "headers"))


def _server(account: Account, path: str) -> tuple[Any, ...]:
    origin = _origin(account, path)
    config = origin["CustomOriginConfig"]
    headers = {h["HeaderName"]: h["HeaderValue"] for h in origin["CustomHeaders"].get("Items", [])}
    return (
        origin["DomainName"],
        config["OriginProtocolPolicy"],
        config["HTTPPort"],
        origin["OriginPath"],
        headers,
        config["OriginReadTimeout"],
        config["OriginKeepaliveTimeout"],
    )


def _errors(account: Account) -> list[tuple[Any, ...]]:
    found = _config(account)["CustomErrorResponses"].get("Items", [])
    return [
        (e["ErrorCode"], e["ResponsePagePath"], e["ResponseCode"], e["ErrorCachingMinTTL"])
        for e in found
    ]


def _certificate(account: Account) -> str:
    return _config(account)["ViewerCertificate"]["MinimumProtocolVersion"]


BUCKETS = "buckets = { images = { force_destroy = true }, site = { force_destroy = true } }"

STEPS = [
    Step(
        "a bucket, images that are kept for a day, and an API that is not kept",
        (
            BUCKETS,
            """cdn = {
    default_origin = { bucket = "site" }
    behaviors = [
      { path = "/images/*", bucket = "images", ttl = { min = 0, default = 86400, max = 31536000 } },
      { path = "/api/*", origin = "api.example.com", cache = false },
    ]
  }""",
        ),
        seen=(
            Seen("cdn.behaviors", _paths, ["/images/*", "/api/*"]),
            Seen("cdn.behaviors.ttl", lambda a: _ttl(a, "/images/*"), (0, 86400, 31536000)),
            Seen("cdn.behaviors.cache", lambda a: _cache(a, "/api/*")["MaxTTL"], 0),
            Seen("cdn.behaviors.methods", lambda a: _methods(a, "/api/*"), 7),
            Seen("cdn.default_origin.methods", _methods, 3),
            Seen(
                "cdn.default_origin.bucket (access control)",
                lambda a: _origin(a)["OriginAccessControlId"] == a.id("cdn/origin-access-control"),
                True,
            ),
            Seen("cdn.price_class", lambda a: _config(a)["PriceClass"], "PriceClass_100"),
            Seen("cdn.minimum_tls", _certificate, "TLSv1"),
            Seen("cdn.error_responses", _errors, []),
        ),
    ),
    Step(
        "every treatment of requests changes in place",
        (
            BUCKETS,
            """cdn = {
    default_root_object = "index.html"
    error_responses = [
      { code = 403, path = "/index.html", status = 200, ttl = 30 },
      { code = 503, ttl = 0 },
    ]
    default_origin = {
      bucket                     = "site"
      methods                    = ["GET", "HEAD"]
      viewer_protocol            = "https-only"
      compress                   = false
      ttl                        = { min = 0, default = 3600, max = 86400 }
      response_headers_policy_id = "67f7725c-6f97-4210-82d7-5512b31e9d03"
      key_group_ids              = ["a-group"]
    }
    origins = {
      web = {
        domain               = "web.example.com"
        protocol             = "http"
        port                 = 8080
        path                 = "/v1"
        headers              = { X-From = "cdn" }
        read_timeout_seconds = 60
        keepalive_seconds    = 10
      }
    }
    behaviors = [
      {
        path      = "/api/*"
        origin    = "web"
        cache_key = { query_strings = ["page", "size"], cookies = [], headers = ["Authorization"] }
        forward   = { query_strings = ["*"], cookies = ["session"], headers = ["Origin"] }
      },
      { path = "/images/*", bucket = "images", ttl = { min = 60, default = 3600, max = 7200 } },
      {
        path            = "/live/*"
        origin          = "web"
        forward         = { headers = ["*"], cookies = ["*"] }
        methods         = ["GET", "HEAD", "OPTIONS"]
        viewer_protocol = "redirect-to-https"
        compress        = false
      },
    ]
    price_class = "200"
  }""",
        ),
        seen=(
            Seen("cdn.behaviors", _paths, ["/api/*", "/images/*", "/live/*"]),
            Seen(
                "cdn.behaviors.cache_key",
                lambda a: _key(a, "/api/*"),
                (["page", "size"], "none", ["Authorization"]),
            ),
            Seen(
                "cdn.behaviors.forward",
                lambda a: _forward(a, "/api/*"),
                ("all", ["session"], ["Origin"]),
            ),
            Seen(
                "cdn.behaviors.forward (all)",
                lambda a: _forward(a, "/live/*"),
                ("none", "all", "allViewer"),
            ),
            Seen("cdn.behaviors.methods", lambda a: _methods(a, "/live/*"), 3),
            Seen(
                "cdn.behaviors.viewer_protocol, compress",
                lambda a: (
                    _behavior(a, "/live/*")["ViewerProtocolPolicy"],
                    _behavior(a, "/live/*")["Compress"],
                ),
                ("redirect-to-https", False),
            ),
            Seen("cdn.behaviors.ttl", lambda a: _ttl(a, "/images/*"), (60, 3600, 7200)),
            Seen(
                "cdn.origins",
                lambda a: _server(a, "/api/*"),
                ("web.example.com", "http-only", 8080, "/v1", {"X-From": "cdn"}, 60, 10),
            ),
            Seen("cdn.default_origin.methods", _methods, 2),
            Seen("cdn.default_origin.ttl", _ttl, (0, 3600, 86400)),
            Seen(
                "cdn.default_origin.viewer_protocol",
                lambda a: _behavior(a)["ViewerProtocolPolicy"],
                "https-only",
            ),
            Seen("cdn.default_origin.compress", lambda a: _behavior(a)["Compress"], False),
            Seen(
                "cdn.default_origin.response_headers_policy_id",
                lambda a: _behavior(a)["ResponseHeadersPolicyId"],
                "67f7725c-6f97-4210-82d7-5512b31e9d03",
            ),
            Seen(
                "cdn.default_origin.key_group_ids",
                lambda a: _behavior(a)["TrustedKeyGroups"]["Items"],
                ["a-group"],
            ),
            Seen(
                "cdn.default_root_object", lambda a: _config(a)["DefaultRootObject"], "index.html"
            ),
            Seen(
                "cdn.error_responses",
                _errors,
                [(403, "/index.html", "200", 30), (503, "", "", 0)],
            ),
            Seen("cdn.price_class", lambda a: _config(a)["PriceClass"], "PriceClass_200"),
        ),
        words=(
            "update cdn/distribution",
            "create cdn: 2 cache policies, 2 origin request policies",
        ),
        keeps=("cdn/distribution", "cdn/cache-policy/images"),
    ),
    Step(
        "it shrinks again, and its own policies go",
        (
            BUCKETS,
            """cdn = {
    default_origin = {
      origin    = "www.example.com"
      cache     = true
      cache_key = { query_strings = [], cookies = ["*"] }
      forward   = { query_strings = ["q"] }
    }
  }""",
        ),
        seen=(
            Seen("cdn.default_origin.cache_key", lambda a: _key(a, ""), ("none", "all", "none")),
            Seen("cdn.default_origin.forward", lambda a: _forward(a, ""), (["q"], "none", "none")),
            Seen("cdn.behaviors", _paths, []),
            Seen(
                "cdn.default_origin.origin", lambda a: _origin(a)["DomainName"], "www.example.com"
            ),
            Seen("cdn.default_root_object", lambda a: _config(a)["DefaultRootObject"], ""),
            Seen("cdn.error_responses", _errors, []),
            Seen(
                "cdn (policies)",
                lambda a: a.client("cloudfront").list_cache_policies(Type="custom")[
                    "CachePolicyList"
                ]["Quantity"],
                1,
            ),
        ),
        words=("delete cdn/cache-policy/images", "delete cdn/origin-access-control"),
        keeps=("cdn/distribution",),
    ),
    Step(
        "the section goes and the buckets stay",
        (BUCKETS,),
        seen=(Seen("cdn", lambda a: a.values["cloudfront"], None),),
        words=("delete cdn/distribution",),
        keeps=("buckets/bucket/images",),
    ),
]

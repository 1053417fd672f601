"""The policies that AWS manages, with their well-known ids."""

from __future__ import annotations

from typing import Any

Config = dict[str, Any]
YEAR, DAY = 31536000, 86400


def _some(kind: str, behavior: str, items: tuple[str, ...]) -> Config:
    """`HeadersConfig` and its like: all, none or a list."""
    member = {"Header": "Headers", "Cookie": "Cookies", "QueryString": "QueryStrings"}[kind]
    config: Config = {f"{kind}Behavior": behavior}
    return config | ({member: {"Quantity": len(items), "Items": list(items)}} if items else {})


def _cache(
    name: str,
    ttls: tuple[int, int, int],
    *,
    gzip: bool = False,
    headers: tuple[str, ...] = (),
    cookies: str = "none",
    queries: str = "none",
) -> Config:
    least, usual, most = ttls
    return {
        "Name": f"Managed-{name}",
        "Comment": "",
        "MinTTL": least,
        "DefaultTTL": usual,
        "MaxTTL": most,
        "ParametersInCacheKeyAndForwardedToOrigin": {
            "EnableAcceptEncodingGzip": gzip,
            "EnableAcceptEncodingBrotli": gzip,
            "HeadersConfig": _some("Header", "whitelist" if headers else "none", headers),
            "CookiesConfig": _some("Cookie", cookies, ()),
            "QueryStringsConfig": _some("QueryString", queries, ()),
        },
    }


def _request(
    name: str, headers: str, listed: tuple[str, ...], cookies: str, queries: str
) -> Config:
    return {
        "Name": f"Managed-{name}",
        "Comment": "",
        "HeadersConfig": _some("Header", headers, listed),
        "CookiesConfig": _some("Cookie", cookies, ()),
        "QueryStringsConfig": _some("QueryString", queries, ()),
    }


def _items(*values: str) -> Config:
    return {"Quantity": len(values), "Items": list(values)}


def _cors(methods: tuple[str, ...]) -> Config:
    return {
        "AccessControlAllowOrigins": _items("*"),
        "AccessControlAllowHeaders": _items("*"),
        "AccessControlAllowMethods": _items(*methods),
        "AccessControlAllowCredentials": False,
        "AccessControlExposeHeaders": _items("*"),
        "OriginOverride": False,
    }


_SECURITY: Config = {
    "XSSProtection": {"Override": False, "Protection": True, "ModeBlock": True},
    "FrameOptions": {"Override": False, "FrameOption": "SAMEORIGIN"},
    "ReferrerPolicy": {"Override": False, "ReferrerPolicy": "strict-origin-when-cross-origin"},
    "ContentTypeOptions": {"Override": True},
    "StrictTransportSecurity": {"Override": False, "AccessControlMaxAgeSec": YEAR},
}
_ALL_METHODS = ("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS")


def _response(name: str, methods: tuple[str, ...] = (), *, security: bool = False) -> Config:
    config: Config = {"Name": f"Managed-{name}", "Comment": ""}
    if methods:
        config["CorsConfig"] = _cors(methods)
    if security:
        config["SecurityHeadersConfig"] = _SECURITY
    return config


_ORIGIN_HEADERS = ("host", "origin", "x-http-method-override", "x-http-method", "x-method-override")
_VIEWER_HEADERS = (
    "CloudFront-Forwarded-Proto",
    "CloudFront-Is-Android-Viewer",
    "CloudFront-Is-Desktop-Viewer",
    "CloudFront-Is-IOS-Viewer",
    "CloudFront-Is-Mobile-Viewer",
    "CloudFront-Is-SmartTV-Viewer",
    "CloudFront-Is-Tablet-Viewer",
    "CloudFront-Viewer-Address",
    "CloudFront-Viewer-ASN",
    "CloudFront-Viewer-City",
    "CloudFront-Viewer-Country",
    "CloudFront-Viewer-Country-Name",
    "CloudFront-Viewer-Country-Region",
    "CloudFront-Viewer-Country-Region-Name",
    "CloudFront-Viewer-Http-Version",
    "CloudFront-Viewer-Latitude",
    "CloudFront-Viewer-Longitude",
    "CloudFront-Viewer-Metro-Code",
    "CloudFront-Viewer-Postal-Code",
    "CloudFront-Viewer-Time-Zone",
    "CloudFront-Viewer-TLS",
)

CACHE: dict[str, Config] = {
    "658327ea-f89d-4fab-a63d-7e88639e58f6": _cache("CachingOptimized", (1, DAY, YEAR), gzip=True),
    "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": _cache("CachingDisabled", (0, 0, 0)),
    "b2884449-e4de-46a7-ac36-70bc7f1ddd6d": _cache(
        "CachingOptimizedForUncompressedObjects", (1, DAY, YEAR)
    ),
    "83da9c7e-98b4-4e11-a168-04f0df8e2c65": _cache(
        "UseOriginCacheControlHeaders",
        (0, 0, YEAR),
        gzip=True,
        headers=_ORIGIN_HEADERS,
        cookies="all",
    ),
    "4cc15a8a-d715-48a4-82b8-cc0b614638fe": _cache(
        "UseOriginCacheControlHeaders-QueryStrings",
        (0, 0, YEAR),
        gzip=True,
        headers=_ORIGIN_HEADERS,
        cookies="all",
        queries="all",
    ),
}

ORIGIN_REQUEST: dict[str, Config] = {
    "216adef6-5c7f-47e4-b989-5492eafa07d3": _request("AllViewer", "allViewer", (), "all", "all"),
    "b689b0a8-53d0-40ab-baf2-68738e2966ac": _request(
        "AllViewerExceptHostHeader", "allExcept", ("host",), "all", "all"
    ),
    "33f36d7e-f396-46d9-90e0-52428a34d9dc": _request(
        "AllViewerAndCloudFrontHeaders-2022-06",
        "allViewerAndWhitelistCloudFront",
        _VIEWER_HEADERS,
        "all",
        "all",
    ),
    "59781a5b-3903-41f3-afcb-af62929ccde1": _request(
        "CORS-CustomOrigin", "whitelist", ("origin",), "none", "none"
    ),
    "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf": _request(
        "CORS-S3Origin",
        "whitelist",
        ("origin", "access-control-request-headers", "access-control-request-method"),
        "none",
        "none",
    ),
    "acba4595-bd28-49b8-b9fe-13317c0390fa": _request(
        "UserAgentRefererHeaders", "whitelist", ("user-agent", "referer"), "none", "none"
    ),
    "bf0718e1-ba1e-49d1-88b1-f726733018ae": _request(
        "HostHeaderOnly", "whitelist", ("host",), "none", "none"
    ),
}

RESPONSE_HEADERS: dict[str, Config] = {
    "60669652-455b-4ae9-85a4-c4c02393f86c": _response("SimpleCORS", ("GET", "HEAD")),
    "5cc3b908-e619-4b99-88e5-2cf7f45965bd": _response("CORS-With-Preflight", _ALL_METHODS),
    "67f7725c-6f97-4210-82d7-5512b31e9d03": _response("SecurityHeadersPolicy", security=True),
    "e61eb60c-9c35-4d20-a928-2b84e02af89c": _response(
        "CORS-and-SecurityHeadersPolicy", ("GET", "HEAD"), security=True
    ),
    "eaab4381-ed33-4a86-88ca-d9558dc6cd63": _response(
        "CORS-with-preflight-and-SecurityHeadersPolicy", _ALL_METHODS, security=True
    ),
}

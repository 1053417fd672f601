"""Mistakes in `cdn`."""

from __future__ import annotations

from acceptance.bad import Bad
from acceptance.stacks import NETWORK, stack


def cdn(behavior: str) -> str:
    """A bucket `images` and a CDN with one behaviour besides the default."""
    return f"""buckets = {{ images = {{}} }}
  cdn = {{
    default_origin = {{ bucket = "images" }}
    behaviors      = [{{ {behavior} }}]
  }}"""


ROWS = [
    Bad(
        "a behaviour names a bucket of the stack",
        stack(NETWORK, cdn('path = "/img/*", bucket = "pictures"')),
        ("cdn.behaviors", "pictures", "images"),
    ),
    Bad(
        "a behaviour names a host, or an origin of the section",
        stack(cdn('path = "/api/*", origin = "api"')),
        ("cdn.behaviors[0].origin", "api", "cdn.origins"),
    ),
    Bad(
        "a behaviour has one source",
        stack(cdn('path = "/api/*", origin = "api.example.com", bucket = "images"')),
        ("cdn.behaviors[0]", "bucket", "origin"),
    ),
    Bad(
        "a path is taken once",
        stack(
            cdn('path = "/a/*", bucket = "images" }, { path = "/a/*", origin = "api.example.com"')
        ),
        ("cdn.behaviors[1].path", "/a/*"),
    ),
    Bad(
        "a path begins with a slash",
        stack(cdn('path = "api/*", bucket = "images"')),
        ("cdn.behaviors[0].path", "api/*"),
    ),
    Bad(
        "seconds in the cache are in order",
        stack(cdn('path = "/a/*", bucket = "images", ttl = { min = 9, default = 1, max = 5 }')),
        ("cdn.behaviors[0].ttl", "min (9)"),
    ),
    Bad(
        "what is not cached has no key",
        stack(cdn('path = "/a/*", bucket = "images", cache = false, cache_key = {}')),
        ("cdn.behaviors[0].cache_key", "cache = true"),
    ),
    Bad(
        "a bucket is only read",
        stack(
            cdn(
                'path = "/a/*", bucket = "images", '
                'methods = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]'
            )
        ),
        ("cdn.behaviors[0].methods", "GET, HEAD and OPTIONS"),
    ),
    Bad(
        "the header Authorization is part of the key, or forwarded with all",
        stack(
            cdn(
                'path = "/a/*", origin = "api.example.com", '
                'forward = { headers = ["Authorization"] }'
            )
        ),
        ("cdn.behaviors[0].forward.headers", "Authorization", "cache_key"),
    ),
    Bad(
        "a default origin is a bucket of the stack",
        stack("buckets = { images = {} }", 'cdn = { default_origin = { bucket = "pictures" } }'),
        ("cdn.default_origin", "pictures", "images"),
    ),
    Bad(
        "an alias needs a certificate",
        stack(
            "buckets = { images = {} }",
            'cdn = { default_origin = { bucket = "images" }, aliases = ["cdn.example.com"] }',
        ),
        ("cdn.aliases", "certificate_arn"),
    ),
    Bad(
        "the certificate is in us-east-1",
        stack(
            "buckets = { images = {} }",
            'cdn = { default_origin = { bucket = "images" }, '
            'certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/a" }',
        ),
        ("cdn.certificate_arn", "us-east-1"),
    ),
    Bad(
        "an origin is a host name and offers its port",
        stack(
            "buckets = { images = {} }",
            'cdn = { default_origin = { bucket = "images" }, '
            'origins = { web = { domain = "web.example.com", port = 22 } } }',
        ),
        ('cdn.origins["web"].port', "22", "443"),
    ),
    Bad(
        "an error that is answered otherwise is one of CloudFront's",
        stack(
            "buckets = { images = {} }",
            'cdn = { default_origin = { bucket = "images" }, '
            'error_responses = [{ code = 418, path = "/x.html" }] }',
        ),
        ("cdn.error_responses[0].code", "418", "404"),
    ),
]

"""Who calls, where and which service: read from the SigV4 credential scope.

What AWS rejects before it looks at the signature is rejected here. Any access key is accepted, and
no signature checked, unless the settings name keys: then `sigv4` does both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs

from lab.extend import AwsError

SCOPE = re.compile(r"^(?P<key>[^/]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request$")
CREDENTIAL = re.compile(r"Credential=([^,\s]+)")
REQUIRED = ("SignedHeaders=", "Signature=")


@dataclass(frozen=True)
class Scope:
    """The credential scope of a request; `service` is the signing name."""

    access_key: str
    region: str
    service: str


UNSIGNED = b"Action=AssumeRoleWithWebIdentity"
"""The one call that proves itself by a token instead (STS API reference)."""


def read(headers, query: str, body: bytes = b"") -> Scope:
    """The scope from the Authorization header or a presigned URL; raises AwsError."""
    if "Authorization" not in headers and UNSIGNED in body:
        return Scope("", "us-east-1", "sts")
    scope = SCOPE.match(_credential(headers.get("Authorization", ""), query))
    if scope is None:
        raise AwsError("IncompleteSignature", "The credential scope is malformed", status=403)
    if scope["key"].startswith("EXPIRED"):
        message = "The security token included in the request is expired"
        raise AwsError("ExpiredToken", message, status=403)
    return Scope(scope["key"], scope["region"], scope["service"])


def _credential(authorization: str, query: str) -> str:
    if authorization.startswith("AWS4-HMAC-SHA256"):
        found = CREDENTIAL.search(authorization)
        if found is None or not all(part in authorization for part in REQUIRED):
            message = "Authorization header requires Credential, SignedHeaders and Signature"
            raise AwsError("IncompleteSignature", message, status=403)
        return found[1]
    if presigned := parse_qs(query).get("X-Amz-Credential"):
        return presigned[0]
    raise AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)

"""Signature Version 4, checked when the settings name keys.

The steps: "Create a signed AWS API request" in the IAM User Guide.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl, quote, unquote

from lab import protocol
from lab.extend import AwsError
from lab.request import Call, Raw

TOLERANCE = timedelta(minutes=5)
SIGNED = re.compile(r"SignedHeaders=([^,\s]+)")
SIGNATURE = re.compile(r"Signature=([0-9a-f]+)")
SAFE = "-_.~"
UNKNOWN_KEY = {
    "ec2": ("AuthFailure", 401),
    "s3": ("InvalidAccessKeyId", 403),
    "json": ("UnrecognizedClientException", 400),
    "rest-json": ("UnrecognizedClientException", 403),
}
"""Service or protocol → how an unknown key is refused; others `InvalidClientTokenId` 403."""
WRONG = {
    "json": ("InvalidSignatureException", 400),
    "rest-json": ("InvalidSignatureException", 403),
}
"""Protocol → how a wrong signature is refused; others `SignatureDoesNotMatch` 403."""


@dataclass(frozen=True)
class Signed:
    """What a request says about its own signature."""

    headers: list[str]
    signature: str
    time: str
    scope: str
    """`date/region/service/aws4_request`."""
    payload: str


def check(call: Call, keys: dict[str, str]) -> None:
    """Raises AwsError, in the service's form, unless the request is signed with a known key."""
    service, spoken = call.service, protocol.of(call.model.service_model)
    if (secret := keys.get(call.access_key)) is None:
        code, status = UNKNOWN_KEY.get(service) or UNKNOWN_KEY.get(
            spoken, ("InvalidClientTokenId", 403)
        )
        raise AwsError(code, "The security token included in the request is invalid.", status)
    signed = _presigned(call.raw) or _signed(call.raw)
    code, status = WRONG.get(spoken, ("SignatureDoesNotMatch", 403))
    if abs(_moment(signed.time) - datetime.now(timezone.utc)) > TOLERANCE:
        raise AwsError(code, f"Signature expired or not yet current: {signed.time}", status)
    double = service != "s3"
    request = _canonical(call.raw, signed, double)
    if not hmac.compare_digest(_signature(secret, signed, request), signed.signature):
        text = (
            "The request signature we calculated does not match the signature you provided. "
            "Check your AWS Secret Access Key and signing method."
        )
        raise AwsError(code, text, status)


def _signed(raw: Raw) -> Signed:
    authorization = raw.headers["Authorization"]
    names, signature = SIGNED.search(authorization), SIGNATURE.search(authorization)
    sent = raw.headers.get("X-Amz-Content-SHA256")
    computed = hashlib.sha256(raw.body).hexdigest()
    # A client may leave the body unsigned, but a hash that it gives must be the body's.
    payload = sent if sent and not re.fullmatch("[0-9a-f]{64}", sent) else computed
    return Signed(
        names[1].split(";") if names else [],
        signature[1] if signature else "",
        raw.headers.get("X-Amz-Date", ""),
        authorization.split("Credential=", 1)[1].split(",")[0].strip().split("/", 1)[1],
        payload,
    )


def _presigned(raw: Raw) -> Signed | None:
    query = dict(parse_qsl(raw.target.partition("?")[2]))
    if "X-Amz-Signature" not in query:
        return None
    service = query["X-Amz-Credential"].split("/")[3]
    return Signed(
        query.get("X-Amz-SignedHeaders", "").split(";"),
        query["X-Amz-Signature"],
        query.get("X-Amz-Date", ""),
        query["X-Amz-Credential"].split("/", 1)[1],
        "UNSIGNED-PAYLOAD" if service == "s3" else hashlib.sha256(raw.body).hexdigest(),
    )


def _moment(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    except ValueError:
        return datetime.fromtimestamp(0, timezone.utc)


def _canonical(raw: Raw, signed: Signed, double: bool) -> str:
    path, _, query = raw.target.partition("?")
    headers = [f"{name}:{_header(raw, name)}\n" for name in signed.headers]
    return "\n".join(
        (
            raw.method,
            quote(path, safe="/~") if double else path,
            _query(query),
            "".join(headers),
            ";".join(signed.headers),
            signed.payload,
        )
    )


def _header(raw: Raw, name: str) -> str:
    return " ".join((raw.headers.get(name) or "").split())


def _query(query: str) -> str:
    pairs = [part.partition("=")[::2] for part in query.split("&") if part]
    encoded = (
        (quote(unquote(name), safe=SAFE), quote(unquote(value), safe=SAFE)) for name, value in pairs
    )
    return "&".join(
        f"{name}={value}" for name, value in sorted(encoded) if name != "X-Amz-Signature"
    )


def _signature(secret: str, signed: Signed, request: str) -> str:
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = "\n".join(("AWS4-HMAC-SHA256", signed.time, signed.scope, digest))
    key = f"AWS4{secret}".encode()
    for part in signed.scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()

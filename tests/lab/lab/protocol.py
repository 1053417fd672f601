"""Protocols: which one a request speaks, and CBOR, which some services prefer and moto does not know."""

from __future__ import annotations

from typing import Any

from botocore.model import ServiceModel, Shape
from botocore.parsers import RpcV2CBORParser
from botocore.serialize import RpcV2CBORSerializer
from moto.core.request import determine_request_protocol

from lab.extend import AwsError, Output, Params

CBOR = "smithy-rpc-v2-cbor"
CONTENT = "application/cbor"


def of(service: ServiceModel) -> str:
    """The service's protocol as moto speaks it: the older one where the newest is CBOR."""
    protocol = str(service.protocol)
    return "query" if protocol == CBOR else protocol


def asked(service: ServiceModel, headers: Any) -> str:
    """The protocol of a request, in which it is also answered."""
    if headers.get("smithy-protocol") == "rpc-v2-cbor":
        return CBOR
    try:
        found = determine_request_protocol(service, headers.get("Content-Type"))
    except NotImplementedError:
        return of(service)
    return of(service) if found == CBOR else found


def decode(shape: Shape | None, body: bytes) -> Params:
    """The parameters of a CBOR request; raises ValueError for anything that is none."""
    if shape is None or not body:
        return {}
    answer = {"status_code": 200, "headers": {"smithy-protocol": "rpc-v2-cbor"}, "body": body}
    try:
        parsed = RpcV2CBORParser().parse(answer, shape)
    except Exception as broken:
        raise ValueError(f"no CBOR: {broken}") from broken
    parsed.pop("ResponseMetadata", None)
    return parsed


def encode(shape: Shape | None, output: Output) -> bytes:
    """An output as CBOR."""
    if shape is None:
        return b""
    known = {name: value for name, value in output.items() if name in shape.members}
    return bytes(RpcV2CBORSerializer()._serialize_body_params(known, shape))


def refusal(error: AwsError) -> bytes:
    """An error as CBOR: a map of two texts."""
    pairs = (("__type", error.code), ("message", error.message))
    return b"\xa2" + b"".join(_text(key) + _text(value) for key, value in pairs)


def _text(value: str) -> bytes:
    raw = value.encode()
    return b"\x79" + len(raw).to_bytes(2, "big") + raw

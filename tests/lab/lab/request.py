"""An HTTP request → which operation of which service, and its parameters in botocore's shape."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import UnknownServiceError
from botocore.session import get_session
from botocore.utils import parse_timestamp
from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.request import Request
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from werkzeug.exceptions import HTTPException

from lab import protocol, signature, validation
from lab.extend import AwsError, Params

SIGNING_NAMES = {
    "es": "opensearch",
    "monitoring": "cloudwatch",
    "elasticloadbalancing": "elbv2",
    "elasticfilesystem": "efs",
    "servicequotas": "service-quotas",
    "tagging": "resourcegroupstaggingapi",
}
"""Signing name → botocore's service name, where the two differ."""
CLASSIC = b"Version=2012-06-01"
"""How a request for a classic load balancer is told apart from one for the newer kinds."""

UNREADABLE = {
    "rest-xml": "MalformedXML",
    "json": "SerializationException",
    "rest-json": "BadRequest",
}
"""Protocol → the code for a body that cannot be read."""


@dataclass(frozen=True)
class Raw:
    """An HTTP request as it came.

    `target` is the undecoded path with its query string, `port` the client's end of the connection, `server` ours.
    """

    method: str
    target: str
    headers: Any
    body: bytes
    port: int = 0
    server: int = 0


@dataclass(frozen=True)
class Call:
    """One parsed and valid call."""

    service: str
    operation: str
    region: str
    access_key: str
    params: Params
    model: OperationModel
    raw: Raw
    protocol: str = ""
    """What the request speaks, and its answer."""


class Refused(Exception):
    """A request that AWS refuses before or while it reads it, with what is known about it."""

    def __init__(
        self, error: AwsError, service: str | None, operation: str = "", region=""
    ) -> None:
        super().__init__(str(error))
        self.error = error
        self.service = service
        self.operation = operation
        self.region = region


@functools.cache
def regions() -> frozenset[str]:
    """Every region of every partition that EC2 is in."""
    session = get_session()
    partitions = session.get_available_partitions()
    return frozenset(
        region for part in partitions for region in session.get_available_regions("ec2", part)
    )


@functools.cache
def not_enabled() -> frozenset[str]:
    """Regions that an account has to enable first, and this one has not."""
    known = RegionsAndZonesBackend.regions
    return frozenset(region.name for region in known if region.opt_in_status == "not-opted-in")


@functools.cache
def service_named(signing_name: str) -> str | None:
    """botocore's name of the service; None when there is none."""
    name = SIGNING_NAMES.get(signing_name, signing_name)
    try:
        get_service_model(name)
    except (UnknownServiceError, OSError):
        return None
    return name


def parse(raw: Raw) -> Call:
    """Reads and validates a request; raises Refused."""
    query = raw.target.partition("?")[2]
    try:
        scope = signature.read(raw.headers, query, raw.body)
    except AwsError as error:
        raise Refused(error, None) from error
    service = service_named(scope.service)
    if service == "elbv2" and CLASSIC in (raw.body + query.encode()):
        service = "elb"
    if service is None:
        text = f"The lab knows no service that signs as {scope.service}"
        raise Refused(AwsError("UnknownService", text, status=501), None)
    if scope.region not in regions():
        text = f"Credential should be scoped to a valid region, not '{scope.region}'"
        raise Refused(AwsError("SignatureDoesNotMatch", text, status=403), service)
    if scope.region in not_enabled():
        # A region that an account has not enabled does not know its credentials (General Reference,
        # "Enable or disable AWS Regions in your account").
        text = "The security token included in the request is invalid"
        raise Refused(AwsError("InvalidClientTokenId", text, status=403), service)
    request = _moto_request(raw)
    operation = ""
    try:
        spoken = protocol.asked(get_service_model(service), raw.headers)
        model, uri = _route(service, request, spoken)
        operation = model.name
        params = _params(model, request, uri, spoken)
        validation.check(model, params)
    except AwsError as error:
        raise Refused(error, service, operation, scope.region) from error
    return Call(service, operation, scope.region, scope.access_key, params, model, raw, spoken)


def _moto_request(raw: Raw) -> Request:
    request = Request.from_primitives(
        raw.method, f"https://lab.invalid{raw.target}", raw.headers, raw.body
    )
    request.environ["RAW_URI"] = raw.target
    return request


def _route(service: str, request: Request, spoken: str) -> tuple[OperationModel, dict[str, Any]]:
    if spoken == protocol.CBOR:
        known, name = get_service_model(service), request.path.rpartition("/operation/")[2]
        if name not in known.operation_names:
            text = f"The lab finds no operation of {service} for {request.path}"
            raise AwsError("UnknownOperationException", text, status=404)
        return known.operation_model(name), {}
    try:
        return get_service_router(service).match(request)
    except HTTPException as reason:
        target = request.headers.get("X-Amz-Target") or request.values.get("Action")
        asked = target or f"{request.method} {request.path}"
        text = f"The lab finds no operation of {service} for {asked}"
        raise AwsError("UnknownOperationException", text, status=404) from reason
    except NotImplementedError as reason:
        text = f"{service} does not speak {request.content_type}"
        raise AwsError("UnknownOperationException", text, status=415) from reason


def _params(model: OperationModel, request: Request, uri: dict[str, Any], spoken: str) -> Params:
    if spoken == protocol.CBOR:
        try:
            return protocol.decode(model.input_shape, request.data)
        except ValueError as reason:
            raise AwsError("SerializationException", str(reason), status=400) from reason
    parser = PROTOCOL_PARSERS[spoken](model, timestamp_parser=parse_timestamp)
    parts = {
        "method": request.method,
        "values": request.values,
        "headers": request.headers,
        "body": request.data,
        "url_path": request.path,
        "url_params": uri,
    }
    try:
        if spoken in ("json", "rest-json"):
            _require_object(model, request.data)
        return _present(model, parser.parse(parts))
    except (RequestParserError, ValueError, TypeError, AttributeError, KeyError) as reason:
        code = UNREADABLE.get(spoken, "MalformedQueryString")
        raise AwsError(code, f"The request could not be read: {reason}", status=400) from reason


def _require_object(model: OperationModel, body: bytes) -> None:
    """A JSON body is an object; moto's parser takes anything else for an empty one."""
    streams = model.input_shape is not None and model.input_shape.serialization.get("payload")
    if body and not streams and not isinstance(json.loads(body), dict):
        raise ValueError("the body is no JSON object")


def _present(model: OperationModel, params: Params) -> Params:
    """Drops what the parser adds for absent URI labels (None) and query lists ([])."""
    if model.input_shape is None:
        return params
    members = model.input_shape.members
    return {
        name: value
        for name, value in params.items()
        if value is not None
        and not (value == [] and members[name].serialization.get("location") == "querystring")
    }

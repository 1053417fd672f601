"""moto in this process: requests in, outputs or AWS errors out.

moto is reached through its own URL table with AWS's host names, so its code runs exactly as it
does behind moto's server; only the HTTP hop is left out.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlencode

from botocore.parsers import ResponseParserError, create_parser
from botocore.serialize import create_serializer
from moto import backends
from moto.core import responses, serialize
from moto.core.base_backend import BackendDict
from moto.core.exceptions import ServiceException
from moto.core.model import OperationModel
from moto.core.request import Request
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException

from lab import names, protocol, xml
from lab.extend import AwsError, Context, Output, Params
from lab.request import Raw

# moto lists the methods of a service's class anew for every call: a fifth of its time.
responses.method_names_from_class = functools.cache(responses.method_names_from_class)
# Writing XML was most of the work of a long list.
serialize.xmltodict = SimpleNamespace(unparse=xml.unparse)
names.remember(serialize)

log = logging.getLogger(__name__)

AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20200101/{region}/{service}/aws4_request, "
    "SignedHeaders=host, Signature=0"
)


NOT_SIMULATED = "NotImplemented"
"""The code for what neither moto nor the lab knows."""
MOTO_NAMES = {"service-quotas": "servicequotas", "lambda": "awslambda"}
"""botocore's service name → moto's, where the two differ."""


CODES = {
    "InvalidVpcPeeringConnectionId.NotFound": "InvalidVpcPeeringConnectionID.NotFound",
    "WafV2DuplicateItem": "WAFDuplicateItemException",
}
"""moto's code → AWS's, where moto spells one that AWS does not have."""
S3_ROOTS = {
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
    "GetBucketAccelerateConfiguration": "AccelerateConfiguration",
    "ListBucketInventoryConfigurations": "ListInventoryConfigurationsResult",
    "GetObjectAttributes": "GetObjectAttributesResponse",
    "ListParts": "ListPartsResult",
}
"""S3 operation → root element of its answer, where moto has another and strict SDKs refuse it."""
ROOT = re.compile(rb"(</?)(?:\w+(?:Response|Output))([\s/>])")


@dataclass
class Answer:
    """An HTTP answer as moto gave it."""

    status: int
    headers: dict[str, str]
    body: bytes


def reset() -> None:
    """Drops everything that moto holds.

    moto's own reset would first build every backend anew, which takes most of a second. Only S3
    has something to give back: the files of its objects.
    """
    for service in list(BackendDict._instances):
        if service.service_name == "s3":
            for _, _, backend in service.iter_backends():
                backend.reset()
        service.clear()
    BackendDict._instances.clear()


def moto(account: str, region: str, service: str) -> Any:
    """moto's backend of a service; global services have one per partition."""
    regional = backends.get_backend(MOTO_NAMES.get(service, service))[account]
    return regional[region] if region in regional.regions else regional["aws"]


def regions_in_use(account: str) -> set[str]:
    """Regions in which moto has made a backend of any service."""
    return {
        region
        for backend in BackendDict._instances
        for region in backend.get(account, ())
        if "-" in region
    }


def accounts_in_use() -> set[str]:
    """Accounts for which moto has made a backend of any service."""
    return {account for registry in BackendDict._instances for account in registry}


def warm_up(services: tuple[str, ...]) -> None:
    """Loads models and backends ahead of the first call."""
    for service in services:
        get_service_model(service)
        _routes(service)


@functools.cache
def _routes(service: str) -> list[tuple[re.Pattern[str], Callable[..., Any]]]:
    """moto's URL table of a service; empty for a service that moto does not have."""
    try:
        known = backends.get_backend(MOTO_NAMES.get(service, service))["123456789012"]
    except (ImportError, KeyError, AttributeError, ValueError):
        return []
    probe = known["us-east-1" if "us-east-1" in known.regions else "aws"]
    return [(re.compile(pattern), handler) for pattern, handler in probe.urls.items()]


def host(service: str, region: str) -> str:
    """AWS's host name for a service, in the form that moto's URL table expects."""
    prefix = get_service_model(service).endpoint_prefix
    return f"{prefix}.{region}.amazonaws.com"


def send(
    context: Context, operation: str, method: str, target: str, headers: Any, body: bytes
) -> Answer:
    """Sends one HTTP request to moto. `target` is the raw path with its query string.

    Raises AwsError 501 when moto has no such operation, and 500 when moto itself fails.
    """
    address = host(context.service, context.region)
    kept = {name: value for name, value in headers.items() if name.lower() != "host"}
    own = {"Host": address, "x-moto-account-id": context.account}
    request = Request.from_primitives(method, f"https://{address}{target}", {**kept, **own}, body)
    request.environ["RAW_URI"] = target
    path = f"https://{address}{target.split('?', 1)[0]}"
    for pattern, handler in _routes(context.service):
        if pattern.match(path):
            return _run(context, operation, handler, request)
    raise not_simulated(context.service, operation)


def _run(context: Context, operation: str, handler: Callable, request: Request) -> Answer:
    try:
        status, headers, body = handler(request, request.raw_url, request.headers)
    except NotImplementedError as reason:
        raise not_simulated(context.service, operation) from reason
    except HTTPException as failed:
        status, headers, body = failed.code or 500, dict(failed.get_headers()), failed.get_body()
    except Exception as failed:
        log.exception("moto failed in %s %s", context.service, operation)
        message = f"The lab failed in {context.service} {operation}: {failed!r}"
        raise AwsError("InternalFailure", message, status=500) from failed
    if status == 404 and not body and not context.service == "s3":
        raise not_simulated(context.service, operation)
    return Answer(status, dict(headers), body.encode() if isinstance(body, str) else body)


@contextlib.contextmanager
def translating() -> Iterator[None]:
    """Turns the AWS errors of moto's backends into AwsError.

    Operations of the lab that work on moto's objects directly meet them.
    """
    try:
        yield
    except ServiceException as failed:
        raise AwsError(failed.code, failed.message) from failed
    except HTTPException as failed:
        code = getattr(failed, "error_type", "InternalFailure")
        message = getattr(failed, "message", failed.description or "")
        raise AwsError(code, message, failed.code) from failed


def not_simulated(service: str, operation: str, member: str = "") -> AwsError:
    """The answer for what neither moto nor the lab knows. 501, so that no SDK retries it."""
    asked = f"{member} of {service} {operation}" if member else f"{service} {operation}"
    refusal = AwsError(NOT_SIMULATED, f"The lab does not simulate {asked}", status=501)
    refusal.lacking = member
    return refusal


def invoke(context: Context, operation: str, params: Params) -> Output:
    """Calls moto with parameters in botocore's shape and returns the output in that shape."""
    model = get_service_model(context.service).operation_model(operation)
    method, target, headers, body = _serialize(context, model, params)
    return parse(model, send(context, operation, method, target, headers, body))


def forward(context: Context, operation: str, raw: Raw) -> Answer:
    """Passes an S3 request on as it came."""
    answer = send(context, operation, raw.method, raw.target, raw.headers, raw.body)
    if wanted := S3_ROOTS.get(operation):
        answer.body = ROOT.sub(lambda tag: tag[1] + wanted.encode() + tag[2], answer.body)
    return answer


def error_code(model: OperationModel, answer: Answer) -> str:
    """The wire code of an error answer, for the log."""
    try:
        parse(model, answer)
    except AwsError as error:
        return error.code
    return str(answer.status)


def _serialize(
    context: Context, model: OperationModel, params: Params
) -> tuple[str, str, dict[str, str], bytes]:
    serializer = create_serializer(_protocol(model), include_validation=False)
    parts = serializer.serialize_to_request(params, model)
    target = parts["url_path"]
    if query := parts["query_string"]:
        pairs = query if isinstance(query, str) else urlencode(query, doseq=True, quote_via=quote)
        target += ("&" if "?" in target else "?") + pairs
    headers = dict(parts["headers"])
    headers["Authorization"] = AUTHORIZATION.format(
        region=context.region, service=model.service_model.signing_name
    )
    body = parts["body"]
    if isinstance(body, dict):
        body = urlencode(body, doseq=True).encode()
        headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
    return parts["method"], target, headers, body.encode() if isinstance(body, str) else body


def _protocol(model: OperationModel) -> str:
    return protocol.of(model.service_model)


def parse(model: OperationModel, answer: Answer) -> Output:
    """The output of an answer in botocore's shape; raises AwsError for an error."""
    raw = {
        "body": answer.body,
        "headers": {name.lower(): value for name, value in answer.headers.items()},
        "status_code": answer.status,
    }
    try:
        parsed = create_parser(_protocol(model)).parse(raw, model.output_shape)
    except ResponseParserError as reason:
        text = answer.body[:200].decode(errors="replace")
        raise AwsError("InternalFailure", f"The lab could not read moto: {text}", 500) from reason
    if answer.status >= 300:
        error = parsed.get("Error", {})
        code = error.get("Code") or str(answer.status)
        raise AwsError(CODES.get(code, code), error.get("Message", ""), answer.status)
    parsed.pop("ResponseMetadata", None)
    return parsed

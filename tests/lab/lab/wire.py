"""Outputs and errors → HTTP answers in the service's own format."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from moto.core.model import OperationModel
from moto.core.serialize import (
    AttributePickerContext,
    DefaultAttributePicker,
    SerializationContext,
    get_serializer_class,
)
from moto.core.utils import get_service_model

from lab import protocol
from lab.extend import AwsError, Output

# moto warns about codes outside the model; AWS has many of those.
warnings.filterwarnings("ignore", message=r"Exception\(\w+\) with code")

REQUEST_ID_HEADERS = {"s3": "x-amz-request-id", "ec2": "x-amzn-requestid"}


class Members(DefaultAttributePicker):
    """Outputs are dicts with the model's own names; only errors are objects to search."""

    def __call__(self, context: AttributePickerContext) -> Any:
        """One member of an output or an error; None when it has none."""
        if isinstance(context.obj, dict):
            return context.obj.get(context.key)
        return super().__call__(context)


@dataclass
class Reply:
    """An HTTP answer."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def request_id(number: int) -> str:
    """The id of the n-th call; the log shows the same number, so one leads to the other."""
    return f"00000000-0000-4000-8000-{number:012x}"


def answer(model: OperationModel, output: Output, number: int, spoken: str = "") -> Reply:
    """Serialises an output in the protocol of the request, by default in the service's first."""
    return _serialize(model, output, number, spoken)


def refuse(
    service: str | None,
    operation: str,
    error: AwsError,
    number: int,
    *,
    head: bool = False,
    spoken: str = "",
) -> Reply:
    """Serialises an error. Without a service it is the plain XML of AWS's front door.

    The answer to a HEAD request has no body, so there the code is in the status alone.
    """
    if service is None:
        return _plain(error, number)
    service_model = get_service_model(service)
    model = (
        service_model.operation_model(operation)
        if operation in service_model.operation_names
        else OperationModel({"name": operation or "Unknown", "http": {}}, service_model)
    )
    reply = _serialize(model, error, number, spoken)
    if error.status is not None:
        reply.status = error.status
    reply.headers |= error.headers
    if head:
        reply.body = b""
    return reply


def _cbor(model: OperationModel, result: Output | AwsError, number: int) -> Reply:
    headers = {
        "Content-Type": protocol.CONTENT,
        "smithy-protocol": "rpc-v2-cbor",
        "x-amzn-RequestId": request_id(number),
    }
    if not isinstance(result, AwsError):
        return Reply(200, protocol.encode(model.output_shape, result), headers)
    shapes = {
        each.metadata.get("error", {}).get("code", each.name): each for each in _errors(model)
    }
    modelled = shapes[result.code].metadata.get("error", {}) if result.code in shapes else {}
    status = modelled.get("httpStatusCode", 400)
    # CloudWatch is "query compatible": its clients read the older code from this header.
    fault = "Sender" if status < 500 else "Receiver"
    headers["x-amzn-query-error"] = f"{result.code};{fault}"
    return Reply(status, protocol.refusal(result), headers)


def _errors(model: OperationModel) -> list[Any]:
    return list(model.service_model.error_shapes)


def _serialize(model: OperationModel, result: Output | AwsError, number: int, spoken: str) -> Reply:
    service_model = model.service_model
    spoken = spoken or protocol.of(service_model)
    if spoken == protocol.CBOR:
        return _cbor(model, result, number)
    serializer = get_serializer_class(service_model.service_name, spoken)(
        operation_model=model,
        context=SerializationContext(request_id(number)),
        value_picker=Members(),
    )
    parts = serializer.serialize(result)
    body = parts["body"] or b""
    headers = {name: str(value) for name, value in parts["headers"].items()}
    headers[REQUEST_ID_HEADERS.get(service_model.service_name, "x-amzn-RequestId")] = request_id(
        number
    )
    return Reply(parts["status_code"], body.encode() if isinstance(body, str) else body, headers)


def _plain(error: AwsError, number: int) -> Reply:
    text = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{escape(error.code)}</Code>"
        f"<Message>{escape(error.message)}</Message></Error>"
        f"<RequestId>{request_id(number)}</RequestId></ErrorResponse>"
    )
    # JSON clients read the code from this header, whatever the body is.
    headers = {
        "Content-Type": "text/xml",
        "x-amzn-errortype": error.code,
        "x-amzn-RequestId": request_id(number),
    }
    return Reply(error.status or 403, text.encode(), headers)

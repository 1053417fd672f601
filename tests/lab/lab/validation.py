"""Parameters against the service model: required members, types, lengths, ranges, enums, patterns.

The model is botocore's; AWS answers each family of services with its own error code.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moto.core.model import OperationModel, Shape

from lab import protocol
from lab.extend import AwsError, Params

TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (float, int),
    "double": (float, int),
    "boolean": (bool,),
    "timestamp": (datetime,),
    "blob": (bytes, str),
}
CODES: dict[str, tuple[str, str]] = {
    "ec2": ("MissingParameter", "InvalidParameterValue"),
    "query": ("ValidationError", "ValidationError"),
    "json": ("ValidationException", "ValidationException"),
    "rest-json": ("ValidationException", "ValidationException"),
    "rest-xml": ("InvalidArgument", "InvalidArgument"),
}
"""Protocol → code for a missing member, code for an unacceptable value."""
SERVICE_CODES: dict[str, tuple[str, str]] = {
    "eks": ("InvalidParameterException", "InvalidParameterException"),
    "logs": ("InvalidParameterException", "InvalidParameterException"),
    "rds": ("MissingParameter", "InvalidParameterValue"),
    "elasticache": ("MissingParameter", "InvalidParameterValue"),
    "s3": ("MalformedXML", "InvalidArgument"),
    "ecr": ("InvalidParameterException", "InvalidParameterException"),
    "ecs": ("InvalidParameterException", "InvalidParameterException"),
    "guardduty": ("BadRequestException", "BadRequestException"),
    "backup": ("MissingParameterValueException", "InvalidParameterValueException"),
}
ENUM_CODES = {("ec2", "InstanceType"): "InvalidInstanceType"}
"""Service and shape → the code for a value outside an enum, where it is not the service's usual."""
ALSO_REQUIRED = {
    "EncryptionConfig": ("provider",),
    "Filter": ("Name",),
    "SubnetMapping": ("SubnetId",),
    "Tag": ("Key",),
}
"""Structure → members that services need although models call them optional."""
FEW = 20
"""Up to so many values an error message lists."""


@dataclass(frozen=True)
class Problem:
    """One violation: where and what."""

    path: str
    text: str
    missing: bool = False
    shape: str = ""


def check(model: OperationModel, params: Params) -> None:
    """Raises AwsError for the first problem, counting the rest as AWS does."""
    if model.input_shape is None:
        return
    problems = list(_walk(model.input_shape, params, ""))
    if not problems:
        return
    first = problems[0]
    service = model.service_model.service_name
    codes = SERVICE_CODES.get(service) or CODES[protocol.of(model.service_model)]
    if first.missing and codes[0] == "MissingParameter":
        text = f"The request must contain the parameter {first.path}"
    else:
        shown = "; ".join(f"Value at '{each.path}' {each.text}" for each in problems[:3])
        count = len(problems)
        text = f"{count} validation error{'s' * (count > 1)} detected: {shown}"
    body = model.input_shape.serialization.get("payload")
    missing = first.missing or (service == "s3" and body and first.path.startswith(body))
    code = ENUM_CODES.get((service, first.shape), codes[0 if missing else 1])
    raise AwsError(code, text, status=400)


def _walk(shape: Shape, value: Any, path: str) -> Iterator[Problem]:
    accepted = TYPES.get(shape.type_name)
    if value is None or shape.serialization.get("streaming") or accepted is None:
        return
    if not isinstance(value, accepted) or (isinstance(value, bool) and bool not in accepted):
        if not getattr(shape, "is_document_type", False):
            yield Problem(path, f"is not of type {shape.type_name}")
        return
    yield from _MEMBERS.get(shape.type_name, _scalar)(shape, value, path)


def _structure(shape: Shape, value: dict, path: str) -> Iterator[Problem]:
    also = [name for name in ALSO_REQUIRED.get(shape.name, ()) if name in shape.members]
    for name in dict.fromkeys([*shape.required_members, *also]):
        if value.get(name) is None:
            yield Problem(_join(path, name), "failed to satisfy constraint: must not be null", True)
    for name, member in shape.members.items():
        if name in value:
            yield from _walk(member, value[name], _join(path, name))


def _list(shape: Shape, value: list, path: str) -> Iterator[Problem]:
    yield from _size(shape, len(value), path, "length")
    for index, item in enumerate(value, 1):
        yield from _walk(shape.member, item, f"{path}.{index}")


def _map(shape: Shape, value: dict, path: str) -> Iterator[Problem]:
    yield from _size(shape, len(value), path, "length")
    for key, item in value.items():
        yield from _walk(shape.key, key, f"{path}.key")
        yield from _walk(shape.value, item, f"{path}.{key}")


def _scalar(shape: Shape, value: Any, path: str) -> Iterator[Problem]:
    if isinstance(value, str):
        yield from _string(shape, value, path)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from _size(shape, value, path, "value")


def _string(shape: Shape, value: str, path: str) -> Iterator[Problem]:
    if shape.type_name != "string":
        return
    yield from _size(shape, len(value), path, "length")
    allowed = getattr(shape, "enum", None)
    if allowed and value not in allowed:
        few = f"one of {list(allowed)}" if len(allowed) <= FEW else "a value of the model"
        yield Problem(
            path, f"failed to satisfy constraint: '{value}' must be {few}", shape=shape.name
        )
    pattern = _compiled(shape.metadata.get("pattern", ""))
    if pattern and not pattern(value):
        wanted = shape.metadata["pattern"]
        yield Problem(path, f"failed to satisfy constraint: must match pattern {wanted}")


def _size(shape: Shape, size: float, path: str, what: str) -> Iterator[Problem]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and size < low:
        yield Problem(path, f"failed to satisfy constraint: {what} must be at least {low}")
    if high is not None and size > high:
        yield Problem(path, f"failed to satisfy constraint: {what} must be at most {high}")


@functools.cache
def _compiled(pattern: str):
    """A predicate for a model's pattern, or None where Python cannot read it.

    Models write most patterns without anchors and mean the whole string; those that begin with
    `^` but have no `$` mean a prefix.
    """
    if not pattern:
        return None
    try:
        regex = re.compile(pattern, re.DOTALL)
    except re.error:
        return None
    prefix_only = pattern.startswith("^") and not pattern.endswith("$")
    return regex.match if prefix_only else regex.fullmatch


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


_MEMBERS = {"structure": _structure, "list": _list, "map": _map}

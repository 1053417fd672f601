"""The log of calls: who asked for what, what came of it, and which objects it was about."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from moto.core.model import OperationModel, Shape

from lab.extend import Params

SECRET_NAMES = frozenset(
    {"MasterUserPassword", "AuthToken", "Passwords", "SecretString", "SecretBinary", "Body"}
)
"""Members that never reach the log, besides those that the model marks as sensitive."""

LONGEST = 200_000
"""Calls that the log keeps, so that memory stays bounded."""


@dataclass
class Entry:
    """One call. Times are lab seconds since 1970."""

    n: int
    time: float
    service: str
    operation: str
    region: str
    params: Any = None
    mutating: bool = False
    """Whether the call may change something (`identity.mutates`)."""
    account: str = ""
    """Whose world the call was about."""
    status: int = 0
    error: str | None = None
    lacking: str = ""
    """Which member of the request is not simulated, where it is one."""
    fault: str | None = None
    request_ids: list[str] = field(default_factory=list)
    """Identifiers that the request named."""
    ids: list[str] = field(default_factory=list)
    """Identifiers of the objects that the call was about."""

    @property
    def changes(self) -> bool:
        """Whether the call was one that changes something, and succeeded."""
        return self.error is None and self.mutating


class Log:
    """The calls since the last reset, oldest first; beyond LONGEST the oldest are dropped."""

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque(maxlen=LONGEST)

    def add(self, entry: Entry) -> None:
        """Appends a call."""
        self.entries.append(entry)

    def lines(self) -> Iterator[str]:
        """The log as JSON lines."""
        for entry in self.entries:
            yield json.dumps(asdict(entry), default=str) + "\n"


def redacted(model: OperationModel, params: Params) -> Any:
    """The parameters without secrets, ready for JSON."""
    return _redact(model.input_shape, params) if model.input_shape is not None else {}


def _redact(shape: Shape, value: Any) -> Any:
    if shape.metadata.get("sensitive"):
        return "(sensitive)"
    if isinstance(value, bytes) or hasattr(value, "read"):
        return "(bytes)"
    if isinstance(value, dict) and shape.type_name == "structure":
        members = shape.members
        return {
            name: "(sensitive)" if name in SECRET_NAMES else _redact(members[name], item)
            for name, item in value.items()
            if name in members
        }
    if isinstance(value, dict) and shape.type_name == "map":
        return {name: _redact(shape.value, item) for name, item in value.items()}
    if isinstance(value, list):
        return [_redact(shape.member, item) for item in value]
    return value

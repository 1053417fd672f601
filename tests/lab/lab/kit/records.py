"""Records: botocore-shaped dicts whose keys with a leading `_` are the lab's own notes."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any, TypeAlias

from lab.extend import Context

Record: TypeAlias = dict[str, Any]


def public(record: Record) -> Record:
    """A deep copy without the lab's notes, safe to hand out."""
    return {key: copy.deepcopy(value) for key, value in record.items() if not key.startswith("_")}


def pick(source: Record, *names: str) -> Record:
    """The members of `names` that the request carried, copied."""
    return {name: copy.deepcopy(source[name]) for name in names if source.get(name) is not None}


def moment(ctx: Context) -> datetime:
    """The lab's time as a timestamp; whole seconds, as AWS answers them."""
    return datetime.fromtimestamp(int(ctx.now()), timezone.utc)


def digest(*parts: str, length: int = 32) -> str:
    """A stable pseudo-random hex string: the same inputs give the same id in every run."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:length]


def tag_list(tags: dict[str, str]) -> list[Record]:
    """Map → the `[{Key, Value}]` form of the query services."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tag_map(tags: Iterable[Record] | None) -> dict[str, str]:
    """`[{Key, Value}]` → map."""
    return {tag["Key"]: tag.get("Value", "") for tag in tags or ()}

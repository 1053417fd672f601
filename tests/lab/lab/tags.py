"""The tags that a request carries, whatever form its service gives them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

MEMBERS = (
    "tags",
    "tagspecifications",
    "tagset",
    "tagging",
    "createbucketconfiguration",
    "distributionconfigwithtags",
)


def of(params: Any) -> Iterator[tuple[str, str]]:
    """Tags of a request in any of AWS's forms: maps, `[{Key, Value}]`, `[{TagKey, TagValue}]`."""
    for name, value in params.items() if isinstance(params, dict) else ():
        if name.lower() not in MEMBERS:
            continue
        if isinstance(value, dict) and all(isinstance(each, str) for each in value.values()):
            yield from value.items()
        elif isinstance(value, dict):
            yield from of(
                {"Tags": value.get("Items") or value.get("Tags") or value.get("TagSet") or []}
            )
        else:
            for row in value:
                if "Tags" in row:
                    yield from of(row)
                elif key := row.get("Key") or row.get("TagKey"):
                    yield key, row.get("Value") or row.get("TagValue") or ""

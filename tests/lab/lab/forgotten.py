"""Members of requests that would be taken and forgotten: refused instead, and counted.

`forgotten.json` lists them by service and operation: what neither moto nor the lab keeps, shows
or acts on. A member is written as its path, through lists without an index, with the values that
change nothing: AWS's own defaults. Values that say nothing (false, 0, empty) are taken for every
member. What no call of AWS ever shows again, such as a presigned URL, is not listed.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from lab.backend import not_simulated
from lab.extend import Params

Table: TypeAlias = dict[str, dict[str, dict[str, list[Any]]]]


@functools.cache
def table() -> Table:
    """Service → operation → path of a member → values that it may have."""
    return json.loads(Path(__file__).with_suffix(".json").read_text())


def require_none(service: str, operation: str, params: Params) -> None:
    """Raises AwsError 501 for the first member that would be forgotten."""
    for path, harmless in table().get(service, {}).get(operation, {}).items():
        if any(not _says_nothing(each, harmless) for each in _values(params, path.split("."))):
            raise not_simulated(service, operation, path)


def _values(value: Any, path: list[str]) -> Iterator[Any]:
    """What stands at a path, in every item of the lists on the way."""
    if isinstance(value, list) and path:
        for item in value:
            yield from _values(item, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _values(value[path[0]], path[1:])


def _says_nothing(value: Any, harmless: list[Any]) -> bool:
    if value in harmless or not value:
        return True
    if isinstance(value, dict):
        return all(_says_nothing(each, harmless) for each in value.values())
    return False

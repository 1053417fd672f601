"""Filters of EC2's Describe calls, for what moto does not have."""

from __future__ import annotations

import fnmatch
from typing import Any

from lab.extend import AwsError


def passing(
    rows: list[dict[str, Any]], filters: list[dict[str, Any]], facts: dict[str, str]
) -> list[dict[str, Any]]:
    """The rows that pass every filter; `facts` maps a filter's name to a row's member.

    `tag:KEY` and `tag-key` work for every kind. Values may hold `*` and `?`. An unknown filter is
    an error, as on EC2.
    """
    for each in filters:
        name, values = each["Name"], each.get("Values", [])
        if not name.startswith("tag:") and name not in ("tag-key", *facts):
            raise AwsError("InvalidParameterValue", f"The filter '{name}' is invalid", status=400)
        rows = [row for row in rows if _any(_values(row, name, facts), values)]
    return rows


def _values(row: dict[str, Any], name: str, facts: dict[str, str]) -> list[str]:
    tags = {tag["Key"]: tag["Value"] for tag in row.get("Tags", [])}
    if name == "tag-key":
        return list(tags)
    if name.startswith("tag:"):
        key = name.removeprefix("tag:")
        return [tags[key]] if key in tags else []
    return [str(row.get(facts[name], ""))]


def _any(values: list[str], patterns: list[str]) -> bool:
    return any(fnmatch.fnmatchcase(value, pattern) for value in values for pattern in patterns)

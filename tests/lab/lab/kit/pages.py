"""Pages of list results: the token is the index of the first item of the next page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from lab.extend import AwsError

Item = TypeVar("Item")


def page(
    items: Sequence[Item],
    params: dict[str, Any],
    *,
    size: str = "maxResults",
    token: str = "nextToken",
    most: int = 100,
    error: str = "InvalidParameterException",
) -> tuple[list[Item], str | None]:
    """Cuts one page out of `items`.

    `size` and `token` name the request's members, `most` is the service's page size when the
    caller does not say. A token that this lab did not issue raises `error`.
    """
    given = params.get(token) or "0"
    if not str(given).isdigit() or int(given) > len(items):
        raise AwsError(error, f"Invalid pagination token: {given}", status=400)
    start = int(given)
    end = start + min(int(params.get(size) or most), most)
    return list(items[start:end]), str(end) if end < len(items) else None

"""Mistakes in `database`."""

from __future__ import annotations

from acceptance.bad import Bad
from acceptance.stacks import NETWORK, stack


def database(attributes: str) -> str:
    """The section with these attributes and a class."""
    return f'database = {{ instance_class = "db.r6g.large", {attributes} }}'


ROWS = [
    Bad(
        "storage that grows by itself has room to grow",
        stack(NETWORK, database("storage = { gb = 100, max_gb = 50 }")),
        ("database.storage.max_gb", "100", "110"),
    ),
]

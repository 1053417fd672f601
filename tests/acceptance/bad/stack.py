"""Mistakes in what holds for the whole stack."""

from __future__ import annotations

from acceptance.bad import Bad
from acceptance.stacks import NETWORK, stack

LONG = "a-name-that-is-longer-than-28"

ROWS = [
    Bad("a name has no upper case", stack(NETWORK, name="My_Shop"), ("name", "My_Shop")),
    Bad("a name has at least three letters", stack(NETWORK, name="ab"), ("name", "3")),
    Bad("a name has at most 28 letters", stack(NETWORK, name=LONG), ("name", LONG, "28")),
    Bad("a name begins with a letter", stack(NETWORK, name="1shop"), ("name", "1shop")),
    Bad("a name is not AWS's", stack(NETWORK, name="internal-shop"), ("name", "internal-")),
    Bad(
        "what to do on an error is one of two",
        stack(NETWORK, on_create_error="retry"),
        ("retry", "keep", "taint"),
    ),
    Bad(
        "a timeout is a duration",
        stack(NETWORK, 'timeouts = { create = "soon" }'),
        ("timeouts.create", "soon"),
    ),
]

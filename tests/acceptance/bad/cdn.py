"""Mistakes in `cdn`."""

from __future__ import annotations

from acceptance.bad import Bad
from acceptance.stacks import NETWORK, stack


def cdn(behavior: str) -> str:
    """A bucket `images` and a CDN with one behaviour besides the default."""
    return f"""buckets = {{ images = {{}} }}
  cdn = {{
    default_origin = {{ bucket = "images" }}
    behaviors      = [{{ {behavior} }}]
  }}"""


ROWS = [
    Bad(
        "a behaviour names a bucket of the stack",
        stack(NETWORK, cdn('path = "/img/*", bucket = "pictures"')),
        ("cdn.behaviors", "pictures", "images"),
    ),
]

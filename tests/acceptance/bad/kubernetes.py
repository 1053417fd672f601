"""Mistakes in `kubernetes`."""

from __future__ import annotations

from acceptance.bad import Bad
from acceptance.stacks import NETWORK, stack


def pool(attributes: str) -> str:
    """The section with one node pool `web`."""
    return f'kubernetes = {{ version = "1.35", node_pools = {{ web = {{ {attributes} }} }} }}'


ROWS = [
    Bad(
        "min is not above max",
        stack(NETWORK, pool('instance_types = ["m5.large"], min = 5, max = 3')),
        ("kubernetes.node_pools", "web", "min", "max"),
    ),
    Bad(
        "desired lies between min and max",
        stack(NETWORK, pool('instance_types = ["m5.large"], min = 1, desired = 9, max = 3')),
        ("kubernetes.node_pools", "web", "desired"),
    ),
]

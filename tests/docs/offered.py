"""Whether a module offers every field of the sections that it hands on.

Terraform drops attributes that a variable's type does not name without a word: what a module forgets cannot be set.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docs.variables import blocks

SECTIONS = {
    # section → variables whose types hold its fields
    "network": ("network",),
    "kubernetes": ("kubernetes", "node_pools", "api_nodes", "ai_nodes"),
    "database": ("database",),
    "cache": ("cache",),
    "buckets": ("buckets",),
    "iam": ("iam",),
    "timeouts": ("timeouts",),
}
"""Not `cdn`: the module offers what its three paths need, by names of its own."""


def missing(cluster: dict[str, Any], module: Path) -> list[str]:
    """Paths of the inputs of `stellar_cluster` (its schema's block) that the module's variables do not name."""
    types = {each.name: each.type for each in blocks(module / "variables.tf")}
    found = []
    for section, variables in SECTIONS.items():
        text = "\n".join(types.get(name, "") for name in variables)
        named = set(re.findall(r"([a-z_]+)\s+= ", text)) | set(variables)
        paths = _inputs(cluster["attributes"][section], section)
        found += [path for path in paths if path.rsplit(".", 1)[-1] not in named]
    return found


def _inputs(attribute: dict[str, Any], path: str) -> list[str]:
    inner = attribute.get("nested_type", {}).get("attributes", {})
    return [
        each
        for name, below in sorted(inner.items())
        if below.get("required") or below.get("optional")
        for each in (f"{path}.{name}", *_inputs(below, f"{path}.{name}"))
    ]

"""Whether a module offers every field of the sections that it hands on.

Terraform drops attributes that a variable's type does not name without a word: what a module forgets cannot be set.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docs.variables import inputs

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
    """Paths of the inputs of `stellar_cluster` (its schema's block) that the module does not hand on."""
    attributes = cluster["attributes"]
    main = (module / "main.tf").read_text()
    found = [name for name in _names(attributes) if not re.search(rf"^  {name}\s+= ", main, re.M)]
    types = {each.name: each.type for each in inputs(module)}
    for section, variables in SECTIONS.items():
        text = "\n".join(types.get(name, "") for name in variables)
        named = set(re.findall(r"([a-z_]+)\s+= ", text)) | set(variables)
        paths = _inputs(attributes[section], section)
        found += [path for path in paths if path.rsplit(".", 1)[-1] not in named]
    return found


def _names(attributes: dict[str, Any]) -> list[str]:
    """The inputs among attributes."""
    return [
        name
        for name, each in sorted(attributes.items())
        if each.get("required") or each.get("optional")
    ]


def _inputs(attribute: dict[str, Any], path: str) -> list[str]:
    """The paths of the inputs within an attribute."""
    inner = attribute.get("nested_type", {}).get("attributes", {})
    return [
        each
        for name in _names(inner)
        for each in (f"{path}.{name}", *_inputs(inner[name], f"{path}.{name}"))
    ]

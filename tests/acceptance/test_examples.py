"""Every example is applied, planned again without changes, changed in place, and destroyed without a trace."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.lab import ROOT, Lab
from harness.workspace import Workspace

OPTIONS = {
    "minimum": ["-var=disposable=true"],
    "stellar": ["-var=disposable=true"],
    "supernova": ["-var=disposable=true"],
    "incubation": ["-var=disposable=true"],
    "valuecanvas": ["-var=disposable=true", "-var=use_supabase=false"],
    "astral": ["-var=disposable=true"],
}
"""What makes an example leave nothing behind."""

CHANGES = {
    "basic": ("max = 4", "max = 5"),
    "stellar": ("retention_days = 30, window", "retention_days = 35, window"),
    "supernova": ("max = 10", "max = 12"),
    "incubation": (
        'prefix = "database/", expiration_days = 30',
        'prefix = "database/", expiration_days = 60',
    ),
    "valuecanvas": ("status = 200 }", "status = 200, ttl = 60 }"),
    "astral": ("retention_days = 7", "retention_days = 14"),
}
"""A text of each example, and another one in its place."""

TESTED_ELSEWHERE = {"minimum"}
EXAMPLES = sorted(
    {path.parent.name for path in (ROOT / "examples").glob("*/main.tf")} - TESTED_ELSEWHERE
)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_lives_from_create_to_destroy(
    name: str, examples: Callable[[str], Workspace], lab: Lab
) -> None:
    example, options = examples(name), OPTIONS.get(name, [])
    applied = example.apply(*options)
    assert applied.code == 0, applied
    planned = example.plan(*options)
    assert planned.code == 0, planned

    before = _objects(example)
    main, (old, new) = example.directory / "main.tf", CHANGES[name]
    text = main.read_text()
    assert text.count(old) == 1, old
    main.write_text(text.replace(old, new))
    changed = example.apply(*options)
    assert changed.code == 0, changed
    assert changed.summary == {"add": 0, "change": 1, "remove": 0}
    assert _objects(example) == before, "every object stays"
    assert example.plan(*options).code == 0

    destroyed = example.destroy(*options)
    assert destroyed.code == 0, destroyed
    assert lab.census() == {}


def _objects(example: Workspace) -> dict[str, str]:
    """Component address → AWS id."""
    (platform,) = (found for found in example.state().values() if "components" in found["values"])
    return {address: each["id"] for address, each in platform["values"]["components"].items()}

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
    "stellar": ('instance_class = "db.m7g.2xlarge"', 'instance_class = "db.m7g.4xlarge"'),
    "supernova": (
        'max_connections              = "200"',
        'max_connections              = "300"',
    ),
    "incubation": ("shards = 3, replicas = 1", "shards = 3, replicas = 2"),
    "valuecanvas": ("status = 200 }", "status = 200, ttl = 60 }"),
    "astral": ("min = 3, desired = 3, max = 6", "min = 4, desired = 4, max = 9"),
}
"""What its users would change one day: a text of each example, and another one in its place. A pool, a database's class and
its parameters, a cache's replicas, a CDN."""

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

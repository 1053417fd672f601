"""Every example is applied, planned again without changes, and destroyed without a trace."""

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
    destroyed = example.destroy(*options)
    assert destroyed.code == 0, destroyed
    assert lab.census() == {}

"""The guide names every call, option, fault and leftover that there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import failures, rules
from lab.__main__ import arguments
from lab.admin import ROUTES
from lab.plant import KINDS
from lab.world import load_services

load_services()
GUIDE = (Path(__file__).parents[3] / "docs" / "guides" / "lab.md").read_text()


@pytest.mark.parametrize("call", [f"`{method} {path}`" for method, path in ROUTES])
def test_every_call_is_in_the_guide(call):
    assert call in GUIDE


@pytest.mark.parametrize("kind", [*rules.KINDS, *KINDS])
def test_every_kind_of_fault_and_leftover_is_in_the_guide(kind):
    assert f"`{kind}`" in GUIDE


@pytest.mark.parametrize("call", sorted({operation for _, operation in failures.ways}))
def test_every_way_to_fail_is_in_the_guide(call):
    assert call.removesuffix("WithTags") in GUIDE or call.startswith("Restore")


def test_every_option_is_in_the_guide(capsys):
    with pytest.raises(SystemExit):
        arguments(["--help"])
    shown = {word for word in capsys.readouterr().out.replace(",", " ").split() if "--" in word}
    options = {word.strip("[]") for word in shown} - {"--help"}
    assert {option for option in options if f"`{option}" not in GUIDE} == set()

"""The modules' own tests (`terraform test`) hold against the lab."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.cli import Cli, environment, version
from harness.lab import ROOT, Lab
from harness.workspace import Workspace

MODULES = sorted(path.parent.name for path in (ROOT / "modules").glob("*/tests"))


@pytest.mark.parametrize("name", MODULES)
def test_a_module_keeps_what_its_tests_promise(
    name: str, tmp_path: Path, lab: Lab, cli: Cli, configuration: Path
) -> None:
    if version(cli).startswith("Terraform v1.5."):
        pytest.skip("`terraform test` is there from 1.6 on")
    leave = shutil.ignore_patterns(".terraform*", "*.tfstate*")
    shutil.copytree(ROOT / "modules" / name, tmp_path / name, ignore=leave)
    module = Workspace(tmp_path / name, cli, environment(lab, configuration))
    module.init()
    assert "0 failed" in module.command("test", "-no-color")
    assert lab.changes() == [], "a plan changes nothing"

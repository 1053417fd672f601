"""Fixtures: one lab for the session, emptied for every test; one CLI after the other."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.cli import CLIS, Cli, environment, provider_binary, write_mirror
from harness.lab import ROOT, Lab
from harness.workspace import Workspace, end_all

CLOCK = 600
"""Lab seconds per real second: ten minutes of AWS in one."""


@pytest.fixture(scope="session")
def running_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The session's lab."""
    lab = Lab.start(CLOCK, tmp_path_factory.mktemp("lab") / "lab.log")
    yield lab
    lab.stop()


@pytest.fixture(autouse=True)
def nothing_runs_on() -> Iterator[None]:
    """A test that fails while it holds a call leaves no program behind."""
    yield
    end_all()


@pytest.fixture
def lab(running_lab: Lab) -> Lab:
    """An AWS account without objects."""
    running_lab.reset()
    return running_lab


@pytest.fixture(scope="session")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The CLI configuration by which the provider is found."""
    return write_mirror(tmp_path_factory.mktemp("mirror"), provider_binary())


@pytest.fixture(scope="session", params=CLIS, ids=lambda cli: cli.name)
def cli(request: pytest.FixtureRequest) -> Cli:
    """Terraform, then OpenTofu; the one that is missing is skipped and named at the end."""
    found: Cli = request.param
    if found.path is None:
        pytest.skip(f"missing: {found.name} ({found.title} ≥ {found.oldest})")
    return found


@pytest.fixture
def workspace(tmp_path: Path, lab: Lab, cli: Cli, configuration: Path) -> Workspace:
    """An empty working directory."""
    return Workspace(tmp_path / "stack", cli, environment(lab, configuration))


@pytest.fixture
def examples(tmp_path: Path, lab: Lab, cli: Cli, configuration: Path) -> Callable[[str], Workspace]:
    """Answers a copy of the example of a name, with the modules beside it, initialized."""
    leave = shutil.ignore_patterns(".terraform*", "*.tfstate*")
    for part in ("examples", "modules"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=leave)

    def prepare(name: str) -> Workspace:
        workspace = Workspace(tmp_path / "examples" / name, cli, environment(lab, configuration))
        workspace.init()
        return workspace

    return prepare


@pytest.fixture
def example(examples: Callable[[str], Workspace]) -> Workspace:
    """A copy of the example `minimum` with its module."""
    return examples("minimum")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Ends the report with the programs for want of which tests were skipped."""
    reasons = {
        report.longrepr[2].removeprefix("Skipped: missing: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and "missing: " in report.longrepr[2]
    }
    for reason in sorted(reasons):
        terminalreporter.write_line(f"skipped because missing: {reason}")

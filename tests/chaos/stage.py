"""Where a trial takes place: a lab of its own, a working directory, and the worlds that phases begin from."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.cli import Cli, environment
from harness.lab import ROOT, Lab
from harness.workspace import Run, Workspace

CLOCK = 600
"""Ten minutes of AWS in a second."""
LIMITS = """
module "platform" {
  timeouts = { create = "12h", update = "12h", delete = "12h" }
}
"""
"""Nine seconds, an hour and a half of AWS, can be too short for a healthy operation on a busy machine."""
COMMON = ("-var=disposable=true", "-lock-timeout=0s")
GROWN = "-var-file=grow.tfvars"

Census = dict[str, list[str]]


class StageError(RuntimeError):
    """What should work without any fault did not."""


@dataclass
class Course:
    """An operation that nothing disturbed."""

    log: list[dict[str, Any]]
    """Its calls."""
    census: Census
    """What there is afterwards."""


class Stage:
    """One lab and one directory; trials on it come one after the other."""

    def __init__(self, cli: Cli, place: Path, configuration: Path) -> None:
        leave = shutil.ignore_patterns(".terraform*", "*.tfstate*")
        for part in ("examples", "modules"):
            shutil.copytree(ROOT / part, place / part, ignore=leave)
        self.lab = Lab.start(CLOCK, place / "lab.log", seconds=180.0)
        self.place = place
        (place / "examples" / "minimum" / "limits_override.tf").write_text(LIMITS)
        env = environment(self.lab, configuration)
        self.workspace = Workspace(place / "examples" / "minimum", cli, env)
        self.worlds: dict[str, str] = {}
        """Phase → the lab's snapshot from which it begins."""
        self.censuses: dict[str, Census] = {"create": {}}
        """Phase → what exists when it begins."""

    def build(self, upto: str = "destroy") -> dict[str, Course]:
        """Goes through the phases without faults and keeps the world before each; what they did."""
        self.workspace.init()
        courses = {}
        for phase in ("create", "update", "destroy"):
            self._keep(phase)
            if phase == upto:
                break
            courses[phase] = self._undisturbed(phase)
        return courses

    def finish(self) -> Course:
        """The undisturbed destroy, after `build`."""
        return self._undisturbed("destroy")

    def begin(self, phase: str) -> None:
        """Makes world and directory what they are before a phase."""
        self.lab.restore(self.worlds[phase])
        self.lab.faults()
        shutil.rmtree(self.workspace.directory)
        shutil.copytree(self._kept(phase), self.workspace.directory, symlinks=True)

    def run(self, phase: str) -> Run:
        """The phase's command."""
        if phase == "create":
            return self.workspace.apply(*COMMON)
        if phase == "update":
            return self.workspace.apply(*COMMON, GROWN)
        return self.workspace.destroy(*COMMON, GROWN)

    def plan(self, phase: str) -> Run:
        """What there is to do after the phase."""
        return self.workspace.plan(*COMMON, *((GROWN,) if phase == "update" else ()))

    def close(self) -> None:
        """Ends the lab."""
        self.lab.stop()

    def _undisturbed(self, phase: str) -> Course:
        before = len(self.lab.log())
        done = self.run(phase)
        if done.code != 0:
            raise StageError(f"{phase} fails without a fault: {done}")
        return Course(self.lab.log()[before:], self.lab.census())

    def _keep(self, phase: str) -> None:
        shutil.copytree(self.workspace.directory, self._kept(phase), symlinks=True)
        self.worlds[phase] = self.lab.snapshot()
        self.censuses[phase] = self.lab.census()

    def _kept(self, phase: str) -> Path:
        return self.place / f"before-{phase}"

"""A stack's life under a CLI, measured: what it took, what it asked of AWS."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.process import Watch
from harness.cli import Cli, environment
from harness.lab import ROOT, Lab
from harness.workspace import Run, Workspace

LIMIT = 1800.0
"""Seconds after which a run counts as stuck."""
PARALLEL = "-parallelism=60"
"""A provider of single resources mostly waits: in parallel it waits less."""


class BenchError(RuntimeError):
    """What was to be measured did not work."""


@dataclass(frozen=True)
class Contender:
    """A provider and a configuration that makes the same platform with it."""

    name: str
    binary: Path
    stack: Path
    """Directory of the root module; copied to where it finds `../../modules`."""
    mirror: Path
    """CLI configuration by which the provider is found."""
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measured:
    """One run of a CLI."""

    seconds: float
    calls: int
    operations: Counter[str]
    """How many of the calls were of each `service.Operation`."""
    makespan: float
    """Lab seconds from the first to the last call."""
    critical: float
    """Lab seconds of the longest chain of waiting."""
    peak_mib: float
    cpu_seconds: float


def prepare(contender: Contender, lab: Lab, cli: Cli, directory: Path) -> Workspace:
    """An initialized working directory on an empty account, with the contender's stack unless one is there."""
    if not directory.exists():
        leave = shutil.ignore_patterns(".terraform*", "*.tfstate*")
        modules = directory.parents[1] / "modules"
        shutil.copytree(contender.stack, directory, ignore=leave)
        shutil.copytree(ROOT / "modules", modules, ignore=leave, dirs_exist_ok=True)
    lab.reset()
    settings = environment(lab, contender.mirror) | {"TF_VAR_endpoint": lab.url}
    workspace = Workspace(directory, cli, settings, limit=LIMIT)
    workspace.init()
    return workspace


def apply(contender: Contender, lab: Lab, workspace: Workspace) -> Measured:
    """The first apply, with its plan."""
    return _measure(contender, lab, lambda: workspace.apply(PARALLEL, *contender.options))


def apply_planned(contender: Contender, lab: Lab, workspace: Workspace) -> Measured:
    """The first apply of a plan that was made before: what the CLI and the planning take is no part of the makespan."""
    planned = workspace.plan(PARALLEL, *contender.options)
    if planned.code != 2:
        raise BenchError(f"{contender.name}: {planned}")
    return _measure(contender, lab, lambda: workspace.apply(PARALLEL, "plan.out"))


def refresh(contender: Contender, lab: Lab, workspace: Workspace, times: int = 3) -> Measured:
    """A plan without changes: the median of `times` runs by wall time, after one that is not counted.

    The uncounted one lets the provider write what it writes once, such as that the stack is in a state.
    """
    workspace.plan(PARALLEL, *contender.options)
    found = [
        _measure(contender, lab, lambda: workspace.plan(PARALLEL, *contender.options))
        for _ in range(times)
    ]
    return sorted(found, key=lambda each: each.seconds)[times // 2]


def plan(contender: Contender, lab: Lab, workspace: Workspace) -> Measured:
    """A plan with changes."""
    return _measure(contender, lab, lambda: workspace.plan(PARALLEL, *contender.options), code=2)


def destroy(contender: Contender, lab: Lab, workspace: Workspace) -> Measured:
    """Everything removed, and the account empty."""
    return _measure(contender, lab, lambda: workspace.destroy(PARALLEL, *contender.options))


def _measure(contender: Contender, lab: Lab, run: Callable[[], Run], code: int = 0) -> Measured:
    before = len(lab.log())
    with Watch(contender.binary.resolve()) as watch:
        done = run()
    if done.code != code:
        raise BenchError(f"{contender.name}: {done}")
    made = lab.log()[before:]
    times = [call["time"] for call in made]
    operations = Counter(f"{call['service']}.{call['operation']}" for call in made)
    return Measured(
        seconds=done.seconds,
        calls=len(times),
        operations=operations,
        makespan=times[-1] - times[0] if times else 0.0,
        critical=lab.critical_path()["total"],
        peak_mib=watch.largest_mib,
        cpu_seconds=watch.cpu_seconds,
    )

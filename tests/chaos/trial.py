"""One point: interrupted there, the same command again ends well, and nothing is lost, left or made twice."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from chaos.points import Point
from chaos.stage import Census, Course, Stage
from harness.workspace import Run

AGAIN = 2
"""How often the command may have to be repeated."""


@dataclass
class Result:
    """What came of a point."""

    point: Point
    why: list[str] = field(default_factory=list)
    """What is wrong; nothing when all is well."""
    repeats: int = 0
    """How often the command was repeated until it ended well."""
    reached: bool = True
    """Whether the call was made at all."""
    seconds: float = 0.0
    destroyed: bool = False
    """Whether a destroy was tried afterwards, too."""

    @property
    def passed(self) -> bool:
        """Whether all is well."""
        return not self.why


def play(stage: Stage, point: Point, course: Course, destroy: bool) -> Result:
    """Plays one point on a stage; `course` is the phase without a fault."""
    began = time.monotonic()
    result = Result(point)
    stage.begin(point.phase)
    stage.lab.faults(point.rule)
    before = len(stage.lab.log())
    run = stage.run(point.phase)
    result.reached = any(call["fault"] for call in stage.lab.log()[before:])
    stage.lab.faults()
    if not result.reached and run.code != 0:
        result.why.append(f"failed before the call was reached: {run.errors.strip()}")
    between = stage.lab.census()
    while run.code != 0 and result.repeats < AGAIN:
        result.repeats += 1
        run = stage.run(point.phase)
    if run.code != 0:
        result.why.append(f"still failing after {AGAIN} repeats: {run.errors.strip()}")
    else:
        _judge(stage, point, course, between, result)
        if destroy and point.phase != "destroy" and result.passed:
            result.destroyed = True
            _take_down(stage, point, result)
    result.seconds = time.monotonic() - began
    return result


def _judge(stage: Stage, point: Point, course: Course, between: Census, result: Result) -> None:
    if point.phase != "destroy":
        planned = stage.plan(point.phase)
        if planned.code != 0:
            result.why.append(f"the plan afterwards is not empty: {_planned(planned)}")
    census = stage.lab.census()
    result.why += _compared(census, course.census)
    if point.phase == "destroy":
        return
    had = _flat(stage.censuses[point.phase]) | _flat(between)
    if replaced := sorted(had - _flat(census)):
        result.why.append(f"replaced: {', '.join(replaced)}")


def _take_down(stage: Stage, point: Point, result: Result) -> None:
    phase = "destroy"
    run = stage.run(phase)
    if run.code != 0:
        result.why.append(f"destroy fails afterwards: {run.errors.strip()}")
    elif left := stage.lab.census():
        result.why.append(f"left after destroy: {left}")


def _compared(census: Census, undisturbed: Census) -> list[str]:
    """Where there is more or less of a kind than without the fault."""
    wrong = []
    for kind in sorted(census.keys() | undisturbed.keys()):
        ours, usual = census.get(kind, []), undisturbed.get(kind, [])
        if len(ours) != len(usual):
            wrong.append(f"{kind}: {len(ours)} instead of {len(usual)}: {', '.join(ours)}")
    return wrong


def _flat(census: Census) -> set[str]:
    return {f"{kind} {identifier}" for kind, ids in census.items() for identifier in ids}


def _planned(run: Run) -> str:
    return run.errors.strip() if run.code == 1 else str(run.summary)

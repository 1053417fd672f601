"""The critical path of a run: the longest chain of waiting that AWS's durations force on it.

Every successful change is a step. A step depends on each earlier step that changed an object
which its request names, or which its transition declares as needed. Its length is the duration of
the transition that it began, 0 for what is instant. No execution, however parallel, can be faster
than the longest chain.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lab.lifecycle import Transition
from lab.log import Entry

if TYPE_CHECKING:
    from lab.world import World


@dataclass
class Step:
    """One change; `total` is the longest chain that ends with it, in lab seconds."""

    kind: str
    id: str
    seconds: float
    total: float = 0.0
    before: Step | None = None
    ids: list[str] = field(default_factory=list)


def longest(world: World) -> dict[str, Any]:
    """`{total, path: [{kind, id, seconds}]}`; `path` lists the steps that take time."""
    begun: defaultdict[int, list[Transition]] = defaultdict(list)
    for transition in world.lives.history:
        if transition.waited_for:
            begun[transition.call].append(transition)
    newest: dict[str, Step] = {}
    last: Step | None = None
    for entry in world.log.entries:
        if not entry.changes:
            continue
        named = [newest[each] for each in entry.request_ids if each in newest]
        for step in _steps(entry, begun.get(entry.n, [])):
            needed = named + [newest[each] for each in step.ids if each in newest]
            step.before = max(needed, key=lambda each: each.total, default=None)
            step.total = step.seconds + (step.before.total if step.before else 0.0)
            for each in (*entry.ids, step.id):
                newest[each] = max(step, newest.get(each, step), key=lambda one: one.total)
            if last is None or step.total > last.total:
                last = step
    return {"total": last.total if last else 0.0, "path": _chain(last)}


def _steps(entry: Entry, transitions: list[Transition]) -> list[Step]:
    if not transitions:
        name = entry.ids[0] if entry.ids else ""
        return [Step(f"{entry.service}/{entry.operation}", name, 0.0)]
    # What one call leads to may come in turns: available only after the backup is made.
    begin = min(each.begin for each in transitions)
    return [
        Step(each.kind, each.id, each.end - begin, ids=[need[1] for need in each.needs])
        for each in transitions
    ]


def _chain(step: Step | None) -> list[dict[str, Any]]:
    path = []
    while step is not None:
        if step.seconds:
            path.append({"kind": step.kind, "id": step.id, "seconds": step.seconds})
        step = step.before
    return path[::-1]

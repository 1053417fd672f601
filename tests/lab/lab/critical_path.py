"""The critical path of a run: the longest chain of waiting that AWS's durations force on it.

Every successful change is a step. It comes after the last change of each object that its request
names or that its transition declares as needed; a deletion also comes after the deletions of what
was made with that object. A step is as long as the transition that it began, and 0 for what is
instant. No execution, however parallel, can be faster than the longest chain.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lab.identity import DELETES
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
    before: Step | None = None
    total: float = field(init=False)

    def __post_init__(self) -> None:
        self.total = self.seconds + (self.before.total if self.before else 0.0)


class Graph:
    """Steps so far: the newest per object, and the deletions of what was made with an object."""

    def __init__(self) -> None:
        self.newest: dict[str, Step] = {}
        self.users_gone: defaultdict[str, list[Step]] = defaultdict(list)
        self.made_with: dict[str, set[str]] = {}
        self.last: Step | None = None

    def add(self, entry: Entry, begun: list[Transition]) -> None:
        """Appends one logged change with the transitions that it began."""
        deletes = entry.operation.startswith(DELETES)
        needed = [self.newest[each] for each in entry.request_ids if each in self.newest]
        if deletes:
            needed += [step for each in entry.ids for step in self.users_gone[each]]
        for kind, identifier, seconds, needs in _spans(entry, begun):
            waits = needed + [self.newest[each] for each in needs if each in self.newest]
            latest = max(waits, key=lambda step: step.total, default=None)
            step = Step(kind, identifier, seconds, latest)
            self._remember(entry, step, deletes)

    def _remember(self, entry: Entry, step: Step, deletes: bool) -> None:
        about = {*entry.ids, step.id, step.id.rsplit("/", 1)[-1]}
        for each in about:
            if each not in self.newest or step.total >= self.newest[each].total:
                self.newest[each] = step
            if deletes:
                for used in self.made_with.pop(each, ()):
                    self.users_gone[used].append(step)
            else:
                self.made_with.setdefault(each, set()).update(set(entry.request_ids) - about)
        if self.last is None or step.total > self.last.total:
            self.last = step


def longest(world: World) -> dict[str, Any]:
    """`{total, path: [{kind, id, seconds}]}`; `path` lists the steps that take time."""
    begun: defaultdict[int, list[Transition]] = defaultdict(list)
    for transition in world.lives.history:
        if transition.waited_for:
            begun[transition.call].append(transition)
    graph = Graph()
    for entry in world.log.entries:
        if entry.changes:
            graph.add(entry, begun.get(entry.n, []))
    return {"total": graph.last.total if graph.last else 0.0, "path": _chain(graph.last)}


def _spans(entry: Entry, begun: list[Transition]) -> list[tuple[str, str, float, list[str]]]:
    """Kind, id, length and further needs of what an entry began."""
    if not begun:
        name = entry.ids[0] if entry.ids else ""
        return [(f"{entry.service}/{entry.operation}", name, 0.0, [])]
    # What one call leads to may come in turns: available only after the backup is made.
    start = min(each.begin for each in begun)
    return [(each.kind, each.id, each.end - start, [need[1] for need in each.needs]) for each in begun]


def _chain(step: Step | None) -> list[dict[str, Any]]:
    path = []
    while step is not None:
        if step.seconds:
            path.append({"kind": step.kind, "id": step.id, "seconds": step.seconds})
        step = step.before
    return path[::-1]

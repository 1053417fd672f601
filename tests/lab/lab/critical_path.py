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

from lab.identity import DELETES, key
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
        asked = {key(entry.service, each) for each in entry.request_ids}
        own = {key(entry.service, each) for each in entry.ids}
        steps = []
        for kind, identifier, seconds, needs in _spans(entry, begun):
            about = _about(entry, identifier, own, begun) or asked
            waits = [self.newest[each] for each in (*asked, *needs) if each in self.newest]
            if deletes:
                waits += [gone for each in about for gone in self.users_gone[each]]
            latest = max(waits, key=lambda step: step.total, default=None)
            steps.append((Step(kind, identifier, seconds, latest), about))
        # Only now: what one call begins, like the instances of a node group, goes on side by side.
        for step, about in steps:
            self._remember(step, about, asked, deletes)

    def _remember(self, step: Step, about: set[str], asked: set[str], deletes: bool) -> None:
        for each in about:
            if each not in self.newest or step.total >= self.newest[each].total:
                self.newest[each] = step
            if deletes:
                for used in self.made_with.pop(each, ()):
                    self.users_gone[used].append(step)
            else:
                self.made_with.setdefault(each, set()).update(asked - about)
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


def _about(entry: Entry, identifier: str, own: set[str], begun: list[Transition]) -> set[str]:
    """The keys by which later changes name what a step changes.

    A call's own names belong to its own object, not to others that it leads to: who waits for a node group does not
    wait for its instances.
    """
    if not begun:
        return own
    about = _keys(entry, identifier)
    if about & own or not any(_keys(entry, each.id) & own for each in begun):
        about |= own
    return about


def _keys(entry: Entry, identifier: str) -> set[str]:
    # A path like `cluster/nodegroup` is known by its last part, too.
    return {key(entry.service, each) for each in (identifier, identifier.rsplit("/", 1)[-1])}


def _spans(entry: Entry, begun: list[Transition]) -> list[tuple[str, str, float, list[str]]]:
    """Kind, id, length and further needs of what an entry began."""
    if not begun:
        name = entry.ids[0] if entry.ids else ""
        return [(f"{entry.service}/{entry.operation}", name, 0.0, [])]
    # What one call leads to may come in turns: available only after the backup is made.
    start = min(each.begin for each in begun)
    return [
        (
            each.kind,
            each.id,
            each.end - start,
            [key(kind.split("/")[0], one) for kind, one in each.needs],
        )
        for each in begun
    ]


def _chain(step: Step | None) -> list[dict[str, Any]]:
    path = []
    while step is not None:
        if step.seconds:
            path.append({"kind": step.kind, "id": step.id, "seconds": step.seconds})
        step = step.before
    return path[::-1]

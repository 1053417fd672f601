"""Life cycles: transitions that take lab time, and what happens when that time is over.

Nothing runs in the background. Before every call the transitions that are due are settled in the
order of their ends, so a run is deterministic and an idle lab costs nothing.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab import durations, failures
from lab.extend import Context, end_handlers
from lab.failures import Failure

if TYPE_CHECKING:
    from lab.clock import Clock

LONGEST = 100_000
"""Transitions that the history keeps, so that memory stays bounded."""
Place = tuple[str, str]
"""Account and region."""


@dataclass
class Transition:
    """One span of an object's life, in lab seconds since 1970."""

    place: Place
    kind: str
    id: str
    name: str
    begin: float
    end: float
    needs: tuple[tuple[str, str], ...] = ()
    """Objects (kind, id) without which it could not have begun, beyond those its call named."""
    call: int = 0
    """Number of the logged call that began it."""
    waited_for: bool = True
    """False for what goes on unseen, like a deleted row that is still listed."""
    over: bool = False
    failure: Failure | None = None
    """How it ends badly, if it was asked to."""


class Lives:
    """Every object's transitions, in all regions."""

    def __init__(self) -> None:
        self._current: dict[tuple[Place, str, str], Transition] = {}
        self._due: list[tuple[float, int, Transition]] = []
        self._order = 0
        self.history: deque[Transition] = deque(maxlen=LONGEST)
        """The transitions since the last reset, in order of begin."""

    def start(self, transition: Transition) -> None:
        """Begins a transition; one that still runs for the same object is dropped."""
        self._current[transition.place, transition.kind, transition.id] = transition
        self.history.append(transition)
        self._order += 1
        heapq.heappush(self._due, (transition.end, self._order, transition))

    def current(self, place: Place, kind: str, identifier: str) -> Transition | None:
        """The newest transition of an object, running or over."""
        return self._current.get((place, kind, identifier))

    def forget(self, place: Place, kind: str, identifier: str) -> None:
        """Drops an object: what still runs for it ends without effect."""
        self._current.pop((place, kind, identifier), None)

    def next_due(self, now: float) -> Transition | None:
        """Takes the earliest transition whose end has come; None when there is none."""
        while self._due and self._due[0][0] <= now:
            transition = heapq.heappop(self._due)[2]
            key = (transition.place, transition.kind, transition.id)
            if self._current.get(key) is transition:
                transition.over = True
                return transition
        return None

    def next_end(self) -> float | None:
        """When the next transition ends, for tests that jump there."""
        return self._due[0][0] if self._due else None


@dataclass(frozen=True)
class Life:
    """The transitions of one account and region, as operations use them."""

    lives: Lives
    clock: Clock
    context: Context

    def start(
        self,
        kind: str,
        identifier: str,
        transition: str,
        seconds: float | None = None,
        needs: Iterable[tuple[str, str]] = (),
        waited_for: bool = True,
    ) -> float:
        """Begins a transition and returns its end (lab seconds since 1970).

        `seconds` replaces the table's duration. `needs` names objects it waits for that its
        request does not name; `waited_for` False keeps the span out of the critical path.
        """
        span = durations.seconds(kind, transition) if seconds is None else seconds
        begin = self.context.now()
        end = begin if self.clock.instant else begin + span
        place = (self.context.account, self.context.region)
        self.lives.start(
            Transition(
                place,
                kind,
                identifier,
                transition,
                begin,
                end,
                tuple(needs),
                self.context.origin,
                waited_for,
                failure=self.context.failure
                if failures.strikes(self.context.failure, kind)
                else None,
            )
        )
        return end

    def state(self, kind: str, identifier: str) -> str | None:
        """The name of the running transition, "ready" after one, None for an unknown object."""
        current = self._current(kind, identifier)
        if current is None:
            return None
        return "ready" if current.over else current.name

    def running(self, kind: str, identifier: str) -> bool:
        """Whether a transition of the object is under way."""
        current = self._current(kind, identifier)
        return current is not None and not current.over

    def age(self, kind: str, identifier: str) -> float | None:
        """Lab seconds since the newest transition began; None for an unknown object."""
        current = self._current(kind, identifier)
        return None if current is None else self.context.now() - current.begin

    def forget(self, kind: str, identifier: str) -> None:
        """Drops the object, for instance when it is gone for good."""
        self.lives.forget((self.context.account, self.context.region), kind, identifier)

    def _current(self, kind: str, identifier: str) -> Transition | None:
        place = (self.context.account, self.context.region)
        return self.lives.current(place, kind, identifier)


def settle(lives: Lives, now: float, context_of: Callable[[Transition], Context]) -> None:
    """Ends every transition that is due; `context_of` makes the context of its end."""
    while (transition := lives.next_due(now)) is not None:
        context = context_of(transition)
        if transition.failure is not None:
            failures.happen(context, transition.id, transition.failure)
            continue
        for handler in end_handlers(transition.kind, transition.name):
            handler(context, transition.id)

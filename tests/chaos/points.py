"""Where an operation is interrupted, and how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

PHASES = ("create", "update", "destroy")
FAULTS: dict[str, dict[str, Any]] = {
    "kill-before": {"kind": "kill", "when": "before"},
    "kill-after": {"kind": "kill", "when": "after"},
    "lost-response": {"kind": "lost-response"},
    "kill-all": {"kind": "kill", "when": "after", "parents": 1},
}
"""What happens at the call: the provider dies before or after AWS has carried it out, the answer is lost, or
Terraform dies together with the provider."""
SWEPT = ("kill-before", "kill-after", "lost-response")
"""The faults of the full sweep; a sample has `kill-all`, too."""
WRITES = 3
"""Writes into the claim's streams that are points: the others are heartbeats and lines of the journal, as many as the
operation takes seconds."""


class BadPoint(ValueError):
    """A text that names no point."""


@dataclass(frozen=True, order=True)
class Point:
    """One call of one phase and what happens to it: the `nth` of its name, counted from 1."""

    phase: str
    service: str
    operation: str
    nth: int
    fault: str

    def __str__(self) -> str:
        return f"{self.phase}/{self.service}.{self.operation}.{self.nth}/{self.fault}"

    @property
    def rule(self) -> dict[str, Any]:
        """The lab's rule that makes it happen."""
        which = {"service": self.service, "operation": self.operation, "skip": self.nth - 1}
        return which | FAULTS[self.fault]

    @property
    def kills(self) -> bool:
        """Whether the operation cannot end well at the first attempt."""
        return self.fault.startswith("kill")


def parse(text: str) -> Point:
    """The point of a name like `create/ec2.CreateVpc.1/kill-after`; raises BadPoint."""
    try:
        phase, call, fault = text.split("/")
        service, operation, nth = call.split(".")
        point = Point(phase, service, operation, int(nth), fault)
    except ValueError as why:
        raise BadPoint(f"{text}: a point is PHASE/SERVICE.OPERATION.N/FAULT") from why
    if point.phase not in PHASES or point.fault not in FAULTS or point.nth < 1:
        raise BadPoint(f"{text}: phases are {', '.join(PHASES)}; faults {', '.join(FAULTS)}")
    return point


def calls_of(log: Iterable[dict[str, Any]]) -> list[tuple[str, str, int]]:
    """Every changing call of a run that was not disturbed, as service, operation and which of that name.

    They are counted by name, since their order among the others differs from run to run.
    """
    counts = Counter(
        (call["service"], call["operation"])
        for call in log
        if call["mutating"] and not call["error"]
    )
    if (writes := ("logs", "PutLogEvents")) in counts:
        counts[writes] = min(counts[writes], WRITES)
    return [
        (service, operation, nth)
        for (service, operation), count in sorted(counts.items())
        for nth in range(1, count + 1)
    ]


def swept(phase: str, log: Iterable[dict[str, Any]]) -> list[Point]:
    """Every point of a phase: each call with each fault."""
    return [Point(phase, *call, fault) for call in calls_of(log) for fault in SWEPT]


def sampled(phase: str, log: Iterable[dict[str, Any]], size: int) -> list[Point]:
    """So many points of a phase, evenly spread over its calls, with one fault after the other."""
    calls, faults = calls_of(log), list(FAULTS)
    size = min(size, len(calls))
    chosen = [calls[index * len(calls) // size] for index in range(size)]
    return [Point(phase, *call, faults[index % len(faults)]) for index, call in enumerate(chosen)]

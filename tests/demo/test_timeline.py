"""The demo's timeline is text that a person can trust."""

from __future__ import annotations

import pytest

from demo import timeline


def step(kind: str, begin: float, end: float, name: str = "a") -> dict[str, object]:
    return {"kind": kind, "id": name, "step": "create", "begin": begin, "end": end}


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (59.6, "1:00"), (545, "9:05"), (3600, "60:00")]
)
def test_times_are_minutes_and_seconds(seconds: float, text: str) -> None:
    assert timeline.minutes(seconds) == text


def test_bars_begin_and_end_where_the_step_did() -> None:
    lines = timeline.table([step("eks/cluster", 1000, 1540), step("eks/nodegroup", 1540, 1800)])
    first, second = (line[: timeline.WIDTH] for line in lines)
    assert (first.index("█"), second.index("█")) == (0, first.rindex("█") + 1)
    assert second.rindex("█") == timeline.WIDTH - 1


def test_equal_steps_share_a_line_and_short_ones_have_none() -> None:
    steps = [step("nat", 0, 120, "a"), step("nat", 5, 125, "b"), step("vpc", 0, 1)]
    (line,) = timeline.table(steps)
    assert line.endswith("0:00 –   2:05  nat create × 2")


def test_nothing_that_took_time_makes_no_table() -> None:
    assert timeline.table([]) == []

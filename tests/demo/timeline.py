"""Where the time of an apply went, as text."""

from __future__ import annotations

from typing import Any

WIDTH = 40


def table(steps: list[dict[str, Any]], shortest: float = 30.0) -> list[str]:
    """Bars of the steps that took at least `shortest` seconds of AWS time, in order of their begin.

    `steps` are `{kind, id, step, begin, end}` in lab seconds; equal ones of a kind share a line.
    """
    long = [each for each in steps if each["end"] - each["begin"] >= shortest]
    if not long:
        return []
    start = min(each["begin"] for each in long)
    span = max(each["end"] for each in long) - start
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for each in sorted(long, key=lambda one: one["begin"]):
        groups.setdefault((each["kind"], each["step"]), []).append(each)
    return [_line(kind, step, members, start, span) for (kind, step), members in groups.items()]


def chain(path: list[dict[str, Any]], shortest: float = 10.0) -> list[str]:
    """The critical path without its steps of less than `shortest` seconds, one a line."""
    return [
        f"{minutes(each['seconds']):>8}  {each['kind']} {_short(each['id'])}"
        for each in path
        if each["seconds"] >= shortest
    ]


def minutes(seconds: float) -> str:
    """`9:05` for 545 seconds."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02}"


def _line(kind: str, step: str, members: list[dict[str, Any]], start: float, span: float) -> str:
    begin = min(each["begin"] for each in members) - start
    end = max(each["end"] for each in members) - start
    left = int(begin / span * WIDTH)
    length = max(1, round(end / span * WIDTH) - left)
    bar = " " * left + "█" * length
    count = f" × {len(members)}" if len(members) > 1 else ""
    return f"{bar:<{WIDTH}}  {minutes(begin):>6} – {minutes(end):>6}  {kind} {step}{count}"


def _short(identifier: str) -> str:
    return identifier.rsplit(":", 1)[-1]

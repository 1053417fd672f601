"""Daily and weekly windows as RDS and ElastiCache write them, in minutes."""

from __future__ import annotations

import re
from datetime import datetime, timezone

_TIME = r"([01]\d|2[0-3]):([0-5]\d)"
_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAY, WEEK = 1440, 10080

Window = tuple[int, int]


def daily(text: str) -> Window | None:
    """Start and length of `03:00-04:00`; None when it is malformed."""
    found = re.fullmatch(f"{_TIME}-{_TIME}", text)
    if not found:
        return None
    hour, minute, to_hour, to_minute = (int(part) for part in found.groups())
    start = hour * 60 + minute
    return start, (to_hour * 60 + to_minute - start) % DAY


def weekly(text: str) -> Window | None:
    """Start since Monday and length of `sun:04:00-sun:05:00`; None when it is malformed."""
    days = "|".join(_DAYS)
    found = re.fullmatch(f"({days}):{_TIME}-({days}):{_TIME}", text.lower())
    if not found:
        return None
    start = _DAYS.index(found[1]) * DAY + int(found[2]) * 60 + int(found[3])
    end = _DAYS.index(found[4]) * DAY + int(found[5]) * 60 + int(found[6])
    return start, (end - start) % WEEK


def overlap(every_day: Window, once_a_week: Window) -> bool:
    """Whether a daily window meets a weekly one on any day."""
    (start, length), (begin, span) = every_day, once_a_week
    return any(
        day * DAY + start < begin + span and begin < day * DAY + start + length
        for day in range(-1, 8)
    )


def until(now: float, window: str) -> float:
    """Seconds from `now` (Unix time) until a weekly window opens next; ValueError for none."""
    opening = weekly(window)
    if opening is None:
        raise ValueError(f"no weekly window: {window}")
    moment = datetime.fromtimestamp(now, timezone.utc)
    minute = moment.weekday() * DAY + moment.hour * 60 + moment.minute
    return (opening[0] - minute - 1) % WEEK * 60 + 60 - now % 60

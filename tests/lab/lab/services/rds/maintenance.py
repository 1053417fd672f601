"""The maintenance window: what was not asked for at once begins when it opens."""

from __future__ import annotations

from datetime import datetime, timezone

from lab.extend import Context
from lab.kit.windows import WEEK, weekly
from lab.services.rds.state import CLUSTER, INSTANCE

# The wait is a life of its own: a change that is asked for meanwhile must not end it.
KIND_OF = {INSTANCE: "rds/instance-window", CLUSTER: "rds/cluster-window"}


def wait(ctx: Context, kind: str, name: str, window: str) -> None:
    """Waits for the next opening of `window` (`sun:04:00-sun:05:00`, UTC)."""
    ctx.life.start(KIND_OF[kind], name, "wait", seconds=until(ctx.now(), window), waited_for=False)


def until(now: float, window: str) -> float:
    """Seconds from `now` (Unix time) until the window opens next."""
    opening = weekly(window)
    if opening is None:
        raise ValueError(f"no weekly window: {window}")
    moment = datetime.fromtimestamp(now, timezone.utc)
    minute = moment.weekday() * 1440 + moment.hour * 60 + moment.minute
    return (opening[0] - minute - 1) % WEEK * 60 + 60 - now % 60

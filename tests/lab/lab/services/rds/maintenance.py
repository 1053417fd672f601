"""The maintenance window: what was not asked for at once begins when it opens."""

from __future__ import annotations

from lab.extend import Context
from lab.kit.windows import until
from lab.services.rds.state import CLUSTER, INSTANCE

# The wait is a life of its own: a change that is asked for meanwhile must not end it.
KIND_OF = {INSTANCE: "rds/instance-window", CLUSTER: "rds/cluster-window"}


def wait(ctx: Context, kind: str, name: str, window: str) -> None:
    """Waits for the next opening of `window` (`sun:04:00-sun:05:00`, UTC)."""
    ctx.life.start(KIND_OF[kind], name, "wait", seconds=until(ctx.now(), window), waited_for=False)

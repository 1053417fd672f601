"""moto on the lab's clock, so that all timestamps of a world agree.

moto asks one helper module for the time; here that module gets a `datetime` whose `now` is the
lab's. CloudWatch Logs stays on real time: callers stamp their events themselves, and events that
seem days old would be rejected.
"""

from __future__ import annotations

import datetime
import types
from collections.abc import Callable

from moto.core import utils
from moto.logs import models as logs

_now: Callable[[], float] | None = None


class LabDatetime(datetime.datetime):
    """A datetime whose present is the lab's."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> LabDatetime:
        """The lab's time once a clock is set, the real time before."""
        return super().now(tz) if _now is None else cls.fromtimestamp(_now(), tz)

    @classmethod
    def utcnow(cls) -> LabDatetime:
        """The same without a zone; moto asks for this one on Python 3.10."""
        return cls.now(datetime.timezone.utc).replace(tzinfo=None)


def follow(now: Callable[[], float]) -> None:
    """Makes moto's present the one of `now` (seconds since 1970)."""
    global _now
    _now = now


def _real_now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)


def _real_millis(moment: datetime.datetime | None = None) -> float:
    aware = (moment or _real_now()).replace(tzinfo=datetime.timezone.utc)
    return aware.timestamp() * 1000.0


_shim = types.ModuleType("datetime")
_shim.__dict__.update(vars(datetime), datetime=LabDatetime)
utils.datetime = _shim
logs.utcnow = _real_now
logs.unix_time_millis = _real_millis

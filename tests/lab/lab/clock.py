"""The lab's clock: AWS seconds, scaled from real ones."""

from __future__ import annotations

import time


class Clock:
    """Lab time as seconds since 1970; it starts at the real time and runs `factor` times faster."""

    def __init__(self, factor: float = 1.0, *, instant: bool = False) -> None:
        if factor <= 0:
            raise ValueError("the clock factor must be above 0")
        self.factor = factor
        self.instant = instant
        """Every duration is 0; the clock itself still runs."""
        self._epoch = time.time()
        self._start = time.monotonic()

    def now(self) -> float:
        """Lab seconds since 1970."""
        return self._epoch + (time.monotonic() - self._start) * self.factor

    def real(self, lab_seconds: float) -> float:
        """How many real seconds a span of lab time takes."""
        return lab_seconds / self.factor

    def set(self, moment: float) -> None:
        """Makes it `moment` now, as when an older world comes back."""
        self._epoch += moment - self.now()

    def advance(self, lab_seconds: float) -> None:
        """Jumps ahead, so that a test need not wait."""
        if lab_seconds < 0:
            raise ValueError("the clock does not run backwards")
        self._epoch += lab_seconds

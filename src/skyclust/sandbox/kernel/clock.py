"""Cloud time: runs `speed` times faster than real time and goes on where it stopped after a restart.

Called by every cloud front. Invariant: states follow from stored times and `now()`; nothing sleeps for them.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class SandboxClock:
    """`epoch` is the cloud time at construction; `monotonic` is real seconds and can be replaced in tests."""

    def __init__(
        self, speed: float = 1.0, epoch: datetime | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        if speed <= 0:
            raise ValueError(f"The clock's speed is {speed}; give a number above 0.")
        self.speed = speed
        self.epoch = epoch or datetime.now(UTC)
        self._monotonic = monotonic
        self._started = monotonic()
        self._skipped = 0.0

    def now(self) -> datetime:
        elapsed = (self._monotonic() - self._started) * self.speed + self._skipped
        return self.epoch + timedelta(seconds=elapsed)

    def after(self, seconds: float) -> datetime:
        return self.now() + timedelta(seconds=seconds)

    def advance(self, seconds: float) -> None:
        """Jump ahead, so that a test need not wait."""
        self._skipped += seconds

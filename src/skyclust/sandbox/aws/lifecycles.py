"""What happens later: states by the clock and effects that fall due. Used by networks and by EKS.

Invariant: effects run in due order before any request is looked at, each with its own seed, so that a replay of the
journal, which settles at every entry's time, takes the same path.
"""

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta

Effect = Callable[[datetime], None]


class Agenda:
    def __init__(self) -> None:
        self._due: list[tuple[datetime, int, str, Effect]] = []
        self._count = 0

    def add(self, at: datetime, seconds: float, seed: str, effect: Effect) -> None:
        self._count += 1
        heapq.heappush(self._due, (at + timedelta(seconds=seconds), self._count, seed, effect))

    def settle(self, now: datetime, seed: Callable[[str], None]) -> None:
        while self._due and self._due[0][0] <= now:
            due, _, key, effect = heapq.heappop(self._due)
            seed(key)
            effect(due)

    def clear(self) -> None:
        self._due.clear()

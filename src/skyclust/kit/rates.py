"""How often somebody may ask. Called by the guard (per address) and by `principal_of` (per user).

A token bucket per key, kept as one number: the time at which the bucket would be full again. Invariant: pure in time,
bounded in memory. Each process counts by itself, so N processes allow N times as much; wrong passwords, which must not
be multiplied like that, are counted in the database (identity/throttling.py).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from skyclust.kit.problems import Problem

SECONDS = 60
MAX_KEYS = 50_000


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` at once and per minute. 0 is no limit."""

    name: str
    count: int


NO_LIMIT = Rate("requests", 0)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a key stands after having asked. `retry_after` 0: it was let in."""

    rate: Rate
    remaining: int
    reset_seconds: int
    retry_after: int

    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers (version 7) names them."""
        told = {
            "ratelimit-limit": str(self.rate.count),
            "ratelimit-remaining": str(self.remaining),
            "ratelimit-reset": str(self.reset_seconds),
            "ratelimit-policy": f"{self.rate.count};w={SECONDS}",
        }
        return told | ({"retry-after": str(self.retry_after)} if self.retry_after else {})


@dataclass
class Limiter:
    """The buckets of one process."""

    monotonic: Callable[[], float]
    max_keys: int = MAX_KEYS
    _full_at: dict[tuple[str, str], float] = field(default_factory=dict, repr=False)

    def take(self, rate: Rate, key: str) -> Standing | None:
        """Ask once. None where there is no limit."""
        if rate.count <= 0:
            return None
        now = self.monotonic()
        each = SECONDS / rate.count
        full_at = max(self._full_at.pop((rate.name, key), now), now)
        missing = (full_at - now) / each  # tokens gone from the bucket
        if missing > rate.count - 1 + 1e-9:
            self._full_at[rate.name, key] = full_at
            wait = full_at - now - SECONDS + each
            return Standing(rate, 0, math.ceil(full_at - now), max(1, math.ceil(wait)))
        self._full_at[rate.name, key] = full_at + each  # at the end: the dict is ordered by last use
        self._forget(now)
        return Standing(rate, int(rate.count - missing - 1 + 1e-9), math.ceil(full_at + each - now), 0)

    def _forget(self, now: float) -> None:
        """Full buckets are as good as none; above the limit the longest unused goes, whatever is in it."""
        while self._full_at:
            oldest = next(iter(self._full_at))
            if self._full_at[oldest] > now and len(self._full_at) <= self.max_keys:
                return
            del self._full_at[oldest]


def too_often(standing: Standing) -> Problem:
    """429 that says when to come back."""
    return Problem(
        429, "too-many-requests", "Too many requests",
        f"At most {standing.rate.count} {standing.rate.name} a minute are answered. "
        f"Try again in {standing.retry_after} s.",
        headers=standing.headers(),
    )  # fmt: skip


@dataclass(frozen=True)
class Asking:
    """How often one user may ask this process, and for what is costly."""

    limiter: Limiter
    each: Rate
    costly: Rate

    def take(self, user: str, *, costly: bool) -> Standing | None:
        """Where the user stands; 429 when that is too often."""
        standing = self.limiter.take(self.each, user)
        if costly and not (standing and standing.retry_after):
            standing = self.limiter.take(self.costly, user) or standing
        if standing is not None and standing.retry_after:
            raise too_often(standing)
        return standing

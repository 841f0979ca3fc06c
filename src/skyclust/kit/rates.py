"""How often somebody may ask. Called by the guard (per address) and by `count_request` (per user).

A token bucket per key, kept as one number: the time at which the bucket would be full again. What the buckets of this
process let in is asked of those that all processes share, where there are any (shared_rates.py); without them, or
while they are away, N processes allow N times as much. Wrong passwords, which must not be multiplied like that, are
counted in the database (identity/throttling.py). Invariant: pure in time, bounded in memory, and never an error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from skyclust.kit.problems import Problem

SECONDS = 60
MAX_KEYS = 50_000
#: Part of a token by which sums of fractions may be off.
TOLERANCE = 0.001


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` at once and per minute. 0 is no limit."""

    name: str
    count: int


NO_LIMIT = Rate("requests", 0)


class Ask(NamedTuple):
    """One token of a bucket."""

    rate: Rate
    key: str


class Taken(NamedTuple):
    """What a bucket said: seconds until it would have been full before, and whether it gave a token."""

    missing_seconds: float
    let_in: bool


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


def standing_of(rate: Rate, taken: Taken) -> Standing:
    """What the bucket's word means for whoever asked."""
    each, missing = SECONDS / rate.count, taken.missing_seconds
    if not taken.let_in:
        return Standing(rate, 0, math.ceil(missing), max(1, math.ceil(missing - SECONDS + each)))
    return Standing(rate, int(rate.count - missing / each - 1 + TOLERANCE), math.ceil(missing + each), 0)


@dataclass
class Buckets:
    """Those of one process."""

    monotonic: Callable[[], float]
    max_keys: int = MAX_KEYS
    _full_at: dict[Ask, float] = field(default_factory=dict, repr=False)

    def take(self, ask: Ask) -> Taken:
        """Ask once."""
        now, each = self.monotonic(), SECONDS / ask.rate.count
        missing = max(self._full_at.pop(ask, now) - now, 0.0)
        let_in = missing / each <= ask.rate.count - 1 + TOLERANCE
        self._full_at[ask] = now + missing + (each if let_in else 0.0)  # at the end: the dict is ordered by last use
        self._forget(now)
        return Taken(missing, let_in)

    def learn(self, ask: Ask, taken: Taken, at: float) -> None:
        """What others have taken, too, is known as of `at`: this bucket is at least so empty."""
        full_at = at + taken.missing_seconds + (SECONDS / ask.rate.count if taken.let_in else 0.0)
        self._full_at[ask] = max(self._full_at.pop(ask, at), full_at)

    def _forget(self, now: float) -> None:
        """Full buckets are as good as none; above the limit the longest unused goes, whatever is in it."""
        while self._full_at:
            oldest = next(iter(self._full_at))
            if self._full_at[oldest] > now and len(self._full_at) <= self.max_keys:
                return
            del self._full_at[oldest]


class Shared(Protocol):
    """Buckets that several processes take from."""

    async def take(self, asked: Sequence[Ask]) -> list[Taken] | None:
        """For each until one refuses, what it said; None when nobody can say now. Raises nothing."""
        ...


@dataclass
class Limiter:
    """What is asked for is taken from this process's buckets first; what they refuse, nobody else is asked for."""

    here: Buckets
    shared: Shared | None = None

    def take_here(self, *asked: Ask) -> Standing | None:
        """One token of each until one refuses; the last word. None where there is no limit."""
        standing = None
        for ask in limited(asked):
            standing = standing_of(ask.rate, self.here.take(ask))
            if standing.retry_after:
                break
        return standing

    async def take(self, *asked: Ask, owed: list[Ask] | None = None) -> Standing | None:
        """Likewise of the shared buckets, with what was taken here only before and is still owed to them."""
        standing = self.take_here(*asked)
        if standing is not None and standing.retry_after:
            return standing
        batch = [*(owed or ()), *asked]
        if owed:
            owed.clear()
        return await self.settle(batch) or standing

    async def settle(self, asked: Sequence[Ask]) -> Standing | None:
        """One question to the shared buckets. None when there are none, or nobody can say."""
        wanted = limited(asked)
        if self.shared is None or not wanted:
            return None
        began = self.here.monotonic()
        said = await self.shared.take(wanted)
        if not said:
            return None
        for ask, taken in zip(wanted, said, strict=False):  # those after a refusal were not asked for
            self.here.learn(ask, taken, began)
        return standing_of(wanted[len(said) - 1].rate, said[-1])


def limited(asked: Sequence[Ask]) -> list[Ask]:
    """Without those that have no limit."""
    return [ask for ask in asked if ask.rate.count > 0]


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
    """How often one user may ask, and for what is costly."""

    limiter: Limiter
    each: Rate
    costly: Rate

    async def take(self, user: str, *, costly: bool, owed: list[Ask]) -> Standing | None:
        """Where the user stands; 429 when that is too often. `owed`: what the guard has taken for the address."""
        asked = [Ask(self.each, user), *([Ask(self.costly, user)] if costly else [])]
        standing = await self.limiter.take(*asked, owed=owed)
        if standing is not None and standing.retry_after:
            raise too_often(standing)
        return standing

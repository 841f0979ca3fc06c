"""When to look again and how fast to call. Pure but for `Budget`, whose state is one credential's.

All figures are cloud seconds; `Pace` turns them into real ones, so that a sandbox whose clock runs N times faster
is polled N times more often.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

MIN_POLL_CLOUD_SECONDS = 2.0
#: Networks, subnets and groups are quick, and a stack waits for several of them in a row.
QUICK_CLOUD_SECONDS = 30.0
MIN_QUICK_POLL_CLOUD_SECONDS = 1.0
MAX_POLL_CLOUD_SECONDS = 15.0
#: Below this real interval polling costs more than it tells.
MIN_POLL_REAL_SECONDS = 0.15
MAX_BACKOFF_CLOUD_SECONDS = 60.0
#: A budget may have recovered after this many real seconds: whoever waits for it asks again.
MAX_TURN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Pace:
    """`speed` cloud seconds pass in one real second; 1.0 for real clouds."""

    speed: float = 1.0

    def real(self, cloud_seconds: float) -> float:
        """Real seconds for a duration told by the cloud."""
        return cloud_seconds / self.speed

    def poll(self, elapsed_real_seconds: float, expected_cloud_seconds: float) -> float:
        """Real seconds until the next look at something that has been settling for `elapsed`."""
        wait = poll_seconds(elapsed_real_seconds * self.speed, expected_cloud_seconds)
        return max(self.real(wait), MIN_POLL_REAL_SECONDS)


def poll_seconds(elapsed: float, expected: float) -> float:
    """Cloud seconds until the next look: rarely while it cannot be done, every 2 s around the expected end, each second
    for what is quick.

    Creation times scatter log-normally (sigma ~0.15), so nothing ends before 0.55 of the median; the interval then
    shrinks with the distance to the median and grows again when the median is long past.
    """
    least = MIN_QUICK_POLL_CLOUD_SECONDS if expected <= QUICK_CLOUD_SECONDS else MIN_POLL_CLOUD_SECONDS
    if elapsed < 0.55 * expected:
        return max(0.55 * expected - elapsed, least)
    distance = abs(expected - elapsed)
    return min(max(0.05 * distance, least), MAX_POLL_CLOUD_SECONDS)


def backoff_seconds(attempts: int, rng: Random) -> float:
    """Full-jitter exponential backoff in cloud seconds: 1, 2, 4 ... capped at a minute."""
    ceiling = min(2.0 ** min(attempts, 10), MAX_BACKOFF_CLOUD_SECONDS)
    return ceiling / 2 + rng.random() * ceiling / 2


class Budget:
    """A credential's API budget: a token bucket that learns from throttling (additive increase, halving).

    `now` is any monotonic time in real seconds.
    """

    def __init__(self, *, rate: float = 40.0, burst: float = 40.0) -> None:
        """`rate` calls per second at first; it moves between 1 and ten times that."""
        self._rate = rate
        self._ceiling = rate * 10
        self._burst = burst
        self._tokens = burst
        self._at = 0.0
        self._paused_until = 0.0
        #: When the last of those that were told to wait is expected back.
        self._last_turn = 0.0

    def pause(self, now: float) -> float:
        """Seconds for which no call may be made at all."""
        return max(0.0, self._paused_until - now)

    def delay(self, now: float, *, on_credit: bool = False) -> float:
        """Take one token. 0 = call now; otherwise the seconds to wait, and no token was taken.

        `on_credit` is for the call that a look led to: it may be paid later. Having to wait, it would look again first,
        and a slow budget would be spent on looks alone.
        """
        if now < self._paused_until:
            return self._turn(now, self._paused_until)
        self._tokens = min(self._burst, self._tokens + max(0.0, now - self._at) * self._rate)
        self._at = now
        if self._tokens >= 1 or on_credit:
            self._tokens -= 1
            return 0.0
        return self._turn(now, now + (1 - self._tokens) / self._rate)

    def _turn(self, now: float, earliest: float) -> float:
        """Seconds until one's own turn: hundreds that came back together would find one token, and wait again.

        Nothing is reserved. A turn that nobody takes leaves its token to whoever comes next.
        """
        turn = max(earliest, self._last_turn + 1 / self._rate)
        if turn - now > MAX_TURN_SECONDS:
            return MAX_TURN_SECONDS
        self._last_turn = turn
        return turn - now

    def succeeded(self) -> None:
        """A call went through: a little faster next time."""
        self._rate = min(self._ceiling, self._rate + 0.1)

    def throttled(self, now: float, retry_after: float) -> None:
        """The cloud said slow down: halve the rate and pause all of this credential; nothing is saved up meanwhile."""
        self._rate = max(1.0, self._rate / 2)
        self._paused_until = max(self._paused_until, now + retry_after)
        self._tokens, self._at = 0.0, self._paused_until

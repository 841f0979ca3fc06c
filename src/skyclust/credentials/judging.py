"""What an answer about a credential means, and when to ask again. Called by the service; pure.

Invariant: only the cloud's own no, or the time, makes a credential invalid. A cloud that is silent or throttles says
nothing about it; after some silence it is told to be unverified, and nothing stops working because of that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import random

from skyclust.contract.provider import VerifiedIdentity


class State(StrEnum):
    """What is known of a credential."""

    VALID = "valid"
    EXPIRING = "expiring"
    INVALID = "invalid"
    UNVERIFIED = "unverified"


#: A credential that ends within this time is announced as expiring.
EXPIRING_WITHIN = timedelta(days=7)
#: Checks in a row without an answer, after which the last answer is no longer taken for the present.
SILENCES_BEFORE_UNVERIFIED = 4
#: After the first silence; doubled with each further one, at most the interval.
FIRST_RETRY_SECONDS = 300.0
DEFAULT_INTERVAL_SECONDS = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class Refused:
    """The cloud said no. `reason` holds no secret."""

    reason: str


@dataclass(frozen=True, slots=True)
class Silent:
    """Nobody said anything: the cloud is away, or the credential cannot be opened here now.

    `busy`: the cloud throttles, or operations use up what it allows. That is no sign that it is away.
    """

    reason: str
    retry_after_seconds: float = 0.0
    busy: bool = False


Outcome = VerifiedIdentity | Refused | Silent


@dataclass(frozen=True, slots=True)
class Standing:
    """A credential's state, with what there is to say about it."""

    state: State
    reason: str = ""


def standing_of(identity: VerifiedIdentity, now: datetime) -> Standing:
    """Of a credential that the cloud has just accepted."""
    ends = identity.expires_at
    if ends is None or ends - now > EXPIRING_WITHIN:
        return Standing(State.VALID)
    if ends <= now:
        return Standing(State.INVALID, f"It expired at {_told(ends)}. Replace its secret.")
    return Standing(State.EXPIRING, f"It expires at {_told(ends)}. Replace its secret before.")


def standing_in_silence(before: Standing, silences: int, reason: str) -> Standing:
    """After `silences` checks in a row without an answer. A refusal stays a refusal."""
    if silences < SILENCES_BEFORE_UNVERIFIED or before.state is State.INVALID:
        return before
    return Standing(State.UNVERIFIED, reason)


def _told(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")


@dataclass(frozen=True, slots=True)
class Schedule:
    """When to ask again. `chance` gives 0 to 1; it spreads what was entered, or became due, at one time."""

    interval_seconds: float = DEFAULT_INTERVAL_SECONDS
    chance: Callable[[], float] = random

    def after_answer(self, now: datetime, ends: datetime | None) -> datetime:
        """Three to five quarters of the interval; earlier when it begins to expire, or ends, before that."""
        regular = now + timedelta(seconds=self.interval_seconds * (0.75 + self.chance() / 2))
        turns = [] if ends is None else [ends - EXPIRING_WITHIN, ends]
        return min([regular, *(turn for turn in turns if turn > now)])

    def after_silence(self, now: datetime, silences: int, retry_after_seconds: float) -> datetime:
        """Longer each time, with as much again by chance, never before the cloud's own word."""
        wait = min(FIRST_RETRY_SECONDS * 2.0 ** min(max(silences - 1, 0), 10), self.interval_seconds)
        return now + timedelta(seconds=max(wait * (1 + self.chance()), retry_after_seconds))

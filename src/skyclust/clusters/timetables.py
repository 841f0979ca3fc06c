"""When a cluster sleeps: a weekly timetable in a time zone, and what is to be done about it now.

Called by the worker that keeps timetables and by the routes that show them. Invariant: pure. The same timetable,
time and state give the same decision on every machine.

A time that a day does not have, or has twice, is read as calendars do (RFC 5545, section 3.3.5): with the offset before
the gap, and as the first of the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HIBERNATE, WAKE = "hibernate", "wake"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: Two weeks: each rule comes in every week but one in which a zone skips a day (Samoa, December 2011).
_SPAN = timedelta(days=15)
#: How long to wait before looking again whether what stood in the way is gone.
AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """What is done on these days (0 = Monday) at this time of the wall clock."""

    do: str
    days: frozenset[int]
    at: time


@dataclass(frozen=True, slots=True)
class Timetable:
    """Rules in an IANA time zone."""

    zone: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """One entry of the timetable, in UTC."""

    at: datetime
    do: str


@dataclass(frozen=True, slots=True)
class Decision:
    """`do` is begun now, if anything; what was due up to `settled_until` is dealt with; `waiting` says why not."""

    do: str | None
    settled_until: datetime
    look_at: datetime
    waiting: str = ""


def decide(table: Timetable, now: datetime, settled_until: datetime, *, asleep: bool, busy: str) -> Decision:
    """What to do at `now`. Of everything that was missed only the latest counts.

    A person who hibernates or wakes by hand settles what was due until then, so their word holds until the next entry.
    `busy` says why nothing can be begun now; "" when it can.
    """
    following = upcoming(table, now, 1)[0].at
    due = latest(table, settled_until, now)
    if due is None:
        return Decision(None, settled_until, following)
    if (due.do == HIBERNATE) == asleep:
        return Decision(None, due.at, following)
    if busy:
        return Decision(None, settled_until, min(following, now + AGAIN), busy)
    return Decision(due.do, due.at, following)


def latest(table: Timetable, after: datetime, until: datetime) -> Due | None:
    """The last entry in (after, until]."""
    found = [due for due in _around(table, until - _SPAN, until) if after < due.at <= until]
    return max(found, default=None)


def upcoming(table: Timetable, after: datetime, count: int) -> list[Due]:
    """The next entries after `after`, in order."""
    found: list[Due] = []
    start = after
    while len(found) < count:
        found += sorted(due for due in _around(table, start, start + _SPAN) if start < due.at <= start + _SPAN)
        start += _SPAN
    return found[:count]


def _around(table: Timetable, first: datetime, last: datetime) -> Sequence[Due]:
    """Every entry of the days from `first` to `last`, with a day to spare on both sides."""
    zone = ZoneInfo(table.zone)
    day, end = first.astimezone(zone).date() - timedelta(days=1), last.astimezone(zone).date() + timedelta(days=1)
    found = []
    while day <= end:
        found += [Due(_instant(day, rule.at, zone), rule.do) for rule in table.rules if day.weekday() in rule.days]
        day += timedelta(days=1)
    return found


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The wall clock's time as UTC. `fold` 0 is RFC 5545's reading of both odd cases (PEP 495)."""
    return datetime.combine(day, at, zone).astimezone(UTC)

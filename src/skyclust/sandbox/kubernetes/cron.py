"""Cron schedules of five fields: when one is due. Pure.

Used by the CronJob controller. Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
"""

from datetime import datetime, timedelta
from functools import cache


def _words(text: str) -> list[str]:
    return text.split()


MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_DAYS = {name: number for number, name in enumerate(["sun", "mon", "tue", "wed", "thu", "fri", "sat"])}
_NAMES: tuple[dict[str, int], ...] = ({}, {}, {}, _MONTHS, _DAYS)
SEARCH_DAYS = 366 * 8  # the longest gap of a date that exists: 29 February over a century


@cache
def parse_schedule(text: str) -> tuple[frozenset[int], ...]:
    """The values of minute, hour, day, month and weekday; ValueError when it is no schedule."""
    fields = MACROS.get(text, text).split()
    if len(fields) != len(_RANGES):
        raise ValueError(f"expected exactly 5 fields, found {len(fields)}: [{text}]")
    return tuple(
        _values(field, low, high, names) for field, (low, high), names in zip(fields, _RANGES, _NAMES, strict=True)
    )


def _values(field: str, low: int, high: int, names: dict[str, int]) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        if span in {"*", "?"}:
            start, end = low, high
        else:
            start = _number(first, names)
            end = _number(last, names) if dash else (high if step else start)
        if not low <= start <= end <= high:
            raise ValueError(f"{field} is outside {low}-{high}")
        found.update(range(start, end + 1, int(step or 1)))
    return frozenset({0 if high == 7 and value == 7 else value for value in found})


def _number(text: str, names: dict[str, int]) -> int:
    return names[text.lower()] if text.lower() in names else int(text)


def next_after(text: str, moment: datetime) -> datetime | None:
    """The first time the schedule is due after `moment`, in its time zone; None when there is none within 8 years."""
    minutes, hours, *_ = parse_schedule(text)
    start = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
    day = start.replace(hour=0, minute=0)
    for _ in range(SEARCH_DAYS):
        if _day_matches(text, day):
            for hour in sorted(hours):
                for minute in sorted(minutes):
                    candidate = day.replace(hour=hour, minute=minute)
                    if candidate >= start:
                        return candidate
        day += timedelta(days=1)
    return None


def _day_matches(text: str, day: datetime) -> bool:
    """Day of month and day of week: either will do when both are restricted."""
    _, _, days, months, weekdays = parse_schedule(text)
    if day.month not in months:
        return False
    in_month, in_week = day.day in days, day.isoweekday() % 7 in weekdays
    fields = MACROS.get(text, text).split()
    if fields[2].startswith(("*", "?")) or fields[4].startswith(("*", "?")):
        return in_month and in_week
    return in_month or in_week

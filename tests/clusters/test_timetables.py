"""What a timetable decides, against models that walk the clock minute by minute."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skyclust.clusters.timetables import AGAIN, Due, Rule, Timetable, decide, latest, upcoming

ZONES = (
    "Europe/Zurich", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC",
    "Africa/Casablanca", "Pacific/Apia",
)  # fmt: skip
#: Mornings at which clocks change somewhere above, and one without anything.
STARTS = [datetime(*day, tzinfo=UTC) for day in ((2025, 3, 29), (2025, 10, 25), (2025, 3, 8), (2025, 11, 1),
                                                  (2025, 4, 5), (2025, 10, 4), (2025, 6, 17))]  # fmt: skip
MINUTE = timedelta(minutes=1)
OFFICE = Timetable("Europe/Zurich", (
    Rule("hibernate", frozenset(range(5)), time(20)), Rule("wake", frozenset(range(5)), time(7)),
))  # fmt: skip


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


times = st.builds(time, st.integers(0, 23), st.integers(0, 59))
small_times = st.builds(time, st.integers(0, 4), st.sampled_from([0, 15, 30, 45]))
rules = st.builds(
    Rule, st.sampled_from(["hibernate", "wake"]), st.frozensets(st.integers(0, 6), min_size=1), times | small_times
)
tables = st.builds(Timetable, st.sampled_from(ZONES), st.lists(rules, min_size=1, max_size=4).map(tuple))


def walked(table, start, minutes):
    """The obvious model: look at the wall clock of every minute. A time that a day has twice counts once; one that it
    has not is taken by the clock that was right before the gap.
    """
    zone, found, seen = ZoneInfo(table.zone), set(), set()
    for step in range(-26 * 60, minutes + 1):
        moment = start + step * MINUTE
        wall = moment.astimezone(zone).replace(tzinfo=None)
        ahead = (moment + MINUTE).astimezone(zone).replace(tzinfo=None)
        for rule in table.rules:
            if wall.time() == rule.at and wall.weekday() in rule.days and (rule, wall) not in seen:
                found.add(Due(moment, rule.do))
            if wall.time() == rule.at:
                seen.add((rule, wall))
            skipped = (wall + step_ * MINUTE for step_ in range(1, int((ahead - wall) / MINUTE)))
            for gone in skipped:
                if gone.time() == rule.at and gone.weekday() in rule.days:
                    found.add(Due(moment + (gone - wall), rule.do))
    return sorted(due for due in found if start < due.at <= start + minutes * MINUTE)


@settings(max_examples=40, deadline=None)
@given(tables, st.sampled_from(STARTS))
def test_times_are_those_of_the_wall_clock_also_when_clocks_change(table, start):
    minutes = 60 * 60
    found = [due for due in upcoming(table, start, 30) if due.at <= start + minutes * MINUTE]
    assert sorted(set(found)) == walked(table, start, minutes)
    assert latest(table, start, start + minutes * MINUTE) == max(found, default=None)


def test_a_time_that_is_skipped_comes_by_the_old_clock_and_one_that_comes_twice_counts_once():
    table = Timetable("Europe/Zurich", (Rule("wake", frozenset({6}), time(2, 30)),))
    assert [due.at for due in upcoming(table, utc(2025, 3, 29), 2)] == [utc(2025, 3, 30, 1, 30), utc(2025, 4, 6, 0, 30)]
    assert [due.at for due in upcoming(table, utc(2025, 10, 25), 2)] == [
        utc(2025, 10, 26, 0, 30), utc(2025, 11, 2, 1, 30),
    ]  # fmt: skip


def test_an_office_sleeps_at_night_and_over_the_weekend_by_its_own_clock():
    found = upcoming(OFFICE, utc(2025, 3, 27, 12), 4)  # a Thursday; clocks change on Sunday
    assert [(due.do, due.at) for due in found] == [
        ("hibernate", utc(2025, 3, 27, 19)), ("wake", utc(2025, 3, 28, 6)),
        ("hibernate", utc(2025, 3, 28, 19)), ("wake", utc(2025, 3, 31, 5)),
    ]  # fmt: skip


@pytest.mark.parametrize(("asleep", "busy", "do", "waiting"), [
    (False, "", "hibernate", ""), (True, "", None, ""), (False, "scaling", None, "scaling"),
])  # fmt: skip
def test_what_is_due_is_done_is_done_already_or_waits_and_says_so(asleep, busy, do, waiting):
    now, since = utc(2025, 6, 16, 18, 30), utc(2025, 6, 16, 12)
    found = decide(OFFICE, now, since, asleep=asleep, busy=busy)
    assert (found.do, found.waiting) == (do, waiting)
    assert found.settled_until == (since if waiting else utc(2025, 6, 16, 18))
    assert found.look_at == (now + AGAIN if waiting else utc(2025, 6, 17, 5))


#: What happens: minutes pass, nobody looks for minutes, an operation runs for minutes, a person acts.
happenings = st.lists(
    st.tuples(st.sampled_from(["pass", "down", "busy"]), st.integers(1, 3000))
    | st.tuples(st.just("hand"), st.sampled_from(["hibernate", "wake"])),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(tables, st.sampled_from(STARTS), happenings)
def test_in_the_end_it_is_as_the_last_word_has_it_the_timetables_or_a_persons(table, start, story):
    now, settled, asleep, begun = start, start, False, []
    words = []

    def look(busy=""):
        nonlocal settled, asleep
        decision = decide(table, now, settled, asleep=asleep, busy=busy)
        settled = decision.settled_until
        assert decision.look_at > now
        if decision.do:
            begun.append((now, decision.do))
            asleep = decision.do == "hibernate"
        return decision

    for what, how in story:
        if what == "hand":
            asleep, settled = how == "hibernate", now
            words.append(Due(now, how))
            continue
        end = now + how * MINUTE
        while what != "down" and now < end:
            now = min(end, look("busy" if what == "busy" else "").look_at)
        now = end
    look()
    count = len(begun)
    look()
    assert len(begun) == count, "what is done is not done again"
    scheduled = list(walk_of(table, start, now))
    last = max([*scheduled, *words], key=lambda due: due.at, default=Due(start, "wake"))
    tied = {due.do for due in [*scheduled, *words] if due.at == last.at}
    if len(tied) <= 1:
        assert asleep == (last.do == "hibernate")
    assert len(begun) <= len(scheduled)


def walk_of(table, start, end):
    """Every entry in (start, end], by asking for one after the other."""
    while (due := upcoming(table, start, 1)[0]).at <= end:
        yield from (item for item in upcoming(table, start, 8) if item.at == due.at)
        start = due.at

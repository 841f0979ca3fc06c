"""When to look again, and how fast to call."""

import math
from random import Random

import pytest

from skyclust.provisioning.pacing import (
    MAX_TURN_SECONDS,
    MIN_POLL_REAL_SECONDS,
    Budget,
    Pace,
    backoff_seconds,
    poll_seconds,
)


@pytest.mark.parametrize("expected", [12.0, 119.0, 617.0])
def test_the_end_is_noticed_within_two_seconds_around_the_median(expected):
    """Over the spread that durations have, the overshoot and the number of looks are bounded."""
    rng = Random(1)
    for _ in range(200):
        end = expected * math.exp(rng.gauss(0, 0.15))
        elapsed, looks = 0.0, 0
        while elapsed < end:
            elapsed += poll_seconds(elapsed, expected)
            looks += 1
        assert elapsed - end <= max(2.0, 0.05 * abs(expected - end) + 0.001, 0.55 * expected - end)
        assert looks <= 150


def test_nothing_is_looked_at_while_it_cannot_be_done():
    assert poll_seconds(0, 617) == pytest.approx(0.55 * 617)


def test_what_is_quick_is_looked_at_every_second_since_a_stack_waits_for_several_in_a_row():
    assert poll_seconds(1.2, 2) == 1
    assert poll_seconds(12, 12) == 1
    assert poll_seconds(119, 119) == 2


def test_something_long_overdue_is_looked_at_every_quarter_of_a_minute():
    assert poll_seconds(10_000, 12) == 15


def test_a_fast_clock_is_polled_faster_but_not_without_end():
    assert Pace(10).poll(0, 100) == pytest.approx(5.5)
    assert Pace(10_000).poll(0, 100) == MIN_POLL_REAL_SECONDS


def test_backoff_doubles_up_to_a_minute_with_jitter():
    rng = Random(1)
    for attempts, ceiling in ((0, 1), (1, 2), (3, 8), (30, 60)):
        waits = [backoff_seconds(attempts, rng) for _ in range(50)]
        assert ceiling / 2 <= min(waits) < max(waits) <= ceiling


class TestBudget:
    def test_the_burst_is_free_and_then_the_rate_holds(self):
        budget = Budget(rate=10, burst=5)
        assert [budget.delay(0.0) for _ in range(5)] == [0.0] * 5
        assert budget.delay(0.0) == pytest.approx(0.1)
        assert budget.delay(0.11) == 0.0

    def test_throttling_pauses_everything_and_halves_the_rate(self):
        budget = Budget(rate=10, burst=5)
        budget.throttled(0.0, retry_after=3)
        assert budget.delay(1.0) == pytest.approx(2.0)
        assert budget.delay(3.0) == pytest.approx(0.2), "no burst right after the pause"
        assert budget.delay(3.2) == 0.0
        for _ in range(20):
            budget.throttled(4.0, retry_after=0)
        assert budget.delay(4.0) == pytest.approx(1.0), "never slower than one call a second"

    def test_the_call_that_a_look_led_to_may_be_paid_later_but_not_while_throttled(self):
        budget = Budget(rate=1, burst=1)
        assert budget.delay(0.0) == 0.0
        assert budget.delay(0.0, on_credit=True) == 0.0
        assert budget.delay(0.0) == pytest.approx(2.0)
        budget.throttled(0.0, retry_after=3)
        assert budget.delay(1.0, on_credit=True) == pytest.approx(2.0)

    def test_success_speeds_up_up_to_the_ceiling(self):
        budget = Budget(rate=1, burst=1)
        for _ in range(1000):
            budget.succeeded()
        budget.delay(0.0)
        assert budget.delay(0.0) == pytest.approx(0.1)

    def test_those_who_wait_come_back_one_by_one(self):
        budget = Budget(rate=10, burst=1)
        assert budget.delay(0.0) == 0.0
        assert [budget.delay(0.0) for _ in range(3)] == pytest.approx([0.1, 0.2, 0.3])
        assert budget.delay(0.1) == 0.0
        assert budget.delay(0.2) == 0.0, "the turns of others do not reserve what nobody takes"
        assert max(budget.delay(0.2) for _ in range(1000)) == MAX_TURN_SECONDS
        budget.throttled(1.0, retry_after=3)
        assert budget.pause(1.0) == pytest.approx(3.0)
        assert budget.pause(4.0) == 0.0

"""What an answer about a credential means, and when it is asked about again: pure decisions."""

from datetime import UTC, datetime, timedelta

import pytest

from skyclust.contract.errors import (
    AuthenticationFailed,
    InvalidSpec,
    PermissionDenied,
    QuotaExceeded,
    Throttled,
    TimedOut,
    Unavailable,
    Unclassified,
)
from skyclust.contract.provider import VerifiedIdentity
from skyclust.credentials.judging import (
    EXPIRING_WITHIN,
    SILENCES_BEFORE_UNVERIFIED,
    Refused,
    Schedule,
    Silent,
    Standing,
    State,
    standing_in_silence,
    standing_of,
)
from skyclust.credentials.rechecking import outcome_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = 3600.0


def lasting(amount):
    return VerifiedIdentity("a", "a/root", expires_at=None if amount is None else NOW + amount)


@pytest.mark.parametrize(
    ("left", "state"),
    [
        (None, State.VALID),
        (EXPIRING_WITHIN + timedelta(seconds=1), State.VALID),
        (EXPIRING_WITHIN, State.EXPIRING),
        (timedelta(seconds=1), State.EXPIRING),
        (timedelta(0), State.INVALID),
    ],
)
def test_what_ends_soon_is_expiring_and_what_has_ended_is_invalid(left, state):
    standing = standing_of(lasting(left), NOW)
    assert standing.state is state
    assert ("Replace its secret" in standing.reason) == (state is not State.VALID)


@pytest.mark.parametrize("error", [Unavailable("x"), TimedOut("x"), QuotaExceeded("x"), Unclassified("x")])
def test_a_cloud_that_is_away_says_nothing_about_the_credential(error):
    assert outcome_of(error, "x") == Silent("x")


def test_a_cloud_that_throttles_is_not_even_away():
    assert outcome_of(Throttled("x", retry_after_seconds=7), "x") == Silent("x", 7, busy=True)


@pytest.mark.parametrize("kind", [AuthenticationFailed, PermissionDenied, InvalidSpec])
def test_the_clouds_no_names_the_refused_call(kind):
    error = kind("May not.", operation="sts:GetCallerIdentity")
    assert outcome_of(error, "May not.") == Refused("May not. The refused call was sts:GetCallerIdentity.")


def test_silence_makes_unverified_after_a_while_and_never_invalid():
    valid, refused = Standing(State.VALID), Standing(State.INVALID, "no")
    states = [standing_in_silence(valid, n, "away").state for n in range(1, SILENCES_BEFORE_UNVERIFIED + 2)]
    assert states == [State.VALID] * (SILENCES_BEFORE_UNVERIFIED - 1) + [State.UNVERIFIED] * 2
    assert standing_in_silence(refused, 99, "away") == refused


def test_checks_are_spread_around_the_interval():
    early, late = (Schedule(6 * HOUR, lambda c=c: c).after_answer(NOW, None) - NOW for c in (0.0, 1.0))
    assert (early, late) == (timedelta(hours=4.5), timedelta(hours=7.5))


def test_what_begins_to_expire_or_ends_is_looked_at_in_that_moment():
    schedule = Schedule(6 * HOUR, lambda: 1.0)
    soon = NOW + timedelta(hours=1)
    assert schedule.after_answer(NOW, soon) == soon
    assert schedule.after_answer(NOW, soon + EXPIRING_WITHIN) == soon
    assert schedule.after_answer(NOW, NOW) == NOW + timedelta(hours=7.5)  # over already: no reason to hurry


def test_after_silence_it_waits_longer_each_time_and_never_less_than_told():
    schedule = Schedule(6 * HOUR, lambda: 0.0)
    waits = [(schedule.after_silence(NOW, n, 0.0) - NOW).total_seconds() for n in (0, 1, 2, 3, 99)]
    assert waits == [300, 300, 600, 1200, 6 * HOUR]
    assert schedule.after_silence(NOW, 1, 1000.0) == NOW + timedelta(seconds=1000)

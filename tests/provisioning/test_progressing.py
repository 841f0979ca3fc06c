"""How far an operation is, and when it may end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from skyclust.provisioning.concluding import StepState
from skyclust.provisioning.progressing import StepView, progress_of, remaining_cloud_seconds

NOW = datetime(2026, 3, 4, tzinfo=UTC)


def step(
    key: str, seconds: float, state: StepState = StepState.PENDING, *needs: str, verb="create", since=None
) -> StepView:
    started = NOW - timedelta(seconds=since) if since is not None else None
    return StepView(uuid4(), key, "kind", key, verb, state, needs, seconds, started)


def test_the_longest_chain_decides_not_the_sum():
    steps = [step("a", 10), step("b", 20, StepState.PENDING, "a"), step("c", 5, StepState.PENDING, "a")]
    assert remaining_cloud_seconds(steps, NOW, speed=1) == 30


def test_deletion_goes_the_other_way():
    steps = [
        step("network", 10, verb="delete"),
        step("subnet", 20, StepState.PENDING, "network", verb="delete"),
        step("new", 3, StepState.PENDING, "network"),
    ]
    assert remaining_cloud_seconds(steps, NOW, speed=1) == 30


def test_what_is_done_takes_no_time_and_what_runs_takes_the_rest():
    steps = [
        step("a", 10, StepState.SUCCEEDED),
        step("b", 20, StepState.RUNNING, "a", since=5),
        step("c", 7, StepState.PENDING, "b"),
    ]
    assert remaining_cloud_seconds(steps, NOW, speed=1) == 22
    assert progress_of(steps, NOW, speed=1, moving=True).eta_seconds == 22


def test_a_faster_cloud_is_done_sooner():
    steps = [step("a", 100, StepState.RUNNING, since=1)]
    assert progress_of(steps, NOW, speed=10, moving=True).eta_seconds == pytest.approx(9)


def test_an_overdue_step_still_takes_a_little():
    steps = [step("a", 100, StepState.RUNNING, since=1000)]
    progress = progress_of(steps, NOW, speed=1, moving=True)
    assert progress.eta_seconds == 5
    assert progress.percent == 95


def test_percent_weighs_steps_by_their_duration_and_starts_at_zero_and_ends_at_a_hundred():
    short, long = step("short", 1), step("long", 99)
    assert progress_of([short, long], NOW, speed=1, moving=True).percent == 0
    done = [step("short", 1, StepState.SUCCEEDED), long]
    assert progress_of(done, NOW, speed=1, moving=True).percent == 1
    both = [step("short", 1, StepState.SUCCEEDED), step("long", 99, StepState.SUCCEEDED)]
    assert progress_of(both, NOW, speed=1, moving=False).percent == 100


def test_nothing_to_do_is_done_and_what_does_not_move_has_no_end():
    assert progress_of([], NOW, speed=1, moving=False).percent == 100
    assert progress_of([step("a", 5, StepState.BLOCKED)], NOW, speed=1, moving=False).eta_seconds is None


def test_stages_come_one_after_the_other_although_their_steps_have_the_same_keys():
    steps = [step("a", 10), step("b", 20, StepState.PENDING, "a")]
    later = [replace(one, stage=2) for one in steps]
    assert remaining_cloud_seconds([*steps, *later], NOW, speed=1) == 60

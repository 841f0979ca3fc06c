"""However the store's clock jumps, a worker waits out the consistency window by its own."""

from dataclasses import replace
from datetime import timedelta

from engine_values import at, claim, creating, row
from skyclust.provisioning.deciding import Create, Fail, Rules, Wait, next_action
from skyclust.provisioning.doubting import CERTAIN, Watch
from skyclust.provisioning.rows import State

LOST = row(state=State.CREATING, intent=creating())


def test_a_lost_creation_is_looked_for_since_the_first_look():
    watch = Watch()
    assert watch.looked_for(LOST, 1000) == timedelta()
    assert watch.looked_for(LOST, 1090) == timedelta(seconds=90)


def test_another_try_is_another_doubt():
    watch = Watch()
    watch.looked_for(LOST, 1000)
    again = replace(LOST, intent=replace(creating(), started_at=at(60)))
    assert watch.looked_for(again, 1090) == timedelta()


def test_what_this_worker_made_is_as_old_as_its_own_clock_says():
    watch, made = Watch(), row(state=State.SETTLING, external_id="net-1", created_at=at(0))
    watch.made(made, 1000)
    assert watch.looked_for(made, 1030) == timedelta(seconds=30)


def test_what_another_worker_made_and_nobody_saw_ready_is_looked_for_since_the_first_look():
    watch, made = Watch(), row(state=State.SETTLING, external_id="net-1", created_at=at(0))
    assert watch.looked_for(made, 1000) == timedelta()
    assert watch.looked_for(made, 1090) == timedelta(seconds=90)
    assert watch.looked_for(replace(made, generation=2), 1090) == timedelta(), "another incarnation"


def test_what_was_once_ready_is_beyond_doubt():
    ready = row(state=State.READY, external_id="net-1", created_at=at(0), observed_generation=1)
    assert Watch().looked_for(ready, 1000) == CERTAIN


def test_what_is_at_rest_is_forgotten():
    watch, made = Watch(), row(state=State.SETTLING, external_id="net-1", created_at=at(0))
    watch.made(made, 1000)
    watch.forget(made)
    assert watch.looked_for(made, 1030) == timedelta()


def decide(of, seconds, looked_for):
    rules = Rules(True, timedelta(seconds=120), lambda _: (), timedelta(seconds=30))
    return next_action(claim(of), None, at(seconds), replace(rules, looked_for=timedelta(seconds=looked_for)))


def test_a_clock_set_forward_makes_no_absence_certain():
    doubt = decide(LOST, 7200, 20)
    assert isinstance(doubt, Wait)
    assert doubt.until == at(7300)
    assert decide(LOST, 7200, 120) == Create()


def test_what_was_just_made_is_not_missing_because_the_clock_was_set():
    made = row(state=State.SETTLING, external_id="net-1", created_at=at(0))
    assert isinstance(decide(made, 7200, 20), Wait)
    assert isinstance(decide(made, 7200, 120), Fail)

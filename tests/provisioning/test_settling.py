"""What an answer or an error of the cloud means for the row."""

from dataclasses import replace
from random import Random

import pytest

from engine_values import NOON, at, claim, creating, deleting, row, seen
from skyclust.contract import errors
from skyclust.contract.resources import Phase
from skyclust.provisioning import settling
from skyclust.provisioning.deciding import Adopt, Fail, Freeze, Gone, Ready, Renew, Replace, Sleep, Wait
from skyclust.provisioning.pacing import Pace
from skyclust.provisioning.rows import Desired, Intent, State

PACE = Pace()
MAKING = row(state=State.CREATING, intent=creating())


def refuse(error, of=MAKING, *, now=NOON, mutating=True):
    return settling.refused(claim(of), error, now, PACE, Random(1), mutating=mutating)


def settle(action, of=MAKING, now=NOON):
    return settling.settle(claim(of), action, now, PACE, 100.0)


class TestRefusals:
    @pytest.mark.parametrize(
        "error",
        [
            errors.Throttled("slow down", retry_after_seconds=3),
            errors.NoCapacity("no machines"),
            errors.NotYet("the network is not visible yet"),
            errors.InUse("in use"),
            errors.QuotaExceeded("limit"),
            errors.InvalidSpec("bad"),
        ],
    )
    def test_a_certain_refusal_closes_the_intent(self, error):
        assert refuse(error).row.intent is None

    @pytest.mark.parametrize(
        "error", [errors.Ambiguous("lost"), errors.Unclassified("what?"), errors.Unavailable("a driver forgot")]
    )
    def test_an_unknown_outcome_leaves_the_intent_open_from_the_time_of_the_answer(self, error):
        patch = refuse(error, now=at(20))
        assert patch.row.intent == Intent("create", 1, at(20), open=True, answered=True)
        assert patch.row.state is State.CREATING

    def test_a_call_that_was_cut_off_may_still_arrive(self):
        assert refuse(errors.TimedOut("25 s"), now=at(25)).row.intent == creating()

    def test_a_failed_read_says_nothing_about_an_open_intent(self):
        assert refuse(errors.QuotaExceeded("reads, too"), mutating=False).row.intent == creating()

    @pytest.mark.parametrize(
        ("error", "state"),
        [
            (errors.AuthenticationFailed("wrong key"), State.BLOCKED),
            (errors.PermissionDenied("may not"), State.BLOCKED),
            (errors.QuotaExceeded("limit"), State.BLOCKED),
            (errors.InvalidSpec("bad"), State.FAILED),
            (errors.NotSupported("never"), State.FAILED),
            (errors.NameTaken("theirs"), State.FAILED),
        ],
    )
    def test_what_a_person_must_clear_stops_the_row_at_once(self, error, state):
        patch = refuse(error)
        assert patch.row.state is state
        assert patch.wake_in_seconds is None
        assert patch.row.reason == type(error).__name__
        assert patch.row.message == error.message

    def test_throttling_waits_as_told_and_is_no_attempt(self):
        patch = refuse(errors.Throttled("slow", retry_after_seconds=8))
        assert patch.row.attempts == 0
        assert 8 <= patch.wake_in_seconds <= 12

    @pytest.mark.parametrize(
        ("error", "limit", "state"),
        [
            (errors.InUse("in use", blockers=("eni-1",)), settling.MAX_IN_USE, State.BLOCKED),
            (errors.NoCapacity("none"), settling.MAX_NO_CAPACITY, State.BLOCKED),
            (errors.Unclassified("?"), settling.MAX_UNCLASSIFIED, State.FAILED),
            (errors.Ambiguous("?"), settling.MAX_AMBIGUOUS, State.BLOCKED),
        ],
    )
    def test_patience_has_a_bound(self, error, limit, state):
        assert refuse(error, replace(MAKING, attempts=limit - 2)).wake_in_seconds is not None
        assert refuse(error, replace(MAKING, attempts=limit - 1)).row.state is state

    def test_a_blocked_deletion_names_what_is_in_the_way(self):
        error = errors.InUse("The network is in use.", blockers=("eni-1", "eni-2"))
        patch = refuse(error, replace(MAKING, attempts=settling.MAX_IN_USE))
        assert "eni-1, eni-2" in patch.row.message
        assert "resume" in patch.row.message


class TestKnowledge:
    def test_a_created_resource_is_known_and_looked_at_again(self):
        patch = settling.created(MAKING, seen(Phase.SETTLING), at(5), PACE, 100.0)
        assert patch.row.external_id == "net-1"
        assert patch.row.state is State.SETTLING
        assert patch.row.intent is None
        assert patch.row.created_at == at(5), "invisible from the answer on, not from the question"
        assert patch.wake_in_seconds == pytest.approx(55)

    def test_adopting_for_deletion_leads_to_deletion(self):
        going = replace(MAKING, desired=Desired.ABSENT)
        assert settle(Adopt(seen()), going).row.state is State.DELETING

    def test_ready_remembers_the_generation_and_forgets_trouble(self):
        tired = row(state=State.SETTLING, external_id="net-1", attempts=4, reason="x", message="y", generation=3)
        done = settle(Ready(seen(dns=True)), tired).row
        assert (done.state, done.observed_generation, done.attempts, done.message) == (State.READY, 3, 0, "")
        assert done.fields == {"dns": True}

    def test_seeing_the_resource_ends_the_count_of_failures_and_closes_an_update(self):
        half = row(state=State.UPDATING, external_id="net-1", attempts=9, intent=Intent("update", 1, NOON))
        patch = settle(Wait("settling"), half)
        assert patch.row.attempts == 0
        assert patch.row.intent is None

    def test_waiting_for_the_window_keeps_the_open_intent_and_the_count(self):
        patch = settle(Wait("not visible", until=at(60)), replace(MAKING, attempts=3))
        assert patch.row.intent == creating()
        assert patch.row.attempts == 3
        assert 0 < patch.wake_in_seconds <= 60

    def test_freezing_closes_what_is_known_so_that_the_cancellation_ends(self):
        half = row(state=State.SETTLING, external_id="net-1", intent=Intent("update", 1, NOON))
        assert settle(Freeze(), half).row.intent is None
        assert settle(Freeze(), MAKING).row.intent is None
        asked = row(state=State.DELETING, external_id="net-1", intent=deleting(still_open=True))
        assert settle(Freeze(), asked).row.intent == deleting()

    def test_freezing_is_said_at_the_step_and_not_in_the_story(self):
        first = settle(Freeze(), row())
        assert "cancelled" in first.row.message
        assert first.frozen
        assert first.event == ""

    def test_a_deletion_that_was_asked_for_is_remembered(self):
        going = row(state=State.DELETING, external_id="net-1", intent=deleting(still_open=True))
        patch = settling.deletion_asked(going, at(1), PACE, 60.0)
        assert patch.row.intent is not None
        assert not patch.row.intent.open
        assert patch.row.state is State.DELETING

    def test_gone_is_final_and_quiet(self):
        patch = settle(Gone(), row(state=State.DELETING, external_id="net-1", intent=deleting()))
        assert patch.row.state is State.GONE
        assert patch.wake_in_seconds is None

    def test_a_replacement_is_a_new_generation_without_a_past(self):
        begun = settle(Replace(()), row(state=State.SETTLING, external_id="net-1", created_at=NOON)).row
        assert begun.state is State.REPLACING
        renewed = settle(Renew(), begun).row
        assert (renewed.state, renewed.generation, renewed.external_id) == (State.PLANNED, 2, None)
        assert renewed.created_at is None

    def test_a_failure_says_whether_a_resume_replaces(self):
        patch = settle(Fail("Missing", "it is gone", recreate=True))
        assert patch.row.state is State.FAILED
        assert patch.row.recreate
        assert patch.event == "the network: it is gone"


class TestResting:
    def test_a_row_that_rests_stays_as_it_is(self):
        assert settle(Sleep("waits")).row == MAKING

    def test_what_is_certainly_not_there_is_planned_again_so_that_it_keeps_no_operation_running(self):
        rested = settle(Sleep("waits", unmade=True)).row
        assert (rested.state, rested.intent, rested.action_started_at) == (State.PLANNED, None, None)
        assert settle(Sleep("waits", unmade=True), of=row()).row == row()


class TestPatience:
    GOING = row(state=State.DELETING, desired=Desired.ABSENT, external_id="x", action_started_at=NOON)

    def held(self, of=None):
        error = errors.Held("web/pdb holds it.", blockers=("web/pdb",), retry_after_seconds=5)
        return refuse(error, of or self.GOING)

    def test_what_lets_go_by_itself_is_asked_again_at_a_steady_pace_and_never_given_up(self):
        patch = self.held()
        for _ in range(50):
            assert (patch.wake_in_seconds, patch.row.attempts, patch.row.state) == (5, 0, State.DELETING)
            assert patch.row.trouble["blockers"] == ["web/pdb"]
            last, patch = patch, self.held(patch.row)
        assert (last.event, "web/pdb holds it" in self.held().event) == ("", True), "told once"

    def test_past_its_patience_a_step_is_a_persons_with_what_it_waited_for(self):
        patch = self.held()
        assert settling.with_patience(patch, at(59), 60) == patch
        given_up = settling.with_patience(patch, at(60), 60).row
        assert (given_up.state, given_up.reason, given_up.action_started_at) == (State.BLOCKED, "Held", None)
        assert given_up.message == "web/pdb holds it. Waited 1 min for it."
        silent = replace(patch, row=replace(patch.row, reason="", message=""))
        assert settling.with_patience(silent, at(60), 60).row.reason == "NotInTime"

    def test_a_call_in_flight_is_waited_out(self):
        row_in_flight = replace(self.GOING, intent=Intent("delete", 1, NOON))
        patch = replace(self.held(), row=row_in_flight)
        assert settling.with_patience(patch, at(999), 60) == patch

    def test_a_resume_begins_anew(self):
        patch = self.held()
        for before in (replace(patch, frozen=True), replace(patch, row=replace(patch.row, state=State.BLOCKED))):
            assert settling.with_patience(before, at(999), 60).row.action_started_at is None
        resumed = replace(patch, row=replace(patch.row, action_started_at=None))
        assert settling.with_patience(resumed, at(999), 60).row.action_started_at == at(999)

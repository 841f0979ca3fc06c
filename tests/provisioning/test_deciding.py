"""What is next for one row, from what is known of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine_values import NOON, at, claim, creating, deleting, row, seen
from skyclust.contract.resources import Change, Phase
from skyclust.provisioning.deciding import (
    UNLOOKED,
    Adopt,
    Create,
    Delete,
    Fail,
    Find,
    Freeze,
    Gone,
    Hold,
    Observe,
    PutMark,
    Ready,
    Renew,
    Replace,
    Rules,
    Sleep,
    TakeMark,
    Update,
    Wait,
    next_action,
)
from skyclust.provisioning.rows import Desired, State

IN_PLACE = (Change("rules", 1, 2),)
NOT_IN_PLACE = (Change("cidr", 1, 2, replace=True),)


def rules(*changes: Change, creates: bool = True) -> Rules:
    return Rules(creates, timedelta(seconds=120), lambda _: changes, in_flight=timedelta(seconds=30))


def decide(of, *others, known=UNLOOKED, now=NOON, by=None, cancelling=False, paused=False):
    claimed = replace(claim(of, *others, cancelling=cancelling), paused=paused)
    return next_action(claimed, known, now, by or rules())


SUBNET = row("subnet", number=101, depends_on=("network",))
READY = row(state=State.READY, external_id="net-1", outputs={"id": "net-1"})
GOING = {"desired": Desired.ABSENT}


class TestPaused:
    """What has begun ends; nothing else is begun."""

    def test_nothing_that_has_not_begun_is_created_changed_or_deleted(self):
        assert decide(row(), paused=True) == Hold()
        assert decide(READY, known=seen(), by=rules(*IN_PLACE), paused=True) == Hold()
        assert decide(replace(READY, **GOING), paused=True) == Hold()
        assert decide(replace(READY, state=State.REPLACING), paused=True) == Hold()
        assert decide(replace(READY, unmarked=True, state=State.SETTLING), known=seen(), paused=True) == Hold()

    def test_what_has_begun_is_seen_to_its_end(self):
        assert decide(row(state=State.CREATING, intent=creating()), paused=True) == Find()
        settling = replace(READY, state=State.SETTLING)
        assert decide(settling, known=seen(), by=rules(*IN_PLACE), paused=True) == Update(IN_PLACE)
        changing = replace(READY, state=State.UPDATING)
        assert decide(changing, known=seen(), by=rules(*IN_PLACE), paused=True) == Update(IN_PLACE)
        going = replace(READY, state=State.DELETING, intent=deleting(), **GOING)
        assert decide(going, paused=True) == Observe()
        assert decide(going, known=None, paused=True) == Gone()

    def test_what_needs_no_call_is_done(self):
        assert decide(READY, known=seen(), paused=True) == Ready(seen())


class TestTowardsExistence:
    def test_a_fresh_row_without_dependencies_is_created(self):
        assert decide(row()) == Create()

    def test_a_row_sleeps_until_what_it_depends_on_is_ready(self):
        assert isinstance(decide(SUBNET, row(state=State.SETTLING)), Sleep)
        assert isinstance(decide(SUBNET), Sleep), "a dependency without a row is not ready"
        assert decide(SUBNET, READY) == Create()

    def test_a_step_that_creates_nothing_is_ready_at_once(self):
        assert decide(row(), by=rules(creates=False)) == Ready(None)

    def test_a_cancelled_operation_creates_nothing_new(self):
        assert decide(row(), cancelling=True) == Freeze()

    @pytest.mark.parametrize("state", [State.BLOCKED, State.FAILED, State.GONE])
    def test_stuck_and_gone_rows_wait_for_a_person(self, state):
        assert isinstance(decide(row(state=state)), Sleep)


class TestAfterAnOpenIntent:
    ROW = row(state=State.CREATING, intent=creating())

    def test_the_cloud_is_searched_before_anything_else(self):
        assert decide(self.ROW) == Find()
        assert decide(self.ROW, cancelling=True) == Find(), "a cancelled call may have been applied, too"

    def test_what_carries_our_mark_is_adopted(self):
        assert decide(self.ROW, known=seen()) == Adopt(seen())

    def test_not_found_proves_nothing_while_a_lost_call_may_still_arrive_and_the_window_lasts(self):
        waiting = decide(self.ROW, known=None, now=at(149))
        assert isinstance(waiting, Wait)
        assert waiting.until == at(150)
        assert decide(self.ROW, known=None, now=at(150)) == Create()

    def test_after_an_answered_call_the_window_alone_counts(self):
        answered = row(state=State.CREATING, intent=creating(10, answered=True))
        assert isinstance(decide(answered, known=None, now=at(129)), Wait)
        assert decide(answered, known=None, now=at(130)) == Create()

    def test_what_is_certainly_not_there_and_cannot_be_made_now_is_planned_again(self):
        begun = replace(SUBNET, state=State.CREATING, intent=creating())
        blocked = row(state=State.BLOCKED)
        assert isinstance(decide(begun, blocked, known=None, now=at(100)), Wait), "it may still appear"
        resting = decide(begun, blocked, known=None, now=at(200))
        assert isinstance(resting, Sleep)
        assert resting.unmade

    def test_something_of_ours_that_is_being_deleted_is_waited_out(self):
        assert isinstance(decide(self.ROW, known=seen(Phase.DELETING)), Wait)

    def test_a_row_that_should_go_adopts_what_it_finds_in_order_to_delete_it(self):
        going = row(state=State.CREATING, intent=creating(), **GOING)
        assert decide(going) == Find()
        assert decide(going, known=seen(Phase.DELETING)) == Adopt(seen(Phase.DELETING))
        assert isinstance(decide(going, known=None, now=at(100)), Wait)
        assert decide(going, known=None, now=at(200)) == Gone()


class TestTowardsTheSpec:
    SETTLING = row(state=State.SETTLING, external_id="net-1", created_at=NOON)

    def test_what_exists_is_observed(self):
        assert decide(self.SETTLING) == Observe()

    def test_a_settling_resource_is_waited_for(self):
        assert isinstance(decide(self.SETTLING, known=seen(Phase.SETTLING)), Wait)

    def test_a_ready_resource_without_differences_is_ready(self):
        assert decide(self.SETTLING, known=seen()) == Ready(seen())

    def test_differences_are_updated_in_place_where_the_cloud_can(self):
        assert decide(self.SETTLING, known=seen(), by=rules(*IN_PLACE)) == Update(IN_PLACE)

    def test_one_difference_that_cannot_be_changed_replaces_the_resource(self):
        both = (*IN_PLACE, *NOT_IN_PLACE)
        assert decide(self.SETTLING, known=seen(), by=rules(*both)) == Replace(both)

    def test_a_cancelled_operation_changes_nothing(self):
        assert decide(self.SETTLING, known=seen(), by=rules(*IN_PLACE), cancelling=True) == Freeze()

    def test_an_adopted_resource_is_never_changed(self):
        adopted = row(state=State.SETTLING, external_id="net-1", adopted=True)
        assert decide(adopted, known=seen(), by=rules(*NOT_IN_PLACE)) == Ready(seen())
        assert decide(adopted, known=seen(Phase.SETTLING)) == Ready(seen(Phase.SETTLING))

    def test_a_new_resource_may_not_be_visible_yet(self):
        assert isinstance(decide(self.SETTLING, known=None, now=at(119)), Wait)

    def test_a_resource_that_vanished_fails_and_is_not_recreated_silently(self):
        gone = decide(self.SETTLING, known=None, now=at(121))
        assert isinstance(gone, Fail)
        assert gone.reason == "Missing"
        assert gone.recreate

    def test_a_resource_that_the_cloud_gave_up_on_fails_with_its_words(self):
        broken = seen(Phase.FAILED)
        failed = decide(self.SETTLING, known=broken)
        assert isinstance(failed, Fail)
        assert failed.message
        assert failed.recreate


class TestTowardsAbsence:
    STANDING = row(state=State.READY, external_id="net-1", created_at=at(-1000), **GOING)
    ASKED = row(state=State.DELETING, external_id="net-1", intent=deleting(), created_at=at(-1000), **GOING)

    def test_what_others_depend_on_is_deleted_last(self):
        assert isinstance(decide(self.STANDING, SUBNET), Sleep)
        assert decide(self.STANDING, row("subnet", depends_on=("network",), state=State.GONE)) == Delete()

    def test_deletion_is_asked_for_once_and_then_watched(self):
        assert decide(self.STANDING) == Delete()
        assert decide(self.ASKED) == Observe()
        assert isinstance(decide(self.ASKED, known=seen(Phase.DELETING)), Wait)
        assert decide(self.ASKED, known=None) == Gone()

    def test_what_stands_there_undisturbed_is_asked_to_go_again(self):
        assert decide(self.ASKED, known=seen()) == Delete()

    def test_the_absence_of_something_just_created_is_not_believed(self):
        young = row(state=State.DELETING, external_id="net-1", intent=deleting(), created_at=NOON, **GOING)
        assert isinstance(decide(young, known=None, now=at(60)), Wait)
        assert decide(young, known=None, now=at(130)) == Gone()

    def test_an_adopted_resource_is_forgotten_not_deleted(self):
        assert decide(row(state=State.READY, external_id="net-1", adopted=True, **GOING)) == Gone()

    def test_what_was_never_created_is_gone(self):
        assert decide(row(**GOING)) == Gone()

    def test_cancelling_starts_no_new_deletion_but_watches_what_was_asked_for(self):
        assert decide(self.STANDING, cancelling=True) == Freeze()
        assert decide(self.ASKED, cancelling=True) == Observe()


class TestReplacement:
    LEAVING = row(state=State.REPLACING, external_id="net-1", created_at=at(-1000))

    def test_the_old_goes_before_the_new_comes(self):
        assert decide(self.LEAVING) == Delete()
        asked = row(state=State.REPLACING, external_id="net-1", intent=deleting(), created_at=at(-1000))
        assert decide(asked, known=None) == Renew()
        assert decide(row(state=State.REPLACING)) == Renew()

    def test_nothing_that_others_stand_on_is_replaced(self):
        standing = row("subnet", depends_on=("network",), state=State.READY)
        assert decide(self.LEAVING, standing) == Observe()
        blocked = decide(self.LEAVING, standing, known=seen())
        assert isinstance(blocked, Fail)
        assert blocked.reason == "ReplaceBlocked"
        assert decide(self.LEAVING, SUBNET) == Delete(), "what is only planned stands on nothing yet"

    def test_what_other_hands_deleted_is_made_anew_under_what_stands_on_it(self):
        standing = row("subnet", depends_on=("network",), state=State.READY)
        assert decide(self.LEAVING, standing, known=None) == Renew()
        assert isinstance(decide(self.LEAVING, standing, known=seen(Phase.DELETING)), Wait)
        young = row(state=State.REPLACING, external_id="net-1", created_at=NOON)
        assert isinstance(decide(young, standing, known=None, now=at(60)), Wait)

    @pytest.mark.parametrize("state", [State.REPLACING, State.PLANNED, State.CREATING])
    def test_what_refers_to_something_made_anew_waits_for_its_new_outputs(self, state):
        user = row("subnet", depends_on=("network",), state=State.READY, external_id="sub-1", generation=2)
        assert isinstance(decide(user, row(state=state, external_id="net-1")), Sleep)
        assert decide(user, row(state=State.READY, external_id="net-2")) == Observe()


class TestTakingOver:
    IMPORTED = row(state=State.SETTLING, external_id="net-1", unmarked=True)

    def test_what_is_imported_is_looked_at_and_then_marked_whatever_differs(self):
        assert decide(self.IMPORTED) == Observe()
        assert decide(self.IMPORTED, known=seen(), by=rules(*NOT_IN_PLACE)) == PutMark(seen())

    def test_it_is_not_marked_while_it_settles_nor_when_the_operation_is_cancelled(self):
        assert isinstance(decide(self.IMPORTED, known=seen(Phase.SETTLING)), Wait)
        assert decide(self.IMPORTED, known=seen(), cancelling=True) == Freeze()

    @pytest.mark.parametrize("known", [None, seen(Phase.FAILED)])
    @pytest.mark.parametrize("of", [IMPORTED, row(state=State.SETTLING, external_id="net-1", adopted=True)])
    def test_what_is_not_ours_is_never_made_anew(self, of, known):
        action = decide(of, known=known)
        assert not action.recreate if isinstance(action, Fail) else isinstance(action, Ready)

    def test_an_adopted_row_is_never_replaced(self):
        assert decide(row(state=State.REPLACING, external_id="net-1", adopted=True)) == Observe()

    def test_nothing_is_asked_of_the_cloud_with_a_spec_that_refers_to_the_unknown(self):
        half = replace(rules(), resolved=False)
        subnet = row("subnet", number=101, depends_on=("network",), external_id="s-1", unmarked=True)
        assert isinstance(decide(subnet, self.IMPORTED, by=half), Sleep)

    @pytest.mark.parametrize("of", [
        row(state=State.READY, external_id="net-1", released=True, desired=Desired.ABSENT),
        row(state=State.SETTLING, external_id="net-1", released=True),
        row(state=State.READY, external_id="net-1", unmarked=True, desired=Desired.ABSENT),
    ])  # fmt: skip
    def test_what_is_given_back_loses_our_mark_and_is_never_deleted(self, of):
        assert decide(of) == Observe()
        assert decide(of, known=seen()) == TakeMark()
        assert decide(of, known=seen(), cancelling=True) == Freeze()

    def test_what_is_given_back_and_no_longer_exists_is_forgotten(self):
        gone = row(state=State.READY, external_id="net-1", released=True, desired=Desired.ABSENT)
        assert decide(gone, known=None) == Gone()
        back = replace(gone, desired=Desired.PRESENT)
        assert isinstance(decide(back, known=None), Fail)

    def test_a_step_that_makes_nothing_is_forgotten_without_doing_it(self):
        step = row(state=State.READY, external_id="step/1", released=True, desired=Desired.ABSENT)
        assert decide(step, by=rules(creates=False)) == Gone()


class TestWantedAgain:
    """A row whose deletion was asked for before the deletion was rolled back."""

    RULES = Rules(True, timedelta(seconds=120), lambda _: (), timedelta(seconds=30))

    def decide(self, look, seconds):
        leaving = row(state=State.SETTLING, external_id="net-1", intent=deleting(), created_at=at(-1000))
        return next_action(claim(leaving), look, at(seconds), self.RULES)

    def test_what_still_stands_is_believed_only_when_the_deletion_can_no_longer_show(self):
        assert self.decide(seen(), 149) == Wait(
            "wanted again after its deletion was asked for; it may go yet", until=at(150)
        )
        assert self.decide(seen(), 150) == Ready(seen())

    def test_what_has_gone_is_made_anew(self):
        assert self.decide(None, 10) == Renew()

    def test_what_is_going_is_watched(self):
        assert isinstance(self.decide(seen(Phase.DELETING), 500), Wait)

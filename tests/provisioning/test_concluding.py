"""What the rows of a stack say about their operation."""

from engine_values import creating, deleting, row
from skyclust.provisioning.concluding import StepState, Verdict, conclude, step_state
from skyclust.provisioning.rows import Desired, OperationState, State

RUNNING, CANCELLING = OperationState.RUNNING, OperationState.CANCELLING
DONE = {"state": State.READY, "observed_generation": 1}
GOING = {"desired": Desired.ABSENT}


def network(**changes):
    return row("network", number=100, **changes)


def subnet(**changes):
    return row("subnet", number=101, depends_on=("network",), **changes)


def cluster(**changes):
    return row("cluster", number=102, depends_on=("subnet",), **changes)


def verdict(*steps, stack=None, state=RUNNING):
    return conclude(state, steps, steps if stack is None else stack)


def test_all_steps_done_is_success_even_while_cancelling():
    assert verdict(network(**DONE), subnet(**DONE)).state is OperationState.SUCCEEDED
    assert verdict(network(**DONE), state=CANCELLING).state is OperationState.SUCCEEDED


def test_a_ready_row_of_an_older_generation_is_not_done():
    assert step_state(network(state=State.READY, generation=2, observed_generation=1)) is StepState.PENDING


def test_work_goes_on_beside_a_stuck_step():
    failed = network(state=State.FAILED, message="no")
    independent = row("role", number=103, state=State.SETTLING, external_id="role-1")
    assert verdict(failed, independent).state is RUNNING
    assert verdict(failed, row("role", number=103)).state is RUNNING, "it may start without the network"


def test_when_only_stuck_steps_and_what_waits_for_them_are_left_it_ends():
    blocked = network(state=State.BLOCKED, message="quota reached")
    told = verdict(blocked, subnet(), cluster())
    assert told.state is OperationState.NEEDS_ATTENTION
    assert told.message == "the network: quota reached"
    assert verdict(network(state=State.FAILED, message="bad"), subnet()).state is OperationState.FAILED


def test_waiting_for_a_stuck_row_of_another_operation_ends_with_its_name():
    told = verdict(subnet(), stack=(network(state=State.FAILED, message="bad"), subnet()))
    assert told.state is OperationState.NEEDS_ATTENTION
    assert told.message == "the subnet waits for the network, which is failed"


def test_waiting_for_something_that_no_longer_exists_ends_with_its_key():
    told = verdict(subnet(), stack=(network(state=State.GONE), subnet()))
    assert told.state is OperationState.NEEDS_ATTENTION
    assert "network, which no longer exists" in told.message


def test_waiting_for_a_row_of_another_operation_that_still_settles_goes_on():
    settling = network(state=State.SETTLING, external_id="net-1")
    assert verdict(subnet(), stack=(settling, subnet())).state is RUNNING


def test_waiting_for_a_row_that_an_older_operation_left_planned_ends():
    assert verdict(subnet(), stack=(network(), subnet())).state is OperationState.NEEDS_ATTENTION


def test_a_deletion_goes_on_while_dependents_go_first():
    steps = (
        network(state=State.READY, external_id="net-1", **GOING),
        subnet(state=State.DELETING, external_id="subnet-1", intent=deleting(), **GOING),
    )
    assert verdict(*steps).state is RUNNING


def test_a_deletion_behind_a_blocked_dependent_ends_and_names_it():
    steps = (
        network(state=State.READY, external_id="net-1", **GOING),
        subnet(state=State.BLOCKED, external_id="subnet-1", message="in use by eni-1", **GOING),
    )
    told = verdict(*steps)
    assert told.state is OperationState.NEEDS_ATTENTION
    assert told.message == "the subnet (subnet-1) is still there: in use by eni-1"


def test_a_deletion_that_others_stand_on_for_good_ends():
    steps = (network(state=State.READY, external_id="net-1", **GOING),)
    told = verdict(*steps, stack=(*steps, subnet(**DONE)))
    assert told.state is OperationState.NEEDS_ATTENTION
    assert "waits for the subnet" in told.message


def test_cancelling_ends_when_no_call_is_in_flight():
    assert verdict(network(state=State.CREATING, intent=creating()), state=CANCELLING).state is CANCELLING
    ended = verdict(network(**DONE), subnet(), state=CANCELLING)
    assert ended.state is OperationState.CANCELLED
    assert "roll back" in ended.message


def test_a_stuck_row_with_an_open_intent_does_not_hold_a_cancellation_up():
    stuck = network(state=State.FAILED, intent=creating())
    assert verdict(stuck, state=CANCELLING).state is OperationState.CANCELLED


def test_an_ended_operation_stays_ended():
    for state in (OperationState.SUCCEEDED, OperationState.FAILED, OperationState.CANCELLED):
        assert verdict(network(), state=state).state is state


def test_what_is_imported_under_something_stuck_does_not_move_by_itself():
    plane = {"external_id": "c-1", "unmarked": True}
    pool = row(
        "pool", number=103, state=State.SETTLING, external_id="p-1", unmarked=True, depends_on=("cluster",)
    )  # fmt: skip
    stuck = verdict(row("cluster", number=102, state=State.BLOCKED, message="not allowed", **plane), pool)
    assert (stuck.state, "not allowed" in stuck.message) == (OperationState.NEEDS_ATTENTION, True)
    assert verdict(row("cluster", number=102, state=State.SETTLING, **plane), pool).state is RUNNING


def test_a_stage_that_is_done_leads_on_to_the_next_unless_it_is_cancelled_or_paused():
    done = [network(**DONE)]
    assert conclude(RUNNING, done, done, more=True) == Verdict(RUNNING, onward=True)
    assert conclude(CANCELLING, done, done, more=True).state is OperationState.CANCELLED
    assert conclude(OperationState.PAUSED, done, done, more=True) == Verdict(OperationState.PAUSED)
    assert not conclude(RUNNING, [subnet()], [subnet()], more=True).onward


def test_a_paused_operation_ends_when_all_is_done_and_else_stays_paused():
    paused = OperationState.PAUSED
    assert verdict(network(**DONE), state=paused).state is OperationState.SUCCEEDED
    assert verdict(network(state=State.FAILED, message="bad"), state=paused).state is paused
    assert verdict(network(state=State.SETTLING), state=paused).state is paused

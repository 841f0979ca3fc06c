"""The lines that people read in the story of an operation."""

from datetime import timedelta
from random import Random

import pytest

from engine_values import at, claim, deleting, row, seen
from skyclust.contract.errors import InUse, NoCapacity, QuotaExceeded, Throttled, Unavailable
from skyclust.contract.resources import Phase
from skyclust.provisioning import settling
from skyclust.provisioning.deciding import Gone, Ready
from skyclust.provisioning.pacing import Pace
from skyclust.provisioning.rows import Desired, State
from skyclust.provisioning.wording import spoken, taken_over_line

PACE = Pace(1.0)


def settle(action, of, seconds):
    return settling.settle(claim(of), action, at(seconds), PACE, 60.0)


def refuse(of, error, seconds=1.0):
    return settling.refused(claim(of), error, at(seconds), PACE, Random(1), mutating=False)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0.1 s"), (3.14, "3.1 s"), (9.96, "10 s"), (59.4, "59 s"), (60, "1 min"), (133, "2 min 13 s"),
     (3600, "1 h"), (3840, "1 h 4 min")],
)  # fmt: skip
def test_durations_are_spoken(seconds, said):
    assert spoken(seconds) == said


def test_a_creation_is_told_once_with_its_duration_and_its_id():
    made = settling.created(row(state=State.CREATING, action_started_at=at(0)), seen(), at(1), PACE, 5.0)
    assert made.event == "", "what is quick is told when it is done"
    assert settle(Ready(seen()), made.row, 13).event == "the network created in 13 s: net-1"


def test_what_takes_long_is_told_when_it_begins_too():
    begun = settling.created(row(action_started_at=at(0)), seen(Phase.SETTLING), at(1), PACE, 540.0)
    assert begun.event == "the network is being created, which usually takes 9 min: net-1"


def test_a_change_is_told_as_one():
    changing = row(state=State.UPDATING, external_id="net-1", created_at=at(-500), action_started_at=at(0))
    assert settle(Ready(seen()), changing, 8).event == "the network changed in 8.0 s: net-1"


def test_throttling_and_retries_are_summed_up_in_the_last_line():
    now = row(state=State.SETTLING, external_id="net-1", created_at=at(0), action_started_at=at(0))
    told = []
    for error in (*[Throttled("slowly", retry_after_seconds=1)] * 14, Unavailable("cloudy"), Unavailable("cloudy")):
        patch = refuse(now, error)
        now, told = patch.row, [*told, patch.event]
    assert [line for line in told if line] == ["the network: cloudy Trying again."]
    last = settle(Ready(seen()), now, 90)
    assert last.event == "the network created in 1 min 30 s: net-1 (throttled 14 times, tried again 2 times)"
    assert last.row.trouble == {}


def test_a_deletion_is_told_with_what_went_and_a_release_as_what_stays():
    going = row(state=State.DELETING, external_id="net-1", desired=Desired.ABSENT, action_started_at=at(0))
    assert settle(Gone(), going, 4).event == "the network deleted in 4.0 s: net-1"
    assert settle(Gone(), row(desired=Desired.ABSENT), 4).event == ""
    assert "stays where it is" in settle(Gone(), row(external_id="net-1", adopted=True), 4).event


def test_asking_for_a_deletion_again_is_no_news():
    again = row(state=State.DELETING, external_id="net-1", intent=deleting())
    assert settling.deletion_asked(again, at(1), PACE, 600.0).event == ""


def test_what_gets_stuck_is_told_with_its_title_and_how_often_it_was_tried():
    assert refuse(row(), QuotaExceeded("5 of 5 VPCs.")).event == "the network: 5 of 5 VPCs."
    tired = refuse(row(attempts=settling.MAX_NO_CAPACITY - 1), NoCapacity("No machines."))
    assert (tired.row.state, tired.row.message) == (State.BLOCKED, "No machines. Tried 5 times; resume later.")


def test_blockers_are_kept_by_id_and_forgotten_with_the_next_answer():
    held = refuse(row(attempts=settling.MAX_IN_USE - 1), InUse("In use.", blockers=("eni-2", "eni-1"))).row
    assert (held.state, held.trouble["blockers"]) == (State.BLOCKED, ["eni-1", "eni-2"])
    assert "blockers" not in refuse(held, Unavailable("cloudy")).row.trouble


def test_a_takeover_names_what_goes_on():
    silent = timedelta(seconds=31).total_seconds()
    assert taken_over_line(["a", "b"], silent) == "Taken over from a worker that was silent for 31 s: a, b"
    assert taken_over_line(list("abcde"), silent).endswith("a, b, c and 2 more")

"""Operations that older versions left in flight are finished by today's code. See docs/reliability.md."""

import json
from pathlib import Path

import pytest

from soak.record import moment_of
from soak.simulation.histories import UnreadableError, finish, row_from

FOLDER = Path(__file__).parent / "histories"
HISTORIES = sorted(FOLDER.glob("*.json"))


def told(path):
    return json.loads(path.read_text())


def test_there_are_histories():
    assert len(HISTORIES) >= 20


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_an_operation_in_flight_is_finished_by_todays_code(path):
    finish(told(path))


def test_a_history_just_recorded_can_be_finished():
    history = next(found for found in map(moment_of, range(20)) if found is not None)
    finish(json.loads(json.dumps(history)))


def test_a_column_that_is_new_or_gone_is_an_error_that_says_what_to_do():
    row = told(HISTORIES[0])["rows"][0]["row"]
    assert str(row_from(row).id) == row["id"]
    with pytest.raises(UnreadableError, match="keep it until"):
        row_from({**row, "mood": "calm"})
    with pytest.raises(UnreadableError, match=r"rows have trouble, which the history lacks.*migration"):
        row_from({name: value for name, value in row.items() if name != "trouble"})


def test_a_history_whose_cloud_lost_something_is_not_finished_in_silence():
    """The replay itself can fail."""
    history = next(found for found in map(told, HISTORIES) if any(r["row"]["state"] == "ready" for r in found["rows"]))
    history["resources"].append(
        {**history["resources"][-1], "id": "role-99999", "kind": "role", "uses": [], "name": "second"}
        | {"tags": {"skyclust:stack": history["stacks"][0]["id"], "skyclust:resource": history["rows"][0]["row"]["id"]}}
    )
    with pytest.raises(AssertionError, match="I1"):
        finish(history)

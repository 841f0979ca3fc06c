"""Documents with effects to come, as the clouds that the sandbox simulates by itself keep them."""

from datetime import timedelta

import pytest

from skyclust.sandbox.kernel import CloudState, due_after
from skyclust.sandbox.server import Settings, make_kernel


@pytest.fixture
def state(tmp_path):
    kernel = make_kernel(Settings(data_dir=tmp_path))
    made = CloudState(kernel, "heaven", frozenset({"ledger"}))
    made.effects["note"] = lambda cloud, effect: cloud.put("notes", effect["text"], {"at": len(cloud.all("notes"))})
    yield made
    kernel.store.close()


def test_effects_come_true_in_the_order_of_their_times_and_once(state):
    now = state.now()
    for name, seconds in (("late", 20), ("soon", 10), ("never", 5000)):
        state.schedule(name, due_after(now, seconds), [{"do": "note", "text": name}])
    state.settle()
    assert state.all("notes") == []
    state.kernel.clock.advance(60)
    state.settle()
    state.settle()
    assert {key: row["at"] for key, row in state.all("notes")} == {"soon": 0, "late": 1}
    assert state.is_pending("never")
    state.finish_now("never")
    assert not state.is_pending("never")


def test_an_effect_that_fails_undoes_those_beside_it(state):
    state.schedule("both", state.now(), [{"do": "note", "text": "first"}, {"do": "unknown"}])
    with pytest.raises(KeyError):
        state.settle()
    assert state.all("notes") == []
    assert state.is_pending("both")


def test_time_goes_on_no_earlier_than_the_last_change(state):
    state.kernel.clock.advance(500)
    last = state.now()
    state.remember_time()
    state.kernel.clock.advance(-500)
    state.catch_up()
    assert last <= state.now() < last + timedelta(seconds=60)


def test_a_clear_forgets_its_own_documents_only(state):
    state.put("notes", "mine", {})
    state.kernel.store.put("hell.notes", "theirs", {})
    state.clear()
    assert state.all("notes") == []
    assert state.kernel.store.get("hell.notes", "theirs") == {}

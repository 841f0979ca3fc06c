"""A checker that cannot fail is worthless: each invariant of the simulator is broken once by hand."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from skyclust.provisioning.engine import Engine
from skyclust.provisioning.memory import MemoryOperation, MemoryStore
from skyclust.provisioning.rows import OperationState, State
from soak.simulation.invariants import of_history, of_operations, orphans, strangers, touched, violations
from soak.simulation.machinery import History
from soak.simulation.story import Story
from soak.simulation.virtual_time import DeadlockError, LivelockError, run_virtually
from soak.simulation.weather import Weather


@pytest.fixture
def standing():
    """A finished story with everything still standing."""
    stories = []

    async def run():
        stories.append(Story(3, Weather(change=False, delete=False, cancel=False), Engine, MemoryStore))
        await stories[0].run()
        rows = stories[0].users[0].rows()
        assert violations(stories[0].world, rows, oversleeps=False) == []
        assert all(row.state is State.READY for row in rows)

    run_virtually(run())
    story = stories[0]
    now = story.world.now()
    story.world.now = lambda: now
    return story


def codes(found):
    return {line.split(":")[0] for line in found}


def broken(story, rows=None, *, oversleeps=False):
    return codes(violations(story.world, rows or story.users[0].rows(), oversleeps=oversleeps))


def item_of(story, key):
    row = next(row for row in story.users[0].rows() if row.key == key)
    return row, story.world.books[row.external_id]


def copied(story, key):
    """A second one, as a blind repetition makes it."""
    row, item = item_of(story, key)
    second = replace(item, id=item.id + "-second")
    story.world.books[second.id] = second
    return row, second


def test_a_second_one_is_seen_and_found_by_the_sweep(standing):
    _, second = copied(standing, "network")
    assert broken(standing) == {"I1", "I2"}
    assert [item.id for item in orphans(standing.world, standing.users[0].rows())] == [second.id]


def test_what_belongs_to_a_row_that_is_gone_is_seen(standing):
    rows = [replace(row, state=State.GONE) if row.key == "role" else row for row in standing.users[0].rows()]
    assert broken(standing, rows) == {"I1"}
    assert len(orphans(standing.world, rows)) == 1


def test_two_rows_that_own_one_thing_are_seen_even_if_leases_were_overslept(standing):
    rows = standing.users[0].rows()
    role, network = (next(row for row in rows if row.key == key) for key in ("role", "network"))
    both = [replace(row, external_id=network.external_id) if row is role else row for row in rows]
    assert "I1" in broken(standing, both, oversleeps=True)


def test_a_repetition_that_was_deleted_again_is_seen(standing):
    row, _ = item_of(standing, "network")
    standing.world.made[str(row.id)] += 1
    assert broken(standing) == {"I2"}


@pytest.mark.parametrize("harm", ["absent", "failed", "leaving", "foreign", "changed"])
def test_ready_means_there_and_as_asked_for(standing, harm):
    row, item = item_of(standing, "node-pool/default")
    if harm == "absent":
        del standing.world.books[item.id]
    elif harm == "failed":
        item.failure = "no machines"
    elif harm == "leaving":
        item.leaving = True
    elif harm == "foreign":
        item.tags = item.tags | {"skyclust:resource": str(uuid4())}
    else:
        item.fields = item.fields | {"node_count": 99}
    assert "I3" in broken(standing)
    assert row.state is State.READY


def test_a_cluster_in_a_network_that_is_gone_is_seen(standing):
    _, network = item_of(standing, "network")
    rows = [row for row in standing.users[0].rows() if row.key != "network"]
    del standing.world.books[network.id]
    assert broken(standing, rows) == {"I3"}


def test_an_operation_that_vanished_or_never_ended_is_seen(standing):
    operation = standing.users[0].acknowledged[0]
    assert of_operations(standing.store, [operation]) == []
    lost = MemoryOperation(uuid4(), operation.stack_id, OperationState.SUCCEEDED, frozenset())
    assert codes(of_operations(standing.store, [lost])) == {"I4"}
    operation.state = OperationState.RUNNING
    assert codes(of_operations(standing.store, [operation])) == {"I5"}


def test_a_touched_stranger_is_seen(standing):
    ours = {user.stack.id for user in standing.users}
    before = strangers(standing.world, ours)
    assert len(before) == 3, "decoys"
    standing.world.remove(next(iter(before)))
    assert codes(touched(before, strangers(standing.world, ours))) == {"I6"}


def test_two_workers_at_once_and_a_stale_write_are_seen():
    history = History(overlaps=["a and b"])
    assert codes(of_history(history, oversleeps=False)) == {"I9"}
    assert of_history(history, oversleeps=True) == []
    history = History(stale_writes=["b wrote"])
    assert codes(of_history(history, oversleeps=True)) == {"I9"}


def test_a_story_that_cannot_end_is_seen():
    async def waits_for_nobody():
        await asyncio.Event().wait()

    async def busy():
        while True:  # noqa: ASYNC110 - time is virtual
            await asyncio.sleep(0)

    async def forever():
        while True:  # noqa: ASYNC110 - time is virtual
            await asyncio.sleep(1e5)

    with pytest.raises(DeadlockError):
        run_virtually(waits_for_nobody())
    for never in (busy, forever):
        with pytest.raises(LivelockError, match="I5"):
            run_virtually(never())

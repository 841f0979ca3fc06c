"""Import and release by the real engine, in memory and on virtual time: marks go on and off, nothing is made or deleted.

A worker may die before and after the call that changes a mark.
"""

import asyncio

import pytest

from skyclust.contract.resources import Mark
from skyclust.providers.sim.faults import Fault, Mode
from skyclust.provisioning.planning import plan_deletion
from skyclust.provisioning.pricing import kinds_of, price_of
from skyclust.provisioning.rows import OperationState, State
from soak.simulation.virtual_time import run_virtually
from taking_over import REGION, Ground


def live(story):
    async def told():
        ground = Ground()
        made = ground.world.created
        try:
            await story(ground)
            assert ground.world.created == made, "import and release make nothing"
        finally:
            await ground.close()

    run_virtually(told())


def test_an_import_marks_what_it_takes_over_and_leaves_an_empty_plan():
    async def story(ground):
        ground.worker()
        assert await ground.ended(ground.user.take_over(ground.graph(), ground.ids)) is OperationState.SUCCEEDED
        assert ground.marks() == {ground.network: None, **ground.owners()}
        assert set(ground.following(ground.graph()).values()) == {"keep"}

    live(story)


@pytest.mark.parametrize("moment", ["intent to mark", "before mark", "after mark", "before apply"])
def test_a_worker_that_dies_around_the_mark_is_replaced(moment):
    async def story(ground):
        ground.worker("dies", dies_at=moment)
        operation = ground.user.take_over(ground.graph(), ground.ids)
        await asyncio.sleep(1)
        ground.worker("w")
        assert await ground.ended(operation) is OperationState.SUCCEEDED
        assert ground.marks() == {ground.network: None, **ground.owners()}

    live(story)


@pytest.mark.parametrize("moment", ["", "intent to unmark", "before unmark", "after unmark", "before apply"])
def test_a_release_takes_every_mark_off_and_deletes_nothing(moment):
    async def story(ground):
        ground.worker()
        await ground.ended(ground.user.take_over(ground.graph(), ground.ids))
        ground.stop.set()
        await asyncio.sleep(1)
        ground.stop = asyncio.Event()
        ground.worker("dies", dies_at=moment)
        operation = ground.user.release()
        await asyncio.sleep(1)
        ground.worker("again")
        assert await ground.ended(operation) is OperationState.SUCCEEDED
        assert ground.marks() == dict.fromkeys((ground.network, ground.cluster, ground.pool))
        assert {row.state for row in ground.user.rows()} == {State.GONE}

    live(story)


def test_rolling_an_import_back_gives_everything_back():
    async def story(ground):
        ground.worker()
        await ground.ended(ground.user.take_over(ground.graph(), ground.ids))
        assert await ground.ended(ground.user.roll_back()) is OperationState.SUCCEEDED
        assert ground.marks() == dict.fromkeys((ground.network, ground.cluster, ground.pool))
        assert {row.state for row in ground.user.rows()} == {State.GONE}

    live(story)


def test_rolling_a_release_back_takes_over_again():
    async def story(ground):
        ground.worker()
        await ground.ended(ground.user.take_over(ground.graph(), ground.ids))
        ground.faults.add("unmark.node_pool", Fault(Mode.DENIED))
        stuck = ground.user.release()
        assert await ground.ended(stuck) is OperationState.NEEDS_ATTENTION
        assert await ground.ended(ground.user.roll_back()) is OperationState.SUCCEEDED
        assert ground.marks()[ground.pool] is not None
        assert ground.marks()[ground.cluster] is not None

    live(story)


def test_anothers_mark_fails_the_operation_and_names_the_owner_and_what_follows_deletes_nothing():
    async def story(ground):
        other = Mark(ground.user.new_id(), ground.user.new_id(), 1, "elsewhere")
        ground.world.books[ground.pool].tags.update(other.tags())
        ground.worker()
        operation = ground.user.take_over(ground.graph(), ground.ids)
        assert await ground.ended(operation) is OperationState.FAILED
        assert str(other.stack_id) in operation.message
        rows = {row.key: row for row in ground.user.rows()}
        plan = plan_deletion(list(rows.values()), kinds_of(ground.provider), price_of(ground.provider, REGION))
        assert {line.key: line.verb.value for line in plan.changes}["node-pool/default"] == "forget"
        assert await ground.ended(ground.user.roll_back()) is OperationState.SUCCEEDED
        assert ground.marks() == {ground.network: None, ground.cluster: None, ground.pool: str(other.resource_id)}

    live(story)


def test_a_mark_put_on_late_by_a_worker_that_slept_is_taken_off_what_was_given_back_meanwhile():
    async def story(ground):
        ground.worker("sleeps", dies_at="")
        slept = []

        async def oversleeps(moment):
            if moment == "before mark":
                await asyncio.sleep(300)
                slept.append(ground.marks())

        ground.engines["sleeps"].crash_point = oversleeps
        operation = ground.user.take_over(ground.graph(), ground.ids)
        await asyncio.sleep(60)
        ground.worker("awake")
        assert await ground.ended(operation) is OperationState.SUCCEEDED
        assert await ground.ended(ground.user.roll_back()) is OperationState.SUCCEEDED
        assert set(ground.marks().values()) == {None}
        await asyncio.sleep(600)
        assert {mark for marks in slept for mark in marks.values()} == {None}, "all was given back before it woke up"
        assert set(ground.marks().values()) == {None}

    live(story)


@pytest.mark.parametrize("fault", [Mode.LOST_REPLY, Mode.ERROR_BEFORE, Mode.ERROR_AFTER, Mode.THROTTLE])
def test_a_mark_whose_answer_is_lost_is_put_on_again(fault):
    async def story(ground):
        ground.faults.add("mark.cluster", Fault(fault, 1.0))
        ground.worker()
        assert await ground.ended(ground.user.take_over(ground.graph(), ground.ids)) is OperationState.SUCCEEDED
        assert ground.marks() == {ground.network: None, **ground.owners()}

    live(story)


def test_what_somebody_changed_meanwhile_is_not_changed_back():
    async def story(ground):
        operation = ground.user.take_over(ground.graph(), ground.ids)
        ground.world.books[ground.pool].fields["node_count"] = 5
        ground.worker()
        assert await ground.ended(operation) is OperationState.SUCCEEDED
        assert ground.world.books[ground.pool].fields["node_count"] == 5
        assert ground.following(ground.graph())["node-pool/default"] == "update"

    live(story)


def test_what_is_taken_over_is_scaled_and_deleted_like_our_own_and_nothing_else_goes():
    async def story(ground):
        ground.worker()
        await ground.ended(ground.user.take_over(ground.graph(), ground.ids))
        assert await ground.ended(ground.user.apply(ground.graph(node_count=4))) is OperationState.SUCCEEDED
        assert ground.world.books[ground.pool].fields["node_count"] == 4
        assert await ground.ended(ground.user.apply(None)) is OperationState.SUCCEEDED
        assert [item.id for item in ground.world.resources()] == [ground.network]

    live(story)

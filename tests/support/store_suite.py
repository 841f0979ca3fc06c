"""What every implementation of `provisioning.store.Store` must keep. MemoryStore and PostgresStore pass it.

A subclass gives one fixture, `open_store`: a callable that returns an async context manager of `StoreUnderTest`.
Each test opens its own store inside its own event loop.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID, uuid4

from skyclust.provisioning.rows import Claim, Desired, Intent, OperationState, Patch, ResourceRow, StackRef, State
from skyclust.provisioning.store import Store


class StoreUnderTest(Protocol):
    """A store and the hands around it."""

    store: Store
    stack: StackRef  # an existing stack for the rows of the test

    async def put(self, *rows: ResourceRow) -> None:
        """Insert or overwrite rows as the start of an operation does: due at once, running claims become stale."""

    async def operate(self, operation_id: UUID, *resource_ids: UUID) -> None:
        """Insert a running operation of the stack with these steps. Before its rows, where they refer to it."""

    async def cancel(self, operation_id: UUID) -> None:
        """Ask an operation to stop; its rows become due, calls in flight are still recorded."""

    async def pause(self, operation_id: UUID) -> None:
        """Ask an operation to begin nothing new; calls in flight are still recorded."""

    async def go_on(self, operation_id: UUID) -> None:
        """Let a paused operation go on."""

    async def add_stage(self, operation_id: UUID, stage: dict) -> None:
        """Give it one more stage, as `starting.entered` takes it."""

    async def operation(self, operation_id: UUID) -> tuple[OperationState, str, list[str]]:
        """State, message and the lines of the timeline."""

    async def pass_time(self, seconds: float) -> None:
        """Make it so many seconds later by the store's clock (or all stored times so much earlier)."""


OpenStore = Callable[[], AbstractAsyncContextManager[StoreUnderTest]]
Story = Callable[[StoreUnderTest], Awaitable[None]]


def tell(open_store: OpenStore, story: Story) -> None:
    async def told() -> None:
        async with open_store() as world:
            await story(world)

    asyncio.run(told())


def row_of(world: StoreUnderTest, key: str = "network", **changes) -> ResourceRow:
    made = ResourceRow(uuid4(), world.stack.id, key, "sim.network", f"the {key}", {"name": key}, ())
    return replace(made, **changes)


async def claim_one(world: StoreUnderTest, worker: str = "first") -> Claim:
    claims = await world.store.claim(worker, 10)
    assert len(claims) == 1, [claim.row.key for claim in claims]
    return claims[0]


class StoreSuite:
    def test_a_due_row_is_claimed_by_one_worker_only(self, open_store: OpenStore) -> None:
        async def story(world: StoreUnderTest) -> None:
            row = row_of(world)
            await world.put(row)
            claim = await claim_one(world)
            assert claim.row == row
            assert claim.stack == world.stack
            assert await world.store.claim("second", 10) == []

        tell(open_store, story)

    def test_a_row_comes_back_as_it_was_written(self, open_store: OpenStore) -> None:
        async def story(world: StoreUnderTest) -> None:
            now = datetime(2026, 5, 4, 3, 2, 1, 123456, tzinfo=UTC)
            row = row_of(
                world, spec={"cidr": "10.0.0.0/16", "of": {"$ref": ["a", "id"]}}, depends_on=("a", "b"),
                state=State.DELETING, desired=Desired.ABSENT, adopted=True, external_id="net-1", outputs={"id": "net-1"},
                fields={"dns": True}, reason="InUse", message="still used", generation=3, observed_generation=2,
                attempts=4, intent=Intent("delete", 3, now, open=False), action_started_at=now, created_at=now,
                recreate=True,
            )  # fmt: skip
            await world.put(row)
            assert await world.store.current(row.id) == row
            assert (await claim_one(world)).row == row

        tell(open_store, story)

    def test_concurrent_workers_get_different_rows(self, open_store: OpenStore) -> None:
        async def story(world: StoreUnderTest) -> None:
            await world.put(*(row_of(world, f"subnet/{number}") for number in range(20)))
            batches = await asyncio.gather(*(world.store.claim(f"worker-{number}", 7) for number in range(4)))
            ids = [claim.row.id for batch in batches for claim in batch]
            assert len(ids) == len(set(ids))
            assert all(len(batch) <= 7 for batch in batches)
            while more := await world.store.claim("last", 7):
                ids.extend(claim.row.id for claim in more)
            assert len(set(ids)) == len(ids) == 20

        tell(open_store, story)

    def test_the_longest_due_row_comes_first(self, open_store: OpenStore) -> None:
        async def story(world: StoreUnderTest) -> None:
            early, late = row_of(world, "early"), row_of(world, "late")
            await world.put(early)
            await world.pass_time(1)
            await world.put(late)
            assert [claim.row.key for claim in await world.store.claim("first", 1)] == ["early"]
            assert [claim.row.key for claim in await world.store.claim("first", 1)] == ["late"]

        tell(open_store, story)

    def test_a_credential_that_must_wait_is_left_alone(self, open_store: OpenStore) -> None:
        async def story(world: StoreUnderTest) -> None:
            await world.put(row_of(world))
            waiting = frozenset({world.stack.credential_id})
            assert await world.store.claim("first", 10, waiting) == []
            assert await world.store.seconds_to_next_wake(waiting) is None
            assert await world.store.seconds_to_next_wake(frozenset({uuid4()})) == 0
            assert len(await world.store.claim("first", 10, frozenset({uuid4()}))) == 1

        tell(open_store, story)

    def test_after_the_lease_another_worker_takes_over_with_a_higher_fence(self, open_store: OpenStore) -> None:
        async def story(world: StoreUnderTest) -> None:
            await world.put(row_of(world))
            first = await claim_one(world)
            await world.pass_time(first.lease_seconds + 1)
            second = await claim_one(world, "second")
            assert second.fence > first.fence
            assert second.now > first.now - timedelta(seconds=1)

        tell(open_store, story)

    def test_a_stale_worker_writes_nothing(self, open_store: OpenStore) -> None:
        async def story(world: StoreUnderTest) -> None:
            row = row_of(world)
            await world.put(row)
            stale = await claim_one(world)
            await world.pass_time(stale.lease_seconds + 1)
            fresh = await claim_one(world, "second")
            assert not await world.store.begin(stale, replace(row, intent=Intent("create", 1, stale.now)))
            assert not await world.store.apply(stale, Patch(replace(row, external_id="stale"), None, "never seen"))
            assert await world.store.current(row.id) == row
            assert await world.store.apply(fresh, Patch(replace(row, external_id="fresh"), None))
            current = await world.store.current(row.id)
            assert current is not None
            assert current.external_id == "fresh"

        tell(open_store, story)

    def test_no_call_may_begin_after_the_lease_even_if_nobody_took_over(self, open_store: OpenStore) -> None:
        async def story(world: StoreUnderTest) -> None:
            row = row_of(world)
            await world.put(row)
            claim = await claim_one(world)
            await world.pass_time(claim.lease_seconds + 1)
            assert not await world.store.begin(claim, replace(row, intent=Intent("create", 1, claim.now)))
            assert await world.store.current(row.id) == row

        tell(open_store, story)

    def test_begin_writes_the_intent_and_renews_the_lease(self, open_store: OpenStore) -> None:
        async def story(world: StoreUnderTest) -> None:
            row = row_of(world)
            await world.put(row)
            claim = await claim_one(world)
            await world.pass_time(claim.lease_seconds - 5)
            intended = replace(row, state=State.CREATING, intent=Intent("create", 1, claim.now))
            assert await world.store.begin(claim, intended)
            assert await world.store.current(row.id) == intended
            await world.pass_time(10)
            assert await world.store.claim("second", 10) == [], "the lease was not renewed"

        tell(open_store, story)

    def test_apply_gives_the_lease_back_and_sets_the_alarm(self, open_store: OpenStore) -> None:
        async def story(world: StoreUnderTest) -> None:
            row = row_of(world)
            await world.put(row)
            assert await world.store.apply(await claim_one(world), Patch(row, 20))
            assert await world.store.claim("second", 10) == []
            await world.pass_time(21)
            assert (await claim_one(world, "second")).row == row

        tell(open_store, story)

    def test_a_row_without_an_alarm_sleeps_until_it_is_poked(self, open_store: OpenStore) -> None:
        async def story(world: StoreUnderTest) -> None:
            network, subnet = row_of(world), row_of(world, "subnet", depends_on=("network",))
            await world.put(network, subnet)
            for claim in await world.store.claim("first", 10):
                await world.store.apply(claim, Patch(claim.row, None))
            await world.pass_time(10_000)
            assert await world.store.claim("first", 10) == []
            assert await world.store.seconds_to_next_wake() is None
            await world.put(network)
            await world.store.apply(await claim_one(world), Patch(replace(network, state=State.READY), None))
            assert (await claim_one(world)).row.key == "subnet"

        tell(open_store, story)

    def test_what_is_gone_wakes_what_waits_to_go_after_it(self, open_store: OpenStore) -> None:
        assert self._woken_by(open_store, State.GONE) == {"network"}

    def test_what_is_ready_wakes_what_waits_for_it(self, open_store: OpenStore) -> None:
        assert self._woken_by(open_store, State.READY) == {"cluster"}

    def test_a_state_on_the_way_wakes_nobody(self, open_store: OpenStore) -> None:
        assert self._woken_by(open_store, State.SETTLING) == set()

    def test_who_waits_for_two_sleeps_until_the_second_is_ready(self, open_store: OpenStore) -> None:
        assert self._woken_by(open_store, State.READY, cluster=("subnet", "role")) == set()

    def test_who_goes_after_two_sleeps_until_the_second_is_gone(self, open_store: OpenStore) -> None:
        assert self._woken_by(open_store, State.GONE, role=("network",)) == set()

    def _woken_by(self, open_store: OpenStore, state: State, **needs: tuple[str, ...]) -> set[str]:
        """Keys of the rows that wake up when the one in the middle comes to `state`."""
        woken: set[str] = set()

        async def story(world: StoreUnderTest) -> None:
            rows = [
                row_of(world, "network", desired=Desired.ABSENT, state=State.READY),
                row_of(world, "subnet", depends_on=("network",), desired=Desired.ABSENT, state=State.DELETING),
                row_of(world, "cluster", depends_on=needs.get("cluster", ("subnet",))),
                row_of(world, "stuck", depends_on=("subnet",), state=State.BLOCKED),
                row_of(world, "settled", depends_on=("subnet",), state=State.READY, observed_generation=1),
                row_of(world, "role", depends_on=needs.get("role", ())),
            ]
            await world.put(*rows)
            claims = {claim.row.key: claim for claim in await world.store.claim("first", 10)}
            middle = claims.pop("subnet")
            for claim in claims.values():
                await world.store.apply(claim, Patch(claim.row, None))
            await world.store.apply(middle, Patch(replace(middle.row, state=state), None))
            woken.update(claim.row.key for claim in await world.store.claim("first", 10))

        tell(open_store, story)
        return woken

    def test_no_change_of_state_wakes_nobody(self, open_store: OpenStore) -> None:
        async def story(world: StoreUnderTest) -> None:
            await world.put(row_of(world), row_of(world, "subnet", depends_on=("network",)))
            claims = {claim.row.key: claim for claim in await world.store.claim("first", 10)}
            await world.store.apply(claims["subnet"], Patch(claims["subnet"].row, None))
            await world.store.apply(claims["network"], Patch(replace(claims["network"].row, message="still"), None))
            assert await world.store.claim("first", 10) == []

        tell(open_store, story)

    def test_a_poke_during_a_claim_is_not_lost(self, open_store: OpenStore) -> None:
        async def story(world: StoreUnderTest) -> None:
            await world.put(row_of(world), row_of(world, "subnet", depends_on=("network",)))
            claims = {claim.row.key: claim for claim in await world.store.claim("first", 10)}
            ready = replace(claims["network"].row, state=State.READY)
            await world.store.apply(claims["network"], Patch(ready, None))
            await world.store.apply(claims["subnet"], Patch(claims["subnet"].row, None))
            assert (await claim_one(world)).row.key == "subnet", "it went to sleep over the change it waited for"

        tell(open_store, story)

    def test_what_is_put_during_a_claim_wins_over_the_claims_result(self, open_store: OpenStore) -> None:
        async def story(world: StoreUnderTest) -> None:
            row = row_of(world)
            await world.put(row)
            claim = await claim_one(world)
            wanted = replace(row, desired=Desired.ABSENT)
            await world.put(wanted)
            assert await world.store.claim("second", 10) == [], "two workers could act on one resource"
            assert not await world.store.apply(claim, Patch(replace(row, external_id="old"), None))
            assert await world.store.current(row.id) == wanted

        tell(open_store, story)

    def test_an_overtaken_claim_gives_its_lease_back_when_it_is_dropped(self, open_store: OpenStore) -> None:
        """Otherwise what was put during a call would wait for the end of the lease."""

        async def story(world: StoreUnderTest) -> None:
            row = row_of(world)
            await world.put(row)
            claim = await claim_one(world)
            await world.put(replace(row, desired=Desired.ABSENT))
            assert not await world.store.apply(claim, Patch(row, 100))
            assert (await claim_one(world, "second")).row.desired is Desired.ABSENT
            assert not await world.store.apply(claim, Patch(row, 100))
            assert await world.store.claim("third", 10) == [], "a stale claim took a living lease away"

        tell(open_store, story)

    def test_neighbours_come_with_their_outputs_but_not_the_gone(self, open_store: OpenStore) -> None:
        async def story(world: StoreUnderTest) -> None:
            await world.put(
                row_of(world, "network", state=State.READY, outputs={"id": "net-1"}),
                row_of(world, "gone", state=State.GONE),
                row_of(world, "subnet", depends_on=("network",)),
            )
            claims = {claim.row.key: claim for claim in await world.store.claim("first", 10)}
            subnet = claims["subnet"]
            assert {"network"} <= set(subnet.neighbours) <= {"network", "subnet"}
            assert subnet.outputs() == {"network": {"id": "net-1"}}
            assert subnet.dependencies_ready()

        tell(open_store, story)

    def test_the_last_step_concludes_the_operation_in_the_same_write(self, open_store: OpenStore) -> None:
        async def story(world: StoreUnderTest) -> None:
            operation_id = uuid4()
            row = row_of(world, operation_id=operation_id)
            await world.operate(operation_id, row.id)
            await world.put(row)
            claim = await claim_one(world)
            ready = replace(row, state=State.READY, observed_generation=row.generation)
            await world.store.apply(claim, Patch(ready, None, "the network is ready"))
            state, _, timeline = await world.operation(operation_id)
            assert state is OperationState.SUCCEEDED
            assert timeline[0] == "the network is ready"

        tell(open_store, story)

    def test_a_stuck_step_concludes_with_its_message(self, open_store: OpenStore) -> None:
        async def story(world: StoreUnderTest) -> None:
            operation_id = uuid4()
            row = row_of(world, operation_id=operation_id)
            await world.operate(operation_id, row.id)
            await world.put(row)
            blocked = replace(row, state=State.BLOCKED, message="quota reached")
            await world.store.apply(await claim_one(world), Patch(blocked, None))
            state, message, _ = await world.operation(operation_id)
            assert state is OperationState.NEEDS_ATTENTION
            assert "quota reached" in message

        tell(open_store, story)

    def test_a_cancelled_operation_shows_in_the_claim_and_concludes(self, open_store: OpenStore) -> None:
        async def story(world: StoreUnderTest) -> None:
            operation_id = uuid4()
            row = row_of(world, operation_id=operation_id)
            await world.operate(operation_id, row.id)
            await world.put(row)
            first = await claim_one(world)
            assert not first.cancelling
            await world.store.apply(first, Patch(row, None))
            await world.cancel(operation_id)
            second = await claim_one(world)
            assert second.cancelling
            await world.store.apply(second, Patch(row, None, "left as it is", frozen=True))
            assert (await world.operation(operation_id))[0] is OperationState.CANCELLED

        tell(open_store, story)

    def test_a_call_in_flight_is_recorded_although_its_operation_is_cancelled(self, open_store: OpenStore) -> None:
        async def story(world: StoreUnderTest) -> None:
            operation_id = uuid4()
            row = row_of(world, operation_id=operation_id)
            await world.operate(operation_id, row.id)
            await world.put(row)
            claim = await claim_one(world)
            intended = replace(row, state=State.CREATING, intent=Intent("create", 1, claim.now))
            assert await world.store.begin(claim, intended)
            await world.cancel(operation_id)
            assert (await world.operation(operation_id))[0] is OperationState.CANCELLING
            made = replace(intended, state=State.SETTLING, external_id="net-1", intent=None)
            assert await world.store.apply(claim, Patch(made, 60))
            current = await world.store.current(row.id)
            assert current is not None
            assert current.external_id == "net-1"
            assert (await claim_one(world)).cancelling, "the cancellation did not wake the row"

        tell(open_store, story)

    def test_a_worker_that_has_not_called_yet_begins_nothing_once_its_operation_is_paused(
        self, open_store: OpenStore
    ) -> None:
        async def story(world: StoreUnderTest) -> None:
            operation_id = uuid4()
            waiting, calling = (row_of(world, key, operation_id=operation_id) for key in ("waiting", "calling"))
            await world.operate(operation_id, waiting.id, calling.id)
            await world.put(waiting, calling)
            claims = {claim.row.key: claim for claim in await world.store.claim("first", 10)}
            intended = replace(calling, state=State.CREATING, intent=Intent("create", 1, claims["calling"].now))
            assert await world.store.begin(claims["calling"], intended)
            await world.pause(operation_id)
            assert (await world.operation(operation_id))[0] is OperationState.PAUSED
            assert not await world.store.begin(claims["waiting"], waiting)
            await world.store.apply(claims["waiting"], Patch(waiting, 0))
            made = replace(intended, state=State.READY, external_id="net-1", intent=None, observed_generation=1)
            assert await world.store.apply(claims["calling"], Patch(made, None))
            held = await world.store.claim("first", 10)
            assert {(claim.row.key, claim.paused) for claim in held} == {("waiting", True), ("calling", True)}
            for claim in held:
                await world.store.apply(claim, Patch(claim.row, None))
            assert await world.store.seconds_to_next_wake() is None
            await world.go_on(operation_id)
            assert (await world.operation(operation_id))[0] is OperationState.RUNNING
            again = {claim.row.key: claim.paused for claim in await world.store.claim("first", 10)}
            assert again["waiting"] is False

        tell(open_store, story)

    def test_the_next_stage_is_entered_when_all_of_the_present_one_is_done(self, open_store: OpenStore) -> None:
        async def story(world: StoreUnderTest) -> None:
            operation_id = uuid4()
            row = row_of(world, operation_id=operation_id)
            await world.operate(operation_id, row.id)
            stage = {"spec": {"name": "second"}, "depends_on": [], "title": "the network, again"}
            await world.add_stage(operation_id, {row.key: stage})
            await world.put(row)
            done = replace(row, state=State.READY, external_id="net-1", observed_generation=1)
            await world.store.apply(await claim_one(world), Patch(done, None))
            assert (await world.operation(operation_id))[0] is OperationState.RUNNING
            second = await claim_one(world)
            assert (second.row.spec, second.row.generation, second.row.state) == ({"name": "second"}, 2, State.READY)
            await world.store.apply(second, Patch(replace(second.row, observed_generation=2), None))
            assert (await world.operation(operation_id))[0] is OperationState.SUCCEEDED

        tell(open_store, story)

    def test_a_stage_that_ends_while_paused_or_cancelled_leads_on_only_when_it_goes_on(
        self, open_store: OpenStore
    ) -> None:
        async def story(world: StoreUnderTest) -> None:
            operation_id = uuid4()
            row = row_of(world, operation_id=operation_id, state=State.CREATING)
            await world.operate(operation_id, row.id)
            await world.add_stage(operation_id, {row.key: {"spec": {"n": 2}, "depends_on": [], "title": "again"}})
            await world.put(row)
            await world.pause(operation_id)
            done = replace(row, state=State.READY, external_id="net-1", observed_generation=1)
            await world.store.apply(await claim_one(world), Patch(done, None))
            assert (await world.operation(operation_id))[0] is OperationState.PAUSED
            await world.go_on(operation_id)
            assert (await world.store.claim("first", 1))[0].row.spec == {"n": 2}
            await world.cancel(operation_id)
            assert (await world.operation(operation_id))[0] in (OperationState.CANCELLING, OperationState.CANCELLED)

        tell(open_store, story)

    def test_a_worker_that_stops_hands_back_its_own_leases_only(self, open_store: OpenStore) -> None:
        async def story(world: StoreUnderTest) -> None:
            await world.put(row_of(world, "one"))
            await claim_one(world, "leaving")
            await world.put(row_of(world, "two"))
            kept = await claim_one(world, "staying")
            await world.store.release("leaving")
            assert (await claim_one(world, "next")).row.key == "one"
            assert await world.store.apply(kept, Patch(kept.row, None))

        tell(open_store, story)

    def test_the_next_alarm_is_known_in_advance(self, open_store: OpenStore) -> None:
        async def story(world: StoreUnderTest) -> None:
            assert await world.store.seconds_to_next_wake() is None
            await world.put(row_of(world))
            assert await world.store.seconds_to_next_wake() == 0
            claim = await claim_one(world)
            wait = await world.store.seconds_to_next_wake()
            assert wait is None or 0 < wait <= claim.lease_seconds
            await world.store.apply(claim, Patch(claim.row, 20))
            wait = await world.store.seconds_to_next_wake()
            assert wait is not None
            assert 15 < wait <= 20

        tell(open_store, story)

    def test_an_unknown_row_is_none(self, open_store: OpenStore) -> None:
        async def story(world: StoreUnderTest) -> None:
            assert await world.store.current(uuid4()) is None

        tell(open_store, story)

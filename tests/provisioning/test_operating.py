"""Operations from begin to end: the real engine, PostgreSQL and the simulated cloud."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import uuid4

import pytest

from postgres_world import ALICE
from skyclust.contract.specs import SubnetSpec
from skyclust.kit.db import EVERYTHING
from skyclust.kit.problems import Problem
from skyclust.providers.sim.faults import Mode
from skyclust.provisioning import operating
from skyclust.provisioning.concluding import StepState
from skyclust.provisioning.rows import Desired, Intent, OperationState, Patch, State
from works import NETWORK, Works, open_works

SUCCEEDED, FAILED, ATTENTION, CANCELLED = (
    OperationState.SUCCEEDED,
    OperationState.FAILED,
    OperationState.NEEDS_ATTENTION,
    OperationState.CANCELLED,
)
Story = Callable[[Works], Awaitable[None]]


@pytest.fixture
def tell(postgres) -> Callable[[Story], None]:
    def told(story: Story) -> None:
        async def main() -> None:
            async with open_works(postgres) as works:
                await story(works)

        asyncio.run(main())

    return told


def test_a_stack_is_made_and_removed_and_tells_its_story(tell):
    async def story(works: Works) -> None:
        works.work()
        made = await works.until(await works.create(), SUCCEEDED)
        assert {step.state for step in made.steps} == {StepState.SUCCEEDED}
        assert made.progress.done == made.progress.total == len(made.steps)
        assert (made.progress.percent, made.progress.eta_seconds) == (100, None)
        assert all(step.started_at <= step.ended_at for step in made.steps if step.started_at and step.ended_at)
        assert any(" created in " in line.text for line in made.timeline)
        assert made.timeline[0].text.startswith("network.create of one asked for by alice@example.org: ")
        assert made.timeline[-1].text.startswith("Done after ")
        rows = await works.rows()
        assert {row.state for row in rows.values()} == {State.READY}
        assert len(works.kinds_in_cloud()) == sum(row.external_id[:5] != "step/" for row in rows.values())
        gone = await works.until(await works.delete(), SUCCEEDED)
        assert works.kinds_in_cloud() == []
        assert {row.state for row in (await works.rows()).values()} == {State.GONE}
        names = [name for name, _ in await works.events()]
        assert names.count("operation.started") == names.count("operation.succeeded") == 2
        assert (
            names.index("operation.started") < names.index("operation.progressed") < names.index("operation.succeeded")
        )
        assert gone.links["self"].endswith(str(gone.id))

    tell(story)


def test_several_engines_share_the_work_and_create_everything_once(tell):
    async def story(works: Works) -> None:
        for number in range(3):
            works.work(f"worker-{number}")
        view = await works.until(await works.create(), SUCCEEDED)
        created = [step for step in view.steps if works.sim.driver(step.kind).creates]
        assert works.cloud.created == len(created) == len(works.kinds_in_cloud())

    tell(story)


def test_a_second_operation_on_a_stack_is_refused_by_name(tell):
    async def story(works: Works) -> None:
        running = await works.create()
        with pytest.raises(Problem) as refused:
            await works.delete()
        assert refused.value.kind == "operation-in-progress"
        assert refused.value.extra["operation_id"] == str(running)

    tell(story)


def test_an_empty_plan_ends_at_once_as_succeeded(tell):
    async def story(works: Works) -> None:
        works.work()
        await works.until(await works.create(), SUCCEEDED)
        await works.rest()
        again = await works.view(await works.create(kind="network.update"))
        assert (again.state, again.steps, again.progress.percent) == (SUCCEEDED, (), 100)
        assert again.ended_at is not None

    tell(story)


def test_the_plan_and_the_requester_are_kept_with_the_operation(tell):
    async def story(works: Works) -> None:
        view = await works.view(await works.create())
        assert view.state is OperationState.PENDING
        assert [line["key"] for line in view.plan["changes"]] == [step.key for step in view.steps]
        assert view.plan["changes"][0]["verb"] == "create"
        assert (view.requested_by.user_id, view.requested_by.label) == (ALICE.user_id, ALICE.label)
        slow, fast = view.progress.eta_seconds, view.at_speed(10).progress.eta_seconds
        assert slow == pytest.approx(fast * 10, rel=0.01)
        assert slow >= view.plan["expected_seconds"] - 1

    tell(story)


def test_a_blocked_step_names_itself_and_resume_goes_on_in_the_same_operation(tell):
    async def story(works: Works) -> None:
        works.refuse("create.gateway")
        works.work()
        operation_id = await works.create()
        stuck = await works.until(operation_id, ATTENTION)
        assert "gateway" in stuck.error.message
        assert stuck.actions == ("resume", "rollback")
        assert StepState.BLOCKED in {step.state for step in stuck.steps}
        resumed = await works.act(operating.resume, operation_id)
        assert (resumed.id, resumed.state, resumed.error) == (operation_id, OperationState.RUNNING, None)
        done = await works.until(operation_id, SUCCEEDED)
        assert done.ended_at > stuck.ended_at
        assert works.kinds_in_cloud().count("gateway") == 1

    tell(story)


def test_a_roll_back_removes_what_the_operation_made_and_is_linked_both_ways(tell):
    async def story(works: Works) -> None:
        works.refuse("create.gateway")
        works.work()
        operation_id = await works.create()
        await works.until(operation_id, ATTENTION)
        assert works.kinds_in_cloud()
        back = await works.act(operating.roll_back, operation_id)
        assert back.kind == "network.create.rollback"
        ended = await works.until(back.id, SUCCEEDED)
        assert works.kinds_in_cloud() == []
        rolled = await works.view(operation_id)
        assert rolled.links["rolled_back_by"].endswith(str(back.id))
        assert ended.links["rolls_back"].endswith(str(operation_id))
        assert rolled.actions == ()
        with pytest.raises(Problem, match="was rolled back by"):
            await works.act(operating.roll_back, operation_id)

    tell(story)


def test_a_roll_back_of_a_change_keeps_what_was_there_before(tell):
    async def story(works: Works) -> None:
        works.work()
        subnets = (SubnetSpec("first", "10.0.1.0/24"),)
        small = replace(NETWORK, carve=False, subnets=subnets)
        await works.until(await works.create(small), SUCCEEDED)
        before = works.kinds_in_cloud()
        works.refuse("create.subnet")
        larger = replace(small, subnets=(*subnets, SubnetSpec("a", "10.0.2.0/24"), SubnetSpec("b", "10.0.3.0/24")))
        change = await works.create(larger, "network.update")
        await works.until(change, ATTENTION)
        assert len(works.kinds_in_cloud()) == len(before) + 1
        await works.until((await works.act(operating.roll_back, change)).id, SUCCEEDED)
        assert works.kinds_in_cloud() == before

    tell(story)


def test_a_deletion_that_deleted_nothing_is_taken_back(tell):
    async def story(works: Works) -> None:
        works.work()
        await works.until(await works.create(), SUCCEEDED)
        before = {row.key: row.external_id for row in (await works.rows()).values()}
        await works.rest()
        untouched = await works.delete()
        await works.act(operating.request_cancel, untouched)
        back = await works.act(operating.roll_back, untouched)
        works.work()
        await works.until(back.id, SUCCEEDED)
        rows = await works.rows()
        assert {row.state for row in rows.values()} == {State.READY}
        assert {row.key: row.external_id for row in rows.values()} == before

    tell(story)


def test_a_deletion_that_stopped_half_way_is_taken_back_by_making_anew_what_is_gone(tell):
    async def story(works: Works) -> None:
        works.work()
        await works.until(await works.create(), SUCCEEDED)
        whole, network = works.kinds_in_cloud(), (await works.rows())["network"].external_id
        works.refuse("delete.network", Mode.DENIED)
        half_done = await works.delete()
        await works.until(half_done, ATTENTION, FAILED)
        assert len(works.kinds_in_cloud()) < len(whole)
        back = await works.act(operating.roll_back, half_done)
        assert any("is made anew" in line.text for line in back.timeline)
        assert {step.verb for step in back.steps} == {"create", "update"}
        await works.until(back.id, SUCCEEDED)
        rows = await works.rows()
        assert works.kinds_in_cloud() == whole
        assert {row.state for row in rows.values()} == {State.READY}
        assert rows["network"].external_id == network
        await works.until(await works.delete(), SUCCEEDED)
        assert works.kinds_in_cloud() == []

    tell(story)


def test_a_deletion_cancelled_in_the_middle_is_taken_back_whole(tell):
    async def story(works: Works) -> None:
        works.work()
        await works.until(await works.create(), SUCCEEDED)
        whole = works.kinds_in_cloud()
        deletion = await works.delete()
        await works.until_fewer(len(whole))
        await works.act(operating.request_cancel, deletion)
        await works.until(deletion, CANCELLED)
        back = await works.act(operating.roll_back, deletion)
        await works.until(back.id, SUCCEEDED)
        await works.until_quiet()
        assert works.kinds_in_cloud() == whole
        assert {row.state for row in (await works.rows()).values()} == {State.READY}

    tell(story)


def test_a_success_is_undone_and_a_deletion_is_not(tell):
    async def story(works: Works) -> None:
        works.work()
        created = await works.until(await works.create(), SUCCEEDED)
        assert created.actions == ("rollback",)
        with pytest.raises(Problem, match="nothing left to do"):
            await works.act(operating.resume, created.id)
        back = await works.act(operating.roll_back, created.id)
        await works.until(back.id, SUCCEEDED)
        assert works.kinds_in_cloud() == []
        for operation_id in (back.id, created.id):
            assert (await works.view(operation_id)).actions == ()
            with pytest.raises(Problem):
                await works.act(operating.roll_back, operation_id)
        await works.until(await works.create(), SUCCEEDED)
        deleted = await works.until(await works.delete(), SUCCEEDED)
        assert deleted.actions == ()
        with pytest.raises(Problem, match="create it anew"):
            await works.act(operating.roll_back, deleted.id)

    tell(story)


def test_changes_are_undone_one_after_the_other(tell):
    async def story(works: Works) -> None:
        works.work()
        steps = []
        for names in ((), ("a",), ("a", "b")):
            subnets = tuple(SubnetSpec(name, f"10.0.{number}.0/24") for number, name in enumerate(names, 1))
            spec = replace(NETWORK, carve=False, subnets=subnets)
            steps.append((await works.until(await works.create(spec), SUCCEEDED), works.kinds_in_cloud()))
        (_, without), (first, with_a), (second, _) = steps
        with pytest.raises(Problem) as refused:
            await works.act(operating.roll_back, first.id)
        assert refused.value.kind == "operation-superseded"
        assert refused.value.extra["operation_id"] == str(second.id)
        assert (await works.view(first.id)).actions == ()
        await works.until((await works.act(operating.roll_back, second.id)).id, SUCCEEDED)
        assert works.kinds_in_cloud() == with_a
        assert (await works.view(first.id)).actions == ("rollback",)
        await works.until((await works.act(operating.roll_back, first.id)).id, SUCCEEDED)
        assert works.kinds_in_cloud() == without

    tell(story)


def test_acting_while_another_operation_of_the_stack_runs_names_that_one(tell):
    async def story(works: Works) -> None:
        works.refuse("create.gateway")
        works.work()
        stuck = await works.until(await works.create(), ATTENTION)
        await works.rest()
        running = await works.delete()
        for action in (operating.resume, operating.roll_back):
            with pytest.raises(Problem) as refused:
                await works.act(action, stuck.id)
            assert refused.value.kind == "operation-in-progress"
            assert refused.value.extra["operation_id"] == str(running)

    tell(story)


def test_a_resume_whose_cause_is_not_fixed_fails_again_truthfully(tell):
    async def story(works: Works) -> None:
        works.work()
        works.refuse("create.gateway")
        operation_id = await works.create()
        first = await works.until(operation_id, ATTENTION)
        works.refuse("create.gateway")
        await works.act(operating.resume, operation_id)
        again = await works.until(operation_id, ATTENTION)
        assert again.message == first.message
        assert again.ended_at > first.ended_at
        with pytest.raises(Problem):
            await works.act(operating.request_cancel, operation_id)

    tell(story)


def test_a_roll_back_is_cancelled_and_resumed_like_any_other_operation(tell):
    async def story(works: Works) -> None:
        works.refuse("create.gateway")
        works.work()
        stuck = await works.until(await works.create(), ATTENTION)
        await works.rest()
        back = await works.act(operating.roll_back, stuck.id)
        cancelled = await works.act(operating.request_cancel, back.id)
        assert (cancelled.state, cancelled.actions) == (CANCELLED, ("resume",))
        works.work()
        await works.act(operating.resume, back.id)
        await works.until(back.id, SUCCEEDED)
        assert works.kinds_in_cloud() == []

    tell(story)


def test_an_older_operation_is_not_rolled_back_under_a_later_one(tell):
    async def story(works: Works) -> None:
        works.refuse("create.gateway")
        works.work()
        first = await works.create()
        await works.until(first, ATTENTION)
        await works.until(await works.create(kind="network.update"), SUCCEEDED)
        for action in (operating.roll_back, operating.resume):
            with pytest.raises(Problem) as refused:
                await works.act(action, first)
            assert refused.value.kind == "operation-superseded"

    tell(story)


def test_cancel_stops_what_has_not_begun_and_resume_finishes_it(tell):
    async def story(works: Works) -> None:
        operation_id = await works.create()
        cancelled = await works.act(operating.request_cancel, operation_id)
        assert cancelled.state is CANCELLED
        assert {step.state for step in cancelled.steps} == {StepState.CANCELLED}
        works.work()
        await works.until_quiet()
        assert works.kinds_in_cloud() == []
        with pytest.raises(Problem, match="nothing left to cancel"):
            await works.act(operating.request_cancel, operation_id)
        await works.act(operating.resume, operation_id)
        await works.until(operation_id, SUCCEEDED)
        assert "Cancelled by alice@example.org" in [line.text for line in (await works.view(operation_id)).timeline]

    tell(story)


def test_cancel_in_the_middle_leaves_no_call_unrecorded(tell):
    async def story(works: Works) -> None:
        works.work()
        operation_id = await works.create()
        await works.until_created(2)
        await works.act(operating.request_cancel, operation_id)
        await works.until(operation_id, CANCELLED)
        await works.until_quiet()
        recorded = {row.external_id for row in (await works.rows()).values()}
        assert {item.id for item in works.cloud.resources()} <= recorded
        await works.until((await works.act(operating.roll_back, operation_id)).id, SUCCEEDED)
        assert works.kinds_in_cloud() == []

    tell(story)


def test_a_worker_that_has_not_called_yet_is_stopped_by_cancel(tell):
    async def story(works: Works) -> None:
        operation_id = await works.create()
        claim = next(claim for claim in await works.store.claim("slow", 10) if claim.row.key == "network")
        await works.act(operating.request_cancel, operation_id)
        intended = replace(claim.row, state=State.CREATING, intent=Intent("create", 1, claim.now))
        assert not await works.store.begin(claim, intended), "a call could begin after the operation was cancelled"

    tell(story)


def test_a_crashed_workers_rows_are_taken_over_when_the_lease_ends(tell):
    async def story(works: Works) -> None:
        operation_id = await works.create()
        lost = await works.store.claim("crashed", 50)
        assert lost
        works.work()
        assert await works.store.claim("other", 50) == []
        await works.pass_time(31)
        works.ring()
        ended = await works.until(operation_id, SUCCEEDED)
        assert any(line.text.startswith("Taken over from a worker that was silent for 3") for line in ended.timeline)

    tell(story)


def test_a_failed_delete_never_marks_a_row_deleted(tell):
    async def story(works: Works) -> None:
        works.work()
        await works.until(await works.create(), SUCCEEDED)
        works.refuse("delete.network", Mode.DENIED)
        operation_id = await works.delete()
        stuck = await works.until(operation_id, ATTENTION, FAILED)
        network = (await works.rows())["network"]
        assert network.state in (State.BLOCKED, State.FAILED)
        assert network.external_id in {item.id for item in works.cloud.resources()}
        assert next(step for step in stuck.steps if step.key == "network").state in (
            StepState.BLOCKED,
            StepState.FAILED,
        )
        await works.act(operating.resume, operation_id)
        await works.until(operation_id, SUCCEEDED)
        assert works.kinds_in_cloud() == []

    tell(story)


def test_zero_rows_updated_means_a_stale_worker_whose_whole_result_is_dropped(tell):
    async def story(works: Works) -> None:
        operation_id = await works.create()
        claim = next(claim for claim in await works.store.claim("slow", 50) if claim.row.key == "network")
        await works.pass_time(31)
        await works.store.claim("quick", 50)
        before = (await works.rows(), await works.view(operation_id), await works.events())
        ready = replace(claim.row, state=State.READY, external_id="stale", observed_generation=1)
        assert not await works.store.apply(claim, Patch(ready, None, "never seen"))
        rows, view, events = before
        assert await works.rows() == rows
        assert await works.events() == events
        after = await works.view(operation_id)
        assert (after.state, after.steps, after.timeline) == (view.state, view.steps, view.timeline)

    tell(story)


def test_what_is_wanted_anew_wins_over_a_worker_in_the_middle(tell):
    async def story(works: Works) -> None:
        operation_id = await works.create()
        claim = next(claim for claim in await works.store.claim("slow", 50) if claim.row.key == "network")
        await works.act(operating.request_cancel, operation_id)
        await works.act(operating.roll_back, operation_id)
        assert not await works.store.apply(claim, Patch(replace(claim.row, state=State.READY), None))
        assert (await works.rows())["network"].desired is Desired.ABSENT

    tell(story)


def test_lists_are_narrowed_and_paged_and_hold_their_steps(tell):
    async def story(works: Works) -> None:
        works.work()
        created = await works.create()
        await works.until(created, SUCCEEDED)
        deleted = await works.delete()
        await works.until(deleted, SUCCEEDED)
        async with works.database.session(visible=EVERYTHING) as session:
            ours = {"workspace_ids": [works.stack.workspace_id]}
            first, cursor = await operating.list_operations(session, **ours, limit=1)
            second, end = await operating.list_operations(session, **ours, limit=1, cursor=cursor)
            by_kind, _ = await operating.list_operations(session, **ours, kind="network.create", limit=5)
            by_state, _ = await operating.list_operations(session, **ours, state=FAILED, limit=5)
            of_others, _ = await operating.list_operations(session, workspace_ids=[uuid4()], limit=5)
        assert [view.id for view in (*first, *second)] == [deleted, created]
        assert end is None
        assert second[0].steps
        assert [view.id for view in by_kind] == [created]
        assert by_state == of_others == []

    tell(story)


def test_row_level_security_hides_stacks_rows_and_operations_of_other_workspaces(tell):
    async def story(works: Works) -> None:
        operation_id = await works.create()
        for visible, seen in ((str(works.stack.workspace_id), True), (str(uuid4()), False), ("", False)):
            async with works.database.session(visible=visible) as session:
                assert bool(await operating.get_operation(session, operation_id)) is seen
                assert bool(await operating.load_rows(session, works.stack.id)) is seen
                assert bool(await operating.stack_of(session, works.stack.id)) is seen
                assert bool(await operating.active_operation(session, works.stack.id)) is seen

    tell(story)

"""The store in PostgreSQL passes the suite of stores, and what only a shared database can get wrong."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from random import Random
from uuid import uuid4

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from postgres_world import PostgresUnderTest, postgres_world
from skyclust.provisioning import queries
from skyclust.provisioning.concluding import StepState
from skyclust.provisioning.rows import Intent, Patch, StackRef, State
from store_suite import OpenStore, StoreSuite, row_of


class TestPostgresStore(StoreSuite):
    @pytest.fixture
    def open_store(self, postgres) -> OpenStore:
        return lambda: postgres_world(postgres)


def play(postgres, story: Callable[[PostgresUnderTest], Awaitable[None]]) -> None:
    async def main() -> None:
        async with postgres_world(postgres) as world:
            await story(world)

    asyncio.run(main())


def another_stack(world: PostgresUnderTest) -> StackRef:
    return replace(world.stack, id=uuid4(), credential_id=uuid4())


def test_a_credential_with_hundreds_of_due_rows_does_not_starve_the_others(postgres):
    async def story(world: PostgresUnderTest) -> None:
        await world.put(*(row_of(world, f"node/{number}") for number in range(300)))
        small = another_stack(world)
        await world.add_stack(small)
        await world.put(replace(row_of(world, "only"), stack_id=small.id), stack=small)
        first = await world.store.claim("worker", 5)
        assert "only" in [claim.row.key for claim in first]
        assert len(first) == 5

    play(postgres, story)


def test_a_batch_is_claimed_with_a_fixed_number_of_statements(postgres):
    async def story(world: PostgresUnderTest) -> None:
        for _ in range(5):
            stack = another_stack(world)
            await world.add_stack(stack)
            rows = [replace(row_of(world, f"node/{number}"), stack_id=stack.id) for number in range(6)]
            await world.put(*rows, stack=stack)
        statements: list[str] = []
        engine = world.database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
        claims = await world.store.claim("worker", 50)
        assert len(claims) == 30
        assert all(set(claim.neighbours) == {f"node/{number}" for number in range(6)} for claim in claims)
        assert len(statements) == 3, statements  # tenancy, lease, neighbours

    play(postgres, story)


def test_workers_users_and_releases_at_once_never_deadlock_and_lose_nothing(postgres):
    """Every kind of writer on one stack of closely tied rows; PostgreSQL would answer a deadlock with an error."""

    async def story(world: PostgresUnderTest) -> None:
        operation_id, dice = uuid4(), Random(3)
        keys = [f"node/{number}" for number in range(8)]
        rows = [
            row_of(world, key, operation_id=operation_id, depends_on=tuple(keys[:index]))
            for index, key in enumerate(keys)
        ]
        await world.operate(operation_id, *(row.id for row in rows))
        await world.put(*rows)

        async def worker(name: str) -> None:
            for _ in range(15):
                for claim in await world.store.claim(name, 3):
                    state = dice.choice([State.CREATING, State.SETTLING, State.READY])
                    intent = Intent("create", 1, claim.now) if state is State.CREATING else None
                    row = replace(claim.row, state=state, intent=intent)
                    if await world.store.begin(claim, row):
                        await world.store.apply(claim, Patch(row, 0, f"{row.key} moved"))

        async def user() -> None:
            for _ in range(10):
                await world.put(*dice.sample(rows, 3))
                await world.store.release(f"worker-{dice.randrange(4)}")

        await asyncio.gather(*(worker(f"worker-{number}") for number in range(4)), user(), user())
        assert set(await world.rows()) == set(keys)

    play(postgres, story)


def test_an_apply_that_fails_half_way_writes_nothing_at_all(postgres, monkeypatch):
    async def story(world: PostgresUnderTest) -> None:
        row = row_of(world)
        await world.put(row, row_of(world, "subnet", depends_on=("network",)))
        claims = {claim.row.key: claim for claim in await world.store.claim("worker", 5)}

        async def break_down(*_: object) -> None:
            raise OSError("the connection is gone")

        monkeypatch.setattr("skyclust.provisioning.postgres.advance", break_down)
        with pytest.raises(OSError, match="gone"):
            await world.store.apply(claims["network"], Patch(replace(row, state=State.READY), None, "done"))
        monkeypatch.undo()
        assert await world.store.current(row.id) == row
        assert await world.events() == []
        assert await world.store.apply(claims["network"], Patch(replace(row, state=State.READY), None, "done"))

    play(postgres, story)


def test_no_session_of_the_store_sees_or_writes_rows_without_being_told_whose(postgres):
    async def story(world: PostgresUnderTest) -> None:
        row = row_of(world)
        await world.put(row)
        async with world.database.session() as session:
            for table in ("stacks", "resources", "operations", "operation_steps", "operation_timeline"):
                assert await session.scalar(text(f"SELECT count(*) FROM {table}")) == 0
        with pytest.raises(DBAPIError, match="row-level security"):
            async with world.database.session() as session:
                await queries.put_rows(session, world.stack, [replace(row, id=uuid4(), key="stranger")])

    play(postgres, story)


def test_a_step_runs_from_the_intent_on_and_a_look_that_changes_nothing_is_nobodys_news(postgres):
    async def story(world: PostgresUnderTest) -> None:
        operation_id = uuid4()
        row = row_of(world, operation_id=operation_id)
        await world.operate(operation_id, row.id)
        await world.put(row)
        (claim,) = await world.store.claim("worker", 5)
        made = replace(row, state=State.CREATING, intent=Intent("create", 1, claim.now))
        assert await world.store.begin(claim, made)
        (step,) = (await world.view(operation_id)).steps
        assert (step.state, step.ended_at) == (StepState.RUNNING, None)
        assert step.started_at is not None
        settling = replace(made, state=State.SETTLING, intent=None, external_id="net-1", message="settling")
        assert await world.store.apply(claim, Patch(settling, 0, "the network created: net-1"))
        news = await world.events()
        (claim,) = await world.store.claim("worker", 5)
        assert await world.store.apply(claim, Patch(settling, 0))
        assert await world.events() == news
        name, told = news[-1]
        assert (name, told["line"]) == ("operation.progressed", "the network created: net-1")
        assert told["step"]["state"] == "running"

    play(postgres, story)

"""A PostgreSQL store with the hands around it that the suite of stores asks for, and stacks for other tests.

`pass_time` moves every stored alarm and lease into the past instead of waiting.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID, uuid4

from sqlalchemy import func, insert, text, update

from postgres_fixtures import TestDatabase
from skyclust.events.publishing import Actor
from skyclust.kit.db import EVERYTHING, Database
from skyclust.provisioning import operating, queries
from skyclust.provisioning.concluding import StepState
from skyclust.provisioning.models import OPERATIONS, RESOURCES
from skyclust.provisioning.operating import NewStack, OperationView
from skyclust.provisioning.postgres import PostgresStore
from skyclust.provisioning.progressing import StepView
from skyclust.provisioning.rows import OperationState, ResourceRow, StackRef

ALICE = Actor(UUID(int=7), "alice@example.org")


class PostgresUnderTest:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.store = PostgresStore(database)
        self.stack = StackRef(uuid4(), uuid4(), uuid4(), "sim", "sim-east-1", "one")

    async def start(self) -> None:
        await self.add_stack(self.stack)

    async def add_stack(self, stack: StackRef) -> None:
        async with self.database.session(visible=EVERYTHING) as session:
            await operating.create_stack(
                session,
                NewStack(
                    stack.id,
                    stack.workspace_id,
                    stack.credential_id,
                    stack.provider,
                    stack.region,
                    stack.name,
                    "network",
                ),
            )

    async def put(self, *rows: ResourceRow, stack: StackRef | None = None) -> None:
        """As operations do: the stack is held while its rows are overwritten."""
        async with self.database.session(visible=EVERYTHING) as session:
            await queries.lock_stack(session, (stack or self.stack).id)
            await queries.put_rows(session, stack or self.stack, rows)

    async def operate(self, operation_id: UUID, *resource_ids: UUID) -> None:
        values = {
            "id": operation_id, "workspace_id": self.stack.workspace_id, "stack_id": self.stack.id,
            "kind": "network.create", "state": "running", "target_kind": "network", "target_id": self.stack.id,
            "target_name": "one", "provider": "sim", "region": "sim-east-1", "plan": {}, "undo": {},
            "requested_by_label": "alice",
        }  # fmt: skip
        steps = [
            StepView(resource_id, str(resource_id), "sim.network", "a step", "create", StepState.PENDING, (), 1.0)
            for resource_id in resource_ids
        ]
        async with self.database.session(visible=EVERYTHING) as session:
            await session.execute(insert(OPERATIONS).values(values))
            await queries.add_steps(session, operation_id, self.stack.workspace_id, steps)

    async def cancel(self, operation_id: UUID) -> None:
        async with self.database.session(visible=EVERYTHING) as session:
            await operating.request_cancel(session, operation_id, ALICE)

    async def pause(self, operation_id: UUID) -> None:
        async with self.database.session(visible=EVERYTHING) as session:
            await operating.pause(session, operation_id, ALICE)

    async def go_on(self, operation_id: UUID) -> None:
        async with self.database.session(visible=EVERYTHING) as session:
            await operating.resume(session, operation_id, ALICE)

    async def add_stage(self, operation_id: UUID, stage: dict) -> None:
        async with self.database.session(visible=EVERYTHING) as session:
            own = update(OPERATIONS).where(OPERATIONS.c.id == operation_id)
            await session.execute(own.values(stages=[*await queries.stages_left(session, operation_id), stage]))
            view = await operating.get_operation(session, operation_id)
            later = [replace(step, stage=2) for step in view.steps]
            await queries.add_steps(session, operation_id, self.stack.workspace_id, later)

    async def view(self, operation_id: UUID) -> OperationView:
        async with self.database.session(visible=EVERYTHING) as session:
            found = await operating.get_operation(session, operation_id)
        assert found is not None
        return found

    async def operation(self, operation_id: UUID) -> tuple[OperationState, str, list[str]]:
        found = await self.view(operation_id)
        return found.state, found.message, [line.text for line in found.timeline]

    async def rows(self, stack: StackRef | None = None) -> dict[str, ResourceRow]:
        async with self.database.session(visible=EVERYTHING) as session:
            return {row.key: row for row in await operating.load_rows(session, (stack or self.stack).id)}

    async def pass_time(self, seconds: float) -> None:
        back = func.make_interval(0, 0, 0, 0, 0, 0, seconds)
        earlier = {"wake_at": RESOURCES.c.wake_at - back, "lease_until": RESOURCES.c.lease_until - back}
        async with self.database.session(visible=EVERYTHING) as session:
            await session.execute(update(RESOURCES).values(earlier))

    async def events(self) -> list[tuple[str, dict]]:
        async with self.database.session(visible=EVERYTHING) as session:
            found = await session.execute(text("SELECT name, data FROM outbox ORDER BY position"))
            return [(name, data) for name, data in found]


@asynccontextmanager
async def postgres_world(postgres: TestDatabase) -> AsyncIterator[PostgresUnderTest]:
    """A world of one stack on an empty database, inside the running event loop."""
    world = PostgresUnderTest(postgres.open())
    try:
        await world.start()
        yield world
    finally:
        await world.database.close()

"""One stack of a real provider under the real engine; its rows live in memory. For tests against HTTP sandboxes.

What a slice does is here in a few lines: plan, start, resume. Invariant: an operation is waited for with a deadline,
and whatever a row's reconciliation raised is an AssertionError.
"""

import asyncio
import time
from datetime import UTC, datetime
from random import Random
from uuid import uuid4

from skyclust.contract.imports import Importing
from skyclust.contract.provider import Driver, Provider, Session
from skyclust.contract.resources import Graph
from skyclust.provisioning.concluding import StepState, step_state
from skyclust.provisioning.engine import Engine
from skyclust.provisioning.memory import MemoryOperation, MemoryStore
from skyclust.provisioning.pacing import Pace
from skyclust.provisioning.planning import Plan, plan_deletion, plan_towards
from skyclust.provisioning.pricing import kinds_of, price_of
from skyclust.provisioning.rows import ACTIVE_OPERATIONS, OperationState, ResourceRow, StackRef, State
from skyclust.provisioning.starting import revived, start


class OneCloud:
    """`engine.Clouds` with one provider and one session."""

    def __init__(self, provider: Provider, session: Session) -> None:
        self.provider, self.opened = provider, session

    def driver(self, provider: str, kind: str) -> Driver:
        assert provider == self.provider.name
        return self.provider.driver(kind)

    def importing(self, provider: str) -> Importing:
        assert provider == self.provider.name
        assert isinstance(self.provider, Importing), f"{provider} imports"
        return self.provider

    async def session(self, stack: StackRef) -> Session:
        assert stack.region == self.opened.region
        return self.opened


class EngineStack:
    """`session` is open and closed with `close`; `pace` tells how fast the sandbox's clock runs."""

    def __init__(self, provider: Provider, session: Session, name: str, pace: Pace, seed: int = 7) -> None:
        self.provider, self.session, self.pace, self.seed = provider, session, pace, seed
        self.store = MemoryStore(lambda: datetime.now(UTC))
        self.id = uuid4()
        self.store.stacks[self.id] = StackRef(self.id, uuid4(), uuid4(), provider.name, session.region, name)
        self.faults: list[BaseException] = []

    def rows(self) -> list[ResourceRow]:
        """The living ones."""
        return [row for row in self.store.rows(self.id) if row.state is not State.GONE]

    def row(self, key: str) -> ResourceRow:
        return next(row for row in self.rows() if row.key == key)

    def plan(self, graph: Graph | None) -> Plan:
        kinds, prices = kinds_of(self.provider), price_of(self.provider, self.session.region)
        if graph is None:
            return plan_deletion(self.rows(), kinds, prices)
        return plan_towards(graph, self.rows(), kinds, prices)

    async def apply(self, graph: Graph | None, *, seconds: float = 60) -> MemoryOperation:
        """Plan and run to the end; None deletes everything."""
        return await self.carry_out(self.plan(graph), graph, seconds=seconds)

    async def carry_out(self, plan: Plan, graph: Graph | None, *, seconds: float = 60) -> MemoryOperation:
        """Run a plan to the end: an import, or a release, too."""
        operation_id = uuid4()
        begun = start(plan, graph, self.store.rows(self.id), self.id, operation_id, uuid4)
        steps = frozenset(row.id for row in begun.rows if row.operation_id == operation_id)
        operation = MemoryOperation(operation_id, self.id, OperationState.RUNNING, steps)
        self.store.operations[operation_id] = operation
        self.store.put(begun.rows)
        await self.run(operation, seconds=seconds)
        return operation

    async def resume(self, operation: MemoryOperation, *, seconds: float = 60) -> None:
        """As a user does after removing the cause: what has not succeeded is tried again."""
        operation.state, operation.message = OperationState.RUNNING, ""
        steps = [row for row in self.store.rows(self.id) if row.id in operation.resource_ids]
        self.store.put([revived(row) for row in steps if step_state(row) is not StepState.SUCCEEDED])
        await self.run(operation, seconds=seconds)

    async def run(self, operation: MemoryOperation, *, seconds: float) -> None:
        engine = Engine(
            self.store, OneCloud(self.provider, self.session), "worker", time.monotonic, Random(self.seed), self.pace,
            on_fault=lambda _claim, error: self.faults.append(error),
        )  # fmt: skip
        stop = asyncio.Event()
        working = asyncio.create_task(engine.run(stop, sweep_seconds=0.2))
        deadline = time.monotonic() + seconds
        while operation.state in ACTIVE_OPERATIONS and time.monotonic() < deadline and not working.done():
            await asyncio.wait({working}, timeout=0.02)
        stop.set()
        await working
        assert not self.faults, self.faults
        waiting = [(row.key, row.state, row.message) for row in self.rows() if row.state is not State.READY]
        assert operation.state not in ACTIVE_OPERATIONS, f"{operation.state} after {seconds} s: {waiting}"

    async def close(self) -> None:
        await self.session.close()

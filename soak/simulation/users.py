"""A user of one stack: starts operations, cancels, resumes, rolls back, and repairs what only a person can.

Does what `operating` does, with the same pure functions, on the store in memory.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from random import Random
from uuid import UUID

from skyclust.contract.resources import Graph, JsonObject
from skyclust.providers.sim.cloud import Sim
from skyclust.provisioning.concluding import StepState, step_state
from skyclust.provisioning.memory import MemoryOperation, MemoryStore
from skyclust.provisioning.planning import Plan, in_stages, plan_deletion, plan_towards
from skyclust.provisioning.pricing import kinds_of, price_of
from skyclust.provisioning.repairing import Mend, plan_mend
from skyclust.provisioning.rows import ACTIVE_OPERATIONS, OperationState, ResourceRow, StackRef
from skyclust.provisioning.starting import revived, rolled_back, start
from soak.simulation.machinery import History

#: Cloud seconds within which every operation must have ended, whatever happens. Three blind repetitions of the longest.
BOUND_SECONDS = 8 * 3600.0


class StuckError(AssertionError):
    """I5: an operation is still running after the bound."""


class User:
    def __init__(self, store: MemoryStore, provider: Sim, stack: StackRef, rng: Random, history: History) -> None:
        self.store, self.provider, self.stack, self.rng, self.history = store, provider, stack, rng, history
        self.undo: JsonObject = {}
        self.acknowledged: list[MemoryOperation] = []
        self.bound_seconds = BOUND_SECONDS
        self.ring: Callable[[], None] = lambda: None
        self.idle: Callable[[], bool] = lambda: True

    def rows(self) -> list[ResourceRow]:
        return self.store.rows(self.stack.id)

    def apply(self, graph: Graph | None, *later: Graph) -> MemoryOperation:
        """Start the operation that leads to the graph, or to nothing; and from there to each of the later ones."""
        kinds, prices = kinds_of(self.provider), price_of(self.provider, self.stack.region)
        rows = self.rows()
        plan = plan_deletion(rows, kinds, prices) if graph is None else plan_towards(graph, rows, kinds, prices)
        if graph is not None:
            plan = in_stages(plan, [graph, *later], kinds, prices)
        return self._start(plan, graph, rows)

    def mend(self, graph: Graph) -> MemoryOperation:
        """Bring back to the graph what sweeps found to have drifted."""
        rows = self.rows()
        prices = price_of(self.provider, self.stack.region)
        return self._start(plan_mend(graph, rows, Mend(), kinds_of(self.provider), prices), graph, rows)

    def _start(self, plan: Plan, graph: Graph | None, rows: list[ResourceRow]) -> MemoryOperation:
        operation_id = self.new_id()
        started = start(plan, graph, rows, self.stack.id, operation_id, self.new_id)
        self.undo = started.undo
        self.history.note(
            f"user asks for {'deletion' if graph is None else [f'{k}:{v}' for k, v in started.verbs.items()]}"
        )
        return self._begin(operation_id, started.rows, started.moved, started.stages)

    def resume(self, operation: MemoryOperation) -> MemoryOperation:
        """Try the unfinished steps again."""
        self.history.note("user resumes")
        steps = [row for row in self.rows() if row.id in operation.resource_ids]
        unfinished = [row for row in steps if step_state(row) is not StepState.SUCCEEDED]
        operation.state = OperationState.RUNNING if unfinished or operation.stages else OperationState.SUCCEEDED
        if operation.stages and not unfinished:
            self.store.enter_next_stage(operation)
            self.ring()
        self._put([replace(revived(row), operation_id=operation.id, attempts=0) for row in unfinished])
        return operation

    def roll_back(self) -> MemoryOperation:
        """Undo the last operation."""
        self.history.note("user rolls back")
        operation_id = self.new_id()
        rows = rolled_back(self.rows(), self.undo, operation_id, self.new_id)
        return self._begin(operation_id, rows, frozenset(row.key for row in rows if row.operation_id == operation_id))

    def cancel(self, operation: MemoryOperation) -> None:
        if operation.state in ACTIVE_OPERATIONS:
            self.history.note("user cancels")
            self.store.cancel(operation.id)
            self.ring()

    def pause(self, operation: MemoryOperation, seconds: float) -> None:
        """Have it wait for so long, if it is under way."""
        if operation.state in (OperationState.PENDING, OperationState.RUNNING):
            self.history.note(f"user pauses for {seconds:.0f} s")
            self.store.pause(operation.id)
            self.ring()
            asyncio.get_running_loop().call_later(seconds, self._go_on, operation)

    def _go_on(self, operation: MemoryOperation) -> None:
        if operation.state is OperationState.PAUSED:
            self.history.note("user lets it go on")
            self.store.go_on(operation.id)
            self.ring()

    async def end_of(self, operation: MemoryOperation) -> OperationState:
        """Wait for the verdict, and until nothing of the stack moves any more."""
        try:
            async with asyncio.timeout(self.bound_seconds):
                await self._verdict(operation)
                while not self._quiet():  # noqa: ASYNC110 - time is virtual
                    await asyncio.sleep(5)
        except TimeoutError:
            standing = [(row.key, row.state.value, row.message) for row in self.rows()]
            raise StuckError(f"I5: {operation.state} after {self.bound_seconds:.0f} s: {standing}") from None
        self.history.note(f"operation is {operation.state}: {operation.message}")
        return operation.state

    async def _verdict(self, operation: MemoryOperation) -> None:
        ended = asyncio.Event()
        operation.on_end = ended.set
        if operation.state in ACTIVE_OPERATIONS:
            await ended.wait()

    def new_id(self) -> UUID:
        return UUID(int=self.rng.getrandbits(128), version=4)

    def _begin(
        self, operation_id: UUID, rows, keys: frozenset[str], stages: tuple[JsonObject, ...] = ()
    ) -> MemoryOperation:
        steps = frozenset(row.id for row in rows if row.key in keys)
        state = OperationState.RUNNING if steps else OperationState.SUCCEEDED
        operation = self.store.operations[operation_id] = MemoryOperation(
            operation_id, self.stack.id, state, steps, stages=stages
        )  # fmt: skip
        self.acknowledged.append(operation)
        self._put(rows)
        return operation

    def _put(self, rows) -> None:
        for row in rows:
            self.history.holders.pop(row.id, None)
        self.store.put(rows)
        self.ring()

    def _quiet(self) -> bool:
        return self.idle() and self.store.at_rest(self.stack.id)

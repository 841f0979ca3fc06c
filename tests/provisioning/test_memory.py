"""The store in memory passes the suite of stores."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from skyclust.provisioning.memory import MemoryOperation, MemoryStore
from skyclust.provisioning.rows import OperationState, ResourceRow, StackRef
from store_suite import OpenStore, StoreSuite


class MemoryUnderTest:
    def __init__(self) -> None:
        self.seconds = 0.0
        self.store = MemoryStore(lambda: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds))
        self.stack = StackRef(uuid4(), uuid4(), uuid4(), "sim", "sim-east-1", "one")
        self.store.stacks[self.stack.id] = self.stack

    async def put(self, *rows: ResourceRow) -> None:
        self.store.put(rows)

    async def operate(self, operation_id: UUID, *resource_ids: UUID) -> None:
        running = MemoryOperation(operation_id, self.stack.id, OperationState.RUNNING, frozenset(resource_ids))
        self.store.operations[operation_id] = running

    async def cancel(self, operation_id: UUID) -> None:
        self.store.cancel(operation_id)

    async def pause(self, operation_id: UUID) -> None:
        self.store.pause(operation_id)

    async def go_on(self, operation_id: UUID) -> None:
        self.store.go_on(operation_id)

    async def add_stage(self, operation_id: UUID, stage: dict) -> None:
        operation = self.store.operations[operation_id]
        operation.stages = (*operation.stages, stage)

    async def operation(self, operation_id: UUID) -> tuple[OperationState, str, list[str]]:
        found = self.store.operations[operation_id]
        return found.state, found.message, [line for _, line in found.timeline]

    async def pass_time(self, seconds: float) -> None:
        self.seconds += seconds


@asynccontextmanager
async def memory() -> AsyncIterator[MemoryUnderTest]:
    yield MemoryUnderTest()


class TestMemoryStore(StoreSuite):
    @pytest.fixture
    def open_store(self) -> OpenStore:
        return memory

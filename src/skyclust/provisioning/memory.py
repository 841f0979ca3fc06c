"""Rows in memory, for the simulator and the store's test suite. Same invariants as the PostgreSQL store.

Time is a callable, so that a virtual clock drives it. Not for production: nothing survives the process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from skyclust.provisioning.concluding import conclude
from skyclust.provisioning.rows import (
    ACTIVE_OPERATIONS,
    STUCK,
    Claim,
    Desired,
    Neighbour,
    OperationState,
    Patch,
    ResourceRow,
    StackRef,
    State,
)


@dataclass
class _Slot:
    row: ResourceRow
    wake_at: datetime | None
    lease_until: datetime | None = None
    owner: str = ""
    fence: int = 0
    #: The fence under which the lease was given; `fence` may have moved on since, by `put`.
    lease_fence: int = 0
    pokes: int = 0


@dataclass
class MemoryOperation:
    """An operation's row: its state and the keys it moves, by resource id."""

    id: UUID
    stack_id: UUID
    state: OperationState
    resource_ids: frozenset[UUID]
    message: str = ""
    timeline: list[tuple[datetime, str]] = field(default_factory=list)


class MemoryStore:
    """Implements `store.Store`."""

    def __init__(self, now: Callable[[], datetime], *, lease_seconds: float = 30.0) -> None:
        """`now` is the store's clock."""
        self._now = now
        self._lease_seconds = lease_seconds
        self._slots: dict[UUID, _Slot] = {}
        self.stacks: dict[UUID, StackRef] = {}
        self.operations: dict[UUID, MemoryOperation] = {}

    # ---- writing from outside the engine ----
    def put(self, rows: Iterable[ResourceRow]) -> None:
        """Insert or overwrite rows, due at once. A running worker's fence moves on, so that it drops its result.

        Its lease stays until it has dropped it: two workers never act on one resource.
        """
        for row in rows:
            old = self._slots.get(row.id)
            if old is None:
                self._slots[row.id] = _Slot(row, self._now())
            else:
                old.row, old.wake_at, old.pokes = row, self._now(), old.pokes + 1
                old.fence += 1

    def rows(self, stack_id: UUID) -> list[ResourceRow]:
        """All rows of a stack, gone ones included."""
        return [slot.row for slot in self._slots.values() if slot.row.stack_id == stack_id]

    # ---- store.Store ----
    async def claim(self, worker: str, limit: int) -> list[Claim]:
        """Lease due rows."""
        now = self._now()
        due = [slot for slot in self._slots.values() if _is_due(slot, now)]
        due.sort(key=lambda slot: slot.wake_at or now)
        return [self._lease(slot, worker, now) for slot in due[:limit]]

    async def begin(self, claim: Claim, row: ResourceRow) -> bool:
        """Write the intent under the fence."""
        slot = self._slots[claim.row.id]
        now = self._now()
        if slot.fence != claim.fence or slot.lease_until is None or slot.lease_until < now:
            return False
        slot.row = row
        slot.lease_until = now + timedelta(seconds=self._lease_seconds)
        return True

    async def apply(self, claim: Claim, patch: Patch) -> bool:
        """Write the result under the fence, wake neighbours, conclude the operation."""
        slot = self._slots[claim.row.id]
        if slot.fence != claim.fence:
            if slot.lease_fence == claim.fence:
                slot.lease_until, slot.owner = None, ""
            return False
        now = self._now()
        before = slot.row
        slot.row, slot.lease_until, slot.owner = patch.row, None, ""
        slot.wake_at = None if patch.wake_in_seconds is None else now + timedelta(seconds=patch.wake_in_seconds)
        if slot.pokes != claim.pokes:
            slot.wake_at = now
        if before.state is not patch.row.state:
            self._poke_neighbours(patch.row, now)
        self._advance(patch, now)
        return True

    async def current(self, resource_id: UUID) -> ResourceRow | None:
        """The row as it is now."""
        slot = self._slots.get(resource_id)
        return slot.row if slot else None

    async def seconds_to_next_wake(self) -> float | None:
        """Seconds until the next row is due."""
        now = self._now()
        times = [max(slot.wake_at, slot.lease_until or slot.wake_at) for slot in self._slots.values() if slot.wake_at]
        return max(0.0, (min(times) - now).total_seconds()) if times else None

    async def release(self, worker: str) -> None:
        """Hand leases back."""
        for slot in self._slots.values():
            if slot.owner == worker:
                slot.lease_until, slot.owner = None, ""

    # ---- inside ----
    def _lease(self, slot: _Slot, worker: str, now: datetime) -> Claim:
        slot.fence += 1
        slot.lease_fence = slot.fence
        slot.owner = worker
        slot.lease_until = now + timedelta(seconds=self._lease_seconds)
        row = slot.row
        living = [other.row for other in self._slots.values() if other.row.stack_id == row.stack_id]
        neighbours = {
            other.key: Neighbour(other.key, other.state, other.desired, other.depends_on, other.outputs)
            for other in living
            if other.state is not State.GONE
        }
        operation = self.operations.get(row.operation_id) if row.operation_id else None
        cancelling = operation is not None and operation.state in (
            OperationState.CANCELLING,
            OperationState.CANCELLED,
        )
        stack = self.stacks[row.stack_id]
        return Claim(row, stack, neighbours, cancelling, slot.fence, slot.pokes, now, self._lease_seconds)

    def _poke_neighbours(self, row: ResourceRow, now: datetime) -> None:
        for slot in self._slots.values():
            other = slot.row
            if other.stack_id != row.stack_id or not wants_poke(other):
                continue
            if row.key in other.depends_on or other.key in row.depends_on:
                slot.wake_at, slot.pokes = now, slot.pokes + 1

    def _advance(self, patch: Patch, now: datetime) -> None:
        operation = self.operations.get(patch.row.operation_id) if patch.row.operation_id else None
        if operation is None:
            return
        if patch.event:
            operation.timeline.append((now, patch.event))
        if operation.state not in ACTIVE_OPERATIONS:
            return
        rows = self.rows(operation.stack_id)
        steps = [row for row in rows if row.id in operation.resource_ids]
        verdict = conclude(operation.state, steps, rows)
        operation.state, operation.message = verdict.state, verdict.message

    def cancel(self, operation_id: UUID) -> None:
        """Ask an operation to stop starting things; wakes its rows so that the verdict comes soon.

        The fences stay: calls in flight finish and are recorded.
        """
        operation = self.operations[operation_id]
        operation.state = OperationState.CANCELLING
        for resource_id in operation.resource_ids:
            slot = self._slots[resource_id]
            slot.wake_at, slot.pokes = self._now(), slot.pokes + 1


def _is_due(slot: _Slot, now: datetime) -> bool:
    return slot.wake_at is not None and slot.wake_at <= now and (slot.lease_until is None or slot.lease_until < now)


def wants_poke(row: ResourceRow) -> bool:
    """True for rows that a neighbour's change may set in motion."""
    if row.state in STUCK or row.state is State.GONE:
        return False
    return row.desired is Desired.ABSENT or row.state is not State.READY or row.observed_generation != row.generation

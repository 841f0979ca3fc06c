"""Rows in memory, for the simulator and the store's test suite. Same invariants as the PostgreSQL store.

Time is a callable, so that a virtual clock drives it. Not for production: nothing survives the process.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

from skyclust.contract.resources import JsonObject
from skyclust.provisioning.concluding import StepState, conclude, step_state
from skyclust.provisioning.rows import (
    ACTIVE_OPERATIONS,
    CANCELLED_STATES,
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
from skyclust.provisioning.starting import entered, revived


@dataclass(slots=True)
class _Slot:
    row: ResourceRow
    wake_at: datetime | None
    position: int
    lease_until: datetime | None = None
    owner: str = ""
    fence: int = 0
    #: The fence under which the lease was given; `fence` may have moved on since, by `put`.
    lease_fence: int = 0
    pokes: int = 0

    def due_at(self) -> datetime | None:
        """When it may be claimed, as far as is known now."""
        if self.wake_at is None or self.lease_until is None:
            return self.wake_at
        return max(self.wake_at, self.lease_until)

    def is_due(self, now: datetime) -> bool:
        free = self.lease_until is None or self.lease_until < now
        return free and self.wake_at is not None and self.wake_at <= now


@dataclass
class MemoryOperation:
    """An operation's row: its state and the keys it moves, by resource id."""

    id: UUID
    stack_id: UUID
    state: OperationState
    resource_ids: frozenset[UUID]
    message: str = ""
    timeline: list[tuple[datetime, str]] = field(default_factory=list)
    #: Those it has not entered yet (`starting.entered`).
    stages: tuple[JsonObject, ...] = ()
    #: Told of every verdict.
    on_end: Callable[[], None] = lambda: None


class MemoryStore:
    """Implements `store.Store`."""

    def __init__(self, now: Callable[[], datetime], *, lease_seconds: float = 30.0) -> None:
        """`now` is the store's clock."""
        self._now = now
        self._lease_seconds = lease_seconds
        self._slots: dict[UUID, _Slot] = {}
        self._of_stack: dict[UUID, list[_Slot]] = {}
        self._neighbours: dict[UUID, Mapping[str, Neighbour]] = {}
        #: (due_at, ...) of every slot; entries that a later change has made untrue are skipped when they come up.
        self._alarms: list[tuple[datetime, int, _Slot]] = []
        self._count = count()
        self.stacks: dict[UUID, StackRef] = {}
        self.operations: dict[UUID, MemoryOperation] = {}

    # ---- writing from outside the engine ----
    def put(self, rows: Iterable[ResourceRow]) -> None:
        """Insert or overwrite rows, due at once. A running worker's fence moves on, so that it drops its result.

        Its lease stays until it has dropped it: two workers never act on one resource.
        """
        now = self._now()
        for row in rows:
            slot = self._slots.get(row.id)
            if slot is None:
                slot = self._slots[row.id] = _Slot(row, now, len(self._slots))
                self._of_stack.setdefault(row.stack_id, []).append(slot)
                self._neighbours.pop(row.stack_id, None)
            else:
                slot.pokes += 1
                slot.fence += 1
                slot.wake_at = now
            self._write(slot, row)
            self._set_alarm(slot)

    def rows(self, stack_id: UUID) -> list[ResourceRow]:
        """All rows of a stack, gone ones included."""
        return [slot.row for slot in self._of_stack.get(stack_id, ())]

    # ---- for sweeps ----
    def fence_of(self, resource_id: UUID) -> int:
        """What moves on whenever somebody else writes the row."""
        return self._slots[resource_id].fence

    def is_held(self, stack_id: UUID) -> bool:
        """True while a worker holds a row of the stack."""
        now = self._now()
        leases = (slot.lease_until for slot in self._of_stack.get(stack_id, ()))
        return any(lease is not None and lease >= now for lease in leases)

    def note(self, before: ResourceRow, fence: int, row: ResourceRow) -> bool:
        """Write what was seen of a settled row, which wakes nobody. False when it is no longer as it was read."""
        slot = self._slots[row.id]
        if slot.fence != fence or slot.row.generation != before.generation or slot.row.state is not before.state:
            return False
        slot.row = row
        return True

    def at_rest(self, stack_id: UUID) -> bool:
        """True when no row of the stack is leased or due, now or later."""
        return all(slot.wake_at is None and slot.lease_until is None for slot in self._of_stack.get(stack_id, ()))

    # ---- store.Store ----
    async def claim(self, worker: str, limit: int, without: frozenset[UUID] = frozenset()) -> list[Claim]:
        """Lease due rows."""
        now = self._now()
        if not self._alarms or self._alarms[0][0] > now:
            return []
        due = sorted(self._take_due(now), key=lambda slot: (slot.wake_at, slot.position))
        chosen = [slot for slot in due if self._credential(slot) not in without] if without else due
        taken = {slot.position for slot in chosen[:limit]}
        for slot in due:
            if slot.position not in taken:
                self._set_alarm(slot)
        return [self._lease(slot, worker, now) for slot in chosen[:limit]]

    async def begin(self, claim: Claim, row: ResourceRow) -> bool:
        """Write the intent under the fence."""
        slot = self._slots[claim.row.id]
        now = self._now()
        if slot.fence != claim.fence or slot.lease_until is None or slot.lease_until < now:
            return False
        self._write(slot, row)
        slot.lease_until = now + timedelta(seconds=self._lease_seconds)
        self._set_alarm(slot)
        return True

    async def apply(self, claim: Claim, patch: Patch) -> bool:
        """Write the result under the fence, wake neighbours, conclude the operation."""
        slot = self._slots[claim.row.id]
        if slot.fence != claim.fence:
            if slot.lease_fence == claim.fence:
                self._free(slot)
            return False
        now = self._now()
        before = slot.row
        self._write(slot, patch.row)
        slot.wake_at = None if patch.wake_in_seconds is None else now + timedelta(seconds=patch.wake_in_seconds)
        if slot.pokes != claim.pokes:
            slot.wake_at = now
        self._free(slot)
        if before.state is not patch.row.state:
            self._poke_neighbours(patch.row, now)
        self._advance(before, patch, now)
        return True

    async def current(self, resource_id: UUID) -> ResourceRow | None:
        """The row as it is now."""
        slot = self._slots.get(resource_id)
        return slot.row if slot else None

    async def seconds_to_next_wake(self, without: frozenset[UUID] = frozenset()) -> float | None:
        """Seconds until the next row is due."""
        if without:
            true = ((at, slot) for at, _, slot in self._alarms if slot.due_at() == at)
            next_at = min((at for at, slot in true if self._credential(slot) not in without), default=None)
            return None if next_at is None else max(0.0, (next_at - self._now()).total_seconds())
        while self._alarms and self._alarms[0][2].due_at() != self._alarms[0][0]:
            heapq.heappop(self._alarms)
        return max(0.0, (self._alarms[0][0] - self._now()).total_seconds()) if self._alarms else None

    async def release(self, worker: str) -> None:
        """Hand leases back."""
        for slot in self._slots.values():
            if slot.owner == worker:
                self._free(slot)

    # ---- inside ----
    def _credential(self, slot: _Slot) -> UUID:
        return self.stacks[slot.row.stack_id].credential_id

    def _write(self, slot: _Slot, row: ResourceRow) -> None:
        """Write the row; the stack's neighbours are a new value when they show something else now."""
        before, slot.row = slot.row, row
        known = self._neighbours.get(row.stack_id)
        if known is None or (
            row.state is before.state
            and row.desired is before.desired
            and row.depends_on is before.depends_on
            and row.outputs is before.outputs
        ):
            return
        if row.state is State.GONE or row.key not in known:
            del self._neighbours[row.stack_id]
        else:
            self._neighbours[row.stack_id] = {**known, row.key: _neighbour(row)}

    def _free(self, slot: _Slot) -> None:
        slot.lease_until, slot.owner = None, ""
        self._set_alarm(slot)

    def _set_alarm(self, slot: _Slot) -> None:
        at = slot.due_at()
        if at is not None:
            heapq.heappush(self._alarms, (at, next(self._count), slot))

    def _take_due(self, now: datetime) -> list[_Slot]:
        """Every slot that is due, each once; their alarms are gone."""
        due: dict[int, _Slot] = {}
        not_yet: list[_Slot] = []
        while self._alarms and self._alarms[0][0] <= now:
            slot = heapq.heappop(self._alarms)[2]
            if slot.is_due(now):
                due[slot.position] = slot
            elif slot.due_at() == now:  # the lease ends at this very moment, and holds until it is over
                not_yet.append(slot)
        for slot in not_yet:
            self._set_alarm(slot)
        return list(due.values())

    def _lease(self, slot: _Slot, worker: str, now: datetime) -> Claim:
        slot.fence += 1
        slot.lease_fence = slot.fence
        slot.owner = worker
        slot.lease_until = now + timedelta(seconds=self._lease_seconds)
        self._set_alarm(slot)
        row = slot.row
        operation = self.operations.get(row.operation_id) if row.operation_id else None
        cancelling = operation is not None and operation.state in CANCELLED_STATES
        paused = operation is not None and operation.state is OperationState.PAUSED
        neighbours, stack = self._living(row.stack_id), self.stacks[row.stack_id]
        return Claim(row, stack, neighbours, cancelling, slot.fence, slot.pokes, now, self._lease_seconds, paused)

    def _living(self, stack_id: UUID) -> Mapping[str, Neighbour]:
        """The rows of a stack that are not gone, as neighbours; one value until one of them is written."""
        known = self._neighbours.get(stack_id)
        if known is None:
            known = self._neighbours[stack_id] = {
                row.key: _neighbour(row) for row in self.rows(stack_id) if row.state is not State.GONE
            }
        return known

    def _poke_neighbours(self, row: ResourceRow, now: datetime) -> None:
        if row.state not in (State.READY, State.GONE):
            return
        living = [other for other in self.rows(row.stack_id) if other.state is not State.GONE]
        for woken in set_in_motion(row, living):
            slot = self._slots[woken.id]
            slot.wake_at, slot.pokes = now, slot.pokes + 1
            self._set_alarm(slot)

    def _advance(self, before: ResourceRow, patch: Patch, now: datetime) -> None:
        operation = self.operations.get(patch.row.operation_id) if patch.row.operation_id else None
        if operation is None:
            return
        if patch.event:
            operation.timeline.append((now, patch.event))
        if operation.state not in ACTIVE_OPERATIONS:
            return
        if not patch.event and operation.state is OperationState.RUNNING and patch.row == before:
            return  # only the alarm moved: no verdict can have changed
        rows = self.rows(operation.stack_id)
        steps = [self._slots[resource_id].row for resource_id in operation.resource_ids]
        verdict = conclude(operation.state, steps, rows, more=bool(operation.stages))
        operation.state, operation.message = verdict.state, verdict.message
        if verdict.onward:
            self.enter_next_stage(operation)
        if operation.state not in ACTIVE_OPERATIONS:
            operation.on_end()

    def enter_next_stage(self, operation: MemoryOperation) -> None:
        """All of the present stage is done: set out for the next one."""
        stage, *left = operation.stages
        operation.stages = tuple(left)
        moved = entered(self.rows(operation.stack_id), stage, operation.id)
        operation.resource_ids |= {row.id for row in moved}
        self.put(moved)

    def pause(self, operation_id: UUID) -> None:
        """Have an operation begin nothing new.

        Workers that have not called the cloud yet drop what they are about to do; calls in flight are recorded.
        """
        operation = self.operations[operation_id]
        operation.state = OperationState.PAUSED
        for slot in self._wake(operation):
            slot.fence += slot.row.intent is None or not slot.row.intent.open

    def go_on(self, operation_id: UUID) -> None:
        """Let a paused operation go on; where all of its stage is done, with the next one."""
        operation = self.operations[operation_id]
        operation.state = OperationState.RUNNING
        slots = self._wake(operation)
        self.put([row for slot in slots if (row := revived(slot.row)) != slot.row])
        if all(step_state(slot.row) is StepState.SUCCEEDED for slot in slots):
            self.enter_next_stage(operation)

    def _wake(self, operation: MemoryOperation) -> list[_Slot]:
        slots = [self._slots[resource_id] for resource_id in operation.resource_ids]
        for slot in slots:
            slot.wake_at, slot.pokes = self._now(), slot.pokes + 1
            self._set_alarm(slot)
        return slots

    def cancel(self, operation_id: UUID) -> None:
        """Ask an operation to stop starting things; wakes its rows so that the verdict comes soon.

        The fences stay: calls in flight finish and are recorded.
        """
        operation = self.operations[operation_id]
        operation.state = OperationState.CANCELLING
        self._wake(operation)


def _neighbour(row: ResourceRow) -> Neighbour:
    return Neighbour(row.key, row.state, row.desired, row.depends_on, row.outputs)


def set_in_motion(changed: ResourceRow, living: Sequence[ResourceRow]) -> list[ResourceRow]:
    """Rows that the new state of `changed` lets go on: all they need is ready now, or all that needed them is gone."""
    if changed.state is State.READY:
        unready = {row.key for row in living if row.state is not State.READY}
        near = [row for row in living if changed.key in row.depends_on and unready.isdisjoint(row.depends_on)]
    else:
        needed = {key for row in living for key in row.depends_on}
        near = [row for row in living if row.key in changed.depends_on and row.key not in needed]
    return [row for row in near if _is_restless(row)]


def _is_restless(row: ResourceRow) -> bool:
    if row.state in STUCK:
        return False
    return row.desired is Desired.ABSENT or row.state is not State.READY or row.observed_generation != row.generation

"""What the rows of a stack say about the operation that moves them. Called inside `apply`, under the operation's lock.

Invariant: pure, and total: an operation that nothing can move any more always gets a terminal state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from skyclust.provisioning.rows import (
    ACTIVE_OPERATIONS,
    MOVING,
    STUCK,
    Desired,
    OperationState,
    ResourceRow,
    State,
)


class StepState(StrEnum):
    """The user's view of one resource inside one operation."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    BLOCKED = "blocked"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Verdict:
    """State of the operation, and a sentence that names what stands in the way (empty when nothing does).

    `onward`: all of this stage is done, and another one is to be entered.
    """

    state: OperationState
    message: str = ""
    onward: bool = False


def step_state(row: ResourceRow) -> StepState:
    """How far one row is on the way its operation wants it to go."""
    if row.state is State.BLOCKED:
        return StepState.BLOCKED
    if row.state is State.FAILED:
        return StepState.FAILED
    if row.desired is Desired.ABSENT:
        if row.state is State.GONE:
            return StepState.SUCCEEDED
        started = row.state is State.DELETING or (row.intent is not None and row.intent.open)
        return StepState.RUNNING if started else StepState.PENDING
    if row.state is State.READY and row.observed_generation == row.generation:
        return StepState.SUCCEEDED
    return StepState.RUNNING if row.state in MOVING else StepState.PENDING


def conclude(
    state: OperationState, steps: Sequence[ResourceRow], stack: Iterable[ResourceRow], *, more: bool = False
) -> Verdict:
    """The operation's state, given the rows it moves (`steps`) and all rows of the stack (for their order).

    `more`: stages follow this one.
    """
    if state not in ACTIVE_OPERATIONS:
        return Verdict(state)
    done = all(step_state(row) is StepState.SUCCEEDED for row in steps)
    if done and not more:
        return Verdict(OperationState.SUCCEEDED)
    if state is OperationState.CANCELLING:
        return _cancelling(steps)
    if state is OperationState.PAUSED:
        return Verdict(state)
    if done:
        return Verdict(OperationState.RUNNING, onward=True)
    stuck = [row for row in steps if row.state in STUCK]
    order = _Order(frozenset(row.id for row in steps), {row.key: row for row in stack if row.state is not State.GONE})
    if any(order.moves(row) for row in steps):
        return Verdict(OperationState.RUNNING)
    failed = any(row.state is State.FAILED for row in stuck)
    said = [_said(row) for row in stuck] or [order.obstacle(row) for row in steps]
    message = "; ".join(line for line in said if line)
    return Verdict(OperationState.FAILED if failed else OperationState.NEEDS_ATTENTION, message)


def _said(row: ResourceRow) -> str:
    """What is wrong with a stuck row. One that was to go is named so that a person finds it in the cloud."""
    if row.desired is Desired.ABSENT and row.external_id is not None and not row.adopted:
        return f"{row.title} ({row.external_id}) is still there: {row.message}"
    return f"{row.title}: {row.message}"


def _cancelling(steps: Sequence[ResourceRow]) -> Verdict:
    """Cancelled as soon as no call is in flight: every intent is resolved and recorded."""
    if any(row.intent is not None and row.intent.open and row.state not in STUCK for row in steps):
        return Verdict(OperationState.CANCELLING)
    return Verdict(OperationState.CANCELLED, "Cancelled. What exists is kept: resume, or roll back.")


def _is_taken_over(row: ResourceRow) -> bool:
    """True for what exists but is looked at only when what it refers to has been: adopted, imported or given back."""
    return row.state is State.SETTLING and (row.adopted or row.unmarked or row.released)


@dataclass(frozen=True, slots=True)
class _Order:
    """Who waits for whom: the living rows of a stack by key, and the ids of those the operation moves."""

    steps: frozenset[UUID]
    by_key: Mapping[str, ResourceRow]

    def moves(self, row: ResourceRow) -> bool:
        """True when the engine brings this row further without anybody's help, at once or after what it waits for."""
        step = step_state(row)
        if step not in (StepState.PENDING, StepState.RUNNING):
            return False
        if row.desired is Desired.ABSENT:
            return all(other.desired is Desired.ABSENT and self.moves(other) for other in self._dependents(row))
        if step is StepState.RUNNING:
            return not _is_taken_over(row) or all(self.moves(need) for need in self._missing(row))
        if row.id not in self.steps or any(key not in self.by_key for key in row.depends_on):
            return False
        return all(self.moves(need) for need in self._missing(row))

    def obstacle(self, row: ResourceRow) -> str:
        """What an unfinished row waits for in vain; "" for one that is done."""
        if step_state(row) is StepState.SUCCEEDED:
            return ""
        if row.desired is Desired.ABSENT:
            others = self._dependents(row)
        else:
            lost = [key for key in row.depends_on if key not in self.by_key]
            if lost:
                return f"{row.title} waits for {', '.join(lost)}, which no longer exists"
            others = self._missing(row)
        return "; ".join(f"{row.title} waits for {other.title}, which is {other.state.value}" for other in others)

    def _missing(self, row: ResourceRow) -> list[ResourceRow]:
        needed = [self.by_key[key] for key in row.depends_on if key in self.by_key]
        return [need for need in needed if need.state is not State.READY]

    def _dependents(self, row: ResourceRow) -> list[ResourceRow]:
        return [other for other in self.by_key.values() if row.key in other.depends_on and other.key != row.key]

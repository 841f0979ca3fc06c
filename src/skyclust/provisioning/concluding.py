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
    """State of the operation, and a sentence that names what stands in the way (empty when nothing does)."""

    state: OperationState
    message: str = ""


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


def conclude(state: OperationState, steps: Sequence[ResourceRow], stack: Iterable[ResourceRow]) -> Verdict:
    """The operation's state, given the rows it moves (`steps`) and all rows of the stack (for their order)."""
    if state not in ACTIVE_OPERATIONS:
        return Verdict(state)
    states = {row.id: step_state(row) for row in steps}
    if all(step is StepState.SUCCEEDED for step in states.values()):
        return Verdict(OperationState.SUCCEEDED)
    if state is OperationState.CANCELLING:
        return _cancelling(steps)
    stuck = [row for row in steps if row.state in STUCK]
    if not stuck:
        return Verdict(OperationState.RUNNING)
    by_key = {row.key: row for row in stack if row.state is not State.GONE}
    if any(_can_move(row, states, by_key) for row in steps):
        return Verdict(OperationState.RUNNING)
    failed = any(row.state is State.FAILED for row in stuck)
    message = "; ".join(f"{row.title}: {row.message}" for row in stuck)
    return Verdict(OperationState.FAILED if failed else OperationState.NEEDS_ATTENTION, message)


def _cancelling(steps: Sequence[ResourceRow]) -> Verdict:
    """Cancelled as soon as no call is in flight: every intent is resolved and recorded."""
    if any(row.intent is not None and row.intent.open and row.state not in STUCK for row in steps):
        return Verdict(OperationState.CANCELLING)
    return Verdict(OperationState.CANCELLED, "Cancelled. What exists is kept: resume, or roll back.")


def _can_move(row: ResourceRow, states: Mapping[UUID, StepState], by_key: Mapping[str, ResourceRow]) -> bool:
    """True when the engine moves this row without anybody's help."""
    step = states[row.id]
    if step is StepState.RUNNING:
        return row.state is not State.DELETING or _free_to_go(row, by_key)
    if step is not StepState.PENDING:
        return False
    if row.desired is Desired.ABSENT:
        return _free_to_go(row, by_key)
    return all(by_key[key].state is State.READY for key in row.depends_on if key in by_key)


def _free_to_go(row: ResourceRow, by_key: Mapping[str, ResourceRow]) -> bool:
    return not any(row.key in other.depends_on for other in by_key.values() if other.key != row.key)

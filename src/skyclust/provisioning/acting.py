"""Cancel, resume and roll back an operation. Re-exported by `operating`, which is what the slices import.

Invariant: what is overwritten was read under the stack's lock, with no worker able to write an intent meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.contract.resources import JsonObject
from skyclust.events.publishing import Actor
from skyclust.kit.ids import uuid7
from skyclust.kit.problems import not_found
from skyclust.provisioning import queries, refusing
from skyclust.provisioning.beginning import (
    announce,
    held_rows,
    held_stack,
    record_of,
    refuse_second,
    started_text,
    step_of,
)
from skyclust.provisioning.concluding import StepState, conclude, step_state
from skyclust.provisioning.models import OPERATIONS
from skyclust.provisioning.planning import Verb
from skyclust.provisioning.progressing import StepView
from skyclust.provisioning.reading import get_operation, load_rows
from skyclust.provisioning.rows import Desired, OperationState, ResourceRow, StackRef, State
from skyclust.provisioning.starting import revived, rolled_back
from skyclust.provisioning.viewing import ROLLBACK_SUFFIX, OperationView

_REMOVING = frozenset({Verb.DELETE.value, Verb.FORGET.value})


async def request_cancel(session: AsyncSession, operation_id: UUID, actor: Actor) -> OperationView:
    """Start nothing new; calls in flight are finished and recorded. Asking twice changes nothing."""
    operation, stack = await _held_operation(session, operation_id)
    if operation.state is OperationState.CANCELLING:
        return operation
    if not operation.active:
        raise refusing.nothing_to_cancel(operation)
    await queries.interrupt_rows(session, operation_id)
    rows = await load_rows(session, stack.id)
    steps = [row for row in rows if row.operation_id == operation_id]
    verdict = conclude(OperationState.CANCELLING, steps, rows)
    await queries.set_operation_state(session, operation_id, verdict.state, verdict.message)
    if verdict.state is OperationState.CANCELLED:
        await queries.cancel_open_steps(session, operation_id)
    return await announce(session, operation_id, "operation.cancel_requested", f"Cancelled by {actor.label}", actor)


async def resume(session: AsyncSession, operation_id: UUID, actor: Actor) -> OperationView:
    """Try again what is stuck or was left when the operation was cancelled. The same operation goes on."""
    operation, stack = await _held_operation(session, operation_id)
    if "resume" not in operation.actions:
        raise refusing.cannot(operation, "resumed")
    await refuse_second(session, stack.id)
    rows = await held_rows(session, stack.id)
    own = [row for row in rows if row.operation_id == operation_id]
    left = [revived(row) for row in own if step_state(row) is not StepState.SUCCEEDED]
    if not left:
        raise refusing.superseded(operation)
    await queries.put_rows(session, stack, left)
    for row in left:
        await queries.set_step_state(session, operation_id, row, step_state(row))
    await queries.set_operation_state(session, operation_id, OperationState.RUNNING, "")
    return await announce(session, operation_id, "operation.resumed", f"Resumed by {actor.label}", actor)


async def roll_back(
    session: AsyncSession, operation_id: UUID, actor: Actor, *, new_id: Callable[[], UUID] = uuid7
) -> OperationView:
    """A new operation that takes back what this one made and changed, and nothing else. Returns the new one."""
    operation, stack = await _held_operation(session, operation_id)
    if "rollback" not in operation.actions:
        raise refusing.cannot(operation, "rolled back")
    await refuse_second(session, stack.id)
    await _refuse_superseded(session, operation)
    undo = await queries.undo_of(session, operation_id)
    rollback_id = new_id()
    rows = await held_rows(session, stack.id)
    lost = _lost(operation, rows, undo)
    if lost and all(step.verb in _REMOVING for step in operation.steps):
        raise refusing.gone_already(operation, lost)
    back = rolled_back(rows, undo, rollback_id)
    moved = [row for row in back if row.operation_id == rollback_id]
    if not moved:
        raise refusing.nothing_to_roll_back(operation)
    await _add_rollback(session, operation, stack, rollback_id, actor)
    await queries.put_rows(session, stack, back)
    await queries.add_steps(session, rollback_id, stack.workspace_id, _steps_back(operation, moved))
    await queries.add_line(session, operation_id, stack.workspace_id, f"Rolled back by {actor.label}")
    for title in lost:
        await queries.add_line(session, rollback_id, stack.workspace_id, f"{title} was deleted and is not brought back")
    line = f"Roll back of {operation.kind} of {operation.target.name} {started_text(len(moved))}"
    return await announce(session, rollback_id, "operation.rollback_requested", line, actor)


async def _add_rollback(
    session: AsyncSession, operation: OperationView, stack: StackRef, rollback_id: UUID, actor: Actor
) -> None:
    """The roll back's own row, linked both ways."""
    kind = operation.kind + ROLLBACK_SUFFIX
    record = record_of(rollback_id, stack, kind, operation.target, actor, plan={}, undo={})
    await session.execute(insert(OPERATIONS).values(record | {"rolls_back": operation.id}))
    await queries.link_rollback(session, operation.id, rollback_id)


def _lost(operation: OperationView, rows: Sequence[ResourceRow], undo: JsonObject) -> list[str]:
    """Titles of what the operation has deleted for good."""
    own = [row for row in rows if row.operation_id == operation.id and row.state is State.GONE and not row.adopted]
    return [row.title for row in own if undo.get(row.key) is not None]


def _steps_back(operation: OperationView, back: Sequence[ResourceRow]) -> list[StepView]:
    """A way back is expected to take as long as the way there: nobody here knows the driver's figure."""
    seconds = {step.resource_id: step.expected_seconds for step in operation.steps}
    verbs = {Desired.ABSENT: Verb.DELETE, Desired.PRESENT: Verb.UPDATE}
    return [step_of(row, verbs[row.desired], seconds.get(row.id, 0.0)) for row in reversed(back)]


async def _held_operation(session: AsyncSession, operation_id: UUID) -> tuple[OperationView, StackRef]:
    """The operation as it is while its stack is held."""
    found = await get_operation(session, operation_id)
    if found is None:
        raise not_found("operation")
    stack = await held_stack(session, found.stack_id)
    current = await get_operation(session, operation_id)
    assert current is not None, "operations are never deleted while their stack is held"
    return current, stack


async def _refuse_superseded(session: AsyncSession, operation: OperationView) -> None:
    """Only the last change of a stack can be taken back: later ones stand on it."""
    others = await queries.operations_where(session, OPERATIONS.c.stack_id == operation.stack_id)
    undone = {other.rolls_back for other in others if other.state is OperationState.SUCCEEDED}
    later = [other for other in others if other.created_at > operation.created_at and other.steps]
    standing = [other for other in later if other.id not in undone and not _finished_rollback(other)]
    if standing:
        raise refusing.superseded(operation, by=standing[0])


def _finished_rollback(operation: OperationView) -> bool:
    return operation.rolls_back is not None and operation.state is OperationState.SUCCEEDED

"""Cancel, pause, resume and roll back an operation. Re-exported by `operating`, which is what the slices import.

Invariant: what is overwritten was read under the stack's lock, with no worker able to write an intent meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.contract.resources import Finding
from skyclust.events.publishing import Actor
from skyclust.kit.ids import uuid7
from skyclust.kit.problems import not_found
from skyclust.provisioning import operation_views, queries, refusing
from skyclust.provisioning.advancing import enter_next_stage
from skyclust.provisioning.beginning import (
    announce,
    held_rows,
    held_stack,
    record_of,
    refuse_second,
    step_of,
    steps_text,
)
from skyclust.provisioning.concluding import StepState, conclude, step_state
from skyclust.provisioning.models import OPERATIONS
from skyclust.provisioning.previewing import Offer, Preview, cancelled, paused, resumed, taken_back, verb_back
from skyclust.provisioning.progressing import StepView
from skyclust.provisioning.reading import get_operation, load_rows
from skyclust.provisioning.rows import OperationState, ResourceRow, StackRef
from skyclust.provisioning.starting import lost, revived, rolled_back
from skyclust.provisioning.viewing import ROLLBACK_SUFFIX, OperationView

#: What a paused operation says of itself.
PAUSED = "Paused: what has begun ends, and nothing new is begun. Resume it, or cancel it."


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
    more = bool(await queries.stages_left(session, operation_id))
    verdict = conclude(OperationState.CANCELLING, steps, rows, more=more)
    await queries.set_operation_state(session, operation_id, verdict.state, verdict.message)
    if verdict.state is OperationState.CANCELLED:
        await queries.cancel_open_steps(session, operation_id)
    return await announce(session, operation_id, "operation.cancel_requested", f"Cancelled by {actor.label}", actor)


async def pause(session: AsyncSession, operation_id: UUID, actor: Actor, why: str = PAUSED) -> OperationView:
    """Begin nothing new; what has begun ends. Asking twice changes nothing."""
    operation, _ = await _held_operation(session, operation_id)
    if operation.state is OperationState.PAUSED:
        return operation
    if "pause" not in operation.actions:
        raise refusing.nothing_to_pause(operation)
    await queries.interrupt_rows(session, operation_id)
    await queries.set_operation_state(session, operation_id, OperationState.PAUSED, why)
    return await announce(session, operation_id, "operation.pause_requested", f"Paused by {actor.label}", actor)


async def resume(session: AsyncSession, operation_id: UUID, actor: Actor) -> OperationView:
    """Go on with what is paused, or try again what is stuck or was left when it was cancelled; the same operation."""
    operation, stack = await _held_operation(session, operation_id)
    await refuse_second(session, stack.id, but=operation)
    await refuse_resume(session, operation)
    rows = await held_rows(session, stack.id)
    own = [row for row in rows if row.operation_id == operation_id]
    left = [revived(row) for row in own if step_state(row) is not StepState.SUCCEEDED]
    if not left and not (own and await queries.stages_left(session, operation_id)):
        raise refusing.superseded(operation)
    if operation.state is OperationState.PAUSED:
        left = [row for row in left if row not in own]  # what was stuck; the others only wait to be woken
        await queries.wake_rows(session, operation_id)
    await _go_on(session, operation_id, stack, own, left)
    return await announce(session, operation_id, "operation.resumed", f"Resumed by {actor.label}", actor)


async def _go_on(
    session: AsyncSession, operation_id: UUID, stack: StackRef, own: Sequence[ResourceRow], left: Sequence[ResourceRow]
) -> None:
    """`left` are tried again; where all of its stage is done, the next one is entered."""
    await queries.put_rows(session, stack, left)
    for row in left:
        await queries.set_step_state(session, operation_id, row, step_state(row))
    await queries.reopen_later_steps(session, operation_id)
    await queries.set_operation_state(session, operation_id, OperationState.RUNNING, "")
    if all(step_state(row) is StepState.SUCCEEDED for row in own):
        await enter_next_stage(session, operation_id, stack.id)


async def refuse_resume(session: AsyncSession, operation: OperationView) -> None:
    """Problem 409 when the operation's state, or a later operation, does not allow it."""
    if "resume" in operation.actions:
        return
    if operation.rolled_back_by is None:
        await _refuse_superseded(session, operation)
    raise refusing.cannot(operation, "resumed")


async def roll_back(
    session: AsyncSession, operation_id: UUID, actor: Actor, *, new_id: Callable[[], UUID] = uuid7
) -> OperationView:
    """A new operation, which is returned: it takes back what this one made, changed and deleted, and nothing else."""
    operation, stack = await _held_operation(session, operation_id)
    await refuse_second(session, stack.id, but=operation)
    await refuse_roll_back(session, operation)
    undo = await queries.undo_of(session, operation_id)
    rollback_id = new_id()
    rows = await held_rows(session, stack.id)
    back = rolled_back(rows, undo, rollback_id, new_id)
    moved = [row for row in back if row.operation_id == rollback_id]
    if not moved:
        raise refusing.nothing_to_roll_back(operation)
    await _add_rollback(session, operation, stack, rollback_id, actor)
    await queries.put_rows(session, stack, back)
    await queries.add_steps(session, rollback_id, stack.workspace_id, _steps_back(operation, moved, rows))
    await queries.add_line(session, operation_id, stack.workspace_id, f"Roll back asked for by {actor.label}")
    view = await announce(
        session, rollback_id, "operation.rollback_requested", rollback_text(operation, actor, len(moved)), actor
    )
    for row in lost(rows, undo):
        line = f"{row.title} was deleted and is made anew; what was in it does not come back"
        await queries.add_line(session, rollback_id, stack.workspace_id, line)
    return replace(view, timeline=await operation_views.timeline_of(session, rollback_id))


async def refuse_roll_back(session: AsyncSession, operation: OperationView) -> None:
    """Problem 409 when the operation's state, or a later operation, does not allow it."""
    if "rollback" in operation.actions:
        return
    if operation.rolled_back_by is None:
        await _refuse_superseded(session, operation)
    raise refusing.cannot(operation, "rolled back")


async def preview(
    session: AsyncSession, operation: OperationView, action: str, offer: Offer, findings: Iterable[Finding] = ()
) -> Preview:
    """What an action would do. Raises the problem that doing it would raise; writes and holds nothing."""
    rows = await load_rows(session, operation.stack_id)
    if action == "cancel":
        if not operation.active:
            raise refusing.nothing_to_cancel(operation)
        return cancelled(operation, rows, offer)
    if action == "pause":
        if "pause" not in operation.actions and operation.state is not OperationState.PAUSED:
            raise refusing.nothing_to_pause(operation)
        return paused(operation, rows, offer)
    await refuse_second(session, operation.stack_id, but=operation)
    if action == "resume":
        await refuse_resume(session, operation)
        return resumed(operation, rows, offer)
    await refuse_roll_back(session, operation)
    return taken_back(rows, await queries.undo_of(session, operation.id), offer, findings)


async def _add_rollback(
    session: AsyncSession, operation: OperationView, stack: StackRef, rollback_id: UUID, actor: Actor
) -> None:
    """The roll back's own row, linked both ways."""
    kind = operation.kind + ROLLBACK_SUFFIX
    record = record_of(rollback_id, stack, kind, operation.target, actor, plan={}, undo={})
    await session.execute(insert(OPERATIONS).values(record | {"rolls_back": operation.id}))
    await queries.link_rollback(session, operation.id, rollback_id)


def rollback_text(operation: OperationView, actor: Actor, steps: int) -> str:
    """The first line of a roll back's story."""
    return f"Roll back of {operation.kind} of {operation.target.name} asked for by {actor.label}: {steps_text(steps)}"


def _steps_back(operation: OperationView, back: Sequence[ResourceRow], before: Sequence[ResourceRow]) -> list[StepView]:
    """A way back is expected to take as long as the way there: nobody here knows the driver's figure."""
    seconds = {step.key: step.expected_seconds for step in operation.steps}
    known = {row.id for row in before}
    return [step_of(row, verb_back(row, known), seconds.get(row.key, 0.0)) for row in reversed(back)]


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
    """Only the last change of a stack can be resumed or taken back: later ones stand on it."""
    if operation.superseded_by is not None and not operation.active:
        raise refusing.superseded(operation, by=await get_operation(session, operation.superseded_by))

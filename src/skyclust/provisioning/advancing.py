"""What a row's new state means for the operation that moves it. Called inside `apply`, under the stack's lock.

Invariant: step, timeline, verdict and event are written in the transaction of the row itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.events.publishing import Event, publish
from skyclust.provisioning import queries
from skyclust.provisioning.attending import ended_line
from skyclust.provisioning.concluding import StepState, Verdict, conclude, step_state
from skyclust.provisioning.models import OPERATIONS, RESOURCES
from skyclust.provisioning.recording import resource_of
from skyclust.provisioning.rows import ACTIVE_OPERATIONS, OperationState, Patch, ResourceRow, State
from skyclust.provisioning.starting import entered

#: Columns that can be large and that no verdict looks at.
_UNREAD = frozenset({"spec", "outputs", "fields"})


async def advance(session: AsyncSession, before: ResourceRow, patch: Patch) -> None:
    """Bring the operation of the written row up to date; rows without one are nobody's news."""
    row = patch.row
    if row.operation_id is None:
        return
    found = await session.execute(select(OPERATIONS).where(OPERATIONS.c.id == row.operation_id))
    operation = found.mappings().one_or_none()
    if operation is None:
        return
    state = OperationState(operation["state"])
    if replace(row, trouble=before.trouble) == before and not patch.event and state is OperationState.RUNNING:
        return  # only the alarm moved, or a counter: no verdict can have changed
    await _record_step(session, row, state)
    if patch.event:
        await queries.add_line(session, operation["id"], operation["workspace_id"], patch.event)
    rows = await _rows(session, row)
    own = [other for other in rows if other.operation_id == operation["id"]]
    verdict = conclude(state, own, rows, more=bool(operation["stages"]))
    if verdict.state is OperationState.PAUSED:
        verdict = replace(verdict, message=operation["message"])  # who paused it said why
    if verdict.onward:
        await enter_next_stage(session, operation["id"], operation["stack_id"])
    changed = verdict.state is not state or verdict.message != operation["message"]
    if changed and state in ACTIVE_OPERATIONS:
        seconds = await queries.set_operation_state(session, operation["id"], verdict.state, verdict.message)
        if verdict.state is not state and verdict.state not in ACTIVE_OPERATIONS:
            line = ended_line(verdict.state, own, await queries.step_states(session, operation["id"]), seconds)
            await queries.add_line(session, operation["id"], operation["workspace_id"], line)
        if verdict.state is OperationState.CANCELLED:
            await queries.cancel_open_steps(session, operation["id"])
    if changed or patch.event or step_state(before) is not step_state(row):
        steps = [step_state(row) for row in own]
        if operation["stages"] or operation["stage"] > 1:
            steps = await queries.step_states(session, operation["id"])
        await publish(session, _event(operation, verdict, steps, patch))


async def enter_next_stage(session: AsyncSession, operation_id: UUID, stack_id: UUID) -> None:
    """All of the present stage is done: set out for the next one. The stack is held by whoever calls."""
    stack = await queries.stack_by_id(session, stack_id)
    stage, *left = await queries.stages_left(session, operation_id)
    rows = (await queries.rows_of_stacks(session, [stack_id], held=True))[stack_id]
    assert stack is not None, "rows belong to a stack"
    number = await queries.set_stage(session, operation_id, left)
    moved = entered(rows, stage, operation_id)
    await queries.put_rows(session, stack, moved)
    titles = ", ".join(row.title for row in moved)
    await queries.add_line(session, operation_id, stack.workspace_id, f"Stage {number} begins: {titles}")


async def _record_step(session: AsyncSession, row: ResourceRow, state: OperationState) -> None:
    step = step_state(row)
    if state in ACTIVE_OPERATIONS or step not in (StepState.PENDING, StepState.RUNNING):
        assert row.operation_id is not None
        await queries.set_step_state(session, row.operation_id, row, step)


async def _rows(session: AsyncSession, row: ResourceRow) -> list[ResourceRow]:
    """Rows that decide: all living ones of the stack, and what the operation has removed."""
    columns = [_empty(column.name) if column.name in _UNREAD else column for column in RESOURCES.c]
    relevant = or_(RESOURCES.c.state != State.GONE.value, RESOURCES.c.operation_id == row.operation_id)
    found = await session.execute(select(*columns).where(RESOURCES.c.stack_id == row.stack_id, relevant))
    return [resource_of(other) for other in found.mappings()]


def _empty(name: str) -> Any:
    return literal_column("'{}'::jsonb", RESOURCES.c[name].type).label(name)


def _event(operation: RowMapping, verdict: Verdict, steps: Sequence[StepState], patch: Patch) -> Event:
    """`operation.progressed`, or the end's own name."""
    name = "progressed" if verdict.state in ACTIVE_OPERATIONS else verdict.state.value
    data = {
        "operation_id": str(operation["id"]),
        "kind": operation["kind"],
        "state": verdict.state.value,
        "target": {
            "kind": operation["target_kind"],
            "id": str(operation["target_id"]),
            "name": operation["target_name"],
        },
        "message": verdict.message,
        "done": sum(step is StepState.SUCCEEDED for step in steps),
        "total": len(steps),
        "step": {
            "key": patch.row.key,
            "title": patch.row.title,
            "state": step_state(patch.row).value,
            "message": patch.row.message,
        },
        "line": patch.event,
    }
    return Event(f"operation.{name}", f"operation/{operation['id']}", operation["workspace_id"], data)

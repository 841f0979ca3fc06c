"""Begin an operation: its row, its steps, and the rows of its resources, due at once. Used by `operating` and `acting`.

Invariant: whoever writes a stack's rows holds the stack's lock, and at most one operation of a stack is under way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.contract.resources import Graph, JsonObject
from skyclust.events.publishing import Actor, Event, publish
from skyclust.kit.ids import uuid7
from skyclust.kit.problems import not_found
from skyclust.provisioning import operation_views, queries, refusing
from skyclust.provisioning.concluding import StepState, step_state
from skyclust.provisioning.models import OPERATIONS
from skyclust.provisioning.planning import Plan
from skyclust.provisioning.progressing import StepView
from skyclust.provisioning.reading import active_operation, get_operation
from skyclust.provisioning.recording import plan_document
from skyclust.provisioning.rows import OperationState, ResourceRow, StackRef, State
from skyclust.provisioning.starting import Start, start
from skyclust.provisioning.viewing import OperationView, Target


async def begin_operation(
    session: AsyncSession,
    *,
    operation_id: UUID,
    stack_id: UUID,
    kind: str,
    target: Target,
    plan: Plan,
    graph: Graph | None,
    requested_by: Actor,
    new_id: Callable[[], UUID] = uuid7,
    target_before: JsonObject | None = None,
) -> OperationView:
    """Write the plan's rows, due at once. `graph` is None when everything is deleted; an empty plan ends at once.

    `target_before` is what `spec_before` tells whoever keeps the target's spec when this operation is rolled back.

    Problem 409 `operation-in-progress` names the operation of this stack that is under way.
    """
    stack = await held_stack(session, stack_id)
    await refuse_second(session, stack_id)
    rows = await held_rows(session, stack_id)
    begun = start(plan, graph, rows, stack_id, operation_id, new_id)
    empty = not begun.verbs
    record = record_of(operation_id, stack, kind, target, requested_by, plan=plan_document(plan), undo=begun.undo)
    record["state"] = (OperationState.SUCCEEDED if empty else OperationState.PENDING).value
    record |= {"started_at": queries.CLOCK, "ended_at": queries.CLOCK} if empty else {}
    record["stages"] = list(begun.stages)
    await session.execute(insert(OPERATIONS).values(record | {"target_before": target_before}))
    await queries.put_rows(session, stack, begun.rows)
    steps = _steps_of_plan(plan, begun, rows)
    await queries.add_steps(session, operation_id, stack.workspace_id, steps)
    line = f"{kind} of {target.name} asked for by {requested_by.label}: {steps_text(len(steps))}"
    return await announce(session, operation_id, "operation.started", line)


def steps_text(count: int) -> str:
    """The end of a timeline's first line."""
    return "nothing to do" if not count else f"{count} step{'s' if count > 1 else ''}"


def record_of(
    operation_id: UUID, stack: StackRef, kind: str, target: Target, actor: Actor, *, plan: JsonObject, undo: JsonObject
) -> JsonObject:
    """Columns of a pending operation."""
    return {
        "id": operation_id,
        "workspace_id": stack.workspace_id,
        "stack_id": stack.id,
        "kind": kind,
        "state": OperationState.PENDING.value,
        "target_kind": target.kind,
        "target_id": target.id,
        "target_name": target.name,
        "provider": target.provider,
        "region": target.region,
        "plan": plan,
        "undo": undo,
        "requested_by_id": actor.user_id,
        "requested_by_label": actor.label,
    }


def _steps_of_plan(plan: Plan, begun: Start, before: Sequence[ResourceRow]) -> list[StepView]:
    """Those of the first stage, then those of the later ones, which wait."""
    rows = {row.key: row for row in (*before, *begun.rows) if row.state is not State.GONE}
    lines = [line for line in plan.changes if line.key in begun.verbs]
    first = [step_of(rows[line.key], line.verb, line.expected_seconds) for line in lines]
    return first + [
        replace(
            step_of(rows[line.key], line.verb, line.expected_seconds),
            title=line.title, state=StepState.PENDING, stage=number,
        )
        for number, stage in enumerate(plan.later, 2)
        for line in stage.changes
    ]  # fmt: skip


def step_of(row: ResourceRow, verb: str, expected_seconds: float) -> StepView:
    return StepView(
        resource_id=row.id,
        key=row.key,
        kind=row.kind,
        title=row.title,
        verb=verb,
        state=step_state(row),
        depends_on=row.depends_on,
        expected_seconds=expected_seconds,
        external_id=row.external_id,
    )


async def held_stack(session: AsyncSession, stack_id: UUID) -> StackRef:
    stack = await queries.lock_stack(session, stack_id)
    if stack is None:
        raise not_found("stack")
    return stack


async def held_rows(session: AsyncSession, stack_id: UUID) -> list[ResourceRow]:
    """All rows, and no worker writes an intent into one before the transaction ends."""
    return (await queries.rows_of_stacks(session, [stack_id], held=True))[stack_id]


async def refuse_second(session: AsyncSession, stack_id: UUID, *, but: OperationView | None = None) -> None:
    """Problem 409 that names the stack's operation under way, unless that is `but`."""
    running = await active_operation(session, stack_id)
    if running is not None and (but is None or running.id != but.id):
        raise refusing.in_progress(running)


async def announce(
    session: AsyncSession, operation_id: UUID, name: str, line: str, actor: Actor | None = None
) -> OperationView:
    """Tell it: one line of the story, one event. With an actor it is a person's act, hence audited."""
    operation = await get_operation(session, operation_id)
    assert operation is not None, "written above in this transaction"
    await queries.add_line(session, operation_id, operation.workspace_id, line)
    event = Event(name, f"operation/{operation_id}", operation.workspace_id, operation.summary(), actor=actor)
    await publish(session, event)
    if not operation.active and name in ("operation.started", "operation.cancel_requested"):
        ended = Event(f"operation.{operation.state.value}", event.topic, event.workspace_id, operation.summary())
        await publish(session, ended)
    return replace(operation, timeline=await operation_views.timeline_of(session, operation_id))

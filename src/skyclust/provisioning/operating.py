"""Start, read, cancel, resume and roll back operations. Called by the slices, inside their transaction.

Nothing here calls a cloud: it writes rows that are due, and the engine moves them. Ring `app.state.engine_bell` after
the commit. Invariant: one operation per stack is under way, and whoever writes a stack's rows holds the stack's lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.contract.resources import Graph, JsonObject
from skyclust.events.publishing import Actor, Event, publish
from skyclust.kit.ids import uuid7
from skyclust.kit.pagination import decode_cursor, encode_cursor, page_of
from skyclust.kit.problems import FieldError, Problem, invalid, not_found
from skyclust.provisioning import queries, refusing
from skyclust.provisioning.concluding import StepState, conclude, step_state
from skyclust.provisioning.models import OPERATIONS, StackRecord
from skyclust.provisioning.planning import Plan, Verb
from skyclust.provisioning.progressing import StepView
from skyclust.provisioning.recording import plan_document
from skyclust.provisioning.rows import Desired, OperationState, ResourceRow, StackRef
from skyclust.provisioning.starting import Start, revived, rolled_back, start
from skyclust.provisioning.viewing import ROLLBACK_SUFFIX, OperationView, Target

__all__ = [
    "NewStack",
    "OperationView",
    "Target",
    "active_operation",
    "active_operations",
    "begin_operation",
    "create_stack",
    "get_operation",
    "list_operations",
    "load_rows",
    "load_rows_of",
    "request_cancel",
    "resume",
    "roll_back",
    "stack_of",
]


@dataclass(frozen=True, slots=True)
class NewStack:
    """A stack to be made. `kind` is "cluster" or "network"."""

    id: UUID
    workspace_id: UUID
    credential_id: UUID
    provider: str
    region: str
    name: str
    kind: str


# ---- stacks and rows ----
async def create_stack(session: AsyncSession, stack: NewStack) -> None:
    """Make an empty stack; `begin_operation` fills it."""
    session.add(
        StackRecord(
            id=stack.id,
            workspace_id=stack.workspace_id,
            credential_id=stack.credential_id,
            provider=stack.provider,
            region=stack.region,
            name=stack.name,
            kind=stack.kind,
        )
    )
    await session.flush()


async def stack_of(session: AsyncSession, stack_id: UUID) -> StackRef | None:
    """The stack, if this session may see it."""
    return await queries.stack_by_id(session, stack_id)


async def load_rows(session: AsyncSession, stack_id: UUID) -> list[ResourceRow]:
    """All rows of a stack, gone ones included, in the order in which they were made."""
    return (await queries.rows_of_stacks(session, [stack_id]))[stack_id]


async def load_rows_of(session: AsyncSession, stack_ids: Iterable[UUID]) -> dict[UUID, list[ResourceRow]]:
    """`load_rows` of many stacks in one query; every id asked for is a key of the answer."""
    return await queries.rows_of_stacks(session, stack_ids)


# ---- starting ----
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
) -> OperationView:
    """Write the plan's rows, due at once. `graph` is None when everything is deleted; an empty plan ends at once.

    Problem 409 `operation-in-progress` names the operation of this stack that is under way.
    """
    stack = await _held(session, stack_id)
    await _refuse_second(session, stack_id)
    rows = await _held_rows(session, stack_id)
    begun = start(plan, graph, rows, stack_id, operation_id, new_id)
    empty = not begun.verbs
    record = _record(operation_id, stack, kind, target, requested_by, plan=plan_document(plan), undo=begun.undo)
    record["state"] = (OperationState.SUCCEEDED if empty else OperationState.PENDING).value
    record |= {"started_at": queries.CLOCK, "ended_at": queries.CLOCK} if empty else {}
    await session.execute(insert(OPERATIONS).values(record))
    await queries.put_rows(session, stack, begun.rows)
    await queries.add_steps(session, operation_id, stack.workspace_id, _steps_of_plan(plan, begun))
    return await _announce(
        session, operation_id, "operation.started", f"{kind} of {target.name} {_steps(len(begun.verbs))}"
    )


def _steps(count: int) -> str:
    return "has nothing to do" if not count else f"started: {count} step{'s' if count > 1 else ''}"


def _record(
    operation_id: UUID, stack: StackRef, kind: str, target: Target, actor: Actor, *, plan: JsonObject, undo: JsonObject
) -> JsonObject:
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


def _steps_of_plan(plan: Plan, begun: Start) -> list[StepView]:
    rows = {row.key: row for row in begun.rows}
    lines = [line for line in plan.changes if line.key in begun.verbs]
    return [_step(rows[line.key], line.verb, line.expected_seconds) for line in lines]


def _step(row: ResourceRow, verb: str, expected_seconds: float) -> StepView:
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


# ---- acting on one ----
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
    return await _announce(session, operation_id, "operation.cancel_requested", f"Cancelled by {actor.label}", actor)


async def resume(session: AsyncSession, operation_id: UUID, actor: Actor) -> OperationView:
    """Try again what is stuck or was left when the operation was cancelled. The same operation goes on."""
    operation, stack = await _held_operation(session, operation_id)
    if "resume" not in operation.actions:
        raise refusing.cannot(operation, "resumed")
    await _refuse_second(session, stack.id)
    rows = await _held_rows(session, stack.id)
    own = [row for row in rows if row.operation_id == operation_id]
    left = [revived(row) for row in own if step_state(row) is not StepState.SUCCEEDED]
    if not left:
        raise refusing.superseded(operation)
    await queries.put_rows(session, stack, left)
    for row in left:
        await queries.set_step_state(session, operation_id, row, step_state(row))
    await queries.set_operation_state(session, operation_id, OperationState.RUNNING, "")
    return await _announce(session, operation_id, "operation.resumed", f"Resumed by {actor.label}", actor)


async def roll_back(
    session: AsyncSession, operation_id: UUID, actor: Actor, *, new_id: Callable[[], UUID] = uuid7
) -> OperationView:
    """A new operation that takes back what this one made and changed, and nothing else. Returns the new one."""
    operation, stack = await _held_operation(session, operation_id)
    if "rollback" not in operation.actions:
        raise refusing.cannot(operation, "rolled back")
    await _refuse_second(session, stack.id)
    await _refuse_superseded(session, operation)
    undo = await queries.undo_of(session, operation_id)
    rollback_id = new_id()
    back = rolled_back(await _held_rows(session, stack.id), undo, rollback_id)
    moved = [row for row in back if row.operation_id == rollback_id]
    if not moved:
        raise refusing.nothing_to_roll_back(operation)
    kind = operation.kind + ROLLBACK_SUFFIX
    record = _record(rollback_id, stack, kind, operation.target, actor, plan={}, undo={}) | {"rolls_back": operation_id}
    await session.execute(insert(OPERATIONS).values(record))
    await queries.link_rollback(session, operation_id, rollback_id)
    await queries.put_rows(session, stack, back)
    await queries.add_steps(session, rollback_id, stack.workspace_id, _steps_back(operation, moved))
    await queries.add_line(session, operation_id, stack.workspace_id, f"Rolled back by {actor.label}")
    line = f"Roll back of {operation.kind} of {operation.target.name} {_steps(len(moved))}"
    return await _announce(session, rollback_id, "operation.rollback_requested", line, actor)


def _steps_back(operation: OperationView, back: Sequence[ResourceRow]) -> list[StepView]:
    """A way back is expected to take as long as the way there: nobody here knows the driver's figure."""
    seconds = {step.resource_id: step.expected_seconds for step in operation.steps}
    verbs = {Desired.ABSENT: Verb.DELETE, Desired.PRESENT: Verb.UPDATE}
    return [_step(row, verbs[row.desired], seconds.get(row.id, 0.0)) for row in reversed(back)]


# ---- reading ----
async def get_operation(session: AsyncSession, operation_id: UUID) -> OperationView | None:
    """The operation with steps and timeline, if this session may see it."""
    found = await queries.operations_where(session, OPERATIONS.c.id == operation_id)
    if not found:
        return None
    return replace(found[0], timeline=await queries.timeline_of(session, operation_id))


async def active_operation(session: AsyncSession, stack_id: UUID) -> OperationView | None:
    """The stack's operation under way, if any."""
    return (await active_operations(session, [stack_id])).get(stack_id)


async def active_operations(session: AsyncSession, stack_ids: Iterable[UUID]) -> dict[UUID, OperationView]:
    """Operations under way by stack, in one query; stacks without one are left out."""
    condition = OPERATIONS.c.stack_id.in_(list(stack_ids))
    found = await queries.operations_where(session, condition, queries.is_active())
    return {operation.stack_id: operation for operation in found}


async def list_operations(
    session: AsyncSession,
    *,
    workspace_ids: Sequence[UUID],
    state: OperationState | None = None,
    target_id: UUID | None = None,
    kind: str | None = None,
    limit: int,
    cursor: str | None = None,
) -> tuple[list[OperationView], str | None]:
    """One page, newest first, and the cursor of the next one. Timelines are left out."""
    found = await queries.operations_page(
        session,
        workspace_ids,
        states=[state] if state is not None else [],
        target_id=target_id,
        kind=kind,
        before=_sort_key(cursor),
        limit=limit + 1,
    )
    return page_of(found, limit, lambda view: encode_cursor(view.created_at.isoformat(), str(view.id)))


def _sort_key(cursor: str | None) -> tuple[datetime, UUID] | None:
    parts = decode_cursor(cursor, 2)
    if parts is None:
        return None
    try:
        return datetime.fromisoformat(parts[0]), UUID(parts[1])
    except ValueError:
        raise invalid([FieldError("?cursor", "Use the next_cursor of the page before, unchanged.")]) from None


# ---- inside ----
async def _held(session: AsyncSession, stack_id: UUID) -> StackRef:
    stack = await queries.lock_stack(session, stack_id)
    if stack is None:
        raise not_found("stack")
    return stack


async def _held_rows(session: AsyncSession, stack_id: UUID) -> list[ResourceRow]:
    """All rows, and no worker writes an intent into one before the transaction ends."""
    return (await queries.rows_of_stacks(session, [stack_id], held=True))[stack_id]


async def _held_operation(session: AsyncSession, operation_id: UUID) -> tuple[OperationView, StackRef]:
    """The operation as it is while its stack is held."""
    found = await get_operation(session, operation_id)
    if found is None:
        raise not_found("operation")
    stack = await _held(session, found.stack_id)
    current = await get_operation(session, operation_id)
    assert current is not None, "operations are never deleted while their stack is held"
    return current, stack


async def _refuse_second(session: AsyncSession, stack_id: UUID) -> None:
    running = await active_operation(session, stack_id)
    if running is not None:
        raise refusing.in_progress(running)


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


async def _announce(
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
    return replace(operation, timeline=await queries.timeline_of(session, operation_id))


def in_progress_problem(operation: OperationView) -> Problem:
    """The 409 that names the operation under way, for slices that look before they plan."""
    return refusing.in_progress(operation)

"""Reads and writes of stacks and rows, writes of operations, for `operating`. Operations are read by `operation_views`,
the engine's own statements are in postgres.py.

Invariant of locking: `lock_stack` comes first in every transaction that writes more than one row of a stack, so that
no two of them wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    case,
    false,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.provisioning.concluding import StepState
from skyclust.provisioning.living import lasting
from skyclust.provisioning.models import OPERATIONS, RESOURCES, STACKS, STEPS, TIMELINE
from skyclust.provisioning.progressing import StepView
from skyclust.provisioning.recording import resource_of, stack_from, values_of
from skyclust.provisioning.rows import ACTIVE_OPERATIONS, STUCK, OperationState, ResourceRow, StackRef, State

CLOCK = func.clock_timestamp()
_AT_REST = sorted(state.value for state in {*STUCK, State.GONE})
_ACTIVE_NAMES = sorted(state.value for state in ACTIVE_OPERATIONS)


async def lock_stack(session: AsyncSession, stack_id: UUID) -> StackRef | None:
    """The stack, held until the transaction ends. None when there is none that this session may see."""
    found = await session.execute(select(STACKS).where(STACKS.c.id == stack_id).with_for_update(key_share=True))
    row = found.mappings().one_or_none()
    return stack_from(row) if row is not None else None


async def stack_by_id(session: AsyncSession, stack_id: UUID) -> StackRef | None:
    """The stack, not held."""
    row = (await session.execute(select(STACKS).where(STACKS.c.id == stack_id))).mappings().one_or_none()
    return stack_from(row) if row is not None else None


async def rows_of_stacks(
    session: AsyncSession, stack_ids: Iterable[UUID], *, held: bool = False
) -> dict[UUID, list[ResourceRow]]:
    """All rows of each stack, gone ones included, in the order in which they were made.

    `held` keeps workers from writing an intent before the transaction ends: for whoever overwrites rows.
    """
    wanted = list(stack_ids)
    rows: dict[UUID, list[ResourceRow]] = {stack_id: [] for stack_id in wanted}
    chosen = select(RESOURCES).where(RESOURCES.c.stack_id.in_(wanted)).order_by(RESOURCES.c.position)
    found = await session.execute(chosen.with_for_update() if held else chosen)
    for columns in found.mappings():
        rows[columns["stack_id"]].append(resource_of(columns))
    return rows


async def holdings(session: AsyncSession, workspace_id: UUID) -> dict[StackRef, list[ResourceRow]]:
    """Everything of a workspace that is not gone, by stack."""
    mine = (RESOURCES.c.workspace_id == workspace_id, RESOURCES.c.state != State.GONE.value)
    found = await session.execute(select(RESOURCES).where(*mine).order_by(RESOURCES.c.position))
    rows = [resource_of(columns) for columns in found.mappings()]
    # second: a stack is there before its resources, whatever is committed between the two statements
    stacks = await session.execute(select(STACKS).where(STACKS.c.workspace_id == workspace_id, lasting()))
    by_id = {columns["id"]: stack_from(columns) for columns in stacks.mappings()}
    held: dict[StackRef, list[ResourceRow]] = {}
    for row in rows:
        if row.stack_id in by_id:
            held.setdefault(by_id[row.stack_id], []).append(row)
    return held


async def put_rows(session: AsyncSession, stack: StackRef, rows: Sequence[ResourceRow]) -> None:
    """Insert or overwrite rows, due at once. A running worker's fence moves on, so that it drops its result.

    Its lease stays until it has dropped it: two workers never act on one resource.
    """
    if not rows:
        return
    owner = {"workspace_id": stack.workspace_id, "credential_id": stack.credential_id}
    new = insert(RESOURCES).values([values_of(row) | owner | {"wake_at": CLOCK} for row in rows])
    overwritten = {name: new.excluded[name] for name in values_of(rows[0]) if name not in ("id", "stack_id")}
    moved_on = {
        "wake_at": CLOCK,
        "fence": RESOURCES.c.fence + 1,
        "pokes": RESOURCES.c.pokes + 1,
    }
    await session.execute(new.on_conflict_do_update(index_elements=[RESOURCES.c.id], set_=overwritten | moved_on))


async def interrupt_rows(session: AsyncSession, operation_id: UUID) -> None:
    """Wake an operation's rows, and have workers that have not called the cloud yet drop what they are about to do.

    A call in flight (an open intent) goes on under its fence, so that its result is recorded.
    """
    in_flight = func.coalesce(RESOURCES.c.intent["open"].as_boolean(), false())
    await session.execute(
        update(RESOURCES)
        .where(RESOURCES.c.operation_id == operation_id, RESOURCES.c.state.not_in(_AT_REST))
        .values(
            wake_at=CLOCK,
            pokes=RESOURCES.c.pokes + 1,
            fence=RESOURCES.c.fence + case((in_flight, 0), else_=1),
        )
    )


async def wake_rows(session: AsyncSession, operation_id: UUID) -> None:
    """Make an operation's rows due, whatever they wait for."""
    await session.execute(
        update(RESOURCES)
        .where(RESOURCES.c.operation_id == operation_id, RESOURCES.c.state.not_in(_AT_REST))
        .values(wake_at=CLOCK, pokes=RESOURCES.c.pokes + 1)
    )


async def add_steps(
    session: AsyncSession, operation_id: UUID, workspace_id: UUID, steps: Sequence[StepView]
) -> None:  # fmt: skip
    """Write the steps of a new operation, in this order."""
    columns = (
        "resource_id", "key", "kind", "title", "verb", "expected_seconds",
        "started_at", "ended_at", "attempts", "message", "external_id", "stage",
    )  # fmt: skip
    if steps:
        await session.execute(
            insert(STEPS),
            [
                {name: getattr(step, name) for name in columns}
                | {"operation_id": operation_id, "workspace_id": workspace_id, "position": position}
                | {"depends_on": list(step.depends_on), "state": step.state.value}
                for position, step in enumerate(steps)
            ],
        )


async def set_step_state(session: AsyncSession, operation_id: UUID, row: ResourceRow, state: StepState) -> None:
    """A step as its row stands now. Its start is kept; its end is told when it has ended for now."""
    waiting = state is StepState.PENDING
    ended = state not in (StepState.PENDING, StepState.RUNNING)
    await session.execute(
        update(STEPS)
        .where(*_present(operation_id, row.id))
        .values(
            state=state.value,
            started_at=None if waiting else func.coalesce(STEPS.c.started_at, row.action_started_at, CLOCK),
            ended_at=func.coalesce(STEPS.c.ended_at, CLOCK) if ended else None,
            attempts=row.attempts,
            message=row.message,
            external_id=func.coalesce(row.external_id, STEPS.c.external_id),
        )
    )


async def step_states(session: AsyncSession, operation_id: UUID) -> list[StepState]:
    """The states of an operation's steps."""
    found = await session.scalars(select(STEPS.c.state).where(STEPS.c.operation_id == operation_id))
    return [StepState(state) for state in found]


async def set_step_running(session: AsyncSession, operation_id: UUID, resource_id: UUID) -> None:
    """A call is about to be made for a step that was waiting."""
    await session.execute(
        update(STEPS)
        .where(*_present(operation_id, resource_id))
        .where(STEPS.c.state == StepState.PENDING.value)
        .values(state=StepState.RUNNING.value, started_at=func.coalesce(STEPS.c.started_at, CLOCK))
    )


def _present(operation_id: UUID, resource_id: UUID) -> tuple[ColumnElement[bool], ...]:
    """The step of a resource in the stage that its operation is in."""
    stage = select(OPERATIONS.c.stage).where(OPERATIONS.c.id == operation_id).scalar_subquery()
    return STEPS.c.operation_id == operation_id, STEPS.c.resource_id == resource_id, STEPS.c.stage == stage


async def stages_left(session: AsyncSession, operation_id: UUID) -> list[dict[str, Any]]:
    """What an operation enters after its present stage, in this order."""
    left: list[dict[str, Any]] = (
        await session.scalars(select(OPERATIONS.c.stages).where(OPERATIONS.c.id == operation_id))
    ).one()
    return left


async def set_stage(session: AsyncSession, operation_id: UUID, left: list[dict[str, Any]]) -> int:
    """Count on to the next stage; `left` are those after it. Answers its number."""
    onward = update(OPERATIONS).where(OPERATIONS.c.id == operation_id)
    moved = onward.values(stage=OPERATIONS.c.stage + 1, stages=left).returning(OPERATIONS.c.stage)
    return int((await session.scalars(moved)).one())


async def reopen_later_steps(session: AsyncSession, operation_id: UUID) -> None:
    """Steps of stages that were not entered before their operation was cancelled, and will be now."""
    stage = select(OPERATIONS.c.stage).where(OPERATIONS.c.id == operation_id).scalar_subquery()
    await session.execute(
        update(STEPS)
        .where(STEPS.c.operation_id == operation_id, STEPS.c.stage > stage)
        .values(state=StepState.PENDING.value, ended_at=None)
    )


async def cancel_open_steps(session: AsyncSession, operation_id: UUID) -> None:
    """Steps that were neither done nor stuck when their operation was cancelled."""
    open_states = [StepState.PENDING.value, StepState.RUNNING.value]
    await session.execute(
        update(STEPS)
        .where(STEPS.c.operation_id == operation_id, STEPS.c.state.in_(open_states))
        .values(state=StepState.CANCELLED.value, ended_at=CLOCK)
    )


async def add_line(session: AsyncSession, operation_id: UUID, workspace_id: UUID, line: str) -> None:
    """One line of the operation's story."""
    values = {"operation_id": operation_id, "workspace_id": workspace_id, "text": line}
    await session.execute(insert(TIMELINE).values(values))


async def set_operation_state(
    session: AsyncSession, operation_id: UUID, state: OperationState, message: str
) -> float:  # fmt: skip
    """Move an operation on. Its start is the first time it is under way, its end the last time it ended.

    Answers the seconds since it was asked for.
    """
    active = state in ACTIVE_OPERATIONS
    started = state is not OperationState.PENDING
    moved = (
        update(OPERATIONS)
        .where(OPERATIONS.c.id == operation_id)
        .values(
            state=state.value,
            message=message,
            started_at=func.coalesce(OPERATIONS.c.started_at, CLOCK) if started else None,
            ended_at=None if active else CLOCK,
        )
        .returning(func.extract("epoch", CLOCK - OPERATIONS.c.created_at))
    )
    return float((await session.scalars(moved)).one())


async def link_rollback(session: AsyncSession, operation_id: UUID, rollback_id: UUID) -> None:
    """Say in an operation which one rolls it back."""
    await session.execute(update(OPERATIONS).where(OPERATIONS.c.id == operation_id).values(rolled_back_by=rollback_id))


async def undo_of(session: AsyncSession, operation_id: UUID) -> dict[str, Any]:
    """What an operation's roll back needs to know."""
    undo: dict[str, Any] = (
        await session.scalars(select(OPERATIONS.c.undo).where(OPERATIONS.c.id == operation_id))
    ).one()
    return undo


async def target_before(session: AsyncSession, rollback_id: UUID) -> dict[str, Any] | None:
    """The spec that the target of a rolled back operation had before that operation, given the roll back's id."""
    rolled_back = select(OPERATIONS.c.rolls_back).where(OPERATIONS.c.id == rollback_id).scalar_subquery()
    own = select(OPERATIONS.c.target_before).where(OPERATIONS.c.id == rolled_back)
    before: dict[str, Any] | None = (await session.scalars(own)).one_or_none()
    return before


def is_active() -> ColumnElement[bool]:
    """Condition: under way."""
    return OPERATIONS.c.state.in_(_ACTIVE_NAMES)

"""Operations read as people see them: with steps, timeline, and what they wait for. Called by `reading`.

Invariant: however many operations, the same number of statements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Label, Select, and_, exists, not_, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.provisioning.attending import attention, leftovers
from skyclust.provisioning.concluding import StepState
from skyclust.provisioning.models import OPERATIONS, RESOURCES, STEPS, TIMELINE
from skyclust.provisioning.progressing import StepView
from skyclust.provisioning.recording import resource_of
from skyclust.provisioning.rows import OperationState, ResourceRow, State
from skyclust.provisioning.viewing import UNFINISHED, OperationView, Requester, Target, TimelineLine

#: Lines of a timeline that are shown.
MAX_TIMELINE = 1000
_UNFINISHED_NAMES = frozenset(state.value for state in UNFINISHED)


async def operations_where(session: AsyncSession, *conditions: ColumnElement[bool]) -> list[OperationView]:
    """Operations with their steps, newest first."""
    return await _viewed(
        session, select(OPERATIONS).where(*conditions).order_by(OPERATIONS.c.created_at.desc(), OPERATIONS.c.id.desc())
    )


async def operations_page(
    session: AsyncSession,
    workspace_ids: Sequence[UUID],
    *,
    states: Sequence[OperationState],
    target_id: UUID | None,
    kind: str | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[OperationView]:
    """Up to `limit` operations of these workspaces before a sort key, newest first."""
    conditions: list[ColumnElement[bool]] = [OPERATIONS.c.workspace_id.in_(workspace_ids)]
    if states:
        conditions.append(OPERATIONS.c.state.in_([state.value for state in states]))
    if target_id is not None:
        conditions.append(OPERATIONS.c.target_id == target_id)
    if kind is not None:
        conditions.append(OPERATIONS.c.kind == kind)
    if before is not None:
        conditions.append(tuple_(OPERATIONS.c.created_at, OPERATIONS.c.id) < tuple_(*before))
    newest = (
        select(OPERATIONS).where(and_(*conditions)).order_by(OPERATIONS.c.created_at.desc(), OPERATIONS.c.id.desc())
    )
    return await _viewed(session, newest.limit(limit))


async def _viewed(session: AsyncSession, chosen: Select[Any]) -> list[OperationView]:
    records = (await session.execute(chosen.add_columns(_standing_on_it()))).mappings().all()
    if not records:
        return []
    as_of: datetime = (await session.scalars(text("SELECT clock_timestamp()"))).one()
    steps = await _steps_of(session, [record["id"] for record in records])
    moved = await _rows_moved_by(session, [record["id"] for record in records if record["state"] in _UNFINISHED_NAMES])
    return [_view_of(record, as_of, steps[record["id"]], moved[record["id"]]) for record in records]


async def _rows_moved_by(session: AsyncSession, operation_ids: Sequence[UUID]) -> dict[UUID, list[ResourceRow]]:
    """Living rows that stopped operations would still move."""
    moved: dict[UUID, list[ResourceRow]] = defaultdict(list)
    if operation_ids:
        own = select(RESOURCES).where(
            RESOURCES.c.operation_id.in_(operation_ids), RESOURCES.c.state != State.GONE.value
        )
        for columns in (await session.execute(own.order_by(RESOURCES.c.position))).mappings():
            moved[columns["operation_id"]].append(resource_of(columns))
    return moved


def _standing_on_it() -> Label[Any]:
    """The first later operation of the stack with steps, unless that was undone or is a finished roll back."""
    later, undoing = OPERATIONS.alias("later"), OPERATIONS.alias("undoing")
    done = OperationState.SUCCEEDED.value
    has_steps = exists().where(STEPS.c.operation_id == later.c.id)
    undone = exists().where(undoing.c.id == later.c.rolled_back_by, undoing.c.state == done)
    own_undo = and_(later.c.rolls_back.is_not(None), or_(later.c.state == done, later.c.rolls_back == OPERATIONS.c.id))
    first = (
        select(later.c.id)
        .where(later.c.stack_id == OPERATIONS.c.stack_id, later.c.created_at > OPERATIONS.c.created_at)
        .where(has_steps, not_(undone), not_(own_undo))
        .order_by(later.c.created_at)
        .limit(1)
    )
    return first.correlate(OPERATIONS).scalar_subquery().label("superseded_by")


async def _steps_of(session: AsyncSession, operation_ids: Sequence[UUID]) -> dict[UUID, list[StepView]]:
    steps: dict[UUID, list[StepView]] = defaultdict(list)
    chosen = select(STEPS).where(STEPS.c.operation_id.in_(operation_ids)).order_by(STEPS.c.position)
    for columns in (await session.execute(chosen)).mappings():
        steps[columns["operation_id"]].append(_step_of(columns))
    return steps


async def timeline_of(session: AsyncSession, operation_id: UUID) -> tuple[TimelineLine, ...]:
    """The operation's story, oldest line first; of a very long one the end."""
    own = select(TIMELINE.c.at, TIMELINE.c.text).where(TIMELINE.c.operation_id == operation_id)
    newest = await session.execute(own.order_by(TIMELINE.c.position.desc()).limit(MAX_TIMELINE))
    return tuple(reversed([TimelineLine(at, line) for at, line in newest]))


def _step_of(columns: Any) -> StepView:
    return StepView(
        resource_id=columns["resource_id"],
        key=columns["key"],
        kind=columns["kind"],
        title=columns["title"],
        verb=columns["verb"],
        state=StepState(columns["state"]),
        depends_on=tuple(columns["depends_on"]),
        expected_seconds=columns["expected_seconds"],
        started_at=columns["started_at"],
        ended_at=columns["ended_at"],
        attempts=columns["attempts"],
        message=columns["message"],
        external_id=columns["external_id"],
        stage=columns["stage"],
    )


def _view_of(
    record: Any, as_of: datetime, steps: Sequence[StepView], moved: Sequence[ResourceRow]
) -> OperationView:  # fmt: skip
    return OperationView(
        id=record["id"],
        workspace_id=record["workspace_id"],
        stack_id=record["stack_id"],
        kind=record["kind"],
        target=Target(
            record["target_kind"], record["target_id"], record["target_name"], record["provider"], record["region"]
        ),
        state=OperationState(record["state"]),
        message=record["message"],
        plan=record["plan"],
        requested_by=Requester(record["requested_by_id"], record["requested_by_label"]),
        created_at=record["created_at"],
        started_at=record["started_at"],
        ended_at=record["ended_at"],
        rolled_back_by=record["rolled_back_by"],
        rolls_back=record["rolls_back"],
        as_of=as_of,
        superseded_by=record["superseded_by"],
        steps=tuple(steps),
        attention=attention(moved),
        leftovers=leftovers(moved, record["region"]),
        stage=record["stage"],
    )

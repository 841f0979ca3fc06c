"""Every statement of clusters. Each names the workspaces, and is held by row-level security besides.

Living = not deleted, and its stack still holds something: a deletion that ended needs nobody to write it down.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.clusters.models import ClusterRow, ClusterTemplateRow, HibernationScheduleRow
from skyclust.provisioning.living import holds_something, under_way, unsettled

Entered = TypeVar("Entered", ClusterRow, ClusterTemplateRow, HibernationScheduleRow)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which clusters. None = any."""

    provider: str | None = None
    credential_id: UUID | None = None
    region: str | None = None
    name: str | None = None


def _living(workspace_ids: Collection[UUID]) -> Select[ClusterRow]:
    return select(ClusterRow).where(
        ClusterRow.workspace_id.in_(list(workspace_ids)),
        ClusterRow.deleted_at.is_(None),
        holds_something(ClusterRow.stack_id),
    )


async def by_id(
    session: AsyncSession, workspace_ids: Collection[UUID], cluster_id: UUID, *, lock: bool = False
) -> ClusterRow | None:
    """One living cluster."""
    statement = _living(workspace_ids).where(ClusterRow.id == cluster_id)
    return await session.scalar(statement.with_for_update() if lock else statement)


def _may_be(state: str) -> ColumnElement[bool]:
    """What must hold in the database for a cluster to be in this state; states.py has the last word."""
    moving, unwell = under_way(ClusterRow.stack_id), unsettled(ClusterRow.stack_id)
    if state in ("provisioning", "updating", "deleting"):
        return moving
    return and_(not_(moving), not_(unwell) if state == "ready" else unwell)


async def list_clusters(
    session: AsyncSession,
    workspace_ids: Collection[UUID],
    which: Filter,
    *,
    state: str | None = None,
    after: UUID | None = None,
    limit: int,
) -> list[ClusterRow]:
    """Living clusters that may be in `state`, oldest first; one more than `limit` when there are more."""
    statement = _living(workspace_ids)
    if state is not None:
        statement = statement.where(_may_be(state))
    for column, value in (
        (ClusterRow.provider, which.provider),
        (ClusterRow.credential_id, which.credential_id),
        (ClusterRow.region, which.region),
        (ClusterRow.name, which.name),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if after is not None:
        statement = statement.where(ClusterRow.id > after)
    return list(await session.scalars(statement.order_by(ClusterRow.id).limit(limit + 1)))


async def living_specs(
    session: AsyncSession, workspace_id: UUID
) -> list[tuple[UUID, dict[str, Any], dict[str, Any] | None]]:
    """Stack, spec and the spec before of every living cluster of a workspace, as the database has them now."""
    columns = (ClusterRow.stack_id, ClusterRow.spec, ClusterRow.previous_spec)
    found = await session.execute(_living([workspace_id]).with_only_columns(*columns))
    return [(stack_id, spec, previous) for stack_id, spec, previous in found]


async def namesake(session: AsyncSession, like: ClusterRow) -> ClusterRow | None:
    """The living cluster that has this name in this place already."""
    statement = _living([like.workspace_id]).where(
        ClusterRow.provider == like.provider,
        ClusterRow.account == like.account,
        ClusterRow.region == like.region,
        ClusterRow.name == like.name,
    )
    return await session.scalar(statement)


async def retire_gone(session: AsyncSession, like: ClusterRow, now: datetime) -> None:
    """Give the name of a cluster that is gone back."""
    await session.execute(
        update(ClusterRow)
        .where(
            ClusterRow.workspace_id == like.workspace_id,
            ClusterRow.provider == like.provider,
            ClusterRow.account == like.account,
            ClusterRow.region == like.region,
            ClusterRow.name == like.name,
            ClusterRow.deleted_at.is_(None),
            ~holds_something(ClusterRow.stack_id),
        )
        .values(deleted_at=now)
        .execution_options(synchronize_session=False)
    )


async def add(session: AsyncSession, row: Entered) -> Entered:
    """Enter a row; IntegrityError when a cluster's name was taken meanwhile."""
    session.add(row)
    await session.flush()
    return row


# ---- when they sleep ----
async def schedule_of(
    session: AsyncSession, workspace_ids: Collection[UUID], cluster_id: UUID, *, lock: bool = False
) -> HibernationScheduleRow | None:
    """The timetable of a cluster."""
    statement = select(HibernationScheduleRow).where(
        HibernationScheduleRow.workspace_id.in_(list(workspace_ids)), HibernationScheduleRow.cluster_id == cluster_id
    )
    return await session.scalar(statement.with_for_update() if lock else statement)


async def lease_due_schedules(
    session: AsyncSession, now: datetime, until: datetime, *, limit: int
) -> list[HibernationScheduleRow]:
    """Timetables of all workspaces that somebody is to look at now, longest waiting first, for this worker alone."""
    due = (
        select(HibernationScheduleRow.cluster_id)
        .where(
            HibernationScheduleRow.due_at <= now,
            or_(HibernationScheduleRow.leased_until.is_(None), HibernationScheduleRow.leased_until <= now),
        )
        .order_by(HibernationScheduleRow.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")  # as a plain subquery it may be run once per row, and the limit would not hold
    )
    leased = (
        update(HibernationScheduleRow)
        .where(HibernationScheduleRow.cluster_id == due.c.cluster_id)
        .values(leased_until=until)
        .returning(HibernationScheduleRow)
        .execution_options(synchronize_session=False)
    )
    return list(await session.scalars(leased))


# ---- templates ----
def _kept(workspace_id: UUID) -> Select[ClusterTemplateRow]:
    return select(ClusterTemplateRow).where(
        ClusterTemplateRow.workspace_id == workspace_id, ClusterTemplateRow.deleted_at.is_(None)
    )


async def templates_page(
    session: AsyncSession,
    workspace_id: UUID,
    *,
    name: str | None,
    provider: str | None,
    after: tuple[str, int] | None,
    limit: int,
) -> list[ClusterTemplateRow]:
    """By name, the newest version of each first; one more than `limit` when there are more."""
    statement = _kept(workspace_id)
    if name is not None:
        statement = statement.where(ClusterTemplateRow.name == name)
    if provider is not None:
        statement = statement.where(ClusterTemplateRow.provider == provider)
    if after is not None:
        same = and_(ClusterTemplateRow.name == after[0], ClusterTemplateRow.version < after[1])
        statement = statement.where(or_(ClusterTemplateRow.name > after[0], same))
    ordered = statement.order_by(ClusterTemplateRow.name, ClusterTemplateRow.version.desc())
    return list(await session.scalars(ordered.limit(limit + 1)))


async def template(
    session: AsyncSession, workspace_id: UUID, name: str, version: int, *, lock: bool = False
) -> ClusterTemplateRow | None:
    """One version."""
    statement = _kept(workspace_id).where(ClusterTemplateRow.name == name, ClusterTemplateRow.version == version)
    return await session.scalar(statement.with_for_update() if lock else statement)


async def newest_template(session: AsyncSession, workspace_id: UUID, name: str) -> ClusterTemplateRow | None:
    """The newest version that is not deprecated; else the newest."""
    statement = _kept(workspace_id).where(ClusterTemplateRow.name == name)
    ordered = statement.order_by(ClusterTemplateRow.deprecated_at.is_not(None), ClusterTemplateRow.version.desc())
    return await session.scalar(ordered.limit(1))


async def last_version(session: AsyncSession, workspace_id: UUID, name: str) -> int:
    """The highest version ever given out; 0 for none."""
    highest = select(func.max(ClusterTemplateRow.version)).where(
        ClusterTemplateRow.workspace_id == workspace_id, ClusterTemplateRow.name == name
    )
    return int(await session.scalar(highest) or 0)

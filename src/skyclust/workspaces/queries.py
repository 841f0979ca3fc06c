"""Every statement of workspaces. Each is scoped to a workspace or a user, and held by row-level security besides."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.provisioning.living import holds_something
from skyclust.provisioning.models import StackRecord
from skyclust.workspaces.models import MemberRow, WorkspaceRow
from skyclust.workspaces.permissions import Role


async def memberships_of(session: AsyncSession, user_id: UUID) -> dict[UUID, Role]:
    """The user's own memberships, oldest first: the one thing visible before anything is made visible."""
    await session.execute(text("SELECT set_config('skyclust.user', :user, true)"), {"user": str(user_id)})
    rows = await session.execute(
        select(MemberRow.workspace_id, MemberRow.role)
        .where(MemberRow.user_id == user_id)
        .order_by(MemberRow.created_at, MemberRow.workspace_id)
    )
    return {workspace_id: Role(role) for workspace_id, role in rows}


class Lock(Enum):
    """KEEP: nobody deletes it before this transaction ends. CHANGE: nobody else changes it either. DELETE: alone."""

    KEEP = "keep"
    CHANGE = "change"
    DELETE = "delete"


async def list_workspaces(
    session: AsyncSession, workspace_ids: Iterable[UUID], *, after: UUID | None = None, limit: int
) -> list[WorkspaceRow]:
    """Of these workspaces, oldest first (ids sort by creation), one more than `limit` when there are more."""
    statement = select(WorkspaceRow).where(WorkspaceRow.id.in_(list(workspace_ids)))
    if after is not None:
        statement = statement.where(WorkspaceRow.id > after)
    return list(await session.scalars(statement.order_by(WorkspaceRow.id).limit(limit + 1)))


async def workspace_by_id(session: AsyncSession, workspace_id: UUID, lock: Lock | None = None) -> WorkspaceRow | None:
    """One workspace."""
    statement = select(WorkspaceRow).where(WorkspaceRow.id == workspace_id)
    if lock is not None:
        statement = statement.with_for_update(read=lock is Lock.KEEP, key_share=lock is not Lock.DELETE)
    return await session.scalar(statement)


async def count_stacks(session: AsyncSession, workspace_id: UUID) -> int:
    """How many clusters and networks of the workspace still hold something in a cloud."""
    statement = (
        select(func.count())
        .select_from(StackRecord)
        .where(StackRecord.workspace_id == workspace_id, holds_something(StackRecord.id))
    )
    return int(await session.scalar(statement) or 0)


async def delete_workspace(session: AsyncSession, workspace_id: UUID) -> None:
    """Remove it with its members and credentials (foreign keys cascade)."""
    await session.execute(delete(WorkspaceRow).where(WorkspaceRow.id == workspace_id))


async def members_of(
    session: AsyncSession, workspace_id: UUID, *, after: UUID | None = None, limit: int
) -> list[MemberRow]:
    """Members by user id, one more than `limit` when there are more."""
    statement = select(MemberRow).where(MemberRow.workspace_id == workspace_id).order_by(MemberRow.user_id)
    if after is not None:
        statement = statement.where(MemberRow.user_id > after)
    return list(await session.scalars(statement.limit(limit + 1)))


async def member(session: AsyncSession, workspace_id: UUID, user_id: UUID) -> MemberRow | None:
    """One membership."""
    return await session.scalar(
        select(MemberRow).where(MemberRow.workspace_id == workspace_id, MemberRow.user_id == user_id)
    )


async def count_admins(session: AsyncSession, workspace_id: UUID) -> int:
    """How many members hold the role admin."""
    statement = (
        select(func.count())
        .select_from(MemberRow)
        .where(MemberRow.workspace_id == workspace_id, MemberRow.role == Role.ADMIN.value)
    )
    return int(await session.scalar(statement) or 0)

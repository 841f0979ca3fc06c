"""Every statement of workspaces. Each is scoped to a workspace or a user, and held by row-level security besides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, literal, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.provisioning.living import holds_something, lasting
from skyclust.provisioning.models import OperationRecord, StackRecord
from skyclust.provisioning.rows import ACTIVE_OPERATIONS
from skyclust.provisioning.sweep_models import OrphanRecord
from skyclust.workspaces.models import InvitationRow, MemberRow, RoleRow, WorkspaceQuotaRow, WorkspaceRow
from skyclust.workspaces.permissions import ROLES, WHILE_SUSPENDED, Permission, Role

_UNDER_WAY = [state.value for state in ACTIVE_OPERATIONS]
KNOWN = frozenset(permission.value for permission in Permission)


@dataclass(frozen=True, slots=True)
class Membership:
    """A user's place in a workspace."""

    role: str
    permissions: frozenset[Permission]
    suspended: bool


async def memberships_of(session: AsyncSession, user_id: UUID) -> dict[UUID, Membership]:
    """The user's own memberships, oldest first. One statement, on policies that show a user only this."""
    await session.execute(text("SELECT set_config('skyclust.user', :user, true)"), {"user": str(user_id)})
    rows = await session.execute(
        select(MemberRow.workspace_id, MemberRow.role, RoleRow.permissions, WorkspaceRow.suspended_at)
        .join(WorkspaceRow, WorkspaceRow.id == MemberRow.workspace_id)
        .outerjoin(RoleRow, and_(RoleRow.workspace_id == MemberRow.workspace_id, RoleRow.name == MemberRow.role))
        .where(MemberRow.user_id == user_id)
        .order_by(MemberRow.created_at, MemberRow.workspace_id)
    )
    return {place: membership(role, own, suspended=at is not None) for place, role, own, at in rows}


def membership(role: str, own: Sequence[str] | None, *, suspended: bool) -> Membership:
    """What a role means: `own` are the permissions of a role of the workspace's making, None for a built-in one.

    A permission that this version does not know counts for nothing, and so does a role that is gone.
    """
    if role in ROLES:
        permissions = ROLES[Role(role)]
    else:
        permissions = frozenset(Permission(name) for name in own or () if name in KNOWN)
    return Membership(role, permissions & WHILE_SUSPENDED if suspended else permissions, suspended)


# ---- roles of a workspace's own ----
async def roles_of(session: AsyncSession, workspace_id: UUID) -> list[RoleRow]:
    """By name; there are at most `MAX_ROLES`."""
    return list(
        await session.scalars(select(RoleRow).where(RoleRow.workspace_id == workspace_id).order_by(RoleRow.name))
    )


async def role_named(session: AsyncSession, workspace_id: UUID, name: str) -> RoleRow | None:
    """One role."""
    return await session.scalar(select(RoleRow).where(RoleRow.workspace_id == workspace_id, RoleRow.name == name))


async def count_role_holders(session: AsyncSession, workspace_id: UUID, name: str) -> int:
    """How many members have a role, or are invited to it."""
    members = select(func.count()).where(MemberRow.workspace_id == workspace_id, MemberRow.role == name)
    invited = select(func.count()).where(
        InvitationRow.workspace_id == workspace_id, InvitationRow.role == name, _open()
    )
    return int(await session.scalar(members) or 0) + int(await session.scalar(invited) or 0)


# ---- invitations ----
async def invitations_of(
    session: AsyncSession, workspace_id: UUID, now: datetime, *, before: UUID | None, limit: int
) -> list[InvitationRow]:
    """Open invitations, newest first, one more than `limit` when there are more."""
    statement = select(InvitationRow).where(
        InvitationRow.workspace_id == workspace_id, _open(), InvitationRow.expires_at > now
    )
    if before is not None:
        statement = statement.where(InvitationRow.id < before)
    return list(await session.scalars(statement.order_by(InvitationRow.id.desc()).limit(limit + 1)))


async def invitation(session: AsyncSession, workspace_id: UUID, invitation_id: UUID) -> InvitationRow | None:
    """One open invitation of a workspace, locked."""
    wanted = (InvitationRow.workspace_id == workspace_id, InvitationRow.id == invitation_id, _open())
    return await session.scalar(select(InvitationRow).where(*wanted).with_for_update())


async def invitation_by_token(session: AsyncSession, token_hash: bytes, now: datetime) -> InvitationRow | None:
    """The open invitation behind a link, locked. The session must see every workspace: nobody is signed in yet."""
    wanted = (InvitationRow.token_hash == token_hash, _open(), InvitationRow.expires_at > now)
    return await session.scalar(select(InvitationRow).where(*wanted).with_for_update())


def _open() -> ColumnElement[bool]:
    return and_(InvitationRow.accepted_at.is_(None), InvitationRow.revoked_at.is_(None))


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


async def quota_of(session: AsyncSession, workspace_id: UUID) -> WorkspaceQuotaRow | None:
    """Limits of the workspace's own."""
    return await session.scalar(select(WorkspaceQuotaRow).where(WorkspaceQuotaRow.workspace_id == workspace_id))


@dataclass(frozen=True, slots=True)
class Left:
    """Something that would be left to nobody if the workspace went."""

    kind: str
    name: str
    id: UUID


async def left_in(session: AsyncSession, workspace_id: UUID, limit: int) -> list[Left]:
    """Clusters and networks that hold something, operations under way, orphans that nobody ignores; up to `limit`."""
    stacks = select(StackRecord.kind, StackRecord.name, StackRecord.id).where(
        StackRecord.workspace_id == workspace_id, holds_something(StackRecord.id), lasting()
    )
    running = select(literal("operation"), OperationRecord.target_name, OperationRecord.id).where(
        OperationRecord.workspace_id == workspace_id, OperationRecord.state.in_(_UNDER_WAY)
    )
    name = func.coalesce(func.nullif(OrphanRecord.name, ""), OrphanRecord.external_id)
    orphans = select(literal("orphan"), name, OrphanRecord.id).where(
        OrphanRecord.workspace_id == workspace_id,
        OrphanRecord.confirmed_at.is_not(None),
        OrphanRecord.ignored_at.is_(None),
    )
    found = await session.execute(union_all(stacks, running, orphans).limit(limit))
    return [Left(kind, name, row_id) for kind, name, row_id in found]


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

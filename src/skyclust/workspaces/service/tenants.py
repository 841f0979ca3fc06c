"""Workspaces and their members. Called by the routes.

Invariant: a workspace has an administrator; nobody gives or takes away more than they hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.events.publishing import publish
from skyclust.identity.service import Act, UserRow, accounts, programs
from skyclust.kit.db import visible_to
from skyclust.kit.pagination import decode_cursor, encode_cursor, page_of
from skyclust.kit.problems import FieldError, invalid
from skyclust.workspaces import events, queries
from skyclust.workspaces.callers import Caller
from skyclust.workspaces.errors import (
    already_member,
    last_admin,
    member_not_found,
    no_such_user,
    role_too_high,
    unknown_role,
    workspace_in_use,
    workspace_not_found,
)
from skyclust.workspaces.models import MemberRow, WorkspaceRow
from skyclust.workspaces.permissions import ROLES, Permission, Role, may_grant
from skyclust.workspaces.schemas import MembershipAnswer

#: What a creator holds in the new workspace.
CREATOR = ROLES[Role.ADMIN]
MAX_MEMBERSHIPS = 500
MAX_LEFT_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Member:
    """A membership with the user behind it."""

    user_id: UUID
    email: str
    display_name: str
    role: str
    created_at: datetime


async def keep(session: AsyncSession, workspace_id: UUID) -> None:
    """From here to the end of the transaction nobody deletes the workspace."""
    if await queries.workspace_by_id(session, workspace_id, queries.Lock.KEEP) is None:
        raise workspace_not_found()


async def is_suspended(session: AsyncSession, workspace_id: UUID) -> bool:
    """Whether nothing is changed in it for now; also true of one that is gone."""
    row = await queries.workspace_by_id(session, workspace_id)
    return row is None or row.suspended_at is not None


async def memberships(session: AsyncSession, caller: Caller) -> list[MembershipAnswer]:
    """Where the caller belongs, oldest first, with name, role and permissions."""
    places = await queries.memberships_of(session, caller.user_id)
    rows = await queries.list_workspaces(session, caller.workspaces, limit=MAX_MEMBERSHIPS)
    return [
        MembershipAnswer(
            workspace_id=row.id,
            name=row.name,
            role=places[row.id].role,
            suspended=places[row.id].suspended,
            permissions=sorted(caller.workspaces[row.id]),
        )
        for row in rows[:MAX_MEMBERSHIPS]
    ]


async def list_page(
    session: AsyncSession, caller: Caller, *, limit: int, cursor: str | None
) -> tuple[list[WorkspaceRow], str | None]:
    """The caller's workspaces, oldest first."""
    rows = await queries.list_workspaces(session, caller.workspaces, after=_after(cursor), limit=limit)
    return page_of(rows, limit, lambda row: encode_cursor(str(row.id)))


async def get(session: AsyncSession, caller: Caller, workspace_id: UUID) -> WorkspaceRow:
    """A workspace one is a member of."""
    return await known(session, caller, workspace_id)


async def create(
    session: AsyncSession, caller: Caller, name: str, *, workspace_id: UUID, now: datetime
) -> WorkspaceRow:
    """A new workspace with the caller as its administrator."""
    await visible_to(session, [*caller.workspaces, workspace_id])
    row = WorkspaceRow(id=workspace_id, name=name, created_at=now)
    session.add(row)
    await session.flush()
    session.add(MemberRow(workspace_id=row.id, user_id=caller.user_id, role=Role.ADMIN.value, created_at=now))
    await publish(session, events.created(row, caller.actor))
    return row


async def rename(session: AsyncSession, caller: Caller, workspace_id: UUID, name: str) -> WorkspaceRow:
    """Another name."""
    row = await known(session, caller, workspace_id, Permission.WORKSPACE_UPDATE, queries.Lock.CHANGE)
    before, row.name = row.name, name
    await publish(session, events.renamed(row, caller.actor, before))
    return row


async def suspend(
    session: AsyncSession, caller: Caller, workspace_id: UUID, reason: str | None, *, now: datetime
) -> WorkspaceRow:
    """Let nothing be changed in it any more, or (`reason` None) end that. For administrators of the installation."""
    caller.require_platform_act()
    await visible_to(session, [workspace_id])
    row = await queries.workspace_by_id(session, workspace_id, queries.Lock.CHANGE)
    if row is None:
        raise workspace_not_found()
    if (reason is not None) == (row.suspended_at is not None):
        return row
    row.suspended_at = now if reason is not None else None
    row.suspended_reason = reason or ""
    await publish(session, events.suspended(row, caller.actor))
    return row


async def delete(session: AsyncSession, caller: Caller, workspace_id: UUID, *, now: datetime) -> None:
    """Remove it with members, invitations, roles and credentials, and end tokens that work in it only.

    409 naming what is left while it has anything in a cloud. Whoever adds something holds the workspace meanwhile
    (quotas.kept), so nothing comes in between. Its audit log stays.
    """
    row = await known(session, caller, workspace_id, Permission.WORKSPACE_DELETE, queries.Lock.DELETE)
    caller.require_fresh(Act.WORKSPACE_DELETE)
    left = await queries.left_in(session, workspace_id, MAX_LEFT_SHOWN + 1)
    if left:
        shown = [{"kind": item.kind, "name": item.name, "id": str(item.id)} for item in left[:MAX_LEFT_SHOWN]]
        raise workspace_in_use(shown, more=len(left) > MAX_LEFT_SHOWN)
    await queries.delete_workspace(session, workspace_id)
    # last: who waits for rows must not hold the end of the audit chain, or the two could wait for each other
    await programs.revoke_in_workspace(session, workspace_id, caller.actor, now=now)
    await publish(session, events.deleted(row, caller.actor))


# ---- members ----
async def members_page(
    session: AsyncSession, caller: Caller, workspace_id: UUID, *, limit: int, cursor: str | None
) -> tuple[list[Member], str | None]:
    """Who belongs to it."""
    caller.require(workspace_id, Permission.MEMBERS_READ)
    rows = await queries.members_of(session, workspace_id, after=_after(cursor), limit=limit)
    kept, following = page_of(rows, limit, lambda row: encode_cursor(str(row.user_id)))
    users = await accounts.users_of_ids(session, [row.user_id for row in kept])
    return [_member(row, users[row.user_id]) for row in kept], following


async def add_member(
    session: AsyncSession, caller: Caller, workspace_id: UUID, *, email: str, role: str, now: datetime
) -> Member:
    """Make a user of the installation a member."""
    await known(session, caller, workspace_id, Permission.MEMBERS_MANAGE, queries.Lock.CHANGE)
    await check_grant(session, caller, workspace_id, role)
    user = await accounts.user_of_email(session, email)
    if user is None:
        raise no_such_user(email)
    if await queries.member(session, workspace_id, user.id) is not None:
        raise already_member(email)
    row = MemberRow(workspace_id=workspace_id, user_id=user.id, role=role, created_at=now)
    session.add(row)
    await publish(session, events.member_added(row, caller.actor))
    return _member(row, user)


async def change_role(session: AsyncSession, caller: Caller, workspace_id: UUID, user_id: UUID, role: str) -> Member:
    """Another role for a member; effective with their next request."""
    await known(session, caller, workspace_id, Permission.MEMBERS_MANAGE, queries.Lock.CHANGE)
    row = await _member_row(session, workspace_id, user_id)
    for touched in (row.role, role):
        await check_grant(session, caller, workspace_id, touched)
    if role != Role.ADMIN:
        await _check_not_last_admin(session, row)
    before, row.role, row.source = row.role, role, ""
    await publish(session, events.member_changed(row, caller.actor, before))
    users = await accounts.users_of_ids(session, [user_id])
    return _member(row, users[user_id])


async def remove_member(session: AsyncSession, caller: Caller, workspace_id: UUID, user_id: UUID) -> None:
    """Remove a member. Everybody may leave; the last administrator stays."""
    leaves = user_id == caller.user_id
    needed = None if leaves else Permission.MEMBERS_MANAGE
    await known(session, caller, workspace_id, needed, queries.Lock.CHANGE)
    row = await _member_row(session, workspace_id, user_id)
    if not leaves:
        await check_grant(session, caller, workspace_id, row.role)
    await _check_not_last_admin(session, row)
    await publish(session, events.member_removed(row, caller.actor))
    await session.delete(row)


async def known(
    session: AsyncSession,
    caller: Caller,
    workspace_id: UUID,
    permission: Permission | None = None,
    lock: queries.Lock | None = None,
) -> WorkspaceRow:
    """A workspace of the caller, locked against what must not happen meanwhile."""
    if workspace_id not in caller.workspaces:
        raise workspace_not_found()
    if permission is not None:
        caller.require(workspace_id, permission)
    row = await queries.workspace_by_id(session, workspace_id, lock)
    if row is None:
        raise workspace_not_found()
    return row


async def _member_row(session: AsyncSession, workspace_id: UUID, user_id: UUID) -> MemberRow:
    row = await queries.member(session, workspace_id, user_id)
    if row is None:
        raise member_not_found()
    return row


async def check_grant(session: AsyncSession, caller: Caller, workspace_id: UUID, role: str) -> None:
    """403 for a role that holds more than the caller; 422 for one that does not exist."""
    own = None if role in ROLES else await queries.role_named(session, workspace_id, role)
    if role not in ROLES and own is None:
        there = [*ROLES, *(row.name for row in await queries.roles_of(session, workspace_id))]
        raise unknown_role(role, [str(name) for name in there])
    granted = queries.membership(role, own.permissions if own else None, suspended=False).permissions
    if not may_grant(caller.workspaces[workspace_id], granted):
        raise role_too_high(role)


async def _check_not_last_admin(session: AsyncSession, row: MemberRow) -> None:
    """The workspace's row is locked, so two administrators cannot remove each other at once."""
    if row.role == Role.ADMIN.value and await queries.count_admins(session, row.workspace_id) == 1:
        raise last_admin()


def _member(row: MemberRow, user: UserRow) -> Member:
    return Member(user.id, user.email, user.display_name, row.role, row.created_at)


def _after(cursor: str | None) -> UUID | None:
    key = decode_cursor(cursor, 1)
    try:
        return UUID(key[0]) if key else None
    except ValueError:
        raise invalid([FieldError("?cursor", "Use the next_cursor of the page before, unchanged.")]) from None

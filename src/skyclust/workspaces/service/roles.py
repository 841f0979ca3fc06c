"""Roles of a workspace's own: names for sets of permissions. Called by the routes.

Invariant: nobody makes, changes or deletes a role that holds more than they do, before or after; a role that somebody
has is not deleted under them.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.events.publishing import publish
from skyclust.workspaces import events, queries
from skyclust.workspaces.callers import Caller
from skyclust.workspaces.errors import (
    permission_not_held,
    role_exists,
    role_in_use,
    role_not_found,
    role_too_high,
    too_many_roles,
)
from skyclust.workspaces.models import RoleRow
from skyclust.workspaces.permissions import ROLES, Permission, may_grant
from skyclust.workspaces.schemas import MAX_ROLES, RoleBody, RolePatch
from skyclust.workspaces.service.tenants import known


async def list_roles(session: AsyncSession, caller: Caller, workspace_id: UUID) -> list[RoleRow]:
    """The workspace's own roles, by name."""
    await known(session, caller, workspace_id, Permission.MEMBERS_READ)
    return await queries.roles_of(session, workspace_id)


async def create(
    session: AsyncSession, caller: Caller, workspace_id: UUID, body: RoleBody, *, now: datetime
) -> RoleRow:
    """A new role; 409 when there is one of that name."""
    await known(session, caller, workspace_id, Permission.ROLES_MANAGE, queries.Lock.CHANGE)
    _check_held(caller, workspace_id, body.permissions)
    there = await queries.roles_of(session, workspace_id)
    if body.name in ROLES or body.name in {row.name for row in there}:
        raise role_exists(body.name)
    if len(there) >= MAX_ROLES:
        raise too_many_roles(MAX_ROLES)
    row = RoleRow(
        workspace_id=workspace_id,
        name=body.name,
        description=body.description,
        permissions=sorted(set(body.permissions)),
        created_at=now,
    )
    session.add(row)
    await publish(session, events.role_made(row, caller.actor))
    return row


async def update(session: AsyncSession, caller: Caller, workspace_id: UUID, name: str, patch: RolePatch) -> RoleRow:
    """Other permissions or another description; effective with its holders' next request."""
    row = await _held_role(session, caller, workspace_id, name)
    before = list(row.permissions)
    if patch.permissions is not None:
        _check_held(caller, workspace_id, patch.permissions)
        row.permissions = sorted(set(patch.permissions))
    if patch.description is not None:
        row.description = patch.description
    await publish(session, events.role_changed(row, caller.actor, before))
    return row


async def delete(session: AsyncSession, caller: Caller, workspace_id: UUID, name: str) -> None:
    """Remove a role that nobody has."""
    row = await _held_role(session, caller, workspace_id, name)
    holders = await queries.count_role_holders(session, workspace_id, name)
    if holders:
        raise role_in_use(name, holders)
    await session.delete(row)
    await publish(session, events.role_removed(row, caller.actor))


async def _held_role(session: AsyncSession, caller: Caller, workspace_id: UUID, name: str) -> RoleRow:
    await known(session, caller, workspace_id, Permission.ROLES_MANAGE, queries.Lock.CHANGE)
    row = await queries.role_named(session, workspace_id, name)
    if row is None:
        raise role_not_found()
    granted = queries.membership(name, row.permissions, suspended=False).permissions
    if not may_grant(caller.workspaces[workspace_id], granted):
        raise role_too_high(name)
    return row


def _check_held(caller: Caller, workspace_id: UUID, wanted: list[Permission]) -> None:
    missing = sorted(set(wanted) - caller.workspaces[workspace_id])
    if missing:
        raise permission_not_held([permission.value for permission in missing])

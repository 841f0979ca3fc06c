"""Invitations: a single-use link by which somebody becomes a member. Called by the routes.

Invariant: an invitation gives what its inviter may give at the moment it is accepted, to whom it was addressed, once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.events.publishing import Actor, publish
from skyclust.identity.service import UserRow, accounts, hash_token, new_refresh_token
from skyclust.kit.pagination import decode_cursor, encode_cursor, page_of
from skyclust.kit.problems import FieldError, invalid
from skyclust.workspaces import events, queries
from skyclust.workspaces.callers import Caller
from skyclust.workspaces.errors import (
    already_member,
    invitation_not_found,
    invitation_refused,
    invited_somebody_else,
)
from skyclust.workspaces.models import InvitationRow, MemberRow
from skyclust.workspaces.permissions import Permission, may_grant
from skyclust.workspaces.schemas import InvitationBody
from skyclust.workspaces.service.tenants import check_grant, known


async def invite(
    session: AsyncSession, caller: Caller, workspace_id: UUID, body: InvitationBody, *, row_id: UUID, now: datetime
) -> tuple[InvitationRow, str]:
    """An invitation and its link's token, which leaves this once."""
    await known(session, caller, workspace_id, Permission.MEMBERS_MANAGE, queries.Lock.CHANGE)
    await check_grant(session, caller, workspace_id, body.role)
    user = await accounts.user_of_email(session, body.email, disabled_too=True)
    if user is not None and await queries.member(session, workspace_id, user.id) is not None:
        raise already_member(body.email)
    token = new_refresh_token()
    row = InvitationRow(
        id=row_id,
        workspace_id=workspace_id,
        email=body.email,
        role=body.role,
        token_hash=token.token_hash,
        invited_by=caller.user_id,
        created_at=now,
        expires_at=now + timedelta(days=body.expires_in_days),
    )
    session.add(row)
    await session.flush()
    await publish(session, events.invited(row, caller.actor))
    return row, token.text


async def list_page(
    session: AsyncSession, caller: Caller, workspace_id: UUID, *, now: datetime, limit: int, cursor: str | None
) -> tuple[list[InvitationRow], str | None]:
    """Open invitations, newest first."""
    await known(session, caller, workspace_id, Permission.MEMBERS_MANAGE)
    rows = await queries.invitations_of(session, workspace_id, now, before=_before(cursor), limit=limit)
    return page_of(rows, limit, lambda row: encode_cursor(str(row.id)))


async def revoke(
    session: AsyncSession, caller: Caller, workspace_id: UUID, invitation_id: UUID, *, now: datetime
) -> None:
    """The link works no longer."""
    await known(session, caller, workspace_id, Permission.MEMBERS_MANAGE, queries.Lock.CHANGE)
    row = await queries.invitation(session, workspace_id, invitation_id)
    if row is None:
        raise invitation_not_found()
    row.revoked_at = now
    await publish(session, events.invitation_revoked(row, caller.actor))


async def address_of(session: AsyncSession, token: str, now: datetime) -> str:
    """For whom a link without an account is: the email of the account to be made. The session sees everything."""
    row = await queries.invitation_by_token(session, hash_token(token), now)
    if row is None:
        raise invitation_refused()
    if await accounts.user_of_email(session, row.email, disabled_too=True) is not None:
        raise invited_somebody_else(row.email)
    return row.email


async def accept(session: AsyncSession, user: UserRow, actor: Actor, token: str, *, now: datetime) -> MemberRow:
    """Make the user a member. The session sees everything, since the user sees nothing of the workspace yet."""
    row = await queries.invitation_by_token(session, hash_token(token), now)
    if row is None or row.email != user.email:
        raise invitation_refused()
    if await queries.workspace_by_id(session, row.workspace_id, queries.Lock.CHANGE) is None:
        raise invitation_refused()
    if await queries.member(session, row.workspace_id, user.id) is not None:
        raise already_member(user.email)
    if not await _still_given(session, row):
        raise invitation_refused()
    row.accepted_at = now
    member = MemberRow(workspace_id=row.workspace_id, user_id=user.id, role=row.role, created_at=now)
    session.add(member)
    await session.flush()
    await publish(session, events.invitation_accepted(row, actor))
    return member


async def _still_given(session: AsyncSession, row: InvitationRow) -> bool:
    """Whether the inviter is still somebody who may make such members."""
    inviters = await accounts.users_of_ids(session, [row.invited_by] if row.invited_by else [])
    inviter = next(iter(inviters.values()), None)
    if inviter is None or inviter.disabled_at is not None:
        return False
    places = await queries.memberships_of(session, inviter.id)
    place = places.get(row.workspace_id)
    if place is None or Permission.MEMBERS_MANAGE not in place.permissions:
        return False
    own = await queries.role_named(session, row.workspace_id, row.role)
    granted = queries.membership(row.role, own.permissions if own else None, suspended=False).permissions
    return may_grant(place.permissions, granted)


def _before(cursor: str | None) -> UUID | None:
    key = decode_cursor(cursor, 1)
    try:
        return UUID(key[0]) if key else None
    except ValueError:
        raise invalid([FieldError("?cursor", "Use the next_cursor of the page before, unchanged.")]) from None

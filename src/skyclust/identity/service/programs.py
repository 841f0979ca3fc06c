"""API tokens: how programs act for a user. Called by the routes of identity, and by workspaces, which knows the scopes.

Invariant: the text of a token leaves once, at its creation; a token never does more than its user, nor outlives them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.events.publishing import Actor, publish
from skyclust.identity import events, queries
from skyclust.identity.callers import Principal
from skyclust.identity.errors import token_not_found, too_many_tokens
from skyclust.identity.models import ApiTokenRow
from skyclust.identity.tokens import new_api_token
from skyclust.kit.pagination import decode_cursor, encode_cursor, page_of
from skyclust.kit.problems import FieldError, invalid

MAX_TOKENS = 100
MAX_DAYS = 366
HINT_LENGTH = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """A token to be made. `scopes` have been checked against what the user may hand out."""

    name: str
    scopes: tuple[str, ...]
    workspace_id: UUID | None
    days: int


async def create(
    session: AsyncSession, user_id: UUID, actor: Actor, wanted: Wanted, *, token_id: UUID, now: datetime
) -> tuple[ApiTokenRow, str]:
    """The token's row and its text."""
    if await queries.count_api_tokens(session, user_id, now) >= MAX_TOKENS:
        raise too_many_tokens(MAX_TOKENS)
    token = new_api_token()
    row = ApiTokenRow(
        id=token_id,
        user_id=user_id,
        name=wanted.name,
        token_hash=token.token_hash,
        hint=token.text[-HINT_LENGTH:],
        scopes=sorted(set(wanted.scopes)),
        limited_to=wanted.workspace_id,
        created_at=now,
        expires_at=now + timedelta(days=wanted.days),
        last_used_address="",
    )
    session.add(row)
    await session.flush()
    await publish(session, events.api_token_created(row, actor))
    return row, token.text


async def list_page(
    session: AsyncSession, principal: Principal, *, now: datetime, limit: int, cursor: str | None
) -> tuple[list[ApiTokenRow], str | None]:
    """The user's tokens that work, newest first."""
    key = decode_cursor(cursor, 1)
    rows = await queries.api_tokens_of(
        session, principal.user_id, now=now, before=_id_of(key[0]) if key else None, limit=limit
    )
    return page_of(rows, limit, lambda row: encode_cursor(str(row.id)))


async def revoke(session: AsyncSession, principal: Principal, token_id: UUID, *, now: datetime) -> None:
    """From the next request on the token works no longer."""
    revoked = await queries.revoke_api_tokens(session, principal.user_id, now=now, only=token_id)
    if not revoked:
        raise token_not_found()
    await publish(session, events.api_token_revoked(revoked[0], principal.actor))


async def revoke_in_workspace(session: AsyncSession, workspace_id: UUID, actor: Actor, *, now: datetime) -> None:
    """Everybody's tokens that work in this workspace only; it is being deleted."""
    for row in await queries.revoke_tokens_for(session, workspace_id, now=now):
        await publish(session, events.api_token_revoked(row, actor))


def _id_of(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise invalid([FieldError("?cursor", "Use the next_cursor of the page before, unchanged.")]) from None

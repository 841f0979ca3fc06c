"""What single sign-on keeps: begun sign-ins, grants to be collected, whose account at the provider is whose here."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.events.publishing import Actor, Event, publish
from skyclust.identity import events, queries
from skyclust.identity.errors import grant_refused
from skyclust.identity.identity_provider import IdentityProvider
from skyclust.identity.models import SignOnGrantRow, SignOnStateRow, UserIdentityRow, UserRow
from skyclust.identity.oidc import challenge_of
from skyclust.identity.service.sessions import Issuer, Origin, Tokens, open_session
from skyclust.identity.tokens import hash_token
from skyclust.kit.db import Database

__all__ = ["IdentityProvider"]

#: Of a provider that does not say when somebody proved who they are: it may be a browser that was left open for days.
NOT_KNOWN = datetime.fromtimestamp(0, UTC)


async def remember_state(
    session: AsyncSession, state_hash: bytes, *, key_id: str, return_to: str, challenge: str, until: datetime
) -> None:
    """A sign-in has begun."""
    session.add(
        SignOnStateRow(state_hash=state_hash, key_id=key_id, return_to=return_to, challenge=challenge, expires_at=until)
    )


async def use_state(session: AsyncSession, state_hash: bytes, now: datetime) -> SignOnStateRow | None:
    """The begun sign-in, this once; also forgets those that took too long."""
    return await queries.take_state(session, state_hash, now)


async def remember_grant(
    session: AsyncSession,
    grant_hash: bytes,
    *,
    user_id: UUID,
    challenge: str,
    authenticated_at: datetime | None,
    until: datetime,
) -> None:
    """Somebody has signed in and may collect tokens."""
    session.add(
        SignOnGrantRow(
            grant_hash=grant_hash,
            user_id=user_id,
            challenge=challenge,
            authenticated_at=authenticated_at,
            expires_at=until,
        )
    )


async def collect(database: Database, issuer: Issuer, origin: Origin, *, grant: str, verifier: str) -> Tokens:
    """The tokens, for whoever began: the verifier fits the challenge given then. A wrong one uses the grant up."""
    async with database.session() as session:
        found = await queries.take_grant(session, hash_token(grant), issuer.now)
        fits = found is not None and hmac.compare_digest(found.challenge, challenge_of(verifier))
        user = await queries.user_by_id(session, found.user_id) if found is not None and fits else None
        if found is not None and user is not None and user.disabled_at is None:
            return await open_session(session, issuer, origin, user, found.authenticated_at or NOT_KNOWN)
    raise grant_refused()


async def user_of_identity(session: AsyncSession, issuer: str, subject: str) -> UserRow | None:
    """Whose account at the provider this is."""
    return await queries.user_of_identity(session, issuer, subject)


async def link(session: AsyncSession, user: UserRow, issuer: str, subject: str, actor: Actor, now: datetime) -> None:
    """From now on this account at the provider is this user's."""
    session.add(UserIdentityRow(issuer=issuer, subject=subject, user_id=user.id, created_at=now))
    await session.flush()
    who = Actor(user.id, user.email, actor.address, actor.request_id)
    await publish(session, events.identity_linked(user, issuer, who))


def refused(actor: Actor, reason: str) -> Event:
    """For the audit log: nobody was let in."""
    return Event("user.sign_on_refused", "user/unknown", None, {"reason": reason}, actor, outcome="failure")

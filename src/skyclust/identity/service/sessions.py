"""Sign in, refresh, sign out. Called by the routes.

Passwords are looked at with no database session open. Invariant: a refusal that must be remembered (a wrong password, a
refresh token used twice) is committed before the problem is raised.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.events.publishing import Actor, publish
from skyclust.identity import events, queries
from skyclust.identity.callers import Principal
from skyclust.identity.errors import (
    code_refused,
    code_required,
    refresh_refused,
    session_not_found,
    unauthenticated,
    user_not_found,
    weak_password,
    wrong_code,
    wrong_credentials,
)
from skyclust.identity.models import RefreshTokenRow, SessionRow, UserRow
from skyclust.identity.passwords import hash_password, is_outdated, is_password, password_fault
from skyclust.identity.service import factors
from skyclust.identity.throttling import admit
from skyclust.identity.tokens import AccessClaims, hash_token, issue_access_token, new_refresh_token
from skyclust.kit.db import Database
from skyclust.kit.keys import KeySource
from skyclust.kit.problems import Problem

MAX_SESSIONS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from."""

    address: str
    user_agent: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Issuer:
    """What it takes to make tokens at one moment."""

    keys: KeySource
    access_seconds: int
    refresh_seconds: int
    idle: timedelta
    now: datetime
    new_id: Callable[[], UUID]

    def access_token(self, user_id: UUID, session_id: UUID) -> str:
        """A short-lived token for the session."""
        claims = AccessClaims(user_id, session_id)
        return issue_access_token(
            self.keys, claims, token_id=self.new_id(), now=self.now, lifetime_seconds=self.access_seconds
        )


@dataclass(frozen=True, slots=True)
class Factor:
    """A code to be proven, and the keys under which the secret lies."""

    keys: KeySource
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client gets."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int


async def sign_in(
    database: Database,
    issuer: Issuer,
    origin: Origin,
    *,
    email: str,
    password: str,
    code: str | None = None,
    instead_of: Principal | None = None,
) -> Tokens:
    """A new session for the right password and, where there is a second factor, the right code.

    `instead_of`: somebody who is signed in proves again who they are; the new session takes the place of theirs.

    401 that is the same for every reason a password is refused for; 429 when there were too many.
    """
    attempt_id = issuer.new_id()
    async with database.session() as session:
        await admit(session, attempt_id, email=email, address=origin.address, now=issuer.now)
        known = await queries.user_by_email(session, email)
    right = await is_password(password, known.password_hash if known else None)
    better_hash = await hash_password(password) if right and known and is_outdated(known.password_hash) else None
    async with database.session() as session:
        user = await queries.user_by_id(session, known.id, lock=True) if known and right else None
        refusal, factor = wrong_credentials(), "password"
        if user is not None and user.disabled_at is None:
            user.password_hash = better_hash or user.password_hash
            missing = await _missing_factor(session, issuer, user, code)
            if missing is None:
                await queries.mark_succeeded(session, attempt_id)
                if instead_of is not None:
                    await _replace(session, instead_of, issuer.now)
                return await open_session(session, issuer, origin, user)
            refusal, factor = missing, "code"
        if factor == "password" or code is not None:  # to be asked for the code is no failure
            await publish(session, events.sign_in_refused(known, origin.address, origin.request_id, factor=factor))
    raise refusal


async def _replace(session: AsyncSession, principal: Principal, now: datetime) -> None:
    """New tokens at each proof (ASVS 7.2.4): whoever copied the old ones does not become fresh with them."""
    reason, only = "reauthenticated", principal.session_id
    if not await queries.end_sessions(session, principal.user_id, now=now, reason=reason, only=only):
        raise unauthenticated("This session has ended. Sign in again.", token_given=True)
    await publish(session, events.reauthenticated(principal.user_id, only, principal.actor))


async def _missing_factor(session: AsyncSession, issuer: Issuer, user: UserRow, code: str | None) -> Problem | None:
    """Why the right password is not enough. The attempt counts as failed meanwhile, so that codes cannot be guessed."""
    if not await factors.required(session, user.id):
        return None
    if code is None:
        return code_required()
    accepted = await factors.accept(session, issuer.keys, user.id, code, now=issuer.now)
    return None if accepted else code_refused()


async def open_session(
    session: AsyncSession, issuer: Issuer, origin: Origin, user: UserRow, authenticated_at: datetime | None = None
) -> Tokens:
    """Start a session for a user who has proven who they are: just now, or when an identity provider says so."""
    row = SessionRow(
        id=issuer.new_id(),
        user_id=user.id,
        address=origin.address[:64],
        user_agent=origin.user_agent[:256],
        created_at=issuer.now,
        last_used_at=issuer.now,
        authenticated_at=authenticated_at or issuer.now,
        expires_at=issuer.now + timedelta(seconds=issuer.refresh_seconds),
    )
    session.add(row)
    await session.flush()
    await publish(session, events.signed_in(row, Actor(user.id, user.email, origin.address, origin.request_id)))
    return _issue(session, issuer, user.id, row.id)


async def refresh(database: Database, issuer: Issuer, origin: Origin, refresh_token: str) -> Tokens:
    """The next pair of tokens. A token that was used before ends its session: somebody has a copy."""
    token_hash = hash_token(refresh_token)
    async with database.session() as session:
        session_id = await queries.use_refresh_token(session, token_hash, issuer.now)
        if session_id is None:
            await _end_family(session, origin, token_hash, issuer.now)
        else:
            live = await queries.live_session(session, session_id, issuer.now, issuer.idle)
            if live is not None:
                await queries.touch_session(session, session_id, issuer.now)
                return _issue(session, issuer, live[1].id, session_id)
    raise refresh_refused()


def _issue(session: AsyncSession, issuer: Issuer, user_id: UUID, session_id: UUID) -> Tokens:
    token = new_refresh_token()
    session.add(RefreshTokenRow(token_hash=token.token_hash, session_id=session_id, created_at=issuer.now))
    return Tokens(issuer.access_token(user_id, session_id), token.text, issuer.access_seconds)


async def _end_family(session: AsyncSession, origin: Origin, token_hash: bytes, now: datetime) -> None:
    row = await queries.session_of_refresh_token(session, token_hash)
    if row is None:
        return
    if await queries.end_sessions(session, row.user_id, now=now, reason="refresh-reused", only=row.id):
        await publish(session, events.refresh_reused(row, origin.address, origin.request_id))


async def sign_out(session: AsyncSession, principal: Principal, session_id: UUID, *, now: datetime) -> None:
    """End one of the caller's sessions; from the next request on, its tokens are worth nothing."""
    row = await queries.session_of_user(session, principal.user_id, session_id)
    if row is None:
        raise session_not_found()
    reason = "logout" if session_id == principal.session_id else "ended"
    if await queries.end_sessions(session, principal.user_id, now=now, reason=reason, only=session_id):
        await publish(session, events.session_ended(row, principal.actor, reason))


async def sign_out_elsewhere(session: AsyncSession, principal: Principal, *, now: datetime) -> None:
    """End every session of the caller's but this one."""
    mine = principal.session_id
    ended = await queries.end_sessions(session, principal.user_id, now=now, reason="ended", all_but=mine)
    if ended:
        await publish(session, events.sessions_ended(principal.user_id, principal.actor, ended))


async def sessions_of(session: AsyncSession, user_id: UUID, *, now: datetime, idle: timedelta) -> list[SessionRow]:
    """A user's live sessions."""
    return await queries.live_sessions_of(session, user_id, now, idle, MAX_SESSIONS_SHOWN)


async def sessions_of_other(
    session: AsyncSession, principal: Principal, user_id: UUID, *, now: datetime, idle: timedelta
) -> list[SessionRow]:
    """Likewise, for administrators of the installation."""
    principal.require_platform_admin()
    if await queries.user_by_id(session, user_id) is None:
        raise user_not_found()
    return await sessions_of(session, user_id, now=now, idle=idle)


async def end_sessions_of_other(
    session: AsyncSession, principal: Principal, user_id: UUID, *, now: datetime, only: UUID | None = None
) -> None:
    """An administrator of the installation ends somebody's sessions, or one; effective with their next request."""
    principal.require_platform_act()
    if await queries.user_by_id(session, user_id) is None:
        raise user_not_found()
    ended = await queries.end_sessions(session, user_id, now=now, reason="by-administrator", only=only)
    if only is not None and not ended:
        raise session_not_found()
    if ended:
        await publish(session, events.sessions_ended(user_id, principal.actor, ended))


async def change_password(
    database: Database, principal: Principal, origin: Origin, *, current: str, new: str, now: datetime, attempt_id: UUID
) -> None:
    """Change the own password and end every other session. Wrong guesses count as at signing in."""
    fault = password_fault(new, principal.email)
    if fault:
        raise weak_password(fault, "/new_password")
    known = await prove_password(database, principal, origin, current, now=now, attempt_id=attempt_id)
    new_hash = await hash_password(new)
    async with database.session() as session:
        user = await queries.user_by_id(session, principal.user_id, lock=True)
        if user is None or user.password_hash != known.password_hash:
            raise weak_password("The password was changed a moment ago. Sign in again.", "/current_password")
        user.password_hash = new_hash
        await queries.end_sessions(session, user.id, now=now, reason="password-changed", all_but=principal.session_id)
        await publish(session, events.password_changed(user, principal.actor))


async def prove_password(
    database: Database,
    principal: Principal,
    origin: Origin,
    password: str,
    *,
    now: datetime,
    attempt_id: UUID,
    factor: Factor | None = None,
) -> UserRow:
    """Whoever holds the session knows the password (and, if asked, the code) too; 422 otherwise.

    Wrong guesses of either count as at signing in.
    """
    async with database.session() as session:
        await admit(session, attempt_id, email=principal.email, address=origin.address, now=now)
        known = await queries.user_by_id(session, principal.user_id)
    if known is None or not await is_password(password, known.password_hash):
        raise weak_password("This is not the current password.", "/current_password")
    async with database.session() as session:
        if factor is not None and not await factors.accept(session, factor.keys, known.id, factor.code, now=now):
            raise wrong_code()
        await queries.mark_succeeded(session, attempt_id)
    return known

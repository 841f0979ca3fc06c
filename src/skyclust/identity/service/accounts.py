"""Users: the first administrator, and what administrators of the installation do with the others.

Called by the routes of identity, and by workspaces for the first administrator (who gets a workspace with the account).
Invariant: there is at most one first administrator, however many requests race for it, and
afterwards always one administrator who can sign in.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.events.publishing import Actor, publish
from skyclust.identity import events, queries
from skyclust.identity.callers import Principal
from skyclust.identity.errors import (
    bootstrap_refused,
    email_taken,
    last_platform_admin,
    registration_closed,
    user_not_found,
    weak_password,
)
from skyclust.identity.models import NO_PASSWORD, BootstrapTokenRow, UserRow
from skyclust.identity.oidc import Claims, Refused
from skyclust.identity.passwords import hash_password, is_password, password_fault
from skyclust.identity.schemas import Email, UserPatch
from skyclust.identity.tokens import hash_token, new_refresh_token
from skyclust.kit.pagination import decode_cursor, encode_cursor, page_of

_EMAIL: TypeAdapter[str] = TypeAdapter(Email)


async def hashed(password: str, email: str) -> str:
    """The hash of a password that will do; 422 when it will not."""
    fault = password_fault(password, email)
    if fault:
        raise weak_password(fault)
    return await hash_password(password)


async def set_password(user: UserRow, password: str) -> None:
    """Make sure that the user signs in with this password."""
    if not await is_password(password, user.password_hash):
        user.password_hash = await hashed(password, user.email)


def new_user(
    user_id: UUID, *, email: str, password_hash: str, display_name: str | None, is_platform_admin: bool, now: datetime
) -> UserRow:
    """A row for a new account; without a display name the email's first part stands for it."""
    return UserRow(
        id=user_id,
        email=email,
        display_name=display_name or email.partition("@")[0],
        password_hash=password_hash,
        is_platform_admin=is_platform_admin,
        created_at=now,
    )


async def check_registration(session: AsyncSession, token: str | None) -> None:
    """403 unless there is no user yet and, where the first start printed a link, `token` is that link's."""
    if await queries.any_user(session):
        raise registration_closed()
    expected = await queries.unused_bootstrap_token(session)
    if expected is not None and (token is None or hash_token(token) != expected):
        raise bootstrap_refused()
    if expected is None and token is not None:
        raise bootstrap_refused()


async def add_first_user(session: AsyncSession, user: UserRow, token: str | None, actor: Actor, now: datetime) -> None:
    """Create the first user; of several at once one gets through, the others get 403."""
    await queries.lock_first_user(session)
    await check_registration(session, token)
    await queries.retire_bootstrap_tokens(session, now)
    session.add(user)
    await session.flush()
    await publish(session, events.user_created(user, actor))


async def create_bootstrap_token(session: AsyncSession, *, now: datetime) -> str | None:
    """A single-use token for the link of the first start; older ones stop working. None when there is a user."""
    await queries.lock_first_user(session)
    if await queries.any_user(session):
        return None
    await queries.retire_bootstrap_tokens(session, now)
    token = new_refresh_token()
    session.add(BootstrapTokenRow(token_hash=token.token_hash, created_at=now))
    return token.text


async def create_user(session: AsyncSession, principal: Principal, user: UserRow) -> None:
    """Add an account; 409 when the email is in use."""
    principal.require_platform_act()
    await _add(session, user, principal.actor)


async def _add(session: AsyncSession, user: UserRow, actor: Actor) -> None:
    session.add(user)
    try:
        await session.flush()
    except IntegrityError as error:
        if "uq_users_email" in str(error.orig):
            raise email_taken(user.email) from None
        raise
    await publish(session, events.user_created(user, actor))


async def add_invited_user(session: AsyncSession, user: UserRow, actor: Actor) -> None:
    """Somebody whom an invitation lets in; 409 when the email has been taken meanwhile."""
    await _add(session, user, actor)


async def user_of_claims(session: AsyncSession, claims: Claims, user_id: UUID, actor: Actor, now: datetime) -> UserRow:
    """The account with the email that the identity provider vouches for, or a new one that has no password.

    Refused when another account at the provider has that email's user already: emails are handed on, people are not.
    """
    try:
        email = _EMAIL.validate_python(claims.email)
    except ValidationError:
        raise Refused("The identity provider's email address cannot be used here.") from None
    user = await queries.user_by_email(session, email)
    if user is None:
        user = new_user(
            user_id, email=email, password_hash=NO_PASSWORD, display_name=claims.name or None,
            is_platform_admin=False, now=now,
        )  # fmt: skip
        await _add(session, user, Actor(user_id, email, actor.address, actor.request_id))
    elif await queries.has_identity(session, user.id, claims.issuer):
        raise Refused("Another account at the identity provider is this email's user here. Ask an administrator.")
    return user


async def follow_admin_group(session: AsyncSession, user: UserRow, actor: Actor, *, admin: bool) -> None:
    """Administrator of the installation as the provider's groups say; the last one stays."""
    if user.is_platform_admin == admin:
        return
    if not admin and await queries.enabled_platform_admins(session) == [user.id]:
        return
    before = events.account(user)
    user.is_platform_admin = admin
    await publish(session, events.user_updated(user, actor, before))


async def list_page(
    session: AsyncSession, principal: Principal, *, limit: int, cursor: str | None
) -> tuple[list[UserRow], str | None]:
    """Users by email."""
    principal.require_platform_admin()
    key = decode_cursor(cursor, 1)
    rows = await queries.list_users(session, after=key[0] if key else None, limit=limit)
    return page_of(rows, limit, lambda row: encode_cursor(row.email))


async def update_user(
    session: AsyncSession, principal: Principal, user_id: UUID, patch: UserPatch, *, now: datetime
) -> UserRow:
    """Rename, disable, enable, make administrator or not. Disabling ends sessions and API tokens in the same moment."""
    principal.require_platform_act()
    admins = await queries.enabled_platform_admins(session)
    user = await queries.user_by_id(session, user_id, lock=True)
    if user is None:
        raise user_not_found()
    before = events.account(user)
    if (patch.disabled or patch.is_platform_admin is False) and admins == [user_id]:
        raise last_platform_admin()
    user.display_name = patch.display_name or user.display_name
    if patch.is_platform_admin is not None:
        user.is_platform_admin = patch.is_platform_admin
    if patch.disabled is False:
        user.disabled_at = None
    if patch.disabled and user.disabled_at is None:
        user.disabled_at = now
        await queries.end_sessions(session, user_id, now=now, reason="disabled")
        await queries.revoke_api_tokens(session, user_id, now=now)  # for good: enabling again brings no token back
    await publish(session, events.user_updated(user, principal.actor, before))
    return user


async def admins_without_factor(session: AsyncSession) -> int:
    """How many administrators of the installation sign in with a password alone."""
    return await queries.count_admins_without_factor(session)


async def user_of_email(session: AsyncSession, email: str, *, disabled_too: bool = False) -> UserRow | None:
    """For slices that name a user by email. Disabled users count as absent unless asked for."""
    user = await queries.user_by_email(session, email)
    return user if user is not None and (disabled_too or user.disabled_at is None) else None


async def users_of_ids(session: AsyncSession, user_ids: list[UUID]) -> dict[UUID, UserRow]:
    """For slices that show users of theirs."""
    return await queries.users_by_ids(session, user_ids)

"""Every statement of identity. Callers check who asks; nothing here is scoped to a workspace."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.identity.models import (
    ApiTokenRow,
    BootstrapTokenRow,
    LoginAttemptRow,
    RecoveryCodeRow,
    RefreshTokenRow,
    SecondFactorRow,
    SessionRow,
    SignOnGrantRow,
    SignOnStateRow,
    UserIdentityRow,
    UserRow,
)

#: Advisory locks of this slice: (namespace, what).
_LOCKS = 7_215_406
_FIRST_USER = 1


# ---- users ----
async def lock_first_user(session: AsyncSession) -> None:
    """From here to the end of the transaction nobody else creates the first user."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:space, :key)"), {"space": _LOCKS, "key": _FIRST_USER})


async def any_user(session: AsyncSession) -> bool:
    """Whether there is a user, disabled ones included."""
    return bool(await session.scalar(select(select(UserRow.id).exists())))


async def user_by_email(session: AsyncSession, email: str) -> UserRow | None:
    """By normalised email."""
    return await session.scalar(select(UserRow).where(UserRow.email == email))


async def user_by_id(session: AsyncSession, user_id: UUID, *, lock: bool = False) -> UserRow | None:
    """One user, locked against changes when asked for."""
    statement = select(UserRow).where(UserRow.id == user_id)
    return await session.scalar(statement.with_for_update() if lock else statement)


async def users_by_ids(session: AsyncSession, user_ids: list[UUID]) -> dict[UUID, UserRow]:
    """Many users at once."""
    rows = await session.scalars(select(UserRow).where(UserRow.id.in_(user_ids)))
    return {row.id: row for row in rows}


async def list_users(session: AsyncSession, *, after: str | None, limit: int) -> list[UserRow]:
    """Users by email, one more than `limit` when there are more."""
    statement = select(UserRow).order_by(UserRow.email).limit(limit + 1)
    if after is not None:
        statement = statement.where(UserRow.email > after)
    return list(await session.scalars(statement))


async def enabled_platform_admins(session: AsyncSession) -> list[UUID]:
    """Administrators who can sign in, locked so that two of them cannot disable each other at once."""
    statement = select(UserRow.id).where(UserRow.is_platform_admin, UserRow.disabled_at.is_(None))
    return list(await session.scalars(statement.order_by(UserRow.id).with_for_update()))


# ---- sessions ----
def _live(now: datetime, idle: timedelta) -> ColumnElement[bool]:
    """Not ended, neither too old nor unused for too long."""
    return and_(SessionRow.ended_at.is_(None), SessionRow.expires_at > now, SessionRow.last_used_at > now - idle)


async def live_session(
    session: AsyncSession, session_id: UUID, now: datetime, idle: timedelta
) -> tuple[SessionRow, UserRow] | None:
    """A session that has not ended, with its user who is not disabled."""
    statement = (
        select(SessionRow, UserRow)
        .join(UserRow, UserRow.id == SessionRow.user_id)
        .where(SessionRow.id == session_id, _live(now, idle), UserRow.disabled_at.is_(None))
    )
    found = (await session.execute(statement)).one_or_none()
    return None if found is None else (found[0], found[1])


async def live_sessions_of(
    session: AsyncSession, user_id: UUID, now: datetime, idle: timedelta, limit: int
) -> list[SessionRow]:
    """A user's sessions that have not ended, newest first."""
    statement = (
        select(SessionRow)
        .where(SessionRow.user_id == user_id, _live(now, idle))
        .order_by(SessionRow.created_at.desc(), SessionRow.id)
        .limit(limit)
    )
    return list(await session.scalars(statement))


async def revoke_tokens_for(session: AsyncSession, workspace_id: UUID, *, now: datetime) -> list[ApiTokenRow]:
    """End every user's tokens that work in this workspace only; those that worked until now."""
    statement = update(ApiTokenRow).where(ApiTokenRow.limited_to == workspace_id, _usable(now))
    return list(await session.scalars(statement.values(revoked_at=now).returning(ApiTokenRow)))


async def session_of_user(session: AsyncSession, user_id: UUID, session_id: UUID) -> SessionRow | None:
    """One session, if it is the user's."""
    return await session.scalar(select(SessionRow).where(SessionRow.id == session_id, SessionRow.user_id == user_id))


async def end_sessions(
    session: AsyncSession,
    user_id: UUID,
    *,
    now: datetime,
    reason: str,
    only: UUID | None = None,
    all_but: UUID | None = None,
) -> int:
    """End a user's live sessions, or one of them, or all but one; how many that were."""
    statement = update(SessionRow).where(SessionRow.user_id == user_id, SessionRow.ended_at.is_(None))
    if only is not None:
        statement = statement.where(SessionRow.id == only)
    if all_but is not None:
        statement = statement.where(SessionRow.id != all_but)
    ended = await session.scalars(statement.values(ended_at=now, end_reason=reason).returning(SessionRow.id))
    return len(ended.all())


# ---- refresh tokens ----
async def use_refresh_token(session: AsyncSession, token_hash: bytes, now: datetime) -> UUID | None:
    """Mark an unused token used and answer its session; None when unknown or used. Of parallel callers one wins."""
    statement = (
        update(RefreshTokenRow)
        .where(RefreshTokenRow.token_hash == token_hash, RefreshTokenRow.used_at.is_(None))
        .values(used_at=now)
        .returning(RefreshTokenRow.session_id)
    )
    return await session.scalar(statement)


async def session_of_refresh_token(session: AsyncSession, token_hash: bytes) -> SessionRow | None:
    """The session a token belongs to, used or not."""
    statement = (
        select(SessionRow)
        .join(RefreshTokenRow, RefreshTokenRow.session_id == SessionRow.id)
        .where(RefreshTokenRow.token_hash == token_hash)
    )
    return await session.scalar(statement)


async def touch_session(session: AsyncSession, session_id: UUID, now: datetime) -> None:
    """Remember the last use."""
    await session.execute(update(SessionRow).where(SessionRow.id == session_id).values(last_used_at=now))


# ---- API tokens ----
async def live_api_token(session: AsyncSession, token_hash: bytes, now: datetime) -> tuple[ApiTokenRow, UserRow] | None:
    """A token that is neither revoked nor expired, with its user who is not disabled."""
    statement = (
        select(ApiTokenRow, UserRow)
        .join(UserRow, UserRow.id == ApiTokenRow.user_id)
        .where(ApiTokenRow.token_hash == token_hash, _usable(now), UserRow.disabled_at.is_(None))
    )
    found = (await session.execute(statement)).one_or_none()
    return None if found is None else (found[0], found[1])


async def touch_api_token(session: AsyncSession, token_id: UUID, *, address: str, now: datetime) -> None:
    """Remember when and from where it was used last."""
    used = {"last_used_at": now, "last_used_address": address[:64]}
    await session.execute(update(ApiTokenRow).where(ApiTokenRow.id == token_id).values(used))


async def api_tokens_of(
    session: AsyncSession, user_id: UUID, *, now: datetime, before: UUID | None, limit: int
) -> list[ApiTokenRow]:
    """A user's tokens that work, newest first, one more than `limit` when there are more."""
    statement = select(ApiTokenRow).where(ApiTokenRow.user_id == user_id, _usable(now))
    if before is not None:
        statement = statement.where(ApiTokenRow.id < before)
    return list(await session.scalars(statement.order_by(ApiTokenRow.id.desc()).limit(limit + 1)))


async def count_api_tokens(session: AsyncSession, user_id: UUID, now: datetime) -> int:
    """How many tokens of a user work."""
    statement = select(func.count()).where(ApiTokenRow.user_id == user_id, _usable(now))
    return int(await session.scalar(statement) or 0)


async def revoke_api_tokens(
    session: AsyncSession, user_id: UUID, *, now: datetime, only: UUID | None = None
) -> list[ApiTokenRow]:
    """End a user's tokens, or one of them; those that worked until now."""
    statement = update(ApiTokenRow).where(ApiTokenRow.user_id == user_id, _usable(now))
    if only is not None:
        statement = statement.where(ApiTokenRow.id == only)
    return list(await session.scalars(statement.values(revoked_at=now).returning(ApiTokenRow)))


def _usable(now: datetime) -> ColumnElement[bool]:
    return and_(ApiTokenRow.revoked_at.is_(None), ApiTokenRow.expires_at > now)


# ---- second factor ----
async def second_factor(session: AsyncSession, user_id: UUID, *, lock: bool = False) -> SecondFactorRow | None:
    """A user's factor, confirmed or not; locked, so that of two equal codes at once one works."""
    statement = select(SecondFactorRow).where(SecondFactorRow.user_id == user_id)
    return await session.scalar(statement.with_for_update() if lock else statement)


async def factors_under_other_keys(session: AsyncSession, key_id: str, limit: int) -> list[SecondFactorRow]:
    """Factors whose secret is not under `key_id`, locked; for the rotation of keys only."""
    statement = select(SecondFactorRow).where(SecondFactorRow.key_id != key_id).limit(limit)
    return list(await session.scalars(statement.with_for_update(skip_locked=True)))


async def count_factors_by_key(session: AsyncSession) -> dict[str, int]:
    """How many factors lie under which key."""
    rows = await session.execute(select(SecondFactorRow.key_id, func.count()).group_by(SecondFactorRow.key_id))
    return {row[0]: row[1] for row in rows}


async def count_admins_without_factor(session: AsyncSession) -> int:
    """How many administrators of the installation sign in with a password alone."""
    confirmed = select(SecondFactorRow.user_id).where(SecondFactorRow.confirmed_at.is_not(None))
    admins = (UserRow.is_platform_admin, UserRow.disabled_at.is_(None), UserRow.id.not_in(confirmed))
    return int(await session.scalar(select(func.count()).select_from(UserRow).where(*admins)) or 0)


async def forget_second_factor(session: AsyncSession, user_id: UUID) -> bool:
    """Remove it with its recovery codes; whether there was a confirmed one."""
    removed = delete(SecondFactorRow).where(SecondFactorRow.user_id == user_id).returning(SecondFactorRow.confirmed_at)
    return any(confirmed is not None for confirmed in (await session.scalars(removed)).all())


async def use_recovery_code(session: AsyncSession, user_id: UUID, code_hash: bytes, now: datetime) -> bool:
    """Use an unused code up; False when there is none."""
    statement = (
        update(RecoveryCodeRow)
        .where(
            RecoveryCodeRow.user_id == user_id,
            RecoveryCodeRow.code_hash == code_hash,
            RecoveryCodeRow.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCodeRow.user_id)
    )
    return await session.scalar(statement) is not None


async def count_recovery_codes(session: AsyncSession, user_id: UUID) -> int:
    """How many codes are unused."""
    statement = select(func.count()).where(RecoveryCodeRow.user_id == user_id, RecoveryCodeRow.used_at.is_(None))
    return int(await session.scalar(statement) or 0)


# ---- single sign-on ----
async def take_state(session: AsyncSession, state_hash: bytes, now: datetime) -> SignOnStateRow | None:
    """Remove and answer it, unless it is too old; of parallel callers one gets it. Old ones go as well."""
    await session.execute(delete(SignOnStateRow).where(SignOnStateRow.expires_at <= now))
    taken = delete(SignOnStateRow).where(SignOnStateRow.state_hash == state_hash).returning(SignOnStateRow)
    return await session.scalar(taken)


async def take_grant(session: AsyncSession, grant_hash: bytes, now: datetime) -> SignOnGrantRow | None:
    """Likewise a grant."""
    await session.execute(delete(SignOnGrantRow).where(SignOnGrantRow.expires_at <= now))
    taken = delete(SignOnGrantRow).where(SignOnGrantRow.grant_hash == grant_hash).returning(SignOnGrantRow)
    return await session.scalar(taken)


async def user_of_identity(session: AsyncSession, issuer: str, subject: str) -> UserRow | None:
    """The user behind an account at the provider."""
    statement = (
        select(UserRow)
        .join(UserIdentityRow, UserIdentityRow.user_id == UserRow.id)
        .where(UserIdentityRow.issuer == issuer, UserIdentityRow.subject == subject)
    )
    return await session.scalar(statement)


async def has_identity(session: AsyncSession, user_id: UUID, issuer: str) -> bool:
    """Whether some account at the provider is this user's already."""
    found = select(UserIdentityRow.subject).where(UserIdentityRow.user_id == user_id, UserIdentityRow.issuer == issuer)
    return bool(await session.scalar(select(found.exists())))


# ---- login attempts ----
async def lock_attempts(session: AsyncSession, key: bytes) -> None:
    """Take turns with other attempts of the same account or address."""
    number = int.from_bytes(key[:8], "big", signed=True)
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": number})


async def failures_of_account(session: AsyncSession, account: bytes, since: datetime, limit: int) -> list[datetime]:
    """Times of the failures after the account's last success, newest first, at most `limit`."""
    last_success = (
        select(func.max(LoginAttemptRow.at))
        .where(LoginAttemptRow.account == account, LoginAttemptRow.succeeded)
        .scalar_subquery()
    )
    statement = (
        select(LoginAttemptRow.at)
        .where(
            LoginAttemptRow.account == account,
            ~LoginAttemptRow.succeeded,
            LoginAttemptRow.at > func.coalesce(last_success, since),
            LoginAttemptRow.at > since,
        )
        .order_by(LoginAttemptRow.at.desc())
        .limit(limit)
    )
    return list(await session.scalars(statement))


async def failures_of_address(session: AsyncSession, address: str, since: datetime, limit: int) -> list[datetime]:
    """Times of the failures from an address, newest first, at most `limit`; successes do not forgive them."""
    statement = (
        select(LoginAttemptRow.at)
        .where(LoginAttemptRow.address == address, ~LoginAttemptRow.succeeded, LoginAttemptRow.at > since)
        .order_by(LoginAttemptRow.at.desc())
        .limit(limit)
    )
    return list(await session.scalars(statement))


async def mark_succeeded(session: AsyncSession, attempt_id: UUID) -> None:
    """The password was right after all."""
    await session.execute(update(LoginAttemptRow).where(LoginAttemptRow.id == attempt_id).values(succeeded=True))


async def forget_attempts_before(session: AsyncSession, before: datetime) -> None:
    """Remove attempts that no window reaches any more."""
    await session.execute(delete(LoginAttemptRow).where(LoginAttemptRow.at < before))


# ---- the first administrator's link ----
async def retire_bootstrap_tokens(session: AsyncSession, now: datetime) -> None:
    """Unused links stop working."""
    await session.execute(update(BootstrapTokenRow).where(BootstrapTokenRow.used_at.is_(None)).values(used_at=now))


async def unused_bootstrap_token(session: AsyncSession) -> bytes | None:
    """The hash of the one unused link, if any."""
    return await session.scalar(select(BootstrapTokenRow.token_hash).where(BootstrapTokenRow.used_at.is_(None)))

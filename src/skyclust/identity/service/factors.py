"""Set up, use and take off the second factor. Called by the routes, and by signing in.

Invariant: a factor counts from the moment its first code was right; from then on nobody signs in without one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.events.publishing import publish
from skyclust.identity import events, queries, second_factors
from skyclust.identity.callers import Principal
from skyclust.identity.errors import factor_exists, factor_unreadable, no_factor, user_not_found, wrong_code
from skyclust.identity.models import RecoveryCodeRow, SecondFactorRow
from skyclust.identity.second_factors import SealedSecret
from skyclust.kit.keys import KeySource


@dataclass(frozen=True, slots=True)
class Standing:
    """A user's second factor as they see it."""

    enabled: bool
    since: datetime | None
    recovery_codes_left: int


async def standing(session: AsyncSession, user_id: UUID) -> Standing:
    """Whether there is one, since when, and how many recovery codes are left."""
    row = await queries.second_factor(session, user_id)
    if row is None or row.confirmed_at is None:
        return Standing(enabled=False, since=None, recovery_codes_left=0)
    return Standing(True, row.confirmed_at, await queries.count_recovery_codes(session, user_id))


async def begin(session: AsyncSession, keys: KeySource, principal: Principal, *, now: datetime) -> bytes:
    """A new secret that counts for nothing until it is confirmed; an earlier unconfirmed one is forgotten."""
    row = await queries.second_factor(session, principal.user_id, lock=True)
    if row is not None and row.confirmed_at is not None:
        raise factor_exists()
    secret = second_factors.new_secret()
    sealed = second_factors.seal(keys, principal.user_id, secret)
    if row is None:
        row = SecondFactorRow(user_id=principal.user_id)
        session.add(row)
    row.key_id, row.sealed_secret, row.created_at = sealed.key_id, sealed.ciphertext, now
    await publish(session, events.factor_begun(principal.user_id, principal.actor))
    return secret


async def confirm(
    session: AsyncSession, keys: KeySource, principal: Principal, code: str, *, now: datetime
) -> list[str]:
    """The factor counts from now on. The recovery codes, shown this once."""
    row = await queries.second_factor(session, principal.user_id, lock=True)
    if row is None:
        raise no_factor()
    if row.confirmed_at is not None:
        raise factor_exists()
    step = second_factors.matching_step(_secret(keys, row), code, now, None)
    if step is None:
        raise wrong_code()
    row.confirmed_at, row.last_step = now, step
    codes = second_factors.new_recovery_codes()
    hashes = [second_factors.hash_recovery_code(text) for text in codes]
    session.add_all(RecoveryCodeRow(code_hash=value, user_id=principal.user_id) for value in hashes)
    await session.flush()
    await publish(session, events.factor_enabled(principal.user_id, principal.actor))
    return codes


async def required(session: AsyncSession, user_id: UUID) -> bool:
    """Whether this user signs in with a code."""
    row = await queries.second_factor(session, user_id)
    return row is not None and row.confirmed_at is not None


async def accept(session: AsyncSession, keys: KeySource, user_id: UUID, code: str, *, now: datetime) -> bool:
    """Use up a code of the app or a recovery code; False when it is neither. The factor is locked meanwhile."""
    row = await queries.second_factor(session, user_id, lock=True)
    if row is None:
        return False
    if second_factors.looks_like_recovery(code):
        return await queries.use_recovery_code(session, user_id, second_factors.hash_recovery_code(code), now)
    step = second_factors.matching_step(_secret(keys, row), code, now, row.last_step)
    if step is None:
        return False
    row.last_step = step
    return True


async def take_off(session: AsyncSession, principal: Principal) -> None:
    """The user signs in with the password alone again. Password and code have been proven."""
    if not await queries.forget_second_factor(session, principal.user_id):
        raise no_factor()
    await publish(session, events.factor_disabled(principal.user_id, principal.actor))


async def reset(session: AsyncSession, principal: Principal, user_id: UUID) -> None:
    """An administrator of the installation takes it off for somebody who has lost phone and recovery codes."""
    principal.require_platform_act()
    if await queries.user_by_id(session, user_id) is None:
        raise user_not_found()
    if not await queries.forget_second_factor(session, user_id):
        raise no_factor()
    await publish(session, events.factor_disabled(user_id, principal.actor))


async def reseal_all(session: AsyncSession, keys: KeySource, *, limit: int = 500) -> int:
    """Put up to `limit` shared secrets under the active key; how many that were. For the rotation of keys."""
    rows = await queries.factors_under_other_keys(session, keys.active_id, limit)
    for row in rows:
        sealed = second_factors.seal(keys, row.user_id, _secret(keys, row))
        row.key_id, row.sealed_secret = sealed.key_id, sealed.ciphertext
    return len(rows)


async def keys_in_use(session: AsyncSession) -> dict[str, int]:
    """How many second factors lie under which key."""
    return await queries.count_factors_by_key(session)


def _secret(keys: KeySource, row: SecondFactorRow) -> bytes:
    try:
        return second_factors.unseal(keys, row.user_id, SealedSecret(row.key_id, row.sealed_secret))
    except second_factors.SecretLost as lost:
        raise factor_unreadable(str(lost)) from lost

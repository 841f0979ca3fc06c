"""How many wrong passwords are too many: per account and per address, counted in the database. Called by service.py.

Invariant: an attempt is written, as failed, before its password is looked at; so parallel guesses count each other and
a restart forgets nothing. A refused attempt is not written: whoever is locked out stays so no longer for trying.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.identity import queries
from skyclust.identity.errors import too_many_attempts
from skyclust.identity.models import LoginAttemptRow

WINDOW = timedelta(minutes=15)
FAILURES_PER_ACCOUNT = 10
FAILURES_PER_ADDRESS = 100
_KEEP = timedelta(days=1)


def locked_for_seconds(failures: Sequence[datetime], allowed: int, now: datetime) -> int:
    """Seconds until the window holds fewer than `allowed` failures; 0 when it does. `failures` are newest first."""
    if len(failures) < allowed:
        return 0
    return max(0, math.ceil((failures[allowed - 1] + WINDOW - now).total_seconds()))


def account_key(email: str) -> bytes:
    """What stands for an account in the table, whether or not there is one."""
    return hashlib.sha256(email.encode()).digest()


async def admit(session: AsyncSession, attempt_id: UUID, *, email: str, address: str, now: datetime) -> None:
    """Write the attempt, or raise 429 saying when to come back."""
    account = account_key(email)
    for key in sorted([account, hashlib.sha256(b"address/" + address.encode()).digest()]):
        await queries.lock_attempts(session, key)
    since = now - WINDOW
    of_account = await queries.failures_of_account(session, account, since, FAILURES_PER_ACCOUNT)
    of_address = await queries.failures_of_address(session, address, since, FAILURES_PER_ADDRESS)
    wait = max(
        locked_for_seconds(of_account, FAILURES_PER_ACCOUNT, now),
        locked_for_seconds(of_address, FAILURES_PER_ADDRESS, now),
    )
    if wait:
        raise too_many_attempts(wait)
    await queries.forget_attempts_before(session, now - _KEEP)
    session.add(LoginAttemptRow(id=attempt_id, account=account, address=address[:64], at=now, succeeded=False))

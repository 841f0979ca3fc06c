"""What may be done with cloud accounts. Called by the routes and, for `usable_credential`, by slices that use one.

The caller's permission is checked here; the cloud's word (checking.py) is asked before, with no session open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.contract.provider import VerifiedIdentity
from skyclust.credentials import events, queries
from skyclust.credentials.clouds import binding_of
from skyclust.credentials.errors import credential_in_use, credential_not_found, name_taken, other_account
from skyclust.credentials.judging import (
    Outcome,
    Refused,
    Schedule,
    Silent,
    Standing,
    State,
    standing_in_silence,
    standing_of,
)
from skyclust.credentials.models import CredentialRow
from skyclust.credentials.sealing import Binding, Sealed, rewrap, seal
from skyclust.events.publishing import Actor, publish
from skyclust.identity.service import Act
from skyclust.kit.keys import KeySource
from skyclust.kit.pagination import decode_cursor, encode_cursor, page_of
from skyclust.kit.problems import FieldError, invalid
from skyclust.workspaces import service as workspaces
from skyclust.workspaces.callers import Caller
from skyclust.workspaces.permissions import Permission

#: Who acts when a check that nobody asked for changes what is known.
SYSTEM = Actor(None, "skyclust")
MAX_REASON = 2048
#: A check is its worker's for this long; longer than it may take.
CHECK_LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class NewCredential:
    """A cloud account about to be stored."""

    id: UUID
    workspace_id: UUID
    name: str
    provider: str


async def usable_credential(
    session: AsyncSession,
    caller: Caller,
    credential_id: UUID,
    permission: Permission = Permission.CREDENTIALS_USE,
) -> CredentialRow:
    """The credential, if the caller is a member of its workspace (404) and has the permission there (403).

    For a body's `credential_id`: neither it nor its workspace can be deleted before the caller's transaction ends.
    """
    row = await _checked(session, caller, credential_id, permission, None)
    # the workspace first, in the order in which whoever deletes it takes the locks
    await workspaces.keep(session, row.workspace_id)
    return await _checked(session, caller, credential_id, permission, queries.Lock.KEEP)


async def keep_credential(session: AsyncSession, workspace_id: UUID, credential_id: UUID) -> None:
    """From here to the end of the transaction nobody deletes it; 404 when somebody has. The workspace is kept first."""
    if await queries.credential_in(session, [workspace_id], credential_id, lock=queries.Lock.KEEP) is None:
        raise credential_not_found()


async def readable_credential(session: AsyncSession, caller: Caller, credential_id: UUID) -> CredentialRow:
    """Likewise, only to be looked at."""
    return await _checked(session, caller, credential_id, Permission.CREDENTIALS_READ, None)


async def _checked(
    session: AsyncSession, caller: Caller, credential_id: UUID, permission: Permission, lock: queries.Lock | None
) -> CredentialRow:
    row = await queries.credential_in(session, caller.workspaces, credential_id, lock=lock)
    if row is None:
        raise credential_not_found()
    caller.require(row.workspace_id, permission)
    return row


async def list_page(
    session: AsyncSession,
    caller: Caller,
    *,
    workspace_id: UUID | None,
    provider: str | None,
    limit: int,
    cursor: str | None,
) -> tuple[list[CredentialRow], str | None]:
    """Credentials of the workspaces in which the caller may read them, or of one of these."""
    if workspace_id is not None:
        caller.require(workspace_id, Permission.CREDENTIALS_READ)
    wanted = [workspace_id] if workspace_id else caller.workspace_ids(Permission.CREDENTIALS_READ)
    key = decode_cursor(cursor, 1)
    rows = await queries.list_credentials(
        session, wanted, provider=provider, after=_id_of(key[0]) if key else None, limit=limit
    )
    return page_of(rows, limit, lambda row: encode_cursor(str(row.id)))


def _id_of(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise invalid([FieldError("?cursor", "Use the next_cursor of the page before, unchanged.")]) from None


async def is_name_taken(session: AsyncSession, workspace_id: UUID, name: str, *, but: UUID | None = None) -> bool:
    """Whether another credential has the name. Asked before the cloud is, so that nobody waits in vain."""
    return await queries.name_taken(session, workspace_id, name, but=but)


async def enter(
    session: AsyncSession,
    keys: KeySource,
    caller: Caller,
    *,
    new: NewCredential,
    data: Mapping[str, Any],
    identity: VerifiedIdentity,
    schedule: Schedule,
    now: datetime,
) -> CredentialRow:
    """Seal and store a credential whose `data` has passed the schema and whose `identity` the cloud has told."""
    caller.require(new.workspace_id, Permission.CREDENTIALS_CREATE)
    await workspaces.keep(session, new.workspace_id)
    sealed = seal(keys, Binding(new.workspace_id, new.id, 1), _plaintext(data))
    row = CredentialRow(
        id=new.id,
        workspace_id=new.workspace_id,
        name=new.name,
        provider=new.provider,
        version=1,
        created_by=caller.user_id,
        created_at=now,
        updated_at=now,
    )
    _put(row, sealed)
    _judge(row, identity, schedule, now)
    session.add(row)
    await _flush(session, row.name)
    await publish(session, events.created(row, caller.actor))
    return row


async def change(
    session: AsyncSession,
    keys: KeySource,
    caller: Caller,
    credential_id: UUID,
    *,
    name: str | None,
    replacement: tuple[Mapping[str, Any], VerifiedIdentity] | None,
    schedule: Schedule,
    now: datetime,
) -> CredentialRow:
    """Rename, replace the secret (version + 1), or both. A used credential stays in its account."""
    row = await _checked(session, caller, credential_id, Permission.CREDENTIALS_UPDATE, queries.Lock.CHANGE)
    before = events.metadata(row)
    if name is not None:
        row.name = name
    if replacement is not None:
        data, identity = replacement
        await _same_account(session, row, identity)
        row.version += 1
        _put(row, seal(keys, binding_of(row), _plaintext(data)))
        _judge(row, identity, schedule, now)
    row.updated_at = now
    await _flush(session, row.name)
    await publish(session, events.updated(row, caller.actor, before))
    await _announce(session, row, None, before)
    return row


async def record_verification(
    session: AsyncSession,
    caller: Caller,
    credential_id: UUID,
    outcome: VerifiedIdentity | Refused,
    *,
    version: int,
    schedule: Schedule,
    now: datetime,
) -> CredentialRow:
    """Keep what the cloud answered for `version`. An answer about an older secret is dropped."""
    row = await _checked(session, caller, credential_id, Permission.CREDENTIALS_USE, queries.Lock.CHANGE)
    if row.version != version:
        return row
    before = events.metadata(row)
    _judge(row, outcome, schedule, now)
    row.updated_at = now
    await publish(session, events.verified(row, caller.actor, before))
    await _announce(session, row, None, before)
    return row


async def lease_checks(session: AsyncSession, limit: int, now: datetime) -> list[CredentialRow]:
    """Up to `limit` credentials of all workspaces that are to be asked about now, for this worker alone."""
    return await queries.lease_due_checks(session, now, now + CHECK_LEASE, limit=limit)


async def record_check(
    session: AsyncSession, leased: CredentialRow, outcome: Outcome, *, schedule: Schedule, now: datetime
) -> None:
    """Keep what a check of the schedule found, unless it was replaced, deleted or checked by another meanwhile."""
    row = await queries.credential_in(session, [leased.workspace_id], leased.id, lock=queries.Lock.CHANGE)
    if row is None or (row.version, row.check_leased_until) != (leased.version, leased.check_leased_until):
        return
    before = events.metadata(row)
    _judge(row, outcome, schedule, now)
    await _announce(session, row, SYSTEM, before)


async def _announce(session: AsyncSession, row: CredentialRow, actor: Actor | None, before: dict[str, Any]) -> None:
    """Told when it changes, not with every check. With an actor it is an act of its own, for the audit log."""
    known = ("state", "missing_permissions", "expires_at")
    if any(before[name] != events.metadata(row)[name] for name in known):
        await publish(session, events.judged(row, actor, before))


async def delete(session: AsyncSession, caller: Caller, credential_id: UUID) -> None:
    """Remove it with its secret; 409 while clusters or networks are managed with it."""
    row = await _checked(session, caller, credential_id, Permission.CREDENTIALS_DELETE, queries.Lock.CHANGE)
    caller.require_fresh(Act.CREDENTIAL_DELETE)
    stacks = await queries.count_stacks(session, row)
    if stacks:
        raise credential_in_use(stacks)
    await publish(session, events.deleted(row, caller.actor))
    await session.delete(row)


async def rewrap_some(session: AsyncSession, keys: KeySource, *, limit: int = 2_000) -> int:
    """Put up to `limit` envelopes of all workspaces under the active key; how many that were.

    For the rotation of keys, in a session that sees everything; several may run at once. No secret is opened: only its
    data key is wrapped anew, in two statements however many there are.
    """
    active = keys.active_id
    rows = await queries.sealed_under(session, keys.ids - {active}, limit=limit)
    return await _rewrap(session, keys, active, rows)


async def rewrap_rest(session: AsyncSession, keys: KeySource, *, limit: int = 2_000) -> int:
    """Likewise, with those that others were changing. Nothing is sealed under an old key any more when it answers 0.

    UnsealError for one whose key is not in the keyring.
    """
    active = keys.active_id
    rows = await queries.sealed_under_another_key(session, active, limit=limit)
    return await _rewrap(session, keys, active, rows)


async def _rewrap(session: AsyncSession, keys: KeySource, active: str, rows: Sequence[queries.WrappedKey]) -> int:
    wrapped = {
        row.id: rewrap(
            keys, Binding(row.workspace_id, row.id, row.version), Sealed(row.key_id, row.wrapped_key, b"")
        ).wrapped_key
        for row in rows
    }
    if wrapped:
        await queries.put_wrapped_keys(session, active, wrapped)
    return len(wrapped)


async def keys_in_use(session: AsyncSession) -> dict[str, int]:
    """How many credentials of all workspaces lie under which key. In a session that sees everything."""
    return await queries.count_by_key(session)


async def _same_account(session: AsyncSession, row: CredentialRow, identity: VerifiedIdentity) -> None:
    if identity.account == row.account:
        return
    stacks = await queries.count_stacks(session, row)
    if stacks:
        raise other_account(row.account, identity.account, stacks)


def _put(row: CredentialRow, sealed: Sealed) -> None:
    row.key_id, row.wrapped_key, row.sealed = sealed.key_id, sealed.wrapped_key, sealed.ciphertext


def _judge(row: CredentialRow, outcome: Outcome, schedule: Schedule, now: datetime) -> None:
    """Write down what was said about it, and when to ask again."""
    if isinstance(outcome, Silent):
        row.unanswered += not outcome.busy
        standing = standing_in_silence(Standing(State(row.state), row.reason), row.unanswered, outcome.reason)
        row.check_due_at = schedule.after_silence(now, row.unanswered, outcome.retry_after_seconds)
    elif isinstance(outcome, Refused):
        row.unanswered = 0
        standing = Standing(State.INVALID, outcome.reason)
        row.check_due_at = schedule.after_answer(now, None)
    else:
        row.unanswered = 0
        standing = standing_of(outcome, now)
        row.check_due_at = schedule.after_answer(now, outcome.expires_at)
        _identify(row, outcome, now)
    row.state, row.reason = standing.state.value, standing.reason[:MAX_REASON]
    row.checked_at, row.check_leased_until = now, None


def _identify(row: CredentialRow, identity: VerifiedIdentity, now: datetime) -> None:
    row.account = identity.account[:256]
    row.principal = identity.principal[:1024]
    row.missing_permissions = list(identity.missing_permissions)
    row.issued_at, row.expires_at = identity.issued_at, identity.expires_at
    row.verified_at = now


async def _flush(session: AsyncSession, name: str) -> None:
    try:
        await session.flush()
    except IntegrityError as error:
        if "uq_credentials_workspace_id_name" in str(error.orig):
            raise name_taken(name) from None
        raise


def _plaintext(data: Mapping[str, Any]) -> bytes:
    return orjson.dumps(dict(data))

"""Record acts, show them, and prove that nobody touched them. The recorder is called by `events.publishing.publish`.

Invariant: the entry is written in the transaction of the act. If it cannot be written, the act does not happen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.audit import queries
from skyclust.audit.chaining import Entry, Walk, chain_of, entry_hash, plain
from skyclust.audit.errors import platform_log_forbidden
from skyclust.audit.models import AuditEntryRow
from skyclust.audit.queries import Filter
from skyclust.audit.schemas import VerificationAnswer
from skyclust.events.publishing import Event, publish, register_recorder
from skyclust.kit.clock import Clock, SystemClock
from skyclust.kit.db import visible_to_all
from skyclust.kit.ids import uuid7
from skyclust.kit.keys import KeySource
from skyclust.kit.pagination import decode_cursor, encode_cursor, page_of
from skyclust.kit.problems import FieldError, invalid
from skyclust.workspaces.callers import Caller
from skyclust.workspaces.permissions import Permission


@dataclass(frozen=True, slots=True)
class _Means:
    keys: KeySource
    clock: Clock


#: Process-wide, as the list of recorders is. Set by `install`.
_means: list[_Means] = []


def install(keys: KeySource, clock: Clock | None = None) -> None:
    """Have every act of this process recorded, sealed with these keys. A second call replaces the keys."""
    _means[:] = [_Means(keys, clock or SystemClock())]
    register_recorder(record)


async def record(session: AsyncSession, event: Event) -> None:
    """Append the act to its workspace's chain."""
    means, actor = _means[0], event.actor
    if actor is None:
        return
    chain = chain_of(event.workspace_id)
    last_seq, prev_hash = await queries.lock_head(session, chain, event.workspace_id)
    entry = Entry(
        chain=chain,
        seq=last_seq + 1,
        id=uuid7(),
        at=means.clock.now(),
        actor_id=actor.user_id,
        actor_label=actor.label[:256],
        address=actor.address[:64],
        request_id=actor.request_id[:64],
        action=event.name,
        target=event.topic,
        outcome=event.outcome,
        data=plain(event.data),
    )
    key_id = means.keys.active_id
    seal = entry_hash(means.keys, key_id, entry, prev_hash)
    await queries.append(session, _values(entry, event.workspace_id, key_id, prev_hash, seal))


def _values(entry: Entry, workspace_id: UUID | None, key_id: str, prev_hash: bytes, seal: bytes) -> dict[str, object]:
    fields = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
    return fields | {"workspace_id": workspace_id, "key_id": key_id, "prev_hash": prev_hash, "hash": seal}


async def visible_chains(
    session: AsyncSession, caller: Caller, workspace_id: UUID | None, *, platform: bool
) -> list[str]:
    """Whose entries the caller asks for: one workspace's, all it may read, or the platform's."""
    if platform:
        if not caller.is_platform_admin:
            raise platform_log_forbidden()
        await visible_to_all(session)
        return [chain_of(None)]
    allowed = caller.workspace_ids(Permission.AUDIT_READ)
    if workspace_id is not None or not allowed:
        return [chain_of(caller.default_workspace(workspace_id, Permission.AUDIT_READ))]
    return [chain_of(each) for each in allowed]


async def list_page(
    session: AsyncSession, wanted: Filter, *, limit: int, cursor: str | None
) -> tuple[list[AuditEntryRow], str | None]:
    """Newest first."""
    rows = await queries.page(session, wanted, before=_before(cursor), limit=limit)
    return page_of(rows, limit, lambda row: encode_cursor(row.at.isoformat(), str(row.id)))


def _before(cursor: str | None) -> tuple[datetime, UUID] | None:
    key = decode_cursor(cursor, 2)
    try:
        return (datetime.fromisoformat(key[0]), UUID(key[1])) if key else None
    except ValueError:
        raise invalid([FieldError("?cursor", "Use the next_cursor of the page before, unchanged.")]) from None


async def verify(session: AsyncSession, keys: KeySource, workspace_id: UUID | None) -> VerificationAnswer:
    """Walk the chain from its start; the first bad entry is named. The session must see the chain."""
    chain = chain_of(workspace_id)
    head_seq, head_hash = await queries.head_of(session, chain)
    walk, bad_seq, reason = Walk(keys), None, None
    async for row in queries.stream_chain(session, chain, head_seq):
        reason = walk.step(entry_of(row), row.key_id, row.prev_hash, row.hash)
        if reason is not None:
            bad_seq = row.seq
            break
    if reason is None:
        reason = walk.end(head_seq, head_hash)
        bad_seq = walk.seq + 1 if reason and walk.seq < head_seq else walk.seq if reason else None
    return VerificationAnswer(
        workspace_id=workspace_id,
        intact=reason is None,
        entries=walk.seq,
        first_bad_seq=bad_seq,
        reason=f"Entry {bad_seq}: {reason}." if reason else "",
        head_seq=head_seq,
        head_hash=head_hash.hex(),
    )


def entry_of(row: AuditEntryRow) -> Entry:
    """The sealed part of a row."""
    return Entry(**{name: getattr(row, name) for name in Entry.__dataclass_fields__})


async def record_export(session: AsyncSession, caller: Caller, wanted: Filter, form: str) -> None:
    """Taking the log out is an act too: one entry in each exported chain."""
    for chain in sorted(wanted.chains):  # in one order, so that two exports cannot wait for each other
        workspace_id = None if chain == chain_of(None) else UUID(chain)
        data = {"format": form, "action": wanted.action, "actor": wanted.actor, "target": wanted.target}
        await publish(session, Event("audit.exported", f"audit/{chain}", workspace_id, data, caller.actor))

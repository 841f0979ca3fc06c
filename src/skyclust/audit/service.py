"""Record acts, show them, and prove that nobody touched them. The recorder is called by `events.publishing.publish`.

Invariant: the entry is written in the transaction of the act. If it cannot be written, the act does not happen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.audit.chaining import FIELDS, START, Entry, Walk, chain_of, link_hash, plain, seal_of
from skyclust.audit.errors import platform_log_forbidden
from skyclust.audit.heads import Head, HeadError, Kind, check_head, is_signed, parse_head, public_key, sign
from skyclust.audit.models import AuditAnchorRow, AuditEntryRow
from skyclust.audit.queries import entries as queries
from skyclust.audit.queries.entries import Filter
from skyclust.audit.schemas import VerificationAnswer
from skyclust.events.publishing import Event, publish, register_recorder
from skyclust.kit.clock import Clock, SystemClock
from skyclust.kit.db import visible_to_all
from skyclust.kit.ids import uuid7
from skyclust.kit.keys import KeySource
from skyclust.kit.pagination import decode_cursor, encode_cursor, page_of
from skyclust.kit.problems import FieldError, invalid
from skyclust.kit.redacting import scrub
from skyclust.workspaces.callers import Caller
from skyclust.workspaces.permissions import Permission


@dataclass(frozen=True, slots=True)
class _Means:
    keys: KeySource
    clock: Clock


#: What narrows an export; kept in the entry about it.
_NARROWING = ("actor", "action", "target", "request_id", "words", "since", "until")
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
    last = await queries.lock_head(session, chain, event.workspace_id)
    entry = Entry(
        chain=chain,
        seq=last.seq + 1,
        id=uuid7(),
        at=means.clock.now(),
        actor_id=actor.user_id,
        actor_label=actor.label[:256],
        address=actor.address[:64],
        request_id=actor.request_id[:64],
        action=event.name,
        target=event.topic,
        outcome=event.outcome,
        data=_without_secrets(plain(event.data)),
    )
    key_id, entry_hash = means.keys.active_id, link_hash(last.hash, entry.sealed_text())
    values = {name: getattr(entry, name) for name in FIELDS}
    values |= {"workspace_id": event.workspace_id, "segment": max(last.segment, queries.segment_of(entry.at))}
    values |= {"key_id": key_id, "prev_hash": last.hash, "hash": entry_hash}
    await queries.append(session, values | {"seal": seal_of(means.keys, key_id, entry_hash)})


def _without_secrets(value: Any) -> Any:
    """The last net: who publishes an event has left secrets out already; an entry could never lose one again."""
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, dict):
        return {key: _without_secrets(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_secrets(inner) for inner in value]
    return value


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


def given_heads(keys: KeySource, workspace_id: UUID | None, lines: Sequence[str]) -> dict[int, bytes]:
    """Hashes by seq from exported heads of one chain; 422 for what is not a head of it, signed by us."""
    expected: dict[int, bytes] = {}
    trusted = [public_key(keys, key_id) for key_id in keys.ids]
    for line in lines:
        try:
            head = parse_head(line)
            check_head(head, trusted)
        except HeadError as error:
            raise invalid([FieldError("?head", str(error))]) from error
        if head.chain != chain_of(workspace_id):
            raise invalid([FieldError("?head", f"This is a head of the chain {head.chain}; give those of one chain.")])
        if expected.setdefault(head.seq, head.hash) != head.hash:
            raise invalid([FieldError("?head", f"Two heads of entry {head.seq} contradict each other.")])
    return expected


async def verify(
    session: AsyncSession,
    keys: KeySource,
    workspace_id: UUID | None,
    *,
    now: datetime,
    expected: Mapping[int, bytes],
    compare_only: bool = False,
) -> VerificationAnswer:
    """Walk the chain from its start or anchor; the first bad entry is named. The session must see the chain.

    `compare_only` looks at the expected entries alone: for more heads than one question holds, after a walk.
    """
    chain = chain_of(workspace_id)
    head_seq, head_hash = await queries.head_of(session, chain)
    anchor = await queries.anchor_of(session, chain)
    begin, begin_hash = (anchor.seq, anchor.hash) if anchor else (0, START)
    kept = {seq: entry_hash for seq, entry_hash in expected.items() if seq > begin}
    walk = Walk(keys, begin, begin_hash, kept)
    reason: str | None
    if anchor is not None and not anchor_is_signed(keys, anchor):
        reason, walk.bad_seq = "the anchor that stands for what was before it is not ours", begin + 1
    elif compare_only:
        reason = walk.compare(await queries.hashes_at(session, chain, list(kept)), head_seq)
    else:
        reason = await _walk(session, walk, chain, head_seq) or walk.end(head_seq, head_hash)
    return VerificationAnswer(
        workspace_id=workspace_id,
        intact=reason is None,
        entries=walk.seq - begin,
        begins_after_seq=begin,
        first_bad_seq=walk.bad_seq,
        reason=f"Entry {walk.bad_seq}: {reason}." if reason else "",
        heads_compared=len(kept),
        head_seq=head_seq,
        head_hash=head_hash.hex(),
        head=sign(keys, Kind.HEAD, chain, head_seq, head_hash, now).line().decode().strip(),
    )


async def _walk(session: AsyncSession, walk: Walk, chain: str, up_to: int) -> str | None:
    async with aclosing(queries.stream_links(session, chain, after=walk.seq, up_to=up_to)) as batches:
        async for links in batches:
            for link in links:
                reason = walk.step(link)
                if reason is not None:
                    return reason
    return None


def anchor_is_signed(keys: KeySource, anchor: AuditAnchorRow) -> bool:
    """Whether retention made it, with a key of the keyring; whoever can only write to the database cannot."""
    if anchor.key_id not in keys.ids:
        return False
    public = public_key(keys, anchor.key_id)
    head = Head(anchor.chain, anchor.seq, anchor.hash, anchor.at, anchor.key_id, public, anchor.signature)
    return is_signed(Kind.ANCHOR, head, public)


async def record_export(session: AsyncSession, caller: Caller, wanted: Filter, form: str) -> None:
    """Taking the log out is an act too: one entry in each exported chain."""
    for chain in sorted(wanted.chains):  # in one order, so that two exports cannot wait for each other
        workspace_id = None if chain == chain_of(None) else UUID(chain)
        data = {"format": form, **{name: getattr(wanted, name) for name in _NARROWING}}
        await publish(session, Event("audit.exported", f"audit/{chain}", workspace_id, data, caller.actor))

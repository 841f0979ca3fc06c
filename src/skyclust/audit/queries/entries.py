"""Statements of the audit log. The application's role can do no more with entries than these: append, and read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Select, String, cast, func, or_, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from skyclust.audit.chaining import START, Link, sealed_text
from skyclust.audit.models import AuditAnchorRow, AuditEntryRow, AuditHeadRow

_BATCH = 500
#: A chain for whoever verifies it: ids and time already as the text that was sealed, which costs the database less.
_LINKS = """
SELECT seq, key_id, prev_hash, hash, seal, action, actor_id::text, actor_label, address,
       to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'), chain, data::text, id::text, outcome,
       request_id, target
FROM audit_entries WHERE chain = $1 AND seq > $2 AND seq <= $3 ORDER BY seq
"""
_LINKS_AT_ONCE = 500
#: Every change of anything runs these two: as text, they cost a fraction of what building them each time does.
_LOCK_HEAD = text("SELECT seq, hash, segment FROM audit_heads WHERE chain = :chain FOR UPDATE")
_COLUMNS = tuple(column.key for column in AuditEntryRow.__table__.columns)
_APPEND = text(
    "WITH moved AS (UPDATE audit_heads SET seq = :seq, hash = :hash, segment = :segment WHERE chain = :chain) "  # noqa: S608 # nosec B608
    f"INSERT INTO audit_entries ({', '.join(_COLUMNS)}) VALUES ({', '.join(f':{name}' for name in _COLUMNS)})"
)


@dataclass(frozen=True, slots=True)
class Filter:
    """What to show. `chains` is what the caller may see; the rest narrows it.

    `action` and `target` may end in "*"; `actor` is an email or a user's id; `words` is looked for in every text.
    """

    chains: Sequence[str]
    actor: str | None = None
    action: str | None = None
    target: str | None = None
    request_id: str | None = None
    words: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class End(NamedTuple):
    """Where a chain ends: its last entry, and the segment in which that lies."""

    seq: int
    hash: bytes
    segment: date


async def lock_head(session: AsyncSession, chain: str, workspace_id: UUID | None) -> End:
    """The last entry's; nobody else appends to the chain before this transaction ends."""
    found = (await session.execute(_LOCK_HEAD, {"chain": chain})).one_or_none()
    if found is None:
        first = upsert(AuditHeadRow).values(chain=chain, workspace_id=workspace_id, seq=0, hash=START)
        await session.execute(first.on_conflict_do_nothing(index_elements=["chain"]))
        found = (await session.execute(_LOCK_HEAD, {"chain": chain})).one()
    return End(*found)


async def append(session: AsyncSession, values: Mapping[str, object]) -> None:
    """Write an entry and move its chain's head, in one statement; it asks for nothing back, as who may not read."""
    stored = {"data": orjson.dumps(values["data"]).decode()}
    await session.execute(_APPEND, {**values, **stored})


async def head_of(session: AsyncSession, chain: str) -> tuple[int, bytes]:
    """Seq and hash of the last entry; those of the start when there is none."""
    statement = select(AuditHeadRow.seq, AuditHeadRow.hash).where(AuditHeadRow.chain == chain)
    found = (await session.execute(statement)).one_or_none()
    return (found[0], found[1]) if found else (0, START)


async def page(
    session: AsyncSession, wanted: Filter, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[AuditEntryRow]:
    """Newest first, one more than `limit` when there are more."""
    statement = _filtered(wanted).order_by(AuditEntryRow.at.desc(), AuditEntryRow.id.desc())
    if before is not None:
        statement = statement.where(tuple_(AuditEntryRow.at, AuditEntryRow.id) < tuple_(*before))
    return list(await session.scalars(statement.limit(limit + 1)))


async def stream(session: AsyncSession, wanted: Filter) -> AsyncIterator[AuditEntryRow]:
    """Chain after chain, each in its own order, without holding all of them."""
    statement = _filtered(wanted).order_by(AuditEntryRow.chain, AuditEntryRow.seq)
    async for row in await session.stream_scalars(statement.execution_options(yield_per=_BATCH)):
        yield row


async def anchor_of(session: AsyncSession, chain: str) -> AuditAnchorRow | None:
    """What stands for the dropped beginning of a chain; None when nothing was dropped."""
    found: AuditAnchorRow | None = await session.scalar(select(AuditAnchorRow).where(AuditAnchorRow.chain == chain))
    return found


async def stream_links(session: AsyncSession, chain: str, *, after: int, up_to: int) -> AsyncGenerator[Iterable[Link]]:
    """A chain from the entry after `after` to `up_to`, in batches: what is appended meanwhile does not matter.

    Past SQLAlchemy, whose rows cost as much again as hashing them. While one batch is looked at, the database makes
    the next one ready.
    """
    connection = (await (await session.connection()).get_raw_connection()).driver_connection
    assert connection is not None
    cursor = await connection.cursor(_LINKS, chain, after, up_to)
    rows = await cursor.fetch(_LINKS_AT_ONCE)
    while rows:
        coming = asyncio.ensure_future(cursor.fetch(_LINKS_AT_ONCE))
        try:
            await asyncio.sleep(0)  # so that the question is on its way
            yield (_link(*row) for row in rows)
        finally:  # also when the reader has seen enough: the connection is not given back with a question open
            rows = await coming


def _link(
    seq: int, key_id: str, prev_hash: bytes, entry_hash: bytes, seal: bytes | None, *fields: str | None
) -> Link:  # fmt: skip
    action, actor_id, actor_label, address, at, chain, data, entry_id, outcome, request_id, target = fields
    document: dict[str, Any] = {
        "action": action, "actor_id": actor_id, "actor_label": actor_label, "address": address, "at": at,
        "chain": chain, "data": orjson.Fragment(data or ""), "id": entry_id, "outcome": outcome,
        "request_id": request_id, "seq": seq, "target": target,
    }  # fmt: skip
    if seal is None:  # of before schema 0013: stored with its keys in the order in which they came
        document["data"] = orjson.loads(data or "")
        return Link(seq, sealed_text(document), key_id, prev_hash, entry_hash, None)
    return Link(seq, orjson.dumps(document), key_id, prev_hash, entry_hash, seal)  # in order already


async def hashes_at(session: AsyncSession, chain: str, seqs: Sequence[int]) -> dict[int, bytes]:
    """The hashes of single entries by seq; those that are not there are left out."""
    entry = AuditEntryRow
    found = await session.execute(select(entry.seq, entry.hash).where(entry.chain == chain, entry.seq.in_(seqs)))
    return {row.seq: row.hash for row in found}


def _filtered(wanted: Filter) -> Select[AuditEntryRow]:
    row = AuditEntryRow
    statement = select(row).where(row.chain.in_(wanted.chains))
    if wanted.actor is not None:
        statement = statement.where(_actor(wanted.actor))
    if wanted.action is not None:
        statement = statement.where(_matching(row.action, wanted.action))
    if wanted.target is not None:
        statement = statement.where(_matching(row.target, wanted.target))
    if wanted.request_id is not None:
        statement = statement.where(row.request_id == wanted.request_id)
    if wanted.words is not None:
        texts = (row.actor_label, row.address, row.request_id, row.action, row.target, cast(row.data, String))
        statement = statement.where(or_(*(column.icontains(wanted.words, autoescape=True) for column in texts)))
    if wanted.since is not None:  # an entry's segment is never before its month, so older ones need no look
        statement = statement.where(row.at >= wanted.since, row.segment >= segment_of(wanted.since))
    if wanted.until is not None:
        statement = statement.where(row.at < wanted.until)
    return statement


def segment_of(at: datetime) -> date:
    """The month of a time, as its first day."""
    return at.astimezone(UTC).date().replace(day=1)


def _actor(given: str) -> ColumnElement[bool]:
    """By id when it is one, else by what the actor was called."""
    try:
        return AuditEntryRow.actor_id == UUID(given)
    except ValueError:
        return AuditEntryRow.actor_label == given


def _matching(column: InstrumentedAttribute[str], wanted: str) -> ColumnElement[bool]:
    """The text itself, or what begins like it when it ends in "*"."""
    if wanted.endswith("*"):
        return column.startswith(wanted[:-1], autoescape=True)
    return column == wanted


async def open_segments(session: AsyncSession) -> bool:
    """Make the segments of this and the next months; False when one cannot be made any more."""
    return bool(await session.scalar(select(func.skyclust_open_audit_segments())))

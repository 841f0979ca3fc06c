"""Statements that only the schema's owner may run: retention. The servers' role is refused all but the reading ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from skyclust.audit.heads import Head
from skyclust.audit.models import AuditAnchorRow, AuditEntryRow

SCHEMA = "skyclust_segments"
REST = "entries_rest"
#: Dropping waits no longer for readers: whoever comes after it waits, too.
LOCK_TIMEOUT = "5s"


class OldEnd(NamedTuple):
    """The last entry of a chain among those to drop, how many there are, and one below it that would be kept."""

    chain: str
    workspace_id: UUID | None
    seq: int
    hash: bytes
    entries: int
    straggler: int | None


async def owns_log(session: AsyncSession) -> bool:
    """Whether this role owns the table."""
    owner = text(
        "SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE oid = 'public.audit_entries'::regclass"
    )
    return bool(await session.scalar(owner))


async def old_ends(session: AsyncSession, before: date) -> list[OldEnd]:
    """For each chain with entries in segments before `before`."""
    row = AuditEntryRow
    old = (
        select(row.chain, func.max(row.seq).label("seq"), func.count().label("entries"))
        .where(row.segment < before).group_by(row.chain).subquery()
    )  # fmt: skip
    kept = aliased(row)
    below = select(func.min(kept.seq)).where(kept.chain == old.c.chain, kept.seq < old.c.seq, kept.segment >= before)
    last = select(row.chain, row.workspace_id, row.seq, row.hash, old.c.entries, below.scalar_subquery())
    found = await session.execute(
        last.join(old, (row.chain == old.c.chain) & (row.seq == old.c.seq))
        .where(row.segment < before)
        .order_by(row.chain)
    )
    return [OldEnd(*each) for each in found]


async def segments_before(session: AsyncSession, before: date) -> list[str]:
    """Names of the segments whose month ended before `before`, oldest first."""
    names = await session.scalars(
        text("SELECT tablename FROM pg_tables WHERE schemaname = :schema AND tablename ~ '^entries_\\d{4}_\\d\\d$'"),
        {"schema": SCHEMA},
    )
    return sorted(name for name in names if date.fromisoformat(f"{name[8:12]}-{name[13:]}-01") < before)


async def set_anchor(session: AsyncSession, end: OldEnd, anchor: Head) -> None:
    """From now on the chain begins after `end`."""
    values = {
        "chain": end.chain, "workspace_id": end.workspace_id, "seq": anchor.seq, "hash": anchor.hash, "at": anchor.at,
        "key_id": anchor.key_id, "signature": anchor.signature,
    }  # fmt: skip
    statement = upsert(AuditAnchorRow).values(values)
    await session.execute(statement.on_conflict_do_update(index_elements=["chain"], set_=values))


async def drop_before(session: AsyncSession, before: date, segments: Sequence[str]) -> None:
    """Whole segments, and single entries of those months that lie in the rest. 55P03 while somebody reads."""
    await session.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
    for name in segments:  # from the catalogue, matched by `segments_before`
        await session.execute(text(f"DROP TABLE {SCHEMA}.{name}"))
    await session.execute(text(f"DELETE FROM {SCHEMA}.{REST} WHERE segment < :before"), {"before": before})  # noqa: S608 # nosec B608

"""Which heads a sink has, and when it gets the next. Called by head_exporting.py and the doctor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.audit.models import AuditExportedHeadRow, AuditHeadRow, AuditSinkRow


async def claim_sink(session: AsyncSession, name: str, now: datetime, until: datetime) -> int | None:
    """How often the sink has failed in a row, if it is due; it is ours `until` then. None otherwise."""
    first = upsert(AuditSinkRow).values(name=name, due_at=now, failures=0, last_error="")
    await session.execute(first.on_conflict_do_nothing())
    due = update(AuditSinkRow).where(AuditSinkRow.name == name, AuditSinkRow.due_at <= now)
    failures: int | None = await session.scalar(due.values(due_at=until).returning(AuditSinkRow.failures))
    return failures


async def renew_sink(session: AsyncSession, name: str, until: datetime) -> None:
    """It goes on being ours."""
    await session.execute(update(AuditSinkRow).where(AuditSinkRow.name == name).values(due_at=until))


async def sink_succeeded(session: AsyncSession, name: str, now: datetime, due_at: datetime) -> None:
    """It has everything."""
    done = update(AuditSinkRow).where(AuditSinkRow.name == name)
    await session.execute(done.values(due_at=due_at, failures=0, failing_since=None, last_error="", succeeded_at=now))


async def sink_failed(session: AsyncSession, name: str, now: datetime, due_at: datetime, reason: str) -> None:
    """It took nothing; try again at `due_at`."""
    row = AuditSinkRow
    failed = update(row).where(row.name == name)
    since = func.coalesce(row.failing_since, now)
    await session.execute(
        failed.values(due_at=due_at, failures=row.failures + 1, failing_since=since, last_error=reason[:500])
    )


async def failing_sinks(session: AsyncSession) -> list[AuditSinkRow]:
    """Those whose last try failed."""
    return list(
        await session.scalars(select(AuditSinkRow).where(AuditSinkRow.failures > 0).order_by(AuditSinkRow.name))
    )


async def unexported_heads(session: AsyncSession, sink: str, limit: int) -> list[AuditHeadRow]:
    """Heads that have moved, in whichever direction, since the sink got them."""
    had, head = AuditExportedHeadRow, AuditHeadRow
    same = select(had.chain).where(
        had.sink == sink, had.chain == head.chain, had.seq == head.seq, had.hash == head.hash
    )
    moved = select(head).where(head.seq > 0, ~same.exists()).order_by(head.chain).limit(limit)
    return list(await session.scalars(moved))


async def heads_exported(session: AsyncSession, sink: str, heads: Sequence[AuditHeadRow]) -> None:
    """The sink has them."""
    rows = [{"sink": sink, "chain": head.chain, "seq": head.seq, "hash": head.hash} for head in heads]
    told = upsert(AuditExportedHeadRow).values(rows)
    newer = {"seq": told.excluded.seq, "hash": told.excluded.hash}
    await session.execute(told.on_conflict_do_update(index_elements=["sink", "chain"], set_=newer))

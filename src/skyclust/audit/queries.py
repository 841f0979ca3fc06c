"""Every statement of the audit log. The application's role can do no more than these: append, and read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, String, cast, insert, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.audit.chaining import START
from skyclust.audit.models import AuditEntryRow, AuditHeadRow

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Filter:
    """What to show. `chains` is what the caller may see; the rest narrows it. `action` may end in "*"."""

    chains: Sequence[str]
    actor: str | None = None
    action: str | None = None
    target: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def lock_head(session: AsyncSession, chain: str, workspace_id: UUID | None) -> tuple[int, bytes]:
    """Seq and hash of the last entry; nobody else appends to the chain before this transaction ends."""
    statement = select(AuditHeadRow.seq, AuditHeadRow.hash).where(AuditHeadRow.chain == chain).with_for_update()
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        first = upsert(AuditHeadRow).values(chain=chain, workspace_id=workspace_id, seq=0, hash=START)
        await session.execute(first.on_conflict_do_nothing(index_elements=["chain"]))
        found = (await session.execute(statement)).one()
    return found[0], found[1]


async def append(session: AsyncSession, values: dict[str, object]) -> None:
    """Write an entry and move its chain's head."""
    await session.execute(insert(AuditEntryRow).values(**values))
    head = update(AuditHeadRow).where(AuditHeadRow.chain == values["chain"])
    await session.execute(head.values(seq=values["seq"], hash=values["hash"]))


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
    """Oldest first, without holding all of them."""
    statement = _filtered(wanted).order_by(AuditEntryRow.at, AuditEntryRow.id)
    async for row in await session.stream_scalars(statement.execution_options(yield_per=_BATCH)):
        yield row


async def stream_chain(session: AsyncSession, chain: str, up_to: int) -> AsyncIterator[AuditEntryRow]:
    """A chain from its start to the entry `up_to`: what is appended meanwhile does not matter."""
    statement = select(AuditEntryRow).where(AuditEntryRow.chain == chain, AuditEntryRow.seq <= up_to)
    rows = await session.stream_scalars(statement.order_by(AuditEntryRow.seq).execution_options(yield_per=_BATCH))
    async for row in rows:
        yield row


def _filtered(wanted: Filter) -> Select[AuditEntryRow]:
    row = AuditEntryRow
    statement = select(row).where(row.chain.in_(wanted.chains))
    if wanted.actor is not None:
        statement = statement.where(or_(row.actor_label == wanted.actor, cast(row.actor_id, String) == wanted.actor))
    if wanted.action is not None and wanted.action.endswith("*"):
        statement = statement.where(row.action.startswith(wanted.action[:-1], autoescape=True))
    elif wanted.action is not None:
        statement = statement.where(row.action == wanted.action)
    if wanted.target is not None:
        statement = statement.where(row.target == wanted.target)
    if wanted.since is not None:
        statement = statement.where(row.at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(row.at < wanted.until)
    return statement

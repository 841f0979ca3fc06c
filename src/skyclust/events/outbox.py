"""Reads of the outbox, in an order in which nothing is ever skipped. Used by the relay and by streams.

Rows are read in the order of their places and only below the oldest transaction that is still running: a transaction
that commits late cannot slip in behind a reader. Rows carry no row-level security; `readable` narrows them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, delete, func, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.events.bus import Message, Place
from skyclust.events.models import OUTBOX

_O = OUTBOX.c
_settled = _O.transaction_id < text("((pg_snapshot_xmin(pg_current_snapshot()))::text)::bigint")
_place = tuple_(_O.transaction_id, _O.position)


def readable(workspace_ids: Iterable[UUID], *, platform: bool, topic: str) -> ColumnElement[bool]:
    """Condition: events of these workspaces (and the platform's own), narrowed to a topic."""
    mine = _O.workspace_id.in_(list(workspace_ids))
    allowed = or_(mine, _O.workspace_id.is_(None)) if platform else mine
    return allowed & (_O.topic == topic) if topic else allowed


async def read_after(
    session: AsyncSession, place: Place, limit: int, *conditions: ColumnElement[bool], until: Place | None = None
) -> list[Message]:
    """Up to `limit` events behind `place` (and not behind `until`), in order."""
    columns = (_O.transaction_id, _O.position, _O.workspace_id, _O.name, _O.topic, _O.data, _O.created_at)
    behind = _place > tuple_(place.transaction_id, place.position)
    chosen = select(*columns).where(_settled, behind, *conditions)
    if until is not None:
        chosen = chosen.where(_place <= tuple_(until.transaction_id, until.position))
    found = await session.execute(chosen.order_by(_O.transaction_id, _O.position).limit(limit))
    return [_message(row) for row in found.mappings()]


async def last_place(session: AsyncSession) -> Place:
    """The place of the last event that may be read now."""
    newest = select(_O.transaction_id, _O.position).where(_settled)
    row = (await session.execute(newest.order_by(_O.transaction_id.desc(), _O.position.desc()).limit(1))).one_or_none()
    return Place(row[0], row[1]) if row is not None else Place()


async def first_place(session: AsyncSession) -> Place:
    """The place of the oldest event that is still kept."""
    oldest = select(_O.transaction_id, _O.position).order_by(_O.transaction_id, _O.position).limit(1)
    row = (await session.execute(oldest)).one_or_none()
    return Place(row[0], row[1]) if row is not None else Place()


async def trim(session: AsyncSession, kept: timedelta, told: Place) -> None:
    """Remove what is older than `kept`, but nothing that has not been told to the bus."""
    old = _O.created_at < func.clock_timestamp() - kept
    await session.execute(delete(OUTBOX).where(old, _place <= tuple_(told.transaction_id, told.position)))


def _message(row: RowMapping) -> Message:
    place = Place(row["transaction_id"], row["position"])
    return Message(place, row["workspace_id"], row["name"], row["topic"], row["data"], row["created_at"])

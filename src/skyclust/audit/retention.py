"""Drop the oldest months of the audit log. Called by `skyclust admin audit-retention`, as the schema's owner.

Invariants: what is dropped was verified just before; each chain keeps a signed anchor, from which the rest
is verified; the last heads of what goes are with every sink before it goes; and dropping is itself an entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.audit.chaining import PLATFORM
from skyclust.audit.heads import Head, Kind, sign
from skyclust.audit.queries import dropping
from skyclust.audit.queries.dropping import OldEnd
from skyclust.audit.queries.entries import segment_of
from skyclust.audit.service import verify
from skyclust.audit.sinks import Sink
from skyclust.events.publishing import Actor, Event, publish
from skyclust.kit.db import EVERYTHING, Database
from skyclust.kit.keys import KeySource

#: A shorter log would not cover the time in which a break-in is usually noticed.
LEAST_DAYS = 30
_LOCK_NOT_AVAILABLE = "55P03"


class RetentionError(Exception):
    """Nothing was dropped. The text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Retained:
    """What was dropped, or would be. `before` is the first day that is kept for sure."""

    before: date
    chains: int
    entries: int
    segments: tuple[str, ...]


async def retain(
    database: Database, keys: KeySource, sinks: Sequence[Sink], now: datetime, *, keep_days: int, dry_run: bool = False
) -> Retained:
    """Drop every month that ended more than `keep_days` ago. Run again, it finds nothing to do."""
    if keep_days < LEAST_DAYS:
        raise RetentionError(f"Keep at least {LEAST_DAYS} days.")
    before = segment_of(now - timedelta(days=keep_days))
    async with database.session(visible=EVERYTHING) as session:
        if not await dropping.owns_log(session):
            raise RetentionError(
                "Only the schema's owner may drop entries; the servers' role may not. Run this with "
                "SKYCLUST_DATABASE_URL as `skyclust migrate` has it."
            )
        ends = await _verified_ends(session, keys, before, now)
        segments = await dropping.segments_before(session, before)
    found = Retained(before, len(ends), sum(end.entries for end in ends), tuple(segments))
    if not dry_run and (ends or segments):
        heads = [sign(keys, Kind.HEAD, end.chain, end.seq, end.hash, now) for end in ends]
        for sink in sinks if heads else ():
            await sink.write(b"".join(head.line() for head in heads))
        anchors = {end: sign(keys, Kind.ANCHOR, end.chain, end.seq, end.hash, now) for end in ends}
        await _drop(database, anchors, found)
    return found


async def _verified_ends(session: AsyncSession, keys: KeySource, before: date, now: datetime) -> list[OldEnd]:
    """The last old entry of each chain; RetentionError when a chain is not whole: its entries are evidence."""
    ends = await dropping.old_ends(session, before)
    for end in ends:
        proof = await verify(session, keys, end.workspace_id, now=now, expected={})
        if not proof.intact:
            raise RetentionError(
                f"The chain {end.chain} is not whole, and what is left of it may be evidence. {proof.reason} "
                "Find out what happened, and keep an export, before anything is dropped."
            )
        if end.straggler is not None:
            raise RetentionError(f"Entry {end.straggler} of {end.chain} lies in a later month than entry {end.seq}.")
    return ends


async def _drop(database: Database, anchors: dict[OldEnd, Head], found: Retained) -> None:
    try:
        async with database.session(visible=EVERYTHING) as session:
            for end, anchor in anchors.items():
                await dropping.set_anchor(session, end, anchor)
            await publish(session, _dropped(found))
            await dropping.drop_before(session, found.before, found.segments)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", "") != _LOCK_NOT_AVAILABLE:
            raise
        raise RetentionError("Somebody reads the log just now, perhaps an export. Run this again.") from error


def _dropped(found: Retained) -> Event:
    actor = Actor(None, "the operator, on the server's machine")
    data = {"before": found.before, "chains": found.chains, "entries": found.entries, "segments": found.segments}
    return Event("audit.entries_dropped", f"audit/{PLATFORM}", None, data, actor)

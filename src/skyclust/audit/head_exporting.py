"""Send signed heads out of the database, so that a cut-off tail shows. Runs in every worker; one exports at a time.

Invariant: no session is open while a sink is called, and a head counts as exported only when the sink has it. A worker
that dies meanwhile is followed by another when its lease ends; what is sent twice says the same.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from skyclust.audit.heads import Kind, sign
from skyclust.audit.queries import entries
from skyclust.audit.queries import sinks as queries
from skyclust.audit.sinks import Sink, SinkError
from skyclust.kit.clock import Clock
from skyclust.kit.db import DATABASE_AWAY, EVERYTHING, Database
from skyclust.kit.keys import KeySource, KeysSealedError

log = structlog.get_logger(__name__)

BATCH = 500
#: How long a sink may be silent before another worker takes over; renewed with each batch.
LEASE = timedelta(seconds=60)
FIRST_RETRY = timedelta(seconds=30)
LOOK_SECONDS = 15.0


@dataclass
class HeadExporter:
    """One worker's part: looks now and then whether a sink is due, and opens the log's next segments."""

    database: Database
    keys: KeySource
    clock: Clock
    sinks: Sequence[Sink]
    interval: timedelta
    look_seconds: float = LOOK_SECONDS

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`. A database that is away is waited for."""
        segments_due = self.clock.now()
        while not stop.is_set():
            try:
                if self.clock.now() >= segments_due:
                    await self.open_segments()
                    segments_due = self.clock.now() + timedelta(hours=1)
                for sink in self.sinks:
                    await self.export_if_due(sink)
            except DATABASE_AWAY as error:
                log.warning("the audit log's upkeep waits for the database", error=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), min(self.look_seconds, self.interval.total_seconds()))

    async def open_segments(self) -> None:
        """Those of the next months; entries without one are kept all the same."""
        async with self.database.session(visible=EVERYTHING) as session:
            if not await entries.open_segments(session):
                log.warning("a month of the audit log has no segment of its own; its entries lie in the rest")

    async def export_if_due(self, sink: Sink) -> int | None:
        """How many heads the sink has taken; None when it is not due, or another worker exports to it."""
        now = self.clock.now()
        async with self.database.session(visible=EVERYTHING) as session:
            failures = await queries.claim_sink(session, sink.name, now, now + LEASE)
        if failures is None:
            return None
        try:
            count = await self._export(sink)
        except (SinkError, KeysSealedError) as error:
            await self._failed(sink, failures, str(error))
            return 0
        async with self.database.session(visible=EVERYTHING) as session:
            await queries.sink_succeeded(session, sink.name, self.clock.now(), self.clock.now() + self.interval)
        if failures:
            log.info("heads of the audit log are exported again", sink=sink.name, heads=count)
        return count

    async def _export(self, sink: Sink) -> int:
        count = 0
        while True:
            now = self.clock.now()
            async with self.database.session(visible=EVERYTHING) as session:
                await queries.renew_sink(session, sink.name, now + LEASE)
                moved = await queries.unexported_heads(session, sink.name, BATCH)
            if not moved:
                return count
            signed = (sign(self.keys, Kind.HEAD, head.chain, head.seq, head.hash, now) for head in moved)
            await sink.write(b"".join(head.line() for head in signed))
            async with self.database.session(visible=EVERYTHING) as session:
                await queries.heads_exported(session, sink.name, moved)
            count += len(moved)

    async def _failed(self, sink: Sink, failures: int, reason: str) -> None:
        """Say so, and try again: soon at first, then at the usual distance."""
        now = self.clock.now()
        due = now + min(self.interval, FIRST_RETRY * 2 ** min(failures, 10))
        async with self.database.session(visible=EVERYTHING) as session:
            await queries.sink_failed(session, sink.name, now, due, reason)
        log.error("heads of the audit log are not exported", sink=sink.name, reason=reason, again_at=due.isoformat())

"""Hibernate and wake clusters by their timetables. Run by every worker beside its engine.

Invariants: one worker at a time looks at one timetable; of what was missed only the latest entry is done, once; an
operation is begun like a person's, so quotas, suspension and operations under way hold for it too.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

from skyclust.clusters.service.scheduling import keep_timetable, lease_schedules
from skyclust.kit.db import EVERYTHING
from skyclust.networks.service import Ground

BATCH = 20
LOOK_SECONDS = 15.0


@dataclass
class Timekeeper:
    """One worker's part. `on_outage` is told that the database cannot be reached, or of a defect of ours."""

    ground: Ground
    look_seconds: float = LOOK_SECONDS
    on_outage: Callable[[BaseException], None] = field(default=lambda _error: None)

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`."""
        while not stop.is_set():
            if await self._round() == BATCH:
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self.look_seconds)

    async def _round(self) -> int:
        try:
            return await self.keep_due()
        except Exception as error:  # noqa: BLE001 - whatever a database raises while it restarts
            self.on_outage(error)
            return 0

    async def keep_due(self) -> int:
        """Look at what is due; how many there were. One that fails is looked at again when its lease has run out."""
        async with self.ground.database.session(visible=EVERYTHING) as session:
            rows = await lease_schedules(session, self.ground, BATCH)
        for row in rows:
            try:
                await keep_timetable(self.ground, row)
            except Exception as error:  # noqa: BLE001 - the others are kept all the same
                self.on_outage(error)
        return len(rows)

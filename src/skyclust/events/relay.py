"""Outbox -> bus: every committed event is told, in order, at least once. Runs in every worker; one at a time is active.

Invariant: the cursor moves only after the bus has taken the messages, and no session is open while the bus is called.
An active relay that dies is followed by another when its lease ends; what it told twice, listeners know by its place.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from sqlalchemy import Row, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import func

from skyclust.events import outbox
from skyclust.events.bus import Bus, Message, Place
from skyclust.events.hearing import Ear
from skyclust.events.models import RELAYS
from skyclust.kit.db import DATABASE_AWAY, EVERYTHING, Database

log = structlog.get_logger(__name__)

NAME = "bus"
BATCH = 500
_R = RELAYS.c


@dataclass
class Relay:
    """One process's relay.

    poll_seconds     how long a committed event may wait to be told
    standby_seconds  how often a process whose turn it is not looks whether it has become so, and how often the active
                     one looks although it would hear of a commit and has heard of none
    calm_seconds     after a commit was heard of, for how long to poll: an older transaction may still hold it back
    kept             how long the outbox keeps what was told, for `Last-Event-ID`
    """

    database: Database
    bus: Bus
    poll_seconds: float = 0.1
    standby_seconds: float = 1.0
    calm_seconds: float = 1.0
    lease_seconds: float = 10.0
    kept: timedelta = timedelta(days=3)
    trim_every: int = 10_000
    owner: str = field(default_factory=lambda: secrets.token_hex(8))

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until `stop`. A bus or database that is away is waited for."""
        ear = Ear(self.database)
        try:
            await self._run(stop, ear)
        finally:
            await ear.close()
        with contextlib.suppress(*DATABASE_AWAY):
            await self._hand_over()

    async def _run(self, stop: asyncio.Event, ear: Ear) -> None:
        rounds = 0
        away = False
        calm_at = 0.0
        while not stop.is_set():
            if ear.heard.is_set():
                ear.heard.clear()
                calm_at = time.monotonic() + self.calm_seconds
            try:
                told = await self.relay_once()
                if rounds % self.trim_every == 0:
                    await self._trim()
                rounds, away = rounds + 1, False
                if told is not None:
                    await ear.listen()
                calm = ear.hears and time.monotonic() > calm_at
                pause = self.standby_seconds if told is None or calm else self.poll_seconds
            except DATABASE_AWAY as error:  # BusDownError is an OSError
                if not away:
                    log.warning("the relay waits for the bus or the database", error=type(error).__name__)
                told, away, pause = 0, True, self.standby_seconds
            if told != BATCH:
                await _first_of(stop, ear.heard, pause)

    async def relay_once(self) -> int | None:
        """Tell one batch; how many it was. None when another process is the active one."""
        async with self.database.session(visible=EVERYTHING) as session:
            place = await self._turn(session)
            batch = await outbox.read_after(session, place, BATCH) if place is not None else []
        if batch:
            await self._tell(batch)
        return len(batch) if place is not None else None

    async def _tell(self, batch: list[Message]) -> None:
        """Tell a batch; what was told before the bus failed stays told."""
        told: Place | None = None
        try:
            for message in batch:
                await self.bus.publish(message)
                told = message.place
        finally:
            if told is not None:
                async with self.database.session(visible=EVERYTHING) as session:
                    await self._advance(session, told)

    async def _turn(self, session: AsyncSession) -> Place | None:
        """Where to go on, if it is this process's turn. The lease is written only when half of it has passed."""
        left = func.extract("epoch", _R.lease_until - func.clock_timestamp())
        columns = (_R.transaction_id, _R.position)
        own = select(*columns).where(_R.name == NAME, _R.owner == self.owner, left > self.lease_seconds / 2)
        row = (await session.execute(own)).one_or_none() or await self._lease(session)
        return Place(row[0], row[1]) if row is not None else None

    async def _lease(self, session: AsyncSession) -> Row[int, int] | None:
        """Take or renew the turn; None when another process has it."""
        await session.execute(insert(RELAYS).values(name=NAME).on_conflict_do_nothing())
        free = or_(_R.owner == self.owner, _R.lease_until < func.clock_timestamp())
        until = func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, self.lease_seconds)
        mine = update(RELAYS).where(_R.name == NAME, free).values(owner=self.owner, lease_until=until)
        return (await session.execute(mine.returning(_R.transaction_id, _R.position))).one_or_none()

    async def _advance(self, session: AsyncSession, told: Place) -> None:
        moved = update(RELAYS).where(_R.name == NAME, _R.owner == self.owner)
        await session.execute(moved.values(transaction_id=told.transaction_id, position=told.position))

    async def _trim(self) -> None:
        async with self.database.session(visible=EVERYTHING) as session:
            cursor = select(_R.transaction_id, _R.position).where(_R.name == NAME, _R.owner == self.owner)
            row = (await session.execute(cursor)).one_or_none()
            if row is not None:
                await outbox.trim(session, self.kept, Place(row[0], row[1]))

    async def _hand_over(self) -> None:
        """Let another process go on at once."""
        async with self.database.session(visible=EVERYTHING) as session:
            own = update(RELAYS).where(_R.name == NAME, _R.owner == self.owner)
            await session.execute(own.values(lease_until=func.clock_timestamp()))


async def _first_of(stop: asyncio.Event, heard: asyncio.Event, seconds: float) -> None:
    waiting = [asyncio.ensure_future(event.wait()) for event in (stop, heard)]
    await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for one in waiting:
        one.cancel()

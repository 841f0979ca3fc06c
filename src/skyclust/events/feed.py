"""The outbox as one live feed per process, for any number of readers. Stands between the bus and server-sent events.

It reads the outbox once for all readers whenever the bus tells that something happened, and at least every
`poll_seconds`: with the bus down it is merely slower. Invariant: a reader gets every event behind the place at which it
joined, in order and once, or is told that it missed some.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from skyclust.events import outbox
from skyclust.events.bus import Bus, Message, Place
from skyclust.kit.db import DATABASE_AWAY, EVERYTHING, Database

log = structlog.get_logger(__name__)

BATCH = 500
QUEUE_SIZE = 500


@dataclass(eq=False)
class Reader:
    """One reader's end. `joined_at` is the place behind which it gets everything."""

    wants: Callable[[Message], bool]
    joined_at: Place
    size: int = QUEUE_SIZE
    missed: bool = False
    _queue: asyncio.Queue[Message] = field(init=False)

    def __post_init__(self) -> None:
        self._queue = asyncio.Queue(self.size)

    def offer(self, message: Message) -> None:
        """Queue what is wanted. A full queue is emptied: a reader that slow had better look afresh."""
        if not self.wants(message):
            return
        if self._queue.full():
            while not self._queue.empty():
                self._queue.get_nowait()
            self.missed = True
        self._queue.put_nowait(message)

    async def next(self, seconds: float) -> Message | None:
        """The next event; None when there was none for so long."""
        if not self._queue.empty():
            return self._queue.get_nowait()
        try:
            async with asyncio.timeout(max(seconds, 0.0)):
                return await self._queue.get()
        except TimeoutError:
            return None

    def take_missed(self) -> bool:
        """Whether events were dropped since this was last asked."""
        missed, self.missed = self.missed, False
        return missed


@dataclass
class Feed:
    """Runs while somebody reads."""

    database: Database
    bus: Bus
    poll_seconds: float = 1.0
    _readers: set[Reader] = field(default_factory=set)
    _place: Place = field(default_factory=Place)
    _task: asyncio.Task[None] | None = None
    _starting: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def reader(self, wants: Callable[[Message], bool], *, size: int = QUEUE_SIZE) -> AsyncIterator[Reader]:
        """Join; `wants` is asked for every event, so that it may change its mind."""
        async with self._starting:
            if self._task is None or self._task.done():
                await self._start()
            reader = Reader(wants, self._place, size)
            self._readers.add(reader)
        try:
            yield reader
        finally:
            self._readers.discard(reader)
            if not self._readers and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _start(self) -> None:
        async with self.database.session(visible=EVERYTHING) as session:
            self._place = await outbox.last_place(session)
        self._task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        async with self.bus.subscribe(size=1) as told:
            away = False
            while True:
                try:
                    count, away = await self._read(), False
                except DATABASE_AWAY as error:
                    if not away:
                        log.warning("the feed waits for the database", error=type(error).__name__)
                    count, away = 0, True
                if count < BATCH:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(self.poll_seconds):
                            await anext(told)

    async def _read(self) -> int:
        async with self.database.session(visible=EVERYTHING) as session:
            batch = await outbox.read_after(session, self._place, BATCH)
        for message in batch:
            for reader in self._readers:
                reader.offer(message)
            self._place = message.place
        return len(batch)

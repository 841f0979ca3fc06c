"""Server-sent events: what a caller may see, live, resumable by `Last-Event-ID`. Called by the routes that stream.

Invariant: every event is checked against what the caller may see at that time; the caller is asked for again every few
seconds, and a stream whose session or membership ended is cut within five. No session is open while a client is slow.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.events import outbox
from skyclust.events.bus import Message, Place
from skyclust.events.feed import Feed, Reader
from skyclust.kit.db import EVERYTHING, Database, sees_from_start

MEDIA_TYPE = "text/event-stream"
#: The first line of a stream: clients reconnect after a second.
GREETING = b"retry: 1000\n: connected\n\n"
HEARTBEAT = b": still here\n\n"
HEARTBEAT_SECONDS = 15.0
RECHECK_SECONDS = 3.0
CATCH_UP_BATCH = 200


@dataclass(frozen=True, slots=True)
class Scope:
    """What a stream shows: events of these workspaces, of the platform if `platform`, narrowed to `topic` if not ""."""

    workspace_ids: frozenset[UUID]
    platform: bool = False
    topic: str = ""

    def shows(self, message: Message) -> bool:
        """Whether the caller may see it and asked for it."""
        mine = self.platform if message.workspace_id is None else message.workspace_id in self.workspace_ids
        return mine and (not self.topic or message.topic == self.topic)


#: Asks again who is calling. None: nobody any more, or nobody who may see this.
Recheck = Callable[[], Awaitable[Scope | None]]
#: Makes the first event of a stream after the reader has joined, so that nothing falls between the two.
Snapshot = Callable[[], Awaitable[dict[str, object] | None]]


@dataclass
class Seats:
    """How many streams each user holds open in this process. Counted while the answer is under way, however it ends."""

    most: int
    _taken: Counter[UUID] = field(default_factory=Counter)

    @contextmanager
    def seat(self, user_id: UUID) -> Iterator[bool]:
        """Whether there was one left; it is given back at the end of the block."""
        free = self._taken[user_id] < self.most
        self._taken[user_id] += free
        try:
            yield free
        finally:
            self._taken[user_id] -= free
            if not self._taken[user_id]:
                del self._taken[user_id]


@dataclass
class Stream:
    """One client's stream. `last` is the client's Last-Event-ID, if it gave one."""

    database: Database
    feed: Feed
    scope: Scope
    recheck: Recheck
    last: Place | None = None
    snapshot: Snapshot | None = None
    monotonic: Callable[[], float] = time.monotonic
    recheck_seconds: float = RECHECK_SECONDS
    heartbeat_seconds: float = HEARTBEAT_SECONDS

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body of the response."""
        yield GREETING
        async with self.feed.reader(self._shows) as reader:
            if self.snapshot is not None:
                document = await self.snapshot()
                if document is not None:
                    yield encode("snapshot", document, reader.joined_at if self.last is None else None)
            async for chunk in self._catch_up(reader.joined_at):
                yield chunk
            async for chunk in self._live(reader):
                yield chunk

    def _shows(self, message: Message) -> bool:
        return self.scope.shows(message)  # the scope of now, not of the beginning

    async def _catch_up(self, until: Place) -> AsyncIterator[bytes]:
        """What happened between the client's last event and the moment it joined."""
        place = self.last
        if place is None:
            return
        async with self.database.session(visible=EVERYTHING) as session:
            oldest = await outbox.first_place(session)
        if place < oldest:
            yield encode("resync", {"reason": "Some events are no longer kept. Load afresh what you show."}, None)
        while True:
            visible = outbox.readable(
                self.scope.workspace_ids, platform=self.scope.platform, topic=self.scope.topic
            )  # fmt: skip
            async with self._scoped_session() as session:
                batch = await outbox.read_after(session, place, CATCH_UP_BATCH, visible, until=until)
            for message in batch:
                yield encode_message(message)
                place = message.place
            if len(batch) < CATCH_UP_BATCH:
                return

    @asynccontextmanager
    async def _scoped_session(self) -> AsyncIterator[AsyncSession]:
        """Row-level security as the second net; what concerns no workspace is only seen where everything is."""
        async with self.database.session(visible=EVERYTHING if self.scope.platform else "") as session:
            if not self.scope.platform:
                sees_from_start(session, self.scope.workspace_ids)
            yield session

    async def _live(self, reader: Reader) -> AsyncIterator[bytes]:
        checked = spoken = self.monotonic()
        while True:
            now = self.monotonic()
            if now - checked >= self.recheck_seconds:
                scope = await self.recheck()
                if scope is None:
                    yield encode("closed", {"reason": "The session or the membership has ended."}, None)
                    return
                self.scope, checked = scope, now
            if now - spoken >= self.heartbeat_seconds:
                yield HEARTBEAT
                spoken = now
            wait = min(checked + self.recheck_seconds, spoken + self.heartbeat_seconds) - now
            message = await reader.next(wait)
            if reader.take_missed():
                yield encode("resync", {"reason": "This stream was read too slowly. Load afresh what you show."}, None)
            if message is not None and self.scope.shows(message):
                yield encode_message(message)
                spoken = self.monotonic()


@lru_cache(maxsize=512)  # every reader of an event gets the same bytes
def encode_message(message: Message) -> bytes:
    """An event as the default type "message", so that a client needs one listener; `name` says what it is."""
    document: dict[str, object] = {
        "name": message.name,
        "topic": message.topic,
        "workspace_id": message.workspace_id,
        "at": message.at,
        "data": message.data,
    }
    return encode("", document, message.place)


def encode(kind: str, document: dict[str, object], place: Place | None) -> bytes:
    """One event. JSON holds no line break, so one data line is enough."""
    lines = [f"id: {place}"] if place is not None else []
    lines += [f"event: {kind}"] if kind else []
    return "\n".join([*lines, f"data: {orjson.dumps(document, default=str).decode()}", "", ""]).encode()

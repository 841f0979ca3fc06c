"""The loudspeaker and doorbell: what was committed, told to whoever listens now. In process here, NATS in nats_bus.py.

The relay publishes, listeners subscribe. Invariant: the bus is never the truth. A message that is lost, doubled or late
costs a listener nothing but a look into the outbox, and with the bus gone nothing hangs.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self
from uuid import UUID

QUEUE_SIZE = 1000


class BusDownError(OSError):
    """The bus could not take the message. The relay tries again; the outbox keeps it."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where an event stands in the outbox. Written as "<transaction>-<position>", opaque to clients."""

    transaction_id: int = 0
    position: int = 0

    def __str__(self) -> str:
        return f"{self.transaction_id}-{self.position}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The place, or None for a text that nobody here wrote."""
        transaction_id, dash, position = text.partition("-")
        digits = transaction_id.isascii() and transaction_id.isdigit() and position.isascii() and position.isdigit()
        if not dash or not digits or len(text) > 40:
            return None
        return cls(int(transaction_id), int(position))


@dataclass(frozen=True, slots=True)
class Message:
    """One event of the outbox, with its place."""

    place: Place
    workspace_id: UUID | None
    name: str
    topic: str
    data: dict[str, Any] = field(hash=False)
    at: datetime


def topic_matches(wanted: str, topic: str) -> bool:
    """`wanted` is a whole topic ("operation/<id>"), a kind with its slash ("operation/"), or "" for everything."""
    return topic.startswith(wanted) if not wanted or wanted.endswith("/") else topic == wanted


class Subscription:
    """Messages of one listener, in order. `lost` is set when it was too slow and the oldest were dropped."""

    def __init__(self, listeners: set[Subscription], topic: str, size: int) -> None:
        """Made by `Bus.subscribe`; listens from `async with` on."""
        self._listeners = listeners
        self._topic = topic
        self._queue: asyncio.Queue[Message] = asyncio.Queue(size)
        self.lost = False

    async def __aenter__(self) -> Self:
        self._listeners.add(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listeners.discard(self)

    def __aiter__(self) -> AsyncIterator[Message]:
        return self

    async def __anext__(self) -> Message:
        return await self._queue.get()

    def offer(self, message: Message) -> None:
        """Take a message if it is wanted; never waits."""
        if not topic_matches(self._topic, message.topic):
            return
        if self._queue.full():
            self._queue.get_nowait()
            self.lost = True
        self._queue.put_nowait(message)


class Bus(Protocol):
    """What relay and listeners need. `InProcessBus` and `NatsBus` pass one suite."""

    async def publish(self, message: Message) -> None:
        """Tell it to everyone who listens, in order. BusDownError when it could not be handed over."""
        ...

    def subscribe(self, topic: str = "", *, size: int = QUEUE_SIZE) -> Subscription:
        """Listen from `async with` on."""
        ...

    async def ring(self, channel: str) -> None:
        """Ring a doorbell, best effort: never raises because nobody hears it."""
        ...

    def bells(self, channel: str) -> AsyncIterator[None]:
        """One item per ring or burst of rings, from the first `anext` on. Ends when the bus is closed."""
        ...

    async def close(self) -> None:
        """Stop. Idempotent."""
        ...


class Ears:
    """Listeners inside this process: the whole of `InProcessBus`, and the near end of `NatsBus`."""

    def __init__(self) -> None:
        """Nobody listens yet."""
        self._listeners: set[Subscription] = set()
        self._bells: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._closed = False

    def subscribe(self, topic: str = "", *, size: int = QUEUE_SIZE) -> Subscription:
        """Listen from `async with` on."""
        return Subscription(self._listeners, topic, size)

    def hear(self, message: Message) -> None:
        """Pass a message on to every listener."""
        for listener in tuple(self._listeners):
            listener.offer(message)

    def hear_bell(self, channel: str) -> None:
        """Pass a ring on."""
        for bell in self._bells[channel]:
            bell.set()

    async def bells(self, channel: str) -> AsyncIterator[None]:
        """One item per burst of rings, until closed."""
        bell = asyncio.Event()
        self._bells[channel].add(bell)
        try:
            while not self._closed:
                await bell.wait()
                bell.clear()
                if not self._closed:
                    yield
        finally:
            self._bells[channel].discard(bell)

    def deafen(self) -> None:
        """End every `bells`."""
        self._closed = True
        for channel in tuple(self._bells):
            self.hear_bell(channel)


class InProcessBus(Ears):
    """The default: one process, nothing to install."""

    async def publish(self, message: Message) -> None:
        """Tell it to everyone who listens here."""
        self.hear(message)

    async def ring(self, channel: str) -> None:
        """Ring a doorbell here."""
        self.hear_bell(channel)

    async def close(self) -> None:
        """Stop."""
        self.deafen()

"""The bus over NATS JetStream, for installations of several processes. Chosen by SKYCLUST_NATS_URL.

Events go to `skyclust.events.<kind>.<id>` with their place as message id, so that a repetition inside two minutes is
not stored twice; bells go to `skyclust.bells.<channel>`.
Invariant: one NATS subscription per process, however many listen.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Self
from uuid import UUID

import nats
import nats.errors
import nats.js.errors
import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import StreamConfig

from skyclust.events.bus import QUEUE_SIZE, BusDownError, Ears, Message, Place, Subscription

STREAM = "SKYCLUST_EVENTS"
EVENTS = "skyclust.events"
BELLS = "skyclust.bells"
PUBLISH_SECONDS = 5.0
_KEPT_SECONDS = 24 * 3600
_FAILURES = (nats.errors.Error, nats.js.errors.Error, OSError, TimeoutError)


class NatsBus:
    """Implements `bus.Bus`. Reconnects by itself, for ever; meanwhile `publish` raises BusDownError."""

    def __init__(self, client: Client) -> None:
        """Use `connect`."""
        self._client = client
        self._stream = client.jetstream(timeout=PUBLISH_SECONDS)
        self._ears = Ears()
        self._stream_made = False

    @classmethod
    async def connect(cls, url: str) -> Self:
        """Connect, or fail when the server is not there at the start: a wrong address should be seen at once."""
        client = await nats.connect(url, max_reconnect_attempts=-1, reconnect_time_wait=1, name="skyclust")
        bus = cls(client)
        await client.subscribe(f"{EVENTS}.>", cb=bus._on_event)
        await client.subscribe(f"{BELLS}.*", cb=bus._on_bell)
        await client.flush()
        return bus

    async def publish(self, message: Message) -> None:
        """Hand one event to JetStream; returns when it is stored."""
        try:
            await self._ensure_stream()
            headers = {"Nats-Msg-Id": str(message.place)}
            async with asyncio.timeout(PUBLISH_SECONDS):
                await self._stream.publish(_subject(message.topic), _encoded(message), headers=headers)
        except _FAILURES as error:
            self._stream_made = False
            raise BusDownError(f"NATS did not take the event: {type(error).__name__}") from error

    def subscribe(self, topic: str = "", *, size: int = QUEUE_SIZE) -> Subscription:
        """Listen from `async with` on."""
        return self._ears.subscribe(topic, size=size)

    async def ring(self, channel: str) -> None:
        """Ring in every process."""
        with contextlib.suppress(*_FAILURES):
            await self._client.publish(f"{BELLS}.{channel}")

    def bells(self, channel: str) -> AsyncIterator[None]:
        """One item per burst of rings."""
        return self._ears.bells(channel)

    async def close(self) -> None:
        """Disconnect."""
        self._ears.deafen()
        with contextlib.suppress(*_FAILURES):
            await self._client.close()

    async def _ensure_stream(self) -> None:
        if self._stream_made:
            return
        config = StreamConfig(name=STREAM, subjects=[f"{EVENTS}.>"], max_age=_KEPT_SECONDS, max_bytes=1 << 28)
        await self._stream.add_stream(config)
        self._stream_made = True

    async def _on_event(self, received: Msg) -> None:
        message = _decoded(received.data)
        if message is not None:
            self._ears.hear(message)

    async def _on_bell(self, received: Msg) -> None:
        self._ears.hear_bell(received.subject.removeprefix(f"{BELLS}."))


def _subject(topic: str) -> str:
    """`<kind>/<id>` as a NATS subject: dots, stars and spaces would mean something there."""
    safe = "".join(letter if letter.isalnum() or letter in "-_/" else "_" for letter in topic)
    return f"{EVENTS}.{safe.strip('/').replace('//', '/').replace('/', '.') or '_'}"


def _encoded(message: Message) -> bytes:
    return orjson.dumps(
        {
            "place": str(message.place),
            # asyncpg's UUIDs are a subclass, which orjson refuses
            "workspace_id": str(message.workspace_id) if message.workspace_id is not None else None,
            "name": message.name,
            "topic": message.topic,
            "data": message.data,
            "at": message.at,
        }
    )


def _decoded(payload: bytes) -> Message | None:
    """None for what nobody here sent: the subject is open to whoever may reach the server."""
    try:
        document = orjson.loads(payload)
        place = Place.parse(document["place"])
        workspace = document["workspace_id"]
        at = datetime.fromisoformat(document["at"])
        if place is None:
            return None
        workspace_id = UUID(workspace) if workspace is not None else None
        return Message(place, workspace_id, document["name"], document["topic"], document["data"], at)
    except (ValueError, KeyError, TypeError):
        return None

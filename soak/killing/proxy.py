"""A small HTTP proxy between the SDKs and one simulated cloud, in a thread with its own loop; it makes the weather.

Started by the installation. Invariant: host and path go through unchanged, so signatures hold and links lead back here.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

from soak.killing.weather import Reply, Trouble, Weather, refusal, service_of

#: A head larger than this is no request of an SDK.
HEAD_LIMIT = 256 * 1024


@dataclass(frozen=True, slots=True)
class Message:
    """A request or reply as it came: head (with the empty line), body, headers in lower case."""

    head: bytes
    body: bytes
    headers: dict[str, str]


class FaultProxy:
    """`url` stands for `upstream`. `close()` ends the thread."""

    def __init__(self, upstream: str, weather: Weather) -> None:
        place = urlsplit(upstream)
        assert place.hostname
        assert place.port
        self._upstream = (place.hostname, place.port)
        self.weather = weather
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="fault proxy", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Cut everything and end."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._listener.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, sock=self._listener, limit=HEAD_LIMIT))
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError):
                self._loop.run_until_complete(task)
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of an SDK: a connection of our own to the cloud, request after request."""
        upstream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        try:
            while (request := await _message(reader)) is not None:
                if upstream is None:
                    upstream = await asyncio.open_connection(*self._upstream, limit=HEAD_LIMIT)
                if not await self._pass(request, upstream, writer):
                    break
        except (OSError, asyncio.IncompleteReadError, ValueError):
            pass  # one side has gone: so does the other
        finally:
            for open_writer in filter(None, (writer, upstream and upstream[1])):
                open_writer.transport.abort()

    async def _pass(
        self,
        request: Message,
        upstream: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        client: asyncio.StreamWriter,
    ) -> bool:
        """False when the connection must be cut."""
        trouble, service = self.weather.next_trouble(), service_of(request.headers)
        if trouble is Trouble.CUT_BEFORE:
            return False
        if trouble in (Trouble.REFUSED, Trouble.THROTTLED):
            return await _send(client, _written(refusal(trouble, service)))
        upstream[1].write(request.head + request.body)
        await upstream[1].drain()
        reply = await _message(upstream[0], is_reply=True)
        if reply is None or trouble is Trouble.CUT_AFTER:
            return False
        if trouble is Trouble.ERROR_AFTER:
            return await _send(client, _written(refusal(trouble, service)))
        if trouble is Trouble.SLOW:
            await asyncio.sleep(self.weather.delay_seconds())
        return await _send(client, reply.head + reply.body)


async def _send(client: asyncio.StreamWriter, data: bytes) -> bool:
    client.write(data)
    await client.drain()
    return True


def _written(reply: Reply) -> bytes:
    head = f"HTTP/1.1 {reply.status} Weather\r\ncontent-type: {reply.content_type}\r\n"
    return f"{head}content-length: {len(reply.body)}\r\n\r\n".encode() + reply.body


async def _message(reader: asyncio.StreamReader, *, is_reply: bool = False) -> Message | None:
    """The next message; None at the orderly end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as ended:
        if ended.partial:
            raise
        return None
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
    if is_reply and lines[0].split(" ")[1] in ("204", "304"):
        return Message(head, b"", headers)
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return Message(head, await _chunks(reader), headers)
    return Message(head, await reader.readexactly(int(headers.get("content-length", 0))), headers)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    """A chunked body, as it came."""
    raw = b""
    while True:
        line = await reader.readuntil(b"\r\n")
        size = int(line.partition(b";")[0], 16)
        raw += line + await reader.readexactly(size + 2)
        if size == 0:
            return raw

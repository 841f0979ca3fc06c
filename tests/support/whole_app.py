"""The application as `up` and `api` serve it, with every route and the guard in front, on a real database.

`whole(postgres, scenario, **settings)` runs `scenario(site)` in one event loop; `served(site)` puts it behind a socket.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from skyclust.audit import service as audit
from skyclust.credentials.clouds import CloudSessions
from skyclust.credentials.keyring import Keyring
from skyclust.entrypoints.api import create_app
from skyclust.entrypoints.roles import Server, server_config
from skyclust.entrypoints.wiring import Parts
from skyclust.events.bus import InProcessBus
from skyclust.kit.settings import Settings
from tenancy import KEYS, FakeCloud, HandClock, House, server_logs


@dataclass
class Whole(House):
    """A house with the whole application in it, and what its parts are."""

    parts: Parts | None = None


def whole(postgres, scenario: Callable[[Whole], Awaitable], *, settings: dict | None = None):
    async def run():
        clock, cloud, keyring = HandClock(), FakeCloud(), Keyring("old", KEYS)
        database = postgres.open()
        providers = {cloud.name: cloud}
        clouds = CloudSessions(database, keyring, providers, monotonic=clock.monotonic)
        audit.install(keyring, clock)
        parts = Parts(Settings(**(settings or {})), database, clock, providers, keyring, clouds, InProcessBus())
        app = create_app(parts)
        site = Whole(app, database, postgres.owner_url, clock, cloud, anonymous=None, logs=logs, parts=parts)
        site.anonymous = site.client()
        try:
            return await scenario(site)
        finally:
            for client in site._clients:
                await client.aclose()
            await parts.close()

    with server_logs() as logs:
        return asyncio.run(run())


@asynccontextmanager
async def served(app) -> AsyncIterator[tuple[str, int]]:
    """The application behind a socket, as our server speaks HTTP: (host, port)."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(server_config(app, 1))
    task = asyncio.create_task(server.serve([listener]))
    await server.ready.wait()
    try:
        yield listener.getsockname()
    finally:
        server.should_exit = True
        await task


async def spoken(address, raw: bytes, *, seconds: float = 20) -> bytes:
    """What the server says to exactly these bytes until it closes or falls silent for a moment."""
    reader, writer = await asyncio.open_connection(*address)
    heard = b""
    try:
        writer.write(raw)
        await writer.drain()
        async with asyncio.timeout(seconds):
            while chunk := await reader.read(65536):
                heard += chunk
                if b"\r\n\r\n" in heard and b"connection: close" not in heard.lower():
                    break
    except ConnectionError:
        pass
    finally:
        writer.close()
    return heard


def status_of(reply: bytes) -> int:
    return int(reply.split(b" ", 2)[1]) if reply else 0


def kind_of(answer: httpx.Response) -> str:
    return answer.json()["type"].rsplit("/", 1)[-1]

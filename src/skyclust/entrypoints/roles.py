"""One role per process, for scaling out: `skyclust api`, `skyclust worker`, `skyclust migrate`.

All of them read the same environment; SKYCLUST_DATABASE_URL is needed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from skyclust.entrypoints.http_heads import BoundedHeads
from skyclust.entrypoints.wiring import Parts, build_parts, installed_providers, run_worker_tasks
from skyclust.entrypoints.worker_page import create_worker_page, page_socket
from skyclust.kit.db import EVERYTHING, Database
from skyclust.kit.logs import configure_logging
from skyclust.kit.migrating import migrate
from skyclust.kit.settings import Settings
from skyclust.workspaces import service as workspaces

#: SIGTERM to the end of the process, at most: requests and cloud calls in flight finish meanwhile.
DRAIN_SECONDS = 25
PAGE_DRAIN_SECONDS = 2


class Server(uvicorn.Server):
    """uvicorn inside our own loop: signals are ours, not its; `ready` is set once it answers."""

    def __init__(self, config: uvicorn.Config) -> None:
        """Not started yet."""
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing: the entry point decides when to stop."""
        yield


def run_api(host: str, port: int) -> int:
    """Serve the API until SIGTERM."""
    return _run(lambda parts, stop: serve_api(parts, stop, host, port), host)


def run_worker() -> int:
    """Work until SIGTERM, then let calls in flight finish and hand leases back."""
    try:
        return _run(serve_worker)
    except OSError as error:
        print(f"skyclust: cannot start: {error}", file=sys.stderr)
        return 1


def run_migrations() -> int:
    """Upgrade the schema; on a database without users also print the link for the first administrator."""
    settings = Settings()
    url = _database_url(settings)
    if url is None:
        return 2
    token = asyncio.run(_migrate(url))
    print("The database has the current schema.")
    if token:
        where = settings.public_url.rstrip("/") or "<address of the API>"
        print(f"Create the first administrator (this link works once): {where}/setup?token={token}")
    return 0


async def _migrate(url: str) -> str | None:
    await migrate(url)
    database = Database(url, pool_size=1)
    try:
        async with database.session(visible=EVERYTHING) as session:
            return await workspaces.create_bootstrap_token(session)
    finally:
        await database.close()


async def serve_api(parts: Parts, stop: asyncio.Event, host: str, port: int) -> None:
    """Uvicorn on the parts until `stop`."""
    from skyclust.entrypoints.api import create_app

    await serve_until(Server(server_config(create_app(parts), DRAIN_SECONDS - 10, host=host, port=port)), stop)


async def serve_worker(parts: Parts, stop: asyncio.Event) -> None:
    """A worker until `stop`, with its page beside it where it has one."""
    listener = page_socket(parts.settings)
    if listener is None:
        return await run_worker_tasks(parts, stop)
    working = asyncio.create_task(run_worker_tasks(parts, stop))
    working.add_done_callback(lambda _: stop.set())
    try:
        await serve_until(Server(server_config(create_worker_page(parts), PAGE_DRAIN_SECONDS)), stop, [listener])
    finally:
        await working


def server_config(app: ASGIApp, drain_seconds: int, **address: Any) -> uvicorn.Config:
    """How our server speaks HTTP: heads are bounded, there are no WebSockets, proxies are the guard's business."""
    return uvicorn.Config(
        app, http=BoundedHeads, ws="none", log_config=None, access_log=False, server_header=False, proxy_headers=False,
        timeout_graceful_shutdown=drain_seconds, **address,
    )  # fmt: skip


async def serve_until(server: Server, stop: asyncio.Event, sockets: list[socket.socket] | None = None) -> None:
    """Run `server` until `stop`, or raise when it ends by itself."""
    serving = asyncio.create_task(server.serve(sockets))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    server.should_exit = True
    await serving


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def _run(work: Callable[[Parts, asyncio.Event], Awaitable[None]], host: str = "") -> int:
    settings = Settings(host=host) if host else Settings()
    url = _database_url(settings)
    if url is None:
        return 2
    configure_logging(sys.stderr)

    async def main() -> None:
        stop = stop_on_signals()
        parts = await build_parts(settings, url, installed_providers(os.environ))
        try:
            await work(parts, stop)
        finally:
            await parts.close()

    asyncio.run(main())
    return 0


def _database_url(settings: Settings) -> str | None:
    if settings.database_url is None:
        print(
            "skyclust: SKYCLUST_DATABASE_URL is not set. One role per process needs a database of its own "
            "(postgresql://...); for everything in one process type: skyclust up",
            file=sys.stderr,
        )
        return None
    return settings.database_url.get_secret_value()

"""`skyclust up`: database, API, worker and, if asked for, simulated clouds, from one command on one folder.

Invariant: everything lives in the data folder; killed at any moment and started again, it goes on where it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import secrets
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import structlog

from skyclust.entrypoints.api import create_app
from skyclust.entrypoints.roles import DRAIN_SECONDS, Server, serve_until, server_config, stop_on_signals
from skyclust.entrypoints.sandboxing import Sandbox, environment_of, start_sandbox
from skyclust.entrypoints.wiring import Parts, build_parts, installed_providers, run_worker_tasks
from skyclust.entrypoints.worker_page import listen
from skyclust.kit.db import EVERYTHING
from skyclust.kit.embedded_postgres import EmbeddedPostgres, start_embedded
from skyclust.kit.logs import configure_logging
from skyclust.kit.migrating import migrate
from skyclust.kit.settings import Settings
from skyclust.workspaces import service as workspaces

Json = dict[str, Any]
ADMIN_EMAIL = "admin@skyclust.local"
#: Between two looks whether the embedded database still lives.
DATABASE_WATCH_SECONDS = 0.5
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Options:
    """What the command line gives."""

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 8080
    sandbox: bool = False
    speed: float = 60.0
    as_json: bool = False


class AlreadyRunningError(Exception):
    """Another process serves this data folder."""


class OtherWorldError(Exception):
    """The folder belongs to the other world: simulated clouds and real ones never share rows."""


def run(options: Options) -> int:
    """Serve until SIGTERM or Ctrl-C; 0 after an orderly end."""
    options.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        lock = take_lock(options.data_dir)
        options = keep_to_one_world(options)
    except (AlreadyRunningError, OtherWorldError) as refused:
        print(f"skyclust: {refused}", file=sys.stderr)
        return 1
    with lock, (options.data_dir / "skyclust.log").open("a") as log:
        configure_logging(log)
        try:
            asyncio.run(serve(options))
        except OSError as error:
            print(f"skyclust: cannot start: {error}. The log is {log.name}.", file=sys.stderr)
            return 1
    return 0


def take_lock(data_dir: Path) -> IO[str]:
    """Held while the process lives, whatever kills it."""
    file = (data_dir / "skyclust.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        process = file.read().strip()
        file.close()
        raise AlreadyRunningError(
            f"SkyClust already serves {data_dir} (process {process}). Stop it, or use another --data-dir."
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def keep_to_one_world(options: Options) -> Options:
    """A folder stays with simulated or with real clouds for ever: its rows would mean nothing in the other world.

    A folder of the sandbox goes on as one, also without the option: nothing real can be touched that way.
    """
    file = options.data_dir / "world"
    world = file.read_text() if file.exists() else "sandbox" if options.sandbox else "real clouds"
    if options.sandbox and world != "sandbox":
        raise OtherWorldError(
            f"{options.data_dir} was started with {world}. Leave --sandbox out, or use another --data-dir."
        )
    file.write_text(world)
    return replace(options, sandbox=world == "sandbox")


async def serve(options: Options) -> None:
    """Start all parts, announce, serve until a signal, stop all parts."""
    stop = stop_on_signals()
    listener = listen(options.host, options.port, "give another --port")
    postgres_task = asyncio.create_task(start_database(options))
    sandbox = await start_sandbox(options.data_dir / "sandbox", options.speed) if options.sandbox else None
    postgres, owner_url, app_url = await postgres_task
    environ = dict(os.environ) | (environment_of(sandbox, options.speed) if sandbox else {})
    os.environ.update(environ)
    reviving = asyncio.create_task(keep_alive(postgres, stop)) if postgres is not None else None
    try:
        await migrate(owner_url)
        settings = settings_of(options)
        parts = await build_parts(settings, app_url, installed_providers(environ))
        try:
            await serve_parts(parts, options, sandbox, listener, stop)
        finally:
            await parts.close()
    finally:
        if reviving is not None:
            await _end(reviving)
        if sandbox is not None:
            await sandbox.stop()
        if postgres is not None:
            await asyncio.to_thread(postgres.stop)


def settings_of(options: Options) -> Settings:
    """Those of the environment. In the sandbox nothing real can be deleted: nobody proves again who they are there."""
    settings = Settings(data_dir=options.data_dir, host=options.host)
    if options.sandbox and "reauthentication_minutes" not in settings.model_fields_set:
        return settings.model_copy(update={"reauthentication_minutes": 0.0})
    return settings


async def start_database(options: Options) -> tuple[EmbeddedPostgres | None, str, str]:
    """(embedded server or None, the owner's URL, the application's URL)."""
    given = Settings().database_url
    if given is not None:
        url = given.get_secret_value()
        return None, url, url
    server = await asyncio.to_thread(start_embedded, options.data_dir / "postgres")
    return server, server.owner_url, server.app_url


async def keep_alive(postgres: EmbeddedPostgres, stop: asyncio.Event) -> None:
    """Nobody else would start the embedded server again when something has killed it. Without it there is no use."""
    while not stop.is_set():
        if not postgres.lives():
            log.warning("PostgreSQL was killed and is started again")
            try:
                await asyncio.to_thread(postgres.revive)
            except OSError as hopeless:
                print(f"skyclust: {hopeless}", file=sys.stderr)
                stop.set()
        await asyncio.sleep(DATABASE_WATCH_SECONDS)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def serve_parts(
    parts: Parts, options: Options, sandbox: Sandbox | None, listener: socket.socket, stop: asyncio.Event
) -> None:
    """API and worker in this process until `stop`."""
    host, port = listener.getsockname()[:2]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    admin = await first_administrator(parts, options)
    server = Server(server_config(create_app(parts), 5))
    announcing = asyncio.create_task(announce_when_ready(server, options, url, admin, sandbox))
    watching = asyncio.create_task(_stop_with(sandbox, stop)) if sandbox else None
    # On the embedded database the folder's lock makes us the only worker: no need to wait for a dead one's leases.
    sole = "" if parts.settings.database_url else "up"
    working = asyncio.create_task(run_worker_tasks(parts, stop, sole))
    working.add_done_callback(lambda _: stop.set())
    try:
        await serve_until(server, stop, [listener])
        async with asyncio.timeout(DRAIN_SECONDS - 5):
            await working
    finally:
        announcing.cancel()
        if watching:
            watching.cancel()


async def _stop_with(sandbox: Sandbox, stop: asyncio.Event) -> None:
    """Without its clouds the server is of no use: say so and end."""
    await sandbox.process.wait()
    if not stop.is_set():
        print("skyclust: the sandbox has ended by itself; start again on the same folder.", file=sys.stderr)
        stop.set()


async def first_administrator(parts: Parts, options: Options) -> Json:
    """In the sandbox an administrator with a random password; else a single-use link while there is no user."""
    async with parts.database.session(visible=EVERYTHING) as session:
        if options.sandbox:
            password = _kept_secret(options.data_dir / "admin.password")
            await workspaces.create_first_admin(session, ADMIN_EMAIL, password)
            return {"email": ADMIN_EMAIL, "password": password}
        token = await workspaces.create_bootstrap_token(session)
        return {"setup_token": token} if token else {}


def _kept_secret(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(18))
    return path.read_text()


async def announce_when_ready(
    server: Server, options: Options, url: str, admin: Mapping[str, str], sandbox: Sandbox | None
) -> None:
    """Print where everything is, once it answers."""
    await server.ready.wait()
    if options.as_json:
        document: Json = {"url": url, "data_dir": str(options.data_dir.resolve())}
        token = admin.get("setup_token")
        document |= {"setup_url": f"{url}/setup?token={token}"} if token else {}
        document |= {"admin": admin} if "password" in admin else {}
        document |= {"sandbox": sandbox.ready} if sandbox else {}
        print(json.dumps(document), flush=True)
        return
    print(f"SkyClust serves at {url}  (API documentation: {url}/docs)", flush=True)
    if "password" in admin:
        print(f"  administrator: {admin['email']}  password: {admin['password']}")
        print(f"  log in:        skyclust login {admin['email']} --url {url}")
    elif "setup_token" in admin:
        print(f"  create the first administrator (this link works once): {url}/setup?token={admin['setup_token']}")
    if sandbox:
        print(f"  simulated clouds: {', '.join(sandbox.clouds)}, {options.speed:g} times faster than real ones")
        print(f"  their credentials: {options.data_dir / 'sandbox' / 'sandbox.json'}", flush=True)

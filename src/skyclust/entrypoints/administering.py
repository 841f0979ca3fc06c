"""What an operator does on the server's own machine: rotate the keys, shorten the audit log.

Called by `skyclust admin`. Works beside running servers; finds the same database and keyring as they do.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.audit import service as audit
from skyclust.audit.retention import Retained, retain
from skyclust.audit.sinks import sinks_of
from skyclust.contract.provider import Provider
from skyclust.credentials import service as credentials
from skyclust.credentials.keyring_files import FILE_NAME, add_active_key, lock_keys
from skyclust.credentials.keyring_opening import finder, key_service_of, open_keyring
from skyclust.identity.service import factors
from skyclust.kit.clock import Clock
from skyclust.kit.db import EVERYTHING, Database
from skyclust.kit.embedded_postgres import attach_embedded
from skyclust.kit.keys import KeySource
from skyclust.kit.settings import Settings

Tell = Callable[[str], None]
#: Passes over the credentials at once; each has a connection.
AT_ONCE = 2


class _Batch(Protocol):
    async def __call__(self, session: AsyncSession, keys: KeySource) -> int: ...


class NotHereError(Exception):
    """This machine has neither a database's address nor a running embedded one. The text says what to do."""


@asynccontextmanager
async def servers_database(settings: Settings, *, as_owner: bool = False) -> AsyncIterator[Database]:
    """The database that the servers use: SKYCLUST_DATABASE_URL, else the running one of the data folder.

    Only the embedded one lets its owner in from here; elsewhere SKYCLUST_DATABASE_URL says as whom.
    """
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
    else:
        url = attach_embedded(settings.data_dir / "postgres", as_owner=as_owner) or ""
    if not url:
        raise NotHereError(
            f"No database is running in {settings.data_dir}. Start SkyClust there first, name its folder with "
            "--data-dir, or set SKYCLUST_DATABASE_URL."
        )
    database = Database(url, pool_size=AT_ONCE)
    try:
        yield database
    finally:
        await database.close()


async def shorten_audit_log(
    settings: Settings, providers: Iterable[Provider], *, keep_days: int, dry_run: bool, clock: Clock
) -> Retained:
    """Drop whole months of the audit log. RetentionError or SinkError before anything was dropped."""
    keys = open_keyring(settings, providers)
    audit.install(keys, clock)
    async with servers_database(settings, as_owner=True) as database:
        return await retain(database, keys, sinks_of(settings), clock.now(), keep_days=keep_days, dry_run=dry_run)


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did."""

    key_id: str
    credentials: int
    factors: int
    seconds: float


async def rotate_keys(settings: Settings, providers: Iterable[Provider], *, new_key: bool, tell: Tell) -> Rotation:
    """Add a key (unless told not to), then put everything sealed under it. Interrupted, it is simply run again.

    With a key service, every key of the file is locked by its present key. Servers go on meanwhile: they read the
    keyring's file again when it changes. KeyringError or KeyServiceError before anything was changed.
    """
    _change_the_file(settings, providers, new_key=new_key)
    keys = open_keyring(settings, providers)
    started = time.monotonic()
    async with servers_database(settings) as database:
        rewrapped = _Count("credentials", tell)
        passes = [_until_none(database, keys, credentials.rewrap_some, rewrapped) for _ in range(AT_ONCE)]
        await asyncio.gather(*passes)  # while one waits for the database, the other wraps
        await _until_none(database, keys, credentials.rewrap_rest, rewrapped)
        resealed = _Count("second factors", tell)
        await _until_none(database, keys, factors.reseal_all, resealed)
    return Rotation(keys.active_id, rewrapped.done, resealed.done, time.monotonic() - started)


def _change_the_file(settings: Settings, providers: Iterable[Provider], *, new_key: bool) -> None:
    service, path = key_service_of(settings, providers), settings.data_dir / FILE_NAME
    if settings.encryption_key is not None:
        return
    if new_key:
        add_active_key(path, service, finder(providers))
    elif service is not None:
        lock_keys(path, service, finder(providers))


@dataclass
class _Count:
    """How many so far, told as it grows."""

    what: str
    tell: Tell
    done: int = 0

    def add(self, more: int) -> None:
        self.done += more
        self.tell(f"{self.done} {self.what}")


async def _until_none(database: Database, keys: KeySource, batch: _Batch, count: _Count) -> None:
    while True:
        async with database.session(visible=EVERYTHING) as session:
            found = await batch(session, keys)
        if not found:
            return
        count.add(found)

"""What an operator does on the server's own machine: rotate the keys, look for unsafe settings.

Called by `skyclust admin`. Works beside running servers; finds the same database and keyring as they do.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.credentials import service as credentials
from skyclust.credentials.keyring import FILE_NAME, add_active_key, open_keyring
from skyclust.identity.service import factors
from skyclust.kit.db import EVERYTHING, Database
from skyclust.kit.embedded_postgres import attach_embedded
from skyclust.kit.keys import KeySource
from skyclust.kit.settings import Settings

Tell = Callable[[str], None]


class _Batch(Protocol):
    async def __call__(self, session: AsyncSession, keys: KeySource) -> int: ...


class NotHereError(Exception):
    """This machine has neither a database's address nor a running embedded one. The text says what to do."""


@asynccontextmanager
async def servers_database(settings: Settings) -> AsyncIterator[Database]:
    """The database that the servers use: SKYCLUST_DATABASE_URL, else the running one of the data folder."""
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
    else:
        url = attach_embedded(settings.data_dir / "postgres") or ""
    if not url:
        raise NotHereError(
            f"No database is running in {settings.data_dir}. Start SkyClust there first, name its folder with "
            "--data-dir, or set SKYCLUST_DATABASE_URL."
        )
    database = Database(url, pool_size=2)
    try:
        yield database
    finally:
        await database.close()


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did."""

    key_id: str
    credentials: int
    factors: int
    seconds: float


async def rotate_keys(settings: Settings, *, new_key: bool, tell: Tell) -> Rotation:
    """Add a key (unless told not to), then put everything sealed under it. Interrupted, it is simply run again.

    Servers go on meanwhile: they read the keyring's file again when it changes.
    """
    if settings.encryption_key is None and new_key:
        add_active_key(settings.data_dir / FILE_NAME)
    keys = open_keyring(settings)
    started = time.monotonic()
    async with servers_database(settings) as database:
        rewrapped = await _until_none(database, lambda done: tell(f"{done} credentials"), keys, credentials.rewrap_all)
        resealed = await _until_none(database, lambda done: tell(f"{done} second factors"), keys, factors.reseal_all)
    return Rotation(keys.active_id, rewrapped, resealed, time.monotonic() - started)


async def _until_none(database: Database, tell: Callable[[int], None], keys: KeySource, batch: _Batch) -> int:
    done = 0
    while True:
        async with database.session(visible=EVERYTHING) as session:
            count = await batch(session, keys)
        if not count:
            return done
        done += count
        tell(done)

"""Hears that the outbox has grown: PostgreSQL notifies whoever listens when a transaction commits (migration 0019).

Used by the relay, so that it need not ask ten times a second. Only a hint: it may be lost with the connection, and then
`hears` is False until another one is made. Takes one connection of its own, outside the pool.
"""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg

from skyclust.kit.db import DATABASE_AWAY, Database

CHANNEL = "skyclust_outbox"
CONNECT_SECONDS = 5.0


class Ear:
    """One connection that listens. `heard` is set at each notification and cleared by who waits for it."""

    def __init__(self, database: Database) -> None:
        """Nothing is connected yet."""
        self._url = database.url.replace("postgresql+asyncpg://", "postgresql://", 1)
        self._connection: Any = None
        self.heard = asyncio.Event()

    @property
    def hears(self) -> bool:
        """Whether a notification would arrive."""
        return self._connection is not None and not self._connection.is_closed()

    async def listen(self) -> None:
        """Connect, unless it is. A database that is away, or a pooler that knows no LISTEN, leaves it deaf."""
        if self.hears:
            return
        try:
            connection = await asyncpg.connect(self._url, timeout=CONNECT_SECONDS)
        except DATABASE_AWAY:
            return
        try:
            await connection.add_listener(CHANNEL, self._hear)
        except (*DATABASE_AWAY, asyncpg.PostgresError):
            connection.terminate()
            return
        connection.add_termination_listener(self._hear)
        self._connection = connection
        self.heard.set()  # what was committed before we listened is told nowhere else

    async def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    def _hear(self, *_told: object) -> None:
        self.heard.set()

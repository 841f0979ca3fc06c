"""A real PostgreSQL per test session, its schema through the migrations, emptied before each test that asks for it.

Loaded by tests/conftest.py. `database` works as the application does: as a role held by row-level security.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from skyclust.kit.db import Database
from skyclust.kit.embedded_postgres import start_embedded
from skyclust.kit.migrating import migrate


@dataclass(frozen=True)
class TestDatabase:
    """URLs of one migrated database. Open a `Database` on `app_url` inside the test's own event loop."""

    __test__ = False

    owner_url: str
    app_url: str
    folder: Path

    def another(self, name: str) -> "TestDatabase":
        """One more database of that name on the same server, migrated and empty."""
        server = start_embedded(self.folder, database=name)
        asyncio.run(migrate(server.owner_url))
        return TestDatabase(server.owner_url, server.app_url, self.folder)

    def open(self) -> Database:
        return Database(self.app_url, pool_size=5)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestDatabase]:
    folder = tmp_path_factory.mktemp("postgres") / "pg"
    server = start_embedded(folder)
    asyncio.run(_set_up(server.owner_url))
    yield TestDatabase(server.owner_url, server.app_url, folder)
    server.stop()


@pytest.fixture
def postgres(postgres_server: TestDatabase) -> TestDatabase:
    """The session's database with every table empty."""
    asyncio.run(_empty(postgres_server.owner_url))
    return postgres_server


async def _set_up(owner_url: str) -> None:
    """What a crash of the machine would take is of no interest here, and writing through costs minutes."""
    await migrate(owner_url)
    async with _connected(owner_url) as connection:
        await connection.execute("ALTER SYSTEM SET fsync = off")
        await connection.execute("ALTER SYSTEM SET full_page_writes = off")
        await connection.execute("SELECT pg_reload_conf()")


async def _empty(owner_url: str) -> None:
    """Delete every row: some forty times cheaper than TRUNCATE where tables hold few rows."""
    async with _connected(owner_url) as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")  # no trigger, no foreign key
        tables = await connection.fetch(
            "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        )
        await connection.execute("; ".join(f"DELETE FROM {table}" for (table,) in tables))
        await connection.execute(
            "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences"
        )


@asynccontextmanager
async def _connected(owner_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(owner_url)
    try:
        yield connection
    finally:
        await connection.close()

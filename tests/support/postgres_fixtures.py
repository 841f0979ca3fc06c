"""A real PostgreSQL per test session, its schema through the migrations, emptied before each test that asks for it.

Loaded by tests/conftest.py. `database` works as the application does: as a role held by row-level security.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from skyclust.kit.db import Database, asyncpg_url
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
    asyncio.run(migrate(server.owner_url))
    yield TestDatabase(server.owner_url, server.app_url, folder)
    server.stop()


@pytest.fixture
def postgres(postgres_server: TestDatabase) -> TestDatabase:
    """The session's database with every table empty."""
    asyncio.run(_truncate(postgres_server.owner_url))
    return postgres_server


async def _truncate(owner_url: str) -> None:
    engine = create_async_engine(asyncpg_url(owner_url))
    async with engine.begin() as connection:
        names = await connection.scalars(
            text(
                "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            )
        )
        await connection.execute(text(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE"))
    await engine.dispose()

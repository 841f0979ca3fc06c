"""The migrations make exactly the tables that the models describe, from nothing, along one line."""

import asyncio

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from skyclust.kit.db import Model, asyncpg_url
from skyclust.kit.migrating import alembic_config, head_revision, import_models, migrate


def test_there_is_one_head_and_one_line_to_it():
    revisions = list(ScriptDirectory.from_config(alembic_config()).walk_revisions())
    assert revisions[0].revision == head_revision()
    assert all(not isinstance(revision.down_revision, tuple) for revision in revisions)


def test_autogenerate_finds_nothing_to_do(postgres_server):
    import_models()

    async def differences():
        engine = create_async_engine(asyncpg_url(postgres_server.owner_url))
        async with engine.connect() as connection:
            found = await connection.run_sync(
                lambda sync: compare_metadata(MigrationContext.configure(sync), Model.metadata)
            )
        await engine.dispose()
        return found

    assert asyncio.run(differences()) == []


def test_migrating_again_changes_nothing(postgres_server):
    asyncio.run(migrate(postgres_server.owner_url))


def test_every_table_with_a_workspace_is_held_by_row_level_security(postgres_server):
    async def unprotected():
        engine = create_async_engine(asyncpg_url(postgres_server.owner_url))
        async with engine.connect() as connection:
            names = await connection.scalars(
                text(
                    "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
                    "WHERE c.relkind IN ('r', 'p') AND a.attname = 'workspace_id' AND c.relnamespace = 'public'::regnamespace "
                    "AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY 1"
                )
            )
            found = list(names)
        await engine.dispose()
        return found

    assert asyncio.run(unprotected()) == []

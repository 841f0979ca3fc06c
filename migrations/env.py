"""Alembic's entry: gathers every slice's tables and runs on the connection it is given.

Called by `skyclust.kit.migrating` (which passes the connection) and by `alembic` with SKYCLUST_DATABASE_URL.
"""

import asyncio
import os

from alembic import context
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from skyclust.kit.db import Model, asyncpg_url
from skyclust.kit.migrating import import_models

import_models()


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Model.metadata, compare_server_default=True)
    with context.begin_transaction():
        context.run_migrations()


async def run_alone() -> None:
    engine = create_async_engine(asyncpg_url(os.environ["SKYCLUST_DATABASE_URL"]))
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    asyncio.run(run_alone())

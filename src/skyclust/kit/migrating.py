"""Bring a database to the current schema. Called at start by `skyclust up`, by `skyclust migrate` and by the tests.

Invariant: one head; two processes that start together take turns (advisory lock), the second finds nothing to do.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from skyclust.kit.db import asyncpg_url

_LOCK = 7_215_406_201
_PACKAGE = "skyclust"


def import_models() -> None:
    """Import every slice's models.py, so that the metadata is complete."""
    package = importlib.import_module(_PACKAGE)
    for module in pkgutil.iter_modules(package.__path__):
        name = f"{_PACKAGE}.{module.name}.models"
        if module.ispkg and importlib.util.find_spec(name) is not None:
            importlib.import_module(name)


def alembic_config() -> Config:
    """Alembic's settings: the migrations beside the sources, or those inside the installed package."""
    root = Path(__file__).parents[1]
    packed = root / "_migrations"
    folder = packed if packed.exists() else root.parents[1] / "migrations"
    config = Config()
    config.set_main_option("script_location", str(folder))
    return config


def head_revision() -> str:
    """The one head; Alembic raises when there are two."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head() or ""


async def migrate(owner_url: str) -> None:
    """Upgrade to head as the schema's owner."""
    engine = create_async_engine(asyncpg_url(owner_url))
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")

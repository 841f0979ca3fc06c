"""PostgreSQL: engine, sessions, tenancy. Every table hangs on `Model`; every session knows whose rows it may see.

Row-level security is the second net under the workspace filter of each query: `visible_to` puts the caller's
workspaces into the transaction, policies compare. Invariant: a session that nobody opened for anyone sees nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import orjson
from fastapi import Depends, Request
from sqlalchemy import DateTime, MetaData, Uuid, event, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction

from skyclust.kit.documenting import Answers

#: Sees every workspace: workers, relays, platform-wide sweeps. Never given to a request of a user.
EVERYTHING = "*"

#: What a database that is away or starting raises. asyncpg's own errors of connecting are not wrapped by SQLAlchemy.
DATABASE_AWAY = (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)

#: The same, certainly not a defect of a statement: what a request may be asked to come back for.
_CONNECTION_LOST = (
    ConnectionError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError, asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError, PoolTimeout,
)  # fmt: skip

_TENANCY = "tenancy"


class Model(DeclarativeBase):
    """Base of all tables. Constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: DateTime(timezone=True),
        UUID: Uuid(),
        dict[str, Any]: JSONB(),
        list[Any]: JSONB(),
    }


def is_connection_lost(error: BaseException) -> bool:
    """Whether the database is away, restarting or has no connection left; nothing is wrong with what was asked."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or is_connection_lost(error.__cause__ or error.orig or Exception())
    return isinstance(error, _CONNECTION_LOST)


class Database:
    """One pool. `session()` is a transaction: commits at the end of the block, rolls back on an exception."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        """`url` is postgresql://... or postgresql+asyncpg://... of a role without BYPASSRLS."""
        self.url = asyncpg_url(url)
        self.engine: AsyncEngine = create_async_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=True,
            json_serializer=lambda value: orjson.dumps(value, default=str).decode(),
            json_deserializer=orjson.loads,
            connect_args={"server_settings": {"application_name": "skyclust"}},
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def session(self, *, visible: str = "") -> AsyncIterator[AsyncSession]:
        """A transaction. System work gives `visible=EVERYTHING`; requests call `visible_to` when they know who asks."""
        async with self._sessions() as session:
            session.info[_TENANCY] = visible
            async with session.begin():
                yield session

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()


async def visible_to(session: AsyncSession, workspace_ids: Iterable[UUID]) -> None:
    """From now on this session sees rows of these workspaces only."""
    await _see(session, ",".join(str(workspace_id) for workspace_id in workspace_ids))


def sees_from_start(session: AsyncSession, workspace_ids: Iterable[UUID]) -> None:
    """Like `visible_to`, for a session that has not said anything yet: takes no connection before it is needed."""
    session.info[_TENANCY] = ",".join(str(workspace_id) for workspace_id in workspace_ids)


async def visible_to_all(session: AsyncSession) -> None:
    """From now on this session sees rows of every workspace: for platform administrators, after the check."""
    await _see(session, EVERYTHING)


async def _see(session: AsyncSession, visible: str) -> None:
    session.info[_TENANCY] = visible
    await session.execute(text("SELECT set_config('skyclust.workspaces', :visible, true)"), {"visible": visible})


@event.listens_for(Session, "after_begin")
def _set_tenancy(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    visible = session.info.get(_TENANCY)
    if visible and transaction.parent is None:
        connection.execute(text("SELECT set_config('skyclust.workspaces', :visible, true)"), {"visible": visible})


def asyncpg_url(url: str) -> str:
    """The same database for SQLAlchemy's asyncpg dialect."""
    _, _, rest = url.partition("://")
    return f"postgresql+asyncpg://{rest}"


@Answers(503)
def get_database(request: Request) -> Database:
    """The application's pool."""
    database = request.app.state.database
    assert isinstance(database, Database)
    return database


async def get_session(database: Annotated[Database, Depends(get_database)]) -> AsyncIterator[AsyncSession]:
    """A transaction per request. Declare it with `scope="function"`, as `SessionDep` does: commit before the answer."""
    async with database.session() as session:
        yield session


DatabaseDep = Annotated[Database, Depends(get_database)]
#: Commits before the response is sent; a failing commit answers 5xx, never 2xx.
SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]

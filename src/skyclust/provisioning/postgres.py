"""Rows in PostgreSQL: the store that workers share. Given to the engine by the entry point.

Invariants: see store.py. Every method is one transaction that sees all workspaces; none is open during a call.
When the database is away, methods raise what SQLAlchemy or asyncpg raise, and the engine tries again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, and_, case, exists, func, literal, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.kit.db import EVERYTHING, Database
from skyclust.provisioning import claiming, queries
from skyclust.provisioning.advancing import advance
from skyclust.provisioning.models import RESOURCES
from skyclust.provisioning.queries import CLOCK
from skyclust.provisioning.recording import resource_of, values_of
from skyclust.provisioning.rows import STUCK, Claim, Desired, Patch, ResourceRow, State

_R = RESOURCES.c
_AT_REST = [state.value for state in (*STUCK, State.GONE)]


class PostgresStore:
    """Implements `store.Store`."""

    def __init__(self, database: Database, *, lease_seconds: float = 30.0) -> None:
        """`lease_seconds` must exceed the engine's limit of one call."""
        self._database = database
        self._lease_seconds = lease_seconds

    async def claim(self, worker: str, limit: int, without: frozenset[UUID] = frozenset()) -> list[Claim]:
        """Lease up to `limit` due rows: credentials take turns, oldest wake-up first."""
        async with self._session() as session:
            return await claiming.lease_due(session, worker, limit, self._lease_seconds, without)

    async def begin(self, claim: Claim, row: ResourceRow) -> bool:
        """Write the intent under fence and lease, and renew the lease."""
        lease = {"lease_until": CLOCK + func.make_interval(0, 0, 0, 0, 0, 0, self._lease_seconds)}
        held = and_(_R.id == claim.row.id, _R.fence == claim.fence, _R.lease_until >= CLOCK)
        async with self._session() as session:
            written = await session.execute(update(RESOURCES).where(held).values(_written(row) | lease))
            if not _one(written):
                return False
            if row.operation_id is not None:
                await queries.set_step_running(session, row.operation_id, row.id)
            return True

    async def apply(self, claim: Claim, patch: Patch) -> bool:
        """Write the result under the fence, wake neighbours, conclude the operation: all or nothing."""
        async with self._session() as session:
            if await queries.lock_stack(session, claim.stack.id) is None:
                return False
            before = await _under_fence(session, claim)
            if before is None or not await _write(session, claim, patch):
                await _drop_own_lease(session, claim)
                return False
            if before.state is not patch.row.state:
                await _poke_neighbours(session, patch.row)
            await advance(session, before, patch)
            return True

    async def current(self, resource_id: UUID) -> ResourceRow | None:
        """The row as it is now."""
        async with self._session() as session:
            found = await session.execute(select(RESOURCES).where(_R.id == resource_id))
            columns = found.mappings().one_or_none()
            return resource_of(columns) if columns is not None else None

    async def seconds_to_next_wake(self, without: frozenset[UUID] = frozenset()) -> float | None:
        """Real seconds until the next row is due; None when none is waiting."""
        async with self._session() as session:
            return await claiming.seconds_to_next_wake(session, without)

    async def release(self, worker: str) -> None:
        """Hand back every lease of a worker that stops."""
        async with self._session() as session:
            await claiming.give_back(session, worker)

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[AsyncSession]:
        async with self._database.session(visible=EVERYTHING) as session:
            yield session


def _one(result: object) -> bool:
    assert isinstance(result, CursorResult)
    return bool(result.rowcount == 1)


def _written(row: ResourceRow) -> dict[str, object]:
    kept = ("id", "stack_id")
    return {name: value for name, value in values_of(row).items() if name not in kept}


async def _under_fence(session: AsyncSession, claim: Claim) -> ResourceRow | None:
    """The row as it was last written, held; None for a stale claim."""
    own = select(RESOURCES).where(_R.id == claim.row.id, _R.fence == claim.fence)
    columns = (await session.execute(own.with_for_update())).mappings().one_or_none()
    return resource_of(columns) if columns is not None else None


async def _write(session: AsyncSession, claim: Claim, patch: Patch) -> bool:
    alarm = None
    if patch.wake_in_seconds is not None:
        alarm = CLOCK + func.make_interval(0, 0, 0, 0, 0, 0, patch.wake_in_seconds)
    free = {"lease_until": None, "lease_owner": "", "wake_at": case((_R.pokes != claim.pokes, CLOCK), else_=alarm)}
    own = update(RESOURCES).where(_R.id == claim.row.id, _R.fence == claim.fence)
    return _one(await session.execute(own.values(_written(patch.row) | free)))


async def _drop_own_lease(session: AsyncSession, claim: Claim) -> None:
    """An overtaken claim ends: what overtook it need not wait for the end of the lease."""
    own = and_(_R.id == claim.row.id, _R.lease_fence == claim.fence)
    await session.execute(update(RESOURCES).where(own).values(lease_until=None, lease_owner=""))


async def _poke_neighbours(session: AsyncSession, row: ResourceRow) -> None:
    """Wake what the new state of this row lets go on (`memory.set_in_motion`)."""
    if row.state not in (State.READY, State.GONE):
        return
    restless = or_(
        _R.desired == Desired.ABSENT.value,
        _R.state != State.READY.value,
        _R.observed_generation != _R.generation,
    )
    await session.execute(
        update(RESOURCES)
        .where(_R.stack_id == row.stack_id, _R.id != row.id, _R.state.not_in(_AT_REST), restless, *_waited_for(row))
        .values(wake_at=CLOCK, pokes=_R.pokes + 1)
    )


def _waited_for(row: ResourceRow) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Next to this row, and waiting for nothing else: all it needs is ready, or all that needed it is gone."""
    other = RESOURCES.alias("other").c
    if row.state is State.READY:
        unready = other.state.not_in((State.READY.value, State.GONE.value))
        needs = exists().where(other.stack_id == row.stack_id, other.key == func.any(_R.depends_on), unready)
        return literal(row.key) == func.any(_R.depends_on), not_(needs)
    lives = other.state != State.GONE.value
    needed = exists().where(other.stack_id == row.stack_id, _R.key == func.any(other.depends_on), lives)
    return _R.key.in_(row.depends_on), not_(needed)

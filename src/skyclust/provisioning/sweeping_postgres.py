"""Sweeps in PostgreSQL: who sweeps what and when, and what was seen. Given to the sweeper by the entry point.

Invariants: one worker sweeps a unit at a time, by the database's clock; a row is written only as long as nobody has
touched it since the sweep read it, and no operation of its stack is under way.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, and_, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.contract.surveys import Sighting
from skyclust.events.publishing import Event, publish
from skyclust.kit.db import EVERYTHING, Database
from skyclust.kit.ids import uuid7
from skyclust.provisioning import orphan_records, queries
from skyclust.provisioning.drifting import Drift, drift_of
from skyclust.provisioning.living import DRAIN
from skyclust.provisioning.models import OPERATIONS, RESOURCES, STACKS
from skyclust.provisioning.orphans import Books, KnownStack
from skyclust.provisioning.queries import CLOCK
from skyclust.provisioning.recording import resource_of, stack_from, values_of
from skyclust.provisioning.rows import Desired, ResourceRow, State
from skyclust.provisioning.sweep_models import SWEEPS
from skyclust.provisioning.sweeping import News, Report, Scene, Unit, Watched
from skyclust.provisioning.viewing import ORPHANS

#: The kind of the stacks in which orphans are deleted: nothing is ever made in them.
ORPHANAGE = ORPHANS
#: Where nothing of ours is left, and no operation has ended for an hour, looks for leftovers are this many times rarer.
RARELY = 10

_R, _S, _W = RESOURCES.c, STACKS.c, SWEEPS.c
#: What a sweep writes on a row. Lease, fence and alarm are the engine's.
_WRITTEN = ("fields", "drift", "reason", "message", "recreate")

# New units start anywhere within one interval, so that they do not all come due together.
_ENROL = text("""
INSERT INTO sweeps (credential_id, region, workspace_id, provider, due_at)
SELECT DISTINCT ON (credential_id, region) credential_id, region, workspace_id, provider,
    clock_timestamp() + make_interval(secs => :interval * random())
FROM stacks
WHERE kind <> 'drain' AND NOT EXISTS (SELECT FROM sweeps
                  WHERE sweeps.credential_id = stacks.credential_id AND sweeps.region = stacks.region)
ON CONFLICT DO NOTHING
""")

_LEASE = text("""
WITH chosen AS (
    SELECT credential_id, region FROM sweeps
    WHERE due_at <= clock_timestamp() AND (lease_until IS NULL OR lease_until < clock_timestamp())
    ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED
)
UPDATE sweeps
SET fence = fence + 1, lease_owner = :worker, started_at = clock_timestamp(),
    lease_until = clock_timestamp() + make_interval(secs => :lease_seconds)
FROM chosen
WHERE sweeps.credential_id = chosen.credential_id AND sweeps.region = chosen.region
RETURNING sweeps.workspace_id, sweeps.credential_id, sweeps.provider, sweeps.region, sweeps.number, sweeps.fence
""")

# The rhythm is kept: the next one is due an interval after this one was begun.
_NEXT_DUE = text("""
greatest(clock_timestamp(), started_at + make_interval(secs => :interval * CASE WHEN EXISTS (
    SELECT FROM resources JOIN stacks ON stacks.id = resources.stack_id
    WHERE stacks.credential_id = sweeps.credential_id AND stacks.region = sweeps.region AND resources.state <> 'gone'
        AND stacks.kind <> 'drain'
) OR EXISTS (
    SELECT FROM operations JOIN stacks ON stacks.id = operations.stack_id
    WHERE stacks.credential_id = sweeps.credential_id AND stacks.region = sweeps.region
        AND operations.ended_at > clock_timestamp() - interval '1 hour'
) THEN 1 ELSE :rarely END))
""")

_SECONDS_TO_NEXT = text("""
SELECT extract(epoch FROM min(greatest(due_at, coalesce(lease_until, due_at))) - clock_timestamp())::float FROM sweeps
""")


class PostgresSweeps:
    """Implements `sweeping.SweepStore`."""

    def __init__(
        self,
        database: Database,
        *,
        interval_seconds: float = 60.0,
        lease_seconds: float = 60.0,
        new_id: Callable[[], UUID] = uuid7,
    ) -> None:
        """`lease_seconds` must exceed the limit of a survey."""
        self._database = database
        self._interval = interval_seconds
        self._lease_seconds = lease_seconds
        self._new_id = new_id

    async def due(self, worker: str, limit: int) -> list[Unit]:
        """Lease up to `limit` units. Whoever comes first after a stack was made enrols its unit."""
        async with self._session() as session:
            await session.execute(_ENROL, {"interval": self._interval})
            given = {"limit": limit, "worker": worker, "lease_seconds": self._lease_seconds}
            found = await session.execute(_LEASE, given)
            return [Unit(**columns) for columns in found.mappings()]

    async def extend(self, unit: Unit) -> bool:
        """Hold the lease longer."""
        lease = CLOCK + func.make_interval(0, 0, 0, 0, 0, 0, self._lease_seconds)
        async with self._session() as session:
            return _count(await session.execute(update(SWEEPS).where(_held(unit)).values(lease_until=lease))) == 1

    async def scene(self, unit: Unit) -> Scene:
        """The living rows, and which of them are free, in one statement."""
        moved = select(OPERATIONS.c.stack_id).where(queries.is_active())
        free = and_(or_(_R.lease_until.is_(None), _R.lease_until < CLOCK), _R.stack_id.not_in(moved))
        own = (
            select(RESOURCES, free.label("free"))
            .join(STACKS, _S.id == _R.stack_id)
            .where(_R.state != State.GONE.value, _S.kind.not_in((ORPHANAGE, DRAIN)), _of_unit(unit))
            .order_by(_R.position)
        )
        async with self._session() as session:
            now: datetime = (await session.scalars(select(CLOCK))).one()
            found = (await session.execute(own)).mappings().all()
        return Scene(tuple(Watched(resource_of(item), item["fence"], item["free"]) for item in found), now)

    async def tell(self, news: Sequence[News]) -> None:
        """One transaction per stack, so that no lock is held long."""
        by_stack = sorted(news, key=lambda item: item.row.stack_id)
        for stack_id, items in groupby(by_stack, key=lambda item: item.row.stack_id):
            async with self._session() as session:
                await self._tell_stack(session, stack_id, list(items))

    async def books(self, unit: Unit, sightings: Sequence[Sighting]) -> Books:
        """The unit's living rows, and every row and stack that the marks name, whoever's they are."""
        owners = [item.owner for item in sightings if item.owner is not None]
        named = {owner.resource_id for owner in owners}
        async with self._session() as session:
            marked = (await session.scalars(select(_R.stack_id).where(_R.id.in_(named)))).all()
            stack_ids = {owner.stack_id for owner in owners if owner.stack_id is not None} | set(marked)
            own = and_(_of_unit(unit), _S.kind.not_in((ORPHANAGE, DRAIN)))
            stacks = (await session.execute(select(STACKS).where(or_(own, _S.id.in_(stack_ids))))).mappings().all()
            known = [item["id"] for item in stacks]
            rows = (await session.execute(select(RESOURCES).where(_R.stack_id.in_(known)))).mappings().all()
            busy = await _busy(session, known)
        return Books(
            [resource_of(item) for item in rows],
            {item["id"]: KnownStack(stack_from(item), item["id"] in busy) for item in stacks},
        )

    async def finish(self, unit: Unit, report: Report) -> None:
        """Count the sweep, record orphans."""
        async with self._session() as session:
            values = {
                "number": _W.number + 1, "swept_at": CLOCK, "failed_since": None, "reason": "", "message": "",
                "unread": dict(report.unread), "surveyed": report.surveyed,
            }  # fmt: skip
            if await self._end(session, unit, values) and report.surveyed:
                await orphan_records.record(session, unit, report, self._new_id)

    async def fail(self, unit: Unit, reason: str, message: str) -> None:
        """Remember why, and since when."""
        async with self._session() as session:
            since = func.coalesce(_W.failed_since, CLOCK)
            await self._end(session, unit, {"reason": reason, "message": message, "failed_since": since})

    async def seconds_to_next(self) -> float | None:
        """Real seconds until a unit is due."""
        async with self._session() as session:
            seconds: float | None = await session.scalar(_SECONDS_TO_NEXT)
            return None if seconds is None else max(0.0, seconds)

    async def _end(self, session: AsyncSession, unit: Unit, values: dict[str, Any]) -> bool:
        """Give the lease back with these values. False, and nothing written, when the unit was overtaken."""
        following = _NEXT_DUE.bindparams(interval=self._interval, rarely=RARELY)
        free = {"lease_until": None, "lease_owner": "", "due_at": following}
        return _count(await session.execute(update(SWEEPS).where(_held(unit)).values(values | free))) == 1

    async def _tell_stack(self, session: AsyncSession, stack_id: UUID, news: Sequence[News]) -> None:
        if await queries.lock_stack(session, stack_id) is None or await _busy(session, [stack_id]):
            return
        target: dict[str, Any] | None = None
        for item in news:
            if not await _written(session, item):
                continue
            name = _event_name(drift_of(item.before.row), drift_of(item.row))
            if name is None:
                continue
            target = target or await _target_of(session, stack_id)
            await publish(session, _event(name, target, item.row))

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[AsyncSession]:
        async with self._database.session(visible=EVERYTHING) as session:
            yield session


def _held(unit: Unit) -> Any:
    return and_(_W.credential_id == unit.credential_id, _W.region == unit.region, _W.fence == unit.fence)


def _of_unit(unit: Unit) -> Any:
    return and_(_S.credential_id == unit.credential_id, _S.region == unit.region)


def _count(result: object) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount


async def _busy(session: AsyncSession, stack_ids: Iterable[UUID]) -> set[UUID]:
    """Stacks that an operation moves, or one of whose rows a worker holds."""
    wanted = list(stack_ids)
    moved = select(OPERATIONS.c.stack_id).where(OPERATIONS.c.stack_id.in_(wanted), queries.is_active())
    leased = select(_R.stack_id).where(_R.stack_id.in_(wanted), _R.lease_until >= CLOCK)
    return set(await session.scalars(moved.union(leased)))


async def _written(session: AsyncSession, news: News) -> bool:
    """Write it, if the row is what the sweep read."""
    row = news.before.row
    untouched = and_(
        _R.id == row.id,
        _R.fence == news.before.fence,
        _R.generation == row.generation,
        _R.state == State.READY.value,
        _R.desired == Desired.PRESENT.value,
        _R.lease_until.is_(None),
    )
    values = values_of(news.row)
    written = update(RESOURCES).where(untouched).values({name: values[name] for name in _WRITTEN})
    return _count(await session.execute(written)) == 1


def _event_name(before: Drift | None, now: Drift | None) -> str | None:
    """Told once: when drift begins, changes or ends."""
    if now is None:
        return None if before is None else "resource.drift_ended"
    return None if now.same_as(before) else "resource.drifted"


async def _target_of(session: AsyncSession, stack_id: UUID) -> dict[str, Any]:
    """What the stack is about: the target of its first operation."""
    columns = [OPERATIONS.c[name] for name in ("target_kind", "target_id", "target_name", "workspace_id")]
    first = select(*columns).where(OPERATIONS.c.stack_id == stack_id).order_by(OPERATIONS.c.created_at).limit(1)
    found = (await session.execute(first)).mappings().one_or_none()
    if found is not None:
        return dict(found)
    stack = (await session.execute(select(STACKS).where(_S.id == stack_id))).mappings().one()
    return {
        "target_kind": stack["kind"], "target_id": stack_id, "target_name": stack["name"],
        "workspace_id": stack["workspace_id"],
    }  # fmt: skip


def _event(name: str, target: dict[str, Any], row: ResourceRow) -> Event:
    drift = drift_of(row)
    data = {
        "resource_id": str(row.id), "key": row.key, "title": row.title, "external_id": row.external_id,
        "kind": drift.kind.value if drift is not None else None, "message": row.message,
        "fields": [item.field for item in drift.fields] if drift is not None else [],
        "target": {"kind": target["target_kind"], "id": str(target["target_id"]), "name": target["target_name"]},
    }  # fmt: skip
    topic = f"{target['target_kind']}/{target['target_id']}"
    return Event(name, topic, target["workspace_id"], data)

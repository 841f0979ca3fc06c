"""The statements by which workers take turns on resources. Called by the PostgreSQL store.

Invariant: a row is leased to one worker at a time by the database's clock, and nobody waits for anybody's lock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import RowMapping, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.provisioning import queries
from skyclust.provisioning.models import RESOURCES
from skyclust.provisioning.recording import neighbour_of, resource_of
from skyclust.provisioning.rows import CANCELLED_STATES, Claim, Neighbour, OperationState, StackRef, State
from skyclust.provisioning.wording import taken_over_line

# `turn` deals the rows of all credentials out like cards, so that hundreds of due rows of one do not starve the others.
# The conditions on the locked row are checked again by PostgreSQL when it was changed since the snapshot.
_LEASE = text("""
WITH due AS MATERIALIZED (
    SELECT id, wake_at, row_number() OVER (PARTITION BY credential_id ORDER BY wake_at, position) AS turn
    FROM resources
    WHERE ((lease_until IS NULL AND wake_at <= now()) OR (lease_until < now() AND wake_at <= now()))
        AND credential_id <> ALL(CAST(:without AS uuid[]))
), chosen AS (
    SELECT resources.id, due.turn, due.wake_at, resources.lease_until AS lost_at
    FROM resources JOIN due ON due.id = resources.id
    WHERE resources.wake_at <= now() AND (resources.lease_until IS NULL OR resources.lease_until < now())
    ORDER BY due.turn, due.wake_at
    LIMIT :limit
    FOR UPDATE OF resources SKIP LOCKED
)
UPDATE resources
SET fence = fence + 1, lease_fence = fence + 1, lease_owner = :worker,
    lease_until = clock_timestamp() + make_interval(secs => :lease_seconds)
FROM chosen, stacks
WHERE resources.id = chosen.id AND stacks.id = resources.stack_id
RETURNING resources.*, stacks.provider, stacks.region, stacks.name, clock_timestamp() AS now, chosen.turn,
    chosen.wake_at AS due_at, chosen.lost_at,
    (SELECT operations.state FROM operations WHERE operations.id = resources.operation_id) AS operation_state
""")

_NEXT_WAKE = text("""
SELECT extract(epoch FROM min(at) - clock_timestamp())::float FROM (
    (SELECT wake_at AS at FROM resources WHERE lease_until IS NULL AND wake_at IS NOT NULL
        AND credential_id <> ALL(CAST(:without AS uuid[])) ORDER BY wake_at LIMIT 1)
    UNION ALL
    SELECT min(greatest(wake_at, lease_until)) FROM resources WHERE lease_until IS NOT NULL AND wake_at IS NOT NULL
        AND credential_id <> ALL(CAST(:without AS uuid[]))
) AS alarms
""")

# Skips rows that somebody holds: waiting for them here, row by row, could meet an `apply` that waits for ours.
_RELEASE = text("""
UPDATE resources SET lease_until = NULL, lease_owner = ''
WHERE id IN (SELECT id FROM resources WHERE lease_owner = :worker AND lease_until IS NOT NULL
             FOR UPDATE SKIP LOCKED)
""")


async def lease_due(
    session: AsyncSession, worker: str, limit: int, lease_seconds: float, without: frozenset[UUID]
) -> list[Claim]:
    """Lease up to `limit` due rows: two statements, however many rows and stacks."""
    given = {"worker": worker, "limit": limit, "lease_seconds": lease_seconds, "without": list(without)}
    leased = (await session.execute(_LEASE, given)).mappings().all()
    if not leased:
        return []
    await _tell_of_lost_workers(session, leased, lease_seconds)
    neighbours = await _neighbours(session, {columns["stack_id"] for columns in leased})
    in_turn = sorted(leased, key=lambda columns: (columns["turn"], columns["due_at"]))
    return [_claim(columns, neighbours[columns["stack_id"]], lease_seconds) for columns in in_turn]


async def _tell_of_lost_workers(session: AsyncSession, leased: Sequence[RowMapping], lease_seconds: float) -> None:
    """One line in the story of each operation whose steps a worker had leased and not given back in time."""
    lost: dict[tuple[UUID, UUID], list[RowMapping]] = defaultdict(list)
    for columns in leased:
        if columns["lost_at"] is not None and columns["operation_id"] is not None:
            lost[columns["operation_id"], columns["workspace_id"]].append(columns)
    for (operation_id, workspace_id), rows in lost.items():
        silent = max((columns["now"] - columns["lost_at"]).total_seconds() for columns in rows) + lease_seconds
        await queries.add_line(session, operation_id, workspace_id, taken_over_line([r["title"] for r in rows], silent))


async def seconds_to_next_wake(session: AsyncSession, without: frozenset[UUID]) -> float | None:
    """Real seconds until the next row is due; None when none is waiting."""
    seconds: float | None = await session.scalar(_NEXT_WAKE, {"without": list(without)})
    return None if seconds is None else max(0.0, seconds)


async def give_back(session: AsyncSession, worker: str) -> None:
    """Hand back every lease of a worker. A row that is being written keeps its lease until it ends by itself."""
    await session.execute(_RELEASE, {"worker": worker})


async def _neighbours(session: AsyncSession, stack_ids: set[UUID]) -> Mapping[UUID, dict[str, Neighbour]]:
    columns = [RESOURCES.c[name] for name in ("stack_id", "key", "state", "desired", "depends_on", "outputs")]
    living = RESOURCES.c.state != State.GONE.value
    found = await session.execute(select(*columns).where(RESOURCES.c.stack_id.in_(stack_ids), living))
    by_stack: dict[UUID, dict[str, Neighbour]] = defaultdict(dict)
    for row in found.mappings():
        by_stack[row["stack_id"]][row["key"]] = neighbour_of(row)
    return by_stack


def _claim(columns: RowMapping, neighbours: Mapping[str, Neighbour], lease_seconds: float) -> Claim:
    return Claim(
        row=resource_of(columns),
        stack=StackRef(
            columns["stack_id"],
            columns["workspace_id"],
            columns["credential_id"],
            columns["provider"],
            columns["region"],
            columns["name"],
        ),
        neighbours=neighbours,
        cancelling=columns["operation_state"] in CANCELLED_STATES,
        fence=columns["fence"],
        pokes=columns["pokes"],
        now=columns["now"],
        lease_seconds=lease_seconds,
        paused=columns["operation_state"] == OperationState.PAUSED,
    )

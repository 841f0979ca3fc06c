"""The timetable of a cluster: set it, show it, remove it, and carry out what is due.

Called by the routes, and by timekeeping.py for every timetable that is due. Invariant: that an entry is dealt with is
written in the transaction that begins its operation, so that none is carried out twice, whoever dies when.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import time, timedelta
from difflib import get_close_matches
from functools import cache
from uuid import UUID
from zoneinfo import available_timezones

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.clusters import queries
from skyclust.clusters.answers import Standing
from skyclust.clusters.errors import no_schedule, schedule_changed, unknown_time_zone
from skyclust.clusters.models import ClusterRow, HibernationScheduleRow
from skyclust.clusters.node_pools import hibernated
from skyclust.clusters.queries import Filter
from skyclust.clusters.schemas import (
    HibernationScheduleAnswer,
    HibernationScheduleBody,
    LastScheduledAnswer,
    ScheduledAnswer,
)
from skyclust.clusters.service.hibernating import hibernate_cluster, wake_cluster
from skyclust.clusters.service.protecting import hold_cluster
from skyclust.clusters.service.reading import find_cluster, standings
from skyclust.clusters.timetables import AGAIN, DAYS, HIBERNATE, Decision, Rule, Timetable, decide, upcoming
from skyclust.events.publishing import Actor, Event, publish
from skyclust.identity.service import no_proof
from skyclust.kit.problems import Problem
from skyclust.networks.errors import read_only
from skyclust.networks.service import Errand, Ground
from skyclust.workspaces.callers import Caller
from skyclust.workspaces.permissions import Permission
from skyclust.workspaces.service import is_suspended

SHOWN = 6
#: How long a worker may take for one timetable before another takes it over.
LEASE = timedelta(minutes=2)
NOBODY = UUID(int=0)
SUSPENDED = "The workspace is suspended: nothing is changed in it. An administrator of this installation ends that."


@cache
def _time_zones() -> frozenset[str]:
    """Read from the machine's own files, several hundred of them."""
    return frozenset(available_timezones())


def timetable_of(row: HibernationScheduleRow) -> Timetable:
    """The rules as values."""
    return Timetable(
        row.time_zone,
        tuple(
            Rule(item["do"], frozenset(DAYS.index(day) for day in item["days"]), time.fromisoformat(item["at"]))
            for item in row.rules
        ),
    )


# ---- what the routes do ----
async def get_schedule(errand: Errand, wanted: str, which: Filter) -> HibernationScheduleAnswer:
    """The timetable with what comes next; 404 when there is none."""
    async with errand.session() as session:
        seen = await find_cluster(session, errand.caller, wanted, which)
        return _answer(errand, await _schedule(session, seen))


async def put_schedule(
    errand: Errand, wanted: str, which: Filter, body: HibernationScheduleBody
) -> HibernationScheduleAnswer:
    """Another timetable, from its next entry on; a dry run shows it and keeps nothing."""
    known = await asyncio.to_thread(_time_zones)
    if body.time_zone not in known:
        near = get_close_matches(body.time_zone, known, 3, 0.5)
        raise unknown_time_zone(body.time_zone, near)
    async with errand.session() as session:
        seen = await _find(session, errand, wanted, which)
        if not seen.managed:
            raise read_only("cluster", seen.row.name)
        hibernated(seen.spec, errand.provider(seen.row.provider))  # 422 with the reason where there is nothing to do
        fresh = _row(errand, seen.row, body)
        if errand.asked.dry_run:
            return _answer(errand, fresh)
        held = await hold_cluster(session, seen)
        before = await queries.schedule_of(session, [held.row.workspace_id], held.row.id, lock=True)
        told = _told(before)
        row = await queries.add(session, fresh) if before is None else _overwrite(before, fresh)
        await _publish(session, errand, held.row, "set", {"before": told, "after": _told(row)})
        return _answer(errand, row)


async def delete_schedule(errand: Errand, wanted: str, which: Filter) -> HibernationScheduleAnswer:
    """Forget the timetable; the cluster stays as it is, asleep or awake."""
    async with errand.session() as session:
        seen = await _find(session, errand, wanted, which)
        row = await _schedule(session, seen, lock=True)
        answer = _answer(errand, row)
        if not errand.asked.dry_run:
            await _publish(session, errand, seen.row, "removed", {"before": _told(row)})
            await session.delete(row)
        return answer


async def _find(session: AsyncSession, errand: Errand, wanted: str, which: Filter) -> Standing:
    return await find_cluster(session, errand.caller, wanted, which, Permission.CLUSTERS_UPDATE)


async def _schedule(session: AsyncSession, seen: Standing, *, lock: bool = False) -> HibernationScheduleRow:
    row = await queries.schedule_of(session, [seen.row.workspace_id], seen.row.id, lock=lock)
    if row is None:
        raise no_schedule(seen.row.name)
    return row


def _row(errand: Errand, cluster: ClusterRow, body: HibernationScheduleBody) -> HibernationScheduleRow:
    now = errand.now()
    row = HibernationScheduleRow(
        cluster_id=cluster.id, workspace_id=cluster.workspace_id, time_zone=body.time_zone,
        rules=[rule.model_dump() for rule in body.rules], settled_until=now, due_at=now, updated_at=now, waiting="",
    )  # fmt: skip
    row.due_at = upcoming(timetable_of(row), now, 1)[0].at
    return row


def _overwrite(row: HibernationScheduleRow, fresh: HibernationScheduleRow) -> HibernationScheduleRow:
    for name in ("time_zone", "rules", "settled_until", "due_at", "updated_at", "waiting", "leased_until"):
        setattr(row, name, getattr(fresh, name))
    return row


def _told(row: HibernationScheduleRow | None) -> dict[str, object] | None:
    return None if row is None else {"time_zone": row.time_zone, "rules": row.rules}


async def _publish(
    session: AsyncSession, errand: Errand, cluster: ClusterRow, what: str, data: dict[str, object]
) -> None:
    name = f"cluster.hibernation_schedule_{what}"
    whole = {"name": cluster.name, **data}
    await publish(session, Event(name, f"cluster/{cluster.id}", cluster.workspace_id, whole, errand.caller.actor))


def _answer(errand: Errand, row: HibernationScheduleRow) -> HibernationScheduleAnswer:
    following = upcoming(timetable_of(row), errand.now(), SHOWN)
    last = {"do": row.last_do, "at": row.last_at, "operation_id": row.last_operation_id}
    return HibernationScheduleAnswer.model_validate(
        {
            "cluster_id": row.cluster_id,
            "time_zone": row.time_zone,
            "rules": row.rules,
            "next": [ScheduledAnswer.model_validate(due) for due in following],
            "waiting": row.waiting or "",
            "last": LastScheduledAnswer.model_validate(last) if row.last_do else None,
            "updated_at": row.updated_at,
        }
    )


# ---- what the worker does ----
async def lease_schedules(session: AsyncSession, ground: Ground, limit: int) -> list[HibernationScheduleRow]:
    """Up to `limit` timetables of all workspaces that are due, for this worker alone."""
    now = ground.clock.now()
    return await queries.lease_due_schedules(session, now, now + LEASE, limit=limit)


async def keep_timetable(ground: Ground, leased: HibernationScheduleRow) -> Decision | None:
    """Begin what is due, or write down what it waits for. None when the cluster has gone, and its timetable with it."""
    errand = Errand(ground, _keeper(ground, leased))
    table = timetable_of(leased)
    async with errand.session() as session:
        cluster = await queries.by_id(session, [leased.workspace_id], leased.cluster_id)
        if cluster is None:
            await _forget(session, leased)
            return None
        [standing] = await standings(session, [cluster])
        busy = SUSPENDED if await is_suspended(session, leased.workspace_id) else _busy(standing)
    asleep = standing.spec.asleep is not None
    decision = decide(table, errand.now(), leased.settled_until, asleep=asleep, busy=busy)
    if decision.do is not None:
        return await _begin(errand, leased, decision)
    await _settle(errand, leased, decision)
    return decision


async def _begin(errand: Errand, leased: HibernationScheduleRow, decision: Decision) -> Decision:
    async def settle(session: AsyncSession, _: ClusterRow, operation_id: UUID) -> None:
        row = await _still_leased(session, leased)
        if row is None:
            raise schedule_changed()
        _write(row, decision)
        row.last_do, row.last_at, row.last_operation_id = decision.do, errand.now(), operation_id

    begin = hibernate_cluster if decision.do == HIBERNATE else wake_cluster
    try:
        await begin(errand, str(leased.cluster_id), Filter(), settle)
    except Problem as problem:  # an operation that began meanwhile, a quota, an import that is not finished
        later = min(decision.look_at, errand.now() + AGAIN)
        decision = replace(
            decision,
            do=None,
            settled_until=leased.settled_until,
            look_at=later,
            waiting=problem.detail or problem.title,
        )
        await _settle(errand, leased, decision)
    return decision


async def _settle(errand: Errand, leased: HibernationScheduleRow, decision: Decision) -> None:
    async with errand.session() as session:
        row = await _still_leased(session, leased)
        if row is not None:
            _write(row, decision)


def _write(row: HibernationScheduleRow, decision: Decision) -> None:
    row.settled_until = max(row.settled_until, decision.settled_until)
    row.due_at, row.waiting, row.leased_until = decision.look_at, decision.waiting, None


async def _still_leased(session: AsyncSession, leased: HibernationScheduleRow) -> HibernationScheduleRow | None:
    """The row, held; None when somebody else has it, or it was set anew or settled by hand since."""
    row = await queries.schedule_of(session, [leased.workspace_id], leased.cluster_id, lock=True)
    same = row is not None and (row.leased_until, row.settled_until) == (leased.leased_until, leased.settled_until)
    return row if same else None


async def _forget(session: AsyncSession, leased: HibernationScheduleRow) -> None:
    row = await queries.schedule_of(session, [leased.workspace_id], leased.cluster_id, lock=True)
    if row is not None:
        await session.delete(row)


def _busy(standing: Standing) -> str:
    running = standing.running
    return f"{running.kind} of {standing.row.name} is under way (operation {running.id})." if running else ""


def _keeper(ground: Ground, leased: HibernationScheduleRow) -> Caller:
    """Who acts for a timetable: nobody, with no more than it takes to change clusters of that workspace."""
    may = frozenset({Permission.CLUSTERS_READ, Permission.CLUSTERS_UPDATE})
    return Caller(
        user_id=NOBODY, email="", is_platform_admin=False, workspaces={leased.workspace_id: may}, session_id=NOBODY,
        actor=Actor(None, "hibernation schedule"), proof=no_proof(ground.clock.now()),
    )  # fmt: skip

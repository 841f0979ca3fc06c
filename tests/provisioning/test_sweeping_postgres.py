"""Sweeps in PostgreSQL: one worker at a time, guards on what is written, the rhythm, and a database that goes away."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import text

from postgres_world import postgres_world
from skyclust.kit.db import EVERYTHING
from skyclust.provisioning.drifting import compare, drift_of, told
from skyclust.provisioning.pacing import Budget
from skyclust.provisioning.rows import ResourceRow, State
from skyclust.provisioning.sweeping import News, Report, Sweeper
from skyclust.provisioning.sweeping_postgres import PostgresSweeps

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def on_postgres(postgres, scenario):
    async def run():
        async with postgres_world(postgres) as world:
            await scenario(world, PostgresSweeps(world.database))

    asyncio.run(run())


def settled(world):
    return ResourceRow(
        uuid4(), world.stack.id, "network", "sim.network", "network", {}, (), state=State.READY, external_id="net-1",
        observed_generation=1,
    )  # fmt: skip


async def execute(world, sql):
    async with world.database.session(visible=EVERYTHING) as session:
        return await session.execute(text(sql))


async def one(world, sql):
    return (await execute(world, sql)).scalar_one()


async def due(world, sweeps, worker="w", limit=9):
    await sweeps.due("nobody", 0)
    await execute(world, "UPDATE sweeps SET due_at = clock_timestamp()")
    return await sweeps.due(worker, limit)


def missing(watched):
    return News(watched, told(watched.row, compare(watched.row, None, (), NOON), None))


def test_a_place_is_swept_by_one_worker_and_by_the_next_when_that_one_dies(postgres):
    async def scenario(world, sweeps):
        [unit] = await due(world, sweeps)
        assert (unit.credential_id, unit.region) == (world.stack.credential_id, world.stack.region)
        assert await sweeps.due("v", 9) == []
        await execute(world, "UPDATE sweeps SET lease_until = clock_timestamp() - interval '1 second'")
        [later] = await sweeps.due("v", 9)
        assert later.fence == unit.fence + 1
        assert not await sweeps.extend(unit)
        await sweeps.finish(unit, Report(surveyed=True))
        await sweeps.fail(unit, "Any", "reason")
        assert await one(world, "SELECT number || reason FROM sweeps") == "0"
        assert await sweeps.extend(later)
        await sweeps.finish(later, Report(surveyed=True, unread={"kind": "why"}))
        assert await one(world, "SELECT number FROM sweeps WHERE surveyed AND swept_at IS NOT NULL") == 1
        assert await sweeps.due("v", 9) == []

    on_postgres(postgres, scenario)


def test_workers_that_come_at_once_share_the_places(postgres):
    async def scenario(world, sweeps):
        for number in range(6):
            await world.add_stack(replace(world.stack, id=uuid4(), region=f"region-{number}"))
        await sweeps.due("nobody", 0)
        await execute(world, "UPDATE sweeps SET due_at = clock_timestamp()")
        given = await asyncio.gather(*(sweeps.due(f"w{number}", 2) for number in range(4)))
        places = [unit.region for units in given for unit in units]
        assert len(places) == len(set(places)) == 7

    on_postgres(postgres, scenario)


def test_the_rhythm_is_kept_and_slower_where_nothing_is_left(postgres):
    async def scenario(world, sweeps):
        told = "SELECT extract(epoch FROM due_at - started_at)::int FROM sweeps"
        [unit] = await due(world, sweeps)
        await sweeps.fail(unit, "Unavailable", "away")
        assert await one(world, told) == 600
        await world.put(settled(world))
        [unit] = await due(world, sweeps)
        await sweeps.fail(unit, "Unavailable", "away")
        assert await one(world, told) == 60
        assert await one(world, "SELECT reason FROM sweeps WHERE failed_since < clock_timestamp()") == "Unavailable"
        assert 0 < await sweeps.seconds_to_next() <= 60

    on_postgres(postgres, scenario)


def test_news_is_written_once_and_told_once(postgres):
    async def scenario(world, sweeps):
        await world.put(settled(world))
        [unit] = await due(world, sweeps)
        for _ in range(2):
            [watched] = (await sweeps.scene(unit)).watched
            await sweeps.tell([missing(watched)])
        [row] = (await world.rows()).values()
        assert (row.reason, row.recreate, drift_of(row).kind) == ("Missing", True, "missing")
        assert row.state is State.READY
        assert [name for name, _ in await world.events()] == ["resource.drifted"]
        assert await world.store.claim("w", 9) != [], "put is due; a sweep wakes nobody"

    on_postgres(postgres, scenario)


def test_what_somebody_has_touched_since_is_not_written(postgres):
    async def scenario(world, sweeps):
        row = settled(world)
        await world.put(row)
        [unit] = await due(world, sweeps)
        [watched] = (await sweeps.scene(unit)).watched
        await world.put(row)
        await sweeps.tell([missing(watched)])
        [watched] = (await sweeps.scene(unit)).watched
        [claim] = await world.store.claim("w", 9)
        assert not (await sweeps.scene(unit)).watched[0].free
        await sweeps.tell([missing(watched)])
        await world.store.release("w")
        operation = uuid4()
        await world.operate(operation, claim.row.id)
        [watched] = (await sweeps.scene(unit)).watched
        assert not watched.free
        await sweeps.tell([missing(watched)])
        assert [drift_of(row) for row in (await world.rows()).values()] == [None]
        assert [name for name, _ in await world.events()] == []

    on_postgres(postgres, scenario)


def test_the_sweeper_goes_on_when_its_database_comes_back():
    class Away:
        def __init__(self):
            self.asked = 0

        async def due(self, _worker, _limit):
            self.asked += 1
            raise OSError("the database is away")

    async def run():
        store, told, stop = Away(), [], asyncio.Event()

        def outage(error):
            told.append(error)
            if store.asked == 3:
                stop.set()

        budget = Budget()
        sweeper = Sweeper(store, None, "w", lambda: 0.0, lambda _credential: budget, on_outage=outage)
        await asyncio.wait_for(sweeper.run(stop, look_seconds=0.01), 30)
        return len(told)

    assert asyncio.run(run()) == 3

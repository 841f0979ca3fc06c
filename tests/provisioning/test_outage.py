"""The database restarts under a running installation: engine, relay and streams wait for it, and nothing is lost."""

import asyncio
import contextlib

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from postgres_fixtures import TestDatabase
from skyclust.events.bus import InProcessBus
from skyclust.events.feed import Feed
from skyclust.events.relay import Relay
from skyclust.kit.db import DATABASE_AWAY, asyncpg_url
from skyclust.kit.embedded_postgres import start_embedded
from skyclust.kit.migrating import migrate
from skyclust.provisioning.engine import Engine
from skyclust.provisioning.postgres import PostgresStore
from skyclust.provisioning.rows import OperationState
from waiting import until
from works import Works

SHORT_LEASE = 3.0


class Bearing(Works):
    """Works whose engine reports faults instead of failing the test, with leases short enough to wait for."""

    def __init__(self, postgres: TestDatabase) -> None:
        super().__init__(postgres)
        self.store = PostgresStore(self.database, lease_seconds=SHORT_LEASE)
        self.outages: list[BaseException] = []

    def engine(self, name: str = "worker") -> Engine:
        made = super().engine(name)
        made.call_seconds = 2.0
        made.on_fault = lambda _, error: self.outages.append(error)
        made.on_outage = self.outages.append
        return made

    async def until_patiently(self, operation_id, state: OperationState) -> None:
        async with asyncio.timeout(60):
            while True:
                with contextlib.suppress(*DATABASE_AWAY):
                    if (await self.view(operation_id)).state is state:
                        return
                await asyncio.sleep(0.1)

    def everything_once(self, rows) -> bool:
        real = {row.external_id for row in rows if self.sim.driver(row.kind).creates}
        return {item.id for item in self.cloud.resources()} == real and self.cloud.created == len(real)


async def cut_every_connection(owner_url: str) -> None:
    engine = create_async_engine(asyncpg_url(owner_url))
    async with engine.connect() as connection:
        await connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'skyclust_app'")
        )
    await engine.dispose()


def test_connections_that_break_at_any_moment_neither_lose_nor_double_anything(postgres):
    async def main() -> None:
        works = Bearing(postgres)
        await works.start()
        operation_id = await works.create()
        works.work()
        for _ in range(8):
            await asyncio.sleep(0.15)
            await cut_every_connection(postgres.owner_url)
        await works.until_patiently(operation_id, OperationState.SUCCEEDED)
        assert works.everything_once((await works.rows()).values())
        await works.rest()
        await works.database.close()

    asyncio.run(main())


@pytest.fixture
def own_server(tmp_path):
    """A server of this test's own, which it may stop: `servers[-1]` is the running one."""
    servers = [start_embedded(tmp_path / "pg")]
    asyncio.run(migrate(servers[0].owner_url))
    yield servers
    servers[-1].stop()


def test_a_restart_is_survived_by_engine_relay_and_feed(own_server, tmp_path):
    async def main() -> None:
        works = Bearing(TestDatabase(own_server[0].owner_url, own_server[0].app_url, tmp_path / "pg"))
        await works.start()
        bus, stop = InProcessBus(), asyncio.Event()
        relaying = asyncio.create_task(Relay(works.database, bus, poll_seconds=0.05).run(stop))
        heard: list[str] = []
        feed = Feed(works.database, bus)
        async with feed.reader(lambda message: not heard.append(message.name)), bus.subscribe() as told:
            operation_id = await works.create()
            works.work()
            await asyncio.wait_for(anext(told), 10)
            await asyncio.to_thread(own_server[0].stop)
            await asyncio.sleep(0.5)
            own_server.append(await asyncio.to_thread(start_embedded, tmp_path / "pg"))
            await works.until_patiently(operation_id, OperationState.SUCCEEDED)
            async with asyncio.timeout(20):
                while (await anext(told)).name != "operation.succeeded":
                    pass
            await until(lambda: "operation.succeeded" in heard, seconds=20)
        assert works.outages
        assert works.everything_once((await works.rows()).values())
        stop.set()
        await relaying
        await works.rest()
        await works.database.close()

    asyncio.run(main())

"""Clusters and networks through the HTTP door on the simulated cloud, with a real database and, if wanted, the engine.

`on_site(postgres, scenario)` runs `scenario(site)` in one event loop; see tenancy.py for the people.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from sqlalchemy import text

from canaries import canary
from skyclust.catalogue.router import router as catalogue_router
from skyclust.clusters import service as clusters
from skyclust.clusters.router import router as clusters_router
from skyclust.credentials.clouds import CloudSessions
from skyclust.drift.router import router as drift_router
from skyclust.events.publishing import Actor
from skyclust.networks import service as networks
from skyclust.networks.router import router as networks_router
from skyclust.providers.sim.cloud import Sim
from skyclust.providers.sim.faults import Script
from skyclust.providers.sim.world import SimWorld, Wanted
from skyclust.provisioning.engine import Engine
from skyclust.provisioning.operating import get_operation, roll_back
from skyclust.provisioning.pacing import Pace, poll_seconds
from skyclust.provisioning.postgres import PostgresStore
from skyclust.provisioning.rows import ACTIVE_OPERATIONS
from skyclust.provisioning.sweeping import Sweeper
from skyclust.provisioning.sweeping_postgres import PostgresSweeps
from tenancy import House, Person, open_house

SPEED = 3000.0
KEY = canary("sim")
REGION = "sim-east-1"
PATH = "/sim/kubernetes/clusters"


def cluster_body(credential_id, name="one", **more):
    pool = {"name": "default", "machine_type": "small", "node_count": 2}
    return {"credential_id": str(credential_id), "name": name, "region": REGION, "node_pool": pool} | more


class QuickPace(Pace):
    """Polls thirty times a second where the product would a few times: nobody pays for calls here."""

    def poll(self, elapsed_real_seconds, expected_cloud_seconds):
        return max(self.real(poll_seconds(elapsed_real_seconds * self.speed, expected_cloud_seconds)), 0.03)


@dataclass
class Site:
    """The house with the simulated cloud in it. `ada` administers the workspace, `vic` views, `eve` has another one."""

    house: House
    sim: Sim
    faults: Script
    ada: Person
    uma: Person
    vic: Person
    eve: Person
    workspace: UUID
    credential: UUID
    other_credential: UUID
    engine: Engine
    sweeper: Sweeper
    faulted: list = field(default_factory=list)

    @property
    def world(self):
        return self.sim.world

    async def create(self, name="one", **more):
        response = await self.ada.client.post(PATH, json=cluster_body(self.credential, name, **more))
        assert response.status_code == 202, response.text
        return response.json()

    async def create_network(self, name="net", cidr_block="10.7.0.0/16", **more):
        body = {"credential_id": str(self.credential), "name": name, "region": REGION, "cidr_block": cidr_block}
        response = await self.ada.client.post("/sim/network/vpcs", json=body | more)
        assert response.status_code == 202, response.text
        return response.json()

    async def ended(self, operation, within_seconds=60.0):
        """The operation's state once nothing moves it any more, by running the engine meanwhile."""
        stop = asyncio.Event()
        running = asyncio.create_task(self.engine.run(stop, sweep_seconds=0.05))
        deadline = time.monotonic() + within_seconds
        try:
            while await self._is_active(operation) and time.monotonic() < deadline:  # noqa: ASYNC110 - polls the rows
                await asyncio.sleep(0.02)
            async with self.house.database.session(visible="*") as session:
                view = await get_operation(session, UUID(operation["id"]))
            assert not view.active, f"{view.state} after {within_seconds} s: {[(s.key, s.state) for s in view.steps]}"
            return view
        finally:
            stop.set()
            await running

    async def _is_active(self, operation):
        """Asked fifty times a second: the whole view would cost more than what it waits for."""
        async with self.house.database.session(visible="*") as session:
            query = text("SELECT state FROM operations WHERE id = :id")
            return await session.scalar(query, {"id": UUID(operation["id"])}) in ACTIVE_OPERATIONS

    def plant(self, kind, name, inside, tags=None):
        """Put something into a network by hand; its id."""
        return self.world.enter(Wanted(kind, REGION, name, {}, frozenset({inside})), tags or {}).id

    async def sweep(self, sweeps=1):
        """Have everything swept now, so often; what the sweeper complained of fails the test."""
        for _ in range(sweeps):
            await self.house.execute("UPDATE sweeps SET due_at = clock_timestamp(), lease_until = NULL")
            units = await self.sweeper.store.due("w", 100)
            if not units:
                await self.house.execute("UPDATE sweeps SET due_at = clock_timestamp()")
                units = await self.sweeper.store.due("w", 100)
            for unit in units:
                await self.sweeper.sweep(unit)

    async def roll_back(self, operation):
        async with self.house.database.session(visible="*") as session:
            actor = Actor(self.ada.id, self.ada.email)
            view = await roll_back(session, UUID(operation["id"]), actor)
        return {"id": str(view.id)}

    async def succeeded(self, operation):
        view = await self.ended(operation)
        assert view.state == "succeeded", (view.state, view.message, self.faulted)
        return view


async def open_site(postgres) -> Site:
    house = open_house(postgres)
    faults = Script()
    sim = Sim(SimWorld(lambda: time.monotonic() * SPEED, Random(7), faults))
    sim.world.keys[KEY] = sim.world.keys.pop("sim-key")
    app, state = house.app, house.app.state
    state.providers["sim"] = sim
    state.clouds = CloudSessions(house.database, state.keyring, state.providers, monotonic=house.clock.monotonic)
    for router in (catalogue_router, drift_router, clusters_router, networks_router):
        app.include_router(router, prefix="/api/v1")
    clusters.install()
    networks.install()
    faulted: list = []
    engine = Engine(
        PostgresStore(house.database), state.clouds, "w", time.monotonic, Random(7), QuickPace(SPEED),
        on_fault=lambda claim, error: faulted.append((claim.row.key, error)),
    )  # fmt: skip
    state.engine_bell = engine.ring
    sweeper = Sweeper(
        PostgresSweeps(house.database), state.clouds, "w", time.monotonic, engine.budget_of, QuickPace(SPEED),
        on_fault=lambda unit, error: faulted.append((unit.region, error)),
    )  # fmt: skip
    ada, uma, vic, eve = [await house.person(f"{name}@example.com") for name in ("ada", "uma", "vic", "eve")]
    workspace = await house.workspace(admin=ada, user=uma, viewer=vic)
    await house.workspace(admin=eve)
    credentials = []
    for person in (ada, eve):
        body = {"name": "c", "provider": "sim", "data": {"key": KEY}}
        response = await person.client.post("/credentials", json=body)
        assert response.status_code == 201, response.text
        credentials.append(UUID(response.json()["id"]))
    return Site(house, sim, faults, ada, uma, vic, eve, workspace, *credentials, engine, sweeper, faulted)


def on_site(postgres, scenario: Callable[[Site], Awaitable]):
    async def run():
        site = await open_site(postgres)
        try:
            return await scenario(site)
        finally:
            await site.house.close()

    return asyncio.run(run())

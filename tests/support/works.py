"""The real engine on PostgreSQL and the simulated cloud, with the hands of a user: begin, cancel, resume, roll back.

The cloud's clock runs fast; waiting means polling an operation with a deadline.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random
from uuid import UUID, uuid4

from postgres_fixtures import TestDatabase
from postgres_world import ALICE, PostgresUnderTest
from skyclust.contract.imports import Importing
from skyclust.contract.provider import Driver, Session
from skyclust.contract.resources import Graph
from skyclust.contract.specs import NetworkSpec
from skyclust.kit.db import EVERYTHING
from skyclust.kit.ids import uuid7
from skyclust.providers.sim.cloud import Sim
from skyclust.providers.sim.faults import Fault, Mode, Script
from skyclust.providers.sim.world import SimWorld
from skyclust.provisioning import operating
from skyclust.provisioning.engine import Engine
from skyclust.provisioning.operating import OperationView, Target
from skyclust.provisioning.pacing import Pace
from skyclust.provisioning.planning import plan_deletion, plan_towards
from skyclust.provisioning.pricing import kinds_of, price_of
from skyclust.provisioning.rows import OperationState, StackRef

SPEED = 1000.0
REGION = "sim-east-1"
NETWORK = NetworkSpec("one", REGION, "10.0.0.0/16")


class SimClouds:
    """`engine.Clouds` with one key for everybody."""

    def __init__(self, sim: Sim) -> None:
        self.sim = sim

    def driver(self, provider: str, kind: str) -> Driver:
        return self.sim.driver(kind)

    def importing(self, provider: str) -> Importing:
        return self.sim

    async def session(self, stack: StackRef) -> Session:
        return self.sim.connect({"key": "sim-key"}, stack.region)


class Works(PostgresUnderTest):
    """A stack, a cloud and engines to move it."""

    def __init__(self, postgres: TestDatabase) -> None:
        super().__init__(postgres.open())
        self.faults = Script()
        self.cloud = SimWorld(lambda: time.monotonic() * SPEED, Random(5), faults=self.faults)
        self.sim = Sim(self.cloud)
        self.reported: list[BaseException] = []
        self.engines: list[tuple[Engine, asyncio.Event, asyncio.Task[None]]] = []

    def engine(self, name: str = "worker") -> Engine:
        return Engine(
            self.store, SimClouds(self.sim), name, time.monotonic, Random(name), Pace(SPEED), on_fault=self.on_fault
        )

    def on_fault(self, claim: object, error: BaseException) -> None:
        self.reported.append(error)

    def work(self, name: str = "worker") -> None:
        """Let an engine run until the end of the test."""
        engine, stop = self.engine(name), asyncio.Event()
        self.engines.append((engine, stop, asyncio.create_task(engine.run(stop, sweep_seconds=0.2))))

    async def rest(self) -> None:
        for _, stop, task in self.engines:
            stop.set()
            await task
        self.engines.clear()

    def ring(self) -> None:
        for engine, _, _ in self.engines:
            engine.ring()

    async def create(self, spec: NetworkSpec = NETWORK, kind: str = "network.create") -> UUID:
        return await self.begin(kind, self.sim.network_blueprint(spec))

    async def delete(self) -> UUID:
        return await self.begin("network.delete", None)

    async def begin(self, kind: str, graph: Graph | None) -> UUID:
        kinds, prices, operation_id = kinds_of(self.sim), price_of(self.sim, REGION), uuid7()
        async with self.database.session(visible=EVERYTHING) as session:
            rows = await operating.load_rows(session, self.stack.id)
            plan = plan_towards(graph, rows, kinds, prices) if graph else plan_deletion(rows, kinds, prices)
            await operating.begin_operation(
                session,
                operation_id=operation_id,
                stack_id=self.stack.id,
                kind=kind,
                target=Target("network", self.stack.id, "one", "sim", REGION),
                plan=plan,
                graph=graph,
                requested_by=ALICE,
                new_id=uuid4,
            )
        self.ring()
        return operation_id

    async def act(self, action: Callable, operation_id: UUID) -> OperationView:
        async with self.database.session(visible=EVERYTHING) as session:
            view = await action(session, operation_id, ALICE)
        self.ring()
        return view

    async def until(self, operation_id: UUID, *states: OperationState, seconds: float = 20) -> OperationView:
        deadline = time.monotonic() + seconds
        while (view := await self.view(operation_id)).state not in states:
            assert time.monotonic() < deadline, (view.state, view.message, [(s.key, s.state) for s in view.steps])
            await asyncio.sleep(0.02)
        return view

    async def until_quiet(self, seconds: float = 20) -> None:
        """Until no alarm is set and nobody holds a lease."""
        deadline = time.monotonic() + seconds
        while await self.store.seconds_to_next_wake() is not None:
            assert time.monotonic() < deadline, "the engine does not come to rest"
            await asyncio.sleep(0.02)

    async def until_created(self, count: int, seconds: float = 20) -> None:
        """Until the cloud has made so many resources."""
        deadline = time.monotonic() + seconds
        while self.cloud.created < count:
            assert time.monotonic() < deadline, "the engine creates nothing"
            await asyncio.sleep(0.002)

    async def until_fewer(self, count: int, seconds: float = 20) -> None:
        """Until the cloud holds fewer resources than that."""
        deadline = time.monotonic() + seconds
        while len(self.cloud.resources()) >= count:
            assert time.monotonic() < deadline, "the engine deletes nothing"
            await asyncio.sleep(0.002)

    def refuse(self, prefix: str, mode: Mode = Mode.QUOTA) -> None:
        """Let the next call that begins so go wrong."""
        self.faults.add(prefix, Fault(mode))

    def kinds_in_cloud(self) -> list[str]:
        return sorted(item.kind for item in self.cloud.resources())


@asynccontextmanager
async def open_works(postgres: TestDatabase) -> AsyncIterator[Works]:
    """Works on an empty database, with one stack and no engine running."""
    works = Works(postgres)
    try:
        await works.start()
        yield works
        await works.rest()
        assert works.reported == []
    finally:
        await works.rest()
        await works.database.close()

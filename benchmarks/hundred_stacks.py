"""A hundred stacks at once on one engine, as a ratio to their critical path: does anything queue up?

In virtual time on the store in memory, without and with a cloud that limits calls; and in real time on PostgreSQL.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

from benchmarks.figures import Figure, critical_path, median
from benchmarks.options import Options
from benchmarks.simulated import CALL_SECONDS, REGION, Made, SimClouds, TimedWorld, cluster_spec, make_stacks
from skyclust.events.publishing import Actor
from skyclust.kit.db import EVERYTHING, Database
from skyclust.kit.embedded_postgres import start_embedded
from skyclust.kit.ids import uuid7
from skyclust.kit.migrating import migrate
from skyclust.providers.sim.cloud import Sim
from skyclust.provisioning import operating
from skyclust.provisioning.engine import Engine
from skyclust.provisioning.operating import NewStack, OperationView, Target
from skyclust.provisioning.pacing import Pace
from skyclust.provisioning.planning import plan_towards
from skyclust.provisioning.postgres import PostgresStore
from skyclust.provisioning.pricing import kinds_of, price_of

COUNT = 100
SEED = 7
AIM_RATIO = 1.05
#: What EC2 refills per second for calls that do not change anything ("Request throttling for the Amazon EC2 API").
EC2_CALLS_PER_SECOND = 20.0
#: Cloud seconds per real second on PostgreSQL; a run takes about two minutes.
SPEED = 10.0
PATIENCE_CLOUD_SECONDS = 6_000.0
ME = Actor(UUID(int=7), "benchmark")


def run(options: Options) -> Iterator[Figure]:
    """Virtual time first, PostgreSQL last."""
    one = ratio(make_stacks(1, SEED))
    against = f"longest critical path among them; one stack alone has {one:.3f}"
    yield Figure("100 stacks at once", ratio(make_stacks(COUNT, SEED)), "x", f"{against}; virtual time", AIM_RATIO)
    throttled = make_stacks(COUNT, SEED, calls_per_second=EC2_CALLS_PER_SECOND)
    limited = f"{against}; the cloud allows {EC2_CALLS_PER_SECOND:g} calls a second, virtual time"
    yield Figure("100 stacks at once, throttled", ratio(throttled), "x", limited, AIM_RATIO)
    typical = median([stack.span_seconds / stack.chain.seconds for stack in throttled])
    yield Figure("100 stacks at once, throttled, median stack", typical, "x", "its own critical path")
    speed = options.speed or SPEED
    stored = asyncio.run(on_postgres(COUNT, speed))
    text = f"{against}; PostgreSQL in real time, clock x{speed:g}"
    yield Figure("100 stacks at once on PostgreSQL", ratio(stored), "x", text, AIM_RATIO)


def ratio(stacks: Sequence[Made]) -> float:
    """When the last one stood, over the longest time that the cloud itself needed for any."""
    return max(stack.span_seconds for stack in stacks) / max(stack.chain.seconds for stack in stacks)


async def on_postgres(count: int, speed: float) -> Sequence[Made]:
    """The same stacks with rows in PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="skyclust-benchmark-", ignore_cleanup_errors=True) as folder:
        server = await asyncio.to_thread(start_embedded, Path(folder) / "postgres")
        try:
            await migrate(server.owner_url)
            database = Database(server.app_url)
            try:
                return await _make(database, count, speed)
            finally:
                await database.close()
        finally:
            await asyncio.to_thread(server.stop)


async def _make(database: Database, count: int, speed: float) -> Sequence[Made]:
    world = TimedWorld(lambda: time.monotonic() * speed, Random(SEED))
    world.latency = CALL_SECONDS
    world.sleep = lambda cloud_seconds: asyncio.sleep(cloud_seconds / speed)
    sim = Sim(world)
    faulty: list[BaseException] = []
    engine = Engine(
        PostgresStore(database), SimClouds(sim), "benchmark", time.monotonic, Random(SEED), Pace(speed),
        on_fault=lambda _claim, error: faulty.append(error),
    )  # fmt: skip
    begun = [await _begin(database, sim, f"stack-{number}") for number in range(count)]
    stop = asyncio.Event()
    running = asyncio.create_task(engine.run(stop))
    deadline = time.monotonic() + PATIENCE_CLOUD_SECONDS / speed
    while await _some_active(database, begun) and time.monotonic() < deadline:  # noqa: ASYNC110 - nobody tells it
        await asyncio.sleep(5)
    stop.set()
    await running
    assert not faulty, faulty[:3]
    return [_made(world, view, speed) for view in await _views(database, begun)]


async def _begin(database: Database, sim: Sim, name: str) -> UUID:
    stack_id, operation_id = uuid4(), uuid7()
    graph = sim.cluster_blueprint(cluster_spec(name))
    plan = plan_towards(graph, (), kinds_of(sim), price_of(sim, REGION))
    async with database.session(visible=EVERYTHING) as session:
        await operating.create_stack(
            session, NewStack(stack_id, UUID(int=2), UUID(int=3), "sim", REGION, name, "cluster")
        )
        await operating.begin_operation(
            session, operation_id=operation_id, stack_id=stack_id, kind="cluster.create",
            target=Target("cluster", stack_id, name, "sim", REGION), plan=plan, graph=graph, requested_by=ME,
        )  # fmt: skip
    return operation_id


async def _some_active(database: Database, operation_ids: Sequence[UUID]) -> bool:
    return any(view.active for view in await _views(database, operation_ids))


async def _views(database: Database, operation_ids: Sequence[UUID]) -> list[OperationView]:
    async with database.session(visible=EVERYTHING) as session:
        found = [await operating.get_operation(session, operation_id) for operation_id in operation_ids]
    return [view for view in found if view is not None]


def _made(world: TimedWorld, view: OperationView, speed: float) -> Made:
    """From the first claim of all to the end: rows were written before the engine ran."""
    assert view.state.value == "succeeded", view.message
    durations = {step.key: world.settled_seconds.get(step.resource_id, 0.0) for step in view.steps}
    chain = critical_path(durations, {step.key: step.depends_on for step in view.steps})
    assert view.started_at is not None
    assert view.ended_at is not None
    return Made((view.ended_at - view.started_at).total_seconds() * speed, chain)

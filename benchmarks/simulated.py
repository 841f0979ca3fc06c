"""The real engine on the simulated cloud, in time that jumps: an hour of provisioning takes a moment, noise takes none.

Called by the benchmarks of one stack and of many. The virtual loop is the one that the simulation tests run on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from benchmarks.figures import Chain, critical_path
from skyclust.contract.imports import Importing
from skyclust.contract.provider import Driver, Session
from skyclust.contract.specs import ClusterSpec, NetworkSpec, NodePoolSpec
from skyclust.providers.sim.cloud import Sim
from skyclust.providers.sim.faults import Fault, FaultPlan, Mode, NoFaults
from skyclust.providers.sim.world import SimResource, SimWorld, Wanted
from skyclust.provisioning.engine import Engine
from skyclust.provisioning.memory import MemoryOperation, MemoryStore
from skyclust.provisioning.planning import plan_towards
from skyclust.provisioning.pricing import kinds_of, price_of
from skyclust.provisioning.rows import ACTIVE_OPERATIONS, OperationState, StackRef
from skyclust.provisioning.starting import start
from soak.simulation.virtual_time import run_virtually

REGION = "sim-east-1"
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
#: Seconds of one API call, there and back. The clouds' control planes answer in 80 to 300 ms.
CALL_SECONDS = 0.2


@dataclass
class TimedWorld(SimWorld):
    """The simulated cloud, which writes down how long it really took for each of our resources.

    settled_seconds     cloud seconds of creation and later changes, by resource id
    """

    settled_seconds: dict[UUID, float] = field(default_factory=dict)

    def enter(self, wanted: Wanted, tags: dict[str, str], *, settling_seconds: float = 0.0) -> SimResource:
        item = super().enter(wanted, tags, settling_seconds=settling_seconds)
        self._note(item)
        return item

    def change(self, item: SimResource, fields: dict) -> None:
        super().change(item, fields)
        self._note(item)

    def _note(self, item: SimResource) -> None:
        owner = UUID(item.tags["skyclust:resource"])
        self.settled_seconds[owner] = self.settled_seconds.get(owner, 0.0) + item.settles_at - self.now()


class RateLimit(FaultPlan):
    """The cloud's own limit: a token bucket over all calls; a call above it is told to slow down."""

    def __init__(self, now, *, rate: float, burst: float) -> None:
        self._now, self._rate, self._burst = now, rate, burst
        self._tokens, self._at, self.refused = burst, 0.0, 0

    def decide(self, operation: str) -> Fault | None:
        del operation
        now = self._now()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return None
        self.refused += 1
        return Fault(Mode.THROTTLE, seconds=1.0)


@dataclass(frozen=True, slots=True)
class Made:
    """One stack that stands. Times are cloud seconds; `chain` is the longest chain of what the cloud really took."""

    span_seconds: float
    chain: Chain


@dataclass
class SimClouds:
    """`engine.Clouds` with one key for everybody."""

    sim: Sim = field(repr=False)

    def driver(self, provider: str, kind: str) -> Driver:
        del provider
        return self.sim.driver(kind)

    def importing(self, provider: str) -> Importing:
        del provider
        assert isinstance(self.sim, Importing), "the simulated cloud imports"
        return self.sim

    async def session(self, stack: StackRef) -> Session:
        return self.sim.connect({"key": "sim-key"}, stack.region)


def cluster_spec(name: str) -> ClusterSpec:
    """What an EKS user asks for: a network over two zones with a way out, a control plane, one node pool."""
    network = NetworkSpec(f"{name}-net", REGION, "10.0.0.0/16", zones=2)
    return ClusterSpec(name, REGION, "1.33", network=network, node_pools=(NodePoolSpec("default", "small", 3),))


def make_stacks(count: int, seed: int, *, calls_per_second: float | None = None) -> Sequence[Made]:
    """Create `count` stacks at once on one engine and one cloud that allows so many calls; virtual time."""
    return run_virtually(_make(count, seed, calls_per_second))


async def _make(count: int, seed: int, calls_per_second: float | None) -> Sequence[Made]:
    loop, rng = asyncio.get_running_loop(), Random(seed)
    faults = RateLimit(loop.time, rate=calls_per_second, burst=100) if calls_per_second else NoFaults()
    world = TimedWorld(loop.time, rng, faults, latency=CALL_SECONDS)
    store = MemoryStore(lambda: EPOCH + timedelta(seconds=loop.time()))
    sim = Sim(world)
    faulty: list[BaseException] = []
    engine = Engine(
        store, SimClouds(sim), "benchmark", loop.time, rng, on_fault=lambda _claim, error: faulty.append(error)
    )
    operations = [_begin(store, sim, f"stack-{number}", rng) for number in range(count)]
    stop = asyncio.Event()
    running = asyncio.create_task(engine.run(stop))
    while any(operation.state in ACTIVE_OPERATIONS for operation in operations):  # noqa: ASYNC110 - nobody tells it
        await asyncio.sleep(30)
    stop.set()
    await running
    assert not faulty, faulty
    return [_made(store, world, operation) for operation in operations]


def _begin(store: MemoryStore, sim: Sim, name: str, rng: Random) -> MemoryOperation:
    def new_id() -> UUID:
        return UUID(int=rng.getrandbits(128), version=4)

    stack = StackRef(new_id(), UUID(int=2), UUID(int=3), "sim", REGION, name)
    store.stacks[stack.id] = stack
    graph = sim.cluster_blueprint(cluster_spec(name))
    plan = plan_towards(graph, (), kinds_of(sim), price_of(sim, REGION))
    operation_id = new_id()
    begun = start(plan, graph, (), stack.id, operation_id, new_id)
    steps = frozenset(row.id for row in begun.rows)
    operation = MemoryOperation(operation_id, stack.id, OperationState.RUNNING, steps)
    store.operations[operation_id] = operation
    store.put(begun.rows)
    return operation


def _made(store: MemoryStore, world: TimedWorld, operation: MemoryOperation) -> Made:
    assert operation.state is OperationState.SUCCEEDED, operation.message
    rows = store.rows(operation.stack_id)
    durations = {row.key: world.settled_seconds.get(row.id, 0.0) for row in rows}
    chain = critical_path(durations, {row.key: row.depends_on for row in rows})
    ended_at, _ = operation.timeline[-1]
    return Made((ended_at - EPOCH).total_seconds(), chain)

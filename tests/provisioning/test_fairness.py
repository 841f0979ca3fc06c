"""Two hundred operations in flight on one engine: a credential in trouble must not slow the others. Virtual time.

Invariant of the measure: the same seed, the same stacks, with and without the neighbour in trouble.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median
from uuid import UUID

import pytest

from benchmarks.simulated import CALL_SECONDS, RateLimit, cluster_spec
from skyclust.providers.sim.cloud import Sim
from skyclust.providers.sim.faults import Fault, FaultPlan, Mode, NoFaults
from skyclust.providers.sim.world import SimWorld
from skyclust.provisioning.engine import Engine
from skyclust.provisioning.memory import MemoryOperation, MemoryStore
from skyclust.provisioning.planning import plan_towards
from skyclust.provisioning.pricing import kinds_of, price_of
from skyclust.provisioning.rows import OperationState, StackRef
from skyclust.provisioning.starting import start
from soak.simulation.virtual_time import run_virtually

REGION, SEED = "sim-east-1", 11
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
WELL, SICK = UUID(int=1), UUID(int=2)


class Refusing(FaultPlan):
    """A cloud that tells nine of ten calls to slow down."""

    def __init__(self, rng):
        self.rng = rng

    def decide(self, operation):
        return Fault(Mode.THROTTLE, seconds=1.0) if self.rng.random() < 0.9 else None


#: Name -> (faults of the sick cloud, seconds of one of its calls).
TROUBLES = {
    "throttled to two calls a second": lambda loop: (RateLimit(loop.time, rate=2, burst=2), CALL_SECONDS),
    "told to slow down nine times of ten": lambda loop: (Refusing(Random(SEED)), CALL_SECONDS),
    "answered after twenty seconds": lambda loop: (NoFaults(), 20.0),
}


class TwoClouds:
    """`engine.Clouds`: each credential has a cloud of its own, named by the stack's provider."""

    def __init__(self, sims):
        self.sims = sims

    def driver(self, provider, kind):
        return self.sims[provider].driver(kind)

    async def session(self, stack):
        return self.sims[stack.provider].connect({"key": "sim-key"}, REGION)


class Counting(MemoryStore):
    """How many rows were claimed for each credential."""

    def __init__(self, now):
        super().__init__(now)
        self.claimed = {WELL: 0, SICK: 0}

    async def claim(self, worker, limit, without=frozenset()):
        claims = await super().claim(worker, limit, without)
        for claim in claims:
            self.claimed[claim.stack.credential_id] += 1
        return claims


def begin(store, sim, provider, credential, name, rng):
    def new_id():
        return UUID(int=rng.getrandbits(128), version=4)

    stack = StackRef(new_id(), UUID(int=9), credential, provider, REGION, name)
    store.stacks[stack.id] = stack
    graph = sim.cluster_blueprint(cluster_spec(name))
    operation_id = new_id()
    begun = start(
        plan_towards(graph, (), kinds_of(sim), price_of(sim, REGION)), graph, (), stack.id, operation_id, new_id
    )
    steps = frozenset(row.id for row in begun.rows)
    operation = store.operations[operation_id] = MemoryOperation(operation_id, stack.id, OperationState.RUNNING, steps)
    store.put(begun.rows)
    return operation


async def well_seconds(trouble, *, sick, well=50):
    """(when each of the well ones stood, claims of the sick credential until then)."""
    loop = asyncio.get_running_loop()
    faults, latency = TROUBLES[trouble](loop)
    sims = {
        "well": Sim(SimWorld(loop.time, Random(SEED), NoFaults(), latency=CALL_SECONDS)),
        "sick": Sim(SimWorld(loop.time, Random(SEED), faults, latency=latency)),
    }
    store = Counting(lambda: EPOCH + timedelta(seconds=loop.time()))
    engine = Engine(store, TwoClouds(sims), "one", loop.time, Random(SEED))
    ids = Random(SEED)
    for number in range(sick):
        begin(store, sims["sick"], "sick", SICK, f"sick-{number}", ids)
    ids = Random(SEED + 1)
    operations = [begin(store, sims["well"], "well", WELL, f"well-{number}", ids) for number in range(well)]
    stop = asyncio.Event()
    running = asyncio.create_task(engine.run(stop))
    async with asyncio.timeout(4 * 3600):
        for operation in operations:
            while operation.state is OperationState.RUNNING:  # noqa: ASYNC110 - virtual time: looking costs nothing
                await asyncio.sleep(5)
    stop.set()
    await running
    assert {operation.state for operation in operations} == {OperationState.SUCCEEDED}
    return [(operation.timeline[-1][0] - EPOCH).total_seconds() for operation in operations], store.claimed[SICK]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_credential_in_trouble_does_not_slow_the_others(trouble):
    alone, _ = run_virtually(well_seconds(trouble, sick=0))
    beside, claimed = run_virtually(well_seconds(trouble, sick=150))
    slowest, typical = max(beside) / max(alone), median(beside) / median(alone)
    each = claimed / max(beside)
    print(
        f"{trouble}: slowest {slowest:.3f}, median {typical:.3f} of the time alone; {each:.0f} claims a second in vain"
    )
    assert slowest < 1.05
    assert typical < 1.05
    assert each < 20, "its rows are claimed again and again, only to be told to wait"

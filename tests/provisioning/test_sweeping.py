"""Sweeps of rows in memory on the simulated cloud, as the simulator runs them, and the manners of the sweeper."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

from skyclust.contract.errors import Throttled
from skyclust.contract.resources import Mark
from skyclust.providers.sim.cloud import Sim
from skyclust.providers.sim.world import SimWorld, Wanted
from skyclust.provisioning.drifting import drift_of
from skyclust.provisioning.memory import MemoryOperation, MemoryStore
from skyclust.provisioning.pacing import Budget
from skyclust.provisioning.rows import OperationState, ResourceRow, StackRef, State
from skyclust.provisioning.sweeping import Sweeper
from skyclust.provisioning.sweeping_memory import MemorySweeps

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STACK = StackRef(UUID(int=1), UUID(int=2), UUID(int=3), "sim", "sim-east-1", "one")


class Clouds:
    def __init__(self, sim):
        self.sim = sim

    def provider(self, _name):
        return self.sim

    def driver(self, _provider, kind):
        return self.sim.driver(kind)

    async def session(self, stack):
        return self.sim.connect({"key": "sim-key"}, stack.region)


class Watch:
    """A stack with one network in the cloud, and everything that sweeps it. `seconds` is the time."""

    def __init__(self):
        self.seconds = 1000.0
        self.world = SimWorld(lambda: self.seconds, Random(1))
        self.rows = MemoryStore(self.now)
        self.rows.stacks[STACK.id] = STACK
        self.row = ResourceRow(
            uuid4(), STACK.id, "network", "sim.network", "network", {"name": "n", "dns": True}, (), state=State.READY,
            observed_generation=1, created_at=NOON,
        )  # fmt: skip
        self.made = self.plant("n", self.row.id, {"dns": True})
        self.row = replace(self.row, external_id=self.made.id)
        self.rows.put([self.row])
        self.sweeps = MemorySweeps(self.rows, self.now)
        self.budget = Budget()
        self.slept = []
        sim = Sim(self.world)
        self.sweeper = Sweeper(
            self.sweeps, Clouds(sim), "w", lambda: self.seconds, lambda _credential: self.budget, sleep=self.sleep
        )

    def now(self):
        return NOON + timedelta(seconds=self.seconds)

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.seconds += seconds

    def plant(self, name, resource_id, fields=None):
        mark = Mark(resource_id, STACK.id, 1, "one")
        return self.world.enter(Wanted("network", "sim-east-1", name, fields or {}, frozenset()), mark.tags())

    def sweep(self, times=1):
        async def run():
            for _ in range(times):
                await self.sweeps.due("w", 1)
                self.seconds += 61
                [unit] = await self.sweeps.due("w", 1)
                await self.sweeper.sweep(unit)

        asyncio.run(run())

    def seen(self):
        [row] = self.rows.rows(STACK.id)
        return drift_of(row)


def test_a_sweep_in_memory_finds_what_is_gone_and_what_nobody_owns():
    watch = Watch()
    watch.sweep()
    assert (watch.seen(), watch.sweeps.orphans()) == (None, [])
    left = watch.plant("left", uuid4())
    watch.world.remove(watch.made.id)
    watch.sweep()
    assert watch.seen().kind == "missing"
    assert watch.sweeps.orphans() == []
    watch.sweep()
    assert [item.unowned.sighting.external_id for item in watch.sweeps.orphans()] == [left.id]
    watch.world.remove(left.id)
    watch.sweep()
    assert watch.sweeps.orphans() == []


def test_absence_is_not_believed_of_what_was_just_made():
    watch = Watch()
    watch.row = replace(watch.row, created_at=watch.now())
    watch.rows.put([watch.row])
    watch.world.remove(watch.made.id)
    watch.sweep()
    assert watch.seen() is None
    watch.sweep(2)
    assert watch.seen().kind == "missing"


def test_a_stack_that_an_operation_moves_is_left_to_it():
    watch = Watch()
    operation = MemoryOperation(uuid4(), STACK.id, OperationState.RUNNING, frozenset({watch.row.id}))
    watch.rows.operations[operation.id] = operation
    watch.plant("left", uuid4())
    watch.world.remove(watch.made.id)
    watch.sweep(3)
    assert (watch.seen(), watch.sweeps.orphans()) == (None, [])


def test_what_is_no_longer_as_it_was_read_is_not_written():
    watch = Watch()
    watch.world.remove(watch.made.id)
    read = watch.sweeps.scene

    async def scene(unit):
        found = await read(unit)
        watch.rows.put([watch.row])
        return found

    watch.sweeps.scene = scene
    watch.sweep()
    assert watch.seen() is None


def test_a_provider_that_cannot_list_is_asked_for_each_resource():
    watch = Watch()
    asked = watch.sweeper.clouds.sim

    class Mute:
        def __getattr__(self, name):
            if name == "survey":
                raise AttributeError(name)
            return getattr(asked, name)

    watch.sweeper.clouds.provider = lambda _name: Mute()
    watch.plant("left", uuid4())
    watch.made.fields = {"dns": False}
    watch.sweep(2)
    assert [(item.field, item.wanted, item.seen) for item in watch.seen().fields] == [("dns", True, False)]
    assert watch.sweeps.orphans() == []


def test_a_sweep_waits_for_the_credentials_budget_and_gives_up_when_operations_need_it():
    watch = Watch()
    watch.budget.throttled(watch.seconds + 61, 3.0)
    watch.sweep()
    assert watch.slept[0] == 3.0
    waits = len(watch.slept)
    watch.budget.throttled(watch.seconds + 61, 300.0)
    watch.sweep()
    [unit] = watch.sweeps.units.values()
    assert (unit.failure, len(watch.slept)) == ("Throttled", waits)


def test_a_throttled_sweep_slows_the_credential_down_for_everybody():
    watch = Watch()

    async def survey(_session, _known):
        raise Throttled("slow down", retry_after_seconds=30)

    watch.sweeper.clouds.sim.survey = survey
    watch.sweep()
    assert watch.budget.delay(watch.seconds) == 30


def test_one_that_was_overtaken_records_nothing():
    watch = Watch()
    watch.world.remove(watch.made.id)

    async def run():
        await watch.sweeps.due("w", 1)
        watch.seconds += 61
        [unit] = await watch.sweeps.due("w", 1)
        watch.seconds += 61
        [later] = await watch.sweeps.due("v", 1)
        await watch.sweeper.sweep(unit)
        return later

    later = asyncio.run(run())
    [unit] = watch.sweeps.units.values()
    assert (watch.seen(), unit.number, unit.fence) == (None, 0, later.fence)

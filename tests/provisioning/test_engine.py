"""The loop itself: how fast it is, what it survives, how it stops. On virtual time and the simulated cloud."""

import asyncio
from dataclasses import replace
from random import Random

import pytest

from engine_values import STACK
from skyclust.contract.errors import AuthenticationFailed
from skyclust.providers.sim.cloud import Sim
from skyclust.providers.sim.faults import Fault, Mode, NoFaults, Script
from skyclust.providers.sim.world import SimWorld
from skyclust.provisioning.engine import Engine
from skyclust.provisioning.memory import MemoryStore
from skyclust.provisioning.pacing import Budget
from skyclust.provisioning.rows import ACTIVE_OPERATIONS, OperationState, State
from soak.simulation.machinery import History, SimClouds, Worker, store_time
from soak.simulation.users import User
from soak.simulation.virtual_time import run_virtually
from soak.simulation.weather import Misfortune
from standing_stack import SPEC


class Steady(Random):
    """Every duration is its median."""

    def gauss(self, mu=0.0, sigma=1.0):
        return mu


class House:
    """One engine at work on one stack."""

    def __init__(self, faults=None, store=MemoryStore, latency=0.1):
        loop = asyncio.get_running_loop()
        self.rng = Steady(1)
        self.world = SimWorld(loop.time, self.rng, faults or NoFaults(), latency=latency)
        self.provider = Sim(self.world)
        self.store = store(store_time)
        self.store.stacks[STACK.id] = STACK
        self.history = History()
        self.user = User(self.store, self.provider, STACK, self.rng, self.history)
        self.faults, self.outages = [], []
        worker = Worker("w", self.rng, Misfortune(), self.history)
        self.engine = Engine(
            self.store, SimClouds(self.provider, worker), "w", loop.time, self.rng,
            on_fault=lambda claim, error: self.faults.append((claim.row.key, error)),
            on_outage=self.outages.append,
        )  # fmt: skip
        self.user.ring = self.engine.ring
        self.stop = asyncio.Event()
        self.running = asyncio.create_task(self.engine.run(self.stop))

    async def close(self):
        self.stop.set()
        await self.running


def live(story, **house):
    async def told():
        home = House(**house)
        try:
            await story(home)
        finally:
            await home.close()
        assert home.faults == []

    run_virtually(told())


async def ended(operation, home, bound=5000):
    loop = asyncio.get_running_loop()
    until = loop.time() + bound
    while operation.state in ACTIVE_OPERATIONS and loop.time() < until:  # noqa: ASYNC110 - time is virtual
        await asyncio.sleep(0.5)
    return operation.state


def graph(home):
    return home.provider.cluster_blueprint(SPEC)


def test_a_cluster_takes_little_more_than_its_critical_path_both_ways():
    async def story(home):
        loop = asyncio.get_running_loop()
        assert await ended(home.user.apply(graph(home)), home) is OperationState.SUCCEEDED
        built = loop.time()
        assert built <= 1.02 * (12 + 2 + 106 + 617 + 119), "2 s of it are the network's own second call"
        assert await ended(home.user.apply(None), home) is OperationState.SUCCEEDED
        assert loop.time() - built <= 1.03 * (252 + 204 + 60 + 1 + 2)
        assert home.world.resources() == []

    live(story)


def test_independent_resources_are_made_at_the_same_time():
    async def story(home):
        await ended(home.user.apply(graph(home)), home)
        born = {item.kind: item.created_at for item in home.world.resources()}
        assert born["role"] < 2, "the role waits for nothing"
        assert born["firewall"] < 20
        assert born["cluster"] > 100

    live(story)


class Counted(MemoryStore):
    """A store that counts how often it is asked for work."""

    claims = 0

    async def claim(self, worker, limit, without=frozenset()):
        type(self).claims += 1
        return await super().claim(worker, limit, without)


def test_a_full_worker_does_not_ask_for_more_work_before_something_ends():
    async def story(home):
        home.engine.slots = 1
        home.user.apply(graph(home))
        await asyncio.sleep(0)
        Counted.claims = 0
        await asyncio.sleep(7)  # the first call takes eight seconds
        assert Counted.claims <= 1

    live(story, store=Counted, latency=8.0)


@pytest.mark.parametrize("latency", [0.1, 3.0, 8.0])
def test_nothing_ever_waits_for_the_sweep(latency):
    """Rows that come due while they or others are being looked at are found without it."""

    async def story(home):
        await home.close()
        home.stop.clear()
        home.running = asyncio.create_task(home.engine.run(home.stop, sweep_seconds=36_000))
        assert await ended(home.user.apply(graph(home)), home, 1500) is OperationState.SUCCEEDED
        assert await ended(home.user.apply(None), home, 1500) is OperationState.SUCCEEDED
        operation = home.user.apply(graph(home))
        await asyncio.sleep(20)
        home.user.cancel(operation)
        assert await ended(operation, home, 30) is OperationState.CANCELLED

    live(story, latency=latency)


def test_a_session_that_never_opens_is_cut_off_like_a_call():
    async def story(home):
        async def never(stack):
            await asyncio.sleep(1e9)

        home.engine.clouds.session = never
        home.user.apply(graph(home))
        await asyncio.sleep(27)
        assert {row.reason for row in home.user.rows() if row.reason} == {"TimedOut"}

    live(story)


def test_a_second_apply_calls_nothing():
    async def story(home):
        await ended(home.user.apply(graph(home)), home)
        calls = home.world.calls
        assert home.user.apply(graph(home)).state is OperationState.SUCCEEDED
        await asyncio.sleep(600)
        assert home.world.calls == calls

    live(story)


class Fragile(MemoryStore):
    """A store whose database restarts at minute two and four."""

    async def claim(self, worker, limit, without=frozenset()):
        if 120 < asyncio.get_running_loop().time() < 130:
            raise ConnectionError("restarting")
        return await super().claim(worker, limit, without)

    async def seconds_to_next_wake(self, without=frozenset()):
        if 240 < asyncio.get_running_loop().time() < 250:
            raise ConnectionError("restarting")
        return await super().seconds_to_next_wake(without)


def test_the_engine_goes_on_when_its_store_is_back():
    async def story(home):
        home.engine.slots = 200
        assert await ended(home.user.apply(graph(home)), home) is OperationState.SUCCEEDED
        assert home.outages

    live(story, store=Fragile)


def test_stopping_lets_calls_finish_and_hands_the_leases_back():
    async def story(home):
        home.user.apply(graph(home))
        await asyncio.sleep(1)  # the first calls are in flight for eight seconds
        await home.close()
        rows = {row.key: row for row in home.user.rows()}
        assert rows["network"].external_id is not None, "the call's answer was recorded"
        assert all(slot.lease_until is None for slot in home.store._slots.values())

    live(story, latency=8.0)


def test_stopping_cuts_what_hangs_and_the_next_worker_looks_for_it():
    script = Script()
    script.add("create.network", Fault(Mode.SLOW, 60))

    async def story(home):
        home.user.apply(graph(home))
        await asyncio.sleep(5)
        home.stop.set()
        await home.running
        row = next(row for row in home.user.rows() if row.key == "network")
        assert row.intent is not None
        assert row.intent.open
        home.stop.clear()
        home.running = asyncio.create_task(home.engine.run(home.stop))
        await asyncio.sleep(300)
        networks = [item for item in home.world.resources() if item.kind == "network"]
        assert len(networks) == 1

    live(story, faults=script)


def test_a_slow_budget_is_not_spent_on_looking_alone():
    async def story(home):
        home.engine._budgets[str(STACK.credential_id)] = Budget(rate=0.2, burst=1)
        assert await ended(home.user.apply(graph(home)), home, 20_000) is OperationState.SUCCEEDED

    live(story)


def test_a_credential_that_fails_blocks_with_its_reason_and_a_resume_goes_on():
    async def story(home):
        home.world.keys.clear()
        operation = home.user.apply(graph(home))
        assert await ended(operation, home) is OperationState.NEEDS_ATTENTION
        assert "key" in operation.message
        blocked = [row for row in home.user.rows() if row.state is State.BLOCKED]
        assert {row.reason for row in blocked} == {AuthenticationFailed.__name__}
        home.world.keys["sim-key"] = "sim-account"
        assert await ended(home.user.resume(operation), home) is OperationState.SUCCEEDED

    live(story)


def test_a_deletion_asked_for_during_a_create_does_not_wait_for_the_lease():
    script = Script()
    script.add("create.network", Fault(Mode.SLOW, 4))

    async def story(home):
        home.user.apply(graph(home))
        await asyncio.sleep(2)  # the call is in flight
        started = asyncio.get_running_loop().time()
        operation = home.user.apply(None)
        assert await ended(operation, home) is OperationState.SUCCEEDED
        assert home.world.resources() == []
        assert asyncio.get_running_loop().time() - started < 250, "the window of the lost create, not the lease"

    live(story, faults=script)


def test_a_driver_that_fails_in_its_own_way_is_told_and_tried_again():
    async def story(home):
        broken = home.engine.clouds.drivers["sim.role"]
        create, failures = broken.create, []

        async def fail_once(session, mark, spec):
            if not failures:
                failures.append(1)
                raise ValueError("a bug in the provider")
            return await create(session, mark, spec)

        broken.create = fail_once
        assert await ended(home.user.apply(graph(home)), home) is OperationState.SUCCEEDED
        [(key, error)] = home.faults
        assert (key, type(error)) == ("role", ValueError)
        home.faults.clear()

    live(story)


@pytest.mark.parametrize("kind", ["network", "cluster", "node_pool"])
def test_an_error_after_applying_never_makes_a_second_one(kind):
    script = Script()
    for _ in range(3):
        script.add(f"create.{kind}", Fault(Mode.ERROR_AFTER))

    async def story(home):
        assert await ended(home.user.apply(graph(home)), home) is OperationState.SUCCEEDED
        assert len([item for item in home.world.resources() if item.kind == kind]) == 1

    live(story, faults=script)


class NthMutation:
    """Lets the n-th call that changes something go wrong, once."""

    def __init__(self, number, mode):
        self.left, self.mode, self.hit = number, mode, False

    def decide(self, operation):
        if operation.startswith("read."):
            return None
        self.left -= 1
        self.hit = self.hit or self.left == 0
        return Fault(self.mode) if self.left == 0 else None


@pytest.mark.parametrize("mode", [Mode.THROTTLE, Mode.ERROR_BEFORE, Mode.ERROR_AFTER, Mode.LOST_REPLY])
def test_whichever_single_change_goes_wrong_all_is_made_once_and_all_goes(mode):
    async def story(home):
        assert await ended(home.user.apply(graph(home)), home) is OperationState.SUCCEEDED
        kinds = sorted(item.kind for item in home.world.resources())
        assert kinds == sorted(["network", "subnet", "subnet", "gateway", "firewall", "role", "cluster", "node_pool"])
        assert await ended(home.user.apply(None), home) is OperationState.SUCCEEDED
        assert home.world.resources() == []

    number, hit = 0, True
    while hit:
        number += 1
        plan = NthMutation(number, mode)
        live(story, faults=plan)
        hit = plan.hit
    assert number > 17, "eight creations, one update, nine deletions"


async def change_with(home, remark):
    """Change the standing cluster's version while this is asked at polls; the operation and the messages in between."""
    await ended(home.user.apply(graph(home)), home)
    home.engine.remark = remark
    operation = home.user.apply(home.provider.cluster_blueprint(replace(SPEC, version="1.34")))
    seen = set()
    while operation.state in ACTIVE_OPERATIONS:
        seen |= {(row.key, row.message) for row in home.user.rows()}
        await asyncio.sleep(0.5)
    return operation, seen


def test_what_more_is_known_of_a_change_is_the_steps_message_until_it_is_done():
    async def story(home):
        asked = set()

        async def remark(claim):
            asked.add((claim.row.key, claim.row.state))
            return "3 of 5 nodes"

        operation, seen = await change_with(home, remark)
        assert operation.state is OperationState.SUCCEEDED
        assert asked == {("cluster", State.UPDATING)}, "only of what is being changed"
        assert ("cluster", "3 of 5 nodes") in seen
        assert {row.message for row in home.user.rows()} == {""}

    live(story)


async def fails(claim):
    raise ConnectionError("nobody there")


async def hangs(claim):
    await asyncio.sleep(3600)


async def says_nothing(claim):
    return ""


@pytest.mark.parametrize("remark", [fails, hangs, says_nothing])
def test_a_remark_that_fails_or_hangs_leaves_the_step_as_it_is(remark):
    async def story(home):
        operation, seen = await change_with(home, remark)
        assert (operation.state, operation.message) == (OperationState.SUCCEEDED, "")
        assert {row.attempts for row in home.user.rows()} == {0}
        assert all("nobody" not in message for _, message in seen)

    live(story)

"""Import and release by the real engine, in memory and on virtual time: marks go on and off, nothing is made or deleted.

A worker may die before and after the call that changes a mark.
"""

import asyncio
from random import Random

import pytest

from engine_values import STACK
from skyclust.contract.resources import Graph, Mark
from skyclust.providers.sim.cloud import Sim
from skyclust.providers.sim.faults import Fault, Mode, Script
from skyclust.providers.sim.world import SimWorld, Wanted
from skyclust.provisioning.engine import Crash, Engine
from skyclust.provisioning.memory import MemoryStore
from skyclust.provisioning.planning import plan_deletion, plan_import, plan_release, plan_towards
from skyclust.provisioning.pricing import kinds_of, price_of
from skyclust.provisioning.rows import ACTIVE_OPERATIONS, OperationState, State
from skyclust.provisioning.starting import start
from soak.simulation.machinery import History, Misfortune, MortalStore, SimClouds, Worker, store_time
from soak.simulation.users import User
from soak.simulation.virtual_time import run_virtually
from standing_stack import SPEC

REGION = "sim-east-1"


class Dies(Worker):
    """A worker that dies at one named moment."""

    def __init__(self, name, rng, history, moment):
        super().__init__(name, rng, Misfortune(), history)
        self.moment = moment

    async def crash_point(self, point):
        await self.breathe()
        if point == self.moment:
            self.dead.set()
            raise Crash(point)


class Taker(User):
    """A user who imports and releases besides."""

    def take_over(self, graph, ids):
        return self.begin(plan_import(graph, ids), graph)

    def release(self):
        return self.begin(plan_release(self.rows()), None)

    def begin(self, plan, graph):
        operation_id = self.new_id()
        started = start(plan, graph, self.rows(), STACK.id, operation_id, self.new_id)
        self.undo = started.undo
        return self._begin(operation_id, started.rows, started.moved)


class Ground:
    """What somebody made by hand, an empty stack, and workers."""

    def __init__(self):
        loop = asyncio.get_running_loop()
        self.rng, self.history, self.faults = Random(3), History(), Script()
        self.world = SimWorld(loop.time, self.rng, self.faults)
        self.provider = Sim(self.world)
        self.store = MemoryStore(store_time)
        self.store.stacks[STACK.id] = STACK
        self.user = Taker(self.store, self.provider, STACK, self.rng, self.history)
        self.running, self.engines, self.stop = [], {}, asyncio.Event()
        self.network = self.by_hand("network", "net", {"cidr_block": "10.0.0.0/16", "dns": True})
        self.cluster = self.by_hand("cluster", "one", {"version": "1.33", "mode": "standard"}, self.network)
        pool = {"machine_type": "small", "node_count": 2, "labels": {}, "auto_scaling": None}
        self.pool = self.by_hand("node_pool", "default", pool, self.cluster)
        self.ids = {"cluster": self.cluster, "node-pool/default": self.pool}

    def by_hand(self, kind, name, fields, *uses):
        return self.world.enter(Wanted(kind, REGION, name, fields, frozenset(uses)), {}).id

    def graph(self, **pool):
        """The blueprint of what there is; the cluster's network is not taken over."""
        made = {node.key: node for node in self.provider.cluster_blueprint(SPEC)}
        network, cluster, pools = made["network"], made["cluster"], made["node-pool/default"]
        network = type(network)("network", network.kind, network.title, {"name": ""}, adopt_id=self.network)
        cluster = type(cluster)(
            "cluster", cluster.kind, cluster.title,
            {"name": "one", "version": "1.33", "mode": "standard", "network": {"$ref": ["network", "id"]}},
        )  # fmt: skip
        pools = type(pools)(pools.key, pools.kind, pools.title, pools.spec | pool)
        return Graph((network, cluster, pools))

    def worker(self, name="w", dies_at=""):
        worker = Dies(name, self.rng, self.history, dies_at)
        loop = asyncio.get_running_loop()
        engine = Engine(
            MortalStore(self.store, worker), SimClouds(self.provider, worker), name, loop.time, self.rng,
            crash_point=worker.crash_point,
        )  # fmt: skip
        self.engines[name] = engine
        self.user.ring = engine.ring
        self.running.append(asyncio.create_task(engine.run(self.stop)))

    async def ended(self, operation, bound=5000):
        loop = asyncio.get_running_loop()
        until = loop.time() + bound
        while operation.state in ACTIVE_OPERATIONS and loop.time() < until:  # noqa: ASYNC110 - time is virtual
            await asyncio.sleep(0.5)
        return operation.state

    def marks(self):
        """Resource ids that the cloud's books show, by what carries them."""
        return {item.id: item.tags.get("skyclust:resource") for item in self.world.resources()}

    def owners(self):
        return {row.external_id: str(row.id) for row in self.user.rows() if not row.adopted}

    def following(self, graph):
        plan = plan_towards(graph, self.user.rows(), kinds_of(self.provider), price_of(self.provider, REGION))
        return {line.key: line.verb.value for line in plan.changes}

    async def close(self):
        self.stop.set()
        await asyncio.sleep(60)
        while dead := [task for task in self.running if not task.done()]:  # they do not stop by themselves
            for task in dead:
                task.cancel()
            await asyncio.sleep(60)


def live(story):
    async def told():
        ground = Ground()
        made = ground.world.created
        try:
            await story(ground)
            assert ground.world.created == made, "import and release make nothing"
        finally:
            await ground.close()

    run_virtually(told())


def test_an_import_marks_what_it_takes_over_and_leaves_an_empty_plan():
    async def story(ground):
        ground.worker()
        assert await ground.ended(ground.user.take_over(ground.graph(), ground.ids)) is OperationState.SUCCEEDED
        assert ground.marks() == {ground.network: None, **ground.owners()}
        assert set(ground.following(ground.graph()).values()) == {"keep"}

    live(story)


@pytest.mark.parametrize("moment", ["intent to mark", "before mark", "after mark", "before apply"])
def test_a_worker_that_dies_around_the_mark_is_replaced(moment):
    async def story(ground):
        ground.worker("dies", dies_at=moment)
        operation = ground.user.take_over(ground.graph(), ground.ids)
        await asyncio.sleep(1)
        ground.worker("w")
        assert await ground.ended(operation) is OperationState.SUCCEEDED
        assert ground.marks() == {ground.network: None, **ground.owners()}

    live(story)


@pytest.mark.parametrize("moment", ["", "intent to unmark", "before unmark", "after unmark", "before apply"])
def test_a_release_takes_every_mark_off_and_deletes_nothing(moment):
    async def story(ground):
        ground.worker()
        await ground.ended(ground.user.take_over(ground.graph(), ground.ids))
        ground.stop.set()
        await asyncio.sleep(1)
        ground.stop = asyncio.Event()
        ground.worker("dies", dies_at=moment)
        operation = ground.user.release()
        await asyncio.sleep(1)
        ground.worker("again")
        assert await ground.ended(operation) is OperationState.SUCCEEDED
        assert ground.marks() == dict.fromkeys((ground.network, ground.cluster, ground.pool))
        assert {row.state for row in ground.user.rows()} == {State.GONE}

    live(story)


def test_rolling_an_import_back_gives_everything_back():
    async def story(ground):
        ground.worker()
        await ground.ended(ground.user.take_over(ground.graph(), ground.ids))
        assert await ground.ended(ground.user.roll_back()) is OperationState.SUCCEEDED
        assert ground.marks() == dict.fromkeys((ground.network, ground.cluster, ground.pool))
        assert {row.state for row in ground.user.rows()} == {State.GONE}

    live(story)


def test_rolling_a_release_back_takes_over_again():
    async def story(ground):
        ground.worker()
        await ground.ended(ground.user.take_over(ground.graph(), ground.ids))
        ground.faults.add("unmark.node_pool", Fault(Mode.DENIED))
        stuck = ground.user.release()
        assert await ground.ended(stuck) is OperationState.NEEDS_ATTENTION
        assert await ground.ended(ground.user.roll_back()) is OperationState.SUCCEEDED
        assert ground.marks()[ground.pool] is not None
        assert ground.marks()[ground.cluster] is not None

    live(story)


def test_anothers_mark_fails_the_operation_and_names_the_owner_and_what_follows_deletes_nothing():
    async def story(ground):
        other = Mark(ground.user.new_id(), ground.user.new_id(), 1, "elsewhere")
        ground.world.books[ground.pool].tags.update(other.tags())
        ground.worker()
        operation = ground.user.take_over(ground.graph(), ground.ids)
        assert await ground.ended(operation) is OperationState.FAILED
        assert str(other.stack_id) in operation.message
        rows = {row.key: row for row in ground.user.rows()}
        plan = plan_deletion(list(rows.values()), kinds_of(ground.provider), price_of(ground.provider, REGION))
        assert {line.key: line.verb.value for line in plan.changes}["node-pool/default"] == "forget"
        assert await ground.ended(ground.user.roll_back()) is OperationState.SUCCEEDED
        assert ground.marks() == {ground.network: None, ground.cluster: None, ground.pool: str(other.resource_id)}

    live(story)


def test_a_mark_put_on_late_by_a_worker_that_slept_is_taken_off_what_was_given_back_meanwhile():
    async def story(ground):
        ground.worker("sleeps", dies_at="")
        slept = []

        async def oversleeps(moment):
            if moment == "before mark":
                await asyncio.sleep(300)
                slept.append(ground.marks())

        ground.engines["sleeps"].crash_point = oversleeps
        operation = ground.user.take_over(ground.graph(), ground.ids)
        await asyncio.sleep(60)
        ground.worker("awake")
        assert await ground.ended(operation) is OperationState.SUCCEEDED
        assert await ground.ended(ground.user.roll_back()) is OperationState.SUCCEEDED
        assert set(ground.marks().values()) == {None}
        await asyncio.sleep(600)
        assert {mark for marks in slept for mark in marks.values()} == {None}, "all was given back before it woke up"
        assert set(ground.marks().values()) == {None}

    live(story)


@pytest.mark.parametrize("fault", [Mode.LOST_REPLY, Mode.ERROR_BEFORE, Mode.ERROR_AFTER, Mode.THROTTLE])
def test_a_mark_whose_answer_is_lost_is_put_on_again(fault):
    async def story(ground):
        ground.faults.add("mark.cluster", Fault(fault, 1.0))
        ground.worker()
        assert await ground.ended(ground.user.take_over(ground.graph(), ground.ids)) is OperationState.SUCCEEDED
        assert ground.marks() == {ground.network: None, **ground.owners()}

    live(story)


def test_what_somebody_changed_meanwhile_is_not_changed_back():
    async def story(ground):
        operation = ground.user.take_over(ground.graph(), ground.ids)
        ground.world.books[ground.pool].fields["node_count"] = 5
        ground.worker()
        assert await ground.ended(operation) is OperationState.SUCCEEDED
        assert ground.world.books[ground.pool].fields["node_count"] == 5
        assert ground.following(ground.graph())["node-pool/default"] == "update"

    live(story)


def test_what_is_taken_over_is_scaled_and_deleted_like_our_own_and_nothing_else_goes():
    async def story(ground):
        ground.worker()
        await ground.ended(ground.user.take_over(ground.graph(), ground.ids))
        assert await ground.ended(ground.user.apply(ground.graph(node_count=4))) is OperationState.SUCCEEDED
        assert ground.world.books[ground.pool].fields["node_count"] == 4
        assert await ground.ended(ground.user.apply(None)) is OperationState.SUCCEEDED
        assert [item.id for item in ground.world.resources()] == [ground.network]

    live(story)

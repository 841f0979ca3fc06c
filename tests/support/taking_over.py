"""An empty stack, a user who imports and releases, and what somebody made by hand, on virtual time."""

import asyncio
from random import Random

from engine_values import STACK
from skyclust.contract.resources import Graph
from skyclust.providers.sim.cloud import Sim
from skyclust.providers.sim.faults import Script
from skyclust.providers.sim.world import SimWorld, Wanted
from skyclust.provisioning.engine import Crash, Engine
from skyclust.provisioning.importing import only_observed
from skyclust.provisioning.memory import MemoryStore
from skyclust.provisioning.planning import plan_import, plan_release, plan_towards
from skyclust.provisioning.pricing import kinds_of, price_of
from skyclust.provisioning.rows import ACTIVE_OPERATIONS
from skyclust.provisioning.starting import start
from soak.simulation.machinery import History, Misfortune, MortalStore, SimClouds, Worker, store_time
from soak.simulation.users import User
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
        return self.begin(plan_import(graph, ids, self.rows()), graph)

    def observe(self, graph, ids):
        return self.begin(plan_import(only_observed(graph, ids), {}), only_observed(graph, ids))

    def release(self):
        return self.begin(plan_release(self.rows()), None)

    def begin(self, plan, graph):
        operation_id = self.new_id()
        self.history.note(f"user asks for {[f'{line.key}:{line.verb}' for line in plan.changes]}")
        started = start(plan, graph, self.rows(), STACK.id, operation_id, self.new_id)
        self.undo = started.undo
        return self._begin(operation_id, started.rows, started.moved)


class Ground:
    """What somebody made by hand, an empty stack, and workers."""

    def __init__(self, seed=3, faults=None):
        loop = asyncio.get_running_loop()
        self.rng, self.history, self.faults = Random(seed), History(), faults or Script()
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

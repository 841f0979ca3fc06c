"""One seed, one history: stacks are made, changed and deleted on a cloud that misbehaves, by workers that die.

`tell(seed)` raises AssertionError with the violations, the end of the history and the command that repeats it.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random
from uuid import UUID

from skyclust.contract.specs import AutoScaling, ClusterSpec, NetworkSpec, NodePoolSpec
from skyclust.providers.sim.cloud import Sim
from skyclust.providers.sim.faults import Dice, Mode
from skyclust.providers.sim.world import Wanted
from skyclust.provisioning.engine import Engine
from skyclust.provisioning.memory import MemoryOperation, MemoryStore
from skyclust.provisioning.rows import OperationState, StackRef, State
from soak.simulation.invariants import CountingWorld, of_history, strangers, violations
from soak.simulation.machinery import History, Misfortune, store_time
from soak.simulation.users import StuckError, User
from soak.simulation.virtual_time import run_virtually
from soak.simulation.workers import Workers

REGION = "sim-east-1"
#: Faults that pass by themselves, and faults that a person must clear.
PASSING = (Mode.THROTTLE, Mode.ERROR_BEFORE, Mode.ERROR_AFTER, Mode.LOST_REPLY, Mode.SLOW)
LASTING = (Mode.QUOTA, Mode.NO_CAPACITY, Mode.REVOKED, Mode.DENIED)
MAX_REPAIRS = 6


@dataclass(frozen=True, slots=True)
class Weather:
    """How bad it is. Drawn from the seed, or given by a test that wants one thing in particular."""

    lag: float = 0.0
    latency: float = 0.1
    haste: float = 1.0
    chances: Mapping[Mode, float] = field(default_factory=dict)
    misfortune: Misfortune = field(default_factory=Misfortune)
    kills: bool = False
    workers: int = 1
    stacks: int = 1


#: What leaves a worker without the id of what it made.
LOSING = (Mode.LOST_REPLY, Mode.ERROR_AFTER, Mode.SLOW)


def draw_weather(rng: Random) -> Weather:
    """Nothing else goes wrong with a late call of a worker that overslept its lease.

    Making a second one after the window, then dying or losing the reply, it leaves an orphan: only a sweep finds it.
    """
    chances = {mode: rng.choice((0.0, 0.02, 0.1)) for mode in PASSING}
    chances |= {mode: rng.choice((0.0, 0.0, 0.01)) for mode in LASTING}
    stall = rng.choice((0.0, 0.0, 0.01))
    if stall:
        chances |= dict.fromkeys(LOSING, 0.0)
    crash = 0.0 if stall else rng.choice((0.0, 0.01, 0.05))
    return Weather(
        lag=rng.choice((0.0, 10.0, 60.0, 120.0)),
        latency=rng.choice((0.05, 0.5, 8.0)),
        haste=rng.choice((0.1, 0.3, 0.3, 1.0)),
        chances=chances,
        misfortune=Misfortune(crash=crash, stall=stall, disconnect=rng.choice((0.0, 0.0, 0.02))),
        kills=not stall and rng.random() < 0.3,
        workers=rng.choice((1, 1, 2)),
        stacks=rng.choice((1, 1, 1, 2)),
    )


def tell(
    seed: int,
    weather: Weather | None = None,
    *,
    engine: type[Engine] = Engine,
    store: type[MemoryStore] = MemoryStore,
) -> "Story":
    """Live through the seed. `engine` and `store` are for tests that plant a bug to see it caught."""
    rng = Random(seed)
    told = weather or draw_weather(rng)
    stories: list[Story] = []

    async def run() -> Story:
        stories.append(Story(rng, told, engine, store))
        await stories[0].run()
        return stories[0]

    try:
        return run_virtually(run())
    except AssertionError as wrong:
        lines = "\n".join(stories[0].history.lines[-120:]) if stories else ""
        repeat = f"SKYCLUST_SEED={seed} python -m pytest tests/provisioning/test_simulation.py -k repeated"
        raise AssertionError(f"seed {seed}: {wrong}\n{told}\n{lines}\nrepeat: {repeat}") from wrong


class Story:
    def __init__(self, rng: Random, weather: Weather, engine: type[Engine], store: type[MemoryStore]) -> None:
        self.rng, self.weather, self.history = rng, weather, History()
        loop = asyncio.get_running_loop()
        self.dice = Dice(rng, dict(weather.chances))
        self.world = CountingWorld(
            loop.time, rng, self.dice, lag=weather.lag, latency=weather.latency, haste=weather.haste
        )
        self.provider = Sim(self.world)
        self.store = store(store_time)
        self.workers = Workers(self.store, self.provider, rng, weather.misfortune, self.history, engine)
        loop.set_exception_handler(self.workers.unheard)
        if weather.kills:
            self.workers.kill_after = (5.0, 900.0)
        self.users = [self._user(f"stack-{number}") for number in range(weather.stacks)]
        self.ended = 0

    async def run(self) -> None:
        self._plant_decoys()
        before = strangers(self.world, {user.stack.id for user in self.users})
        working = [asyncio.create_task(self.workers.keep_one()) for _ in range(self.weather.workers)]
        await asyncio.gather(*(self._live(user) for user in self.users))
        self.workers.stop.set()
        await asyncio.gather(*working)
        after = strangers(self.world, {user.stack.id for user in self.users})
        touched = {item: after.get(item) for item, was in before.items() if after.get(item) != was}
        wrong = [*of_history(self.history, stalls=self._stalls), *self.workers.faults]
        wrong += [f"I6: {item} was {before[item]}, is {now}" for item, now in touched.items()]
        assert not wrong, wrong

    @property
    def _stalls(self) -> bool:
        return self.weather.misfortune.stall > 0

    async def _live(self, user: User) -> None:
        spec = self._spec(user.stack.name)
        await self._see_through(user, user.apply(self.provider.cluster_blueprint(spec)))
        if self.rng.random() < 0.5 and not self._is_gone(user):
            spec = self._changed(spec)
            await self._see_through(user, user.apply(self.provider.cluster_blueprint(spec)))
        if self.rng.random() < 0.7:
            planted = self._outside_world(user)
            await self._see_through(user, user.apply(None), planted)

    async def _see_through(self, user: User, operation: MemoryOperation, planted: list[str] | None = None) -> None:
        """Cancel perhaps; then resume or roll back, clearing what a person must clear, until it has ended well."""
        if self.rng.random() < 0.3:
            asyncio.get_running_loop().call_later(self.rng.uniform(0, 1500), user.cancel, operation)
        for repair in range(MAX_REPAIRS + 1):
            state = await user.end_of(operation)
            self.ended += 1
            self._check(user)
            if state is OperationState.SUCCEEDED:
                return
            self._repair(planted or [], last=repair >= MAX_REPAIRS - 2)
            if repair == MAX_REPAIRS:
                break
            operation = user.roll_back() if self.rng.random() < 0.3 else user.resume(operation)
        raise StuckError(f"I5: {operation.state} after {MAX_REPAIRS} repairs in good weather: {operation.message}")

    def _check(self, user: User) -> None:
        wrong = violations(self.world, user.rows(), stalls=self._stalls)
        assert not wrong, wrong

    def _repair(self, planted: list[str], *, last: bool) -> None:
        """What a person does: a new quota, a new credential, the foreign machine moved away. In the end all is well."""
        self.dice.chances = {} if last else {m: c for m, c in self.dice.chances.items() if m not in LASTING}
        if last:
            self.workers.calm()
        for item in planted:
            if item in self.world.books:
                self.world.remove(item)

    def _outside_world(self, user: User) -> list[str]:
        """Kubernetes leaves a load balancer; somebody puts a machine into the network."""
        cluster = next((r for r in user.rows() if r.key == "cluster" and r.state is State.READY), None)
        subnet = next((r for r in user.rows() if r.kind == "sim.subnet" and r.state is State.READY), None)
        if cluster is not None and subnet is not None and self.rng.random() < 0.4:
            tags = {f"kubernetes.io/cluster/{user.stack.name}": "owned"}
            self.world.enter(Wanted("load_balancer", REGION, "k8s", {}, frozenset({subnet.external_id})), tags)
        if subnet is not None and self.rng.random() < 0.15:
            foreign = Wanted("machine", REGION, "foreign", {}, frozenset({subnet.external_id}))
            return [self.world.enter(foreign, {"owner": "somebody"}).id]
        return []

    def _is_gone(self, user: User) -> bool:
        return all(row.state is State.GONE for row in user.rows())

    def _user(self, name: str) -> User:
        ids = [UUID(int=self.rng.getrandbits(128), version=4) for _ in range(3)]
        stack = StackRef(ids[0], ids[1], ids[2], "sim", REGION, name)
        self.store.stacks[stack.id] = stack
        user = User(self.store, self.provider, stack, self.rng, self.history)
        user.ring, user.idle = self.workers.ring, self.workers.idle
        return user

    def _spec(self, name: str) -> ClusterSpec:
        network = NetworkSpec(f"{name}-net", REGION, "10.0.0.0/16", zones=self.rng.choice((1, 2)))
        return ClusterSpec(name, REGION, "1.33", network=network, node_pools=(NodePoolSpec("default", "small", 2),))

    def _changed(self, spec: ClusterSpec) -> ClusterSpec:
        first = spec.node_pools[0]
        return self.rng.choice(
            (
                replace(spec, node_pools=(replace(first, node_count=5),)),
                replace(spec, node_pools=(first, NodePoolSpec("more", "medium", 1, AutoScaling(1, 4)))),
                replace(spec, node_pools=(replace(first, machine_type="large"),)),  # must be replaced
                replace(spec, node_pools=(NodePoolSpec("other", "small", 1),)),
                replace(spec, version="1.34"),
            )
        )

    def _plant_decoys(self) -> None:
        network = self.world.enter(Wanted("network", REGION, "stack-0-net", {"dns": False}), {"owner": "somebody"})
        tags = {"skyclust:resource": str(UUID(int=1)), "skyclust:stack": str(UUID(int=2))}
        self.world.enter(Wanted("subnet", REGION, "a", {}, frozenset({network.id})), tags)
        self.world.enter(Wanted("cluster", REGION, "somebodys", {}, frozenset({network.id})), tags)

"""One seed, one history: stacks are made, changed and deleted on a cloud that misbehaves, by workers that die.

`tell(seed)` raises `Broken` with the violations, the end of the history and the command that repeats it.
"""

import asyncio
from dataclasses import replace
from random import Random
from uuid import UUID

from skyclust.contract.resources import TAG_STACK, Graph, Phase
from skyclust.contract.specs import AutoScaling, ClusterSpec, NetworkSpec, NodePoolSpec
from skyclust.providers.sim.cloud import Sim
from skyclust.providers.sim.faults import Dice
from skyclust.providers.sim.world import Wanted
from skyclust.provisioning.drifting import drift_of
from skyclust.provisioning.engine import Engine
from skyclust.provisioning.memory import MemoryOperation, MemoryStore
from skyclust.provisioning.rows import OperationState, StackRef, State
from skyclust.provisioning.sweeping_memory import MemorySweeps
from soak.simulation.invariants import (
    CountingWorld,
    of_history,
    of_operations,
    orphans,
    strangers,
    touched,
    violations,
)
from soak.simulation.machinery import History, StoreClock
from soak.simulation.sweeps import LEASE_SECONDS, called_drifted, last_words, other_hands, sweeper_of
from soak.simulation.users import StuckError, User
from soak.simulation.virtual_time import run_virtually
from soak.simulation.weather import LASTING, Weather, to_json, weather_of
from soak.simulation.workers import Workers

REGION = "sim-east-1"
MAX_REPAIRS = 6
JUMP_SECONDS = 7200.0
#: Sweeps come once a minute; in bad weather most of them may fail.
TELL_SECONDS = 2 * 3600.0


class Broken(AssertionError):
    """A seed broke a promise. `codes` are the invariants, as in I1."""

    def __init__(self, seed: int, weather: Weather, wrong: str, lines: list[str]) -> None:
        self.seed, self.weather, self.wrong, self.lines = seed, weather, wrong, lines
        super().__init__(self.told(120))

    @property
    def codes(self) -> frozenset[str]:
        """Numbers of the broken invariants; "fault" when the engine itself raised."""
        return frozenset(code for code in ("I1", "I2", "I3", "I4", "I5", "I6", "I9") if f"{code}:" in self.wrong) or (
            frozenset({"fault"})
        )

    def told(self, lines: int) -> str:
        """What happened, and the command that repeats it."""
        command = f"python -m soak sim --first {self.seed} --seeds 1"
        if self.weather != weather_of(self.seed):
            command += f" --weather '{to_json(self.weather)}'"
        history = "\n".join(self.lines[-lines:])
        return f"seed {self.seed}: {self.wrong}\n{to_json(self.weather)}\n{history}\nrepeat: {command}"


def tell(
    seed: int,
    weather: Weather | None = None,
    *,
    engine: type[Engine] = Engine,
    store: type[MemoryStore] = MemoryStore,
    sweeps: type[MemorySweeps] = MemorySweeps,
) -> "Story":
    """Live through the seed. `engine`, `store` and `sweeps` are for tests that plant a bug to see it caught."""
    told = weather or weather_of(seed)
    stories: list[Story] = []

    async def run() -> Story:
        stories.append(Story(seed, told, engine, store, sweeps))
        await stories[0].run()
        return stories[0]

    try:
        return run_virtually(run())
    except AssertionError as wrong:
        raise Broken(seed, told, str(wrong), stories[0].history.lines if stories else []) from wrong
    except Exception as fault:
        raise Broken(seed, told, f"fault: {fault!r}", stories[0].history.lines if stories else []) from fault


class Story:
    def __init__(
        self,
        seed: int,
        weather: Weather,
        engine: type[Engine],
        store: type[MemoryStore],
        sweeps: type[MemorySweeps] = MemorySweeps,
    ) -> None:
        """Users, cloud and workers throw dice of their own, so that less of one leaves the others as they were."""
        self.rng, cloud, fate = (Random(f"{seed}/{who}") for who in ("users", "cloud", "workers"))
        self.weather, self.history = weather, History()
        loop = asyncio.get_running_loop()
        self.dice = Dice(cloud, dict(weather.chances))
        self.world = CountingWorld(
            loop.time, cloud, self.dice, lag=weather.lag, latency=weather.latency, haste=weather.haste
        )
        self.provider = Sim(self.world)
        self.clock = StoreClock()
        self.store = store(self.clock)
        self.workers = Workers(self.store, self.provider, fate, weather.misfortune, self.history, engine)
        loop.set_exception_handler(self.workers.unheard)
        if weather.kills:
            self.workers.kill_after = (5.0, 900.0)
        self.users = [self._user(f"stack-{number}") for number in range(weather.stacks)]
        self.guest = self._user("guest") if weather.guest else None
        self.guest_left = asyncio.Event()
        self.sweeps, self.hands, self.changed = sweeps, Random(f"{seed}/hands"), set()
        self.moods = Random(f"{seed}/moods")
        self.ended = 0
        self.orphans = 0

    async def run(self) -> None:
        self._plant_decoys()
        everybody = self._everybody()
        before = strangers(self.world, {user.stack.id for user in everybody})
        working = [asyncio.create_task(self.workers.keep_one()) for _ in range(self.weather.workers)]
        looking = asyncio.create_task(self._look_over()) if self.weather.sweeps else None
        self._forecast()
        await asyncio.gather(*(self._live(user) for user in self.users))
        self.workers.stop.set()
        await asyncio.gather(*working, *([looking] if looking else []))
        said = await self._last_words()
        wrong = [*said, *of_history(self.history, oversleeps=self.weather.oversleeps), *self.workers.faults]
        wrong += touched(before, strangers(self.world, {user.stack.id for user in everybody}))
        wrong += of_operations(self.store, (done for user in everybody for done in user.acknowledged))
        rows = [row for user in everybody for row in user.rows()]
        self.orphans += len(orphans(self.world, rows))
        if self.orphans > self.history.stalls + self.weather.jumps:
            wrong.append(f"I1: {self.orphans} orphans after {self.history.stalls} stalls")
        assert not wrong, wrong

    async def _look_over(self) -> None:
        """Sweeps beside the engine, on the same cloud."""
        records = self.sweeps(self.store, self.clock, lease_seconds=LEASE_SECONDS)
        await sweeper_of(records, self.provider, self.workers.safe, self.workers.faults).run(self.workers.stop)

    async def _last_words(self) -> list[str]:
        """Good weather, everything visible: what sweeps say then is the truth, or wrong."""
        self.dice.chances, self.world.latency = {}, 0.0
        await asyncio.sleep(self.weather.lag + 1)
        self.world.keys.setdefault(self.workers.safe.key, "sim-account")
        return await last_words(self.store, self.provider, self.clock(), self.sweeps, self.workers.faults)

    def _forecast(self) -> None:
        """What will happen at a moment of its own."""
        later = asyncio.get_running_loop().call_later
        for _ in range(self.weather.jumps):
            later(self.rng.uniform(1, 3000), self._jump, self.rng.uniform(-JUMP_SECONDS, JUMP_SECONDS))
        if self.weather.revoked:
            later(self.rng.uniform(1, 3000), self._revoke)

    def _jump(self, seconds: float) -> None:
        self.history.note(f"the store's clock jumps by {seconds:.0f} s")
        self.clock.offset_seconds += seconds

    def _revoke(self) -> None:
        self.history.note("the credential is revoked")
        self.world.keys.clear()

    async def _live(self, user: User) -> None:
        spec = self._spec(user.stack.name)
        await self._see_through(user, user.apply(self.provider.cluster_blueprint(spec)))
        if self.weather.hands and self.weather.sweeps:
            await self._other_hands(user, self.provider.cluster_blueprint(spec))
        if self.rng.random() < 0.5 and self.weather.change and not self._is_gone(user):
            before, spec = spec, self._changed(spec)
            await self._see_through(user, user.apply(*self._graphs(before, spec)))
        visit = asyncio.create_task(self._visit(user))
        if self.rng.random() < 0.7 and self.weather.delete:
            await asyncio.sleep(self.rng.uniform(0, 60) if self.weather.guest else 0)
            planted = self._outside_world(user)
            await self._see_through(user, user.apply(None), planted)
        await visit

    def _graphs(self, before: ClusterSpec, spec: ClusterSpec) -> list[Graph]:
        """The graph, and where the version is another one perhaps one beyond it."""
        way = [spec]
        if self.weather.stages and spec.version != before.version:
            way.append(replace(spec, version="1.35"))
        return [self.provider.cluster_blueprint(one) for one in way]

    async def _other_hands(self, user: User, graph: Graph) -> None:
        """Somebody deletes or changes a thing: a sweep says so, nothing is done about it until the user asks."""
        meddled = other_hands(self.world, user.rows(), self.hands)
        if meddled is None:
            return
        row, left = meddled
        self.changed.add(row.id)
        self.history.note(f"other hands {'change' if left else 'delete'} {row.external_id}")
        books = self._books_of(user)
        try:
            async with asyncio.timeout(TELL_SECONDS):
                while (drift := drift_of(next(r for r in user.rows() if r.id == row.id))) is None:  # noqa: ASYNC110 - time is virtual
                    await asyncio.sleep(5)
        except TimeoutError:
            raise AssertionError(f"I3: {row.key} is not as asked for, and no sweep says so") from None
        assert drift.kind == ("changed" if left else "missing"), f"I3: {row.key} is called {drift.kind}"
        await asyncio.sleep(self.hands.uniform(0, 300))
        assert self._books_of(user) == books, f"I6: {row.key} was repaired, and nobody asked for it"
        await self._see_through(user, user.mend(graph), insists=True)
        self.changed.discard(row.id)
        self._check(user)

    def _books_of(self, user: User) -> dict[str, str]:
        mine = [item for item in self.world.resources() if item.tags.get(TAG_STACK) == str(user.stack.id)]
        return {item.id: str(item.fields) for item in mine if not item.leaving}

    async def _visit(self, host: User) -> None:
        """A guest puts a cluster into the host's network, which may be on its way out, and takes it away again."""
        network = next((row for row in host.rows() if row.key == "network" and row.state is State.READY), None)
        subnets = [row.external_id for row in host.rows() if row.kind == "sim.subnet" and row.state is State.READY]
        try:
            if self.guest is not None and host is self.users[0] and network is not None and subnets:
                await self._stay(self.guest, network.external_id, tuple(subnets))
        finally:
            self.guest_left.set()

    async def _stay(self, guest: User, network_id: str, subnet_ids: tuple[str, ...]) -> None:
        await asyncio.sleep(self.rng.uniform(0, 400))
        pools = (NodePoolSpec("default", "small", 1),)
        spec = ClusterSpec("guest", REGION, "1.33", vpc_id=network_id, subnet_ids=subnet_ids, node_pools=pools)
        await guest.end_of(guest.apply(self.provider.cluster_blueprint(spec)))
        self.ended += 1
        self._check(guest)
        await self._see_through(guest, guest.apply(None), insists=True)

    async def _see_through(
        self, user: User, operation: MemoryOperation, planted: list[str] | None = None, *, insists: bool = False
    ) -> None:
        """Cancel perhaps; then resume or roll back, clearing what a person must clear, until it has ended well."""
        if self.rng.random() < 0.3 and self.weather.cancel and not insists:
            asyncio.get_running_loop().call_later(self.rng.uniform(0, 1500), user.cancel, operation)
        if self.weather.pauses:
            for _ in range(self.moods.choice((1, 1, 2))):
                later = asyncio.get_running_loop().call_later
                later(self.moods.uniform(0, 1500), user.pause, operation, self.moods.uniform(1, 1200))
        for repair in range(MAX_REPAIRS + 1):
            state = await user.end_of(operation)
            self.ended += 1
            self._check(user)
            if state is OperationState.SUCCEEDED:
                return
            if repair == MAX_REPAIRS:
                break
            await self._repair(user, planted or [], last=repair >= MAX_REPAIRS - 2)
            back = self.rng.random() < 0.3 and self.weather.roll_back and not insists
            operation = user.roll_back() if back else user.resume(operation)
        raise StuckError(f"I5: {operation.state} after {MAX_REPAIRS} repairs in good weather: {operation.message}")

    def _check(self, user: User) -> None:
        wrong = violations(self.world, user.rows(), oversleeps=self.weather.oversleeps)
        wrong += called_drifted(self.world, user.rows(), frozenset(self.changed))
        assert not wrong, wrong

    async def _repair(self, user: User, planted: list[str], *, last: bool) -> None:
        """What a person does: a new quota, a new credential, the foreign machine moved away. In the end all is well."""
        self.dice.chances = {} if last else {m: c for m, c in self.dice.chances.items() if m not in LASTING}
        if last:
            self.workers.calm()
        if not self.world.keys:
            self.workers.safe.key = "new-key"
            self.world.keys["new-key"] = "sim-account"
        for item in planted:
            if item in self.world.books:
                self.world.remove(item)
        self._sweep()
        if last and user is self.users[0] and self.guest is not None:
            await self.guest_left.wait()

    def _sweep(self) -> None:
        """What the orphan sweep lists, a person lets go. Every one is counted."""
        if not self.weather.oversleeps:
            return
        for item in orphans(self.world, [row for user in self._everybody() for row in user.rows()]):
            if item.phase(self.world.now()) is Phase.READY and not self._in_use(item.id):
                self.history.note(f"the sweep removes {item.id}")
                self.orphans += 1
                self.world.delete(item)

    def _in_use(self, resource_id: str) -> bool:
        return any(resource_id in other.uses for other in self.world.resources())

    def _everybody(self) -> list[User]:
        return [*self.users, *([self.guest] if self.guest else [])]

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
        user.bound_seconds += 2 * JUMP_SECONDS * self.weather.jumps
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

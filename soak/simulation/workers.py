"""Worker processes of a simulation: started, killed without a word, started again. Called by the story."""

import asyncio
from random import Random

from skyclust.providers.sim.cloud import Sim
from skyclust.provisioning.engine import Crash, Engine
from skyclust.provisioning.memory import MemoryStore
from skyclust.provisioning.rows import Claim
from soak.simulation.machinery import History, MortalStore, Safe, SimClouds, Worker
from soak.simulation.weather import Misfortune


class Workers:
    """A number of workers on one store and one cloud. `calm` ends all misfortune."""

    def __init__(
        self,
        store: MemoryStore,
        provider: Sim,
        rng: Random,
        misfortune: Misfortune,
        history: History,
        engine: type[Engine],
    ) -> None:
        self.engine = engine
        self.store, self.provider, self.rng, self.history = store, provider, rng, history
        self.misfortune = misfortune
        self.safe = Safe()
        self.stop = asyncio.Event()
        self.engines: dict[str, Engine] = {}
        self.faults: list[str] = []
        self.started = 0
        self.kill_after: tuple[float, float] | None = None

    def calm(self) -> None:
        self.misfortune = Misfortune()
        self.kill_after = None
        for engine in self.engines.values():
            engine.store.worker.misfortune = self.misfortune

    def ring(self) -> None:
        for engine in self.engines.values():
            engine.ring()

    def idle(self) -> bool:
        """True when no worker is in the middle of anything, asleep or not."""
        return not any(engine._running for engine in self.engines.values())

    async def keep_one(self) -> None:
        """One worker at a time, each replaced after its death, until told to stop."""
        while not self.stop.is_set():
            self.started += 1
            worker = Worker(f"w{self.started}", self.rng, self.misfortune, self.history)
            await self._live(worker)
            if not self.stop.is_set():
                await asyncio.sleep(self.rng.uniform(0.1, 20))

    async def _live(self, worker: Worker) -> None:
        engine = self.engines[worker.name] = self.engine(
            store=MortalStore(self.store, worker),
            clouds=SimClouds(self.provider, worker, self.safe),
            worker=worker.name,
            monotonic=asyncio.get_running_loop().time,
            rng=self.rng,
            crash_point=worker.crash_point,
            on_fault=self._fault,
        )
        running = asyncio.create_task(engine.run(self.stop, sweep_seconds=60))
        dying = asyncio.create_task(worker.dead.wait())
        killer = asyncio.create_task(self._kill(worker))
        await asyncio.wait({running, dying}, return_when=asyncio.FIRST_COMPLETED)
        del self.engines[worker.name]
        for task in (dying, killer):
            task.cancel()
        if worker.dead.is_set():
            await _bury(engine, running)
        await asyncio.gather(running, dying, killer, return_exceptions=True)

    async def _kill(self, worker: Worker) -> None:
        if self.kill_after is not None:
            await asyncio.sleep(self.rng.uniform(*self.kill_after))
            self.history.note(f"{worker.name} is killed")
            worker.dead.set()

    def unheard(self, loop: asyncio.AbstractEventLoop, context: dict) -> None:
        """The loop's exception handler: only a crash on purpose may end a task unheard."""
        if not isinstance(context.get("exception"), Crash):
            self.faults.append(str(context))

    def _fault(self, claim: Claim, error: BaseException) -> None:
        if not isinstance(error, ConnectionError | Crash):
            self.faults.append(f"{claim.row.key}: {error!r}")


async def _bury(engine: Engine, running: asyncio.Task[None]) -> None:
    """Nothing of a dead process runs on: no reply is read, no lease handed back."""
    while not running.done() or engine._running:
        for task in (*engine._running, running):
            task.cancel()
        await asyncio.sleep(0)

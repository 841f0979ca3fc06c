"""What stands between the real engine and the simulated cloud: stores and clouds that can die, stall and be watched.

Every random decision comes from the seed's dice, so a seed replays the same history.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeVar
from uuid import UUID

from skyclust.contract.imports import Importing
from skyclust.contract.provider import Driver, Session
from skyclust.contract.resources import Change, JsonObject, Mark, Observed
from skyclust.providers.sim.cloud import Sim
from skyclust.provisioning.engine import Crash
from skyclust.provisioning.memory import MemoryStore
from skyclust.provisioning.rows import Claim, Patch, ResourceRow, StackRef

T = TypeVar("T")

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
NEVER = 1e12


def store_time() -> datetime:
    """The store's clock: virtual time since the epoch."""
    return EPOCH + timedelta(seconds=asyncio.get_running_loop().time())


@dataclass(frozen=True, slots=True)
class Misfortune:
    """How often things go wrong with a worker, per crash point."""

    crash: float = 0.0
    stall: float = 0.0
    stall_seconds: float = 300.0
    disconnect: float = 0.0  # the store is lost before or after it has written


@dataclass
class History:
    """What happened, for the invariants and for the person who reads a failure."""

    lines: list[str] = field(default_factory=list)
    in_flight: dict[UUID, str] = field(default_factory=dict)
    overlaps: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        self.lines.append(f"{asyncio.get_running_loop().time():9.1f}  {text}")


class Worker:
    """The life of one worker process: it works, may stall, and may die at any crash point."""

    def __init__(self, name: str, rng: Random, misfortune: Misfortune, history: History) -> None:
        self.name, self.rng, self.misfortune, self.history = name, rng, misfortune, history
        self.dead = asyncio.Event()

    async def crash_point(self, point: str) -> None:
        await self.breathe()
        throw = self.rng.random()
        if throw < self.misfortune.crash:
            self.history.note(f"{self.name} dies at {point!r}")
            self.dead.set()
            raise Crash(point)
        if throw < self.misfortune.crash + self.misfortune.stall:
            seconds = self.rng.uniform(1, self.misfortune.stall_seconds)
            self.history.note(f"{self.name} stalls at {point!r} for {seconds:.0f} s")
            await asyncio.sleep(seconds)

    async def breathe(self) -> None:
        """Let others run; the dead never come back."""
        if self.dead.is_set():
            await asyncio.sleep(NEVER)
        await asyncio.sleep(0)


class MortalStore:
    """The store as one worker sees it: it may be lost for a moment, and of the dead it hears nothing."""

    def __init__(self, store: MemoryStore, worker: Worker) -> None:
        self.store, self.worker = store, worker

    async def claim(self, worker: str, limit: int) -> list[Claim]:
        return await self._heard(lambda: self.store.claim(worker, limit))

    async def begin(self, claim: Claim, row: ResourceRow) -> bool:
        return await self._heard(lambda: self.store.begin(claim, row))

    async def apply(self, claim: Claim, patch: Patch) -> bool:
        applied = await self._heard(lambda: self.store.apply(claim, patch))
        if patch.event or not applied:
            self.worker.history.note(f"{self.worker.name} {'' if applied else 'STALE '}{claim.row.key}: {patch.event}")
        return applied

    async def current(self, resource_id: UUID) -> ResourceRow | None:
        return await self._heard(lambda: self.store.current(resource_id))

    async def seconds_to_next_wake(self) -> float | None:
        """A read that decides nothing: it takes no time here."""
        return await self.store.seconds_to_next_wake()

    async def release(self, worker: str) -> None:
        await self._heard(lambda: self.store.release(worker))

    async def _heard(self, call: Callable[[], Awaitable[T]]) -> T:
        await self.worker.breathe()
        throw = self.worker.rng.random() if self.worker.misfortune.disconnect else 1.0
        if throw < self.worker.misfortune.disconnect / 2:
            raise ConnectionError("the store went away before it wrote")
        answer = await call()
        if throw < self.worker.misfortune.disconnect:
            raise ConnectionError("the store went away after it wrote")
        return answer


class WatchedDriver:
    """A driver that tells the history which worker is changing which resource."""

    def __init__(self, driver: Driver, worker: Worker) -> None:
        self.driver, self.worker = driver, worker
        self.kind, self.creates = driver.kind, driver.creates
        self.consistency_window_seconds = driver.consistency_window_seconds
        self.expected_seconds, self.diff = driver.expected_seconds, driver.diff
        self.find, self.observe = driver.find, driver.observe

    async def create(self, session: Session, mark: Mark, spec: JsonObject) -> Observed:
        return await self._alone(mark, lambda: self.driver.create(session, mark, spec))

    async def update(
        self, session: Session, external_id: str, spec: JsonObject, changes: tuple[Change, ...], mark: Mark
    ) -> None:
        await self._alone(mark, lambda: self.driver.update(session, external_id, spec, changes, mark))

    async def delete(self, session: Session, external_id: str, spec: JsonObject, mark: Mark) -> None:
        await self._alone(mark, lambda: self.driver.delete(session, external_id, spec, mark))

    async def _alone(self, mark: Mark, call: Callable[[], Awaitable]) -> Observed | None:
        history, me = self.worker.history, self.worker.name
        other = history.in_flight.get(mark.resource_id)
        if other not in (None, me):
            history.overlaps.append(f"{me} and {other} change {mark.resource_id} at once")
        history.in_flight[mark.resource_id] = me
        try:
            return await call()
        finally:
            history.in_flight.pop(mark.resource_id, None)


class SimClouds:
    """`engine.Clouds` on one simulated cloud, for one worker."""

    def __init__(self, provider: Sim, worker: Worker) -> None:
        self.provider, self.worker = provider, worker
        self.drivers = {kind: WatchedDriver(driver, worker) for kind, driver in provider_drivers(provider).items()}

    def driver(self, provider: str, kind: str) -> Driver:
        return self.drivers[kind]

    def importing(self, provider: str) -> Importing:
        assert isinstance(self.provider, Importing), "the simulated cloud imports"
        return self.provider

    async def session(self, stack: StackRef) -> Session:
        return self.provider.connect({"key": "sim-key"}, stack.region)


def provider_drivers(provider: Sim) -> dict[str, Driver]:
    kinds = ("network", "subnet", "gateway", "firewall", "role", "cluster", "node_pool", "leftovers")
    return {f"sim.{kind}": provider.driver(f"sim.{kind}") for kind in kinds}

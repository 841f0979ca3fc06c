"""What stands between the real engine and the simulated cloud: stores and clouds that can die, stall and be watched.

Every random decision comes from the seed's dice, so a seed replays the same history.
"""

import asyncio
import math
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
from skyclust.provisioning.deciding import has_begun
from skyclust.provisioning.engine import Crash
from skyclust.provisioning.memory import MemoryStore
from skyclust.provisioning.rows import Claim, OperationState, Patch, ResourceRow, StackRef
from soak.simulation.weather import Misfortune

T = TypeVar("T")

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
NEVER = 1e12


def store_time() -> datetime:
    """Virtual time since the epoch."""
    return EPOCH + timedelta(seconds=asyncio.get_running_loop().time())


@dataclass
class StoreClock:
    """The database's clock: virtual time, unless somebody sets it."""

    offset_seconds: float = 0.0
    _last: tuple[float, datetime] = (math.nan, EPOCH)

    def __call__(self) -> datetime:
        seconds = asyncio.get_running_loop().time() + self.offset_seconds
        if self._last[0] != seconds:
            self._last = (seconds, EPOCH + timedelta(seconds=seconds))
        return self._last[1]


@dataclass
class History:
    """What happened, for the invariants and for the person who reads a failure."""

    lines: list[str] = field(default_factory=list)
    in_flight: dict[UUID, str] = field(default_factory=dict)
    overlaps: list[str] = field(default_factory=list)
    stale_writes: list[str] = field(default_factory=list)
    stalls: int = 0
    #: Fence of the claim that was given out last, per resource; none once a person has written the row.
    holders: dict[UUID, int] = field(default_factory=dict)

    def given_out(self, claims: list[Claim]) -> list[Claim]:
        self.holders.update((claim.row.id, claim.fence) for claim in claims)
        return claims

    def written(self, claim: Claim, verb: str) -> None:
        if self.holders.get(claim.row.id) != claim.fence:
            self.stale_writes.append(f"{claim.row.key} was {verb} under fence {claim.fence}, which is not the last one")

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
            self.history.stalls += 1
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

    async def claim(self, worker: str, limit: int, without: frozenset[UUID] = frozenset()) -> list[Claim]:
        async def call() -> list[Claim]:
            return self.worker.history.given_out(await self.store.claim(worker, limit, without))

        return await self._heard(call)

    async def begin(self, claim: Claim, row: ResourceRow) -> bool:
        async def call() -> bool:
            begun = await self.store.begin(claim, row)
            if begun:
                self.worker.history.written(claim, "begun")
                self._law_of_pauses(claim)
            return begun

        return await self._heard(call)

    def _law_of_pauses(self, claim: Claim) -> None:
        operation = self.store.operations.get(claim.row.operation_id) if claim.row.operation_id else None
        if operation is not None and operation.state is OperationState.PAUSED and not has_begun(claim.row):
            self.worker.history.stale_writes.append(f"{claim.row.key} was begun although its operation is paused")

    async def apply(self, claim: Claim, patch: Patch) -> bool:
        async def call() -> bool:
            applied = await self.store.apply(claim, patch)
            if applied:
                self.worker.history.written(claim, "written")
            if patch.event or not applied:
                stale = "" if applied else "STALE "
                self.worker.history.note(f"{self.worker.name} {stale}{claim.row.key}: {patch.event}")
            return applied

        return await self._heard(call)

    async def current(self, resource_id: UUID) -> ResourceRow | None:
        return await self._heard(lambda: self.store.current(resource_id))

    async def seconds_to_next_wake(self, without: frozenset[UUID] = frozenset()) -> float | None:
        """A read that decides nothing: it takes no time here."""
        return await self.store.seconds_to_next_wake(without)

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


@dataclass
class Safe:
    """Where the credential's secret key is kept; a person may replace it."""

    key: str = "sim-key"


class SimClouds:
    """`engine.Clouds` on one simulated cloud, for one worker."""

    def __init__(self, provider: Sim, worker: Worker, safe: Safe | None = None) -> None:
        self.provider, self.worker, self.safe = provider, worker, safe or Safe()
        self.drivers = {kind: WatchedDriver(driver, worker) for kind, driver in provider_drivers(provider).items()}

    def driver(self, provider: str, kind: str) -> Driver:
        return self.drivers[kind]

    def importing(self, provider: str) -> Importing:
        assert isinstance(self.provider, Importing), "the simulated cloud imports"
        return self.provider

    async def session(self, stack: StackRef) -> Session:
        return self.provider.connect({"key": self.safe.key}, stack.region)


def provider_drivers(provider: Sim) -> dict[str, Driver]:
    kinds = ("network", "subnet", "gateway", "firewall", "role", "cluster", "node_pool", "leftovers")
    return {f"sim.{kind}": provider.driver(f"sim.{kind}") for kind in kinds}

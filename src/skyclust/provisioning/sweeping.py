"""Look over what exists, one (credential, region) at a time, and write down what drifted and what nobody owns.

Run by every worker beside its engine, which never touches what is ready. Invariant: a sweep changes nothing in a cloud,
concludes nothing from what it could not read, and writes under guards, so that it never contradicts an operation.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from skyclust.contract.errors import ProviderError, Throttled, TimedOut, Unclassified
from skyclust.contract.provider import Driver, Provider, Session
from skyclust.contract.resources import JsonObject, Node, Observed, Price
from skyclust.contract.surveys import Known, Sighting, Survey, Surveying
from skyclust.kit.redacting import scrub
from skyclust.provisioning.drifting import UNDECIDED, Drift, Undecided, compare, is_settled, may_be_too_young, told
from skyclust.provisioning.orphans import Books, Judgement, Thing, Unowned, find_orphans
from skyclust.provisioning.pacing import Budget, Pace
from skyclust.provisioning.planning import resolve_known
from skyclust.provisioning.rows import ResourceRow, StackRef

T = TypeVar("T")

#: Looks at single resources that are under way at once, in one sweep.
LOOKS_AT_ONCE = 4
#: Longest wait for the credential's budget; then the sweep is given up until the next one.
MAX_WAIT_SECONDS = 20.0
DAYS_PER_MONTH = 730 / 24


@dataclass(frozen=True, slots=True)
class Unit:
    """The right to sweep one (credential, region) until the lease ends. `number` counts complete sweeps of it."""

    workspace_id: UUID
    credential_id: UUID
    provider: str
    region: str
    number: int
    fence: int

    @property
    def place(self) -> StackRef:
        """As sessions are asked for."""
        return StackRef(self.credential_id, self.workspace_id, self.credential_id, self.provider, self.region, "")


@dataclass(frozen=True, slots=True)
class Watched:
    """A row as a sweep found it. `free`: no operation moves its stack and no worker holds it."""

    row: ResourceRow
    fence: int
    free: bool


@dataclass(frozen=True, slots=True)
class Scene:
    """The living rows of a unit, at the store's time."""

    watched: tuple[Watched, ...]
    now: datetime


@dataclass(frozen=True, slots=True)
class News:
    """A row that is to be written because something else was seen than what it says."""

    before: Watched
    row: ResourceRow


@dataclass(frozen=True, slots=True)
class FoundOrphan:
    """What nobody owns, with what it costs where that is known."""

    unowned: Unowned
    usd_per_day: float | None
    price: Price | None


@dataclass(frozen=True, slots=True)
class Report:
    """A complete sweep. `seen` is every sighting, also those that have owners; empty when nothing was listed."""

    surveyed: bool
    unread: Mapping[str, str] = field(default_factory=dict)
    seen: frozenset[Thing] = field(default_factory=frozenset)
    orphans: tuple[FoundOrphan, ...] = ()
    undecided: frozenset[Thing] = field(default_factory=frozenset)


class SweepStore(Protocol):
    """Durable sweeps. Every method is one short transaction (or several); none is open during a call of a cloud."""

    async def due(self, worker: str, limit: int) -> list[Unit]:
        """Lease up to `limit` units whose sweep is due, longest waiting first."""
        ...

    async def extend(self, unit: Unit) -> bool:
        """Hold the lease longer. False: another worker sweeps it now."""
        ...

    async def scene(self, unit: Unit) -> Scene:
        """The living rows of the unit's stacks."""
        ...

    async def tell(self, news: Sequence[News]) -> None:
        """Write each row that is still as it was found, with an event when drift begins or ends."""
        ...

    async def books(self, unit: Unit, sightings: Sequence[Sighting]) -> Books:
        """What is known of the marks of these sightings, and of the unit's own rows."""
        ...

    async def finish(self, unit: Unit, report: Report) -> None:
        """A complete sweep: record orphans, and when the next one is due. Nothing when the unit was overtaken."""
        ...

    async def fail(self, unit: Unit, reason: str, message: str) -> None:
        """An incomplete sweep: what it could not see stays as it was known, and people are told since when."""
        ...

    async def seconds_to_next(self) -> float | None:
        """Real seconds until a sweep is due; None when there is nothing to sweep."""
        ...


class SweepClouds(Protocol):
    """Where sweeps get providers and sessions from."""

    def provider(self, name: str) -> Provider:
        """The installed provider; NotSupported otherwise."""
        ...

    def driver(self, provider: str, kind: str) -> Driver:
        """The driver of a kind; NotSupported otherwise."""
        ...

    async def session(self, stack: StackRef) -> Session:
        """An open session; AuthenticationFailed when the credential is not there."""
        ...


@dataclass(frozen=True, slots=True)
class _Round:
    """One sweep under way: its unit, its session, what it set out from."""

    unit: Unit
    session: Session
    scene: Scene
    specs: Mapping[UUID, JsonObject | None]
    turns: asyncio.Semaphore


@dataclass
class Sweeper:
    """One worker's sweeps.

    budget_of       the credential's API budget, which is the engine's too
    survey_seconds  limit of one survey in real seconds; below the sweep's lease
    on_fault        told of what a sweep raised besides a cloud's refusal; the others go on
    on_outage       told that the store cannot be reached
    """

    store: SweepStore
    clouds: SweepClouds
    worker: str
    monotonic: Callable[[], float]
    budget_of: Callable[[UUID], Budget]
    pace: Pace = field(default_factory=Pace)
    slots: int = 4
    call_seconds: float = 25.0
    survey_seconds: float = 45.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    on_fault: Callable[[Unit, BaseException], None] = lambda _unit, _error: None
    on_outage: Callable[[BaseException], None] = lambda _error: None

    async def run(self, stop: asyncio.Event, *, look_seconds: float = 5.0) -> None:
        """Sweep what is due until `stop`. Sweeps under way are cut then: they only read."""
        stopping = asyncio.create_task(stop.wait())
        running: set[asyncio.Task[None]] = set()
        try:
            while not stop.is_set():
                wait = look_seconds
                try:
                    free = self.slots - len(running)
                    units = await self.store.due(self.worker, free) if free else []
                    running |= {asyncio.create_task(self._guarded(unit)) for unit in units}
                    following = await self.store.seconds_to_next()
                    wait = look_seconds if following is None else min(max(following, 0.05), look_seconds)
                except Exception as error:  # noqa: BLE001 - whatever a store raises while its database restarts
                    self.on_outage(error)
                done, _ = await asyncio.wait({stopping, *running}, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
                running -= done
        finally:
            for task in (stopping, *running):
                task.cancel()
            await asyncio.gather(stopping, *running, return_exceptions=True)

    async def _guarded(self, unit: Unit) -> None:
        """One unit's trouble must not stop the others."""
        try:
            await self.sweep(unit)
        except Exception as error:  # noqa: BLE001 - the lease protects the unit until it is swept again
            self.on_outage(error)

    async def sweep(self, unit: Unit) -> None:
        """Look over one unit and write down how it went."""
        try:
            report = await self._look_over(unit)
        except ProviderError as error:
            if isinstance(error, Throttled):
                self.budget_of(unit.credential_id).throttled(self.monotonic(), error.retry_after_seconds)
            await self.store.fail(unit, error.reason, scrub(error.message))
            return
        except Exception as error:  # noqa: BLE001 - a defect must not look like a quiet cloud
            self.on_fault(unit, error)
            why = f"The sweep failed with {type(error).__name__}; the log has the details."
            await self.store.fail(unit, "Defect", why)
            return
        if report is not None:
            await self.store.finish(unit, report)

    async def _look_over(self, unit: Unit) -> Report | None:
        """None when another worker has taken the unit over."""
        provider = self.clouds.provider(unit.provider)
        session = await self.clouds.session(unit.place)
        scene = await self.store.scene(unit)
        this = _Round(unit, session, scene, _specs(scene), asyncio.Semaphore(LOOKS_AT_ONCE))
        survey = await self._survey(this, provider)
        if not await self.store.extend(unit):
            return None
        await self.store.tell(await self._compare_all(this, survey))
        if survey is None:
            return Report(surveyed=False)
        judged = find_orphans(
            survey.sightings, await self.store.books(unit, survey.sightings), unit.credential_id, unit.region
        )
        return _report(survey, judged, provider, unit.region)

    async def _survey(self, this: _Round, provider: Provider) -> Survey | None:
        """None where the provider cannot list: then each resource is looked at by its id."""
        if not isinstance(provider, Surveying):
            return None
        known: dict[str, list[Known]] = {}
        for watched in this.scene.watched:
            row, spec = watched.row, this.specs[watched.row.id]
            if is_settled(row) and self.clouds.driver(this.unit.provider, row.kind).creates:
                known.setdefault(row.kind, []).append(Known(row.kind, row.external_id or "", spec or {}))
        await self._take_turn(this.unit)
        survey = await self._in_time(this.unit, provider.survey(this.session, known), self.survey_seconds)
        return replace(survey, unread={kind: scrub(why) for kind, why in survey.unread.items()})

    async def _compare_all(self, this: _Round, survey: Survey | None) -> list[News]:
        settled = [watched for watched in this.scene.watched if watched.free and is_settled(watched.row)]
        seen = {(item.kind, item.external_id): item for item in survey.sightings} if survey is not None else {}
        unread = survey.unread if survey is not None else {}
        looks = [
            self._compare(this, watched, seen.get((watched.row.kind, watched.row.external_id or "")))
            for watched in settled
            if watched.row.kind not in unread
        ]
        return [news for news in await _all(looks) if news is not None]

    async def _compare(self, this: _Round, watched: Watched, sighting: Sighting | None) -> News | None:
        row, spec = watched.row, this.specs[watched.row.id]
        driver = self.clouds.driver(this.unit.provider, row.kind)
        if not driver.creates or spec is None:
            return None
        seen = sighting.observed if sighting is not None else None
        if seen is None:
            seen = await self._observe(this, driver, row, spec)
        window = self.pace.real(driver.consistency_window_seconds)
        if seen is None and may_be_too_young(row, this.scene.now, window):
            return None
        verdict: Drift | Undecided | None = compare(
            row, seen, driver.diff(spec, seen) if seen is not None and not row.adopted else (), this.scene.now
        )
        if verdict is UNDECIDED:
            return None
        now = told(row, verdict if isinstance(verdict, Drift) else None, seen)
        return News(watched, now) if now != row else None

    async def _observe(self, this: _Round, driver: Driver, row: ResourceRow, spec: JsonObject) -> Observed | None:
        """Ask for one resource; its absence is believed when it was seen twice."""
        async with this.turns:
            for _ in range(2):
                await self._take_turn(this.unit)
                call = driver.observe(this.session, row.external_id or "", spec)
                seen = await self._in_time(this.unit, call, self.call_seconds)
                if seen is not None:
                    return seen
        return None

    async def _take_turn(self, unit: Unit) -> None:
        """Wait until the credential's budget allows a call: sweeps never go ahead of operations."""
        waited = 0.0
        while (delay := self.budget_of(unit.credential_id).delay(self.monotonic())) > 0:
            waited += delay
            if waited > MAX_WAIT_SECONDS:
                message = "The account's API budget is used up by operations; the next sweep tries again."
                raise Throttled(message, retry_after_seconds=delay)
            await self.sleep(delay)

    async def _in_time(self, unit: Unit, call: Awaitable[T], seconds: float) -> T:
        try:
            async with asyncio.timeout(seconds):
                result = await call
        except ProviderError:
            raise
        except TimeoutError:
            raise TimedOut(f"The cloud did not answer within {seconds:g} s.") from None
        except Exception as error:
            self.on_fault(unit, error)
            raise Unclassified(f"The provider failed with {type(error).__name__}; the log has the details.") from error
        self.budget_of(unit.credential_id).succeeded()
        return result


async def _all(looks: Sequence[Awaitable[T]]) -> list[T]:
    """Their results. One refusal ends them all: the sweep is not complete then."""
    tasks = [asyncio.ensure_future(look) for look in looks]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _specs(scene: Scene) -> dict[UUID, JsonObject | None]:
    """Specs with references replaced; None where something they refer to is not known."""
    outputs: dict[UUID, dict[str, JsonObject]] = {}
    for watched in scene.watched:
        outputs.setdefault(watched.row.stack_id, {})[watched.row.key] = watched.row.outputs
    return {watched.row.id: resolve_known(watched.row.spec, outputs[watched.row.stack_id]) for watched in scene.watched}


def _report(survey: Survey, judged: Judgement, provider: Provider, region: str) -> Report:
    seen = frozenset((item.kind, item.external_id) for item in survey.sightings)
    orphans = tuple(_priced(orphan, provider, region) for orphan in judged.orphans)
    return Report(True, survey.unread, seen, orphans, judged.undecided)


def _priced(orphan: Unowned, provider: Provider, region: str) -> FoundOrphan:
    key = orphan.row.key if orphan.row is not None else orphan.sighting.name
    node = Node(key, orphan.sighting.kind, orphan.sighting.name, orphan.spec)
    try:
        found = provider.monthly_price(node, region)
    except (KeyError, TypeError, ValueError):  # what was observed need not be a whole spec
        found = None
    if found is None:
        return FoundOrphan(orphan, None, None)
    return FoundOrphan(orphan, round(found[0] / DAYS_PER_MONTH, 4), found[1])

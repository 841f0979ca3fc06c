"""Put the parts together. Called by `up`, `api` and `worker`; the tests build the same parts from the same functions.

Invariant: the only place that knows every part; parts know each other through ports.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import TypeVar

import structlog

from skyclust.audit import service as audit
from skyclust.audit.head_exporting import HeadExporter
from skyclust.audit.sinks import sinks_of
from skyclust.clusters import service as clusters
from skyclust.clusters.timekeeping import Timekeeper
from skyclust.contract.provider import Provider
from skyclust.contract.registry import load_providers
from skyclust.credentials.clouds import CloudSessions
from skyclust.credentials.issuing import issuer_at
from skyclust.credentials.judging import Schedule
from skyclust.credentials.keyring_opening import open_keyring
from skyclust.credentials.models import CredentialRow
from skyclust.credentials.rechecking import Rechecker
from skyclust.events.bus import Bus, InProcessBus
from skyclust.events.relay import Relay
from skyclust.kit.clock import Clock, SystemClock
from skyclust.kit.db import Database
from skyclust.kit.keys import KeySource
from skyclust.kit.metrics import Metrics
from skyclust.kit.settings import Settings
from skyclust.networks import service as networks
from skyclust.provisioning.engine import Engine
from skyclust.provisioning.pacing import Pace
from skyclust.provisioning.postgres import PostgresStore
from skyclust.provisioning.rows import Claim
from skyclust.provisioning.sweeping import Sweeper, Unit
from skyclust.provisioning.sweeping_postgres import PostgresSweeps
from skyclust.workspaces.service import default_limits

log = structlog.get_logger(__name__)
T = TypeVar("T")

#: The in-memory cloud is for tests; a person meets it only when asked for by SKYCLUST_WITH_SIM=1.
SIMULATED = "sim"
ENGINE_BELL = "engine"


@dataclass
class Parts:
    """What the API and the worker are made of."""

    settings: Settings
    database: Database
    clock: Clock
    providers: Mapping[str, Provider]
    keyring: KeySource
    clouds: CloudSessions
    bus: Bus
    metrics: Metrics = field(default_factory=Metrics)
    #: What is built on the parts and must be given back before them.
    closing: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    _ringing: set[asyncio.Task[None]] = field(default_factory=set, repr=False)

    def ring(self) -> None:
        """Something may be due: tell every engine, best effort; their sweeps find what a lost ring does not tell."""
        task = asyncio.create_task(self.bus.ring(ENGINE_BELL))
        self._ringing.add(task)
        task.add_done_callback(self._ringing.discard)

    async def close(self) -> None:
        """Give everything back."""
        for close in self.closing:
            await close()
        await self.clouds.close()
        await self.bus.close()
        await self.database.close()


def installed_providers(environ: Mapping[str, str]) -> dict[str, Provider]:
    """Every installed cloud but the one for tests."""
    without = frozenset() if environ.get("SKYCLUST_WITH_SIM") == "1" else frozenset({SIMULATED})
    return load_providers(environ, without=without)


async def build_parts(settings: Settings, database_url: str, providers: Mapping[str, Provider]) -> Parts:
    """Connect to what the settings name; in-process parts for what they leave out."""
    keyring, clock = open_keyring(settings, providers.values()), SystemClock()
    clusters.install()
    networks.install()
    audit.install(keyring, clock)
    database = Database(database_url)
    clouds = CloudSessions(database, keyring, dict(providers))
    clouds.issuer = issuer_at(keyring, settings.public_url, clock.now, clouds.rsa_keys)
    bus = await open_bus(settings)
    return Parts(settings, database, clock, providers, keyring, clouds, bus)


async def open_bus(settings: Settings) -> Bus:
    """NATS when it is named, in process otherwise."""
    if settings.nats_url is None:
        return InProcessBus()
    from skyclust.events.nats_bus import NatsBus

    return await NatsBus.connect(settings.nats_url.get_secret_value())


def build_engine(parts: Parts, worker: str) -> Engine:
    """The engine of one worker."""
    settings, clock = parts.settings, parts.clock
    engine = Engine(
        store=PostgresStore(parts.database, lease_seconds=settings.lease_seconds),
        clouds=parts.clouds,
        worker=worker,
        monotonic=clock.monotonic,
        rng=Random(secrets.randbits(64)),
        pace=Pace(settings.cloud_speed),
        slots=settings.worker_slots,
        call_seconds=min(25.0, settings.lease_seconds * 0.8),
        on_fault=_counted(parts, "engine", report_fault),
        on_outage=report_outage,
        on_call=lambda claim, outcome: parts.metrics.calls.of(claim.stack.provider, claim.row.kind, outcome).inc(),
        remark=clusters.watch_pools(parts.clouds),
    )
    parts.metrics.in_flight.set_function(lambda: engine.in_flight)
    parts.metrics.slots.set(engine.slots)
    return engine


def build_sweeper(parts: Parts, engine: Engine) -> Sweeper:
    """The sweeps of one worker; they share the engine's budgets."""
    settings = parts.settings
    return Sweeper(
        store=PostgresSweeps(parts.database, interval_seconds=settings.sweep_seconds),
        clouds=parts.clouds,
        worker=engine.worker,
        monotonic=parts.clock.monotonic,
        budget_of=engine.budget_of,
        pace=engine.pace,
        on_fault=_counted(parts, "sweeps", report_sweep_fault),
        on_outage=report_sweep_outage,
    )


def build_rechecker(parts: Parts, engine: Engine) -> Rechecker:
    """The checks of credentials of one worker; they share the engine's budgets."""
    return Rechecker(
        database=parts.database,
        keyring=parts.keyring,
        providers=parts.providers,
        schedule=Schedule(parts.settings.credential_check_seconds),
        now=parts.clock.now,
        monotonic=parts.clock.monotonic,
        budget_of=engine.budget_of,
        issuer=parts.clouds.issuer,
        on_fault=_counted(parts, "checks", report_check_fault),
        on_outage=report_check_outage,
    )


def report_check_fault(row: CredentialRow, error: BaseException) -> None:
    """A defect of a provider; the check comes again."""
    log.error("fault in a check of a credential", credential=str(row.id), provider=row.provider, exc_info=error)


def report_check_outage(error: BaseException) -> None:
    """The database is away, the keys are sealed, or a defect of ours; checks go on."""
    log.warning("checks of credentials are held up", exc_info=error)


def build_timekeeper(parts: Parts) -> Timekeeper:
    """Hibernation by timetable; it begins operations, which the engines carry out."""
    settings = parts.settings
    ground = networks.Ground(
        parts.database, parts.providers, parts.clouds, parts.clock, parts.ring, settings.cloud_speed,
        default_limits(settings),
    )  # fmt: skip
    return Timekeeper(ground, on_outage=report_timetable_outage)


def report_timetable_outage(error: BaseException) -> None:
    """The database is away, or a defect of ours; timetables are looked at again."""
    log.warning("hibernation by timetable is held up", exc_info=error)


def build_head_exporter(parts: Parts) -> HeadExporter:
    """Signed heads of the audit log, to where the settings say."""
    settings = parts.settings
    interval = timedelta(seconds=settings.audit_heads_seconds)
    return HeadExporter(parts.database, parts.keyring, parts.clock, sinks_of(settings), interval)


def _counted(
    parts: Parts, where: str, report: Callable[[T, BaseException], None]
) -> Callable[[T, BaseException], None]:
    """The same report, and one more in the metrics."""

    def both(what: T, error: BaseException) -> None:
        parts.metrics.faults.of(where).inc()
        report(what, error)

    return both


def report_sweep_fault(unit: Unit, error: BaseException) -> None:
    """A defect of a provider; the sweep is recorded as failed and comes again."""
    log.error("fault in a sweep", provider=unit.provider, region=unit.region, exc_info=error)


def report_sweep_outage(error: BaseException) -> None:
    """The database is away, or a defect of ours; sweeps go on with the next one."""
    log.warning("sweeps are held up", exc_info=error)


def worker_name() -> str:
    """Host, process and a random part: unique also when a container's process is always number 1."""
    return f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(3)}"


def report_fault(claim: Claim, error: BaseException) -> None:
    """A defect of ours or of a provider; the row is tried again when its lease has run out."""
    log.error("fault in the engine", resource=claim.row.key, kind=claim.row.kind, exc_info=error)


def report_outage(error: BaseException) -> None:
    """The database is away, or a defect of ours; the engine goes on when it can."""
    log.warning("the engine is held up", exc_info=error)


async def run_worker_tasks(parts: Parts, stop: asyncio.Event, sole_worker: str = "") -> None:
    """Everything a worker does until `stop`; all of it ends before this returns.

    A worker that is known to be the only one of its name takes back at once what its predecessor of that name held when
    it was killed. Were the predecessor still alive, its fences would be old and its writes refused.
    """
    engine = build_engine(parts, sole_worker or worker_name())
    if sole_worker:
        await engine.store.release(sole_worker)
    relay = Relay(parts.database, parts.bus)
    doorbell = asyncio.create_task(_listen(parts.bus, engine.ring))
    try:
        await asyncio.gather(
            engine.run(stop),
            relay.run(stop),
            build_sweeper(parts, engine).run(stop),
            build_rechecker(parts, engine).run(stop),
            build_head_exporter(parts).run(stop),
            build_timekeeper(parts).run(stop),
        )
    finally:
        doorbell.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await doorbell


async def _listen(bus: Bus, ring: Callable[[], None]) -> None:
    async for _ in bus.bells(ENGINE_BELL):
        ring()

"""The real sweeps on the simulated cloud: beside the engine in some seeds, and twice at the end of every one.

What they say is held against the cloud's own books. Invariant: a sweep that looks at the end changes nothing.
"""

import asyncio
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from skyclust.providers.sim.cloud import Sim
from skyclust.providers.sim.world import SimResource, SimWorld
from skyclust.provisioning.drifting import is_settled
from skyclust.provisioning.memory import MemoryStore
from skyclust.provisioning.pacing import Budget
from skyclust.provisioning.rows import ResourceRow, StackRef
from skyclust.provisioning.sweeping import Sweeper, Unit
from skyclust.provisioning.sweeping_memory import MemorySweeps
from soak.simulation.invariants import orphans
from soak.simulation.machinery import Safe, provider_drivers

#: A sweep is believed about orphans when it has seen them twice.
TWICE = 2
#: One call for each kind, at up to 48 seconds in the worst weather; the sweep's lease is longer.
SURVEY_SECONDS = 400.0
LEASE_SECONDS = 600.0


class SweptClouds:
    """`sweeping.SweepClouds` on one simulated cloud."""

    def __init__(self, provider: Sim, safe: Safe) -> None:
        self._sim, self._safe, self._drivers = provider, safe, provider_drivers(provider)

    def provider(self, _name: str) -> Sim:
        return self._sim

    def driver(self, _provider: str, kind: str):
        return self._drivers[kind]

    async def session(self, stack: StackRef):
        return self._sim.connect({"key": self._safe.key}, stack.region)


def sweeper_of(sweeps: MemorySweeps, provider: Sim, safe: Safe, faults: list[str]) -> Sweeper:
    """A sweeper in virtual time. What it raises besides a refusal of the cloud is a fault."""
    budget = Budget()

    def fault(unit: Unit, error: BaseException) -> None:
        faults.append(f"sweep of {unit.region}: {error!r}")

    return Sweeper(
        sweeps,
        SweptClouds(provider, safe),
        "sweeper",
        asyncio.get_running_loop().time,
        lambda _credential: budget,
        survey_seconds=SURVEY_SECONDS,
        on_fault=fault,
    )


async def last_words(
    store: MemoryStore, provider: Sim, now: datetime, sweeps: type[MemorySweeps], faults: list[str]
) -> list[str]:
    """Two sweeps of everything once nothing moves, a day later; what they call wrongly. The cloud must answer."""
    later = now + timedelta(days=1)
    records = sweeps(store, lambda: later, interval_seconds=0.0)
    sweeper = sweeper_of(records, provider, Safe(next(iter(provider.world.keys))), faults)
    for _ in range(TWICE):
        for unit in await records.due("sweeper", len(store.stacks)):
            await sweeper.sweep(unit)
    wrong = [f"I1: the sweep failed with {unit.failure}" for unit in records.units.values() if unit.failure]
    rows = [row for stack in store.stacks for row in store.rows(stack)]
    called = {item.unowned.sighting.external_id for item in records.orphans() if item.unowned.stack is not None}
    real = {item.id for item in orphans(provider.world, rows)}
    wrong += [f"I1: {item} belongs to nobody, and two sweeps did not say so" for item in sorted(real - called)]
    wrong += [f"I1: {item} is called an orphan and is none" for item in sorted(called - real)]
    return wrong + called_drifted(provider.world, rows, frozenset())


def called_drifted(world: SimWorld, rows: list[ResourceRow], changed: frozenset[UUID]) -> list[str]:
    """I3: a sweep says drift of what no other hand has changed.

    A guest only observes its host's network. When the host deletes that, it is truly missing for the guest.
    """
    return [
        f"I3: {row.key} is called drifted, and nobody changed it: {row.message}"
        for row in rows
        if row.drift is not None and row.id not in changed and not (row.adopted and row.external_id not in world.books)
    ]


def other_hands(world: SimWorld, rows: list[ResourceRow], rng: Random) -> tuple[ResourceRow, SimResource | None] | None:
    """Delete or change something settled that nothing stands on; with what is left of it. None = no such thing."""
    used = {other for item in world.resources() for other in item.uses}
    mine = [row for row in rows if is_settled(row) and not row.adopted and row.external_id in world.books]
    loose = [row for row in mine if row.external_id not in used]
    counted = [row for row in mine if row.kind == "sim.node_pool" and row.spec.get("auto_scaling") is None]
    if counted and rng.random() < 0.5:
        row = rng.choice(counted)
        item = world.books[row.external_id]
        item.fields = {**item.fields, "node_count": item.fields["node_count"] + 1}
        return row, item
    if not loose:
        return None
    row = rng.choice(loose)
    world.remove(row.external_id)
    return row, None

"""Sweeps over rows in memory, for the simulator: the same rules as in PostgreSQL, on a `MemoryStore`.

Not for production. Invariant: as `sweeping.SweepStore` says; time is the store's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from skyclust.contract.surveys import Sighting
from skyclust.provisioning.memory import MemoryStore
from skyclust.provisioning.orphans import Books, KnownStack, Thing
from skyclust.provisioning.rows import ACTIVE_OPERATIONS, ResourceRow, StackRef, State
from skyclust.provisioning.sweeping import FoundOrphan, News, Report, Scene, Unit, Watched

Place = tuple[UUID, str]


@dataclass
class MemoryUnit:
    """What is remembered of one (credential, region). `orphans` are believed, `candidates` were seen once."""

    due_at: datetime
    number: int = 0
    fence: int = 0
    lease_until: datetime | None = None
    failure: str = ""
    candidates: dict[Thing, FoundOrphan] = field(default_factory=dict)
    orphans: dict[Thing, FoundOrphan] = field(default_factory=dict)


class MemorySweeps:
    """Implements `sweeping.SweepStore`."""

    def __init__(
        self, rows: MemoryStore, now: Callable[[], datetime], *, interval_seconds: float = 60.0,
        lease_seconds: float = 60.0,
    ) -> None:  # fmt: skip
        """`rows` is the engine's store; `now` its clock."""
        self._rows, self._now = rows, now
        self._interval, self._lease = timedelta(seconds=interval_seconds), timedelta(seconds=lease_seconds)
        self.units: dict[Place, MemoryUnit] = {}

    def orphans(self) -> list[FoundOrphan]:
        """Everything that two sweeps in a row saw without an owner."""
        return [orphan for unit in self.units.values() for orphan in unit.orphans.values()]

    async def due(self, worker: str, limit: int) -> list[Unit]:  # noqa: ARG002 - the port's shape
        """Lease due units."""
        now = self._now()
        leased: list[Unit] = []
        for stack in self._rows.stacks.values():
            self.units.setdefault((stack.credential_id, stack.region), MemoryUnit(now + self._interval))
        stacks = {(stack.credential_id, stack.region): stack for stack in self._rows.stacks.values()}
        for place, known in sorted(self.units.items(), key=lambda item: item[1].due_at):
            if known.due_at <= now and (known.lease_until is None or known.lease_until < now) and len(leased) < limit:
                known.fence += 1
                known.lease_until = now + self._lease
                leased.append(_unit(stacks[place], known))
        return leased

    async def extend(self, unit: Unit) -> bool:
        """Hold the lease longer."""
        known = self._held(unit)
        if known is not None:
            known.lease_until = self._now() + self._lease
        return known is not None

    async def scene(self, unit: Unit) -> Scene:
        """The living rows of the unit's stacks."""
        watched = [
            Watched(row, self._rows.fence_of(row.id), not self._busy(stack.id))
            for stack in self._own(unit)
            for row in self._rows.rows(stack.id)
            if row.state is not State.GONE
        ]
        return Scene(tuple(watched), self._now())

    async def tell(self, news: Sequence[News]) -> None:
        """Write what nobody has touched since."""
        for item in news:
            if not self._busy(item.row.stack_id):
                self._rows.note(item.before.row, item.before.fence, item.row)

    async def books(self, unit: Unit, sightings: Sequence[Sighting]) -> Books:  # noqa: ARG002 - the port's shape
        """All that there is: memory is small."""
        rows: list[ResourceRow] = [row for stack in self._rows.stacks for row in self._rows.rows(stack)]
        return Books(rows, {key: KnownStack(ref, self._busy(key)) for key, ref in self._rows.stacks.items()})

    async def finish(self, unit: Unit, report: Report) -> None:
        """Believe what is seen the second time, forget what is not seen any more."""
        known = self._held(unit)
        if known is None:
            return
        seen = {(item.unowned.sighting.kind, item.unowned.sighting.external_id): item for item in report.orphans}
        kept = {
            thing: item
            for thing, item in known.orphans.items()
            if thing in report.undecided or thing[0] in report.unread
        }
        believed = {thing: item for thing, item in seen.items() if thing in known.candidates or thing in known.orphans}
        known.orphans = kept | believed
        known.candidates = {thing: item for thing, item in seen.items() if thing not in believed}
        known.number += 1
        self._end(known, "")

    async def fail(self, unit: Unit, reason: str, message: str) -> None:  # noqa: ARG002 - the port's shape
        """Come again."""
        known = self._held(unit)
        if known is not None:
            self._end(known, reason)

    async def seconds_to_next(self) -> float | None:
        """Seconds until a unit is due."""
        due = [max(known.due_at, known.lease_until or known.due_at) for known in self.units.values()]
        return max(0.0, (min(due) - self._now()).total_seconds()) if due else None

    def _end(self, known: MemoryUnit, failure: str) -> None:
        known.failure, known.lease_until, known.due_at = failure, None, self._now() + self._interval

    def _held(self, unit: Unit) -> MemoryUnit | None:
        known = self.units[unit.credential_id, unit.region]
        return known if known.fence == unit.fence else None

    def _own(self, unit: Unit) -> list[StackRef]:
        place = (unit.credential_id, unit.region)
        return [stack for stack in self._rows.stacks.values() if (stack.credential_id, stack.region) == place]

    def _busy(self, stack_id: UUID) -> bool:
        moved = any(
            operation.stack_id == stack_id and operation.state in ACTIVE_OPERATIONS
            for operation in self._rows.operations.values()
        )
        return moved or self._rows.is_held(stack_id)


def _unit(stack: StackRef, known: MemoryUnit) -> Unit:
    return Unit(stack.workspace_id, stack.credential_id, stack.provider, stack.region, known.number, known.fence)

"""The simulated cloud itself: its books, its API, and the hands of the outside world. Used by the drivers and by tests.

Invariant: everything follows from the seed, the clock and the calls. A call takes effect at one instant, whatever
happens to its reply, and a resource's phase is computed from its times, so nothing runs in the background.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import TypeVar

from skyclust.contract.errors import (
    Ambiguous,
    AuthenticationFailed,
    InUse,
    NameTaken,
    NoCapacity,
    NotYet,
    PermissionDenied,
    ProviderError,
    QuotaExceeded,
    Throttled,
    Unavailable,
)
from skyclust.contract.resources import JsonObject, Mark, Phase
from skyclust.providers.sim.faults import Fault, FaultPlan, Mode, NoFaults
from skyclust.providers.sim.kinds import KINDS

T = TypeVar("T")

#: Spread of durations around their medians, as measured on the real clouds (sandbox.md).
SIGMA = 0.15


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a creation asks for. `uses` are ids of what must exist and outlive it."""

    kind: str
    region: str
    name: str
    fields: JsonObject
    uses: frozenset[str] = frozenset()


@dataclass(slots=True)
class SimResource:
    """One thing in the cloud's books. Times are cloud seconds."""

    kind: str
    id: str
    name: str
    region: str
    tags: dict[str, str]
    fields: JsonObject
    uses: frozenset[str]
    created_at: float
    visible_at: float
    settles_at: float
    failure: str = ""
    leaving: bool = False

    def phase(self, now: float) -> Phase:
        """What the cloud says of it at `now`."""
        if self.leaving:
            return Phase.DELETING
        if now < self.settles_at:
            return Phase.SETTLING
        return Phase.FAILED if self.failure else Phase.READY


@dataclass
class SimWorld:
    """One cloud with one account.

    now       cloud seconds
    lag       longest time for which a new resource is not seen by reads
    latency   cloud seconds of one API call, half before and half after it takes effect
    haste     how long everything takes, relative to the medians that the drivers tell
    limits    quota by cloud kind
    least_nodes  what pools of these names must keep
    keys      accepted secret keys and the accounts they open
    expiries  when keys end, for those that do
    """

    now: Callable[[], float]
    rng: Random
    faults: FaultPlan = field(default_factory=NoFaults)
    lag: float = 0.0
    latency: float = 0.0
    haste: float = 1.0
    limits: Mapping[str, int] = field(default_factory=dict)
    least_nodes: Mapping[str, int] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=lambda: {"sim-key": "sim-account"}, repr=False)
    expiries: dict[str, datetime] = field(default_factory=dict, repr=False)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    books: dict[str, SimResource] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    calls: int = 0
    created: int = 0
    _leaving: set[str] = field(default_factory=set)

    # ---- the truth ----
    def resources(self) -> list[SimResource]:
        """Everything that exists, visible to reads or not."""
        self._settle()
        return list(self.books.values())

    # ---- the API ----
    async def call(self, operation: str, key: str, effect: Callable[[], T]) -> T:
        """One API call: `effect` happens at one instant, unless a fault comes before it. `key` is the secret key."""
        self.calls += 1
        reads = operation.startswith("read.")
        fault = self.faults.decide(operation)
        if self.latency:
            await self.sleep(self.latency / 2)
        if key not in self.keys:
            raise AuthenticationFailed("The cloud does not know this key. Check the credential.", operation=operation)
        if fault is not None:
            _refuse(fault, operation, reads)
        self._settle()
        result = effect()
        if fault is not None and fault.mode is Mode.SLOW:
            await self.sleep(fault.seconds)
        if self.latency:
            await self.sleep(self.latency / 2)
        if fault is not None and fault.mode in (Mode.ERROR_AFTER, Mode.LOST_REPLY):
            raise _unknown(operation, reads)
        return result

    def create(self, mark: Mark, wanted: Wanted) -> SimResource:
        """Enter a resource with its mark. Unique names and client tokens make a repetition answer the first one."""
        kind, rules = wanted.kind, KINDS[wanted.kind]
        known = self.tokens.get(mark.token) if rules.tokens else None
        if known is not None and known in self.books:
            return self.books[known]
        for needed in sorted(wanted.uses):
            self._need(needed, kind)
        taken = self._holder(wanted) if rules.unique else None
        if taken is not None:
            return _reusable(taken, mark)
        if sum(1 for item in self.books.values() if item.kind == kind) >= self.limits.get(kind, 1 << 30):
            raise QuotaExceeded(f"The account may have {self.limits[kind]} of {kind}.", operation=f"create.{kind}")
        made = self.enter(wanted, mark.tags(), settling_seconds=self.duration(rules.create_seconds))
        made.visible_at = self.now() + self.rng.uniform(0, self.lag)
        if rules.tokens:
            self.tokens[mark.token] = made.id
        return made

    def seen(self, resource_id: str, kind: str) -> SimResource | None:
        """What a read by id shows: None inside the lag."""
        item = self.books.get(resource_id)
        return item if item is not None and item.kind == kind and item.visible_at <= self.now() else None

    def marked(self, kind: str, mark: Mark) -> SimResource | None:
        """What a read by tag shows: None inside the lag. Something that leaves counts only if nothing else is there."""
        mine = [item for item in self.books.values() if item.kind == kind and mark.owns_tags(item.tags)]
        mine = [item for item in mine if item.visible_at <= self.now()]
        return min(mine, key=lambda item: (item.leaving, item.created_at), default=None)

    def named(self, wanted: Wanted) -> SimResource | None:
        """What a read by unique name shows."""
        found = self._holder(wanted)
        return found if found is not None and found.visible_at <= self.now() else None

    def listed(self, kind: str) -> list[SimResource]:
        """What a list of a kind shows: nothing inside the lag."""
        now = self.now()
        return [item for item in self.books.values() if item.kind == kind and item.visible_at <= now]

    def page(self, network_id: str, after: str, limit: int) -> tuple[list[SimResource], str]:
        """One page of what uses a network, directly or not, and where the next page starts ("" at the end)."""
        inside = {network_id}
        for item in self.books.values():  # in order of creation, so that users come after what they use
            if item.uses & inside:
                inside.add(item.id)
        listed = sorted(inside - {network_id})
        page = [item for item in listed if item > after][:limit]
        more = page[-1] if page and page[-1] != listed[-1] else ""
        return [self.books[item] for item in page if self.books[item].visible_at <= self.now()], more

    def change(self, item: SimResource, fields: JsonObject) -> None:
        """Take over changed fields; the resource settles again."""
        now = self.now()
        if item.phase(now) is not Phase.READY:
            raise InUse(f"{item.name} is busy.", operation=f"update.{item.kind}")
        item.fields = {**item.fields, **fields}
        item.settles_at = now + self.duration(KINDS[item.kind].update_seconds)

    def delete(self, item: SimResource) -> None:
        """Begin to delete; refused while something uses it."""
        users = sorted(other.id for other in self.books.values() if item.id in other.uses)
        if users:
            raise InUse(f"{item.kind} {item.name} is in use.", blockers=tuple(users), operation=f"delete.{item.kind}")
        if not item.leaving:
            item.leaving = True
            self._leaving.add(item.id)
            item.settles_at = self.now() + self.duration(KINDS[item.kind].delete_seconds)
        self._settle()

    # ---- the outside world ----
    def enter(self, wanted: Wanted, tags: dict[str, str], *, settling_seconds: float = 0.0) -> SimResource:
        """Put something into the books, around every check."""
        self.created += 1
        now = self.now()
        item = SimResource(
            wanted.kind, f"{wanted.kind}-{self.created:05d}", wanted.name, wanted.region, tags, wanted.fields,
            wanted.uses, created_at=now, visible_at=now, settles_at=now + settling_seconds,
        )  # fmt: skip
        self.books[item.id] = item
        return item

    def remove(self, resource_id: str) -> None:
        """Take something out of the books at once, asking nothing."""
        del self.books[resource_id]

    def fail(self, resource_id: str, why: str) -> None:
        """Let the cloud give up on something."""
        self.books[resource_id].failure = why

    # ---- inside ----
    def duration(self, median: float) -> float:
        """A log-normal duration around `median`, which a hasty cloud falls short of."""
        return self.haste * median * math.exp(self.rng.gauss(0.0, SIGMA)) if median else 0.0

    def _settle(self) -> None:
        now = self.now()
        for gone in [item for item in self._leaving if item not in self.books or self.books[item].settles_at <= now]:
            self._leaving.discard(gone)
            self.books.pop(gone, None)

    def _need(self, resource_id: str, kind: str) -> None:
        item = self.books.get(resource_id)
        if item is None or item.leaving or item.visible_at > self.now():
            raise NotYet(f"{resource_id} does not exist (yet), so no {kind} can use it.", operation=f"create.{kind}")

    def _holder(self, wanted: Wanted) -> SimResource | None:
        """Who has the name: within what it uses (a pool within its cluster) or, for roots, within the region."""
        within = KINDS[wanted.kind].unique_within
        for item in self.books.values():
            if (item.kind, item.name, item.region) != (wanted.kind, wanted.name, wanted.region):
                continue
            if not within or any(self.books[used].kind == within for used in wanted.uses & item.uses):
                return item
        return None


def _reusable(taken: SimResource, mark: Mark) -> SimResource:
    """The holder of a wanted name, if it is ours and stays."""
    if not mark.owns_tags(taken.tags):
        message = f"A {taken.kind} named {taken.name} exists in {taken.region} and is not ours."
        raise NameTaken(message, operation=f"create.{taken.kind}")
    if taken.leaving:
        raise InUse(f"{taken.name} is still being deleted.", operation=f"create.{taken.kind}")
    return taken


def _refuse(fault: Fault, operation: str, reads: bool) -> None:
    match fault.mode:
        case Mode.THROTTLE:
            raise Throttled("The cloud asks to slow down.", retry_after_seconds=fault.seconds, operation=operation)
        case Mode.ERROR_BEFORE:
            raise _unknown(operation, reads)
        case Mode.QUOTA:
            raise QuotaExceeded("A limit of the account is reached. Ask for more, then resume.", operation=operation)
        case Mode.NO_CAPACITY:
            raise NoCapacity("The zone is out of machines. Try another zone or type.", operation=operation)
        case Mode.REVOKED:
            raise AuthenticationFailed("The credential was revoked. Replace it, then resume.", operation=operation)
        case Mode.DENIED:
            raise PermissionDenied(f"The credential may not call {operation}.", operation=operation)
        case _:
            return


def _unknown(operation: str, reads: bool) -> ProviderError:
    if reads:
        return Unavailable(f"The cloud did not answer {operation}. It is asked again.", operation=operation)
    return Ambiguous(f"The cloud did not answer {operation}: it may or may not have done it.", operation=operation)

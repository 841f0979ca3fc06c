"""The port between the engine and durable rows. `memory.MemoryStore` and `postgres.PostgresStore` pass one suite.

Invariants every implementation keeps:
- a row is claimed by at most one worker while its lease lasts, and each claim raises its fence;
- `begin` and `apply` write nothing when the fence has moved on (they answer False: drop the result);
- what an operation puts during a claim moves the fence but leaves the lease, so that two workers never act on one
  resource; the overtaken claim's `apply` answers False and gives the lease back;
- `apply` writes the row, its step, the neighbours' wake-ups, the operation's state and the event in one transaction;
- time is the store's own clock: workers give durations, never instants.
"""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from skyclust.provisioning.rows import Claim, Patch, ResourceRow


class Store(Protocol):
    """Durable rows as the engine needs them."""

    async def claim(self, worker: str, limit: int, without: frozenset[UUID] = frozenset()) -> list[Claim]:
        """Lease up to `limit` due rows, oldest wake-up first; none of the credentials `without`."""
        ...

    async def begin(self, claim: Claim, row: ResourceRow) -> bool:
        """Write the intent (row.intent) before a mutating call and renew the lease. False: the claim is stale."""
        ...

    async def apply(self, claim: Claim, patch: Patch) -> bool:
        """Write the result and give the lease back. False: the claim is stale and nothing was written."""
        ...

    async def current(self, resource_id: UUID) -> ResourceRow | None:
        """The row as it is now, for a worker that finds itself stale."""
        ...

    async def seconds_to_next_wake(self, without: frozenset[UUID] = frozenset()) -> float | None:
        """Real seconds until the next row is due; None when none is waiting. Credentials `without` do not count."""
        ...

    async def release(self, worker: str) -> None:
        """Hand back every lease of a worker that stops."""
        ...

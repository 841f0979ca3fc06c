"""For how long this worker has been in doubt about a resource, by its own clock. Used by the engine.

Whether NotFound is believed rests on the store's clock, and a store's clock may be set. Invariant: however it jumps, a
worker believes no absence before it has itself waited out the consistency window since it first looked, or created.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import timedelta
from uuid import UUID

from skyclust.provisioning.rows import ResourceRow

#: More than any window: this worker has no reason of its own to doubt.
CERTAIN = timedelta(days=1)


class Watch:
    """When this worker began to doubt, per resource. Times are monotonic real seconds."""

    def __init__(self) -> None:
        """No doubts yet."""
        self._since: dict[UUID, tuple[Hashable, float]] = {}

    def looked_for(self, row: ResourceRow, now: float) -> timedelta:
        """How long `row` has been looked for: since the first look after its open intent, or since `made`.

        What another worker made and nobody has seen ready yet is looked for since the first look, too.
        """
        key: Hashable = row.generation
        if row.external_id is None and row.intent is not None and row.intent.open:
            key = (row.generation, row.intent)
        unseen = row.created_at is not None and row.observed_generation < row.generation
        known = self._since.get(row.id)
        if known is None or known[0] != key:
            if key == row.generation and not unseen:
                return CERTAIN
            known = self._since[row.id] = (key, now)
        return timedelta(seconds=now - known[1])

    def made(self, row: ResourceRow, now: float) -> None:
        """This worker has just created it."""
        self._since[row.id] = (row.generation, now)

    def forget(self, row: ResourceRow) -> None:
        """It is at rest: nothing is looked for."""
        self._since.pop(row.id, None)

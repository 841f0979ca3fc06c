"""Take a change of a spec back when the operation that was to make it true is rolled back.

A recorder of events (events.publishing): runs inside the transaction that asks for the roll back, so spec and rows
never tell different stories. Installed once by the entry point.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.clusters import queries
from skyclust.events.publishing import Event, register_recorder
from skyclust.provisioning.operating import spec_before


async def take_spec_back(session: AsyncSession, event: Event) -> None:
    """Restore the spec from before the change that is rolled back."""
    target = event.data.get("target", {})
    if event.name != "operation.rollback_requested" or target.get("kind") != "cluster" or event.workspace_id is None:
        return
    before = await spec_before(session, UUID(str(event.data["operation_id"])))
    if before is None:
        return
    row = await queries.by_id(session, [event.workspace_id], UUID(str(target["id"])), lock=True)
    if row is not None:
        row.previous_spec, row.spec = row.spec, before
        row.generation += 1


def install() -> None:
    """Register it."""
    register_recorder(take_spec_back)

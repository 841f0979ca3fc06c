"""Take a change of a spec, or an import, back in our books when the operation that made it true is rolled back.

Recorders of events (events.publishing): they run inside the transaction that asks for the roll back, so spec and rows
never tell different stories. Installed once by the entry point.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.clusters import draining, queries
from skyclust.clusters.service.measuring import measure
from skyclust.credentials.clouds import register_drivers
from skyclust.events.publishing import Event, register_recorder
from skyclust.networks.service import forget_use
from skyclust.provisioning.operating import spec_before
from skyclust.workspaces.service import install_meter

#: Operations whose roll back gives a cluster back to whoever made it.
GIVING_BACK = ("cluster.import", "cluster.manage")


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


async def leave_network(session: AsyncSession, event: Event) -> None:
    """A cluster that is given back by rolling its import back leaves nothing in its network that is ours to sweep."""
    kind, target = str(event.data.get("kind", "")), event.data.get("target", {})
    if event.name == "operation.rollback_requested" and kind.startswith(GIVING_BACK):
        await forget_use(session, UUID(str(target["id"])))


def install() -> None:
    """Register them, how a workspace's use is measured, and the steps of drains."""
    register_recorder(take_spec_back)
    register_recorder(leave_network)
    install_meter(measure)
    register_drivers(draining.drivers)

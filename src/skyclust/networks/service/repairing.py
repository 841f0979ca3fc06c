"""Bring what drifted of a network back to its spec. Called by the slice of drift; how is in mending.py."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.networks import queries
from skyclust.networks.answers import Standing
from skyclust.networks.errors import belongs_to_cluster, network_not_found
from skyclust.networks.service.applying import Json
from skyclust.networks.service.creating import target_of
from skyclust.networks.service.ground import Errand
from skyclust.networks.service.mending import Whole, mend
from skyclust.networks.service.reading import network_standing
from skyclust.provisioning.answers import PlanAnswer
from skyclust.provisioning.operating import load_rows
from skyclust.provisioning.repairing import Mend
from skyclust.workspaces.permissions import Permission


async def repair_network(errand: Errand, wanted: str, what: Mend, provider: str | None = None) -> Json | PlanAnswer:
    """The begun operation, or the plan on a dry run."""
    async with errand.session() as session:
        seen = await network_standing(session, errand, provider, wanted, Permission.NETWORKS_UPDATE)
    row = seen.row
    if row.owner_cluster_id is not None:
        raise belongs_to_cluster(row.owner_cluster_id, row.owner_cluster_name or "")

    async def hold(session: AsyncSession) -> Whole:
        held = await queries.by_id(session, [row.workspace_id], row.id, lock=True)
        if held is None:
            raise network_not_found()
        return whole_of(Standing(held, await load_rows(session, held.stack_id), None))

    return await mend(errand, whole_of(seen), hold, what)


def whole_of(seen: Standing) -> Whole:
    """The network as mending sees it."""
    row = seen.row
    return Whole(
        target_of(row), row.workspace_id, row.stack_id, seen.etag, seen.managed, seen.resources,
        lambda provider: provider.network_blueprint(seen.spec),
    )  # fmt: skip

"""Bring what drifted of a cluster back to its spec. Called by the slice of drift; how is in networks' mending.py."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.clusters import queries
from skyclust.clusters.answers import Standing
from skyclust.clusters.errors import cluster_not_found
from skyclust.clusters.queries import Filter
from skyclust.clusters.service.creating import target_of
from skyclust.clusters.service.reading import find_cluster
from skyclust.networks.service import Errand, Json, Whole, mend
from skyclust.provisioning.answers import PlanAnswer
from skyclust.provisioning.operating import load_rows
from skyclust.provisioning.repairing import Mend
from skyclust.workspaces.permissions import Permission

ANY = Filter()


async def repair_cluster(errand: Errand, wanted: str, what: Mend, which: Filter = ANY) -> Json | PlanAnswer:
    """The begun operation, or the plan on a dry run."""
    async with errand.session() as session:
        seen = await find_cluster(session, errand.caller, wanted, which, Permission.CLUSTERS_UPDATE)
    row = seen.row

    async def hold(session: AsyncSession) -> Whole:
        held = await queries.by_id(session, [row.workspace_id], row.id, lock=True)
        if held is None:
            raise cluster_not_found()
        return whole_of(Standing(held, await load_rows(session, held.stack_id), None))

    return await mend(errand, whole_of(seen), hold, what)


def whole_of(seen: Standing) -> Whole:
    """The cluster as mending sees it."""
    row = seen.row
    return Whole(
        target_of(row), row.workspace_id, row.stack_id, seen.etag, seen.managed, seen.resources,
        lambda provider: provider.cluster_blueprint(seen.spec),
    )  # fmt: skip

"""Draw a network with the clusters in it. From rows, with a handful of statements; no cloud is asked."""

from __future__ import annotations

from skyclust.networks import queries
from skyclust.networks.schemas import TopologyAnswer
from skyclust.networks.service.ground import Errand
from skyclust.networks.service.reading import network_standing
from skyclust.networks.states import cloud_id
from skyclust.networks.topology import DrawnStack, topology
from skyclust.provisioning.operating import load_rows_of
from skyclust.workspaces.permissions import Permission

#: So many clusters of one network are drawn.
MOST_CLUSTERS = 100


async def network_topology(errand: Errand, provider: str | None, wanted: str) -> TopologyAnswer:
    """The network's parts, and the clusters in it for whoever may read clusters there."""
    async with errand.session() as session:
        seen = await network_standing(session, errand, provider, wanted)
        row, vpc_id = seen.row, cloud_id(seen.resources)
        with_clusters = errand.caller.may(row.workspace_id, Permission.CLUSTERS_READ)
        ids = [vpc_id] if vpc_id and with_clusters else []
        uses = [use for use, alive in await queries.uses_of(session, [row.workspace_id], row.provider, ids) if alive]
        rows = await load_rows_of(session, [use.stack_id for use in uses[:MOST_CLUSTERS]])
    guests = [
        DrawnStack(rows[use.stack_id], row.name, use.cluster_id, use.cluster_name) for use in uses[:MOST_CLUSTERS]
    ]
    own = DrawnStack(seen.resources, row.name, row.owner_cluster_id, row.owner_cluster_name or "")
    drawn = topology(own, guests, with_clusters=with_clusters, truncated=len(uses) > MOST_CLUSTERS)
    return TopologyAnswer.model_validate(drawn)

"""Cordon and uncordon a node. Called by the routes.

Invariant: on a dry run the cluster's own API checks the change and keeps nothing, and nothing is told.
"""

from __future__ import annotations

from skyclust.clusters import inside
from skyclust.clusters.errors import node_not_found
from skyclust.clusters.inside_schemas import NodeAnswer
from skyclust.clusters.kube import Document, KubeApi
from skyclust.clusters.kube_errors import KubeError, Trouble
from skyclust.clusters.queries import Filter
from skyclust.clusters.service.reaching import opened, tell
from skyclust.networks.service import Errand
from skyclust.workspaces.permissions import Permission


async def set_schedulable(errand: Errand, wanted: str, which: Filter, node: str, *, schedulable: bool) -> NodeAnswer:
    """Let pods onto the node or not. Doing it twice changes nothing."""
    dry_run = errand.asked.dry_run
    async with opened(errand, wanted, which, Permission.CLUSTERS_UPDATE) as (found, api):
        try:
            changed = await marked(api, node, schedulable=schedulable, dry_run=dry_run)
        except KubeError as error:
            raise (node_not_found(node) if error.trouble is Trouble.NOT_FOUND else error) from error
    if not dry_run:
        await tell(errand, found, "cluster.node_uncordoned" if schedulable else "cluster.node_cordoned", node)
    return inside.node_answer(changed)


async def marked(api: KubeApi, node: str, *, schedulable: bool, dry_run: bool = False) -> Document:
    """The node once it is marked, as `kubectl cordon` does it."""
    change = {"spec": {"unschedulable": None if schedulable else True}}
    return await api.merge(f"/api/v1/nodes/{node}", change, dry_run=dry_run)

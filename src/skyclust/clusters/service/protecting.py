"""Protect a cluster from deletion, and lift that. What the switches mean is in networks' protecting.py."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.clusters import queries
from skyclust.clusters.answers import Standing
from skyclust.clusters.errors import cluster_not_found
from skyclust.clusters.queries import Filter
from skyclust.clusters.schemas import ClusterAnswer
from skyclust.clusters.service.reading import answer_of, find_cluster, standings
from skyclust.networks.service import Errand, nothing_in_the_cloud, refuse_protected, set_protection
from skyclust.provisioning.answers import PlanAnswer
from skyclust.workspaces.permissions import Permission


async def protect_cluster(errand: Errand, wanted: str, which: Filter, *, protected: bool) -> ClusterAnswer | PlanAnswer:
    """The cluster as it is then; the cloud is not asked, and an operation under way is no hindrance."""
    async with errand.session() as session:
        seen = await find_cluster(session, errand.caller, wanted, which, Permission.CLUSTERS_UPDATE)
    errand.asked.check_version(seen.etag)
    if errand.asked.dry_run:
        return nothing_in_the_cloud(seen.row)
    async with errand.session() as session:
        held = await hold_cluster(session, seen)
        errand.asked.check_version(held.etag)
        await set_protection(session, errand, "cluster", held.row, protected)
        return answer_of(errand, held)


async def hold_cluster(session: AsyncSession, seen: Standing) -> Standing:
    """The cluster as it is now, held to the end of the transaction; 404 when it has gone meanwhile."""
    row = await queries.by_id(session, [seen.row.workspace_id], seen.row.id, lock=True)
    if row is None:
        raise cluster_not_found()
    return (await standings(session, [row]))[0]


async def refuse_protected_cluster(session: AsyncSession, workspace_id: UUID, cluster_id: UUID) -> None:
    """409 while it is protected; from here to the end of the transaction nobody changes that."""
    row = await queries.by_id(session, [workspace_id], cluster_id, lock=True)
    if row is not None:
        standing = (await standings(session, [row]))[0]
        refuse_protected("cluster", row, managed=standing.managed)

"""Find and show clusters. Called by the routes and by every other flow, which begins with finding one.

A read never calls a cloud: everything shown comes from rows, a page of it with three statements.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.clusters import queries
from skyclust.clusters.answers import Standing, cluster_answer
from skyclust.clusters.errors import cluster_not_found
from skyclust.clusters.models import ClusterRow
from skyclust.clusters.queries import Filter
from skyclust.clusters.schemas import ClusterAnswer
from skyclust.clusters.service.planning import change_plan
from skyclust.kit.pagination import Page, decode_cursor, encode_cursor, page_of
from skyclust.kit.problems import FieldError, invalid
from skyclust.networks.errors import several
from skyclust.networks.service import Errand, as_uuid
from skyclust.provisioning.answers import PlanAnswer, plan_answer
from skyclust.provisioning.operating import active_operations, load_rows_of
from skyclust.workspaces.callers import Caller
from skyclust.workspaces.permissions import Permission


async def standings(session: AsyncSession, rows: Sequence[ClusterRow]) -> list[Standing]:
    """How each cluster stands, in two statements."""
    stacks = [row.stack_id for row in rows]
    resources = await load_rows_of(session, stacks)
    running = await active_operations(session, stacks)
    return [Standing(row, resources[row.stack_id], running.get(row.stack_id)) for row in rows]


async def list_page(
    session: AsyncSession, caller: Caller, which: Filter, *, state: str | None, limit: int, cursor: str | None
) -> tuple[list[Standing], str | None]:
    """A page of living clusters, oldest first, in every workspace where the caller may read them."""
    allowed = caller.workspace_ids(Permission.CLUSTERS_READ)
    key = decode_cursor(cursor, 1)
    after = _id_of(key[0]) if key else None
    found: list[Standing] = []
    while len(found) <= limit:
        rows = await queries.list_clusters(session, allowed, which, state=state, after=after, limit=limit)
        found += [item for item in await standings(session, rows) if state in (None, item.state)]
        if len(rows) <= limit:
            break
        after = rows[-1].id
    return page_of(found, limit, lambda item: encode_cursor(str(item.row.id)))


async def find_cluster(
    session: AsyncSession, caller: Caller, wanted: str, which: Filter, permission: Permission = Permission.CLUSTERS_READ
) -> Standing:
    """One cluster by id or name, narrowed by `which`.

    404 when there is none one may see, 403 when one may see but not do this, 409 with the candidates when the name
    alone does not tell.
    """
    allowed = caller.workspace_ids(Permission.CLUSTERS_READ)
    rows = await _candidates(session, allowed, wanted, which)
    if not rows:
        raise cluster_not_found()
    if len(rows) > 1:
        candidates = [
            {
                "id": str(row.id),
                "provider": row.provider,
                "region": row.region,
                "credential_id": str(row.credential_id),
            }
            for row in rows
        ]
        raise several("cluster", wanted, candidates)
    caller.require(rows[0].workspace_id, permission)
    return (await standings(session, rows))[0]


async def _candidates(
    session: AsyncSession, allowed: Sequence[UUID], wanted: str, which: Filter
) -> Sequence[ClusterRow]:
    cluster_id = as_uuid(wanted)
    if cluster_id is not None:
        row = await queries.by_id(session, allowed, cluster_id)
        return [row] if row is not None and which.provider in (None, row.provider) else []
    named = Filter(which.provider, which.credential_id, which.region, wanted)
    return await queries.list_clusters(session, allowed, named, limit=10)


def _id_of(text: str) -> UUID:
    found = as_uuid(text)
    if found is None:
        raise invalid([FieldError("?cursor", "Use the next_cursor of the page before, unchanged.")])
    return found


# ---- what the routes of reads ask for ----
async def get_cluster(errand: Errand, wanted: str, which: Filter) -> Standing:
    """One cluster."""
    async with errand.session() as session:
        return await find_cluster(session, errand.caller, wanted, which)


def answer_of(errand: Errand, standing: Standing) -> ClusterAnswer:
    """Its wire shape."""
    return cluster_answer(errand.ground.providers.get(standing.row.provider), standing)


async def answer_page(
    errand: Errand, which: Filter, *, state: str | None, limit: int, cursor: str | None
) -> Page[ClusterAnswer]:
    """A page of wire shapes."""
    async with errand.session() as session:
        found, following = await list_page(session, errand.caller, which, state=state, limit=limit, cursor=cursor)
    return Page(items=[answer_of(errand, standing) for standing in found], next_cursor=following)


async def present_plan(errand: Errand, wanted: str, which: Filter) -> PlanAnswer:
    """What would be done to bring the cluster to its spec, as far as is known without asking the cloud."""
    standing = await get_cluster(errand, wanted, which)
    provider = errand.provider(standing.row.provider)
    return plan_answer(change_plan(provider, standing.spec, standing.resources))

"""Bring what drifted of a cluster back to its spec. Called by the slice of drift.

Invariant: the spec stays as it is; nothing is done but what the plan shows.
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.clusters import queries
from skyclust.clusters.answers import Standing
from skyclust.clusters.errors import cluster_not_found
from skyclust.clusters.queries import Filter
from skyclust.clusters.service.creating import target_of
from skyclust.clusters.service.reading import find_cluster
from skyclust.contract.provider import Provider
from skyclust.networks.errors import import_unfinished, nothing_to_repair, read_only
from skyclust.networks.service import Begin, Errand, Json, begun, once, recall
from skyclust.provisioning.answers import PlanAnswer, plan_answer
from skyclust.provisioning.drift_acting import take_back
from skyclust.provisioning.importing import is_unfinished
from skyclust.provisioning.operating import load_rows
from skyclust.provisioning.planning import Plan
from skyclust.provisioning.pricing import kinds_of, price_of
from skyclust.provisioning.repairing import Mend, plan_mend
from skyclust.workspaces.permissions import Permission

ANY = Filter()


async def repair_cluster(errand: Errand, wanted: str, mend: Mend, which: Filter = ANY) -> Json | PlanAnswer:
    """The begun operation, or the plan on a dry run."""
    async with errand.session() as session:
        seen = await find_cluster(session, errand.caller, wanted, which, Permission.CLUSTERS_UPDATE)
    provider = errand.provider(seen.row.provider)

    async def work() -> Json | PlanAnswer:
        errand.asked.check_version(seen.etag)
        plan = _planned(provider, seen, mend)
        return plan_answer(plan) if errand.asked.dry_run else await _write(errand, seen, mend)

    return await once(errand, seen.row.workspace_id, work)


def _planned(provider: Provider, standing: Standing, mend: Mend) -> Plan:
    if not standing.managed:
        raise read_only("cluster", standing.row.name)
    if is_unfinished(standing.resources):
        raise import_unfinished("cluster", standing.row.name)
    graph, region = provider.cluster_blueprint(standing.spec), standing.row.region
    return plan_mend(graph, standing.resources, mend, kinds_of(provider), price_of(provider, region))


async def _write(errand: Errand, seen: Standing, mend: Mend) -> Json:
    async with errand.session() as session:
        if earlier := await recall(session, errand, seen.row.workspace_id):
            return earlier
        row = await queries.by_id(session, [seen.row.workspace_id], seen.row.id, lock=True)
        if row is None:
            raise cluster_not_found()
        now = Standing(row, await load_rows(session, row.stack_id), None)
        errand.asked.check_version(now.etag)
        answer = await _begin(session, errand, now, mend)
    errand.ground.ring()
    return answer


async def _begin(session: AsyncSession, errand: Errand, now: Standing, mend: Mend) -> Json:
    row, provider = now.row, errand.provider(now.row.provider)
    plan = _planned(provider, now, mend)
    if plan.empty:
        raise nothing_to_repair("cluster", row.name)
    if mend.found:
        await take_back(session, row.stack_id, mend.found)
    data = {"provider": row.provider, "region": row.region, **mend.data}
    return await begun(session, errand, Begin(
        row.workspace_id, row.stack_id, f"cluster.{mend.verb}", target_of(row), plan,
        provider.cluster_blueprint(now.spec), f"cluster.{mend.event}", data,
    ))  # fmt: skip

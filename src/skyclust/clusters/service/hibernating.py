"""Hibernate a cluster and wake it: all node pools to the least they keep, and back to exactly what they were.

A change of the spec like any other, so it is planned, resumed, cancelled and rolled back like any other. Invariant:
what the pools are awake is never overwritten (ClusterSpec.asleep): waking restores it whatever happened in between.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.clusters import queries
from skyclust.clusters.answers import Standing
from skyclust.clusters.models import ClusterRow
from skyclust.clusters.node_pools import hibernated, woken
from skyclust.clusters.pool_schemas import PoolSizeAnswer
from skyclust.clusters.queries import Filter
from skyclust.clusters.schemas import HibernationPlanAnswer
from skyclust.clusters.service.changing import Change, SpecChange, change_cluster
from skyclust.clusters.service.reading import find_cluster
from skyclust.contract.provider import Provider
from skyclust.contract.specs import ClusterSpec
from skyclust.networks.service import Errand, Json
from skyclust.provisioning.answers import FindingAnswer, PlanAnswer
from skyclust.provisioning.pricing import monthly_cost, price_of
from skyclust.provisioning.schemas import operation_answer
from skyclust.workspaces.permissions import Permission

HIBERNATE, WAKE = "cluster.hibernate", "cluster.wake"


Also = Callable[[AsyncSession, ClusterRow, UUID], Awaitable[None]]


async def hibernate_cluster(errand: Errand, wanted: str, which: Filter, also: Also | None = None) -> Json | PlanAnswer:
    """The begun operation (or the one that is doing it already), or the plan on a dry run."""
    return await _change(errand, wanted, which, HIBERNATE, hibernated, also or _by_hand(errand))


async def wake_cluster(errand: Errand, wanted: str, which: Filter, also: Also | None = None) -> Json | PlanAnswer:
    """The begun operation (or the one that is doing it already), or the plan on a dry run. Quotas are held again."""
    return await _change(errand, wanted, which, WAKE, lambda spec, _: woken(spec), also or _by_hand(errand))


def _by_hand(errand: Errand) -> Also:
    """What the schedule had due is settled: a person's word holds until its next entry."""

    async def settle(session: AsyncSession, row: ClusterRow, _: UUID) -> None:
        schedule = await queries.schedule_of(session, [row.workspace_id], row.id, lock=True)
        if schedule is not None:
            schedule.settled_until, schedule.waiting = max(schedule.settled_until, errand.now()), ""

    return settle


async def _change(
    errand: Errand, wanted: str, which: Filter, kind: str, change: SpecChange, also: Also
) -> Json | PlanAnswer:
    async with errand.session() as session:
        seen = await find_cluster(session, errand.caller, wanted, which, Permission.CLUSTERS_UPDATE)
    running = seen.running
    if running is not None and running.kind == kind and not errand.asked.dry_run:
        return operation_answer(running, errand.ground.cloud_speed).model_dump(mode="json")
    provider = errand.provider(seen.row.provider)

    def shown(answer: PlanAnswer, standing: Standing, spec: ClusterSpec) -> PlanAnswer:
        return hibernation_plan(answer, provider, standing, spec)

    data = {"pools": {pool.name: pool.node_count for pool in change(seen.spec, provider).pools_now}}
    whole = Change(kind, f"{kind}_requested", data, change, also=also, shown=shown)
    return await change_cluster(errand, wanted, which, whole)


def hibernation_plan(
    answer: PlanAnswer, provider: Provider, standing: Standing, spec: ClusterSpec
) -> HibernationPlanAnswer:
    """The plan with what each pool is before and after, and what the cluster costs then."""
    usd, _ = monthly_cost(standing.resources, price_of(provider, standing.row.region))
    then = round(usd + answer.usd_per_month, 2)
    before = {pool.name: pool.node_count for pool in standing.spec.pools_now}
    pools = [PoolSizeAnswer(name=pool.name, now=before[pool.name], then=pool.node_count) for pool in spec.pools_now]
    told = [FindingAnswer.model_validate(item) for item in _told(spec, then)] if spec.asleep is not None else []
    whole = {**dict(answer), "findings": [*answer.findings, *told]}
    return HibernationPlanAnswer.model_validate({**whole, "pools": pools, "usd_per_month_then": then})


def _told(spec: ClusterSpec, usd: float) -> list[dict[str, str]]:
    """What stops, what has to stay, and what goes on costing."""
    lines = [
        ("stops", "Every pod on these pools stops until the cluster is woken; what is on local disks is lost."),
        ("goes-on-costing", f"About ${usd:,.2f} a month go on: the control plane, gateways, volumes and balancers."),
    ]
    lines += [
        ("keeps-nodes", f"The pool {pool.name} keeps {pool.node_count}: the cloud does not let it go lower.")
        for pool in spec.pools_now
        if pool.node_count
    ]
    return [{"severity": "warning", "field": "", "message": text, "code": code} for code, text in lines]

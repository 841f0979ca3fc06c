"""Mend what drifted of a cluster or a network, and give back what was imported: what both slices do alike.

Called by their own `repairing` and `importing`. Invariant: the spec stays as it is; what was planned on a dry run is
planned again while the row is held, and nothing is done but that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.contract.provider import Provider
from skyclust.contract.resources import Graph
from skyclust.networks.errors import import_unfinished, nothing_to_repair, read_only
from skyclust.networks.service.allowing import with_quotas
from skyclust.networks.service.applying import Begin, Json, begun, once, recall
from skyclust.networks.service.ground import Errand
from skyclust.provisioning.answers import PlanAnswer, plan_answer
from skyclust.provisioning.drift_acting import take_back
from skyclust.provisioning.importing import is_unfinished
from skyclust.provisioning.operating import Target, load_rows
from skyclust.provisioning.planning import Plan, plan_release
from skyclust.provisioning.pricing import kinds_of, price_of
from skyclust.provisioning.repairing import Mend, plan_mend
from skyclust.provisioning.rows import ResourceRow
from skyclust.workspaces.service import Use


@dataclass(frozen=True, slots=True)
class Whole:
    """A cluster or a network, reduced to what is alike. `graph` is the blueprint of its spec."""

    target: Target
    workspace_id: UUID
    stack_id: UUID
    etag: str
    managed: bool
    resources: Sequence[ResourceRow]
    graph: Callable[[Provider], Graph]


#: Lock the row and read all of it again; raises what fits when it is gone meanwhile.
Hold = Callable[[AsyncSession], Awaitable[Whole]]


async def mend(errand: Errand, seen: Whole, hold: Hold, what: Mend) -> Json | PlanAnswer:
    """The begun operation, or the plan on a dry run."""
    provider = errand.provider(seen.target.provider)

    async def work() -> Json | PlanAnswer:
        errand.asked.check_version(seen.etag)
        plan = _planned(provider, seen, what)
        if errand.asked.dry_run:
            wanted = Use(usd_per_month=plan.usd_per_month)
            return await with_quotas(errand, seen.workspace_id, plan_answer(plan), wanted)
        return await _mend(errand, provider, seen, hold, what)

    return await once(errand, seen.workspace_id, work)


def _planned(provider: Provider, whole: Whole, what: Mend) -> Plan:
    noun, name = whole.target.kind, whole.target.name
    if not whole.managed:
        raise read_only(noun, name)
    if is_unfinished(whole.resources):
        raise import_unfinished(noun, name)
    prices = price_of(provider, whole.target.region)
    return plan_mend(whole.graph(provider), whole.resources, what, kinds_of(provider), prices)


async def _mend(errand: Errand, provider: Provider, seen: Whole, hold: Hold, what: Mend) -> Json:
    async with errand.adding(seen.workspace_id) as session:
        if earlier := await recall(session, errand, seen.workspace_id):
            return earlier
        now = await hold(session)
        errand.asked.check_version(now.etag)
        plan = _planned(provider, now, what)
        if plan.empty:
            raise nothing_to_repair(now.target.kind, now.target.name)
        if what.found:
            await take_back(session, now.stack_id, what.found)
        answer = await _begun(session, errand, now, what.verb, plan, now.graph(provider), what.event, what.data)
    errand.ground.ring()
    return answer


async def release(errand: Errand, seen: Whole, forget: Callable[[AsyncSession], Awaitable[None]]) -> Json | PlanAnswer:
    """Forget what was imported and take our mark off; nothing is deleted. `forget`: what the slice forgets besides."""

    async def work() -> Json | PlanAnswer:
        if errand.asked.dry_run:
            return plan_answer(plan_release(seen.resources))
        async with errand.session() as session:
            if earlier := await recall(session, errand, seen.workspace_id):
                return earlier
            await forget(session)
            plan = plan_release(await load_rows(session, seen.stack_id))
            answer = await _begun(session, errand, seen, "release", plan, None, "release_requested", {})
        errand.ground.ring()
        return answer

    return await once(errand, seen.workspace_id, work)


async def _begun(
    session: AsyncSession, errand: Errand, whole: Whole, verb: str, plan: Plan, graph: Graph | None, event: str,
    data: Json,
) -> Json:  # fmt: skip
    target = whole.target
    return await begun(session, errand, Begin(
        whole.workspace_id, whole.stack_id, f"{target.kind}.{verb}", target, plan, graph, f"{target.kind}.{event}",
        {"provider": target.provider, "region": target.region, **data},
    ))  # fmt: skip

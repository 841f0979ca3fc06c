"""Change a cluster in place: version, switches, node pools. Called with a pure change of the spec.

Invariant: the spec and the operation that makes it true are written in one transaction, and the spec before is kept for
a roll back. What the cloud can only replace is refused before anything is touched.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.clusters import queries
from skyclust.clusters.answers import Standing
from skyclust.clusters.errors import being_deleted, cluster_not_found
from skyclust.clusters.models import ClusterRow
from skyclust.clusters.queries import Filter
from skyclust.clusters.service.creating import target_of
from skyclust.clusters.service.planning import change_plan, graphs_towards
from skyclust.clusters.service.reading import find_cluster
from skyclust.contract.provider import Provider
from skyclust.contract.resources import Finding
from skyclust.contract.specs import ClusterSpec
from skyclust.networks.errors import Pointer, cannot_change, check_findings, import_unfinished, read_only, same
from skyclust.networks.service import Begin, Errand, Json, begun, once, recall, set_protection, with_quotas
from skyclust.provisioning.answers import PlanAnswer, plan_answer
from skyclust.provisioning.importing import is_unfinished
from skyclust.provisioning.operating import load_rows
from skyclust.provisioning.planning import Plan, Verb
from skyclust.provisioning.rows import Desired, State
from skyclust.workspaces.permissions import Permission
from skyclust.workspaces.service import Use

SpecChange = Callable[[ClusterSpec, Provider], ClusterSpec]


@dataclass(frozen=True, slots=True)
class Change:
    """`kind` of the operation, `event` for the audit log with `data`, and where the spec's fields stand in the body."""

    kind: str
    event: str
    data: Json
    change: SpecChange
    pointer: Pointer = same
    #: Deletion protection, where the body changes that too.
    protected: bool | None = None
    #: Done in the transaction that begins it.
    also: Callable[[AsyncSession, ClusterRow, UUID], Awaitable[None]] | None = None
    #: Raises why it cannot be asked of the cluster as it stands.
    check: Callable[[Standing, Provider], None] = lambda _, __: None
    #: What is to be known of it, from how the cluster stands and its spec afterwards; an error forbids it.
    findings: Callable[[Standing, ClusterSpec], tuple[Finding, ...]] = lambda _, __: ()
    #: What a dry run shows besides the plan.
    shown: Callable[[PlanAnswer, Standing, ClusterSpec], PlanAnswer] = lambda answer, _, __: answer


def inside_any_pool(pointer: str) -> str:
    """For a body that is one pool: fields of the spec's pools are fields of the body."""
    path = pointer.strip("/").split("/")
    return "/" + "/".join(path[2:] if path[0] == "node_pools" and len(path) > 2 else path)


async def change_cluster(errand: Errand, wanted: str, which: Filter, change: Change) -> Json | PlanAnswer:
    """The begun operation, or the plan on a dry run."""
    async with errand.session() as session:
        standing = await find_cluster(session, errand.caller, wanted, which, Permission.CLUSTERS_UPDATE)
    provider = errand.provider(standing.row.provider)

    async def work() -> Json | PlanAnswer:
        errand.asked.check_version(standing.etag)
        spec, plan = _planned(provider, standing, change)
        if errand.asked.dry_run:
            wanted = Use(nodes=spec.most_nodes - standing.spec.most_nodes, usd_per_month=plan.usd_per_month)
            answer = change.shown(plan_answer(plan), standing, spec)
            return await with_quotas(errand, standing.row.workspace_id, answer, wanted)
        return await _write(errand, standing, spec, change)

    return await once(errand, standing.row.workspace_id, work)


def _planned(provider: Provider, standing: Standing, change: Change) -> tuple[ClusterSpec, Plan]:
    if any(row.desired is Desired.ABSENT and row.key == "cluster" for row in standing.resources
           if row.state is not State.GONE):  # fmt: skip
        raise being_deleted()
    if not standing.managed:
        raise read_only("cluster", standing.row.name)
    if is_unfinished(standing.resources):
        raise import_unfinished("cluster", standing.row.name)
    change.check(standing, provider)
    spec = change.change(standing.spec, provider)
    known = provider.validate_cluster(standing.spec)  # what was wrong before is not this change's fault
    check_findings((item for item in provider.validate_cluster(spec) if item not in known), change.pointer)
    plan = change_plan(provider, spec, standing.resources, change.findings(standing, spec))
    replaced = [item.field for line in plan.changes if line.verb is Verb.REPLACE for item in line.changes]
    if replaced:
        raise cannot_change(sorted(set(replaced)))
    return spec, plan


async def _write(errand: Errand, seen: Standing, spec: ClusterSpec, change: Change) -> Json:
    async with errand.adding(seen.row.workspace_id) as session:
        if earlier := await recall(session, errand, seen.row.workspace_id):
            return earlier
        row = await queries.by_id(session, [seen.row.workspace_id], seen.row.id, lock=True)
        if row is None:
            raise cluster_not_found()
        now = Standing(row, await load_rows(session, row.stack_id), None)
        errand.asked.check_version(now.etag)
        if row.generation != seen.row.generation:
            spec, _ = _planned(errand.provider(row.provider), now, change)
        answer = await _begin(session, errand, now, spec, change)
    errand.ground.ring()
    return answer


async def _begin(session: AsyncSession, errand: Errand, now: Standing, spec: ClusterSpec, change: Change) -> Json:
    row, provider = now.row, errand.provider(now.row.provider)
    plan = change_plan(provider, spec, now.resources, change.findings(now, spec))
    check_findings(plan.findings, change.pointer)
    row.previous_spec, row.spec = row.spec, spec.to_json()
    row.generation += 1
    await set_protection(session, errand, "cluster", row, change.protected)
    answer = await begun(session, errand, Begin(
        row.workspace_id, row.stack_id, change.kind, target_of(row), plan,
        graphs_towards(provider, spec, now.resources)[0], change.event,
        {"provider": row.provider, "region": row.region, **change.data}, row.previous_spec,
    ))  # fmt: skip
    if change.also is not None:
        await change.also(session, row, UUID(answer["id"]))
    return answer

"""Delete a cluster with everything made for it. [no session] looks at the network before anything is touched.

Invariant: an adopted network is only forgotten; foreign things inside a network of its own block the deletion by name.
"""

from __future__ import annotations

from collections.abc import Sequence

from skyclust.clusters.answers import Standing
from skyclust.clusters.queries import Filter
from skyclust.clusters.service.creating import target_of
from skyclust.clusters.service.planning import removal_plan
from skyclust.clusters.service.protecting import hold_cluster
from skyclust.clusters.service.reading import find_cluster
from skyclust.clusters.states import CONTROL_PLANE
from skyclust.contract.resources import InventoryItem
from skyclust.identity.service import Act
from skyclust.networks.errors import network_not_empty
from skyclust.networks.service import (
    Begin,
    Errand,
    Json,
    begun,
    blockers_among,
    foreign_findings,
    forget_use,
    inventory_of,
    once,
    protection_findings,
    recall,
    refuse_protected,
)
from skyclust.provisioning.answers import PlanAnswer, inventory_answers, plan_answer
from skyclust.provisioning.rows import ResourceRow, State
from skyclust.provisioning.schemas import operation_answer
from skyclust.workspaces.permissions import Permission

DELETE = "cluster.delete"


async def delete_cluster(errand: Errand, wanted: str, which: Filter) -> Json | PlanAnswer:
    """The begun operation (or the one that is deleting it already), or the plan on a dry run."""
    async with errand.session() as session:
        standing = await find_cluster(session, errand.caller, wanted, which, Permission.CLUSTERS_DELETE)
    running = standing.running
    if running is not None and running.kind == DELETE and not errand.asked.dry_run:
        return operation_answer(running, errand.ground.cloud_speed).model_dump(mode="json")
    if not errand.asked.dry_run:
        errand.caller.require_fresh(Act.CLUSTER_DELETE)
    errand.asked.check_version(standing.etag)

    async def work() -> Json | PlanAnswer:
        return await _delete(errand, standing)

    return await once(errand, standing.row.workspace_id, work)


async def _delete(errand: Errand, standing: Standing) -> Json | PlanAnswer:
    row = standing.row
    if not errand.asked.dry_run:
        refuse_protected("cluster", row, managed=standing.managed)
    items = await _inventory(errand, standing)
    provider = errand.provider(row.provider)
    blockers = blockers_among(items, standing.resources)
    protected = protection_findings("cluster", row, managed=standing.managed)
    if errand.asked.dry_run:
        findings = (*protected, *foreign_findings(blockers))
        plan = removal_plan(provider, row.region, standing.resources, items, findings)
        return plan_answer(plan, inventory_answers(items, blockers))
    if blockers:
        raise network_not_empty(blockers)
    async with errand.session() as session:
        if earlier := await recall(session, errand, row.workspace_id):
            return earlier
        held = await hold_cluster(session, standing)
        refuse_protected("cluster", held.row, managed=held.managed)
        resources = held.resources
        if not _is_ours(resources):
            await forget_use(session, row.id)
        plan = removal_plan(provider, row.region, resources, items)
        data = {"provider": row.provider, "region": row.region}
        answer = await begun(session, errand, Begin(
            row.workspace_id, row.stack_id, DELETE, target_of(row), plan, None, "cluster.delete_requested", data,
        ))  # fmt: skip
    errand.ground.ring()
    return answer


async def _inventory(errand: Errand, standing: Standing) -> Sequence[InventoryItem]:
    """What is inside the network that goes with the cluster; nothing when there is none."""
    own = _own_network(standing.resources) if standing.spec.network is not None else None
    if own is None:
        return ()
    row = standing.row
    return await inventory_of(
        errand, row.provider, workspace_id=row.workspace_id, credential_id=row.credential_id, region=row.region,
        network_id=own, clusters=frozenset({row.name}),
    )  # fmt: skip


def _is_ours(resources: Sequence[ResourceRow]) -> bool:
    """False for a control plane that stays in the cloud: what it leaves in its network is not ours to sweep."""
    planes = [row for row in resources if row.key == CONTROL_PLANE and row.state is not State.GONE]
    return not any(row.adopted or row.unmarked for row in planes)


def _own_network(resources: Sequence[ResourceRow]) -> str | None:
    return next((str(row.external_id) for row in resources if row.key == "network" and row.external_id), None)

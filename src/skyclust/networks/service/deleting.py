"""Delete a network with what belongs to it, and show beforehand everything that is inside.

Flow: who uses it -> [no session] inventory -> blockers refuse before anything is touched -> one transaction.
Names of clusters that were in it go into the spec, so that what Kubernetes left behind for them is swept on the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.contract.provider import Provider
from skyclust.contract.resources import Finding, Graph, InventoryItem
from skyclust.contract.specs import network_from_json
from skyclust.identity.service import Act
from skyclust.networks import queries
from skyclust.networks.errors import belongs_to_cluster, network_in_use, network_not_empty
from skyclust.networks.models import NetworkRow
from skyclust.networks.service.applying import Begin, Json, begun, once, recall
from skyclust.networks.service.belonging import find_network
from skyclust.networks.service.creating import target_of
from skyclust.networks.service.ground import Errand
from skyclust.networks.service.inventories import blockers_among, foreign_findings, inventory_of
from skyclust.networks.service.peering import Asking, asking_for, part_from, peering_findings
from skyclust.networks.service.protecting import protection_findings, refuse_protected
from skyclust.networks.states import NETWORK, cloud_id
from skyclust.provisioning.answers import PlanAnswer, inventory_answers, plan_answer
from skyclust.provisioning.importing import is_managed
from skyclust.provisioning.operating import active_operation, load_rows
from skyclust.provisioning.planning import Plan, plan_deletion
from skyclust.provisioning.pricing import kinds_of, price_of
from skyclust.provisioning.rows import ResourceRow
from skyclust.provisioning.schemas import operation_answer
from skyclust.workspaces.permissions import Permission

DELETE = "network.delete"


@dataclass(frozen=True, slots=True)
class _Found:
    """The network, what it consists of, and the clusters in it: (id, name) of living ones, names of all."""

    row: NetworkRow
    resources: Sequence[ResourceRow]
    living: tuple[tuple[UUID, str], ...]
    names: frozenset[str]
    #: Networks whose peerings with this one go with it.
    asking: tuple[Asking, ...] = ()

    @property
    def managed(self) -> bool:
        """False for one that was imported read-only: it is forgotten, whatever is in it."""
        return is_managed(self.resources, NETWORK)

    @property
    def going(self) -> list[ResourceRow]:
        """All rows that the deletion makes go."""
        return [*self.resources, *(row for item in self.asking for row in item.resources)]


async def deletion_plan(errand: Errand, provider: str | None, wanted: str) -> PlanAnswer:
    """Everything that would go, everything that is inside, and what stands in the way."""
    async with errand.session() as session:
        found = await _find(session, errand, provider, wanted, Permission.NETWORKS_READ)
    items = await _inventory(errand, found)
    blockers = blockers_among(items, found.going)
    plan = _plan(errand.provider(found.row.provider), found, items, _findings(found, blockers))
    return plan_answer(plan, inventory_answers(items, blockers))


async def delete_network(errand: Errand, provider: str | None, wanted: str) -> Json | PlanAnswer:
    """The begun operation (or the one that is deleting it already), or the plan on a dry run."""
    if errand.asked.dry_run:
        async with errand.session() as session:
            await _find(session, errand, provider, wanted, Permission.NETWORKS_DELETE)
        return await deletion_plan(errand, provider, wanted)
    async with errand.session() as session:
        found = await _find(session, errand, provider, wanted, Permission.NETWORKS_DELETE)
        running = await active_operation(session, found.row.stack_id)
    if running is not None and running.kind == DELETE:
        return operation_answer(running, errand.ground.cloud_speed).model_dump(mode="json")
    errand.caller.require_fresh(Act.NETWORK_DELETE)
    errand.asked.check_version(f'"{found.row.generation}"')

    async def work() -> Json:
        return await _delete(errand, found)

    return await once(errand, found.row.workspace_id, work)


async def _delete(errand: Errand, found: _Found) -> Json:
    refuse_protected("network", found.row, managed=found.managed)
    _refuse_used(found)
    items = await _inventory(errand, found)
    if blockers := blockers_among(items, found.going):
        raise network_not_empty(blockers)
    provider = errand.provider(found.row.provider)
    async with errand.session() as session:
        if earlier := await recall(session, errand, found.row.workspace_id):
            return earlier
        now = await _find(session, errand, found.row.provider, str(found.row.id), Permission.NETWORKS_DELETE, lock=True)
        refuse_protected("network", now.row, managed=now.managed)
        _refuse_used(now)
        await part_from(session, errand, now.asking)
        row = now.row
        data = {"provider": row.provider, "region": row.region, "clusters": sorted(now.names)}
        answer = await begun(session, errand, Begin(
            row.workspace_id, row.stack_id, DELETE, target_of(row), _plan(provider, now, items, ()),
            _graph(provider, now), "network.delete_requested", data,
        ))  # fmt: skip
    errand.ground.ring()
    return answer


async def _find(
    session: AsyncSession,
    errand: Errand,
    provider: str | None,
    wanted: str,
    permission: Permission,
    *,
    lock: bool = False,
) -> _Found:
    row = await find_network(session, errand.caller, provider, wanted)
    errand.caller.require(row.workspace_id, permission)
    if lock:
        asking = await queries.asking_to_peer(session, row.workspace_id, row.id)
        await queries.hold_networks(session, row.workspace_id, [row.id, *(other.id for other in asking)])
        for held in (row, *asking):
            await session.refresh(held)
    if row.owner_cluster_id is not None:
        raise belongs_to_cluster(row.owner_cluster_id, row.owner_cluster_name or "")
    resources = await load_rows(session, row.stack_id)
    vpc_id = cloud_id(resources)
    uses = await queries.uses_of(session, [row.workspace_id], row.provider, [vpc_id] if vpc_id else [])
    living = tuple((use.cluster_id, use.cluster_name) for use, alive in uses if alive)
    names = frozenset(use.cluster_name for use, _ in uses)
    return _Found(row, resources, living, names, tuple(await asking_for(session, row)))


async def _inventory(errand: Errand, found: _Found) -> tuple[InventoryItem, ...]:
    network_id = cloud_id(found.resources)
    if network_id is None or not found.managed:
        return ()
    row = found.row
    return await inventory_of(
        errand, row.provider, workspace_id=row.workspace_id, credential_id=row.credential_id, region=row.region,
        network_id=network_id, clusters=found.names,
    )  # fmt: skip


def _plan(provider: Provider, found: _Found, items: Sequence[InventoryItem], findings: tuple[Finding, ...]) -> Plan:
    seen = sorted([item.kind, item.external_id, item.origin.value] for item in items)
    return plan_deletion(found.resources, kinds_of(provider), price_of(provider, found.row.region), findings, seen)


def _graph(provider: Provider, found: _Found) -> Graph:
    """The network's graph when its spec names the clusters that were in it: the sweep reads them on deletion."""
    spec = replace(network_from_json(found.row.spec), clusters=tuple(sorted(found.names)))
    return provider.network_blueprint(spec)


def _findings(found: _Found, blockers: Sequence[InventoryItem]) -> tuple[Finding, ...]:
    protected = protection_findings("network", found.row, managed=found.managed)
    if not found.managed:
        return protected
    used = tuple(
        Finding("error", "", f"The cluster {name!r} ({cluster_id}) is in this network. Delete it first.", "in-use")
        for cluster_id, name in found.living
    )
    return (*protected, *used, *foreign_findings(blockers), *peering_findings(found.row, found.asking))


def _refuse_used(found: _Found) -> None:
    if found.living and found.managed:
        raise network_in_use(found.living)

"""Change a network in place: its settings, subnets, security groups. Called with a pure change of the spec.

Invariant: the spec and the operation that makes it true are written in one transaction, and the spec before is kept for
a roll back. A network made with a cluster is changed only with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.contract.provider import Provider
from skyclust.contract.specs import NetworkSpec, network_to_json
from skyclust.events.publishing import Event, register_recorder
from skyclust.kit.problems import FieldError, invalid
from skyclust.networks import queries
from skyclust.networks.answers import Standing
from skyclust.networks.errors import (
    Pointer,
    belongs_to_cluster,
    cannot_change,
    check_findings,
    import_unfinished,
    network_not_found,
    read_only,
    same,
)
from skyclust.networks.models import NetworkRow
from skyclust.networks.service.allowing import with_quotas
from skyclust.networks.service.applying import Begin, Json, begun, once, recall
from skyclust.networks.service.creating import plan_network, target_of
from skyclust.networks.service.ground import Errand
from skyclust.networks.service.protecting import set_protection
from skyclust.provisioning.answers import PlanAnswer, plan_answer
from skyclust.provisioning.importing import is_unfinished
from skyclust.provisioning.operating import active_operation, in_progress_problem, load_rows, spec_before
from skyclust.provisioning.planning import Plan, Verb
from skyclust.workspaces.permissions import Permission
from skyclust.workspaces.service import Use

#: Kinds of operations after which a network is gone.
LEAVING = ("network.delete", "network.create.rollback", "cluster.delete", "cluster.create.rollback")

SpecChange = Callable[[NetworkSpec], NetworkSpec]


@dataclass(frozen=True, slots=True)
class Change:
    """`kind` of the operation, `event` for the audit log with `data`, and where the spec's fields stand in the body."""

    kind: str
    event: str
    data: dict[str, Any]
    change: SpecChange
    pointer: Callable[[NetworkSpec], Pointer] = lambda _: same
    #: Of a part: replacing it is what was asked for (a rule set on a cloud that cannot edit rules).
    may_replace: bool = False
    #: Another network that the spec then speaks of: it must not go meanwhile.
    beside: UUID | None = None
    #: Deletion protection, where the body changes that too.
    protected: bool | None = None


async def change_network(errand: Errand, seen: Standing, change: Change) -> Json | PlanAnswer:
    """The begun operation, or the plan on a dry run. `seen` was found with `network_standing`."""
    errand.caller.require(seen.row.workspace_id, Permission.NETWORKS_UPDATE)
    provider = errand.provider(seen.row.provider)

    async def work() -> Json | PlanAnswer:
        if errand.asked.dry_run:
            plan = _planned(provider, seen, change)[1]
            wanted = Use(usd_per_month=plan.usd_per_month)
            return await with_quotas(errand, seen.row.workspace_id, plan_answer(plan), wanted)
        _planned(provider, seen, change)
        return await _write(errand, seen.row, change)

    return await once(errand, seen.row.workspace_id, work)


def _planned(provider: Provider, standing: Standing, change: Change) -> tuple[NetworkSpec, Plan]:
    row = standing.row
    if row.owner_cluster_id is not None:
        raise belongs_to_cluster(row.owner_cluster_id, row.owner_cluster_name or "")
    if not standing.managed:
        raise read_only("network", row.name)
    if is_unfinished(standing.resources):
        raise import_unfinished("network", row.name)
    spec = change.change(standing.spec)
    known = provider.validate_network(standing.spec)  # what was wrong before is not this change's fault
    found = (item for item in provider.validate_network(spec) if item not in known)
    check_findings(found, change.pointer(standing.spec))
    plan = plan_network(provider, spec, tuple(standing.resources))
    replaced = [item.field for line in plan.changes if line.verb is Verb.REPLACE for item in line.changes]
    if replaced and not change.may_replace:
        raise cannot_change(sorted(set(replaced)))
    return spec, plan


async def _write(errand: Errand, seen: NetworkRow, change: Change) -> Json:
    async with errand.adding(seen.workspace_id) as session:
        if earlier := await recall(session, errand, seen.workspace_id):
            return earlier
        if change.beside is not None:
            await _hold_beside(session, seen, change.beside)
        row = await queries.by_id(session, [seen.workspace_id], seen.id, lock=True)
        if row is None:
            raise network_not_found()
        now = Standing(row, await load_rows(session, row.stack_id), None)
        errand.asked.check_version(now.etag)
        provider = errand.provider(row.provider)
        spec, plan = _planned(provider, now, change)
        row.previous_spec, row.spec = row.spec, network_to_json(spec)
        row.generation += 1
        await set_protection(session, errand, "network", row, change.protected)
        answer = await begun(session, errand, Begin(
            row.workspace_id, row.stack_id, change.kind, target_of(row), plan, provider.network_blueprint(spec),
            change.event, {"provider": row.provider, "region": row.region, **change.data}, row.previous_spec,
        ))  # fmt: skip
    errand.ground.ring()
    return answer


async def _hold_beside(session: AsyncSession, seen: NetworkRow, beside: UUID) -> None:
    """409 when the other network is on its way out, 404 when it is gone."""
    await queries.hold_networks(session, seen.workspace_id, [seen.id, beside])
    other = await queries.by_id(session, [seen.workspace_id], beside)
    if other is None:
        raise network_not_found()
    running = await active_operation(session, other.stack_id)
    if running is not None and running.kind.startswith(LEAVING):
        raise in_progress_problem(running)


def check_credential(standing: Standing, credential_id: UUID | None) -> None:
    """422 when the body names another credential than the network's."""
    if credential_id is not None and credential_id != standing.row.credential_id:
        detail = "The network is managed with another credential. Leave this out, or give that one."
        raise invalid([FieldError("/credential_id", detail)])


async def take_spec_back(session: AsyncSession, event: Event) -> None:
    """A recorder of events: restores the spec in the transaction that asks for a roll back of its change."""
    target = event.data.get("target", {})
    if event.name != "operation.rollback_requested" or target.get("kind") != "network" or event.workspace_id is None:
        return
    before = await spec_before(session, UUID(str(event.data["operation_id"])))
    if before is None:
        return
    row = await queries.by_id(session, [event.workspace_id], UUID(str(target["id"])), lock=True)
    if row is not None:
        row.previous_spec, row.spec = row.spec, before
        row.generation += 1


def install() -> None:
    """Register the recorder. Called once by the entry point."""
    register_recorder(take_spec_back)

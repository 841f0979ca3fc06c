"""Deletion protection: a switch that refuses every way to delete a cluster or network. Also used by clusters.

Two switches count: ours, in every body, and the cloud's own where a provider's options have one of the same name: then
the cloud would refuse half-way, so we refuse before anything is touched. Invariant: whoever begins a deletion asks
again while holding the row, so that nothing goes that was protected meanwhile.
"""

from __future__ import annotations

from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.contract.resources import Finding
from skyclust.events.publishing import Event, publish
from skyclust.networks import queries
from skyclust.networks.answers import Standing
from skyclust.networks.errors import belongs_to_cluster, deletion_protected, network_not_found
from skyclust.networks.models import NetworkRow
from skyclust.networks.schemas import NetworkAnswer
from skyclust.networks.service.ground import Errand
from skyclust.networks.service.reading import answer_of, standings
from skyclust.networks.states import NETWORK
from skyclust.provisioning.answers import PlanAnswer, plan_answer
from skyclust.provisioning.importing import is_managed
from skyclust.provisioning.operating import load_rows
from skyclust.provisioning.planning import Plan
from skyclust.workspaces.permissions import Permission

SWITCH = "deletion_protection"
CODE = "deletion-protected"


class Guarded(Protocol):
    """A row of a cluster or network."""

    id: Any
    workspace_id: Any
    provider: Any
    name: Any
    spec: Any
    generation: Any
    deletion_protection: Any


def switches_of(row: Guarded, *, managed: bool) -> list[str]:
    """Pointers to every switch that holds it. What is only observed is forgotten, never deleted: the cloud's own
    switch does not hold that.
    """
    ours = [f"/{SWITCH}"] if row.deletion_protection else []
    its_own = managed and row.spec.get("options", {}).get(SWITCH) is True
    return [*ours, f"/{row.provider}/{SWITCH}"] if its_own else ours


def refuse_protected(what: str, row: Guarded, *, managed: bool) -> None:
    """409 naming the switches and how to lift them."""
    if switches := switches_of(row, managed=managed):
        raise deletion_protected(what, row.name, switches, how_to_lift(what, switches))


def protection_findings(what: str, row: Guarded, *, managed: bool) -> tuple[Finding, ...]:
    """The same for a plan of deletion."""
    switches = switches_of(row, managed=managed)
    return tuple(
        Finding("error", switch, f"{row.name!r} is protected from deletion. {how_to_lift(what, [switch])}", CODE)
        for switch in switches
    )


def how_to_lift(what: str, switches: list[str]) -> str:
    """What to send, and which permission it takes."""
    bodies = " and ".join(_lifting(switch.strip("/").split("/")) for switch in switches)
    return f"Whoever holds {what}s.update may lift that: PATCH the {what} with {bodies}, then delete again."


def _lifting(path: list[str]) -> str:
    inner = f'{{"{path[-1]}": false}}'
    return inner if len(path) == 1 else f'{{"{path[0]}": {inner}}}'


async def set_protection(session: AsyncSession, errand: Errand, what: str, row: Guarded, wanted: bool | None) -> None:
    """Set or lift ours on a held row, with an entry in the audit log that says who did."""
    if wanted is None or wanted == row.deletion_protection:
        return
    before, row.deletion_protection = row.deletion_protection, wanted
    row.generation += 1
    data = {"name": row.name, "before": {SWITCH: before}, "after": {SWITCH: wanted}}
    name = f"{what}.protected" if wanted else f"{what}.protection_lifted"
    await publish(session, Event(name, f"{what}/{row.id}", row.workspace_id, data, errand.caller.actor))


def nothing_in_the_cloud(row: Guarded) -> PlanAnswer:
    """The plan of a change that is ours alone."""
    return plan_answer(Plan((), 0.0, 0.0, (), digest=f"{row.id}:{row.generation}"))


# ---- networks ----
async def protect_network(errand: Errand, seen: Standing, *, wanted: bool) -> NetworkAnswer | PlanAnswer:
    """The network as it is then; the cloud is not asked, and an operation under way is no hindrance."""
    row = seen.row
    errand.caller.require(row.workspace_id, Permission.NETWORKS_UPDATE)
    if row.owner_cluster_id is not None:
        raise belongs_to_cluster(row.owner_cluster_id, row.owner_cluster_name or "")
    errand.asked.check_version(seen.etag)
    if errand.asked.dry_run:
        return nothing_in_the_cloud(row)
    async with errand.session() as session:
        held = await queries.by_id(session, [row.workspace_id], row.id, lock=True)
        if held is None:
            raise network_not_found()
        errand.asked.check_version(f'"{held.generation}"')
        await set_protection(session, errand, "network", held, wanted)
        return answer_of(errand, (await standings(session, [held]))[0])


async def refuse_protected_network(session: AsyncSession, workspace_id: UUID, network_id: UUID) -> None:
    """409 while it is protected; from here to the end of the transaction nobody changes that."""
    row: NetworkRow | None = await queries.by_id(session, [workspace_id], network_id, lock=True)
    if row is not None:
        managed = is_managed(await load_rows(session, row.stack_id), NETWORK)
        refuse_protected("network", row, managed=managed)

"""Pause, cancel, resume, roll back: may you -> [no session] is something foreign in the way -> one transaction.

Called by the router. Invariant: a dry run answers what doing it would do, with the quotas that it would be held to, or
the problem that doing it would raise; a success whose network holds something foreign is not undone at all, as it would
not be deleted.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.clusters.service import refuse_protected_cluster
from skyclust.contract.resources import InventoryItem
from skyclust.events.publishing import Actor
from skyclust.identity.service import Act as DangerousAct
from skyclust.kit.rehearsing import end_rehearsal
from skyclust.networks.errors import network_not_empty
from skyclust.networks.service import (
    Errand,
    blockers_among,
    foreign_findings,
    inventory_of,
    once,
    refuse_protected_network,
    refuse_undo_of_used,
    with_quotas,
)
from skyclust.operations.schemas import ActionPlanAnswer, action_plan_answer
from skyclust.operations.service import read_operation
from skyclust.provisioning import operating
from skyclust.provisioning.answers import check_digest
from skyclust.provisioning.idempotency import remembered, store_answer
from skyclust.provisioning.previewing import Offer
from skyclust.provisioning.pricing import kinds_from, price_of
from skyclust.provisioning.rows import OperationState, ResourceRow, StackRef, State
from skyclust.provisioning.schemas import operation_answer
from skyclust.provisioning.viewing import OperationView
from skyclust.workspaces.permissions import Permission
from skyclust.workspaces.service import Use, measure

Act = Callable[[AsyncSession, UUID, Actor], Awaitable[OperationView]]
ACTIONS: dict[str, Act] = {
    "cancel": operating.request_cancel,
    "pause": operating.pause,
    "resume": operating.resume,
    "rollback": operating.roll_back,
}


#: Taking a creation back is a deletion by another name.
DELETED_BY_ROLL_BACK = {"cluster.create": DangerousAct.CLUSTER_DELETE, "network.create": DangerousAct.NETWORK_DELETE}


async def act(errand: Errand, operation_id: UUID, action: str) -> dict[str, Any] | ActionPlanAnswer:
    """The operation (of a roll back, the new one), or on a dry run what would be done."""
    async with errand.session() as session:
        operation = await read_operation(session, errand.caller, operation_id)
        errand.caller.require(operation.workspace_id, Permission.OPERATIONS_ACT)
    if action == "rollback" and operation.kind in DELETED_BY_ROLL_BACK and not errand.asked.dry_run:
        errand.caller.require_fresh(DELETED_BY_ROLL_BACK[operation.kind])

    async def work() -> dict[str, Any] | ActionPlanAnswer:
        blockers = await _blockers(errand, operation) if action == "rollback" else ()
        if errand.asked.dry_run or errand.asked.plan_digest is not None:
            planned = await _preview(errand, operation, action, blockers)
            if errand.asked.dry_run:
                return await with_quotas(
                    errand, operation.workspace_id, planned, lambda: _added(errand, operation, action)
                )
        if blockers:
            raise network_not_empty(blockers)
        return await _do(errand, operation, action)

    return await once(errand, operation.workspace_id, work)


async def _preview(
    errand: Errand, operation: OperationView, action: str, blockers: tuple[InventoryItem, ...]
) -> ActionPlanAnswer:
    provider = errand.provider(operation.target.provider)
    drivers = partial(errand.ground.clouds.driver, provider.name)
    offer = Offer(kinds_from(drivers), price_of(provider, operation.target.region))
    async with errand.session() as session:
        if action == "rollback":
            await refuse_undo_of_protected(session, operation)
        found = await operating.preview(session, operation, action, offer, foreign_findings(blockers))
    if not errand.asked.dry_run:
        check_digest(found.plan, errand.asked.plan_digest)
    return action_plan_answer(found)


async def _added(errand: Errand, operation: OperationView, action: str) -> Use:
    """What it adds to the use: done and measured as `Errand.adding` does, in a transaction that is undone."""
    providers = errand.ground.providers
    async with errand.session() as session:
        before = await measure(session, providers, operation.workspace_id)
        await ACTIONS[action](session, operation.id, errand.caller.actor)
        await session.flush()
        after = await measure(session, providers, operation.workspace_id)
        await end_rehearsal(session, dry_run=True)
    return after - before


async def _do(errand: Errand, operation: OperationView, action: str) -> dict[str, Any]:
    key, workspace_id, user_id = errand.asked.idempotency_key, operation.workspace_id, errand.caller.user_id
    async with errand.adding(workspace_id) as session:
        if key is not None:
            digest = errand.asked.request_digest
            earlier = await remembered(
                session, workspace_id=workspace_id, user_id=user_id, key=key, request_digest=digest
            )  # fmt: skip
            if earlier is not None:
                return earlier
        if action == "rollback":
            await refuse_undo_of_protected(session, operation)
        view = await ACTIONS[action](session, operation.id, errand.caller.actor)
        answer = operation_answer(view, errand.ground.cloud_speed).model_dump(mode="json")
        if key is not None:
            await store_answer(session, workspace_id=workspace_id, user_id=user_id, key=key, answer=answer)
    errand.ground.ring()  # after the commit: a bell before it would wake the engine for nothing
    return answer


async def refuse_undo_of_protected(session: AsyncSession, operation: OperationView) -> None:
    """409 when taking it back would delete what is protected. The thing is held: nobody protects it meanwhile."""
    refuse = {"cluster.create": refuse_protected_cluster, "network.create": refuse_protected_network}
    if operation.kind in refuse:
        await refuse[operation.kind](session, operation.workspace_id, operation.target.id)


async def _blockers(errand: Errand, operation: OperationView) -> tuple[InventoryItem, ...]:
    """What is foreign in a network that would go with an undone success; a stopped creation has no such guests."""
    target = operation.target
    whole = operation.kind == f"{target.kind}.create"
    if not whole or operation.state is not OperationState.SUCCEEDED or "rollback" not in operation.actions:
        return ()
    async with errand.session() as session:
        stack = await operating.stack_of(session, operation.stack_id)
        rows = await operating.load_rows(session, operation.stack_id)
        own = _own_network(rows)
        if stack is None or own is None:
            return ()
        if target.kind == "network":
            await refuse_undo_of_used(session, stack.workspace_id, stack.provider, own)
    clusters = frozenset({target.name}) if target.kind == "cluster" else frozenset[str]()
    return blockers_among(await _inside(errand, stack, own, clusters), rows)


async def _inside(
    errand: Errand, stack: StackRef, network_id: str, clusters: frozenset[str]
) -> tuple[InventoryItem, ...]:
    return await inventory_of(
        errand, stack.provider, workspace_id=stack.workspace_id, credential_id=stack.credential_id,
        region=stack.region, network_id=network_id, clusters=clusters,
    )  # fmt: skip


def _own_network(rows: list[ResourceRow]) -> str | None:
    living = (row for row in rows if row.key == "network" and row.state is not State.GONE and not row.adopted)
    return next((row.external_id for row in living if row.external_id is not None), None)

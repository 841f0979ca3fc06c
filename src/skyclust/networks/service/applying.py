"""From a plan to a running operation, and what both slices do around that.

Invariant: a request with an Idempotency-Key that was answered before gets the same answer and does nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.contract.resources import Graph
from skyclust.events.publishing import Event, publish
from skyclust.kit.problems import Problem
from skyclust.networks.service.ground import Errand
from skyclust.provisioning.answers import check_digest
from skyclust.provisioning.idempotency import remembered, store_answer
from skyclust.provisioning.operating import Target, begin_operation
from skyclust.provisioning.planning import Plan
from skyclust.provisioning.schemas import operation_answer

Json = dict[str, Any]
Answered = TypeVar("Answered")


@dataclass(frozen=True, slots=True)
class Begin:
    """What to begin, and what the audit log says of it. `spec_before`: the spec that a roll back restores."""

    workspace_id: UUID
    stack_id: UUID
    kind: str
    target: Target
    plan: Plan
    graph: Graph | None
    event: str
    data: Json
    spec_before: Json | None = None


async def begun(session: AsyncSession, errand: Errand, begin: Begin) -> Json:
    """Begin the operation with its event and remember the answer. 409 when the cited plan is another one."""
    check_digest(begin.plan, errand.asked.plan_digest)
    view = await begin_operation(
        session,
        operation_id=errand.new_id(),
        stack_id=begin.stack_id,
        kind=begin.kind,
        target=begin.target,
        plan=begin.plan,
        graph=begin.graph,
        requested_by=errand.caller.actor,
        new_id=errand.new_id,
        target_before=begin.spec_before,
    )
    topic = f"{begin.target.kind}/{begin.target.id}"
    data = {"name": begin.target.name, "operation_id": str(view.id), **begin.data}
    await publish(session, Event(begin.event, topic, begin.workspace_id, data, errand.caller.actor))
    answer = operation_answer(view, errand.ground.cloud_speed).model_dump(mode="json")
    await keep(session, errand, begin.workspace_id, answer)
    return answer


async def recall(session: AsyncSession, errand: Errand, workspace_id: UUID) -> Json | None:
    """The answer this very request got before, if it carries a key. Reserves the key for this transaction if not."""
    if errand.asked.idempotency_key is None:
        return None
    return await remembered(
        session,
        workspace_id=workspace_id,
        user_id=errand.caller.user_id,
        key=errand.asked.idempotency_key,
        request_digest=errand.asked.request_digest,
    )


async def once(errand: Errand, workspace_id: UUID, work: Callable[[], Awaitable[Answered]]) -> Answered | Json:
    """Do `work`, unless this very request was answered before, or is by a twin while this one works."""
    if earlier := await _look_back(errand, workspace_id):
        return earlier
    try:
        return await work()
    except Problem:
        if earlier := await _look_back(errand, workspace_id):
            return earlier
        raise


async def _look_back(errand: Errand, workspace_id: UUID) -> Json | None:
    """`recall` in a transaction of its own that leaves nothing behind."""
    if errand.asked.idempotency_key is None or errand.asked.dry_run:
        return None
    async with errand.session() as session:
        trial = await session.begin_nested()
        answer = await recall(session, errand, workspace_id)
        await trial.rollback()
    return answer


async def keep(session: AsyncSession, errand: Errand, workspace_id: UUID, answer: Json) -> None:
    """Remember the answer for a repetition of the request."""
    if errand.asked.idempotency_key is not None:
        await store_answer(
            session,
            workspace_id=workspace_id,
            user_id=errand.caller.user_id,
            key=errand.asked.idempotency_key,
            answer=answer,
        )

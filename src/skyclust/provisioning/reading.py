"""Read stacks, their rows and operations. Re-exported by `operating`, which is what the slices import.

Invariant: a read calls no cloud and holds no lock; what a session may not see, it does not find.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.contract.resources import JsonObject
from skyclust.kit.pagination import decode_cursor, encode_cursor, page_of
from skyclust.kit.problems import FieldError, invalid
from skyclust.provisioning import operation_views, queries
from skyclust.provisioning.models import OPERATIONS
from skyclust.provisioning.rows import OperationState, ResourceRow, StackRef
from skyclust.provisioning.viewing import OperationView


async def stack_of(session: AsyncSession, stack_id: UUID) -> StackRef | None:
    """The stack, if this session may see it."""
    return await queries.stack_by_id(session, stack_id)


async def load_rows(session: AsyncSession, stack_id: UUID) -> list[ResourceRow]:
    """All rows of a stack, gone ones included, in the order in which they were made."""
    return (await queries.rows_of_stacks(session, [stack_id]))[stack_id]


async def load_rows_of(session: AsyncSession, stack_ids: Iterable[UUID]) -> dict[UUID, list[ResourceRow]]:
    """`load_rows` of many stacks in one query; every id asked for is a key of the answer."""
    return await queries.rows_of_stacks(session, stack_ids)


async def holdings_of(session: AsyncSession, workspace_id: UUID) -> dict[StackRef, list[ResourceRow]]:
    """Everything of a workspace that exists or is to be made, by stack, in two statements."""
    return await queries.holdings(session, workspace_id)


async def get_operation(session: AsyncSession, operation_id: UUID) -> OperationView | None:
    """The operation with steps and timeline, if this session may see it."""
    found = await operation_views.operations_where(session, OPERATIONS.c.id == operation_id)
    if not found:
        return None
    return replace(found[0], timeline=await operation_views.timeline_of(session, operation_id))


async def spec_before(session: AsyncSession, rollback_id: UUID) -> JsonObject | None:
    """The spec to give a target back whose operation is rolled back by this one; None when it is to be left alone."""
    return await queries.target_before(session, rollback_id)


async def active_operation(session: AsyncSession, stack_id: UUID) -> OperationView | None:
    """The stack's operation under way, if any."""
    return (await active_operations(session, [stack_id])).get(stack_id)


async def active_operations(session: AsyncSession, stack_ids: Iterable[UUID]) -> dict[UUID, OperationView]:
    """Operations under way by stack, in one query; stacks without one are left out."""
    condition = OPERATIONS.c.stack_id.in_(list(stack_ids))
    found = await operation_views.operations_where(session, condition, queries.is_active())
    return {operation.stack_id: operation for operation in found}


async def active_for(session: AsyncSession, target_id: UUID, kind: str) -> list[OperationView]:
    """Operations of one kind under way on a target, whatever their stacks."""
    own = (OPERATIONS.c.target_id == target_id, OPERATIONS.c.kind == kind)
    return await operation_views.operations_where(session, *own, queries.is_active())


async def list_operations(
    session: AsyncSession,
    *,
    workspace_ids: Sequence[UUID],
    state: OperationState | None = None,
    target_id: UUID | None = None,
    kind: str | None = None,
    limit: int,
    cursor: str | None = None,
) -> tuple[list[OperationView], str | None]:
    """One page, newest first, and the cursor of the next one. Timelines are left out."""
    found = await operation_views.operations_page(
        session,
        workspace_ids,
        states=[state] if state is not None else [],
        target_id=target_id,
        kind=kind,
        before=_sort_key(cursor),
        limit=limit + 1,
    )
    return page_of(found, limit, lambda view: encode_cursor(view.created_at.isoformat(), str(view.id)))


def _sort_key(cursor: str | None) -> tuple[datetime, UUID] | None:
    parts = decode_cursor(cursor, 2)
    if parts is None:
        return None
    try:
        return datetime.fromisoformat(parts[0]), UUID(parts[1])
    except ValueError:
        raise invalid([FieldError("?cursor", "Use the next_cursor of the page before, unchanged.")]) from None

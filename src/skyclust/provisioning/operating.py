"""Start, read, pause, cancel, resume and roll back operations. Called by the slices, inside their transaction.

Nothing here calls a cloud: it writes rows that are due, and the engine moves them. Ring `app.state.engine_bell` after
the commit. Invariant: one operation per stack is under way, and whoever writes a stack's rows holds the stack's lock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.provisioning import queries
from skyclust.provisioning.acting import pause, preview, request_cancel, resume, roll_back
from skyclust.provisioning.beginning import begin_operation
from skyclust.provisioning.models import StackRecord
from skyclust.provisioning.reading import (
    active_for,
    active_operation,
    active_operations,
    get_operation,
    holdings_of,
    list_operations,
    load_rows,
    load_rows_of,
    spec_before,
    stack_of,
)
from skyclust.provisioning.refusing import in_progress as in_progress_problem
from skyclust.provisioning.rows import ResourceRow, StackRef
from skyclust.provisioning.viewing import OperationView, Target

__all__ = [
    "NewStack",
    "OperationView",
    "Target",
    "active_for",
    "active_operation",
    "active_operations",
    "add_stack",
    "begin_operation",
    "create_stack",
    "get_operation",
    "holdings_of",
    "in_progress_problem",
    "list_operations",
    "load_rows",
    "load_rows_of",
    "pause",
    "preview",
    "request_cancel",
    "resume",
    "roll_back",
    "spec_before",
    "stack_of",
]


@dataclass(frozen=True, slots=True)
class NewStack:
    """A stack to be made. `kind` is "cluster" or "network"."""

    id: UUID
    workspace_id: UUID
    credential_id: UUID
    provider: str
    region: str
    name: str
    kind: str


async def create_stack(session: AsyncSession, stack: NewStack) -> None:
    """Make an empty stack; `begin_operation` fills it."""
    session.add(
        StackRecord(
            id=stack.id,
            workspace_id=stack.workspace_id,
            credential_id=stack.credential_id,
            provider=stack.provider,
            region=stack.region,
            name=stack.name,
            kind=stack.kind,
        )
    )
    await session.flush()


async def add_stack(
    session: AsyncSession, stack: NewStack, rows: Sequence[ResourceRow], new_id: Callable[[], UUID]
) -> None:
    """Make a stack that holds what is there already, so that an operation can make it go. Ids are given here."""
    await create_stack(session, stack)
    place = StackRef(stack.id, stack.workspace_id, stack.credential_id, stack.provider, stack.region, stack.name)
    own = [replace(row, id=new_id(), stack_id=stack.id) for row in rows]
    await queries.put_rows(session, place, own)

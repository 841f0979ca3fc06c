"""Read operations and follow them. Permissions are checked here; `acting` has what changes them.

Called by the router. Invariant: an operation of a workspace one is no member of is 404, whatever one asks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.events.streaming import Scope
from skyclust.kit.problems import Problem
from skyclust.operations.errors import operation_not_found
from skyclust.provisioning import operating
from skyclust.provisioning.rows import OperationState
from skyclust.provisioning.viewing import OperationView
from skyclust.workspaces.callers import Caller
from skyclust.workspaces.permissions import Permission


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to."""

    workspace_id: UUID | None = None
    state: OperationState | None = None
    target_id: UUID | None = None
    kind: str | None = None


async def list_operations(
    session: AsyncSession, caller: Caller, wanted: Filter, *, limit: int, cursor: str | None
) -> tuple[list[OperationView], str | None]:
    """One page of the operations the caller may see, newest first."""
    if wanted.workspace_id is not None:
        caller.require(wanted.workspace_id, Permission.OPERATIONS_READ)
    visible = caller.workspace_ids(Permission.OPERATIONS_READ)
    return await operating.list_operations(
        session,
        workspace_ids=[wanted.workspace_id] if wanted.workspace_id is not None else visible,
        state=wanted.state,
        target_id=wanted.target_id,
        kind=wanted.kind,
        limit=limit,
        cursor=cursor,
    )


async def read_operation(session: AsyncSession, caller: Caller, operation_id: UUID) -> OperationView:
    """The operation with steps and timeline."""
    found = await operating.get_operation(session, operation_id)
    if found is None or found.workspace_id not in caller.workspaces:
        raise operation_not_found()
    caller.require(found.workspace_id, Permission.OPERATIONS_READ)
    return found


def scope_of(caller: Caller, operation: OperationView | None = None) -> Scope | None:
    """What the caller's stream may show, of one operation or of everything. None when that is nothing any more."""
    visible = frozenset(caller.workspace_ids(Permission.OPERATIONS_READ))
    if operation is None:
        return Scope(visible, platform=caller.is_platform_admin)
    if operation.workspace_id not in visible:
        return None
    return Scope(frozenset({operation.workspace_id}), topic=f"operation/{operation.id}")


@dataclass
class SharedChecks:
    """Asks who calls at most once per `fresh_seconds` and session, however many streams the session has open.

    Invariant: with `streaming.RECHECK_SECONDS` between a stream's questions, an ended session is noticed within 5 s.
    """

    monotonic: Callable[[], float]
    fresh_seconds: float = 1.5
    _known: dict[UUID, tuple[float, Caller | None]] = field(default_factory=dict)

    async def ask(self, session_id: UUID, authenticate: Callable[[], Awaitable[Caller]]) -> Caller | None:
        """The caller as of now; None when the session has ended."""
        now = self.monotonic()
        self._known = {key: known for key, known in self._known.items() if now - known[0] < self.fresh_seconds}
        if session_id not in self._known:
            try:
                caller: Caller | None = await authenticate()
            except Problem:
                caller = None
            self._known[session_id] = (now, caller)
        return self._known[session_id][1]

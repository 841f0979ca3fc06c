"""Who asks, what they may do, and which rows their session sees. Every route but signing in depends on `CallerDep`.

Invariant: after `current_caller` the request's session sees rows of the caller's workspaces only. The check itself uses
a short transaction of its own, so a route that takes `DatabaseDep` instead of `SessionDep` holds no connection.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.events.publishing import Actor
from skyclust.identity.callers import BearerDep, Limits, count_request, principal_of
from skyclust.identity.errors import platform_admin_only, session_only
from skyclust.identity.service import Act, Proof
from skyclust.kit.db import Database, DatabaseDep, SessionDep, sees_from_start
from skyclust.kit.documenting import Answers
from skyclust.workspaces import queries
from skyclust.workspaces.errors import forbidden, no_workspace, suspended, workspace_not_found
from skyclust.workspaces.permissions import Permission


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in user with what they may do. `workspaces` are the memberships, oldest first."""

    user_id: UUID
    email: str
    is_platform_admin: bool
    workspaces: Mapping[UUID, frozenset[Permission]]
    session_id: UUID
    actor: Actor
    proof: Proof
    #: Set for an API token; `workspaces` is what it leaves of the user's own permissions.
    limits: Limits | None = None
    #: Workspaces in which nothing may be changed for now.
    suspended: frozenset[UUID] = frozenset()

    def require_platform_admin(self) -> None:
        """403 for everybody who does not administer the installation."""
        if not self.is_platform_admin:
            raise platform_admin_only()

    def require_fresh(self, act: Act) -> None:
        """401 or 403 when the act asks for a fresher proof of who this is; after the permission was checked."""
        self.proof.require(act)

    def require_platform_act(self) -> None:
        """What only administrators of the installation may change, with a fresh proof."""
        self.require_platform_admin()
        self.require_fresh(Act.PLATFORM)

    def require_session(self) -> None:
        """403 for an API token."""
        if self.limits is not None:
            raise session_only()

    def may(self, workspace_id: UUID, permission: Permission) -> bool:
        """Whether the caller has the permission there."""
        return permission in self.workspaces.get(workspace_id, frozenset())

    def require(self, workspace_id: UUID, permission: Permission) -> None:
        """404 for a workspace one is no member of, 403 naming the permission one lacks."""
        if workspace_id not in self.workspaces:
            raise workspace_not_found()
        if not self.may(workspace_id, permission):
            raise suspended(permission) if workspace_id in self.suspended else forbidden(permission)

    def workspace_ids(self, permission: Permission) -> list[UUID]:
        """Workspaces in which the caller has the permission, oldest membership first."""
        return [workspace_id for workspace_id in self.workspaces if self.may(workspace_id, permission)]

    def default_workspace(self, explicit: UUID | None, permission: Permission) -> UUID:
        """The explicit workspace, checked; else the first in which the caller has the permission."""
        if explicit is not None:
            self.require(explicit, permission)
            return explicit
        allowed = self.workspace_ids(permission)
        if not allowed:
            raise forbidden(permission) if self.workspaces else no_workspace(permission)
        return allowed[0]


@Answers(401, 403)
async def current_caller(request: Request, database: DatabaseDep, session: SessionDep, bearer: BearerDep) -> Caller:
    """Authenticate the bearer (401) and let the request's session see the caller's workspaces."""
    async with database.session() as own:
        principal = await principal_of(request, own, bearer)
        memberships = await queries.memberships_of(own, principal.user_id)
    await count_request(request, principal)
    held = {workspace_id: membership.permissions for workspace_id, membership in memberships.items()}
    workspaces = within(held, principal.limits)
    sees_from_start(session, workspaces)
    return Caller(
        user_id=principal.user_id,
        email=principal.email,
        is_platform_admin=principal.is_platform_admin,
        workspaces=workspaces,
        session_id=principal.session_id,
        actor=principal.actor,
        proof=principal.proof,
        limits=principal.limits,
        suspended=frozenset(place for place, membership in memberships.items() if membership.suspended),
    )


def within(held: Mapping[UUID, frozenset[Permission]], limits: Limits | None) -> dict[UUID, frozenset[Permission]]:
    """What a token leaves of what its user holds; all of it without one."""
    if limits is None:
        return dict(held)
    return {
        workspace_id: frozenset(permission for permission in permissions if permission.value in limits.scopes)
        for workspace_id, permissions in held.items()
        if limits.workspace_id in (None, workspace_id)
    }


@asynccontextmanager
async def caller_session(database: Database, caller: Caller) -> AsyncIterator[AsyncSession]:
    """A transaction that sees what the caller may see: for flows that talk to a cloud between two of them."""
    async with database.session() as session:
        sees_from_start(session, caller.workspaces)
        yield session


CallerDep = Annotated[Caller, Depends(current_caller)]

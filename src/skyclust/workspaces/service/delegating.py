"""Which of their permissions somebody hands to a program. Called by POST /tokens.

Invariant: a token is made by a person, and only with scopes that this person holds where the token is to work.
"""

from __future__ import annotations

from datetime import datetime
from difflib import get_close_matches
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.identity.callers import PLATFORM_SCOPE
from skyclust.identity.service import UNATTENDED_SCOPE, Act, ApiTokenRow, programs
from skyclust.kit.problems import FieldError, invalid
from skyclust.workspaces.callers import Caller
from skyclust.workspaces.errors import workspace_not_found
from skyclust.workspaces.permissions import Permission
from skyclust.workspaces.schemas import ApiTokenBody

SCOPES = frozenset(permission.value for permission in Permission) | {PLATFORM_SCOPE, UNATTENDED_SCOPE}


async def create_token(
    session: AsyncSession, caller: Caller, body: ApiTokenBody, *, token_id: UUID, now: datetime
) -> tuple[ApiTokenRow, str]:
    """The token and its text. 422 names each scope that does not exist or that the caller does not hold."""
    caller.require_session()
    caller.require_fresh(Act.TOKEN_CREATE)
    if body.workspace_id is not None and body.workspace_id not in caller.workspaces:
        raise workspace_not_found()
    held = held_by(caller, body.workspace_id)
    errors = [error for number, scope in enumerate(body.scopes) if (error := _fault(scope, number, held))]
    if errors:
        raise invalid(errors)
    wanted = programs.Wanted(body.name, tuple(body.scopes), body.workspace_id, body.expires_in_days)
    return await programs.create(session, caller.user_id, caller.actor, wanted, token_id=token_id, now=now)


def held_by(caller: Caller, workspace_id: UUID | None) -> frozenset[str]:
    """Scopes the caller may hand out: those held in the workspace, or in any."""
    places = [workspace_id] if workspace_id is not None else list(caller.workspaces)
    held = {permission.value for place in places for permission in caller.workspaces[place]}
    return frozenset(held | {UNATTENDED_SCOPE} | ({PLATFORM_SCOPE} if caller.is_platform_admin else set()))


def _fault(scope: str, number: int, held: frozenset[str]) -> FieldError | None:
    pointer = f"/scopes/{number}"
    if scope not in SCOPES:
        near = get_close_matches(scope, sorted(SCOPES), n=3)
        known = ", ".join(near or sorted(SCOPES))
        return FieldError(pointer, f"There is no scope {scope!r}. {'Did you mean' if near else 'There are'}: {known}.")
    if scope not in held:
        return FieldError(pointer, f"You do not have the permission {scope} there, so you cannot hand it to a token.")
    return None

"""Routes of a workspace's own roles, and of invitations to it."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from skyclust.events.publishing import Actor
from skyclust.identity.callers import NowDep, PersonDep
from skyclust.identity.schemas import TokensAnswer
from skyclust.identity.service import accounts, sessions
from skyclust.identity.service.gates import GateDep, tokens_answer
from skyclust.kit.db import EVERYTHING, DatabaseDep, SessionDep
from skyclust.kit.documenting import Answers
from skyclust.kit.ids import uuid7
from skyclust.kit.pagination import DEFAULT_LIMIT, Cursor, Limit, Page
from skyclust.kit.problems import FieldError, invalid
from skyclust.kit.rehearsing import REHEARSABLE
from skyclust.workspaces.callers import CallerDep
from skyclust.workspaces.models import RoleRow
from skyclust.workspaces.permissions import ROLES, Permission
from skyclust.workspaces.queries import KNOWN
from skyclust.workspaces.schemas import (
    AcceptanceBody,
    InvitationAnswer,
    InvitationBody,
    JoinAnswer,
    JoinBody,
    NewInvitationAnswer,
    RoleAnswer,
    RoleBody,
    RoleName,
    RolePatch,
    RolesAnswer,
)
from skyclust.workspaces.service import invitations, roles

router = APIRouter(tags=["workspaces"])

BUILT_IN = {
    "admin": "Everything in the workspace.",
    "user": "Makes, changes and deletes clusters and networks with the workspace's credentials.",
    "viewer": "Looks.",
}


def _role(row: RoleRow) -> RoleAnswer:
    known = [Permission(name) for name in row.permissions if name in KNOWN]
    return RoleAnswer(name=row.name, description=row.description, permissions=known, built_in=False)


@router.get("/workspaces/{workspace_id}/roles")
async def list_roles(workspace_id: UUID, caller: CallerDep, session: SessionDep) -> RolesAnswer:
    """Built-in roles, then the workspace's own."""
    own = await roles.list_roles(session, caller, workspace_id)
    built_in = [
        RoleAnswer(name=role.value, description=BUILT_IN[role.value], permissions=sorted(held), built_in=True)
        for role, held in ROLES.items()
    ]
    return RolesAnswer(items=[*built_in, *(_role(row) for row in own)])


@router.post("/workspaces/{workspace_id}/roles", status_code=201, dependencies=REHEARSABLE)
@Answers(409)
async def create_role(
    workspace_id: UUID, body: RoleBody, caller: CallerDep, session: SessionDep, now: NowDep
) -> RoleAnswer:
    """A role with permissions that the caller holds."""
    return _role(await roles.create(session, caller, workspace_id, body, now=now))


@router.patch("/workspaces/{workspace_id}/roles/{name}", dependencies=REHEARSABLE)
async def update_role(
    workspace_id: UUID, name: RoleName, body: RolePatch, caller: CallerDep, session: SessionDep
) -> RoleAnswer:
    """Other permissions; those who have the role notice with their next request."""
    return _role(await roles.update(session, caller, workspace_id, name, body))


@router.delete("/workspaces/{workspace_id}/roles/{name}", status_code=204, dependencies=REHEARSABLE)
@Answers(409)
async def delete_role(workspace_id: UUID, name: RoleName, caller: CallerDep, session: SessionDep) -> None:
    """Remove a role that nobody has."""
    await roles.delete(session, caller, workspace_id, name)


@router.get("/workspaces/{workspace_id}/invitations")
async def list_invitations(
    workspace_id: UUID,
    *,
    caller: CallerDep,
    session: SessionDep,
    now: NowDep,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[InvitationAnswer]:
    """Open invitations, newest first."""
    rows, following = await invitations.list_page(session, caller, workspace_id, now=now, limit=limit, cursor=cursor)
    return Page(items=[InvitationAnswer.model_validate(row) for row in rows], next_cursor=following)


@router.post("/workspaces/{workspace_id}/invitations", status_code=201, dependencies=REHEARSABLE)
@Answers(409)
async def invite(
    workspace_id: UUID, body: InvitationBody, response: Response, *, caller: CallerDep, session: SessionDep, now: NowDep
) -> NewInvitationAnswer:
    """Invite somebody. The token of the link is answered this once: hand it to them."""
    row, token = await invitations.invite(session, caller, workspace_id, body, row_id=uuid7(), now=now)
    response.headers["Cache-Control"] = "no-store"
    return NewInvitationAnswer.model_validate(InvitationAnswer.model_validate(row).model_dump() | {"token": token})


@router.delete("/workspaces/{workspace_id}/invitations/{invitation_id}", status_code=204, dependencies=REHEARSABLE)
async def revoke_invitation(
    workspace_id: UUID, invitation_id: UUID, caller: CallerDep, session: SessionDep, now: NowDep
) -> None:
    """The link works no longer."""
    await invitations.revoke(session, caller, workspace_id, invitation_id, now=now)


@router.post("/invitations:accept", status_code=201)
@Answers(404, 409)
async def accept_invitation(body: AcceptanceBody, response: Response, gate: GateDep) -> TokensAnswer:
    """Become a user and a member by a link, and sign in. Whoever has an account signs in and joins instead."""
    token, now, origin = body.token.get_secret_value(), gate.issuer.now, gate.origin
    async with gate.database.session(visible=EVERYTHING) as session:
        email = await invitations.address_of(session, token, now)
    if body.password is None:
        raise invalid([FieldError("/password", f"Choose a password for the new account {email}.")])
    user = accounts.new_user(
        uuid7(),
        email=email,
        password_hash=await accounts.hashed(body.password.get_secret_value(), email),
        display_name=body.display_name,
        is_platform_admin=False,
        now=now,
    )
    actor = Actor(user.id, email, origin.address, origin.request_id)
    async with gate.database.session(visible=EVERYTHING) as session:
        await accounts.add_invited_user(session, user, actor)
        await invitations.accept(session, user, actor, token, now=now)
        tokens = await sessions.open_session(session, gate.issuer, origin, user)
    return tokens_answer(response, tokens)


@router.post("/invitations:join")
@Answers(404, 409)
async def join(body: JoinBody, principal: PersonDep, database: DatabaseDep, now: NowDep) -> JoinAnswer:
    """Become a member by a link that was made for the caller's email."""
    async with database.session(visible=EVERYTHING) as session:
        user = (await accounts.users_of_ids(session, [principal.user_id]))[principal.user_id]
        member = await invitations.accept(session, user, principal.actor, body.token.get_secret_value(), now=now)
    return JoinAnswer(workspace_id=member.workspace_id, role=member.role)

"""Routes of workspaces and members, and those that need to know workspaces: /auth/register, /auth/me, POST /tokens."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from skyclust.identity.callers import NowDep
from skyclust.identity.schemas import ApiTokenAnswer, NewApiTokenAnswer, RegisterBody, TokensAnswer
from skyclust.identity.service import accounts, sessions
from skyclust.identity.service.gates import GateDep, tokens_answer
from skyclust.kit.db import SessionDep
from skyclust.kit.documenting import Answers
from skyclust.kit.ids import uuid7
from skyclust.kit.pagination import DEFAULT_LIMIT, Cursor, Limit, Page
from skyclust.kit.rehearsing import REHEARSABLE
from skyclust.workspaces.callers import Caller, CallerDep
from skyclust.workspaces.models import WorkspaceRow
from skyclust.workspaces.schemas import (
    ApiTokenBody,
    MeAnswer,
    MemberAnswer,
    MemberBody,
    MemberPatch,
    PermissionsAnswer,
    SuspensionBody,
    WorkspaceAnswer,
    WorkspaceBody,
)
from skyclust.workspaces.service import delegating, onboarding, tenants

router = APIRouter()


@router.post("/auth/register", status_code=201, tags=["auth"])
@Answers(403, 409)
async def register(body: RegisterBody, response: Response, gate: GateDep) -> TokensAnswer:
    """Create the first administrator with a workspace, and sign in. Closed as soon as there is a user."""
    token = body.token.get_secret_value() if body.token else None
    async with gate.database.session() as session:
        await accounts.check_registration(session, token)
    user = accounts.new_user(
        uuid7(),
        email=body.email,
        password_hash=await accounts.hashed(body.password.get_secret_value(), body.email),
        display_name=body.display_name,
        is_platform_admin=True,
        now=gate.issuer.now,
    )
    origin = gate.origin
    async with gate.database.session() as session:
        await onboarding.add_first_admin(
            session, user, token, address=origin.address, request_id=origin.request_id, workspace_id=uuid7()
        )
        tokens = await sessions.open_session(session, gate.issuer, origin, user)
    return tokens_answer(response, tokens)


@router.get("/auth/me", tags=["auth"])
@Answers(never={403})
async def me(caller: CallerDep, session: SessionDep) -> MeAnswer:
    """Who the caller is, and what they may do where."""
    return MeAnswer(
        id=caller.user_id,
        email=caller.email,
        is_platform_admin=caller.is_platform_admin,
        session_id=caller.session_id,
        memberships=await tenants.memberships(session, caller),
    )


@router.post("/tokens", status_code=201, tags=["auth"], dependencies=REHEARSABLE)
@Answers(404, 409)
async def create_token(
    body: ApiTokenBody, response: Response, caller: CallerDep, session: SessionDep, now: NowDep
) -> NewApiTokenAnswer:
    """An API token for a program. Its text is answered this once; with ?dry_run=true it never works."""
    row, text = await delegating.create_token(session, caller, body, token_id=uuid7(), now=now)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Location"] = "/api/v1/tokens"
    return NewApiTokenAnswer.model_validate(ApiTokenAnswer.model_validate(row).model_dump() | {"token": text})


@router.get("/me/permissions", tags=["auth"])
@Answers(never={403})
async def my_permissions(caller: CallerDep, session: SessionDep) -> PermissionsAnswer:
    """What the caller may do, workspace by workspace; of an API token, what it leaves of that."""
    places = await tenants.memberships(session, caller)
    return PermissionsAnswer(is_platform_admin=caller.is_platform_admin, workspaces=places)


def _answer(caller: Caller, row: WorkspaceRow) -> WorkspaceAnswer:
    return WorkspaceAnswer(
        id=row.id,
        name=row.name,
        created_at=row.created_at,
        suspended_at=row.suspended_at,
        suspended_reason=row.suspended_reason,
        permissions=sorted(caller.workspaces.get(row.id, frozenset())),
    )


@router.get("/workspaces", tags=["workspaces"])
@Answers(never={403})
async def list_workspaces(
    caller: CallerDep, session: SessionDep, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[WorkspaceAnswer]:
    """Workspaces the caller is a member of, oldest first."""
    rows, following = await tenants.list_page(session, caller, limit=limit, cursor=cursor)
    return Page(items=[_answer(caller, row) for row in rows], next_cursor=following)


@router.post("/workspaces", status_code=201, tags=["workspaces"], dependencies=REHEARSABLE)
@Answers(never={403})
async def create_workspace(
    body: WorkspaceBody, response: Response, caller: CallerDep, session: SessionDep, now: NowDep
) -> WorkspaceAnswer:
    """A new workspace with the caller as its administrator."""
    row = await tenants.create(session, caller, body.name, workspace_id=uuid7(), now=now)
    response.headers["Location"] = f"/api/v1/workspaces/{row.id}"
    return WorkspaceAnswer(id=row.id, name=row.name, created_at=row.created_at, permissions=sorted(tenants.CREATOR))


@router.get("/workspaces/{workspace_id}", tags=["workspaces"])
@Answers(never={403})
async def get_workspace(workspace_id: UUID, caller: CallerDep, session: SessionDep) -> WorkspaceAnswer:
    """One workspace of the caller."""
    return _answer(caller, await tenants.get(session, caller, workspace_id))


@router.patch("/workspaces/{workspace_id}", tags=["workspaces"], dependencies=REHEARSABLE)
async def update_workspace(
    workspace_id: UUID, body: WorkspaceBody, caller: CallerDep, session: SessionDep
) -> WorkspaceAnswer:
    """Rename it."""
    return _answer(caller, await tenants.rename(session, caller, workspace_id, body.name))


@router.delete("/workspaces/{workspace_id}", status_code=204, tags=["workspaces"], dependencies=REHEARSABLE)
@Answers(409)
async def delete_workspace(workspace_id: UUID, caller: CallerDep, session: SessionDep, now: NowDep) -> None:
    """Remove it with members, invitations, roles and credentials. Refused while anything is left in it, by name."""
    await tenants.delete(session, caller, workspace_id, now=now)


@router.post("/workspaces/{workspace_id}:suspend", tags=["workspaces"], dependencies=REHEARSABLE)
async def suspend_workspace(
    workspace_id: UUID, body: SuspensionBody, caller: CallerDep, session: SessionDep, now: NowDep
) -> WorkspaceAnswer:
    """Let nothing be changed in it; what was begun ends. For administrators of the installation."""
    return _answer(caller, await tenants.suspend(session, caller, workspace_id, body.reason, now=now))


@router.post("/workspaces/{workspace_id}:resume", tags=["workspaces"], dependencies=REHEARSABLE)
async def resume_workspace(workspace_id: UUID, caller: CallerDep, session: SessionDep, now: NowDep) -> WorkspaceAnswer:
    """End the suspension. For administrators of the installation."""
    return _answer(caller, await tenants.suspend(session, caller, workspace_id, None, now=now))


@router.get("/workspaces/{workspace_id}/members", tags=["workspaces"])
async def list_members(
    workspace_id: UUID, caller: CallerDep, session: SessionDep, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[MemberAnswer]:
    """Who belongs to the workspace."""
    members, following = await tenants.members_page(session, caller, workspace_id, limit=limit, cursor=cursor)
    return Page(items=[MemberAnswer.model_validate(member) for member in members], next_cursor=following)


@router.post("/workspaces/{workspace_id}/members", status_code=201, tags=["workspaces"], dependencies=REHEARSABLE)
@Answers(409)
async def add_member(
    workspace_id: UUID, body: MemberBody, caller: CallerDep, session: SessionDep, now: NowDep
) -> MemberAnswer:
    """Make a user of the installation a member, with a role whose permissions the caller holds."""
    member = await tenants.add_member(session, caller, workspace_id, email=body.email, role=body.role, now=now)
    return MemberAnswer.model_validate(member)


@router.patch("/workspaces/{workspace_id}/members/{user_id}", tags=["workspaces"], dependencies=REHEARSABLE)
@Answers(409)
async def update_member(
    workspace_id: UUID, user_id: UUID, body: MemberPatch, caller: CallerDep, session: SessionDep
) -> MemberAnswer:
    """Another role. The last administrator keeps theirs."""
    return MemberAnswer.model_validate(await tenants.change_role(session, caller, workspace_id, user_id, body.role))


@router.delete(
    "/workspaces/{workspace_id}/members/{user_id}", status_code=204, tags=["workspaces"], dependencies=REHEARSABLE
)
@Answers(409)
async def remove_member(workspace_id: UUID, user_id: UUID, caller: CallerDep, session: SessionDep) -> None:
    """Remove a member, or leave. The last administrator stays."""
    await tenants.remove_member(session, caller, workspace_id, user_id)

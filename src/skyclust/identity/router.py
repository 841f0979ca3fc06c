"""Routes of signing in, own sessions and users. Those that need workspaces, /auth/register and /auth/me, are theirs."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from skyclust.identity.callers import NowDep, PersonDep, PrincipalDep
from skyclust.identity.schemas import (
    ApiTokenAnswer,
    LoginBody,
    PasswordBody,
    RefreshBody,
    SessionAnswer,
    SessionsAnswer,
    TokensAnswer,
    UserAnswer,
    UserBody,
    UserPatch,
)
from skyclust.identity.service import accounts, programs, sessions
from skyclust.identity.service.gates import GateDep, tokens_answer
from skyclust.kit.db import DatabaseDep, SessionDep
from skyclust.kit.ids import uuid7
from skyclust.kit.pagination import DEFAULT_LIMIT, Cursor, Limit, Page
from skyclust.kit.rehearsing import REHEARSABLE, DryRun, end_rehearsal

router = APIRouter()


@router.post("/auth/login", tags=["auth"])
async def login(body: LoginBody, response: Response, gate: GateDep) -> TokensAnswer:
    """Sign in with email and password."""
    tokens = await sessions.sign_in(
        gate.database, gate.issuer, gate.origin, email=body.email, password=body.password.get_secret_value()
    )
    return tokens_answer(response, tokens)


@router.post("/auth/refresh", tags=["auth"])
async def refresh(body: RefreshBody, response: Response, gate: GateDep) -> TokensAnswer:
    """The next pair of tokens. Each refresh token works once; using one twice ends its session."""
    tokens = await sessions.refresh(gate.database, gate.issuer, gate.origin, body.refresh_token.get_secret_value())
    return tokens_answer(response, tokens)


@router.post("/auth/logout", status_code=204, tags=["auth"])
async def logout(principal: PersonDep, session: SessionDep, now: NowDep) -> None:
    """End this session."""
    await sessions.sign_out(session, principal, principal.session_id, now=now)


@router.post("/auth/password", status_code=204, tags=["auth"])
async def change_password(body: PasswordBody, principal: PersonDep, gate: GateDep) -> None:
    """Change the own password and end every other session."""
    await sessions.change_password(
        gate.database,
        principal,
        gate.origin,
        current=body.current_password.get_secret_value(),
        new=body.new_password.get_secret_value(),
        now=gate.issuer.now,
        attempt_id=uuid7(),
    )


@router.get("/auth/sessions", tags=["auth"])
async def list_sessions(principal: PersonDep, session: SessionDep, now: NowDep) -> SessionsAnswer:
    """The caller's live sessions, newest first."""
    rows = await sessions.sessions_of(session, principal, now=now)
    return SessionsAnswer(
        items=[
            SessionAnswer(
                id=row.id,
                address=row.address,
                user_agent=row.user_agent,
                created_at=row.created_at,
                last_used_at=row.last_used_at,
                expires_at=row.expires_at,
                current=row.id == principal.session_id,
            )
            for row in rows
        ]
    )


@router.delete("/auth/sessions/{session_id}", status_code=204, tags=["auth"], dependencies=REHEARSABLE)
async def end_session(session_id: UUID, principal: PersonDep, session: SessionDep, now: NowDep) -> None:
    """End one of the own sessions."""
    await sessions.sign_out(session, principal, session_id, now=now)


@router.get("/tokens", tags=["auth"])
async def list_tokens(
    principal: PersonDep, session: SessionDep, now: NowDep, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[ApiTokenAnswer]:
    """The caller's API tokens that work, newest first."""
    rows, following = await programs.list_page(session, principal, now=now, limit=limit, cursor=cursor)
    return Page(items=[ApiTokenAnswer.model_validate(row) for row in rows], next_cursor=following)


@router.delete("/tokens/{token_id}", status_code=204, tags=["auth"], dependencies=REHEARSABLE)
async def revoke_token(token_id: UUID, principal: PersonDep, session: SessionDep, now: NowDep) -> None:
    """Revoke one of the own API tokens; it works no longer from the next request on."""
    await programs.revoke(session, principal, token_id, now=now)


@router.get("/users", tags=["users"])
async def list_users(
    principal: PrincipalDep, session: SessionDep, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[UserAnswer]:
    """Users of the installation, by email. For its administrators."""
    rows, following = await accounts.list_page(session, principal, limit=limit, cursor=cursor)
    return Page(items=[UserAnswer.model_validate(row) for row in rows], next_cursor=following)


@router.post("/users", status_code=201, tags=["users"])
async def create_user(
    body: UserBody, principal: PrincipalDep, database: DatabaseDep, now: NowDep, *, dry_run: DryRun = False
) -> UserAnswer:
    """A new user, member of no workspace yet. For administrators of the installation."""
    principal.require_platform_admin()
    user = accounts.new_user(
        uuid7(),
        email=body.email,
        password_hash=await accounts.hashed(body.password.get_secret_value(), body.email),
        display_name=body.display_name,
        is_platform_admin=body.is_platform_admin,
        now=now,
    )
    async with database.session() as session:
        await accounts.create_user(session, principal, user)
        await end_rehearsal(session, dry_run=dry_run)
    return UserAnswer.model_validate(user)


@router.patch("/users/{user_id}", tags=["users"], dependencies=REHEARSABLE)
async def update_user(
    user_id: UUID, body: UserPatch, principal: PrincipalDep, session: SessionDep, now: NowDep
) -> UserAnswer:
    """Rename, disable, enable, make administrator or not. For administrators of the installation."""
    user = await accounts.update_user(session, principal, user_id, body, now=now)
    return UserAnswer.model_validate(user)

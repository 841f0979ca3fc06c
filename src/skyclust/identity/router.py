"""Routes of signing in, own sessions and users. Those that need workspaces, /auth/register and /auth/me, are theirs."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import SecretStr

from skyclust.identity import second_factors
from skyclust.identity.callers import NowDep, PersonDep, Principal, PrincipalDep
from skyclust.identity.freshness import Act
from skyclust.identity.models import SessionRow
from skyclust.identity.schemas import (
    ApiTokenAnswer,
    CodeBody,
    CurrentPasswordBody,
    FactorRemovalBody,
    FactorSetupAnswer,
    LoginBody,
    PasswordBody,
    ReauthenticationBody,
    RecoveryCodesAnswer,
    RefreshBody,
    SecondFactorAnswer,
    SessionAnswer,
    SessionsAnswer,
    TokensAnswer,
    UserAnswer,
    UserBody,
    UserPatch,
)
from skyclust.identity.service import accounts, factors, programs, sessions
from skyclust.identity.service.gates import Gate, GateDep, KeepingDep, tokens_answer
from skyclust.kit.db import DatabaseDep, SessionDep
from skyclust.kit.documenting import Answers
from skyclust.kit.ids import uuid7
from skyclust.kit.pagination import DEFAULT_LIMIT, Cursor, Limit, Page
from skyclust.kit.rehearsing import REHEARSABLE, DryRun, end_rehearsal

router = APIRouter()


@router.post("/auth/login", tags=["auth"])
@Answers(401)
async def login(body: LoginBody, response: Response, gate: GateDep, keeping: KeepingDep) -> TokensAnswer:
    """Sign in with email and password."""
    tokens = await sessions.sign_in(
        gate.database,
        gate.issuer,
        gate.origin,
        email=body.email,
        password=body.password.get_secret_value(),
        code=body.code,
    )
    return tokens_answer(response, tokens, keeping)


@router.post("/auth/refresh", tags=["auth"])
@Answers(401)
async def refresh(body: RefreshBody, response: Response, gate: GateDep, keeping: KeepingDep) -> TokensAnswer:
    """The next pair of tokens. Each refresh token works once; using one twice ends its session."""
    token = body.refresh_token.get_secret_value() or keeping.found
    return tokens_answer(response, await sessions.refresh(gate.database, gate.issuer, gate.origin, token), keeping)


@router.post("/auth/logout", status_code=204, tags=["auth"])
async def logout(
    response: Response, principal: PersonDep, session: SessionDep, now: NowDep, keeping: KeepingDep
) -> None:
    """End this session."""
    if keeping.in_cookie:
        keeping.keep(response, "")
    await sessions.sign_out(session, principal, principal.session_id, now=now)


@router.post("/auth/reauthenticate", tags=["auth"])
async def reauthenticate(
    body: ReauthenticationBody, response: Response, principal: PersonDep, gate: GateDep, keeping: KeepingDep
) -> TokensAnswer:
    """Prove again who you are, for acts that ask for it. The answer's tokens take the place of the session's."""
    tokens = await sessions.sign_in(
        gate.database,
        gate.issuer,
        gate.origin,
        email=principal.email,
        password=body.password.get_secret_value(),
        code=body.code,
        instead_of=principal,
    )
    return tokens_answer(response, tokens, keeping)


@router.post("/auth/password", status_code=204, tags=["auth"])
async def change_password(body: PasswordBody, principal: PersonDep, gate: GateDep) -> None:
    """Change the own password and end every other session."""
    principal.require_fresh(Act.PASSWORD_CHANGE)
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
async def list_sessions(principal: PersonDep, session: SessionDep, gate: GateDep) -> SessionsAnswer:
    """The caller's live sessions, newest first."""
    issuer = gate.issuer
    return _shown(await sessions.sessions_of(session, principal.user_id, now=issuer.now, idle=issuer.idle), principal)


def _shown(rows: list[SessionRow], principal: Principal) -> SessionsAnswer:
    fields = ("id", "address", "user_agent", "created_at", "last_used_at", "authenticated_at", "expires_at")
    shown = [{name: getattr(row, name) for name in fields} for row in rows]
    return SessionsAnswer(
        items=[SessionAnswer(**values, current=values["id"] == principal.session_id) for values in shown]
    )


@router.delete("/auth/sessions", status_code=204, tags=["auth"], dependencies=REHEARSABLE)
async def end_other_sessions(principal: PersonDep, session: SessionDep, now: NowDep) -> None:
    """End every own session but this one."""
    await sessions.sign_out_elsewhere(session, principal, now=now)


@router.delete("/auth/sessions/{session_id}", status_code=204, tags=["auth"], dependencies=REHEARSABLE)
async def end_session(session_id: UUID, principal: PersonDep, session: SessionDep, now: NowDep) -> None:
    """End one of the own sessions."""
    await sessions.sign_out(session, principal, session_id, now=now)


@router.get("/users/{user_id}/sessions", tags=["users"])
async def list_sessions_of_user(
    user_id: UUID, principal: PrincipalDep, session: SessionDep, gate: GateDep
) -> SessionsAnswer:
    """Somebody's live sessions. For administrators of the installation."""
    now, idle = gate.issuer.now, gate.issuer.idle
    return _shown(await sessions.sessions_of_other(session, principal, user_id, now=now, idle=idle), principal)


@router.delete("/users/{user_id}/sessions", status_code=204, tags=["users"], dependencies=REHEARSABLE)
async def end_sessions_of_user(user_id: UUID, principal: PrincipalDep, session: SessionDep, now: NowDep) -> None:
    """End all of somebody's sessions, without disabling them. For administrators of the installation."""
    await sessions.end_sessions_of_other(session, principal, user_id, now=now)


@router.delete("/users/{user_id}/sessions/{session_id}", status_code=204, tags=["users"], dependencies=REHEARSABLE)
async def end_session_of_user(
    user_id: UUID, session_id: UUID, principal: PrincipalDep, session: SessionDep, now: NowDep
) -> None:
    """End one of somebody's sessions. For administrators of the installation."""
    await sessions.end_sessions_of_other(session, principal, user_id, now=now, only=session_id)


@router.get("/auth/second-factor", tags=["auth"])
async def get_second_factor(principal: PersonDep, session: SessionDep) -> SecondFactorAnswer:
    """Whether the caller signs in with a code."""
    return SecondFactorAnswer.model_validate(await factors.standing(session, principal.user_id))


@router.post("/auth/second-factor", status_code=201, tags=["auth"])
@Answers(409)
async def begin_second_factor(
    body: CurrentPasswordBody, response: Response, principal: PersonDep, gate: GateDep
) -> FactorSetupAnswer:
    """A secret for the authenticator app. It counts once its first code was confirmed."""
    await _prove(gate, principal, body.current_password)
    async with gate.database.session() as session:
        secret = await factors.begin(session, gate.issuer.keys, principal, now=gate.issuer.now)
    response.headers["Cache-Control"] = "no-store"
    uri = second_factors.setup_uri(secret, principal.email)
    return FactorSetupAnswer(shared_secret=second_factors.as_text(secret), uri=uri)


@router.post("/auth/second-factor:confirm", tags=["auth"])
@Answers(404, 409)
async def confirm_second_factor(
    body: CodeBody, response: Response, principal: PersonDep, gate: GateDep
) -> RecoveryCodesAnswer:
    """From now on signing in takes a code. Answers the recovery codes."""
    async with gate.database.session() as session:
        codes = await factors.confirm(session, gate.issuer.keys, principal, body.code, now=gate.issuer.now)
    response.headers["Cache-Control"] = "no-store"
    return RecoveryCodesAnswer(recovery_codes=codes)


@router.post("/auth/second-factor:remove", status_code=204, tags=["auth"])
@Answers(404)
async def remove_second_factor(body: FactorRemovalBody, principal: PersonDep, gate: GateDep) -> None:
    """Sign in with the password alone again."""
    await _prove(gate, principal, body.current_password, sessions.Factor(gate.issuer.keys, body.code))
    async with gate.database.session() as session:
        await factors.take_off(session, principal)


@router.delete("/users/{user_id}/second-factor", status_code=204, tags=["users"], dependencies=REHEARSABLE)
async def reset_second_factor(user_id: UUID, principal: PrincipalDep, session: SessionDep) -> None:
    """For somebody who has lost phone and recovery codes. For administrators of the installation."""
    await factors.reset(session, principal, user_id)


async def _prove(gate: Gate, principal: Principal, password: SecretStr, factor: sessions.Factor | None = None) -> None:
    await sessions.prove_password(
        gate.database,
        principal,
        gate.origin,
        password.get_secret_value(),
        now=gate.issuer.now,
        attempt_id=uuid7(),
        factor=factor,
    )


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
@Answers(409)
async def create_user(
    body: UserBody, principal: PrincipalDep, database: DatabaseDep, now: NowDep, *, dry_run: DryRun = False
) -> UserAnswer:
    """A new user, member of no workspace yet. For administrators of the installation."""
    principal.require_platform_act()
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
@Answers(409)
async def update_user(
    user_id: UUID, body: UserPatch, principal: PrincipalDep, session: SessionDep, now: NowDep
) -> UserAnswer:
    """Rename, disable, enable, make administrator or not. For administrators of the installation."""
    user = await accounts.update_user(session, principal, user_id, body, now=now)
    return UserAnswer.model_validate(user)

"""Who asks: the dependency of every route that needs a signed-in user but no workspace.

Routes about workspaces use `workspaces.callers.CallerDep`, which stands on the same check. The check opens a short
transaction of its own, so that a route which then talks to a cloud holds no connection.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.events.publishing import Actor
from skyclust.identity import queries
from skyclust.identity.errors import platform_admin_only, session_only, unauthenticated
from skyclust.identity.freshness import UNATTENDED_SCOPE, Act, Policy, Proof, policy_of
from skyclust.identity.models import NO_PASSWORD
from skyclust.identity.tokens import API_TOKEN_PREFIX, InvalidToken, hash_token, read_access_token
from skyclust.kit.clock import Clock
from skyclust.kit.db import DatabaseDep
from skyclust.kit.documenting import Answers
from skyclust.kit.keys import KeySource
from skyclust.kit.problems import trace_id
from skyclust.kit.rates import Asking
from skyclust.kit.settings import Settings

_bearer = HTTPBearer(auto_error=False, description="the access token of /auth/login, or an API token")
BearerDep = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]

_COSTLY = re.compile(r"/plan$|:(import|importable|manage|deletion-plan|sweep|verify|export)$|/credentials$")
#: Scope of tokens that act for an administrator of the installation, beside the names of permissions.
PLATFORM_SCOPE = "platform.admin"
#: An API token's last use, and a session's, is written down at most this often.
TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """How far an API token reaches within what its user may do. `workspace_id` None = everywhere."""

    scopes: frozenset[str]
    workspace_id: UUID | None


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in user, or a program with a token of theirs; without workspaces.

    `session_id` is the token's own id for a program, which has no session; `limits` is None for people.
    """

    user_id: UUID
    email: str
    is_platform_admin: bool
    session_id: UUID
    actor: Actor
    proof: Proof
    limits: Limits | None = None

    def require_fresh(self, act: Act) -> None:
        """401 or 403 when the act asks for a fresher proof of who this is."""
        self.proof.require(act)

    def require_session(self) -> None:
        """403 for programs: they do not hand out or take away ways to sign in."""
        if self.limits is not None:
            raise session_only()

    def require_platform_admin(self) -> None:
        """403 for everybody who does not administer the installation."""
        if not self.is_platform_admin:
            raise platform_admin_only()

    def require_platform_act(self) -> None:
        """Likewise, for what changes something: also with a fresh proof."""
        self.require_platform_admin()
        self.require_fresh(Act.PLATFORM)


async def principal_of(
    request: Request, session: AsyncSession, bearer: HTTPAuthorizationCredentials | None
) -> Principal:
    """Whoever bears the token; 401 when that is nobody, or nobody any more. Then: `count_request`."""
    if bearer is None:
        raise unauthenticated("Send `Authorization: Bearer <access token>`; /auth/login gives one.", token_given=False)
    now = now_of(request)
    if bearer.credentials.startswith(API_TOKEN_PREFIX):
        return await _program(request, session, bearer.credentials, now, policy_of(request.app.state.settings))
    keys: KeySource = request.app.state.keyring
    try:
        claims = read_access_token(keys, bearer.credentials, now=now)
    except InvalidToken as error:
        raise unauthenticated(str(error), token_given=True) from error
    settings: Settings = request.app.state.settings
    found = await queries.live_session(session, claims.session_id, now, idle_of(settings))
    if found is None or found[1].id != claims.user_id:
        raise unauthenticated("This session has ended. Sign in again.", token_given=True)
    row, user = found
    request.state.user_id = str(user.id)  # for the log of what is refused
    if row.last_used_at < now - TOUCH_EVERY:
        await queries.touch_session(session, row.id, now)
    actor = Actor(user.id, user.email, address_of(request), trace_id(request))
    has_password = user.password_hash != NO_PASSWORD
    proof = Proof(policy_of(settings), now, row.authenticated_at, has_password=has_password)
    return Principal(user.id, user.email, user.is_platform_admin, row.id, actor, proof)


def idle_of(settings: Settings) -> timedelta:
    """After how long without a request a session ends."""
    return timedelta(seconds=settings.session_idle_seconds)


async def _program(request: Request, session: AsyncSession, text: str, now: datetime, policy: Policy) -> Principal:
    found = await queries.live_api_token(session, hash_token(text), now)
    if found is None:
        raise unauthenticated("This API token is unknown, revoked or expired. Create another one.", token_given=True)
    row, user = found
    request.state.user_id = str(user.id)
    address = address_of(request)
    if row.last_used_at is None or row.last_used_at < now - TOUCH_EVERY:
        await queries.touch_api_token(session, row.id, address=address, now=now)
    limits = Limits(frozenset(row.scopes), row.limited_to)
    actor = Actor(user.id, f"{user.email} (token {row.name})", address, trace_id(request))
    admin = user.is_platform_admin and PLATFORM_SCOPE in limits.scopes
    proof = Proof(policy, now, None, unattended=UNATTENDED_SCOPE in limits.scopes)
    return Principal(user.id, user.email, admin, row.id, actor, proof, limits)


async def count_request(request: Request, principal: Principal) -> None:
    """429 for a user who asks too often; each request counts once, however often a stream asks who holds it.

    Other processes may be asked: not while a session is open.
    """
    asking: Asking | None = getattr(request.app.state, "asking", None)
    if asking is None or hasattr(request.state, "standing"):
        return
    costly = is_costly(request.url.path, request.url.query)
    owed = getattr(request.state, "owed", [])
    request.state.standing = await asking.take(str(principal.user_id), costly=costly, owed=owed)


def is_costly(path: str, query: str) -> bool:
    """Whether it asks clouds for much, or reads a table from end to end."""
    return bool(_COSTLY.search(path)) or "dry_run=true" in query.lower()


def address_of(request: Request) -> str:
    """The client's address. The guard has put it there; forwarded headers count only where the operator trusts them."""
    return request.client.host if request.client else ""


def now_of(request: Request) -> datetime:
    """The application's clock."""
    clock: Clock = request.app.state.clock
    return clock.now()


@Answers(401, 403)
async def current_principal(request: Request, database: DatabaseDep, bearer: BearerDep) -> Principal:
    """Whoever bears the token. 401 otherwise."""
    async with database.session() as session:
        principal = await principal_of(request, session, bearer)
    await count_request(request, principal)
    return principal


NowDep = Annotated[datetime, Depends(now_of)]
PrincipalDep = Annotated[Principal, Depends(current_principal)]


async def current_person(principal: PrincipalDep) -> Principal:
    """A user who signed in. 403 for an API token."""
    principal.require_session()
    return principal


PersonDep = Annotated[Principal, Depends(current_person)]

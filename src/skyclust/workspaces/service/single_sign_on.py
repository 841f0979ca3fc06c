"""Sign in by an identity provider: begin, come back, collect the tokens. Called by the routes under /auth/oidc.

The browser carries only a state and a code; tokens are collected afterwards by whoever began (who knows the verifier
of the challenge given then). Invariant: each state and each grant works once and for minutes; roles that groups give
are taken away when the groups no longer give them, and no others are touched.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from joserfc.errors import JoseError
from joserfc.jws import extract_compact
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.events.publishing import Actor, publish
from skyclust.identity.service import UserRow, accounts, hash_token, oidc, sign_ons
from skyclust.identity.service.sign_ons import IdentityProvider
from skyclust.kit.db import EVERYTHING, Database
from skyclust.kit.ids import uuid7
from skyclust.kit.keys import KeySource
from skyclust.kit.settings import Settings
from skyclust.workspaces import events, queries
from skyclust.workspaces.errors import sign_on_refused
from skyclust.workspaces.models import MemberRow
from skyclust.workspaces.permissions import Role

STATE_LIFE = timedelta(minutes=10)
GRANT_LIFE = timedelta(minutes=2)
FROM_GROUPS = "oidc"
_RULES: TypeAdapter[tuple[oidc.GroupRule, ...]] = TypeAdapter(tuple[oidc.GroupRule, ...])


@dataclass(frozen=True, slots=True)
class SignOn:
    """The configured provider and what its groups mean here."""

    provider: IdentityProvider = field(repr=False)
    scopes: str
    groups_claim: str
    rules: tuple[oidc.GroupRule, ...]
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes, and the state it must bring back in a cookie as well."""

    url: str
    state: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Finished:
    """Where the browser goes in the end, and the grant it carries there."""

    return_to: str
    grant: str = field(repr=False)


def sign_on_of(settings: Settings, monotonic: Callable[[], float]) -> SignOn | None:
    """What the settings say; None when no identity provider is named. ValueError says what is wrong with them."""
    if not settings.oidc_issuer:
        return None
    if not settings.public_url or not settings.oidc_client_id:
        raise ValueError(
            "SKYCLUST_OIDC_ISSUER also needs SKYCLUST_OIDC_CLIENT_ID, its secret, and SKYCLUST_PUBLIC_URL."
        )
    rules = _rules(settings.oidc_groups)
    provider = IdentityProvider(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret, monotonic)
    redirect = f"{settings.public_url.rstrip('/')}/api/v1/auth/oidc/callback"
    return SignOn(provider, settings.oidc_scopes, settings.oidc_groups_claim, rules, redirect)


def _rules(given: Sequence[Mapping[str, str | bool]]) -> tuple[oidc.GroupRule, ...]:
    try:
        return _RULES.validate_python(given)
    except ValidationError:
        raise ValueError(
            'SKYCLUST_OIDC_GROUPS must be a list such as [{"group": "team", "workspace_id": "<uuid>", "role": "user"}, '
            '{"group": "ops", "platform_admin": true}].'
        ) from None


async def begin(
    database: Database,
    keys: KeySource,
    sign_on: SignOn,
    *,
    return_to: str,
    challenge: str,
    now: datetime,
    fresh: bool = False,
) -> Begun:
    """Remember that a sign-in has begun."""
    try:
        metadata = await sign_on.provider.metadata()
    except oidc.Refused as refused:
        raise sign_on_refused(str(refused)) from refused
    state = secrets.token_urlsafe(32)
    key_id = keys.active_id
    async with database.session() as session:
        await sign_ons.remember_state(
            session, hash_token(state), key_id=key_id, return_to=return_to, challenge=challenge, until=now + STATE_LIFE
        )
    url = oidc.authorization_url(
        metadata,
        client_id=sign_on.provider.client_id,
        redirect_uri=sign_on.redirect_uri,
        scopes=sign_on.scopes,
        state=state,
        nonce=oidc.nonce_of(keys, key_id, state),
        verifier=oidc.verifier_of(keys, key_id, state),
        fresh=fresh,
    )
    return Begun(url, state)


async def finish(
    database: Database, keys: KeySource, sign_on: SignOn, *, state: str, cookie: str, code: str, actor: Actor,
    now: datetime,
) -> Finished:  # fmt: skip
    """The provider sent the browser back. `actor` has the address and request, nobody's name yet."""
    if not hmac.compare_digest(state.encode(), cookie.encode()):
        raise sign_on_refused("This browser did not begin the sign-in. Begin again.")
    async with database.session() as session:
        begun = await sign_ons.use_state(session, hash_token(state), now)
    if begun is None:
        raise sign_on_refused("The sign-in was finished before, or took too long. Begin again.")
    grant = secrets.token_urlsafe(32)
    try:
        claims = await _claims(keys, sign_on, begun.key_id, state, code, now)
        async with database.session(visible=EVERYTHING) as session:
            user = await _user_of(session, claims, actor, now)
            await _follow_groups(session, user, sign_on.rules, claims.groups, actor, now)
            await sign_ons.remember_grant(
                session, hash_token(grant), user_id=user.id, challenge=begun.challenge,
                authenticated_at=claims.authenticated_at, until=now + GRANT_LIFE,
            )  # fmt: skip
    except oidc.Refused as refused:
        async with database.session() as session:
            await publish(session, sign_ons.refused(actor, str(refused)))
        raise sign_on_refused(str(refused)) from refused
    return Finished(begun.return_to, grant)


async def _claims(
    keys: KeySource, sign_on: SignOn, key_id: str, state: str, code: str, now: datetime
) -> oidc.Claims:  # fmt: skip
    """Exchange the code, and check what the provider gives for it."""
    provider = sign_on.provider
    verifier = oidc.verifier_of(keys, key_id, state)
    text = await provider.exchange(code, verifier=verifier, redirect_uri=sign_on.redirect_uri)
    return oidc.read_id_token(
        text,
        await provider.keys(_key_id(text)),
        issuer=(await provider.metadata()).issuer,
        client_id=provider.client_id,
        nonce=oidc.nonce_of(keys, key_id, state),
        groups_claim=sign_on.groups_claim,
        now=now,
    )


def _key_id(text: str) -> str | None:
    try:
        found = extract_compact(text.encode()).headers().get("kid")
    except (JoseError, ValueError, AttributeError):
        return None
    return found if isinstance(found, str) else None


async def _user_of(session: AsyncSession, claims: oidc.Claims, actor: Actor, now: datetime) -> UserRow:
    """By the provider's own id; at the first time by the email it vouches for; else a new account without password."""
    user = await sign_ons.user_of_identity(session, claims.issuer, claims.subject)
    if user is None:
        user = await accounts.user_of_claims(session, claims, uuid7(), actor, now)
        await sign_ons.link(session, user, claims.issuer, claims.subject, actor, now)
    if user.disabled_at is not None:
        raise oidc.Refused("This account is disabled. Ask an administrator of this installation.")
    return user


async def _follow_groups(
    session: AsyncSession,
    user: UserRow,
    rules: tuple[oidc.GroupRule, ...],
    groups: frozenset[str],
    actor: Actor,
    now: datetime,
) -> None:
    """Memberships that groups give. One that was given by hand stays as it is."""
    who = Actor(user.id, f"{user.email} (groups)", actor.address, actor.request_id)
    roles, admin = oidc.granted(rules, groups)
    if any(rule.platform_admin for rule in rules):
        await accounts.follow_admin_group(session, user, who, admin=admin)
    for place in {rule.workspace_id for rule in rules if rule.workspace_id is not None}:
        await _follow_workspace(session, user, place, roles.get(place), who, now)


async def _follow_workspace(
    session: AsyncSession, user: UserRow, workspace_id: UUID, role: str | None, who: Actor, now: datetime
) -> None:
    if await queries.workspace_by_id(session, workspace_id, queries.Lock.CHANGE) is None:
        return
    row = await queries.member(session, workspace_id, user.id)
    if row is None and role is not None:
        row = MemberRow(workspace_id=workspace_id, user_id=user.id, role=role, source=FROM_GROUPS, created_at=now)
        session.add(row)
        await session.flush()
        await publish(session, events.member_added(row, who))
    elif row is not None and row.source == FROM_GROUPS:
        last = row.role == Role.ADMIN.value and await queries.count_admins(session, workspace_id) == 1
        if role is None and not last:
            await publish(session, events.member_removed(row, who))
            await session.delete(row)
        elif role is not None and role != row.role and not last:
            before, row.role = row.role, role
            await publish(session, events.member_changed(row, who, before))

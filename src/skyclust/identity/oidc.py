"""OpenID Connect, the pure part: what we ask an identity provider, and what of its answer we believe.

Called by the service. Authorization code with PKCE only (RFC 7636); the ID token is checked as OpenID Connect Core
3.1.3.7 says. Invariant: nothing that a token says about keys or algorithms is followed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from skyclust.kit.keys import KeySource

#: Asymmetric only: with a symmetric one the client's secret would sign for the provider.
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
LEEWAY_SECONDS = 30
PURPOSE = "oidc"
#: A request with `max_age` obliges the provider to tell `auth_time` (OpenID Connect Core 2); so long asks nobody again.
ASKED_AGE_SECONDS = 30 * 86400


class Refused(Exception):
    """The provider's answer does not let anybody in. The text may be shown."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the provider's discovery document says."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


@dataclass(frozen=True, slots=True)
class Claims:
    """Who the provider says somebody is."""

    issuer: str
    subject: str
    email: str
    email_verified: bool
    name: str
    groups: frozenset[str]
    #: When they proved who they are to the provider; None when it does not say.
    authenticated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GroupRule:
    """What members of a group are: administrators of the installation, or members of a workspace with a role."""

    group: str
    workspace_id: UUID | None = None
    role: str | None = None
    platform_admin: bool = False


def parse_metadata(document: Mapping[str, Any], issuer: str) -> Metadata:
    """The endpoints; Refused when the document is of another issuer, which would be a mix-up."""
    found = {name: document.get(name) for name in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")}
    missing = [name for name, value in found.items() if not isinstance(value, str)]
    if missing:
        raise Refused(f"The identity provider's discovery document lacks {', '.join(missing)}.")
    if str(found["issuer"]).rstrip("/") != issuer.rstrip("/"):
        raise Refused("The discovery document is of another issuer than the configured one.")
    return Metadata(**{name: str(value) for name, value in found.items()})


def verifier_of(keys: KeySource, key_id: str, state: str) -> str:
    """The PKCE code verifier of one sign-in; derived, so that nothing secret has to be stored."""
    return _derive(keys, key_id, f"verifier/{state}")


def nonce_of(keys: KeySource, key_id: str, state: str) -> str:
    """The nonce that the ID token of one sign-in must repeat."""
    return _derive(keys, key_id, f"nonce/{state}")


def _derive(keys: KeySource, key_id: str, text: str) -> str:
    digest = hmac.digest(keys.derived(key_id, PURPOSE), text.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def challenge_of(verifier: str) -> str:
    """S256 of a code verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def authorization_url(
    metadata: Metadata,
    *,
    client_id: str,
    redirect_uri: str,
    scopes: str,
    state: str,
    nonce: str,
    verifier: str,
    fresh: bool = False,
) -> str:
    """Where the browser goes to sign in. `fresh`: whoever is signed in there already proves it once more."""
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": scopes,
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
        "max_age": str(ASKED_AGE_SECONDS),
    } | ({"prompt": "login"} if fresh else {})
    joiner = "&" if "?" in metadata.authorization_endpoint else "?"
    return metadata.authorization_endpoint + joiner + urlencode(query)


def read_id_token(
    text: str, keys: KeySet, *, issuer: str, client_id: str, nonce: str, groups_claim: str, now: datetime
) -> Claims:
    """Check signature and claims; Refused otherwise."""
    try:
        token = jwt.decode(text, keys, algorithms=ALGORITHMS)
        required: Any = {"essential": True}
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": client_id},
            nonce={"essential": True, "value": nonce},
            sub=required,
            iat=required,
            exp=required,
        ).validate(token.claims)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Refused(f"The identity provider's token was not accepted ({type(error).__name__}).") from error
    claims = token.claims
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != client_id:
        raise Refused("The identity provider's token was made for several clients, and not for this one first.")
    return _claims(claims, issuer, groups_claim, now)


def _claims(claims: Mapping[str, Any], issuer: str, groups_claim: str, now: datetime) -> Claims:
    groups = claims.get(groups_claim)
    email = claims.get("email")
    if not isinstance(email, str) or claims.get("email_verified") is not True:
        raise Refused("The identity provider does not vouch for an email address (email, email_verified).")
    return Claims(
        issuer=issuer,
        subject=str(claims["sub"])[:255],
        email=email,
        email_verified=True,
        name=str(claims.get("name") or "")[:100],
        groups=frozenset(str(group) for group in groups) if isinstance(groups, list) else frozenset(),
        authenticated_at=_proven_at(claims.get("auth_time"), now),
    )


def _proven_at(auth_time: object, now: datetime) -> datetime | None:
    """Never later than now, whatever the provider's clock says; None for what is no time."""
    if not isinstance(auth_time, int) or isinstance(auth_time, bool) or auth_time < 0:
        return None
    return datetime.fromtimestamp(min(auth_time, int(now.timestamp())), UTC)


def granted(rules: Sequence[GroupRule], groups: frozenset[str]) -> tuple[dict[UUID, str], bool]:
    """(workspace id -> role, administrator of the installation) that the groups give; earlier rules win."""
    roles: dict[UUID, str] = {}
    admin = False
    for rule in rules:
        if rule.group not in groups:
            continue
        admin = admin or rule.platform_admin
        if rule.workspace_id is not None and rule.role is not None:
            roles.setdefault(rule.workspace_id, rule.role)
    return roles, admin


def may_return_to(url: str, public_url: str) -> bool:
    """Whether a finished sign-in may hand its grant there: our own pages, or a program on this machine (RFC 8252)."""
    parts = urlsplit(url)
    if parts.username or parts.password or parts.fragment or any(ord(sign) <= 32 for sign in url) or "\\" in url:
        return False
    if parts.scheme == "http" and (parts.hostname or "") in {"127.0.0.1", "localhost", "::1"}:
        return True
    own = urlsplit(public_url)
    return bool(own.netloc) and (parts.scheme, parts.netloc) == (own.scheme, own.netloc)

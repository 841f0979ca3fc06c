"""Access tokens (JWT), refresh tokens and API tokens. Called by service.py and by the check of every request.

One algorithm, keys only from our keyring by the `kid` we wrote: what a token says about algorithms and key places is
never followed. A valid signature proves nothing alone; the session row decides (service.authenticate).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import GuestProtocol, OctKey

from skyclust.kit.keys import KeySource

ALGORITHM = "HS256"
TYPE = "at+jwt"  # RFC 9068
ISSUER = "skyclust"
AUDIENCE = "skyclust-api"
PURPOSE = "access-token"
MAX_LENGTH = 4096
#: Clocks of several API processes may differ by this much.
LEEWAY_SECONDS = 5


class InvalidToken(Exception):
    """Not a token of ours, or not one any more. The text may be shown."""


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says."""

    user_id: UUID
    session_id: UUID


@dataclass(frozen=True, slots=True)
class NewToken:
    """A new random token: the text goes to the client once, the hash into the table."""

    text: str = field(repr=False)
    token_hash: bytes = field(repr=False)


def new_refresh_token(random_text: Callable[[], str] = lambda: secrets.token_urlsafe(32)) -> NewToken:
    """256 random bits."""
    text = random_text()
    return NewToken(text, hash_token(text))


#: How every API token begins, so that scanners for leaked secrets recognise one.
API_TOKEN_PREFIX = "skyclust_"  # noqa: S105 - not a secret


def new_api_token(random_text: Callable[[], str] = lambda: secrets.token_urlsafe(32)) -> NewToken:
    """256 random bits behind the prefix."""
    text = API_TOKEN_PREFIX + random_text()
    return NewToken(text, hash_token(text))


def hash_token(text: str) -> bytes:
    """SHA-256; enough for random tokens, which cannot be guessed."""
    return hashlib.sha256(text.encode()).digest()


def issue_access_token(
    keys: KeySource, claims: AccessClaims, *, token_id: UUID, now: datetime, lifetime_seconds: int
) -> str:
    """Sign with the active key."""
    issued_at = int(now.timestamp())
    payload = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(claims.user_id),
        "sid": str(claims.session_id),
        "jti": str(token_id),
        "iat": issued_at,
        "exp": issued_at + lifetime_seconds,
    }
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": keys.active_id}
    return jwt.encode(header, payload, _key(keys, keys.active_id), algorithms=[ALGORITHM])


def read_access_token(keys: KeySource, text: str, *, now: datetime) -> AccessClaims:
    """Check signature, header and every claim; InvalidToken otherwise."""
    if len(text) > MAX_LENGTH:
        raise InvalidToken("This is not an access token.")
    try:
        token = jwt.decode(text, lambda guest: _key(keys, _key_id(guest)), algorithms=[ALGORITHM])
        if token.header.get("typ") != TYPE or set(token.header) != {"alg", "typ", "kid"}:
            raise InvalidToken("This is not an access token.")
        _claims_registry(now).validate(token.claims)
        return AccessClaims(UUID(token.claims["sub"]), UUID(token.claims["sid"]))
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        # a forged token may break the decoder in any of these ways; none of it is the client's business
        raise InvalidToken("The access token is not valid, or has expired. Refresh it, or sign in again.") from error


def _claims_registry(now: datetime) -> jwt.JWTClaimsRegistry:
    required: Any = {"essential": True}
    return jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": ISSUER},
        aud={"essential": True, "value": AUDIENCE},
        sub=required,
        sid=required,
        jti=required,
        iat=required,
        exp=required,
    )


def _key_id(guest: GuestProtocol) -> str:
    key_id = guest.headers().get("kid")
    if not isinstance(key_id, str):
        raise InvalidToken("This is not an access token.")
    return key_id


def _key(keys: KeySource, key_id: str) -> OctKey:
    return OctKey.import_key(keys.derived(key_id, PURPOSE))

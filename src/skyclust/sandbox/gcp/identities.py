"""Who is calling: the sandbox's service account, its key, and the tokens made with it.

Called by the dispatcher for every request and by the Kubernetes API for every token. Invariant: nobody without the
service account's private key gets a token, and a token that was not signed here or has expired opens nothing.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey, RSAKey

from skyclust.sandbox.gcp.errors import Json
from skyclust.sandbox.kernel import Store

ACCOUNT_NAME = "skyclust"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_PREFIX = "ya29."  # noqa: S105 - the public prefix of every such token
LIFETIME_SECONDS = 3600
SKEW_SECONDS = 60


class InvalidGrantError(Exception):
    """The token endpoint's refusal; the message is its `error_description`."""


class Identities:
    """`seconds` is the wall clock: tokens age in the client's time, not in simulated time."""

    def __init__(self, store: Store, directory: Path, project: str, seconds: Callable[[], float] = time.time) -> None:
        self.project = project
        self.email = f"{ACCOUNT_NAME}@{project}.iam.gserviceaccount.com"
        self.file = directory / "gcp-service-account.json"
        self._seconds = seconds
        self._secret = OctKey.import_key(_token_secret(store))
        self._private_pem = _private_key(self.file)
        self._key = RSAKey.import_key(self._private_pem)

    @property
    def key_id(self) -> str:
        return hashlib.sha256(self._private_pem.encode()).hexdigest()[:40]

    @property
    def unique_id(self) -> str:
        return str(10**20 + int(self.key_id[:15], 16))

    def write_file(self, base_url: str) -> Path:
        """The service account file a client loads; only `token_uri` depends on where the sandbox listens."""
        document = {
            "type": "service_account",
            "project_id": self.project,
            "private_key_id": self.key_id,
            "private_key": self._private_pem,
            "client_email": self.email,
            "client_id": self.unique_id,
            "auth_uri": f"{base_url}/o/oauth2/auth",
            "token_uri": f"{base_url}/token",
            "auth_provider_x509_cert_url": f"{base_url}/oauth2/v1/certs",
            "client_x509_cert_url": f"{base_url}/robot/v1/metadata/x509/{self.email}",
            "universe_domain": "googleapis.com",
        }
        staged = self.file.with_suffix(".tmp")
        staged.touch(mode=0o600)
        staged.write_text(json.dumps(document, indent=2))
        staged.replace(self.file)
        return self.file

    def exchange(self, form: dict[str, str]) -> Json:
        """An access token for a signed assertion (RFC 7523), as https://oauth2.googleapis.com/token gives it."""
        if form.get("grant_type") != GRANT:
            raise InvalidGrantError(f"The grant type must be {GRANT}.")
        claims = self._claims(form.get("assertion", ""))
        if claims is None:
            raise InvalidGrantError("Invalid JWT Signature.")
        self._check_claims(claims)
        return {"access_token": self.issue(self.email), "expires_in": LIFETIME_SECONDS - 1, "token_type": "Bearer"}

    def issue(self, principal: str, seconds: int = LIFETIME_SECONDS) -> str:
        """An access token of `principal`, an e-mail address or a `principal://` name; good for `seconds` from now."""
        issued = {"sub": principal, "exp": int(self._seconds()) + seconds, "jti": secrets.token_urlsafe(12)}
        return TOKEN_PREFIX + jwt.encode({"alg": "HS256"}, issued, self._secret)

    def _check_claims(self, claims: Json) -> None:
        if claims.get("iss") != self.email:
            raise InvalidGrantError("Invalid grant: account not found")
        if not claims.get("scope") and not claims.get("target_audience"):
            raise InvalidGrantError("Invalid OAuth scope or ID token audience provided.")
        if not self._is_current(claims):
            raise InvalidGrantError(
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
                "Check your iat and exp values in the JWT claim."
            )

    def _is_current(self, claims: Json) -> bool:
        now, issued, expires = self._seconds(), claims.get("iat"), claims.get("exp")
        if not isinstance(issued, int | float) or not isinstance(expires, int | float):
            return False
        return (
            issued - SKEW_SECONDS <= now < expires + SKEW_SECONDS
            and expires - issued <= LIFETIME_SECONDS + SKEW_SECONDS
        )

    def _claims(self, assertion: str) -> Json | None:
        try:
            return dict(jwt.decode(assertion, self._key, algorithms=["RS256"]).claims)
        except (JoseError, ValueError):
            return None

    def caller(self, token: str) -> str | None:
        """The e-mail address behind an exchanged token or a self-signed JWT; None when it is good for nothing."""
        if token.startswith(TOKEN_PREFIX):
            return self._bearer(token.removeprefix(TOKEN_PREFIX))
        claims = self._claims(token)
        if claims is None or claims.get("iss") != self.email or claims.get("sub", self.email) != self.email:
            return None
        return self.email if self._is_current(claims) and (claims.get("aud") or claims.get("scope")) else None

    def _bearer(self, signed: str) -> str | None:
        try:
            claims = jwt.decode(signed, self._secret, algorithms=["HS256"]).claims
        except (JoseError, ValueError):
            return None
        return str(claims["sub"]) if self._seconds() < float(claims["exp"]) else None


def _token_secret(store: Store) -> str:
    saved = store.get("gcpkeys.tokens", "secret")
    if saved is None:
        saved = {"secret": secrets.token_urlsafe(32)}
        store.put("gcpkeys.tokens", "secret", saved)
    return str(saved["secret"])


def _private_key(file: Path) -> str:
    if file.exists():
        document: dict[str, Any] = json.loads(file.read_text())
        return str(document["private_key"])
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()

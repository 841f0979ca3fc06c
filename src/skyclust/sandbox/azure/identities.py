"""Who is calling: the sandbox's service principal, its secret, and the tokens the authority signs for it.

Called by the dispatcher for every request and by the Kubernetes API for tokens of Entra clusters. Invariant: nobody
without the secret or a trusted assertion gets a token, and a token not signed here, or that has ended, opens nothing.
"""

import hashlib
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from skyclust.sandbox.azure import federation
from skyclust.sandbox.azure.cloud import Account
from skyclust.sandbox.azure.errors import Json, LoginError
from skyclust.sandbox.kernel import Store

ACCOUNT = Account(
    subscription="5c7a1f0e-9d1b-4e0c-8a53-2b6f2f7c9e01",
    tenant="7d3f9a42-6f1e-4c52-9b0d-8f0a4d1c2e77",
    client="b1e0c6d4-3a57-4f6b-9c1d-5e8f7a2b3c44",
    object_id="e4a9d2c8-1b6f-4d35-8e70-9a3c5b7d1f22",
)
ARM_AUDIENCES = (
    "https://management.azure.com", "https://management.core.windows.net", "https://management.core.windows.net/",
    "https://management.azure.com/",
)  # fmt: skip
AKS_SERVER = "6dae42f8-4368-4678-94ff-3960e28e3630"  # the application every Entra-integrated AKS API server is
LIFETIME_SECONDS = 3600
# below "azure.", so that a reset forgets it
REVOKED = "azure.revoked"


class Identities:
    """`seconds` is the wall clock: tokens age in the client's time, not in simulated time."""

    def __init__(self, store: Store, directory: Path, seconds: Callable[[], float] = time.time) -> None:
        self.account = ACCOUNT
        self.issuer = ""  # set when it is known where the authority listens
        self.secret = _secret(store)
        self._store = store
        self._seconds = seconds
        self._file = directory / "azure-signing.pem"
        self._loaded: RSAKey | None = None

    @property
    def _key(self) -> RSAKey:
        """Made with the first token: it takes a moment that a start need not wait for."""
        if self._loaded is None:
            self._loaded = RSAKey.import_key(_private_key(self._file))
        return self._loaded

    def key_set(self) -> Json:
        public = self._key.as_dict(private=False)
        return {"keys": [{**public, "use": "sig", "kid": self._key_id}]}

    @property
    def _key_id(self) -> str:
        return self._key.thumbprint()[:27]

    # tokens

    def exchange(self, tenant: str, form: dict[str, str]) -> Json:
        """A token for a secret or an assertion (OAuth 2.0 client credentials), as login.microsoftonline.com "
        "gives it.
        """
        if tenant.lower() != self.account.tenant:
            raise LoginError(
                400,
                "invalid_request",
                90002,
                f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing "
                "into the correct cloud.",
            )
        if form.get("grant_type") != "client_credentials":
            raise LoginError(
                400,
                "unsupported_grant_type",
                70003,
                f"The app requested an unsupported grant type '{form.get('grant_type')}'.",
            )
        if form.get("client_id", "").lower() != self.account.client:
            raise LoginError(
                400,
                "unauthorized_client",
                700016,
                f"Application with identifier '{form.get('client_id')}' was not found in the directory '{tenant}'.",
            )
        self._check_proof(form)
        scope = form.get("scope", "")
        if not scope.endswith("/.default"):
            raise LoginError(
                400,
                "invalid_scope",
                1002012,
                f"The provided value for scope {scope} is not valid. Client credential flows must have a scope "
                "value with /.default suffixed to the resource identifier.",
            )
        lifetime = LIFETIME_SECONDS
        token = self._issue(scope.removesuffix("/.default"), lifetime)
        return {"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": token}

    def _check_proof(self, form: dict[str, str]) -> None:
        if form.get("client_assertion"):
            federation.check_assertion(self._store, form, self._seconds())
            return
        if self.is_revoked:
            raise expired_secret(self.account.client)
        given = form.get("client_secret", "")
        if not given:
            raise LoginError(401, "invalid_client", 7000218, "The request body must contain the following parameter: "
                             "'client_assertion' or 'client_secret'.")  # fmt: skip
        if not secrets.compare_digest(given.encode(), self.secret.encode()):
            raise LoginError(
                401,
                "invalid_client",
                7000215,
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
                f"value, not the client secret ID, for a secret added to app '{self.account.client}'.",
            )

    def revoke(self, *, revoked: bool) -> None:
        if revoked:
            self._store.put(REVOKED, self.account.client, {})
        else:
            self._store.delete(REVOKED, self.account.client)

    @property
    def is_revoked(self) -> bool:
        return self._store.get(REVOKED, self.account.client) is not None

    def trust(self, trusted: Json, *, lift: bool) -> None:
        (federation.distrust if lift else federation.trust)(self._store, trusted)

    def _issue(self, audience: str, lifetime: int) -> str:
        now = int(self._seconds())
        claims: Json = {
            "aud": audience, "iss": f"https://sts.windows.net/{self.account.tenant}/", "iat": now, "nbf": now,
            "exp": now + lifetime, "appid": self.account.client, "appidacr": "1", "idtyp": "app",
            "oid": self.account.object_id, "sub": self.account.object_id, "tid": self.account.tenant, "ver": "1.0",
            "uti": secrets.token_urlsafe(12),
        }  # fmt: skip
        return jwt.encode({"alg": "RS256", "typ": "JWT", "kid": self._key_id}, claims, self._key)

    def claims(self, token: str) -> Json | None:
        """What a token of ours says, also when it has ended; None when it is not ours or was revoked."""
        if self.is_revoked:
            return None
        try:
            return dict(jwt.decode(token, self._key, algorithms=["RS256"]).claims)
        except (JoseError, ValueError):
            return None

    def is_current(self, claims: Json) -> bool:
        return float(claims["nbf"]) - 60 <= self._seconds() < float(claims["exp"])

    def kubernetes_caller(self, token: str) -> str | None:
        """The object id behind a token for AKS's server application."""
        claims = self.claims(token)
        if claims is None or claims["aud"] not in (AKS_SERVER, f"api://{AKS_SERVER}") or not self.is_current(claims):
            return None
        return str(claims["oid"])


def expired_secret(client: str) -> LoginError:
    return LoginError(
        401, "invalid_client", 7000222, f"The provided client secret keys for app '{client}' are expired."
    )


def _secret(store: Store) -> str:
    saved = store.get("azurekeys.secret", ACCOUNT.client)
    if saved is None:
        saved = {"secret": "sbx8Q~" + secrets.token_urlsafe(26)}
        store.put("azurekeys.secret", ACCOUNT.client, saved)
    return str(saved["secret"])


def cluster_token(secret: str, cluster: str, user: str) -> str:
    """The token in a local account's kubeconfig: fixed for a cluster until its certificates are rotated."""
    return hashlib.sha512(f"{secret}|{cluster}|{user}".encode()).hexdigest()


def _private_key(file: Path) -> str:
    if file.exists():
        return file.read_text()
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    file.touch(mode=0o600)
    file.write_text(text)
    return text

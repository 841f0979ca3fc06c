"""This installation as an OpenID Connect issuer: tokens that say "this workspace", and the keys to check them with.

Called where a credential is opened for a provider, and by the routes under /.well-known. Invariants: the subject is
the workspace's and nobody's choice; elliptic keys are derived from the keyring, RSA keys are those of rsa_keys.py, and
private ones leave the two modules in no form.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from skyclust.contract.errors import Unavailable
from skyclust.contract.identities import ES256, NOBODY, RS256, Algorithm
from skyclust.credentials.models import tenant_name
from skyclust.credentials.rsa_keys import RsaKeyLostError, RsaKeys
from skyclust.kit.keys import KeySource, KeysSealedError

#: Clouds exchange a token at once. It is made anew for each exchange.
LIFETIME_SECONDS = 300
#: A verifier's clock may be behind ours.
SKEW_SECONDS = 30
KEYS_PATH = "/.well-known/jwks.json"
CONFIGURATION_PATH = "/.well-known/openid-configuration"
_PURPOSES = ("workload-identity/es256/0", "workload-identity/es256/1")
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True)
class Issuer:
    """`url` is the installation's public address; there is no issuer without one."""

    keys: KeySource = field(repr=False)
    url: str
    now: Callable[[], datetime] = field(repr=False)
    rsa: RsaKeys = field(repr=False)

    def identity_of(self, workspace_id: UUID) -> SigningIdentity | None:
        """What a provider gets for this workspace."""
        return SigningIdentity(self, tenant_name(workspace_id)) if self.url else None

    def key_set(self) -> dict[str, Any]:
        """The public keys (RFC 7517), also those of before a rotation; KeysSealedError while they are closed.

        Of RSA keys those that are loaded.
        """
        _ = self.keys.active_id  # a sealed keyring has no ids; an empty answer would be kept by clouds
        elliptic = [_public(_key(self.keys, key_id), ES256) for key_id in sorted(self.keys.ids)]
        return {"keys": [*elliptic, *(_public(key, RS256) for key in self.rsa.published())]}

    def configuration(self) -> dict[str, Any]:
        """What OpenID Connect Discovery 1.0 asks of an issuer that has no sign-in page."""
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}{KEYS_PATH}",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ES256, RS256],
        }

    def sign(self, subject: str, audience: str, algorithm: Algorithm) -> str:
        """A token; Unavailable while the keys are closed or not loaded."""
        now = int(self.now().timestamp())
        claims = {
            "iss": self.url, "sub": subject, "aud": audience, "jti": str(uuid4()),
            "iat": now - SKEW_SECONDS, "exp": now + LIFETIME_SECONDS,
        }  # fmt: skip
        try:
            key = self.rsa.signer() if algorithm == RS256 else _key(self.keys, self.keys.active_id)
        except KeysSealedError:
            raise Unavailable("The server cannot open its keys now. It goes on when it can.") from None
        except RsaKeyLostError as lost:
            raise Unavailable(str(lost)) from None
        return jwt.encode({"alg": algorithm, "kid": key.kid, "typ": "JWT"}, claims, key, algorithms=[algorithm])


@dataclass(frozen=True)
class SigningIdentity:
    """Implements `contract.identities.WorkspaceIdentity`."""

    _issuer: Issuer
    subject: str

    @property
    def issuer(self) -> str:
        """See the contract."""
        return self._issuer.url

    def token(self, audience: str, algorithm: Algorithm = ES256) -> str:
        """See the contract."""
        return self._issuer.sign(self.subject, audience, algorithm)

    def token_of_nobody(self, audience: str, algorithm: Algorithm = ES256) -> str:
        """See the contract."""
        return self._issuer.sign(NOBODY, audience, algorithm)


def issuer_at(keys: KeySource, public_url: str, now: Callable[[], datetime], rsa: RsaKeys | None = None) -> Issuer:
    """The issuer of an installation with these settings; without `rsa` it signs with elliptic keys only."""
    return Issuer(keys, public_url.rstrip("/"), now, rsa or RsaKeys(keys))


def _key(keys: KeySource, key_id: str) -> ECKey:
    """64 derived bytes modulo the order of P-256, so that no key is likelier than another."""
    number = int.from_bytes(b"".join(keys.derived(key_id, purpose) for purpose in _PURPOSES))
    private = derive_private_key(number % (_ORDER - 1) + 1, SECP256R1())
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return ECKey.import_key(pem, {"kid": key_id})


def _public(key: ECKey | RSAKey, algorithm: Algorithm) -> dict[str, Any]:
    told = cast(dict[str, Any], key.as_dict(private=False))
    return {**told, "kid": key.kid, "use": "sig", "alg": algorithm}

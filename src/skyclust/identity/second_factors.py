"""The second factor: time-based codes (RFC 6238: SHA-1, 6 digits, 30 s) and recovery codes. Called by the service.

Pure but for randomness. Invariant: a code works once: the step it stands for must be later than the last one used. The
shared secret lies sealed in the database, bound to its user; recovery codes lie there as hashes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from skyclust.kit.keys import KeySource

PURPOSE = "second-factor"
STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20
#: A phone's clock may be one step off, either way.
TOLERANCE_STEPS = 1
RECOVERY_CODES = 10
_NONCE_BYTES = 12


class SecretLost(Exception):
    """The sealed secret does not open: damaged, moved, or its key is gone."""


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """A shared secret as it lies in the database; the bytes start with their nonce."""

    key_id: str
    ciphertext: bytes = field(repr=False)


def new_secret(random: Callable[[int], bytes] = os.urandom) -> bytes:
    """160 random bits, as RFC 4226 recommends."""
    return random(SECRET_BYTES)


def seal(keys: KeySource, user_id: UUID, secret: bytes, random: Callable[[int], bytes] = os.urandom) -> SealedSecret:
    """Seal under the active key."""
    nonce = random(_NONCE_BYTES)
    key = AESGCM(keys.derived(keys.active_id, PURPOSE))
    return SealedSecret(keys.active_id, nonce + key.encrypt(nonce, secret, _bound_to(user_id, keys.active_id)))


def unseal(keys: KeySource, user_id: UUID, sealed: SealedSecret) -> bytes:
    """The secret; SecretLost when anything is not as it was sealed."""
    nonce, rest = sealed.ciphertext[:_NONCE_BYTES], sealed.ciphertext[_NONCE_BYTES:]
    try:
        key = AESGCM(keys.derived(sealed.key_id, PURPOSE))
        return key.decrypt(nonce, rest, _bound_to(user_id, sealed.key_id))
    except (InvalidTag, KeyError, ValueError):
        raise SecretLost("The second factor cannot be read. Restore the keyring that holds its key.") from None


def _bound_to(user_id: UUID, key_id: str) -> bytes:
    return f"{user_id}|{key_id}|totp".encode()


def code_at(secret: bytes, step: int) -> str:
    """The code of one step, which is seconds since 1970 divided by 30."""
    return _generator(secret).generate(step * STEP_SECONDS).decode()


def matching_step(secret: bytes, code: str, now: datetime, last_used: int | None) -> int | None:
    """The step whose code this is, if it is near `now` and later than the last one used."""
    present = int(now.timestamp()) // STEP_SECONDS
    found = None
    for step in range(present - TOLERANCE_STEPS, present + TOLERANCE_STEPS + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            found = step
    return found if found is not None and (last_used is None or found > last_used) else None


def setup_uri(secret: bytes, email: str, issuer: str = "SkyClust") -> str:
    """What an authenticator app reads from a QR code."""
    return _generator(secret).get_provisioning_uri(email, issuer)


def as_text(secret: bytes) -> str:
    """The secret for typing: base32."""
    return base64.b32encode(secret).decode()


def new_recovery_codes(random: Callable[[int], bytes] = secrets.token_bytes) -> list[str]:
    """Ten codes of 80 random bits, in groups for the eye: xxxx-xxxx-xxxx-xxxx."""
    plain = [base64.b32encode(random(10)).decode().lower() for _ in range(RECOVERY_CODES)]
    return ["-".join(text[start : start + 4] for start in range(0, 16, 4)) for text in plain]


def hash_recovery_code(code: str) -> bytes:
    """SHA-256 of what was meant, however it was typed; enough for random codes."""
    return hashlib.sha256(code.replace("-", "").replace(" ", "").lower().encode()).digest()


def looks_like_recovery(code: str) -> bool:
    """Codes of the app are six digits; everything else is tried as a recovery code."""
    return not (len(code) == DIGITS and code.isdigit())


def _generator(secret: bytes) -> TOTP:
    # HMAC-SHA-1 is what authenticator apps speak; collisions of SHA-1 are no threat to it (RFC 4226, appendix B.2)
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303  # nosec B303

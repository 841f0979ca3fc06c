"""Keys by id, in memory, and as SKYCLUST_ENCRYPTION_KEY gives them. keyring_files.py has those of the data folder.

Everything that signs or seals derives its own key here (kit/keys.py). Invariant: keys are never in the database, and
printing a keyring shows ids only.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

KEY_BYTES = 32


class KeyringError(Exception):
    """The keyring cannot be used. The text says what to do and holds no key."""


@dataclass(frozen=True)
class Keyring:
    """All keys; `active_id` names the one for new work."""

    active_id: str
    keys: Mapping[str, bytes] = field(repr=False)
    _derived: dict[tuple[str, str], bytes] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.active_id not in self.keys:
            raise KeyringError(
                f"The active key {self.active_id!r} is not in the keyring. Restore the keyring's backup."
            )
        if any(len(key) != KEY_BYTES for key in self.keys.values()):
            raise KeyringError(f"Every key must have {KEY_BYTES} bytes. Make one with `openssl rand -base64 32`.")

    @property
    def sealed(self) -> str:
        """Never: all keys are here."""
        return ""

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all keys."""
        return frozenset(self.keys)

    def derived(self, key_id: str, purpose: str) -> bytes:
        """32 bytes for `purpose` (HKDF-SHA-256); KeyError when there is no key of that id."""
        found = self._derived.get((key_id, purpose))
        if found is None:
            info = f"skyclust/{purpose}".encode()
            found = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(self.keys[key_id])
            self._derived[key_id, purpose] = found
        return found


def keyring_from_text(text: SecretStr) -> Keyring:
    """`<base64>` or `<id>:<base64>`, several joined by commas; the first is active, the others read what is old."""
    keys: dict[str, bytes] = {}
    for part in text.get_secret_value().split(","):
        given_id, _, encoded = part.strip().rpartition(":")
        key = decode(encoded)
        keys[given_id or fingerprint(key)] = key
    return Keyring(next(iter(keys)), keys)


def fingerprint(key: bytes) -> str:
    """An id that tells keys apart and says nothing about them."""
    return hashlib.sha256(b"skyclust/key-id/" + key).hexdigest()[:12]


def decode(text: str) -> bytes:
    """A key as it is written; KeyringError otherwise."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise KeyringError("A key is not base64. Make one with `openssl rand -base64 32`.") from error

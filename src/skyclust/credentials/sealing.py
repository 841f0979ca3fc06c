"""The envelope around a secret: AES-256-GCM under a data key of its own, which is wrapped by a key of the keyring.

Pure but for randomness. Invariant: what an envelope is bound to (workspace, credential, version, field) is
authenticated with both layers, so a sealed secret moved to another row cannot be opened there.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from skyclust.kit.keys import KeySource

PURPOSE = "credentials"
_NONCE_BYTES = 12


class UnsealError(Exception):
    """The envelope does not open: wrong place, damaged, or its key is gone. Holds nothing of what is inside."""


@dataclass(frozen=True, slots=True)
class Binding:
    """Where an envelope belongs."""

    workspace_id: UUID
    credential_id: UUID
    version: int
    field: str = "data"

    def associated_data(self) -> bytes:
        """No part can hold the separator, so two bindings never give the same bytes."""
        return f"{self.workspace_id}|{self.credential_id}|{self.version}|{self.field}".encode()


@dataclass(frozen=True, slots=True)
class Sealed:
    """An envelope as it lies in the database; both byte strings start with their nonce."""

    key_id: str
    wrapped_key: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)


def seal(keys: KeySource, binding: Binding, plaintext: bytes, random: Callable[[int], bytes] = os.urandom) -> Sealed:
    """Seal under a fresh data key, wrapped by the active key."""
    data_key = random(32)
    ciphertext = _encrypt(data_key, plaintext, binding.associated_data(), random(_NONCE_BYTES))
    return _wrap(keys, binding, data_key, ciphertext, random)


def unseal(keys: KeySource, binding: Binding, sealed: Sealed) -> bytes:
    """The plaintext; UnsealError when anything is not as it was sealed."""
    return _decrypt(_unwrap(keys, binding, sealed), sealed.ciphertext, binding.associated_data())


def rewrap(keys: KeySource, binding: Binding, sealed: Sealed, random: Callable[[int], bytes] = os.urandom) -> Sealed:
    """The same envelope with its data key wrapped by the active key. The secret itself is not decrypted."""
    return _wrap(keys, binding, _unwrap(keys, binding, sealed), sealed.ciphertext, random)


def _wrap(
    keys: KeySource, binding: Binding, data_key: bytes, ciphertext: bytes, random: Callable[[int], bytes]
) -> Sealed:
    key_id = keys.active_id
    wrapping_key = keys.derived(key_id, PURPOSE)
    wrapped = _encrypt(wrapping_key, data_key, _wrapping_data(binding, key_id), random(_NONCE_BYTES))
    return Sealed(key_id, wrapped, ciphertext)


def _unwrap(keys: KeySource, binding: Binding, sealed: Sealed) -> bytes:
    try:
        wrapping_key = keys.derived(sealed.key_id, PURPOSE)
    except KeyError:
        message = f"The key {sealed.key_id} is not in the keyring. Restore the keyring that holds it."
        raise UnsealError(message) from None
    return _decrypt(wrapping_key, sealed.wrapped_key, _wrapping_data(binding, sealed.key_id))


def _wrapping_data(binding: Binding, key_id: str) -> bytes:
    return binding.associated_data() + f"|{key_id}".encode()


def _encrypt(key: bytes, plaintext: bytes, associated_data: bytes, nonce: bytes) -> bytes:
    return nonce + AESGCM(key).encrypt(nonce, plaintext, associated_data)


def _decrypt(key: bytes, sealed: bytes, associated_data: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], associated_data)
    except (InvalidTag, ValueError):
        raise UnsealError("The envelope is damaged, or does not belong to this credential.") from None

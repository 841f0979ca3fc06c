"""Locking the server's own keys with a key that never leaves a cloud's key service. Optional for a provider.

Called where the keyring is read and written. A provider that offers it implements `LocksKeys`; with which of its keys,
and as whom, comes from the machine's environment, never from a user.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable


class KeyServiceError(Exception):
    """The key service refused or did not answer. The text says which and why, and holds no key."""


@dataclass(frozen=True, slots=True)
class LockedKey:
    """A key that only the key service can open. `locked_by` names the service's key for good: no alias."""

    locked_by: str
    ciphertext: bytes = field(repr=False)


class KeyService(Protocol):
    """One key of a key service. Calls block, for a few seconds at most, and are made once."""

    #: As the operator named it; may be shown.
    name: str

    def lock(self, key: bytes, context: Mapping[str, str]) -> LockedKey:
        """Encrypt up to 4 KiB. `context` is authenticated and must be given again to open it; KeyServiceError."""
        ...

    def unlock(self, locked: LockedKey, context: Mapping[str, str]) -> bytes:
        """What was locked, with the key that locked it; KeyServiceError, also for another context."""
        ...


@runtime_checkable
class LocksKeys(Protocol):
    """What a `Provider` may offer besides."""

    def key_service(self, key_name: str) -> KeyService | None:
        """The service for a key of that name; None when the name is not one of this cloud's. No call is made."""
        ...

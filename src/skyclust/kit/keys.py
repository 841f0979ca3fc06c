"""Where keys come from. Slices that sign or seal take a `KeySource`; the keyring of credentials is the real one.

Invariant: a key never leaves its purpose. Each purpose gets its own bytes, derived from the key of that id.
"""

from __future__ import annotations

from typing import Protocol


class KeysSealedError(Exception):
    """There are keys, but they cannot be opened now. The text says why and holds no key. It may pass by itself."""


class KeySource(Protocol):
    """Keys by id. New work uses `active_id`; what was made under an older id stays readable while that id is kept."""

    @property
    def active_id(self) -> str:
        """The id of the key for new work; KeysSealedError while it cannot be opened."""
        ...

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all keys that can be used."""
        ...

    @property
    def sealed(self) -> str:
        """Why some keys cannot be opened now; empty when all are open."""
        ...

    def derived(self, key_id: str, purpose: str) -> bytes:
        """32 bytes for `purpose`; KeyError when there is no key of that id, KeysSealedError while it is closed."""
        ...

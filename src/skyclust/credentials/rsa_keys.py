"""The issuer's RSA keys, for clouds that check no other: one for each key of the keyring, sealed under it.

An RSA key cannot be derived from the keyring as the elliptic one is, so it is made at random by whoever needs it first
and lies in the database; a process that comes second takes what is there. Invariants: the private key is in the clear
in this process's memory only; a rotation makes a new one, and nothing has to be sealed anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import RSAKey

from skyclust.credentials import queries
from skyclust.kit.db import Database
from skyclust.kit.keys import KeySource, KeysSealedError

#: As strong as P-256 and AES-128 (NIST SP 800-57 part 1, table 2), and of use after 2030, when 2048 bits are not.
BITS = 3072
PURPOSE = "workload-identity/rs256/sealing"
#: How long another process's new key may be missing from what this one publishes.
RELOAD_SECONDS = 60.0
_NONCE_BYTES = 12


class RsaKeyLostError(Exception):
    """No RSA key can be used. The text says what to do."""


@dataclass
class RsaKeys:
    """Those that are open, by the id of the keyring's key. Shared by all that sign or publish in a process."""

    keys: KeySource = field(repr=False)
    monotonic: Callable[[], float] = field(default=time.monotonic, repr=False)
    _open: dict[str, RSAKey] = field(default_factory=dict, repr=False)
    _load_at: float = field(default=0.0, repr=False)
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def load(self, database: Database, *, make: bool = False) -> None:
        """Open what is stored; with `make`, also for the keyring's active key when nothing is. One query, then none
        for a minute.

        Does nothing while the keyring is sealed: whoever signs then is told so.
        """
        async with self._loading:
            with contextlib.suppress(KeysSealedError):
                active = self.keys.active_id
                if active not in self._open or self.monotonic() >= self._load_at:
                    await self._load(database, active, make=make)

    async def _load(self, database: Database, active: str, *, make: bool) -> None:
        async with database.session() as session:
            found = await queries.issuer_keys(session, self.keys.ids)
        if make and active not in found:
            sealed = seal(self.keys, active, await asyncio.to_thread(new_key))
            async with database.session() as session:
                await queries.add_issuer_key(session, active, sealed)
            async with database.session() as session:  # another process may have been first
                found = await queries.issuer_keys(session, self.keys.ids)
        for key_id in found.keys() - self._open.keys():
            key = unseal(self.keys, key_id, found[key_id])
            if key is not None:
                self._open[key_id] = key
        self._load_at = self.monotonic() + RELOAD_SECONDS

    def signer(self) -> RSAKey:
        """The key for new tokens: the active one's, or the latest there is until that is loaded.

        KeysSealedError while the keyring is closed, RsaKeyLostError when no key could be opened.
        """
        active, ids = self.keys.active_id, self.keys.ids
        usable = [key_id for key_id in self._open if key_id in ids]
        if not usable:
            raise RsaKeyLostError(
                "The installation's RSA key is not loaded. It will be tried again; if that does not help, its operator "
                "restores the keyring's backup, or makes new keys with `skyclust admin rotate-keys`."
            )
        return self._open[active if active in usable else usable[-1]]

    def published(self) -> list[RSAKey]:
        """The keys whose public parts clouds may see: those that the keyring still holds."""
        ids = self.keys.ids
        return [self._open[key_id] for key_id in sorted(self._open) if key_id in ids]


def new_key() -> bytes:
    """A private key at random (PKCS #8). Takes a good part of a second."""
    made = generate_private_key(public_exponent=65537, key_size=BITS)
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def seal(keys: KeySource, key_id: str, pem: bytes, random: Callable[[int], bytes] = os.urandom) -> bytes:
    """As it lies in the database: the nonce, then AES-256-GCM, bound to the key's id."""
    nonce = random(_NONCE_BYTES)
    return nonce + AESGCM(keys.derived(key_id, PURPOSE)).encrypt(nonce, pem, _bound_to(key_id))


def unseal(keys: KeySource, key_id: str, sealed: bytes) -> RSAKey | None:
    """The key; None when it is damaged, was sealed by another keyring, or cannot be opened now."""
    try:
        cipher = AESGCM(keys.derived(key_id, PURPOSE))
        pem = cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound_to(key_id))
    except (InvalidTag, KeyError, ValueError, KeysSealedError):
        return None
    return opened(key_id, pem)


def opened(key_id: str, pem: bytes) -> RSAKey:
    """Under a name of its own: in a key set no two keys should share one (RFC 7517, 4.5)."""
    return RSAKey.import_key(pem, {"kid": f"{key_id}.rsa"})


def _bound_to(key_id: str) -> bytes:
    return f"issuer-key|{key_id}".encode()

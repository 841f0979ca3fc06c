"""Keys by id, from a file in the data folder (made at the first start) or from SKYCLUST_ENCRYPTION_KEY.

Loaded once by each entry point; everything that signs or seals derives its own key here (kit/keys.py). Invariant: keys
are never in the database, and printing a keyring shows ids only.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

from skyclust.kit.settings import Settings

KEY_BYTES = 32
FILE_NAME = "keyring.json"


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


class FileKeyring:
    """The keyring of a file, read again when the file has changed: a key that is added is used without a restart.

    Implements `KeySource`. A file that is damaged or gone meanwhile changes nothing for a process that has read it.
    """

    def __init__(self, path: Path) -> None:
        """Reads the file, or makes it; KeyringError when it cannot be used."""
        self._path = path
        self._keyring = keyring_from_file(path)
        self._seen = self._version()

    @property
    def active_id(self) -> str:
        """The id of the key for new work."""
        return self._current().active_id

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all keys."""
        return self._current().ids

    def derived(self, key_id: str, purpose: str) -> bytes:
        """32 bytes for `purpose`; KeyError when there is no key of that id."""
        return self._current().derived(key_id, purpose)

    def _current(self) -> Keyring:
        version = self._version()
        if version is not None and version != self._seen:
            with contextlib.suppress(KeyringError, OSError):
                self._keyring, self._seen = keyring_from_file(self._path), version
        return self._keyring

    def _version(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns


def open_keyring(settings: Settings) -> Keyring | FileKeyring:
    """From the environment when set there, else from the file, which is made when there is none."""
    if settings.encryption_key is not None:
        return keyring_from_text(settings.encryption_key)
    return FileKeyring(settings.data_dir / FILE_NAME)


def keyring_from_text(text: SecretStr) -> Keyring:
    """`<base64>` or `<id>:<base64>`, several joined by commas; the first is active, the others read what is old."""
    keys: dict[str, bytes] = {}
    for part in text.get_secret_value().split(","):
        given_id, _, encoded = part.strip().rpartition(":")
        key = _decode(encoded)
        keys[given_id or fingerprint(key)] = key
    return Keyring(next(iter(keys)), keys)


def keyring_from_file(path: Path) -> Keyring:
    """Read the file; make it first, with one new key, when there is none. Two processes that start together agree."""
    if not path.exists():
        key = secrets.token_bytes(KEY_BYTES)
        _create(path, Keyring(fingerprint(key), {fingerprint(key): key}))
    if path.stat().st_mode & 0o077:
        raise KeyringError(f"{path} can be read by others on this machine. Run `chmod 600 {path}`, then start again.")
    try:
        document = orjson.loads(path.read_bytes())
        return Keyring(document["active"], {key_id: _decode(text) for key_id, text in document["keys"].items()})
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise KeyringError(f"{path} is damaged. Restore it from a backup; without it, secrets stay sealed.") from error


def add_active_key(path: Path) -> Keyring:
    """Add a new key to the file and make it the active one. Old keys stay until nothing is sealed under them."""
    old = keyring_from_file(path)
    key = secrets.token_bytes(KEY_BYTES)
    new = Keyring(fingerprint(key), {**old.keys, fingerprint(key): key})
    _write_beside(path, new).replace(path)
    return new


def fingerprint(key: bytes) -> str:
    """An id that tells keys apart and says nothing about them."""
    return hashlib.sha256(b"skyclust/key-id/" + key).hexdigest()[:12]


def _create(path: Path, keyring: Keyring) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = _write_beside(path, keyring)
    try:
        os.link(fresh, path)  # unlike rename, it never replaces a file that another process has just made
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _write_beside(path: Path, keyring: Keyring) -> Path:
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    document = {
        "active": keyring.active_id,
        "keys": {key_id: base64.b64encode(key).decode() for key_id, key in keyring.keys.items()},
    }
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(orjson.dumps(document, option=orjson.OPT_INDENT_2))
        file.flush()
        os.fsync(file.fileno())
    return fresh


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise KeyringError("A key is not base64. Make one with `openssl rand -base64 32`.") from error

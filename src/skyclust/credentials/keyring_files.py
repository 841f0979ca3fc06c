"""The keyring as a file: written whole, private, each key in the clear or locked by a key service (contract/keys.py).

Called by keyring_opening.py and by the rotation. Invariants: a file is replaced, never changed in place; two processes
that start together agree on one; once a key service is used, nothing here writes a key in the clear again.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from skyclust.contract.keys import KeyService, LockedKey
from skyclust.credentials.keyring import KEY_BYTES, Keyring, KeyringError, decode, fingerprint

FILE_NAME = "keyring.json"

#: The key service that knows a key of this name; KeyServiceError when none does.
FindService = Callable[[str], KeyService]


@dataclass(frozen=True)
class KeyringFile:
    """What the file says. Every key is either in `clear` or in `locked`."""

    active_id: str
    clear: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    locked: Mapping[str, LockedKey] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.active_id not in {*self.clear, *self.locked}:
            raise KeyringError(
                f"The active key {self.active_id!r} is not in the keyring. Restore the keyring's backup."
            )


def read_file(path: Path) -> KeyringFile:
    """KeyringError when others can read it, or when it is damaged."""
    if path.stat().st_mode & 0o077:
        raise KeyringError(f"{path} can be read by others on this machine. Run `chmod 600 {path}`, then start again.")
    try:
        document = orjson.loads(path.read_bytes())
        keys = document["keys"].items()
        return KeyringFile(
            document["active"],
            {key_id: decode(entry) for key_id, entry in keys if isinstance(entry, str)},
            {
                key_id: LockedKey(entry["locked_by"], decode(entry["ciphertext"]))
                for key_id, entry in keys
                if not isinstance(entry, str)
            },
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise KeyringError(f"{path} is damaged. Restore it from a backup; without it, secrets stay sealed.") from error


def make_file(path: Path, service: KeyService | None) -> None:
    """With one new key, unless there is a file. KeyServiceError when the service does not lock it."""
    if path.exists():
        return
    key = secrets.token_bytes(KEY_BYTES)
    key_id = fingerprint(key)
    _create(path, _written(key_id, {key_id: key}, service))


def keyring_from_file(path: Path, find_service: FindService | None = None) -> Keyring:
    """All keys of the file, which must be there. KeyServiceError when some are locked and cannot be opened."""
    found = read_file(path)
    return Keyring(found.active_id, {**found.clear, **unlock(found, find_service)})


def unlock(file: KeyringFile, find_service: FindService | None) -> dict[str, bytes]:
    """The locked keys, opened. KeyServiceError when one does not open."""
    opened: dict[str, bytes] = {}
    for key_id, locked in file.locked.items():
        if find_service is None:
            raise KeyringError(f"The key {key_id} is locked by {locked.locked_by}. Set SKYCLUST_KMS_KEY_ID.")
        opened[key_id] = find_service(locked.locked_by).unlock(locked, context_of(key_id))
    return opened


def add_active_key(path: Path, service: KeyService | None = None, find_service: FindService | None = None) -> Keyring:
    """Add a new key and make it the active one. Old keys stay until nothing is sealed under them.

    With a service every key of the file is locked by its key from now on, also those that were in the clear or locked
    by another: whatever locked them before is not needed any more.
    """
    make_file(path, service)
    old = keyring_from_file(path, find_service)
    key = secrets.token_bytes(KEY_BYTES)
    return _replace(path, Keyring(fingerprint(key), {**old.keys, fingerprint(key): key}), service)


def lock_keys(path: Path, service: KeyService, find_service: FindService) -> Keyring:
    """Likewise without a new key."""
    return _replace(path, keyring_from_file(path, find_service), service)


def context_of(key_id: str) -> dict[str, str]:
    """What a key service authenticates with a key: a locked key moved to another id does not open."""
    return {"skyclust:purpose": "keyring", "skyclust:key-id": key_id}


def _replace(path: Path, keyring: Keyring, service: KeyService | None) -> Keyring:
    if service is None and read_file(path).locked:
        raise KeyringError(
            f"{path} is locked by a key service, but SKYCLUST_KMS_KEY_ID is not set here; its keys would be written in "
            "the clear. Set it as the servers have it."
        )
    _write_beside(path, _written(keyring.active_id, keyring.keys, service)).replace(path)
    return keyring


def _written(active_id: str, keys: Mapping[str, bytes], service: KeyService | None) -> KeyringFile:
    if service is None:
        return KeyringFile(active_id, keys)
    return KeyringFile(
        active_id, locked={key_id: service.lock(key, context_of(key_id)) for key_id, key in keys.items()}
    )


def _create(path: Path, file: KeyringFile) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = _write_beside(path, file)
    try:
        os.link(fresh, path)  # unlike rename, it never replaces a file that another process has just made
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _write_beside(path: Path, file: KeyringFile) -> Path:
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    document = {
        "active": file.active_id,
        "keys": {
            **{key_id: _encode(key) for key_id, key in file.clear.items()},
            **{
                key_id: {"locked_by": locked.locked_by, "ciphertext": _encode(locked.ciphertext)}
                for key_id, locked in file.locked.items()
            },
        },
    }
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(orjson.dumps(document, option=orjson.OPT_INDENT_2))
        stream.flush()
        os.fsync(stream.fileno())
    return fresh


def _encode(value: bytes) -> str:
    return base64.b64encode(value).decode()

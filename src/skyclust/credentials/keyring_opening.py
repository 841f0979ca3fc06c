"""The keyring that a process works with: from the environment, or from the file, which may be locked by a key service.

Made once by each entry point. Invariant: a key service that is away at the start seals the process instead of ending
it, and is asked again, beside the requests, until it answers; what is open stays open, in memory only.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from skyclust.contract.keys import KeyService, KeyServiceError, LocksKeys
from skyclust.contract.provider import Provider
from skyclust.credentials.keyring import Keyring, KeyringError, keyring_from_text
from skyclust.credentials.keyring_files import FILE_NAME, FindService, KeyringFile, make_file, read_file, unlock
from skyclust.kit.keys import KeySource, KeysSealedError
from skyclust.kit.settings import Settings

#: Between two tries of a key service that did not open the keys.
RETRY_SECONDS = 5.0


def open_keyring(settings: Settings, providers: Iterable[Provider]) -> KeySource:
    """From the environment when set there, else from the file, which is made when there is none."""
    service = key_service_of(settings, providers)
    if settings.encryption_key is not None:
        return keyring_from_text(settings.encryption_key)
    return FileKeyring(settings.data_dir / FILE_NAME, service, finder(providers))


def key_service_of(settings: Settings, providers: Iterable[Provider]) -> KeyService | None:
    """The service of SKYCLUST_KMS_KEY_ID; KeyringError when no cloud knows it, or when keys come from elsewhere too."""
    if not settings.kms_key_id:
        return None
    if settings.encryption_key is not None:
        raise KeyringError(
            "SKYCLUST_ENCRYPTION_KEY and SKYCLUST_KMS_KEY_ID are both set. Unset one: the first gives the keys in the "
            "clear, the second locks those of the data folder."
        )
    try:
        return finder(providers)(settings.kms_key_id)
    except KeyServiceError as error:
        raise KeyringError(f"SKYCLUST_KMS_KEY_ID: {error}") from None


def finder(providers: Iterable[Provider]) -> FindService:
    """Asks each cloud that has a key service."""
    offering = [provider for provider in providers if isinstance(provider, LocksKeys)]

    def find(key_name: str) -> KeyService:
        found = next((service for service in (one.key_service(key_name) for one in offering) if service), None)
        if found is None:
            raise KeyServiceError(f"No installed cloud knows a key named {key_name!r}. Give its alias or whole name.")
        return found

    return find


def _beside(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="keyring", daemon=True).start()


class FileKeyring:
    """The keyring of a file, read again when the file has changed: a key that is added is used without a restart.

    Implements `KeySource`. A file that is damaged or gone meanwhile changes nothing for a process that has read it.
    """

    def __init__(
        self,
        path: Path,
        service: KeyService | None = None,
        find_service: FindService | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        beside: Callable[[Callable[[], None]], None] = _beside,
    ) -> None:
        """Reads the file, or makes it; KeyringError when it cannot be used. `beside` runs a try in the background."""
        self._path = path
        self._service = service
        self._find_service = find_service
        self._monotonic = monotonic
        self._beside = beside
        self._open: Keyring | None = None
        self._file: KeyringFile | None = None
        self._seen: tuple[int, int] | None = None
        self._sealed = ""
        self._retry_at = 0.0
        self._trying = threading.Lock()
        self._load()

    @property
    def active_id(self) -> str:
        """The id of the key for new work."""
        return self._current().active_id

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all keys that are open."""
        with contextlib.suppress(KeysSealedError):
            return self._current().ids
        return frozenset()

    @property
    def sealed(self) -> str:
        """Why some keys are closed."""
        with contextlib.suppress(KeysSealedError):
            self._current()
        return self._sealed

    def derived(self, key_id: str, purpose: str) -> bytes:
        """32 bytes for `purpose`; KeyError when there is no key of that id."""
        current = self._current()
        if key_id not in current.keys and self._file is not None and key_id in self._file.locked:
            raise KeysSealedError(self._sealed or f"The key {key_id} is being opened. Try again in a moment.")
        return current.derived(key_id, purpose)

    def _current(self) -> Keyring:
        version = self._version()
        if version is not None and version != self._seen:
            self._follow(version)
        elif self._sealed and self._monotonic() >= self._retry_at:
            self._retry_at = self._monotonic() + RETRY_SECONDS
            self._beside(self._try_again)
        if self._open is None:
            raise KeysSealedError(self._sealed)
        return self._open

    def _follow(self, version: tuple[int, int]) -> None:
        """The file has changed. A key service is asked beside the requests; until it answers, what was open serves."""
        with contextlib.suppress(KeyringError, OSError):
            found = read_file(self._path)
            if not found.locked:
                self._load()
                return
            self._file, self._seen = found, version
            self._beside(self._try_again)

    def _try_again(self) -> None:
        if self._trying.acquire(blocking=False):
            try:
                with contextlib.suppress(KeyringError, OSError):
                    self._load()
            finally:
                self._trying.release()

    def _load(self) -> None:
        """Read the file and open what is locked. A service that does not answer leaves open what was open."""
        self._retry_at = self._monotonic() + RETRY_SECONDS
        try:
            make_file(self._path, self._service)
            version = self._version()
            self._file, self._seen = read_file(self._path), version
            opened = unlock(self._file, self._find_service)
        except KeyServiceError as error:
            self._sealed = str(error)
            self._keep_what_is_clear()
            return
        self._open = Keyring(self._file.active_id, {**self._file.clear, **opened})
        self._sealed = ""

    def _keep_what_is_clear(self) -> None:
        """New work stays under the key it was under, until the newer one opens."""
        if self._open is None and self._file is not None and self._file.active_id in self._file.clear:
            self._open = Keyring(self._file.active_id, self._file.clear)

    def _version(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns

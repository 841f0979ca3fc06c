"""One simulated cluster: its objects, its time, its identity, and the lock under which all of it changes.

Made by `clusters.py`, used by verbs, watches and controllers. Invariant: after `settle` every controller has seen every
change, so what a client reads is what a real cluster shows a moment later.
"""

import hashlib
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from skyclust.sandbox.kernel import Authenticate, SandboxClock, Store
from skyclust.sandbox.kubernetes.custom import DEFINITIONS, custom_resource
from skyclust.sandbox.kubernetes.objects import Objects
from skyclust.sandbox.kubernetes.resources import BY_KIND, BY_PATH, RESOURCES, Resource

Document = dict[str, Any]

SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"  # what Kubernetes draws names from
SUFFIX_LENGTH = 5


class Cluster:
    def __init__(self, key: str, incarnation: str, ca_pem: str, store: Store, clock: SandboxClock) -> None:
        self.key = key
        self.version = ""
        self.incarnation = incarnation
        self.ca_pem = ca_pem
        self.clock = clock
        self.authenticate: Authenticate = lambda _token: None
        self.objects = Objects(store, key)
        self.lock = threading.RLock()
        self.is_deleted = False  # requests still under way must not bring anything back
        self.settled: dict[
            str, tuple[int, datetime | None]
        ] = {}  # controller -> (version it has seen, when it looks again)
        self._store = store
        self._drawn = 0
        self._stopped_at: datetime | None = None

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Nobody else changes this cluster, and what is written reaches the disk together or not at all.

        The store's lock comes first, as it does for clouds that call the port within a transaction of theirs.
        """
        try:
            with self._store.transaction(), self.lock:
                yield
        except BaseException:
            with self.lock:
                self.objects = Objects(self._store, self.key)  # what the store kept is the truth
                self.settled = {}
            raise

    def now(self) -> datetime:
        return self._stopped_at or self.clock.now().astimezone(UTC)

    @contextmanager
    def time_stopped(self) -> Iterator[None]:
        """One moment for all that is decided together; the caller holds the lock."""
        self._stopped_at = self.now()
        try:
            yield
        finally:
            self._stopped_at = None

    def timestamp(self) -> str:
        return format_time(self.now())

    def new_uid(self) -> str:
        return str(uuid.UUID(self._draw()[:32]))

    def new_suffix(self) -> str:
        digest = int(self._draw(), 16)
        letters = []
        for _ in range(SUFFIX_LENGTH):
            digest, index = divmod(digest, len(SUFFIX_LETTERS))
            letters.append(SUFFIX_LETTERS[index])
        return "".join(letters)

    def _draw(self) -> str:
        """The same for the same history, never twice the same within one, also over a restart."""
        self._drawn += 1
        seed = f"{self.incarnation}|{self.objects.version}|{self._drawn}"
        return hashlib.sha256(seed.encode()).hexdigest()

    def resources(self) -> tuple[Resource, ...]:
        """All kinds this cluster serves, its custom ones included."""
        definitions = self.objects.all(DEFINITIONS)
        return RESOURCES + tuple(custom_resource(d) for d in definitions) if definitions else RESOURCES

    def resource_at(self, group: str, version: str, plural: str) -> Resource | None:
        return BY_PATH.get((group, version, plural)) or next(
            (r for r in self.resources() if (r.group, r.version, r.plural) == (group, version, plural)), None
        )

    def stored_resources(self) -> dict[str, Resource]:
        """By collection."""
        return {r.collection: r for r in self.resources() if r.storable}

    def resource(self, group: str, kind: str) -> Resource:
        return BY_KIND[group, kind]


def format_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_time(text: str) -> datetime:
    return datetime.fromisoformat(text)

"""Every object of one cluster, with resource versions and the log of changes that watches read.

Used by verbs and controllers. Invariant: a document handed in or out is never changed afterwards, and a change is in
the store before `put` or `remove` returns.
"""

import bisect
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from skyclust.sandbox.kernel.store import Store

Document = dict[str, Any]
Key = tuple[str, str, str]  # collection, namespace, name

LOG_LENGTH = 5_000


@dataclass(frozen=True)
class Change:
    """`before` is None for an added object, `after` is None for a removed one; `last` is what a removed one was."""

    version: int
    collection: str
    before: Document | None
    after: Document | None
    last: Document | None = None

    @property
    def namespace(self) -> str:
        return namespace_of(self.after or self.before or {})


class Objects:
    def __init__(self, store: Store, cluster_key: str) -> None:
        self._store = store
        self._documents = f"kubernetes/{cluster_key}/objects"
        self._counters = f"kubernetes/{cluster_key}/counters"
        self._by_collection: dict[str, dict[tuple[str, str], Document]] = {}
        self._by_uid: dict[str, Key] = {}
        self._log: deque[Change] = deque(maxlen=LOG_LENGTH)
        self.version = int((store.get(self._counters, "version") or {"value": 1})["value"])
        self.oldest = self.version
        for key, document in store.list(self._documents).items():
            collection, namespace, name = key.split("/", 2)
            self._keep((collection, namespace, name), document)

    def get(self, collection: str, namespace: str, name: str) -> Document | None:
        return self._by_collection.get(collection, {}).get((namespace, name))

    def by_uid(self, uid: str) -> tuple[str, Document] | None:
        """(collection, object)"""
        key = self._by_uid.get(uid)
        found = self.get(*key) if key else None
        return (key[0], found) if key and found else None

    def all(self, collection: str, namespace: str | None = None) -> list[Document]:
        """In the order of namespace and name; every namespace when None."""
        kept = self._by_collection.get(collection, {})
        return [kept[key] for key in sorted(kept) if namespace in (None, key[0])]

    def collections(self) -> Iterable[str]:
        return list(self._by_collection)

    def put(self, collection: str, document: Document) -> Document:
        """Store a new or changed object under the next version; returns it as stored."""
        self._advance()
        stored = {**document, "metadata": {**document["metadata"], "resourceVersion": str(self.version)}}
        key = key_of(collection, stored)
        before = self.get(*key)
        self._store.put(self._documents, "/".join(key), stored)
        self._keep(key, stored)
        self._record(Change(self.version, collection, before, stored))
        return stored

    def remove(self, collection: str, document: Document) -> None:
        key = key_of(collection, document)
        before = self._by_collection.get(collection, {}).pop((key[1], key[2]), None)
        if before is None:
            return
        self._advance()
        self._by_uid.pop(before["metadata"]["uid"], None)
        self._store.delete(self._documents, "/".join(key))
        last = {**before, "metadata": {**before["metadata"], "resourceVersion": str(self.version)}}
        self._record(Change(self.version, collection, before, None, last))

    def since(self, version: int) -> list[Change]:
        """Changes after `version`, oldest first. The caller checks `oldest` before."""
        start = bisect.bisect_right(self._log, version, key=lambda change: change.version)
        return [self._log[index] for index in range(start, len(self._log))]

    def _advance(self) -> None:
        self.version += 1
        self._store.put(self._counters, "version", {"value": self.version})

    def _record(self, change: Change) -> None:
        if len(self._log) == LOG_LENGTH:
            self.oldest = self._log[0].version
        self._log.append(change)

    def _keep(self, key: Key, document: Document) -> None:
        self._by_collection.setdefault(key[0], {})[(key[1], key[2])] = document
        self._by_uid[document["metadata"]["uid"]] = key


def key_of(collection: str, document: Document) -> Key:
    return collection, namespace_of(document), document["metadata"]["name"]


def namespace_of(document: Document) -> str:
    return str(document.get("metadata", {}).get("namespace", ""))

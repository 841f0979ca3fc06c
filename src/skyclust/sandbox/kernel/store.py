"""Durable JSON documents by (collection, key). Called by every front before it replies.

Invariant: outside `transaction()` a put or delete is committed when it returns; a kill loses no answer.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Document = dict[str, Any]

SCHEMA = "CREATE TABLE IF NOT EXISTS documents (collection TEXT, key TEXT, body TEXT, PRIMARY KEY (collection, key))"


class Store:
    """In memory when `path` is None. Safe to use from several threads; a transaction holds the lock."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(str(path or ":memory:"), check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute(SCHEMA)

    def put(self, collection: str, key: str, doc: Document) -> None:
        body = json.dumps(doc, separators=(",", ":"))
        with self._lock:
            self._connection.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", (collection, key, body))

    def get(self, collection: str, key: str) -> Document | None:
        query = "SELECT body FROM documents WHERE collection = ? AND key = ?"
        with self._lock:
            row = self._connection.execute(query, (collection, key)).fetchone()
        return json.loads(row[0]) if row else None

    def delete(self, collection: str, key: str) -> None:
        with self._lock:
            self._connection.execute("DELETE FROM documents WHERE collection = ? AND key = ?", (collection, key))

    def list(self, collection: str, under: str = "") -> dict[str, Document]:
        """Every document of a collection by key, in key order; only keys that start with `under`."""
        query = "SELECT key, body FROM documents WHERE collection = ? AND key >= ? AND key < ? ORDER BY key"
        with self._lock:
            rows = self._connection.execute(query, (collection, under, under + chr(0x10FFFF))).fetchall()
        return {key: json.loads(body) for key, body in rows}

    def clear(self, prefix: str) -> None:
        """Drop every collection whose name starts with `prefix`."""
        with self._lock:
            self._connection.execute("DELETE FROM documents WHERE substr(collection, 1, ?) = ?", (len(prefix), prefix))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; nests (the outermost one commits)."""
        with self._lock:
            if self._depth == 0:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._connection.execute("COMMIT")

    def close(self) -> None:
        with self._lock:
            self._connection.close()

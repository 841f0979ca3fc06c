"""Was a promise broken? Reads the clouds by the sandbox's control API, and the rows as the database's owner.

Called after every act of a story. Invariant: nothing here asks the engine, and nothing is believed because an answer
said so: what exists is counted, by its mark.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from soak.killing.product import Product

Resource = dict[str, Any]
#: GKE copies a node pool's labels to its machines, which are many for one resource of ours.
COPIES = frozenset({"instance", "disk", "volume"})
#: Real seconds for what a sleeper has made too much to be seen off.
QUIET_SECONDS = 30.0
_ACTIVE = frozenset({"pending", "running", "cancelling"})


@dataclass(frozen=True, slots=True)
class Books:
    """What the database says: living resource rows by id, operations by id."""

    rows: dict[str, asyncpg.Record]
    operations: dict[str, str]


def mark_of(row: Resource) -> tuple[str, str] | None:
    """(kind, resource id) of the ownership mark, wherever this kind carries it."""
    tags = row.get("tags") or {}
    found = tags.get("skyclust:resource") or tags.get("skyclust-resource")
    text = row.get("description") or tags.get("description") or ""
    if not found and "skyclust:resource=" in text:
        found = text.partition("skyclust:resource=")[2].split()[0]
    return (row["kind"], found) if found and row["kind"] not in COPIES else None


def read_books(owner_url: str) -> Books:
    """Every living row and every operation, past row-level security."""
    return asyncio.run(_read(owner_url))


async def _read(owner_url: str) -> Books:
    connection = await asyncpg.connect(owner_url)
    try:
        rows = await connection.fetch(
            "SELECT id, key, kind, state, adopted, external_id FROM resources WHERE state <> 'gone'"
        )
        operations = await connection.fetch("SELECT id, state FROM operations")
    finally:
        await connection.close()
    return Books({str(row["id"]): row for row in rows}, {str(row["id"]): row["state"] for row in operations})


class Witness:
    """Remembers the decoys and every acknowledged operation."""

    def __init__(self, product: Product, owner_url: str) -> None:
        """Decoys stand already; nothing of ours does."""
        self._product, self._owner_url = product, owner_url
        self._decoys = _by_id(self._cloud())
        self.acknowledged: set[str] = set()

    def check(self, *, empty: bool) -> None:
        """Wait for quiet, then AssertionError with everything that is wrong. `empty`: nothing of ours may be left."""
        deadline = time.monotonic() + QUIET_SECONDS
        while wrong := list(self._violations(empty=empty)):
            assert time.monotonic() < deadline, "\n".join(wrong)
            time.sleep(0.2)  # polling real processes

    def _cloud(self) -> list[Resource]:
        return list(self._product.control("GET", "resources")["resources"])

    def _violations(self, *, empty: bool) -> Iterable[str]:
        books, cloud = read_books(self._owner_url), self._cloud()
        yield from self._touched(cloud)
        yield from _wrongly_owned(books, cloud)
        yield from _missing(books, cloud)
        yield from self._forgotten(books)
        if empty:
            left = [item for item in cloud if item["id"] not in self._decoys]
            yield from (f"left in the cloud: {item['kind']} {item['id']}" for item in left)
            yield from (f"left in the books: {row['key']} is {row['state']}" for row in books.rows.values())

    def _touched(self, cloud: Sequence[Resource]) -> Iterable[str]:
        """What is not ours stays as it is."""
        now = _by_id(cloud)
        for name, decoy in self._decoys.items():
            if now.get(name) != decoy:
                yield f"foreign, but touched: {decoy['kind']} {name}: {decoy} became {now.get(name)}"

    def _forgotten(self, books: Books) -> Iterable[str]:
        """Acknowledged operations exist and have ended; nobody has begun others."""
        for name in self.acknowledged - books.operations.keys():
            yield f"acknowledged, but lost: operation {name}"
        for name in books.operations.keys() - self.acknowledged:
            yield f"begun, but never acknowledged to anybody: operation {name}"
        for name, state in books.operations.items():
            if state in _ACTIVE:
                yield f"never ended: operation {name} is {state}"


def _wrongly_owned(books: Books, cloud: Sequence[Resource]) -> Iterable[str]:
    """One of each mark, and an owner for each."""
    marks = Counter(mark for item in cloud if (mark := mark_of(item)))
    for (kind, owner), count in marks.items():
        if count > 1:
            yield f"{count} of one mark: {kind} of {books.rows.get(owner, owner)}"
        if owner not in books.rows:
            yield f"marked, but owned by nobody: {kind} with the mark of {owner}"


def _missing(books: Books, cloud: Sequence[Resource]) -> Iterable[str]:
    """What the books call ready exists, under its mark or under its name. Steps that make nothing do not count."""
    marks = {mark[1] for item in cloud if (mark := mark_of(item))}
    names = {str(item[part]) for item in cloud for part in ("id", "name")}
    for owner, row in books.rows.items():
        name = str(row["external_id"])
        counts = row["state"] == "ready" and not row["adopted"] and not name.startswith("step/")
        if counts and owner not in marks and not {name, name.rpartition("/")[2]} & names:
            yield f"ready, but not there: {row['key']} ({row['kind']} {name})"


def _by_id(cloud: Sequence[Resource]) -> dict[str, Resource]:
    return {item["id"]: item for item in cloud}

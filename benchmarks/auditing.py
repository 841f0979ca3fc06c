"""How fast audited changes are written, each in its own transaction, and how fast a chain is verified."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import orjson
from sqlalchemy import update

from benchmarks.figures import Figure, median
from benchmarks.options import Options
from skyclust.audit import service as audit
from skyclust.audit.chaining import FIELDS, START, Entry, chain_of, link_hash, plain, seal_of
from skyclust.audit.queries.entries import segment_of
from skyclust.credentials.keyring import Keyring
from skyclust.events.publishing import Actor, Event, publish
from skyclust.kit.clock import SystemClock
from skyclust.kit.db import EVERYTHING, Database
from skyclust.kit.embedded_postgres import start_embedded
from skyclust.kit.ids import uuid7
from skyclust.kit.migrating import migrate
from skyclust.workspaces.models import WorkspaceRow

MUTATIONS = 600
CLIENTS = 8
#: Of how many the aims speak: 300 changes and 100,000 entries a second.
MUTATION_UNIT, VERIFY_UNIT = 300, 100_000
AIM_SECONDS = 1.0
KEYS = Keyring("k", {"k": bytes(range(32))})
DATA = {
    "before": {"name": "old", "node_count": 3, "labels": {"team": "web"}},
    "after": {"name": "new", "node_count": 5},
}
ACTOR = Actor(UUID(int=7), "somebody@example.com", "203.0.113.7", "4bf92f3577b34da6a3ce929d0e0e4736")


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds on the wall and of this process's own computing, for one unit."""

    wall: float
    cpu: float


def run(options: Options) -> Iterator[Figure]:
    """Changes in eight workspaces at once, changes that all wait for one chain, then a chain from end to end."""
    spread, single, verified = asyncio.run(measured(options.runs))
    against = f"nothing; {CLIENTS} clients, median of {options.runs} times {MUTATIONS}, fsync on"
    name = f"audited changes, seconds for {MUTATION_UNIT}"
    yield Figure(f"{name}, {CLIENTS} workspaces", median([took.wall for took in spread]), "s", against, AIM_SECONDS)
    yield Figure(f"{name}, of our computing", median([took.cpu for took in spread]), "s", against)
    yield Figure(f"{name}, one workspace", median([took.wall for took in single]), "s", against, AIM_SECONDS)
    against = f"nothing; median of {options.runs} walks over {VERIFY_UNIT} entries"
    name = f"verify, seconds for {VERIFY_UNIT} entries"
    yield Figure(name, median([took.wall for took in verified]), "s", against, AIM_SECONDS)
    yield Figure(f"{name}, of our computing", median([took.cpu for took in verified]), "s", against, AIM_SECONDS)


async def measured(times: int) -> tuple[list[Took], list[Took], list[Took]]:
    """Each several times, on one server."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="skyclust-benchmark-", ignore_cleanup_errors=True)
        )
        server = await asyncio.to_thread(start_embedded, Path(folder) / "postgres")
        stack.push_async_callback(asyncio.to_thread, server.stop)
        await migrate(server.owner_url)
        database = Database(server.app_url)
        stack.push_async_callback(database.close)
        audit.install(KEYS)
        places = [await _workspace(database) for _ in range(CLIENTS)]
        spread = [await _changes(database, places) for _ in range(times)]
        single = [await _changes(database, places[:1] * CLIENTS) for _ in range(times)]
        long = uuid4()
        await _fill(server.owner_url, long, VERIFY_UNIT)
        verified = [await _verify(database, long) for _ in range(times)]
    return spread, single, verified


async def _workspace(database: Database) -> UUID:
    place = uuid4()
    async with database.session(visible=EVERYTHING) as session:
        session.add(WorkspaceRow(id=place, name="w", created_at=SystemClock().now(), suspended_reason=""))
    return place


async def _changes(database: Database, places: Sequence[UUID]) -> Took:
    """`MUTATIONS` changes by as many clients as there are places, each waiting for its commit."""

    async def client(place: UUID) -> None:
        for number in range(MUTATIONS // len(places)):
            async with database.session(visible=str(place)) as session:
                await session.execute(update(WorkspaceRow).where(WorkspaceRow.id == place).values(name=f"w{number}"))
                await publish(session, Event("workspace.updated", f"workspace/{place}", place, DATA, ACTOR))

    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(client(place) for place in places))
    share = MUTATION_UNIT / MUTATIONS
    return Took((time.perf_counter() - wall) * share, (time.process_time() - cpu) * share)


async def _verify(database: Database, place: UUID) -> Took:
    wall, cpu = time.perf_counter(), time.process_time()
    async with database.session(visible=str(place)) as session:
        proof = await audit.verify(session, KEYS, place, now=SystemClock().now(), expected={})
    assert (proof.intact, proof.entries) == (True, VERIFY_UNIT), proof.reason
    return Took(time.perf_counter() - wall, time.process_time() - cpu)


async def _fill(owner_url: str, place: UUID, count: int) -> None:
    """A chain as the recorder writes it, by COPY, which only the owner may."""
    columns = [*FIELDS, "workspace_id", "segment", "key_id", "prev_hash", "hash", "seal"]
    connection = await asyncpg.connect(owner_url)
    rows = list(_rows(place, count))
    await connection.copy_records_to_table("audit_entries", records=rows, columns=columns)
    head = "INSERT INTO audit_heads (chain, workspace_id, seq, hash, segment) VALUES ($1, $2, $3, $4, $5)"
    await connection.execute(head, chain_of(place), place, count, rows[-1][-2], rows[-1][-5])
    await connection.execute("VACUUM ANALYZE audit_entries")
    await connection.close()


def _rows(place: UUID, count: int) -> Iterator[tuple[object, ...]]:
    previous, start, data = START, SystemClock().now() - timedelta(days=1), plain(DATA)
    stored = orjson.dumps(data).decode()
    segment = segment_of(SystemClock().now())
    for seq in range(1, count + 1):
        entry = Entry(
            chain_of(place), seq, uuid7(), start + timedelta(milliseconds=seq), ACTOR.user_id, ACTOR.label,
            ACTOR.address, ACTOR.request_id, "workspace.updated", f"workspace/{place}", "success", data,
        )  # fmt: skip
        entry_hash = link_hash(previous, entry.sealed_text())
        fields = [stored if name == "data" else getattr(entry, name) for name in FIELDS]
        yield (*fields, place, segment, "k", previous, entry_hash, seal_of(KEYS, "k", entry_hash))
        previous = entry_hash

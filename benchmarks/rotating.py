"""How fast `skyclust admin rotate-keys` puts every credential under a new key, on PostgreSQL in real time."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

from pydantic import SecretStr
from sqlalchemy import insert

from benchmarks.figures import Figure, median
from benchmarks.options import Options
from skyclust.credentials.keyring_opening import open_keyring
from skyclust.credentials.models import CredentialRow
from skyclust.credentials.sealing import Binding, seal
from skyclust.entrypoints.administering import rotate_keys
from skyclust.kit.clock import SystemClock
from skyclust.kit.db import EVERYTHING, Database
from skyclust.kit.embedded_postgres import start_embedded
from skyclust.kit.ids import uuid7
from skyclust.kit.keys import KeySource
from skyclust.kit.migrating import migrate
from skyclust.kit.settings import Settings
from skyclust.workspaces.models import WorkspaceRow

COUNT = 20_000
#: Of how many the aim speaks: 5,000 a second.
UNIT = 5_000
AIM_SECONDS = 1.0
#: About the size of an access key with its secret, as JSON.
SECRET = b"x" * 120


def run(options: Options) -> Iterator[Figure]:
    """Several rotations of the same rows, each to a new key."""
    seconds = asyncio.run(rotations(COUNT, options.runs))
    against = f"nothing; of {COUNT} credentials, median of {len(seconds)} rotations"
    yield Figure(f"rotate-keys, seconds for {UNIT} credentials", median(seconds), "s", against, AIM_SECONDS)
    yield Figure("rotate-keys, credentials a second", UNIT / median(seconds), "", against)


async def rotations(count: int, times: int) -> list[float]:
    """Seconds for `UNIT` credentials, of each rotation."""
    with tempfile.TemporaryDirectory(prefix="skyclust-benchmark-", ignore_cleanup_errors=True) as folder:
        server = await asyncio.to_thread(start_embedded, Path(folder) / "postgres")
        try:
            await migrate(server.owner_url)
            settings = Settings(data_dir=Path(folder), database_url=SecretStr(server.app_url))
            await _fill(server.app_url, open_keyring(settings, ()), count)
            done = [await rotate_keys(settings, (), new_key=True, tell=lambda _text: None) for _ in range(times)]
            assert all(rotation.credentials == count for rotation in done)
            return [rotation.seconds / count * UNIT for rotation in done]
        finally:
            await asyncio.to_thread(server.stop)


async def _fill(url: str, keys: KeySource, count: int) -> None:
    place, database = uuid4(), Database(url)
    async with database.session(visible=EVERYTHING) as session:
        session.add(WorkspaceRow(id=place, name="w", created_at=SystemClock().now(), suspended_reason=""))
        await session.flush()
        for start in range(0, count, 1_000):
            rows = [_row(keys, place, number) for number in range(start, min(start + 1_000, count))]
            await session.execute(insert(CredentialRow), rows)
    await database.close()


def _row(keys: KeySource, place: UUID, number: int) -> dict[str, object]:
    now, identity = SystemClock().now(), uuid7()
    sealed = seal(keys, Binding(place, identity, 1), SECRET)
    return {
        "id": identity, "workspace_id": place, "name": f"c{number}", "provider": "p", "version": 1, "account": "a",
        "principal": "p", "state": "valid", "missing_permissions": [], "verified_at": now, "created_at": now,
        "updated_at": now, "key_id": sealed.key_id, "wrapped_key": sealed.wrapped_key, "sealed": sealed.ciphertext,
    }  # fmt: skip

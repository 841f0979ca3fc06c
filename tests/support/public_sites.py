"""A whole application that clouds can reach: behind a socket whose address is its public one, in real time."""

import asyncio
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from random import Random
from uuid import UUID

from building import QuickPace
from skyclust.credentials.issuing import issuer_at
from skyclust.credentials.judging import Schedule
from skyclust.credentials.rechecking import Rechecker
from skyclust.provisioning.engine import Engine
from skyclust.provisioning.operating import get_operation
from skyclust.provisioning.pacing import Budget
from skyclust.provisioning.postgres import PostgresStore
from whole_app import served

SPEED = 600
TABLES = (
    "credentials", "outbox", "audit_entries", "stacks", "resources", "operations", "idempotency_keys", "issuer_keys",
)  # fmt: skip


@asynccontextmanager
async def public(site, cloud):
    """With the cloud of a sandbox in it."""
    site.parts.providers[cloud.provider.name] = cloud.provider
    site.clock.time = datetime.now(UTC)
    async with served(site.app) as (host, port):
        url = f"http://{host}:{port}"
        site.app.state.settings = site.parts.settings.model_copy(update={"public_url": url})
        clouds = site.parts.clouds
        clouds.issuer = issuer_at(site.parts.keyring, url, site.clock.now, clouds.rsa_keys)
        yield url


async def worked(site, operation):
    """The operation once an engine has brought it to its end."""
    parts = site.parts
    engine = Engine(
        PostgresStore(parts.database), parts.clouds, "w", time.monotonic, Random(7), QuickPace(SPEED)
    )  # fmt: skip
    stop = asyncio.Event()
    running = asyncio.create_task(engine.run(stop, sweep_seconds=0.05))
    try:
        async with asyncio.timeout(60):
            while True:
                async with parts.database.session(visible="*") as session:
                    view = await get_operation(session, UUID(operation["id"]))
                if not view.active:
                    return view
                await asyncio.sleep(0.02)
    finally:
        stop.set()
        await running


async def rechecked(site):
    """Every credential, asked about as the schedule does."""
    parts, troubles = site.parts, []
    await site.execute("UPDATE credentials SET check_due_at = clock_timestamp() - interval '1 day'")
    checker = Rechecker(
        parts.database, parts.keyring, parts.providers, Schedule(6 * 3600.0), site.clock.now, time.monotonic,
        lambda _credential: Budget(), issuer=parts.clouds.issuer, on_fault=lambda _row, error: troubles.append(error),
        on_outage=troubles.append,
    )  # fmt: skip
    assert await checker.check_due() == 1
    assert troubles == []


async def written(site) -> list[str]:
    """Every row that could hold something of a credential, and the log."""
    rows = [await site.scalar(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {name} t") for name in TABLES]
    return [*rows, site.logs.getvalue()]

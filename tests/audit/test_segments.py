"""Entries lie in monthly segments: old rows are moved there whole, and the application reaches them by one door only."""

import asyncio
import hmac
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from skyclust.audit import service
from skyclust.audit.chaining import PURPOSE, START, Entry
from skyclust.credentials.keyring import Keyring
from skyclust.events.publishing import Actor, Event, publish
from skyclust.kit.db import EVERYTHING, Database, asyncpg_url
from skyclust.kit.embedded_postgres import start_embedded
from skyclust.kit.migrating import alembic_config, migrate
from tenancy import KEYS, through_the_door

KEYRING = Keyring("old", KEYS)
#: Of one chain, as two servers with different clocks wrote them around the end of a month.
TIMES = [datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 2, 1, 0, 0, 1, 5, tzinfo=UTC), datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC), datetime(2026, 2, 9, tzinfo=UTC)]  # fmt: skip


async def to_revision(owner_url, step):
    engine = create_async_engine(asyncpg_url(owner_url))
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: step(_config(sync)))
    await engine.dispose()


def _config(connection):
    config = alembic_config()
    config.attributes["connection"] = connection
    return config


async def written_before(connection, workspace):
    """Entries and head as the version before wrote them: one HMAC per entry, keys of `data` in no order."""
    previous = START
    for seq, at in enumerate(TIMES, 1):
        data = {"z": seq, "a": {"y": 1.5, "b": None}}
        entry = Entry(
            str(workspace), seq, uuid4(), at, None, "somebody", "", "", "thing.happened", "t/1", "success", data
        )
        sealed = hmac.digest(KEYRING.derived("old", PURPOSE), previous + entry.sealed_text(), "sha256")
        await connection.execute(
            "INSERT INTO audit_entries (chain, seq, id, workspace_id, at, actor_label, address, request_id, action, target, "
            "outcome, data, key_id, prev_hash, hash) VALUES ($1, $2, $3, $4, $5, 'somebody', '', '', 'thing.happened', "
            "'t/1', 'success', $6, 'old', $7, $8)",
            entry.chain, seq, entry.id, workspace, at, orjson.dumps(data).decode(), previous, sealed,
        )  # fmt: skip
        previous = sealed
    await connection.execute("INSERT INTO audit_heads VALUES ($1, $2, $3, $4)", entry.chain, workspace, seq, previous)


def test_rows_of_before_are_moved_into_their_months_and_verify_as_before(tmp_path):
    server = start_embedded(tmp_path / "pg")
    owner_url, app_url, workspace = server.owner_url, server.app_url, UUID(int=5)

    async def story():
        await migrate(owner_url)
        await to_revision(owner_url, lambda config: command.downgrade(config, "0011"))
        owner = await asyncpg.connect(owner_url)
        await written_before(owner, workspace)
        await migrate(owner_url)
        placed = await owner.fetch(
            "SELECT seq, segment, tableoid::regclass::text AS place FROM audit_entries ORDER BY seq"
        )
        await owner.close()
        database = Database(app_url, pool_size=1)
        async with database.session(visible=EVERYTHING) as session:
            proof = await service.verify(session, KEYRING, workspace, now=TIMES[0], expected={})
        await database.close()
        return [tuple(row) for row in placed], proof

    try:
        placed, proof = asyncio.run(story())
    finally:
        server.stop()
    january, february = date(2026, 1, 1), date(2026, 2, 1)
    assert [(seq, month) for seq, month, _ in placed] == [(1, january), (2, february), (3, february), (4, february)]
    assert [place for *_, place in placed] == ["skyclust_segments.entries_2026_01"] + ["skyclust_segments.entries_2026_02"] * 3  # fmt: skip
    assert (proof.intact, proof.entries, proof.reason) == (True, 4, "")


def test_segments_never_go_back_within_a_chain(postgres):
    async def scenario(house):
        workspace = uuid4()
        for at in TIMES:
            house.clock.time = at
            await one_act(house, workspace)
        return await segments_of(house, workspace)

    assert through_the_door(postgres, scenario) == [date(2026, 1, 1)] + [date(2026, 2, 1)] * 3


@pytest.mark.parametrize(
    "statement", ["SELECT * FROM {}", "DELETE FROM {}", "UPDATE {} SET action = 'x'", "DROP TABLE {}"]
)
def test_no_segment_can_be_reached_past_row_level_security(postgres, statement):
    async def scenario(house):
        house.clock.time = datetime.now(UTC)
        await one_act(house, uuid4())
        name = await house.scalar("SELECT tableoid::regclass::text FROM audit_entries")
        async with house.database.session(visible=EVERYTHING) as session:
            with pytest.raises(DBAPIError, match="permission denied for schema"):
                await session.execute(text(statement.format(name)))

    through_the_door(postgres, scenario)


def test_the_application_opens_the_next_months_and_no_others(postgres):
    async def scenario(house):
        async with house.database.session() as session:
            opened = await session.scalar(text("SELECT skyclust_open_audit_segments()"))
        house.clock.time = datetime.now(UTC)
        await one_act(house, uuid4())
        place = await house.scalar("SELECT tableoid::regclass::text FROM audit_entries")
        async with house.database.session() as session:
            with pytest.raises(DBAPIError, match="permission denied for schema"):
                await session.execute(text("SELECT skyclust_segments.open('1999-01-01')"))
        return opened, place

    opened, place = through_the_door(postgres, scenario)
    assert opened is True
    assert place == f"skyclust_segments.entries_{datetime.now(UTC):%Y_%m}"


async def one_act(house, workspace):
    async with house.database.session(visible=EVERYTHING) as session:
        await publish(session, Event("thing.happened", "thing/1", workspace, {}, Actor(None, "somebody")))


async def segments_of(house, workspace):
    async with house.database.session(visible=EVERYTHING) as session:
        found = await session.scalars(
            text("SELECT segment FROM audit_entries WHERE workspace_id = :workspace ORDER BY seq"),
            {"workspace": workspace},
        )
        return list(found)

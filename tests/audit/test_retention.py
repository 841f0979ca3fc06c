"""Retention: whole months go, each chain keeps a signed anchor, and what stays verifies from there and from nowhere else."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from skyclust.audit.heads import Kind, parse_head, sign
from skyclust.audit.retention import RetentionError, retain
from skyclust.audit.sinks import FileSink, SinkError
from skyclust.events.publishing import Actor, Event, publish
from skyclust.kit.db import Database
from tenancy import through_the_door

KEEP_DAYS = 40


async def acts(house, workspace, *times):
    for at in times:
        house.clock.time = at
        async with house.database.session(visible="*") as session:
            await publish(session, Event("thing.happened", "thing/1", workspace, {}, Actor(None, "somebody")))


def months_ago(count):
    """The tenth of a month, so many months before this one."""
    now = datetime.now(UTC)
    number = now.year * 12 + now.month - 1 - count
    return datetime(number // 12, number % 12 + 1, 10, 12, tzinfo=UTC)


OLD, WITHOUT_SEGMENT = months_ago(5), months_ago(7)


async def open_segment(house, at):
    await house.scalar("SELECT skyclust_segments.open(date_trunc('month', CAST(:at AS timestamptz))::date)", at=at)


async def retained(house, tmp_path, *, as_owner=True, sink=None, **more):
    database = Database(house.owner_url, pool_size=1) if as_owner else house.database
    try:
        sinks = [sink or FileSink(tmp_path / "heads.jsonl")]
        return await retain(database, house.keyring, sinks, datetime.now(UTC), **({"keep_days": KEEP_DAYS} | more))
    finally:
        if as_owner:
            await database.close()


async def filled(house, *, segments=True):
    """A person's workspace and the platform with three entries long ago and two of late."""
    old, new = OLD if segments else WITHOUT_SEGMENT, months_ago(0)
    if segments:
        await open_segment(house, old)
    workspace = uuid4()
    for place in (workspace, None):
        await acts(house, place, old, old + timedelta(seconds=1), old + timedelta(days=2), new, new)
    house.clock.time = datetime.now(UTC)
    person = await house.person(admin=True)
    return person, await house.workspace(workspace_id=workspace, admin=person)


async def verified(person, **params):
    return (await person.client.get("/audit-logs:verify", params=params)).json()


@pytest.mark.parametrize("segments", [True, False])
def test_old_months_go_and_the_rest_verifies_from_the_anchor(postgres, tmp_path, segments):
    async def scenario(house):
        person, workspace = await filled(house, segments=segments)
        rehearsed = await retained(house, tmp_path, dry_run=True)
        untouched = await house.scalar("SELECT count(*) FROM audit_entries")
        done = await retained(house, tmp_path)
        again = await retained(house, tmp_path)
        await acts(house, workspace, datetime.now(UTC))
        proofs = [await verified(person), await verified(person, platform="true")]
        left = await house.scalar("SELECT count(*) FROM audit_entries WHERE segment < :day", day=rehearsed.before)
        return rehearsed, untouched, done, again, proofs, left

    rehearsed, untouched, done, again, (own, platform), left = through_the_door(postgres, scenario)
    assert untouched == 10
    assert done == rehearsed
    assert (done.chains, done.entries) == (2, 6)
    assert f"entries_{OLD:%Y_%m}" in done.segments or not segments
    assert (again.chains, again.entries, left) == (0, 0, 0)
    assert (own["intact"], own["begins_after_seq"], own["entries"]) == (True, 3, 3), own["reason"]
    # the platform's log tells of it, too
    assert (platform["intact"], platform["begins_after_seq"], platform["entries"]) == (True, 3, 3), platform["reason"]
    heads = [parse_head(line) for line in (tmp_path / "heads.jsonl").read_bytes().splitlines()]
    assert [head.seq for head in heads] == [3, 3]


def test_the_exported_last_head_fits_the_anchor_and_a_later_one_the_rest(postgres, tmp_path):
    async def scenario(house):
        person, workspace = await filled(house)
        late = (await verified(person))["head"]
        await retained(house, tmp_path)
        lines = (tmp_path / "heads.jsonl").read_text().splitlines()
        early = next(line for line in lines if str(workspace) in line)
        return await verified(person, head=[early, late])

    proof = through_the_door(postgres, scenario)
    assert (proof["intact"], proof["heads_compared"]) == (True, 1)


FORGERIES = {
    "the anchor removed": "DELETE FROM audit_anchors",
    "the anchor moved on over an entry": "UPDATE audit_anchors AS anchor SET seq = 4, hash = entry.hash "
    "FROM audit_entries AS entry WHERE entry.seq = 4 AND entry.chain = anchor.chain",
    "the anchor's hash changed": "UPDATE audit_anchors SET hash = decode(repeat('00', 32), 'hex')",
    "an unknown key": "UPDATE audit_anchors SET key_id = 'x'",
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_or_missing_anchor_is_found(postgres, tmp_path, name):
    async def scenario(house):
        person, _ = await filled(house)
        await retained(house, tmp_path)
        await house.execute(FORGERIES[name])
        return await verified(person)

    proof = through_the_door(postgres, scenario)
    assert proof["intact"] is False
    assert proof["first_bad_seq"] in (1, 4, 5)


def test_an_exported_head_in_the_anchors_place_is_found(postgres, tmp_path):
    """Whoever holds the database and an exported head would like to forget everything before it."""

    async def scenario(house):
        person, workspace = await filled(house)
        stolen = parse_head((await verified(person))["head"])
        await house.execute("DELETE FROM audit_entries WHERE chain = :chain", chain=str(workspace))
        values = {"chain": stolen.chain, "w": workspace, "seq": stolen.seq, "hash": stolen.hash, "at": stolen.at}
        values |= {"key": stolen.key_id, "signature": stolen.signature}
        await house.execute(
            "INSERT INTO audit_anchors VALUES (:chain, :w, :seq, :hash, :at, :key, :signature)", **values
        )
        forged = await verified(person)
        real = sign(house.keyring, Kind.ANCHOR, stolen.chain, stolen.seq, stolen.hash, stolen.at)
        await house.execute("UPDATE audit_anchors SET signature = :signature", signature=real.signature)
        return forged, await verified(person)

    forged, control = through_the_door(postgres, scenario)
    assert (forged["intact"], forged["first_bad_seq"]) == (False, 6)
    assert control["intact"] is True  # so it is the signature that tells


def test_a_chain_that_is_not_whole_is_kept_and_named(postgres, tmp_path):
    async def scenario(house):
        _, workspace = await filled(house)
        await house.execute(
            "UPDATE audit_entries SET action = 'x' WHERE seq = 2 AND chain = :chain", chain=str(workspace)
        )
        with pytest.raises(RetentionError, match=f"{workspace} is not whole.*Entry 2"):
            await retained(house, tmp_path)
        return await house.scalar("SELECT count(*) FROM audit_entries")

    assert through_the_door(postgres, scenario) == 10


def test_a_recent_entry_moved_into_an_old_month_drops_nothing(postgres, tmp_path):
    async def scenario(house):
        _, workspace = await filled(house)
        await house.execute(
            "UPDATE audit_entries SET segment = '2001-01-01' WHERE seq = 5 AND chain = :chain", chain=str(workspace)
        )
        with pytest.raises(RetentionError, match="lies in a later month"):
            await retained(house, tmp_path)

    through_the_door(postgres, scenario)


def test_the_servers_role_a_short_time_and_a_broken_sink_drop_nothing(postgres, tmp_path):
    class Broken:
        name = "broken"

        async def write(self, lines):
            raise SinkError("The disk is full.")

    async def scenario(house):
        await filled(house)
        with pytest.raises(RetentionError, match="owner"):
            await retained(house, tmp_path, as_owner=False)
        with pytest.raises(RetentionError, match="at least 30 days"):
            await retained(house, tmp_path, keep_days=29)
        with pytest.raises(SinkError):
            await retained(house, tmp_path, sink=Broken())
        return await house.scalar("SELECT count(*) FROM audit_entries")

    assert through_the_door(postgres, scenario) == 10


def test_while_somebody_reads_the_log_nothing_is_dropped_and_nobody_waits_long(postgres, tmp_path, monkeypatch):
    monkeypatch.setattr("skyclust.audit.queries.dropping.LOCK_TIMEOUT", "50ms")

    async def scenario(house):
        await filled(house)
        async with house._as_owner() as reader:
            await reader.exec_driver_sql("SELECT count(*) FROM audit_entries")
            with pytest.raises(RetentionError, match="Run this again"):
                await retained(house, tmp_path)
        return await house.scalar("SELECT count(*) FROM audit_anchors"), await retained(house, tmp_path)

    anchors, done = through_the_door(postgres, scenario)
    assert (anchors, done.entries) == (0, 6)

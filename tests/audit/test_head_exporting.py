"""Heads leave the database: each once it has moved, by one worker at a time, to sinks that fail and come back."""

import asyncio
import os
import stat
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import pytest

from skyclust.audit.head_exporting import FIRST_RETRY, LEASE, HeadExporter
from skyclust.audit.heads import check_head, parse_head, public_key
from skyclust.audit.queries import sinks as queries
from skyclust.audit.sinks import FileSink, SinkError, WebhookSink
from skyclust.events.publishing import Actor, Event, publish
from tenancy import through_the_door

HOUR = timedelta(hours=1)


class FakeSink:
    """Keeps lines in memory; `broken` says why it takes none, `dies_after` raises once it has taken them."""

    def __init__(self, name="fake"):
        self.name, self.lines, self.broken, self.dies_after = name, [], "", None
        self.taken = asyncio.Event()

    async def write(self, lines):
        if self.broken:
            raise SinkError(self.broken)
        self.lines += lines.splitlines()
        self.taken.set()
        if self.dies_after:
            raise self.dies_after

    def seen(self):
        return [(head.chain, head.seq) for head in map(parse_head, self.lines)]


def exporter(house, *sinks):
    return HeadExporter(house.database, house.keyring, house.clock, sinks, HOUR)


async def acts(house, workspace, number=1):
    for _ in range(number):
        async with house.database.session(visible="*") as session:
            await publish(session, Event("thing.happened", "thing/1", workspace, {}, Actor(None, "somebody")))


async def failing(house):
    async with house.database.session() as session:
        return [(row.name, row.failures, row.last_error) for row in await queries.failing_sinks(session)]


def test_each_chain_that_has_moved_is_exported_once_an_hour(postgres):
    async def scenario(house):
        one, two, sink = uuid4(), uuid4(), FakeSink()
        worker = exporter(house, sink)
        await acts(house, one, 2)
        await acts(house, two)
        counts = [await worker.export_if_due(sink)]
        await acts(house, two)
        counts.append(await worker.export_if_due(sink))
        house.clock.pass_(hours=1)
        counts.append(await worker.export_if_due(sink))
        house.clock.pass_(hours=1)
        counts.append(await worker.export_if_due(sink))
        trusted = [public_key(house.keyring, house.keyring.active_id)]
        for line in sink.lines:
            check_head(parse_head(line), trusted)
        return one, two, counts, sink.seen()

    one, two, counts, seen = through_the_door(postgres, scenario)
    assert counts == [2, None, 1, 0]
    assert sorted(seen[:2]) == sorted([(str(one), 2), (str(two), 1)])
    assert seen[2:] == [(str(two), 2)]


def test_a_chain_that_was_set_back_is_exported_again(postgres):
    async def scenario(house):
        place, sink = uuid4(), FakeSink()
        await acts(house, place, 3)
        await exporter(house).export_if_due(sink)
        await house.execute("UPDATE audit_heads SET seq = 2")
        house.clock.pass_(hours=1)
        await exporter(house).export_if_due(sink)
        return [seq for _, seq in sink.seen()]

    assert through_the_door(postgres, scenario) == [3, 2]


def test_of_several_workers_one_exports(postgres):
    async def scenario(house):
        sinks = [FakeSink() for _ in range(4)]
        await acts(house, uuid4())
        counts = await asyncio.gather(*(exporter(house).export_if_due(sink) for sink in sinks))
        return counts, sum(len(sink.lines) for sink in sinks)

    counts, lines = through_the_door(postgres, scenario)
    assert sorted(counts, key=str) == [1, None, None, None]
    assert lines == 1


def test_a_failing_sink_is_announced_tried_again_and_does_not_hold_up_the_others(postgres):
    async def scenario(house):
        broken, good, stop = FakeSink("broken"), FakeSink("good"), asyncio.Event()
        broken.broken = "The disk is full."
        await acts(house, uuid4())
        worker = exporter(house, broken, good)
        running = asyncio.create_task(worker.run(stop))
        async with asyncio.timeout(60):
            await good.taken.wait()
        stop.set()
        await running
        told = [await failing(house)]
        house.clock.pass_(seconds=FIRST_RETRY.total_seconds() - 1)
        too_early = await worker.export_if_due(broken)
        house.clock.pass_(seconds=1)
        await worker.export_if_due(broken)
        told.append(await failing(house))
        broken.broken = ""
        house.clock.pass_(seconds=2 * FIRST_RETRY.total_seconds())
        exported = await worker.export_if_due(broken)
        return told, too_early, exported, await failing(house), house.logs.getvalue()

    told, too_early, exported, after, logs = through_the_door(postgres, scenario)
    assert told == [[("broken", 1, "The disk is full.")], [("broken", 2, "The disk is full.")]]
    assert (too_early, exported, after) == (None, 1, [])
    assert "heads of the audit log are not exported" in logs
    assert "heads of the audit log are exported again" in logs


def test_what_a_dead_worker_has_sent_is_sent_again_when_its_lease_ends(postgres):
    async def scenario(house):
        sink = FakeSink()
        sink.dies_after = asyncio.CancelledError()
        await acts(house, uuid4())
        with pytest.raises(asyncio.CancelledError):
            await exporter(house).export_if_due(sink)
        sink.dies_after = None
        during = await exporter(house).export_if_due(sink)
        house.clock.pass_(seconds=LEASE.total_seconds())
        return during, await exporter(house).export_if_due(sink), sink.seen()

    during, after, seen = through_the_door(postgres, scenario)
    assert (during, after) == (None, 1)
    assert len(seen) == 2
    assert len(set(seen)) == 1


def test_the_file_is_private_only_grows_and_goes_on_after_a_cut_line(tmp_path):
    path = tmp_path / "there" / "heads.jsonl"
    sink = FileSink(path)
    asyncio.run(sink.write(b"1\n"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open("ab") as file:
        file.write(b"{cut")
    asyncio.run(sink.write(b"2\n3\n"))
    assert path.read_bytes() == b"1\n{cut\n2\n3\n"


def test_a_file_that_others_can_change_or_that_leads_elsewhere_is_refused(tmp_path):
    loose, link = tmp_path / "loose", tmp_path / "link"
    loose.write_bytes(b"")
    loose.chmod(0o666)
    link.symlink_to(tmp_path / "elsewhere")
    for path in (loose, link, tmp_path):
        with pytest.raises(SinkError):
            asyncio.run(FileSink(path).write(b"1\n"))
    assert loose.read_bytes() == b""
    assert not os.path.lexists(tmp_path / "elsewhere")


@asynccontextmanager
async def listening(status):
    """An address that answers with `status`, and what it was sent."""
    got = []

    async def answer(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(
            next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")).split()[1]
        )
        got.append((head, await reader.readexactly(length)))
        writer.write(f"HTTP/1.1 {status} X\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/heads", got


@pytest.mark.parametrize(("status", "kept"), [(200, True), (204, True), (302, False), (404, False), (500, False)])
def test_a_webhook_keeps_what_it_answers_with_success(status, kept):
    async def story():
        async with listening(status) as (url, got):
            try:
                await WebhookSink(url).write(b'{"seq":1}\n')
            except SinkError:
                return False, got
            return True, got

    taken, got = asyncio.run(story())
    assert taken is kept
    assert len(got) == 1
    assert got[0][1] == b'{"seq":1}\n'
    assert b"application/x-ndjson" in got[0][0]


def test_a_webhook_that_is_away_fails_without_telling_its_address():
    with pytest.raises(SinkError) as caught:
        asyncio.run(WebhookSink("http://127.0.0.1:9/secret-token").write(b"{}\n"))
    assert "secret-token" not in str(caught.value)

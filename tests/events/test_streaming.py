"""Streams: live, resumable, narrowed to what the caller may see, and cut when the caller is gone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

import orjson
import pytest
from sqlalchemy import text

from planted import plant
from skyclust.events.bus import InProcessBus, Message, Place
from skyclust.events.feed import Feed
from skyclust.events.publishing import Event, publish
from skyclust.events.relay import Relay
from skyclust.events.streaming import GREETING, HEARTBEAT, Scope, Stream
from skyclust.kit.db import EVERYTHING, Database
from waiting import until

OURS, THEIRS = uuid4(), uuid4()


class DeafBus(InProcessBus):
    """A bus that is down: nothing ever arrives."""

    async def publish(self, message: Message) -> None:
        return


@dataclass
class Ground:
    database: Database
    bus: InProcessBus
    feed: Feed
    relay: Relay

    async def happen(self, name: str, workspace_id: UUID | None = OURS, topic: str = "thing/1") -> None:
        async with self.database.session() as session:
            await publish(session, Event(name, topic, workspace_id, {"n": name}))

    async def tell(self) -> None:
        await self.relay.relay_once()

    def stream(self, scope: Scope | None = None, **changes) -> Stream:
        wanted = scope or Scope(frozenset({OURS}))

        async def recheck() -> Scope | None:
            return wanted

        return Stream(self.database, self.feed, wanted, changes.pop("recheck", recheck), **changes)


Story = Callable[[Ground], Awaitable[None]]


@pytest.fixture
def tell(postgres) -> Callable[..., None]:
    def told(story: Story, *, bus: InProcessBus | None = None, poll_seconds: float = 5.0) -> None:
        async def main() -> None:
            database = postgres.open()
            way = bus or InProcessBus()
            try:
                await story(Ground(database, way, Feed(database, way, poll_seconds), Relay(database, way)))
            finally:
                await database.close()

        asyncio.run(main())

    return told


@dataclass
class Received:
    kind: str
    id: str
    document: dict

    @property
    def name(self) -> str:
        return self.document.get("name", self.kind)


def parse(chunk: bytes) -> Received:
    fields = dict(line.split(": ", 1) for line in chunk.decode().strip().split("\n"))
    return Received(fields.get("event", "message"), fields.get("id", ""), orjson.loads(fields["data"]))


@asynccontextmanager
async def opened(stream: Stream) -> AsyncIterator[AsyncIterator[bytes]]:
    """The stream after its greeting, joined."""
    async with aclosing(stream.chunks()) as chunks:
        assert await anext(chunks) == GREETING
        yield chunks


async def next_event(chunks: AsyncIterator[bytes]) -> Received:
    async with asyncio.timeout(10):
        while (chunk := await anext(chunks)) == HEARTBEAT:
            pass
        return parse(chunk)


@asynccontextmanager
async def listening(ground: Ground, stream: Stream) -> AsyncIterator[asyncio.Queue[Received]]:
    """A stream read in the background; entered once it has joined the feed."""
    queue: asyncio.Queue[Received] = asyncio.Queue()
    readers = len(ground.feed._readers)

    async def pump() -> None:
        async with opened(stream) as chunks:
            async for chunk in chunks:
                if chunk != HEARTBEAT:
                    queue.put_nowait(parse(chunk))
        queue.put_nowait(Received("end", "", {}))

    task = asyncio.create_task(pump())
    await until(lambda: len(ground.feed._readers) > readers or task.done())
    try:
        yield queue
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def names(queue: asyncio.Queue[Received], count: int) -> list[str]:
    async with asyncio.timeout(10):
        return [(await queue.get()).name for _ in range(count)]


def test_what_happens_arrives_with_its_id_and_its_data(tell):
    async def story(ground: Ground) -> None:
        async with listening(ground, ground.stream()) as queue:
            await ground.happen("cluster.created", topic="cluster/1")
            await ground.tell()
            event = await asyncio.wait_for(queue.get(), 10)
            assert Place.parse(event.id) > Place()
            assert event.kind == "message"
            assert event.document["name"] == "cluster.created"
            assert event.document["topic"] == "cluster/1"
            assert event.document["workspace_id"] == str(OURS)
            assert event.document["data"] == {"n": "cluster.created"}

    tell(story)


def test_other_workspaces_and_the_platform_are_not_shown(tell):
    async def story(ground: Ground) -> None:
        admin = ground.stream(Scope(frozenset({OURS}), platform=True))
        async with listening(ground, ground.stream()) as queue, listening(ground, admin) as all_of_it:
            await ground.happen("theirs", THEIRS)
            await ground.happen("platform", None)
            await ground.happen("ours")
            await ground.tell()
            assert await names(queue, 1) == ["ours"]
            assert await names(all_of_it, 2) == ["platform", "ours"]

    tell(story)


def test_a_stream_is_narrowed_to_its_topic(tell):
    async def story(ground: Ground) -> None:
        async with listening(ground, ground.stream(Scope(frozenset({OURS}), topic="operation/1"))) as queue:
            await ground.happen("other", topic="operation/2")
            await ground.happen("mine", topic="operation/1")
            await ground.tell()
            assert await names(queue, 1) == ["mine"]

    tell(story)


def test_a_client_that_comes_back_gets_what_it_missed_and_nothing_twice(tell):
    async def story(ground: Ground) -> None:
        async with listening(ground, ground.stream()) as queue:
            await ground.happen("first")
            await ground.tell()
            last = Place.parse((await asyncio.wait_for(queue.get(), 10)).id)
        for number in range(3):
            await ground.happen(f"missed {number}")
        await ground.happen("theirs", THEIRS)
        async with listening(ground, ground.stream(last=last)) as queue:
            await ground.happen("live")
            await ground.tell()
            assert await names(queue, 4) == ["missed 0", "missed 1", "missed 2", "live"]

    tell(story)


def test_a_late_commit_reaches_a_client_that_has_seen_later_positions(tell):
    async def story(ground: Ground) -> None:
        async with listening(ground, ground.stream()) as queue:
            async with ground.database.session() as late:
                await publish(late, Event("late", "thing/1", OURS))
                await late.flush()
                await ground.happen("quick")
                await ground.tell()
            await ground.tell()
            assert await names(queue, 2) == ["late", "quick"]

    tell(story)


def test_with_the_bus_down_the_outbox_is_polled(tell):
    async def story(ground: Ground) -> None:
        async with listening(ground, ground.stream()) as queue:
            await ground.happen("heard anyway")
            assert await names(queue, 1) == ["heard anyway"]

    tell(story, bus=DeafBus(), poll_seconds=0.05)


def test_an_id_older_than_what_is_kept_asks_for_a_fresh_look(tell):
    async def story(ground: Ground) -> None:
        await ground.happen("forgotten")
        await ground.happen("kept")
        async with ground.database.session(visible=EVERYTHING) as session:
            await session.execute(text("DELETE FROM outbox WHERE name = 'forgotten'"))
        async with opened(ground.stream(last=Place(1, 0))) as chunks:
            assert (await next_event(chunks)).kind == "resync"
            assert (await next_event(chunks)).name == "kept"

    tell(story)


def test_a_reader_that_is_too_slow_is_told_so_and_goes_on_with_the_newest(tell):
    async def story(ground: Ground) -> None:
        async with ground.feed.reader(lambda _: True, size=2) as reader:
            for number in range(5):
                await ground.happen(str(number))
            await ground.tell()
            await until(lambda: reader.missed)
            seen = []
            while not seen or seen[-1] != "4":
                seen.append((await reader.next(5)).name)
            assert reader.take_missed()
            assert not reader.take_missed()
            assert len(seen) < 5

    tell(story)


def test_a_stream_that_missed_something_says_so_before_it_goes_on(tell):
    async def story(ground: Ground) -> None:
        async with listening(ground, ground.stream()) as queue:
            (reader,) = ground.feed._readers
            reader.missed = True  # as when its queue was full
            await ground.happen("newest")
            await ground.tell()
            assert await names(queue, 1) == ["resync"]
            assert await names(queue, 1) == ["newest"]

    tell(story)


def test_a_stream_that_misses_in_silence_is_noticed(tell, monkeypatch):
    """The control taken out, as in tests/security/test_controls_bite.py."""
    plant(monkeypatch, Stream, "_live", "if reader.take_missed():", "if False:")
    with pytest.raises(AssertionError, match="newest"):
        test_a_stream_that_missed_something_says_so_before_it_goes_on(tell)


def test_a_stream_ends_when_the_caller_is_gone(tell):
    async def story(ground: Ground) -> None:
        async def gone() -> Scope | None:
            return None

        async with listening(ground, ground.stream(recheck=gone, recheck_seconds=0.05)) as queue:
            assert await names(queue, 2) == ["closed", "end"]

    tell(story)


def test_a_membership_that_ends_narrows_the_stream(tell):
    async def story(ground: Ground) -> None:
        asked = asyncio.Event()

        async def fewer() -> Scope | None:
            asked.set()
            return Scope(frozenset({THEIRS}))

        stream = ground.stream(recheck=fewer, recheck_seconds=0.05)
        async with listening(ground, stream) as queue:
            await asyncio.wait_for(asked.wait(), 10)
            await asyncio.sleep(0)
            await ground.happen("ours")
            await ground.happen("theirs", THEIRS)
            await ground.tell()
            assert await names(queue, 1) == ["theirs"]

    tell(story)


def test_a_quiet_stream_shows_that_it_lives(tell):
    async def story(ground: Ground) -> None:
        async with opened(ground.stream(heartbeat_seconds=0.02)) as chunks:
            async with asyncio.timeout(10):
                assert await anext(chunks) == HEARTBEAT
                assert await anext(chunks) == HEARTBEAT

    tell(story)


def test_a_snapshot_comes_first_and_nothing_falls_between_it_and_the_stream(tell):
    async def story(ground: Ground) -> None:
        async def snapshot() -> dict:
            await ground.happen("meanwhile")
            return {"state": "running"}

        async with listening(ground, ground.stream(snapshot=snapshot)) as queue:
            await ground.tell()
            assert await names(queue, 2) == ["snapshot", "meanwhile"]

    tell(story)


def test_the_feed_rests_while_nobody_listens(tell):
    async def story(ground: Ground) -> None:
        async with ground.feed.reader(lambda _: True):
            assert ground.feed._task is not None
        assert ground.feed._task is None
        await ground.happen("unheard")
        async with ground.feed.reader(lambda _: True) as reader:
            await ground.happen("heard")
            await ground.tell()
            assert (await reader.next(10)).name == "heard"

    tell(story)

"""One suite for every bus: in process, and NATS JetStream with a real server."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from asyncpg.pgproto import pgproto

from skyclust.events.bus import Bus, BusDownError, InProcessBus, Message, Place, topic_matches
from skyclust.events.nats_bus import NatsBus
from soak.nats_servers import NatsServer

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
OpenBus = Callable[[], Awaitable[Bus]]


def message(position: int, topic: str = "operation/1", **data) -> Message:
    workspace_id = pgproto.UUID(str(uuid4()))  # as the outbox's rows bring it
    return Message(Place(10, position), workspace_id, "operation.progressed", topic, data, AT)


async def soon(awaitable: Awaitable):
    return await asyncio.wait_for(awaitable, 10)


class BusSuite:
    def test_messages_arrive_whole_and_in_order_at_every_listener(self, open_bus: OpenBus) -> None:
        async def story() -> None:
            bus = await open_bus()
            sent = [message(number, number=number, text="한국어 ✓") for number in range(50)]
            async with bus.subscribe() as first, bus.subscribe() as second:
                for item in sent:
                    await bus.publish(item)
                for listener in (first, second):
                    assert [await soon(anext(listener)) for _ in sent] == sent
            await bus.close()

        asyncio.run(story())

    def test_a_listener_gets_its_topic_only(self, open_bus: OpenBus) -> None:
        async def story() -> None:
            bus = await open_bus()
            async with bus.subscribe("operation/1") as one, bus.subscribe("operation/") as kind:
                await bus.publish(message(1, "cluster/1"))
                await bus.publish(message(2, "operation/12"))
                await bus.publish(message(3, "operation/1"))
                assert (await soon(anext(one))).place.position == 3
                assert [(await soon(anext(kind))).place.position for _ in range(2)] == [2, 3]
            await bus.close()

        asyncio.run(story())

    def test_a_slow_listener_loses_the_oldest_and_knows_it(self, open_bus: OpenBus) -> None:
        async def story() -> None:
            bus = await open_bus()
            async with bus.subscribe() as witness, bus.subscribe(size=3) as slow:
                for number in range(5):
                    await bus.publish(message(number))
                for _ in range(5):
                    await soon(anext(witness))
                assert slow.lost
                assert [(await soon(anext(slow))).place.position for _ in range(3)] == [2, 3, 4]
                assert not witness.lost
            await bus.close()

        asyncio.run(story())

    def test_a_bell_wakes_who_waits_for_it_and_nobody_else(self, open_bus: OpenBus) -> None:
        async def story() -> None:
            bus = await open_bus()
            async with aclosing(bus.bells("engine")) as engine, aclosing(bus.bells("other")) as other:
                heard = asyncio.create_task(anext(engine))
                silent = asyncio.create_task(anext(other))
                await asyncio.sleep(0)
                await bus.ring("engine")
                await soon(heard)
                assert not silent.done()
                silent.cancel()
                await asyncio.gather(silent, return_exceptions=True)
            await bus.close()

        asyncio.run(story())

    def test_closing_ends_the_bells_and_may_be_done_twice(self, open_bus: OpenBus) -> None:
        async def story() -> None:
            bus = await open_bus()
            waiting = asyncio.create_task(_count(bus))
            await asyncio.sleep(0)
            await bus.close()
            await bus.close()
            assert await soon(waiting) == 0

        asyncio.run(story())


async def taken(bus: Bus, item: Message) -> bool:
    try:
        await bus.publish(item)
    except BusDownError:
        return False
    return True


async def _count(bus: Bus) -> int:
    return len([bell async for bell in bus.bells("engine")])


class TestInProcessBus(BusSuite):
    @pytest.fixture
    def open_bus(self) -> OpenBus:
        async def opened() -> Bus:
            return InProcessBus()

        return opened


class TestNatsBus(BusSuite):
    @pytest.fixture
    def open_bus(self, nats: NatsServer) -> OpenBus:
        async def opened() -> Bus:
            return await NatsBus.connect(nats.url)

        return opened

    def test_processes_hear_each_other(self, nats: NatsServer) -> None:
        async def story() -> None:
            here, there = await NatsBus.connect(nats.url), await NatsBus.connect(nats.url)
            async with there.subscribe() as listener:
                sent = message(1)
                await here.publish(sent)
                assert await soon(anext(listener)) == sent
            await here.close()
            await there.close()

        asyncio.run(story())

    def test_with_the_server_away_publishing_fails_and_goes_on_when_it_is_back(self, nats: NatsServer) -> None:
        async def story() -> None:
            bus = await NatsBus.connect(nats.url)
            await bus.publish(message(1))
            nats.stop()
            with pytest.raises(BusDownError):
                await bus.publish(message(2))
            await bus.ring("engine")
            nats.start()
            async with asyncio.timeout(20):
                while not await taken(bus, message(3)):
                    pass
            await bus.close()

        asyncio.run(story())

    def test_what_strangers_send_is_ignored(self, nats: NatsServer) -> None:
        async def story() -> None:
            bus = await NatsBus.connect(nats.url)
            async with bus.subscribe() as listener:
                for payload in (b"{", b"[]", b'{"place": "x"}', b'{"place": "1-1"}'):
                    await bus._client.publish("skyclust.events.operation.1", payload)
                sent = message(9, "odd topic/with.dots and */stars>")
                await bus.publish(sent)
                assert await soon(anext(listener)) == sent
            await bus.close()

        asyncio.run(story())


@pytest.mark.parametrize(
    ("wanted", "topic", "matches"),
    [
        ("", "operation/1", True),
        ("operation/", "operation/1", True),
        ("operation/1", "operation/1", True),
        ("operation/1", "operation/12", False),
        ("cluster/", "operation/1", False),
    ],
)
def test_topics_match_whole_or_by_kind(wanted: str, topic: str, matches: bool) -> None:
    assert topic_matches(wanted, topic) is matches


@pytest.mark.parametrize("text", ["", "-", "1", "1-", "-1", "a-1", "1-2-3", "١-2", "1-2" + "0" * 50, "1.5-2"])
def test_a_place_that_nobody_wrote_is_refused(text: str) -> None:
    assert Place.parse(text) is None


def test_places_survive_their_text_and_sort_by_transaction_first() -> None:
    assert Place.parse(str(Place(12, 34))) == Place(12, 34)
    assert Place(1, 9) < Place(2, 1)

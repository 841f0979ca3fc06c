"""The relay tells everything that was committed, in order, whatever commits late or fails in between."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert, text

from skyclust.events.bus import BusDownError, InProcessBus, Message
from skyclust.events.hearing import Ear
from skyclust.events.models import OutboxRow
from skyclust.events.publishing import Event, publish
from skyclust.events.relay import Relay
from skyclust.kit.db import EVERYTHING, Database
from waiting import until

WORKSPACE = uuid4()
Story = Callable[[Database], Awaitable[None]]


class RecordingBus(InProcessBus):
    """Remembers what it was told; refuses after `strength` messages while that is set."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        self.strength: int | None = None

    async def publish(self, message: Message) -> None:
        if self.strength is not None:
            if not self.strength:
                raise BusDownError("refused by the test")
            self.strength -= 1
        self.told.append(message.name)
        await super().publish(message)


@pytest.fixture
def tell(postgres) -> Callable[[Story], None]:
    def told(story: Story) -> None:
        async def main() -> None:
            database = postgres.open()
            try:
                await story(database)
            finally:
                await database.close()

        asyncio.run(main())

    return told


async def happen(database: Database, *names: str) -> None:
    async with database.session() as session:
        for name in names:
            await publish(session, Event(name, "thing/1", WORKSPACE))
            await session.flush()


async def happened(database: Database, name: str, *, days_ago: int) -> None:
    row = {"workspace_id": WORKSPACE, "name": name, "topic": "thing/1", "data": {}}
    row["created_at"] = datetime.now(UTC) - timedelta(days=days_ago)
    async with database.session() as session:
        await session.execute(insert(OutboxRow).values(row).inline())


def test_events_are_told_once_and_in_order(tell):
    async def story(database: Database) -> None:
        bus = RecordingBus()
        relay = Relay(database, bus)
        await happen(database, "a", "b")
        await happen(database, "c")
        assert await relay.relay_once() == 3
        assert await relay.relay_once() == 0
        assert bus.told == ["a", "b", "c"]

    tell(story)


def test_a_transaction_that_commits_late_is_not_skipped(tell):
    async def story(database: Database) -> None:
        bus = RecordingBus()
        relay = Relay(database, bus)
        await happen(database, "before")
        async with database.session() as late:
            await publish(late, Event("late", "thing/1", WORKSPACE))
            await late.flush()  # holds its position, not committed
            await happen(database, "quick")
            await relay.relay_once()
            assert bus.told == ["before"], "told past an event that is still to be committed"
        await relay.relay_once()
        assert bus.told == ["before", "late", "quick"]

    tell(story)


def test_a_transaction_that_wrote_first_and_tells_last_is_not_skipped(tell):
    async def story(database: Database) -> None:
        bus = RecordingBus()
        relay = Relay(database, bus)
        async with database.session() as early:
            await early.execute(text("SELECT pg_current_xact_id()"))
            await happen(database, "quick")
            await relay.relay_once()
            await publish(early, Event("early transaction", "thing/1", WORKSPACE))
        await relay.relay_once()
        assert sorted(bus.told) == ["early transaction", "quick"]

    tell(story)


def test_what_was_rolled_back_is_never_told(tell):
    async def story(database: Database) -> None:
        bus = RecordingBus()
        async with database.session() as session:
            await publish(session, Event("undone", "thing/1", WORKSPACE))
            await session.flush()
            await session.rollback()
        await happen(database, "done")
        await Relay(database, bus).relay_once()
        assert bus.told == ["done"]

    tell(story)


def test_a_bus_that_fails_half_way_is_told_the_rest_later(tell):
    async def story(database: Database) -> None:
        bus = RecordingBus()
        relay = Relay(database, bus)
        await happen(database, "a", "b", "c")
        bus.strength = 2
        with pytest.raises(BusDownError):
            await relay.relay_once()
        bus.strength = None
        await relay.relay_once()
        assert bus.told == ["a", "b", "c"]

    tell(story)


def test_one_relay_is_active_and_another_takes_over_when_it_stops(tell):
    async def story(database: Database) -> None:
        bus = RecordingBus()
        first, second = Relay(database, bus, poll_seconds=0.01), Relay(database, bus)
        await happen(database, "a")
        assert await first.relay_once() == 1
        await happen(database, "b")
        assert await second.relay_once() is None
        stop = asyncio.Event()
        running = asyncio.create_task(first.run(stop))
        await until(lambda: bus.told == ["a", "b"])
        stop.set()
        await running
        await happen(database, "c")
        assert await second.relay_once() == 1
        assert bus.told == ["a", "b", "c"]

    tell(story)


def test_a_relay_that_died_is_followed_when_its_lease_ends(tell):
    async def story(database: Database) -> None:
        bus = RecordingBus()
        await happen(database, "a")
        await Relay(database, bus).relay_once()
        await happen(database, "b")
        async with database.session(visible=EVERYTHING) as session:
            await session.execute(text("UPDATE relays SET lease_until = lease_until - interval '11 s'"))
        await Relay(database, bus).relay_once()
        assert bus.told == ["a", "b"]

    tell(story)


def test_running_it_survives_a_bus_that_is_away(tell):
    async def story(database: Database) -> None:
        bus = RecordingBus()
        bus.strength = 0
        stop = asyncio.Event()
        running = asyncio.create_task(Relay(database, bus, poll_seconds=0.01).run(stop))
        await happen(database, "a")
        await asyncio.sleep(0)
        bus.strength = None
        await until(lambda: bus.told == ["a"])
        stop.set()
        await running

    tell(story)


class Counting(Relay):
    """Counts how often it looks."""

    rounds = 0

    async def relay_once(self) -> int | None:
        self.rounds += 1
        return await super().relay_once()

    async def rest(self) -> None:
        """Until it does not look any more."""
        seen = -1
        while seen != self.rounds:
            seen = self.rounds
            await asyncio.sleep(0.2)  # far longer than its polling


def test_a_commit_wakes_the_relay_that_would_not_look_for_an_hour(tell):
    async def story(database: Database) -> None:
        bus = RecordingBus()
        stop = asyncio.Event()
        relay = Counting(database, bus, poll_seconds=0.01, standby_seconds=3600, calm_seconds=0.1)
        running = asyncio.create_task(relay.run(stop))
        for name in ("first", "second", "third"):
            await relay.rest()
            await happen(database, name)
            await until(lambda name=name: bus.told[-1:] == [name])
        stop.set()
        await running

    tell(story)


def test_a_relay_that_lost_its_ear_polls_until_it_hears_again(tell):
    async def story(database: Database) -> None:
        ear = Ear(database)
        await ear.listen()
        assert ear.hears
        ear.heard.clear()
        async with database.session() as session:
            await session.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
            )
        await asyncio.wait_for(ear.heard.wait(), 20)
        assert not ear.hears
        await ear.listen()
        assert ear.hears
        ear.heard.clear()
        await happen(database, "a")
        await asyncio.wait_for(ear.heard.wait(), 20)
        await ear.close()

    tell(story)


def test_only_what_is_old_and_told_is_trimmed(tell):
    async def story(database: Database) -> None:
        bus = RecordingBus()
        relay = Relay(database, bus, kept=timedelta(days=1))
        await happened(database, "old and told", days_ago=2)
        await relay.relay_once()
        await happened(database, "old and untold", days_ago=2)
        await happen(database, "new")
        await relay._trim()
        async with database.session(visible=EVERYTHING) as session:
            left = (await session.scalars(text("SELECT name FROM outbox ORDER BY position"))).all()
        assert left == ["old and untold", "new"]

    tell(story)

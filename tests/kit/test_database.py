"""Sessions commit or roll back as a whole, and see only what they were opened for."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import text

from skyclust.events.publishing import Event, publish
from skyclust.kit.db import EVERYTHING, visible_to


def test_an_exception_rolls_the_whole_block_back(postgres):
    async def scenario():
        database = postgres.open()

        async def fail_half_way():
            async with database.session() as session:
                await publish(session, Event("thing.happened", "thing/1", uuid4()))
                await session.flush()
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fail_half_way()
        async with database.session() as session:
            count = await session.scalar(text("SELECT count(*) FROM outbox"))
        await database.close()
        return count

    assert asyncio.run(scenario()) == 0


def test_tenancy_is_put_into_the_transaction_and_does_not_outlive_it(postgres):
    async def scenario():
        database = postgres.open()
        ours = uuid4()
        seen = []
        async with database.session() as session:
            await visible_to(session, [ours])
            seen.append(await session.scalar(text("SELECT skyclust_visible(:id)"), {"id": ours}))
            seen.append(await session.scalar(text("SELECT skyclust_visible(:id)"), {"id": uuid4()}))
        async with database.session() as session:
            seen.append(await session.scalar(text("SELECT skyclust_visible(:id)"), {"id": ours}))
        await database.close()
        return seen

    assert asyncio.run(scenario()) == [True, False, False]


def test_the_application_role_may_not_change_the_schema(postgres):
    async def scenario():
        database = postgres.open()
        try:
            async with database.session() as session:
                await session.execute(text("CREATE TABLE mine (id int)"))
        finally:
            await database.close()

    with pytest.raises(Exception, match="permission denied"):
        asyncio.run(scenario())


def test_outbox_positions_rise(postgres):
    async def scenario():
        database = postgres.open()
        async with database.session() as session:
            for _ in range(3):
                await publish(session, Event("a.b", "a/1", None))
        async with database.session(visible=EVERYTHING) as session:
            rows = (await session.scalars(text("SELECT position FROM outbox ORDER BY 1"))).all()
        await database.close()
        return rows

    assert asyncio.run(scenario()) == [1, 2, 3]

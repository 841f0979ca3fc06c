"""One answer per key, however many ask at once."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from skyclust.kit.db import EVERYTHING, Database
from skyclust.kit.problems import Problem
from skyclust.provisioning import idempotency

WORKSPACE, USER = uuid4(), uuid4()


def scenario(postgres, story):
    async def main():
        database = postgres.open()
        try:
            return await story(database)
        finally:
            await database.close()

    return asyncio.run(main())


async def ask(database: Database, work, key: str = "key", body: str = "body", user: UUID = USER) -> dict:
    """What a route does: look, work, keep."""
    whose = {"workspace_id": WORKSPACE, "user_id": user, "key": key}
    async with database.session(visible=EVERYTHING) as session:
        earlier = await idempotency.remembered(session, **whose, request_digest=body)
        if earlier is not None:
            return earlier
        answer = await work()
        await idempotency.store_answer(session, **whose, answer=answer)
        return answer


class Work:
    def __init__(self) -> None:
        self.done = 0

    async def __call__(self) -> dict:
        self.done += 1
        await asyncio.sleep(0)
        return {"operation": self.done}


def test_twenty_parallel_requests_do_the_work_once_and_get_one_answer(postgres):
    async def story(database):
        work = Work()
        answers = await asyncio.gather(*(ask(database, work) for _ in range(20)))
        assert work.done == 1
        assert answers == [{"operation": 1}] * 20

    scenario(postgres, story)


def test_another_body_under_the_same_key_is_refused(postgres):
    async def story(database):
        work = Work()
        await ask(database, work)
        with pytest.raises(Problem) as refused:
            await ask(database, work, body="another")
        assert (refused.value.status, refused.value.kind) == (422, "idempotency-key-reused")
        assert work.done == 1

    scenario(postgres, story)


def test_keys_belong_to_their_user(postgres):
    async def story(database):
        work = Work()
        await ask(database, work)
        assert await ask(database, work, body="another", user=uuid4()) == {"operation": 2}

    scenario(postgres, story)


def test_work_that_fails_leaves_no_key_behind(postgres):
    async def story(database):
        async def failing() -> dict:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await ask(database, failing)
        work = Work()
        assert await ask(database, work) == {"operation": 1}

    scenario(postgres, story)


def test_when_the_first_of_two_fails_the_second_does_the_work(postgres):
    async def story(database):
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def failing() -> dict:
            begun.set()
            await go_on.wait()
            raise ZeroDivisionError

        work = Work()
        first = asyncio.create_task(ask(database, failing))
        await begun.wait()
        second = asyncio.create_task(ask(database, work))
        go_on.set()
        results = await asyncio.gather(first, second, return_exceptions=True)
        assert isinstance(results[0], ZeroDivisionError)
        assert results[1] == {"operation": 1}

    scenario(postgres, story)


def test_a_key_is_forgotten_after_a_day(postgres):
    async def story(database):
        work = Work()
        await ask(database, work)
        async with database.session(visible=EVERYTHING) as session:
            await session.execute(text("UPDATE idempotency_keys SET created_at = created_at - interval '25 hours'"))
        assert await ask(database, work, body="another") == {"operation": 2}

    scenario(postgres, story)


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_of_the_wrong_length_is_refused(postgres, key):
    async def story(database):
        with pytest.raises(Problem, match="characters"):
            await ask(database, Work(), key=key)

    scenario(postgres, story)

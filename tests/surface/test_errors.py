"""What goes wrong inside stays inside: the client gets a request id, the log has the rest (T4, ASVS 16.5)."""

import asyncio
import json

import asyncpg
import httpx
from sqlalchemy.exc import OperationalError

from skyclust.kit.db import Database
from skyclust.kit.http import Guard
from tenancy import server_logs
from whole_app import kind_of, whole

INSIDE = "SELECT sealed FROM credentials WHERE owner = 'grace hopper' -- /srv/skyclust/kit/db.py line 7"


class Broken(Database):
    """A dependency that fails with much to tell."""

    def __init__(self, error, engine):
        self.error, self.engine = error, engine

    def session(self, **_):
        raise self.error


def test_a_failing_dependency_is_500_with_an_id_and_nothing_of_what_failed(postgres):
    async def story(site):
        site.defects = True
        person = await site.person()
        site.app.state.database = Broken(RuntimeError(INSIDE), site.database.engine)
        answer = await person.client.get("/operations")
        return answer, site.logs.getvalue()

    answer, logged = whole(postgres, story)
    assert (answer.status_code, kind_of(answer)) == (500, "internal")
    trace_id = answer.headers["x-trace-id"]
    assert answer.json()["trace_id"] == trace_id
    for word in ("SELECT", "sealed", "grace", "RuntimeError", "Traceback", ".py"):
        assert word not in answer.text, word
    assert "default-src" in answer.headers["content-security-policy"]
    told = [json.loads(line) for line in logged.splitlines() if trace_id in line]
    assert [line["event"] for line in told] == ["unexpected error", "request"]
    assert "SELECT sealed" in json.dumps(told[0])


def test_a_database_that_is_away_is_503_to_be_tried_again(postgres):
    lost = OperationalError(INSIDE, {}, asyncpg.ConnectionDoesNotExistError("connection was closed"))

    async def story(site):
        person = await site.person()
        answers = []
        for error in (ConnectionRefusedError("no"), asyncpg.CannotConnectNowError("starting"), lost):
            site.app.state.database = Broken(error, site.database.engine)
            answers.append(await person.client.get("/operations"))
        return answers

    for answer in whole(postgres, story):
        assert (answer.status_code, kind_of(answer)) == (503, "unavailable")
        assert answer.headers["retry-after"] == "2"
        assert "SELECT" not in answer.text


def test_an_answer_that_breaks_off_is_logged_and_not_made_up():
    async def breaks(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError(INSIDE)

    sent = []

    async def story():
        async def send(message):
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [], "client": ("a", 1)}
        await Guard(breaks)(scope, asyncio.Event().wait, send)

    with server_logs() as logs:
        asyncio.run(story())
    assert [message["type"] for message in sent] == ["http.response.start"]
    assert "SELECT sealed" in logs.getvalue()


def test_what_nobody_serves_is_a_problem_too():
    async def ask():
        async def missing(scope, receive, send):
            raise AssertionError("unreachable")

        async with httpx.AsyncClient(transport=httpx.ASGITransport(Guard(missing)), base_url="http://x") as client:
            return await client.get("/")

    assert kind_of(asyncio.run(ask())) == "internal"

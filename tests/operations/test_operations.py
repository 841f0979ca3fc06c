"""Operations through the HTTP door: reading, acting, and streams that end with their session."""

import asyncio
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID, uuid4

import orjson

from building import on_site
from skyclust.events.bus import InProcessBus
from skyclust.events.relay import Relay
from skyclust.operations.router import router
from skyclust.providers.sim.faults import Fault, Mode
from tenancy import problem_kind
from waiting import until


def on_the_line(postgres, scenario):
    """A site with the routes of operations and a bus."""

    async def prepared(site):
        site.house.app.state.bus = InProcessBus()
        site.house.app.include_router(router, prefix="/api/v1")
        await scenario(site)

    on_site(postgres, prepared)


async def blocked_cluster(site):
    """A cluster whose creation waits for a person."""
    site.faults.add("create.gateway", Fault(Mode.QUOTA))
    operation = await site.create()
    assert (await site.ended(operation)).state == "needs_attention"
    return operation["id"]


def test_without_a_session_every_route_is_401(postgres):
    async def scenario(site):
        nobody, one = site.house.anonymous, f"/operations/{uuid4()}"
        for path in ("/operations", one, f"{one}/events", "/events"):
            assert (await nobody.get(path)).status_code == 401
        for action in ("cancel", "resume", "rollback"):
            assert (await nobody.post(f"{one}:{action}")).status_code == 401

    on_the_line(postgres, scenario)


def test_an_operation_is_read_with_its_steps_timeline_and_what_one_may_do(postgres):
    async def scenario(site):
        operation_id = await blocked_cluster(site)
        shown = (await site.vic.client.get(f"/operations/{operation_id}")).json()
        assert shown["state"] == "needs_attention"
        assert shown["kind"] == "cluster.create"
        assert shown["error"]["reason"] == "NeedsAttention"
        assert shown["error"]["message"]
        assert shown["target"]["name"] == "one"
        assert shown["actions"] == ["resume", "rollback"]
        assert shown["requested_by"]["label"] == "ada@example.com"
        assert {"key", "state", "title", "expected_seconds", "external_id"} <= set(shown["steps"][0])
        assert any(" created in " in line["text"] for line in shown["timeline"])
        assert "1 waiting for a person" in shown["timeline"][-1]["text"]
        [waiting] = shown["attention"]
        assert (waiting["step"], waiting["reason"]) == ("gateway", "QuotaExceeded")
        assert "quota page" in waiting["remedy"]
        assert shown["leftovers"] == []
        assert shown["progress"]["done"] < shown["progress"]["total"] == len(shown["steps"])
        assert shown["links"]["rollback"].endswith(":rollback")

    on_the_line(postgres, scenario)


def test_lists_are_filtered_and_paged(postgres):
    async def scenario(site):
        first, second = await site.create_network("a"), await site.create_network("b", "10.8.0.0/16")
        vic = site.vic.client
        page = (await vic.get("/operations?limit=1")).json()
        rest = (await vic.get(f"/operations?limit=1&cursor={page['next_cursor']}")).json()
        assert [item["id"] for item in page["items"] + rest["items"]] == [second["id"], first["id"]]
        assert rest["next_cursor"] is None
        narrowed = (await vic.get(f"/operations?target_id={first['target']['id']}&kind=network.create")).json()
        assert [item["id"] for item in narrowed["items"]] == [first["id"]]
        assert (await vic.get("/operations?state=failed")).json()["items"] == []
        assert (await vic.get("/operations?state=nonsense")).status_code == 422
        assert (await vic.get("/operations?cursor=nonsense")).status_code == 422
        assert (await site.eve.client.get("/operations")).json()["items"] == []
        assert (await site.eve.client.get(f"/operations?workspace_id={site.workspace}")).status_code == 404

    on_the_line(postgres, scenario)


def test_an_operation_of_another_tenant_is_404_whatever_one_asks(postgres):
    async def scenario(site):
        one = f"/operations/{(await site.create_network())['id']}"
        eve = site.eve.client
        answers = [await eve.get(one), await eve.get(f"{one}/events")]
        answers += [await eve.post(f"{one}:{action}") for action in ("cancel", "resume", "rollback")]
        assert {answer.status_code for answer in answers} == {404}

    on_the_line(postgres, scenario)


def test_a_viewer_may_look_but_not_act(postgres):
    async def scenario(site):
        one = f"/operations/{(await site.create_network())['id']}"
        for action in ("cancel", "resume", "rollback"):
            refused = await site.vic.client.post(f"{one}:{action}")
            assert refused.status_code == 403
            assert "operations.act" in refused.text

    on_the_line(postgres, scenario)


def test_cancel_resume_and_roll_back_are_done_rung_and_audited(postgres):
    async def scenario(site):
        rings = []
        site.house.app.state.engine_bell = partial(rings.append, 1)
        one = f"/operations/{(await site.create_network())['id']}"
        uma = site.uma.client
        cancelled = await uma.post(f"{one}:cancel")
        assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")
        assert problem_kind(await uma.post(f"{one}:cancel")) == "operation-ended"
        resumed = await uma.post(f"{one}:resume")
        assert (resumed.status_code, resumed.json()["state"]) == (202, "running")
        assert problem_kind(await uma.post(f"{one}:resume")) == "operation-state"
        assert problem_kind(await uma.post(f"{one}:rollback")) == "operation-state"
        await uma.post(f"{one}:cancel")
        back = await uma.post(f"{one}:rollback")
        assert back.status_code == 202
        assert back.json()["kind"] == "network.create.rollback"
        assert len(rings) == 5  # with the creation
        await site.succeeded(back.json())
        entries = (await site.ada.client.get("/audit-logs")).json()["items"]
        acts = [entry["action"] for entry in entries if entry["action"].startswith("operation.")]
        assert sorted(acts) == [
            "operation.cancel_requested", "operation.cancel_requested",
            "operation.resumed", "operation.rollback_requested",
        ]  # fmt: skip

    on_the_line(postgres, scenario)


class OpenStream:
    """One GET over bare ASGI: httpx would wait for the end of the body."""

    def __init__(self, app, path: str, headers: dict[str, str]) -> None:
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self.scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "method": "GET",
            "scheme": "http", "path": f"/api/v1{path}", "raw_path": f"/api/v1{path}".encode(), "query_string": b"",
            "headers": raw, "client": ("127.0.0.1", 1), "server": ("skyclust", 80), "root_path": "",
        }  # fmt: skip
        self.app = app
        self.gone = asyncio.Event()
        self.start: dict = {}
        self.body = b""
        self.ended = False

    async def run(self) -> None:
        await self.app(self.scope, self.receive, self.send)

    async def receive(self) -> dict:
        if not self.start:
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict) -> None:
        if message["type"] == "http.response.start":
            self.start = message
            return
        self.body += message.get("body", b"")
        self.ended = not message.get("more_body", False)

    def events(self) -> list[tuple[str, str, dict]]:
        """(kind, id, document) of every whole event so far."""
        found = []
        for block in self.body.decode().split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line and line[0] != ":")
            if "data" in fields:
                found.append((fields.get("event", "message"), fields.get("id", ""), orjson.loads(fields["data"])))
        return found

    def names(self) -> list[str]:
        return [document.get("name", kind) for kind, _, document in self.events()]


@asynccontextmanager
async def opened(site, person, path, **headers):
    """A stream read in the background, entered once the feed has its reader."""
    given = {"authorization": person.client.headers["authorization"], **headers}
    stream = OpenStream(site.house.app, path, given)
    task = asyncio.create_task(stream.run())
    state = site.house.app.state
    before = len(state.feed._readers) if hasattr(state, "feed") else 0
    await until(
        lambda: task.done() or (hasattr(state, "feed") and len(state.feed._readers) > before), what="the stream"
    )
    try:
        yield stream
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def relay(site) -> None:
    await Relay(site.house.database, site.house.app.state.bus, owner="test").relay_once()


def test_a_stream_of_an_operation_begins_with_it_and_follows_it(postgres):
    async def scenario(site):
        operation = await site.create_network()
        path = f"/operations/{operation['id']}/events"
        async with opened(site, site.vic, path) as stream:
            await until(stream.events, what="the snapshot")
            kind, _, document = stream.events()[0]
            assert (kind, document["id"], document["state"]) == ("snapshot", operation["id"], "pending")
            assert dict(stream.start["headers"])[b"content-type"].startswith(b"text/event-stream")
            await site.ada.client.post(f"/operations/{operation['id']}:cancel")
            await site.create_network("other", "10.9.0.0/16")
            await relay(site)
            await until(lambda: "operation.cancelled" in stream.names(), what="the end")
            assert stream.names() == ["snapshot", "operation.cancel_requested", "operation.cancelled"]

    on_the_line(postgres, scenario)


def test_the_stream_of_everything_shows_each_caller_their_own_and_resumes(postgres):
    async def scenario(site):
        async with opened(site, site.vic, "/events") as stream, opened(site, site.eve, "/events") as foreign:
            await site.create_network()
            await relay(site)
            await until(lambda: "operation.started" in stream.names())
            seen = stream.events()
        others = {document["workspace_id"] for _, _, document in foreign.events()}
        assert str(site.workspace) not in others
        started = next(place for _, place, document in seen if document["name"] == "operation.started")
        later = await site.create_network("later", "10.9.0.0/16")
        async with opened(site, site.vic, "/events", **{"last-event-id": started}) as stream:
            await until(lambda: stream.names().count("operation.started") == 1)
            topics = {document["topic"] for _, _, document in stream.events()}
            assert f"operation/{later['id']}" in topics
        bad = await site.vic.client.get("/events", headers={"last-event-id": "nonsense"})
        assert bad.status_code == 422

    on_the_line(postgres, scenario)


def test_a_stream_is_cut_when_its_session_ends(postgres):
    async def scenario(site):
        async with opened(site, site.vic, "/events") as ending, opened(site, site.uma, "/events") as staying:
            await site.house.execute("UPDATE sessions SET ended_at = now() WHERE id = :id", id=site.vic.session_id)
            site.house.clock.pass_(seconds=2)
            await until(lambda: ending.ended, seconds=5, what="the cut")
            assert ending.names() == ["closed"]
            assert not staying.ended

    on_the_line(postgres, scenario)


def test_a_stream_of_an_operation_is_cut_when_the_membership_ends(postgres):
    async def scenario(site):
        operation = await site.create_network()
        async with opened(site, site.vic, f"/operations/{operation['id']}/events") as stream:
            await site.house.execute("DELETE FROM members WHERE user_id = :id", id=UUID(str(site.vic.id)))
            site.house.clock.pass_(seconds=2)
            await until(lambda: stream.ended, seconds=5, what="the cut")
            assert stream.names()[-1] == "closed"

    on_the_line(postgres, scenario)

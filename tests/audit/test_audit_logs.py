"""The audit log: written with the act or the act does not happen; nobody reads others'; tampering is named."""

import asyncio
import csv
import io
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from skyclust.audit.models import AuditEntryRow
from skyclust.credentials.keyring import Keyring
from skyclust.events.publishing import Actor, Event, publish
from skyclust.kit.db import visible_to
from tenancy import KEYS, through_the_door

ROUTES = ["/audit-logs", "/audit-logs:verify", "/audit-logs:export"]


async def acts(house, workspace, number=5, name="thing.happened", **data):
    for index in range(number):
        async with house.database.session(visible="*") as session:
            actor = Actor(None, "somebody@example.com", "10.0.0.1", "request")
            await publish(session, Event(name, f"thing/{index}", workspace, {"number": index, **data}, actor))
        house.clock.pass_(seconds=1)


async def verified(house, person, **params):
    return (await person.client.get("/audit-logs:verify", params=params)).json()


def test_anonymous_is_401_on_every_route(postgres):
    async def scenario(house):
        return [(await house.anonymous.get(path)).status_code for path in ROUTES]

    assert through_the_door(postgres, scenario) == [401] * 3


@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("user", 403), ("viewer", 403), ("stranger", 404)])
def test_only_administrators_of_the_workspace_read_its_log(postgres, role, status):
    async def scenario(house):
        person, owner = await house.person(), await house.person()
        members = {role: person} if role != "stranger" else {"admin": owner}
        workspace = await house.workspace(**members)
        return [await person.client.get(path, params={"workspace_id": str(workspace)}) for path in ROUTES]

    answers = through_the_door(postgres, scenario)
    assert [answer.status_code for answer in answers] == [status] * 3
    if status == 403:
        assert {answer.json()["missing_permission"] for answer in answers} == {"audit.read"}


def test_what_concerns_no_workspace_is_for_administrators_of_the_installation(postgres):
    async def scenario(house):
        person, admin = await house.person(), await house.person(admin=True)
        await house.workspace(admin=person)
        await house.anonymous.post("/auth/login", json={"email": "typo-password@x.y", "password": "wrong"})
        refused = [(await person.client.get(path, params={"platform": "true"})).status_code for path in ROUTES]
        seen = (await admin.client.get("/audit-logs", params={"platform": "true"})).json()["items"]
        own = (await person.client.get("/audit-logs")).json()["items"]
        return refused, seen, own, await verified(house, admin, platform="true")

    refused, seen, own, proof = through_the_door(postgres, scenario)
    assert refused == [403] * 3
    assert [(item["action"], item["outcome"], item["actor_label"]) for item in seen] == [
        ("user.sign_in_refused", "failure", "unknown account")
    ]
    assert own == []
    assert (proof["intact"], proof["entries"]) == (True, 1)


def test_a_mutation_leaves_one_entry_with_who_what_before_and_after(postgres):
    async def scenario(house):
        person = await house.person()
        workspace = await house.workspace(name="old", admin=person)
        await person.client.patch(f"/workspaces/{workspace}", json={"name": "new"})
        return person, workspace, (await person.client.get("/audit-logs")).json()["items"]

    person, workspace, items = through_the_door(postgres, scenario)
    assert len(items) == 1
    entry = items[0]
    assert (entry["action"], entry["target"]) == ("workspace.updated", f"workspace/{workspace}")
    assert (entry["actor_id"], entry["actor_label"], entry["address"]) == (str(person.id), person.email, "127.0.0.1")
    assert entry["data"] == {"before": {"name": "old"}, "after": {"name": "new"}}


def test_a_secret_that_an_event_holds_by_mistake_does_not_get_into_an_entry(postgres):
    token = "skyclust_" + "a1" * 20

    async def scenario(house):
        person = await house.person()
        workspace = await house.workspace(admin=person)
        await acts(house, workspace, 1, text=f"Bearer {token}", list=[{"deep": [f"x {token}"]}])
        items = (await person.client.get("/audit-logs")).json()["items"]
        return items[0]["data"], await verified(house, person)

    data, proof = through_the_door(postgres, scenario)
    assert token not in json.dumps(data)
    assert (data["number"], data["list"]) == (0, [{"deep": ["x [redacted]"]}])
    assert proof["intact"] is True


def test_a_read_leaves_no_entry(postgres):
    async def scenario(house):
        person = await house.person()
        workspace = await house.workspace(admin=person)
        for path in ("/auth/me", "/workspaces", f"/workspaces/{workspace}/members", "/credentials", "/audit-logs"):
            await person.client.get(path)
        return await house.scalar("SELECT count(*) FROM audit_entries")

    assert through_the_door(postgres, scenario) == 0


def test_when_the_entry_cannot_be_written_the_act_does_not_happen(postgres):
    async def scenario(house):
        person = await house.person(raises=False)
        workspace = await house.workspace(name="old", admin=person)
        await house.execute("ALTER TABLE audit_entries ADD CONSTRAINT full_disk CHECK (false) NOT VALID")
        try:
            answer = await person.client.patch(f"/workspaces/{workspace}", json={"name": "new"})
        finally:
            await house.execute("ALTER TABLE audit_entries DROP CONSTRAINT full_disk")
        outbox = await house.scalar("SELECT count(*) FROM outbox")
        return answer.status_code, await house.scalar("SELECT name FROM workspaces"), outbox

    assert through_the_door(postgres, scenario) == (500, "old", 0)


def test_the_application_may_neither_change_nor_remove_an_entry(postgres):
    async def scenario(house):
        refusals = []
        for statement in (
            "UPDATE audit_entries SET action = 'x'",
            "DELETE FROM audit_entries",
            "TRUNCATE audit_entries",
            "DELETE FROM audit_heads",
        ):
            try:
                async with house.database.session(visible="*") as session:
                    await session.execute(text(statement))
            except DBAPIError as error:
                refusals.append("permission denied" in str(error))
        return refusals

    assert through_the_door(postgres, scenario) == [True] * 4


def test_row_level_security_hides_other_logs_from_a_query_without_a_filter(postgres):
    async def scenario(house):
        mine, theirs = uuid4(), uuid4()
        await acts(house, mine, 1)
        await acts(house, theirs, 1)
        await acts(house, None, 1)
        async with house.database.session() as session:
            await visible_to(session, [mine])
            return mine, [row.workspace_id for row in await session.scalars(select(AuditEntryRow))]

    mine, seen = through_the_door(postgres, scenario)
    assert seen == [mine]


def test_filters_and_pages(postgres):
    async def scenario(house):
        person = await house.person()
        workspace = await house.workspace(admin=person)
        start = house.clock.now()
        await acts(house, workspace, 5)
        await acts(house, workspace, 2, name="other.done")
        get = person.client.get
        seen = []
        cursor = None
        while True:
            page = (await get("/audit-logs", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))).json()
            seen += [item["seq"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        counts = {}
        for name, value in {
            "action": "other.done",
            "actor": "somebody@example.com",
            "target": "thing/1",
            "request_id": "request",
            "q": "HAPPEN",
            "since": (start + timedelta(seconds=5)).isoformat(),
            "until": (start + timedelta(seconds=2)).isoformat(),
        }.items():
            counts[name] = len((await get("/audit-logs", params={name: value})).json()["items"])
        wild = len((await get("/audit-logs", params={"action": "thing.*"})).json()["items"])
        kind = len((await get("/audit-logs", params={"target": "thing/*"})).json()["items"])
        none = [
            len((await get("/audit-logs", params=params)).json()["items"])
            for params in (
                {"action": "%*"},
                {"q": "%"},
                {"q": "h_ppen"},
                {"request_id": "req"},
                {"actor": str(uuid4())},
            )
        ]
        return seen, counts, wild, kind, none

    seen, counts, wild, kind, none = through_the_door(postgres, scenario)
    assert seen == [7, 6, 5, 4, 3, 2, 1]
    assert counts == {"action": 2, "actor": 7, "target": 2, "request_id": 7, "q": 5, "since": 2, "until": 2}
    assert (wild, kind) == (5, 7)
    assert none == [0] * 5


def test_words_are_found_in_what_changed_and_an_actor_by_id(postgres):
    async def scenario(house):
        person = await house.person()
        workspace = await house.workspace(name="old", admin=person)
        await person.client.patch(f"/workspaces/{workspace}", json={"name": "the new name"})
        await acts(house, workspace, 2)
        found = []
        for params in ({"q": "new NAME"}, {"actor": str(person.id)}, {"q": "new name", "action": "thing.*"}):
            answer = await person.client.get("/audit-logs", params=params)
            found.append([item["action"] for item in answer.json()["items"]])
        return found

    assert through_the_door(postgres, scenario) == [["workspace.updated"], ["workspace.updated"], []]


MANY = """
INSERT INTO audit_entries SELECT 'c' || n % 3, n, '2026-03-01', gen_random_uuid(), NULL, now(), gen_random_uuid(),
  'l' || n, '', 'r' || n, 'a' || n, 't' || n, '', '{}', '', '', '' FROM generate_series(1, 3000) AS n
"""


def test_a_search_by_any_filter_reads_an_index(postgres):
    wanted = {"request_id": "r9", "action": "a9", "target": "t9", "actor_label": "l9", "actor_id": str(uuid4())}

    async def scenario(house):
        await house.execute(MANY)
        await house.execute("ANALYZE audit_entries")
        plans = {}
        for column, value in wanted.items():
            async with house.database.session(visible="*") as session:
                statement = f"EXPLAIN SELECT * FROM audit_entries WHERE chain = 'c1' AND {column} = '{value}'"
                plans[column] = "\n".join(await session.scalars(text(statement)))
        return plans

    for column, plan in through_the_door(postgres, scenario).items():
        assert f"entries_rest_chain_{column}" in plan, plan


def test_an_untouched_chain_is_intact_also_after_its_key_was_replaced(postgres):
    async def scenario(house):
        person = await house.person()
        workspace = await house.workspace(admin=person)
        awkward = {
            "text": 'ü "\\ \U0001f600',
            "float": 1.0,
            "small": 1e-9,
            "none": None,
            "list": [1, {"a": []}],
            "id": uuid4(),
        }
        await acts(house, workspace, 5, **awkward)
        house.app.state.keyring = Keyring("new", KEYS)
        return await verified(house, person)

    proof = through_the_door(postgres, scenario)
    assert (proof["intact"], proof["entries"], proof["first_bad_seq"], proof["head_seq"]) == (True, 5, None, 5)
    assert len(proof["head_hash"]) == 64


TAMPERING = {
    "an entry changed": ("UPDATE audit_entries SET action = 'x' WHERE seq = 3", 3),
    "its data changed": ("""UPDATE audit_entries SET data = '{"number": 9}' WHERE seq = 2""", 2),
    "its time changed": ("UPDATE audit_entries SET at = at + interval '1 microsecond' WHERE seq = 4", 4),
    "its actor changed": ("UPDATE audit_entries SET actor_label = 'y' WHERE seq = 1", 1),
    "an entry removed": ("DELETE FROM audit_entries WHERE seq = 3", 3),
    "two entries exchanged": (
        "UPDATE audit_entries SET seq = CASE seq WHEN 2 THEN 300 ELSE 2 END WHERE seq IN (2, 3); ",
        2,
    ),
    "the last entries removed": ("DELETE FROM audit_entries WHERE seq > 3", 4),
    "an entry moved to another chain": ("UPDATE audit_entries SET chain = 'other' WHERE seq = 5", 5),
    "hidden from its workspace": ("UPDATE audit_entries SET workspace_id = gen_random_uuid() WHERE seq = 2", 2),
    "an entry sealed under another key": ("UPDATE audit_entries SET key_id = 'new' WHERE seq = 2", 2),
    "the head set back": ("UPDATE audit_heads SET seq = 4", 4),
}


@pytest.mark.parametrize("name", TAMPERING)
def test_tampering_is_found_and_the_first_bad_entry_named(postgres, name):
    statement, bad = TAMPERING[name]

    async def scenario(house):
        person = await house.person()
        workspace = await house.workspace(admin=person)
        await acts(house, workspace)
        await house.execute(statement)
        return await verified(house, person)

    proof = through_the_door(postgres, scenario)
    assert proof["intact"] is False
    assert proof["first_bad_seq"] == bad, proof["reason"]
    assert proof["reason"]


def test_entries_appended_in_parallel_make_one_chain(postgres):
    async def scenario(house):
        person = await house.person()
        workspace = await house.workspace(admin=person)
        await asyncio.gather(*(acts(house, workspace, 1) for _ in range(10)))
        return await verified(house, person)

    proof = through_the_door(postgres, scenario)
    assert (proof["intact"], proof["entries"]) == (True, 10)


def test_exports_hold_every_entry_are_recorded_and_no_cell_is_a_formula(postgres):
    async def scenario(house):
        person = await house.person()
        workspace = await house.workspace(name="=cmd|' /C calc'!A0", admin=person)
        await acts(house, workspace, 3)
        async with house.database.session(visible="*") as session:
            await publish(session, Event("a.b", "=1+1", workspace, {}, Actor(None, "@SUM(A1)", "+1", "-2")))
        lines = await person.client.get("/audit-logs:export")
        narrowed = {"action": "a.*", "q": "sum", "request_id": "-2", "since": "2026-01-01T00:00:00Z"}
        table = await person.client.get("/audit-logs:export", params={"format": "csv", **narrowed})
        about = (await person.client.get("/audit-logs", params={"action": "audit.exported", "limit": 1})).json()[
            "items"
        ]
        return lines, table, about[0]["data"]

    lines, table, about = through_the_door(postgres, scenario)
    entries = [json.loads(line) for line in lines.text.splitlines()]
    assert [entry["action"] for entry in entries] == ["thing.happened"] * 3 + ["a.b", "audit.exported"]
    assert all(len(entry["hash"]) == 64 for entry in entries)
    assert {key: value for key, value in about.items() if value} == {
        "format": "csv", "action": "a.*", "words": "sum", "request_id": "-2", "since": "2026-01-01T00:00:00+00:00"
    }  # fmt: skip
    saved = [answer.headers["content-disposition"] for answer in (lines, table)]
    assert saved == [f'attachment; filename="audit-log.{kind}"' for kind in ("ndjson", "csv")]
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["target"] for row in rows] == ["'=1+1"]
    assert (rows[0]["actor_label"], rows[0]["address"], rows[0]["request_id"]) == ("'@SUM(A1)", "'+1", "'-2")

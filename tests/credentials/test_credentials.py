"""Cloud accounts through the door: the cloud is asked first, secrets go in only, other tenants see nothing."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from canaries import canary
from skyclust.contract.errors import InvalidSpec, PermissionDenied, Throttled, Unavailable
from skyclust.credentials.models import CredentialRow
from skyclust.credentials.schemas import CredentialBody
from skyclust.kit.db import visible_to
from skyclust.workspaces.models import MemberRow
from tenancy import RIGHT_KEY, plant_stack, problem_kind, through_the_door

CANARY = canary("another-key")
ZERO = "00000000-0000-0000-0000-000000000000"


def body(workspace=None, name="main", secret=RIGHT_KEY, **data):
    document = {"name": name, "provider": "cumulus", "data": {"secret_key": secret, **data}}
    return document | ({"workspace_id": str(workspace)} if workspace else {})


ROUTES = [
    ("GET", "/credentials", None),
    ("GET", "/credentials/{c}", None),
    ("POST", "/credentials", body(name="second")),
    ("POST", "/credentials/{c}:verify", None),
    ("PATCH", "/credentials/{c}", {"name": "renamed"}),
    ("DELETE", "/credentials/{c}", None),
]


def test_anonymous_is_401_on_every_route(postgres):
    async def scenario(house):
        answers = [await house.anonymous.request(m, path.format(c=ZERO), json=json) for m, path, json in ROUTES]
        return {answer.status_code for answer in answers}

    assert through_the_door(postgres, scenario) == {401}


#: Status per role in the order of ROUTES.
MATRIX = {
    "admin": [200, 200, 201, 200, 200, 204],
    "user": [200, 200, 403, 200, 403, 403],
    "viewer": [200, 200, 403, 403, 403, 403],
    "stranger": [200, 404, 404, 404, 404, 404],
}


@pytest.mark.parametrize("role", MATRIX)
def test_each_role_may_do_what_the_matrix_says(postgres, role):
    async def scenario(house):
        owner, caller = await house.person(), await house.person()
        workspace = await house.workspace(admin=owner)
        await house.workspace(admin=caller) if role == "stranger" else None
        if role != "stranger":
            async with house.database.session(visible="*") as session:
                session.add(
                    MemberRow(workspace_id=workspace, user_id=caller.id, role=role, created_at=house.clock.now())
                )
        credential = (await owner.client.post("/credentials", json=body())).json()["id"]
        answers = []
        for method, path, json in ROUTES:
            json = json | {"workspace_id": str(workspace)} if method == "POST" and json else json  # noqa: PLW2901
            answers.append(await caller.client.request(method, path.format(c=credential), json=json))
        return answers

    answers = through_the_door(postgres, scenario)
    assert [answer.status_code for answer in answers] == MATRIX[role]
    for answer in answers:
        if answer.status_code == 403:
            assert answer.json()["missing_permission"].startswith("credentials.")


def test_a_credential_is_verified_and_answered_without_its_secret(postgres):
    async def scenario(house):
        person = await house.person()
        workspace = await house.workspace(admin=person)
        created = await person.client.post("/credentials", json=body())
        got = await person.client.get(created.headers["location"].removeprefix("/api/v1"))
        return workspace, created, got.json()

    workspace, created, got = through_the_door(postgres, scenario)
    assert created.status_code == 201
    assert got == created.json()
    assert (got["account"], got["principal"], got["state"]) == ("account-1", "account-1/root", "valid")
    assert got["workspace_id"] == str(workspace)
    assert not {"data", "secret_key", "sealed", "wrapped_key"} & set(got)


def test_what_the_cloud_refuses_is_not_stored_and_the_refused_call_is_named(postgres):
    async def scenario(house):
        person = await house.person()
        await house.workspace(admin=person)
        wrong = await person.client.post("/credentials", json=body(secret=CANARY))
        house.cloud.failure = PermissionDenied("May not list regions.", operation="ec2:DescribeRegions")
        denied = await person.client.post("/credentials", json=body())
        return wrong, denied, await house.scalar("SELECT count(*) FROM credentials")

    wrong, denied, stored = through_the_door(postgres, scenario)
    assert (wrong.status_code, problem_kind(wrong)) == (422, "credential-refused")
    assert "sts:GetCallerIdentity" in wrong.json()["detail"]
    assert denied.json()["refused_call"] == "ec2:DescribeRegions"
    assert stored == 0


@pytest.mark.parametrize(
    ("failure", "status", "kind"),
    [
        (Unavailable("no answer"), 503, "cloud-unavailable"),
        (Throttled("slow down", retry_after_seconds=7), 503, "cloud-unavailable"),
        (InvalidSpec("The key is not PEM.", field="secret_key"), 422, "invalid"),
    ],
)
def test_other_answers_of_the_cloud_become_problems_too(postgres, failure, status, kind):
    async def scenario(house):
        person = await house.person()
        await house.workspace(admin=person)
        house.cloud.failure = failure
        return await person.client.post("/credentials", json=body())

    answer = through_the_door(postgres, scenario)
    assert (answer.status_code, problem_kind(answer)) == (status, kind)
    if isinstance(failure, Throttled):
        assert answer.headers["retry-after"] == "7"
    if status == 422:
        assert answer.json()["errors"][0]["pointer"] == "/data/secret_key"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"provider": "stratus"}, "/provider"),
        ({"data": {}}, "/data/secret_key"),
        ({"data": {"secret_key": CANARY, "acces_key": "x"}}, "/data/acces_key"),
        ({"data": {"secret_key": [CANARY]}}, "/data/secret_key"),
        ({"data": {"secret_key": CANARY * 20}}, "/data/secret_key"),
        ({"data": CANARY}, "/data"),
        ({"name": ""}, "/name"),
        ({"role": "admin"}, "/role"),
    ],
)
def test_bad_input_names_its_field_asks_no_cloud_and_repeats_no_secret(postgres, change, pointer):
    async def scenario(house):
        person = await house.person()
        await house.workspace(admin=person)
        return await person.client.post("/credentials", json=body() | change), house.cloud.calls

    answer, calls = through_the_door(postgres, scenario)
    assert (answer.status_code, calls) == (422, 0)
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert CANARY not in answer.text


def test_no_database_connection_is_held_while_the_cloud_is_asked(postgres):
    async def scenario(house):
        person = await house.person()
        await house.workspace(admin=person)
        held = []
        house.cloud.during = lambda: held.append(house.database.engine.pool.checkedout())
        credential = (await person.client.post("/credentials", json=body())).json()["id"]
        await person.client.post(f"/credentials/{credential}:verify")
        await person.client.patch(f"/credentials/{credential}", json={"data": body()["data"]})
        return held

    assert through_the_door(postgres, scenario) == [0, 0, 0]


def test_a_foreign_workspace_in_the_body_is_404_and_no_cloud_is_asked(postgres):
    async def scenario(house):
        person, other = await house.person(), await house.person()
        await house.workspace(admin=person)
        foreign = await house.workspace(admin=other)
        answer = await person.client.post("/credentials", json=body(foreign))
        listed = await person.client.get("/credentials", params={"workspace_id": str(foreign)})
        return answer.status_code, listed.status_code, house.cloud.calls

    assert through_the_door(postgres, scenario) == (404, 404, 0)


def test_lists_show_the_own_workspaces_only_page_by_page(postgres):
    async def scenario(house):
        person, other = await house.person(), await house.person()
        await house.workspace(admin=person)
        await house.workspace(admin=other)
        await other.client.post("/credentials", json=body())
        for name in ("a", "b", "c"):
            await person.client.post("/credentials", json=body(name=name))
        first = (await person.client.get("/credentials", params={"limit": 2})).json()
        rest = (await person.client.get("/credentials", params={"cursor": first["next_cursor"]})).json()
        none = (await person.client.get("/credentials", params={"provider": "stratus"})).json()
        bad = await person.client.get("/credentials", params={"cursor": "WyJ4Il0"})
        return [item["name"] for item in first["items"] + rest["items"]], none["items"], bad.status_code

    assert through_the_door(postgres, scenario) == (["a", "b", "c"], [], 422)


def test_row_level_security_hides_credentials_from_a_query_without_a_filter(postgres):
    async def scenario(house):
        person = await house.person()
        await house.workspace(admin=person)
        await person.client.post("/credentials", json=body())
        async with house.database.session() as session:
            nobody = (await session.scalars(select(CredentialRow))).all()
        async with house.database.session() as session:
            await visible_to(session, [uuid4()])
            another = (await session.scalars(select(CredentialRow))).all()
        return nobody, another

    assert through_the_door(postgres, scenario) == ([], [])


def test_one_name_once_per_workspace(postgres):
    async def scenario(house):
        person = await house.person()
        await house.workspace(admin=person)
        await person.client.post("/credentials", json=body())
        again = await person.client.post("/credentials", json=body())
        other = (await person.client.post("/credentials", json=body(name="other"))).json()["id"]
        renamed = await person.client.patch(f"/credentials/{other}", json={"name": "main"})
        return problem_kind(again), problem_kind(renamed), house.cloud.calls

    assert through_the_door(postgres, scenario) == ("credential-name-taken", "credential-name-taken", 2)


def test_replacing_the_secret_verifies_it_and_raises_the_version(postgres):
    async def scenario(house):
        person = await house.person()
        await house.workspace(admin=person)
        path = f"/credentials/{(await person.client.post('/credentials', json=body())).json()['id']}"
        house.cloud.accounts["fresh-secret-key"] = "account-1"
        refused = await person.client.patch(path, json={"data": {"secret_key": "wrong-secret-key"}})
        before = (await person.client.get(path)).json()["version"]
        replaced = await person.client.patch(path, json={"data": {"secret_key": "fresh-secret-key"}})
        nothing = await person.client.patch(path, json={})
        return refused.status_code, before, replaced.json()["version"], nothing.status_code

    assert through_the_door(postgres, scenario) == (422, 1, 2, 422)


def test_a_used_credential_is_neither_deleted_nor_moved_to_another_account(postgres):
    async def scenario(house):
        person = await house.person()
        workspace = await house.workspace(admin=person)
        credential = (await person.client.post("/credentials", json=body())).json()["id"]
        await plant_stack(house, workspace, credential)
        house.cloud.accounts["other-secret-key"] = "account-2"
        path = f"/credentials/{credential}"
        moved = await person.client.patch(path, json={"data": {"secret_key": "other-secret-key"}})
        refused = await person.client.delete(path)
        await house.execute("UPDATE resources SET state = 'gone'")
        return moved, refused, (await person.client.delete(path)).status_code

    moved, refused, later = through_the_door(postgres, scenario)
    assert (moved.status_code, problem_kind(moved)) == (409, "credential-other-account")
    assert (refused.status_code, problem_kind(refused), refused.json()["count"]) == (409, "credential-in-use", 1)
    assert later == 204


def test_verifying_again_remembers_a_refusal_and_a_recovery(postgres):
    async def scenario(house):
        person = await house.person()
        await house.workspace(admin=person)
        path = f"/credentials/{(await person.client.post('/credentials', json=body())).json()['id']}"
        revoked = house.cloud.accounts.pop(RIGHT_KEY)
        refused = await person.client.post(f"{path}:verify")
        states = [(await person.client.get(path)).json()["state"]]
        house.cloud.accounts[RIGHT_KEY] = revoked
        await person.client.post(f"{path}:verify")
        states.append((await person.client.get(path)).json()["state"])
        return problem_kind(refused), states

    assert through_the_door(postgres, scenario) == ("credential-refused", ["invalid", "valid"])


def test_a_failing_commit_stores_nothing_and_answers_5xx(postgres):
    def doom(session, _):
        session.info["doomed"] = session.info.get("doomed") or any(isinstance(r, CredentialRow) for r in session.new)

    def fail(session):
        if session.info.get("doomed"):
            raise ConnectionError("the database went away")

    async def scenario(house):
        person = await house.person(raises=False)
        await house.workspace(admin=person)
        event.listen(Session, "after_flush", doom)
        event.listen(Session, "before_commit", fail)
        try:
            answer = await person.client.post("/credentials", json=body())
        finally:
            event.remove(Session, "before_commit", fail)
            event.remove(Session, "after_flush", doom)
        return answer.status_code, await house.scalar("SELECT count(*) FROM credentials")

    assert through_the_door(postgres, scenario) == (500, 0)


def test_a_secret_shows_in_no_answer_log_repr_audit_entry_or_table(postgres):
    async def scenario(house):
        person = await house.person(raises=False)
        await house.workspace(admin=person)
        texts = []
        house.cloud.accounts[CANARY] = "account-1"
        created = await person.client.post("/credentials", json=body(secret=CANARY))
        path = f"/credentials/{created.json()['id']}"
        texts.append(created.text)
        for failure in (
            PermissionDenied(f"The key {CANARY} may not.", operation="x"),
            Unavailable(f"could not send {CANARY}"),
            RuntimeError("a defect"),
        ):
            house.cloud.failure = failure
            texts += [
                (await person.client.post("/credentials", json=body(name="n", secret=CANARY))).text,
                (await person.client.patch(path, json={"data": {"secret_key": CANARY}})).text,
                (await person.client.post(f"{path}:verify")).text,
            ]
        house.cloud.failure = None
        await person.client.patch(path, json={"data": {"secret_key": CANARY}})
        for answer in ("/credentials", path, "/audit-logs", "/audit-logs:export", "/audit-logs:export?format=csv"):
            texts.append((await person.client.get(answer)).text)
        for table in ("credentials", "outbox", "audit_entries", "audit_heads", "stacks"):
            texts.append(await house.scalar(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t"))
        async with house.database.session(visible="*") as session:
            texts += [repr(row) for row in await session.scalars(select(CredentialRow))]
        return [*texts, repr(house.app.state.clouds), repr(house.keyring)], house.logs.getvalue()

    texts, logs = through_the_door(postgres, scenario)
    texts += [logs, repr(CredentialBody.model_validate(body(secret=CANARY)))]
    everything = "\n".join(texts)
    assert "credential.created" in everything
    assert "a defect" in logs
    assert CANARY not in everything
    assert CANARY.encode().hex() not in everything


def test_one_idempotency_key_gives_one_credential_and_one_answer(postgres):
    async def scenario(house):
        person = await house.person()
        await house.workspace(admin=person)
        post = person.client.post
        headers = {"Idempotency-Key": "k"}
        both = await asyncio.gather(*(post("/credentials", json=body(), headers=headers) for _ in range(2)))
        later = await post("/credentials", json=body(), headers=headers)
        other = await post("/credentials", json=body(name="other"), headers=headers)
        rows = await house.scalar("SELECT count(*) FROM credentials")
        kept = await house.scalar("SELECT string_agg(k::text, ' ') FROM idempotency_keys k")
        return [*both, later], other, rows, kept

    answers, other, rows, kept = through_the_door(postgres, scenario)
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.text for answer in answers}) == 1
    assert (other.status_code, problem_kind(other), rows) == (422, "idempotency-key-reused", 1)
    assert RIGHT_KEY not in kept


def test_a_provider_is_told_for_whom_it_works_and_nobody_can_say_so_themselves(postgres):
    async def scenario(house):
        person = await house.person()
        workspace = await house.workspace(admin=person)
        house.cloud.credential_schema["additionalProperties"] = True  # a careless provider
        refused = await person.client.post("/credentials", json=body(_tenant="skyclust-of-somebody-else"))
        created = (await person.client.post("/credentials", json=body())).json()
        path = f"/credentials/{created['id']}"
        await person.client.patch(path, json={"data": body()["data"]})
        await person.client.post(f"{path}:verify")
        await house.app.state.clouds.session_for(workspace, UUID(created["id"]), "r")
        stored = await house.scalar("SELECT length(sealed) FROM credentials")
        return f"skyclust-{workspace}", refused, created["external_id"], house.cloud.tenants, stored

    name, refused, shown, told, stored = through_the_door(postgres, scenario)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/data/_tenant")
    assert shown == name
    assert told == [name] * 4  # entered, replaced, verified, connected
    assert stored < 28 + 60, "it is not part of what is sealed"

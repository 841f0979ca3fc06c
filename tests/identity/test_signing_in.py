"""Signing in, refreshing, signing out: what works once, what ends at once, what is locked."""

import asyncio

import pytest

from canaries import canary
from skyclust.identity.passwords import _nobodys_hash, hash_password, is_password, password_fault
from skyclust.identity.schemas import LoginBody
from skyclust.identity.service.sessions import Tokens
from skyclust.identity.tokens import new_refresh_token
from skyclust.workspaces import service as workspaces
from tenancy import problem_kind, through_the_door

PASSWORD = canary("some unrelated words")


async def register(house, email="First@Example.com ", password=PASSWORD, **more):
    return await house.anonymous.post("/auth/register", json={"email": email, "password": password, **more})


async def login(house, email="first@example.com", password=PASSWORD, client=None):
    return await (client or house.anonymous).post("/auth/login", json={"email": email, "password": password})


PRIVATE = [
    ("POST", "/auth/logout"),
    ("POST", "/auth/password"),
    ("GET", "/auth/me"),
    ("GET", "/auth/sessions"),
    ("DELETE", "/auth/sessions/00000000-0000-0000-0000-000000000000"),
    ("GET", "/users"),
    ("POST", "/users"),
    ("PATCH", "/users/00000000-0000-0000-0000-000000000000"),
]


def test_anonymous_is_401_with_a_challenge_on_every_private_route(postgres):
    async def scenario(house):
        return [await house.anonymous.request(method, path) for method, path in PRIVATE]

    for response in through_the_door(postgres, scenario):
        assert response.status_code == 401, response.request.url
        assert response.headers["www-authenticate"].startswith("Bearer")
        assert problem_kind(response) == "unauthenticated"


def test_the_first_user_registers_gets_a_workspace_and_closes_the_door(postgres):
    async def scenario(house):
        first = await register(house)
        me = await house.client(first.json()["access_token"]).get("/auth/me")
        second = await register(house, "second@example.com")
        return first, me.json(), second, (await login(house)).status_code

    first, me, second, again = through_the_door(postgres, scenario)
    assert first.status_code == 201
    assert first.headers["cache-control"] == "no-store"
    assert me["email"] == "first@example.com"
    assert me["is_platform_admin"] is True
    assert [(item["name"], item["role"]) for item in me["memberships"]] == [("default", "admin")]
    assert "credentials.create" in me["memberships"][0]["permissions"]
    assert (second.status_code, problem_kind(second)) == (403, "registration-closed")
    assert again == 200


def test_of_ten_who_register_at_once_one_is_first(postgres):
    async def scenario(house):
        answers = await asyncio.gather(*(register(house, f"user{number}@example.com") for number in range(10)))
        return sorted(answer.status_code for answer in answers), await house.scalar("SELECT count(*) FROM workspaces")

    assert through_the_door(postgres, scenario) == ([201] + [403] * 9, 1)


def test_with_a_link_of_the_first_start_only_its_token_registers_and_only_once(postgres):
    async def scenario(house):
        async with house.database.session() as session:
            stale = await workspaces.create_bootstrap_token(session)
        async with house.database.session() as session:
            token = await workspaces.create_bootstrap_token(session)
        kinds = [problem_kind(await register(house, **more)) for more in ({}, {"token": stale}, {"token": "guess"})]
        good = await register(house, token=token)
        after = await register(house, "other@example.com", token=token)
        async with house.database.session() as session:
            no_more = await workspaces.create_bootstrap_token(session)
        return kinds, good.status_code, problem_kind(after), no_more

    assert through_the_door(postgres, scenario) == (["bootstrap-refused"] * 3, 201, "registration-closed", None)


def test_the_sandbox_administrator_is_made_once_and_keeps_a_changed_password(postgres):
    async def scenario(house):
        ids = []
        for password in (PASSWORD, PASSWORD, "another unrelated phrase"):
            async with house.database.session() as session:
                ids.append((await workspaces.create_first_admin(session, "Admin@localhost", password)).id)
        answer = await login(house, "admin@localhost", "another unrelated phrase")
        return len(set(ids)), answer.status_code, await house.scalar("SELECT count(*) FROM workspaces")

    assert through_the_door(postgres, scenario) == (1, 200, 1)


@pytest.mark.parametrize(
    ("password", "refused"),
    [
        ("short", True),
        ("x" * 257, True),
        ("aaaaaaaaaaaaaaaa", True),
        ("Password123456", True),
        ("first.person12345", True),
        ("horse stapler lamp", False),
    ],
)
def test_passwords_that_will_do(password, refused):
    assert bool(password_fault(password, "first.person@example.com")) is refused


def test_a_weak_password_is_422_at_its_field(postgres):
    answer = through_the_door(postgres, lambda house: register(house, password="password1234"))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/password"


def test_unknown_user_wrong_password_and_disabled_user_get_one_answer(postgres):
    async def scenario(house):
        await register(house)
        disabled = await house.person("gone@example.com", password_hash=await hash_password(PASSWORD))
        await house.execute("UPDATE users SET disabled_at = now() WHERE id = :id", id=disabled.id)
        return [
            await login(house, "nobody@example.com"),
            await login(house, password="wrong but long enough"),
            await login(house, "gone@example.com"),
        ]

    answers = through_the_door(postgres, scenario)
    assert {answer.status_code for answer in answers} == {401}
    documents = [{**answer.json(), "trace_id": ""} for answer in answers]
    assert documents[0] == documents[1] == documents[2]


def test_ten_wrong_passwords_lock_the_account_for_a_while_whatever_the_address(postgres):
    async def scenario(house):
        await register(house)
        for number in range(10):
            client = house.client(client=(f"10.0.0.{number}", 1))
            assert (await login(house, password="wrong but long enough", client=client)).status_code == 401
        locked = await login(house)
        house.clock.pass_(minutes=16)
        return locked, await login(house)

    locked, later = through_the_door(postgres, scenario)
    assert (locked.status_code, problem_kind(locked)) == (429, "too-many-attempts")
    assert 0 < int(locked.headers["retry-after"]) <= 900
    assert later.status_code == 200


def test_parallel_guesses_do_not_slip_through_the_limit(postgres):
    async def scenario(house):
        await house.person("victim@example.com", password_hash=await hash_password(PASSWORD))
        guesses = [login(house, "victim@example.com", f"a guess of number {number}") for number in range(20)]
        answers = await asyncio.gather(*guesses)
        return sorted(answer.status_code for answer in answers)

    assert through_the_door(postgres, scenario) == [401] * 10 + [429] * 10


def test_a_hundred_failures_lock_an_address(postgres):
    async def scenario(house):
        await register(house)
        await house.execute(
            "INSERT INTO login_attempts (id, account, address, at, succeeded) "
            "SELECT gen_random_uuid(), sha256(n::text::bytea), '10.1.1.1', :at, false FROM generate_series(1, 100) n",
            at=house.clock.now(),
        )
        here = await login(house, client=house.client(client=("10.1.1.1", 1)))
        there = await login(house, client=house.client(client=("10.1.1.2", 1)))
        return here.status_code, there.status_code

    assert through_the_door(postgres, scenario) == (429, 200)


def test_a_refresh_token_works_once_and_its_reuse_ends_the_session(postgres):
    async def scenario(house):
        tokens = (await register(house)).json()
        second = await house.anonymous.post("/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
        fresh = house.client(second.json()["access_token"])
        before = (await fresh.get("/auth/me")).status_code
        reuse = await house.anonymous.post("/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
        successor = await house.anonymous.post("/auth/refresh", json={"refresh_token": second.json()["refresh_token"]})
        audited = await house.scalar("SELECT count(*) FROM audit_entries WHERE action = 'user.refresh_token_reused'")
        return (
            second.status_code,
            before,
            reuse.status_code,
            successor.status_code,
            (await fresh.get("/auth/me")).status_code,
            audited,
        )

    assert through_the_door(postgres, scenario) == (200, 200, 401, 401, 401, 1)


def test_twenty_parallel_refreshes_have_one_successor(postgres):
    async def scenario(house):
        token = (await register(house)).json()["refresh_token"]
        answers = await asyncio.gather(
            *(house.anonymous.post("/auth/refresh", json={"refresh_token": token}) for _ in range(20))
        )
        return sorted(answer.status_code for answer in answers)

    assert through_the_door(postgres, scenario) == [200] + [401] * 19


def test_a_refresh_token_lies_in_the_database_as_a_hash_only(postgres):
    async def scenario(house):
        token = (await register(house)).json()["refresh_token"]
        return token, await house.scalar("SELECT string_agg(t::text, ' ') FROM refresh_tokens t")

    token, table = through_the_door(postgres, scenario)
    assert token not in table
    assert token.encode().hex() not in table


def test_logout_is_effective_with_the_next_request_and_ends_refreshing_too(postgres):
    async def scenario(house):
        tokens = (await register(house)).json()
        client = house.client(tokens["access_token"])
        other = house.client((await login(house)).json()["access_token"])
        out = await client.post("/auth/logout")
        after = await client.get("/auth/me")
        refreshed = await house.anonymous.post("/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
        return out.status_code, after.status_code, refreshed.status_code, (await other.get("/auth/me")).status_code

    assert through_the_door(postgres, scenario) == (204, 401, 401, 200)


def test_sessions_are_listed_and_one_can_be_ended_but_not_somebody_elses(postgres):
    async def scenario(house):
        await register(house)
        first = house.client((await login(house)).json()["access_token"])
        second = house.client((await login(house)).json()["access_token"])
        stranger = await house.person()
        items = (await first.get("/auth/sessions")).json()["items"]
        current = next(item["id"] for item in items if item["current"])
        foreign = await stranger.client.delete(f"/auth/sessions/{current}")
        ended = await second.delete(f"/auth/sessions/{current}")
        return len(items), foreign.status_code, ended.status_code, (await first.get("/auth/me")).status_code

    assert through_the_door(postgres, scenario) == (3, 404, 204, 401)


def test_changing_the_password_needs_the_current_one_and_ends_other_sessions(postgres):
    async def scenario(house):
        await register(house)
        here = house.client((await login(house)).json()["access_token"])
        there = house.client((await login(house)).json()["access_token"])
        body = {"current_password": "not the password", "new_password": "other unrelated words"}
        wrong = await here.post("/auth/password", json=body)
        right = await here.post("/auth/password", json=body | {"current_password": PASSWORD})
        return (
            wrong.json()["errors"][0]["pointer"],
            right.status_code,
            (await here.get("/auth/me")).status_code,
            (await there.get("/auth/me")).status_code,
            (await login(house)).status_code,
            (await login(house, password="other unrelated words")).status_code,
        )

    assert through_the_door(postgres, scenario) == ("/current_password", 204, 200, 401, 401, 200)


def test_an_expired_session_ends_although_its_refresh_token_was_never_used(postgres):
    async def scenario(house):
        token = (await register(house)).json()["refresh_token"]
        house.clock.pass_(days=15)
        return (await house.anonymous.post("/auth/refresh", json={"refresh_token": token})).status_code

    assert through_the_door(postgres, scenario) == 401


def test_an_unknown_user_costs_the_same_hash_as_a_known_one():
    assert asyncio.run(is_password("anything", None)) is False
    known = asyncio.run(hash_password("anything"))
    assert known.rpartition("$")[0].rpartition("$")[0] == _nobodys_hash().rpartition("$")[0].rpartition("$")[0]


def test_secrets_do_not_show_when_bodies_and_values_are_printed():
    body = LoginBody(email="a@b.c", password="canary-canary")
    assert "canary" not in repr(body) + str(body) + str(body.model_dump()) + body.model_dump_json()
    token = new_refresh_token(lambda: "canary")
    assert "canary" not in repr(token) + repr(Tokens("canary", "canary", 1))

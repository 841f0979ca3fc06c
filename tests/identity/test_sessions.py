"""Sessions: how long they live, who sees them, who ends them."""

from skyclust.identity.passwords import hash_password
from tenancy import problem_kind, through_the_door

PASSWORD = "some unrelated words"
DAY = 86400


async def tokens_of(house, email="ann@example.com"):
    answer = await house.anonymous.post("/auth/login", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def refreshed(house, tokens):
    return await house.anonymous.post("/auth/refresh", json={"refresh_token": tokens["refresh_token"]})


def test_a_session_that_nobody_uses_ends_and_one_in_use_goes_on_until_its_end(postgres):
    async def scenario(house):
        await house.person("ann@example.com", password_hash=await hash_password(PASSWORD))
        idle, used = await tokens_of(house), await tokens_of(house)
        codes = []
        for _ in range(7):
            house.clock.pass_(days=2)
            answer = await refreshed(house, used)
            codes.append(answer.status_code)
            used = answer.json() if answer.status_code == 200 else used
        return codes, (await refreshed(house, idle)).status_code

    codes, idle = through_the_door(postgres, scenario)
    assert codes == [200] * 6 + [401], "14 days after signing in it ends, however much it is used"
    assert idle == 401


def test_idleness_counts_from_the_last_request_not_only_from_the_last_refresh(postgres):
    async def scenario(house):
        house.app.state.settings = house.app.state.settings.model_copy(
            update={"session_idle_seconds": 600, "access_token_seconds": DAY}
        )
        await house.person("ann@example.com", password_hash=await hash_password(PASSWORD))
        client = house.client((await tokens_of(house))["access_token"])
        codes = []
        for minutes in (9, 9, 11):
            house.clock.pass_(minutes=minutes)
            codes.append((await client.get("/auth/me")).status_code)
        return codes

    assert through_the_door(postgres, scenario) == [200, 200, 401]


def test_everywhere_else_is_ended_at_once_and_here_goes_on(postgres):
    async def scenario(house):
        await house.person("ann@example.com", password_hash=await hash_password(PASSWORD))
        here, there = await tokens_of(house), await tokens_of(house)
        ended = await house.client(here["access_token"]).delete("/auth/sessions")
        codes = [(await house.client(each["access_token"]).get("/auth/me")).status_code for each in (here, there)]
        told = await house.scalar("SELECT data->>'count' FROM audit_entries WHERE action = 'user.sessions_ended'")
        return ended.status_code, codes, (await refreshed(house, there)).status_code, told

    assert through_the_door(postgres, scenario) == (204, [200, 401], 401, "2")


def test_an_administrator_sees_and_ends_somebodys_sessions_and_nobody_else_does(postgres):
    async def scenario(house):
        boss, other = await house.person(admin=True), await house.person()
        ann = await house.person("ann@example.com", password_hash=await hash_password(PASSWORD))
        second = house.client((await tokens_of(house))["access_token"])
        path = f"/users/{ann.id}/sessions"
        refused = [await other.client.request(method, path) for method in ("GET", "DELETE")]
        refused.append(await other.client.delete(f"{path}/{ann.session_id}"))
        shown = (await boss.client.get(path)).json()["items"]
        foreign = await boss.client.delete(f"{path}/{boss.session_id}")
        one = await boss.client.delete(f"{path}/{ann.session_id}")
        codes = [(await client.get("/auth/me")).status_code for client in (ann.client, second)]
        rest = await boss.client.delete(path)
        after = (await second.get("/auth/me")).status_code
        nobody = await boss.client.get("/users/00000000-0000-0000-0000-000000000000/sessions")
        again = (await tokens_of(house))["token_type"]
        return refused, shown, foreign, one, codes, rest, after, nobody, again

    refused, shown, foreign, one, codes, rest, after, nobody, again = through_the_door(postgres, scenario)
    assert {(answer.status_code, answer.json()["missing_permission"]) for answer in refused} == {
        (403, "platform.admin")
    }
    assert [item["current"] for item in shown] == [False, False]
    assert (foreign.status_code, problem_kind(foreign)) == (404, "not-found")
    assert (one.status_code, codes) == (204, [401, 200])
    assert (rest.status_code, after, nobody.status_code) == (204, 401, 404)
    assert again == "bearer", "they are signed out, not shut out"


def test_disabling_ends_sessions_and_tokens_for_good(postgres):
    async def scenario(house):
        boss, ann = await house.person(admin=True), await house.person()
        await house.workspace(admin=ann)
        body = {"name": "ci", "scopes": ["clusters.read"]}
        program = house.client((await ann.client.post("/tokens", json=body)).json()["token"])
        before = (await program.get("/auth/me")).status_code
        codes = []
        for disabled in (True, False):
            await boss.client.patch(f"/users/{ann.id}", json={"disabled": disabled})
            codes += [(await client.get("/auth/me")).status_code for client in (ann.client, program)]
        return before, codes

    assert through_the_door(postgres, scenario) == (200, [401] * 4)

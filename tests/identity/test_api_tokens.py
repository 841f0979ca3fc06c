"""Tokens for programs: what they may do, when they end, and what they can never do."""

import pytest

from tenancy import problem_kind, through_the_door

ANY = "00000000-0000-0000-0000-000000000000"
PRIVATE = [("GET", "/tokens"), ("POST", "/tokens"), ("DELETE", f"/tokens/{ANY}")]
#: What only a person may do: whoever finds a program's token must not be able to stay.
FOR_PEOPLE = [
    *PRIVATE,
    ("POST", "/auth/logout"),
    ("POST", "/auth/password"),
    ("GET", "/auth/sessions"),
    ("DELETE", f"/auth/sessions/{ANY}"),
]
FOR_PEOPLE += [
    ("GET", "/auth/second-factor"),
    ("POST", "/auth/second-factor"),
    ("POST", "/auth/second-factor:confirm"),
    ("POST", "/auth/second-factor:remove"),
]
BODIES = {
    "/auth/second-factor": {"current_password": "a"},
    "/auth/second-factor:confirm": {"code": "123456"},
    "/auth/second-factor:remove": {"current_password": "a", "code": "123456"},
    "/tokens": {"name": "x", "scopes": ["clusters.read"]},
    "/auth/password": {"current_password": "a", "new_password": "b"},
}


async def token(house, person, *scopes, **more):
    answer = await person.client.post("/tokens", json={"name": "ci", "scopes": list(scopes), **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.mark.parametrize(("method", "path"), PRIVATE)
def test_anonymous_is_401(postgres, method, path):
    async def scenario(house):
        return await house.anonymous.request(method, path, json=BODIES.get(path) if method == "POST" else None)

    assert through_the_door(postgres, scenario).status_code == 401


def test_a_token_does_what_its_scopes_name_and_nothing_else(postgres):
    async def scenario(house):
        ann = await house.person()
        place = await house.workspace(admin=ann)
        made = await token(house, ann, "members.read", "credentials.read")
        client = house.client(made["token"])
        return (
            made,
            (await client.get(f"/workspaces/{place}/members")).status_code,
            await client.patch(f"/workspaces/{place}", json={"name": "mine"}),
            (await client.get("/auth/me")).json(),
            (await ann.client.get("/tokens")).json(),
        )

    made, read, refused, me, listed = through_the_door(postgres, scenario)
    assert read == 200
    assert (refused.status_code, refused.json()["missing_permission"]) == (403, "workspace.update")
    assert me["memberships"][0]["permissions"] == ["credentials.read", "members.read"]
    assert made["token"].startswith("skyclust_")
    (shown,) = listed["items"]
    assert "token" not in shown
    assert (shown["hint"], shown["last_used_at"] is None) == (made["token"][-4:], False)


def test_a_token_for_one_workspace_sees_no_other(postgres):
    async def scenario(house):
        ann = await house.person()
        one, other = await house.workspace("one", admin=ann), await house.workspace("other", admin=ann)
        client = house.client((await token(house, ann, "members.read", workspace_id=str(one)))["token"])
        seen = [item["name"] for item in (await client.get("/workspaces")).json()["items"]]
        return seen, [(await client.get(f"/workspaces/{place}/members")).status_code for place in (one, other)]

    assert through_the_door(postgres, scenario) == (["one"], [200, 404])


def test_nobody_hands_out_what_they_do_not_hold(postgres):
    async def scenario(house):
        ann, vic = await house.person(), await house.person()
        place = await house.workspace(admin=ann, viewer=vic)
        alien = await house.workspace(admin=ann)
        ask = {"name": "x", "scopes": ["clusters.read", "clusters.delete", "cluster.read", "platform.admin"]}
        return (
            await vic.client.post("/tokens", json=ask | {"workspace_id": str(place)}),
            await vic.client.post(
                "/tokens", json={"name": "x", "scopes": ["clusters.read"], "workspace_id": str(alien)}
            ),
        )

    refused, hidden = through_the_door(postgres, scenario)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/scopes/1", "/scopes/2", "/scopes/3"]
    assert "clusters.read" in refused.json()["errors"][1]["detail"]
    assert hidden.status_code == 404


def test_losing_a_role_takes_it_from_the_tokens_too(postgres):
    async def scenario(house):
        ann, bob = await house.person(), await house.person()
        place = await house.workspace(admin=ann, user=bob)
        client = house.client((await token(house, bob, "members.read", "clusters.create"))["token"])
        before = (await client.get("/auth/me")).json()["memberships"][0]["permissions"]
        await ann.client.patch(f"/workspaces/{place}/members/{bob.id}", json={"role": "viewer"})
        after = (await client.get("/auth/me")).json()["memberships"][0]["permissions"]
        await ann.client.delete(f"/workspaces/{place}/members/{bob.id}")
        return before, after, (await client.get(f"/workspaces/{place}/members")).status_code

    assert through_the_door(postgres, scenario) == (["clusters.create", "members.read"], ["members.read"], 404)


@pytest.mark.parametrize("end", ["revoked", "expired", "disabled"])
def test_an_ended_token_is_refused_at_once(postgres, end):
    async def scenario(house):
        root, ann = await house.person(admin=True), await house.person()
        await house.workspace(admin=ann)
        made = await token(house, ann, "members.read", expires_in_days=1)
        client = house.client(made["token"])
        before = (await client.get("/auth/me")).status_code
        if end == "revoked":
            assert (await ann.client.delete(f"/tokens/{made['id']}")).status_code == 204
        elif end == "expired":
            house.clock.pass_(days=1, seconds=1)
        else:
            await root.client.patch(f"/users/{ann.id}", json={"disabled": True})
        return before, await client.get("/auth/me")

    before, after = through_the_door(postgres, scenario)
    assert before == 200
    assert (after.status_code, problem_kind(after)) == (401, "unauthenticated")


@pytest.mark.parametrize(("method", "path"), FOR_PEOPLE)
def test_a_program_cannot_touch_the_ways_to_sign_in(postgres, method, path):
    async def scenario(house):
        ann = await house.person(admin=True)
        await house.workspace(admin=ann)
        client = house.client((await token(house, ann, "members.manage", "platform.admin"))["token"])
        return await client.request(method, path, json=BODIES.get(path) if method == "POST" else None)

    refused = through_the_door(postgres, scenario)
    assert (refused.status_code, problem_kind(refused)) == (403, "session-required")


def test_an_administrators_token_administers_only_with_that_scope(postgres):
    async def scenario(house):
        root = await house.person(admin=True)
        await house.workspace(admin=root)
        without, with_it = [
            house.client((await token(house, root, *scopes))["token"])
            for scopes in (["clusters.read"], ["platform.admin"])
        ]
        return (await without.get("/users")).status_code, (await with_it.get("/users")).status_code

    assert through_the_door(postgres, scenario) == (403, 200)


def test_somebody_elses_token_is_neither_seen_nor_revoked(postgres):
    async def scenario(house):
        ann, bob = await house.person(), await house.person()
        await house.workspace(admin=ann, user=bob)
        made = await token(house, ann, "members.read")
        refused = await bob.client.delete(f"/tokens/{made['id']}")
        listed = (await bob.client.get("/tokens")).json()["items"]
        return refused.status_code, listed, (await house.client(made["token"]).get("/auth/me")).status_code

    assert through_the_door(postgres, scenario) == (404, [], 200)


def test_the_database_and_the_log_hold_no_token(postgres):
    async def scenario(house):
        ann = await house.person()
        await house.workspace(admin=ann)
        made = await token(house, ann, "members.read")
        await house.client(made["token"]).get("/auth/me")
        row = await house.scalar("SELECT row_to_json(t)::text FROM api_tokens t")
        told = await house.scalar("SELECT string_agg(row_to_json(t)::text, ' ') FROM audit_entries t")
        return made["token"], row, told, house.logs.getvalue()

    text, *places = through_the_door(postgres, scenario)
    assert "api_token.created" in places[1]
    for place in places:
        assert text not in place
        assert text.removeprefix("skyclust_") not in place


def test_a_rehearsed_token_never_works_and_pages_go_on(postgres):
    async def scenario(house):
        ann = await house.person()
        await house.workspace(admin=ann)
        rehearsed = await ann.client.post("/tokens?dry_run=true", json={"name": "x", "scopes": ["members.read"]})
        worthless = await house.client(rehearsed.json()["token"]).get("/auth/me")
        names = [(await token(house, ann, "members.read", name=f"t{number}"))["name"] for number in range(3)]
        first = (await ann.client.get("/tokens?limit=2")).json()
        second = (await ann.client.get(f"/tokens?limit=2&cursor={first['next_cursor']}")).json()
        return worthless.status_code, names, [item["name"] for page in (first, second) for item in page["items"]]

    worthless, names, listed = through_the_door(postgres, scenario)
    assert worthless == 401
    assert listed == names[::-1]

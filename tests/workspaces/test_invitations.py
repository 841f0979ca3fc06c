"""Invitations: for one person, once, for as long as whoever invited may invite."""

import asyncio

import pytest

from tenancy import problem_kind, through_the_door

PASSWORD = "some unrelated words"
NEWCOMER = "new@example.com"
ANY = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"/workspaces/{ANY}/invitations", None),
        ("POST", f"/workspaces/{ANY}/invitations", {"email": NEWCOMER, "role": "user"}),
        ("DELETE", f"/workspaces/{ANY}/invitations/{ANY}", None),
        ("POST", "/invitations:join", {"token": "x"}),
    ],
)
def test_anonymous_is_401(postgres, method, path, body):
    async def scenario(house):
        return await house.anonymous.request(method, path, json=body)

    assert through_the_door(postgres, scenario).status_code == 401


async def invite(person, place, email=NEWCOMER, role="user", **more):
    made = await person.client.post(f"/workspaces/{place}/invitations", json={"email": email, "role": role, **more})
    assert made.status_code == 201, made.text
    return made.json()


async def accept(house, token, **more):
    return await house.anonymous.post("/invitations:accept", json={"token": token, "password": PASSWORD, **more})


def test_a_newcomer_accepts_once_and_is_in(postgres):
    async def scenario(house):
        ann = await house.person()
        place = await house.workspace(admin=ann)
        made = await invite(ann, place)
        listed = (await ann.client.get(f"/workspaces/{place}/invitations")).json()["items"]
        both = await asyncio.gather(accept(house, made["token"]), accept(house, made["token"]))
        (let_in,) = [answer for answer in both if answer.status_code == 201]
        me = (await house.client(let_in.json()["access_token"]).get("/auth/me")).json()
        after = (await ann.client.get(f"/workspaces/{place}/invitations")).json()["items"]
        rows = await house.scalar("SELECT string_agg(row_to_json(t)::text, ' ') FROM invitations t")
        return made, listed, both, me, after, rows + house.logs.getvalue()

    made, listed, both, me, after, kept = through_the_door(postgres, scenario)
    assert "token" not in listed[0]
    assert min(answer.status_code for answer in both) == 201
    assert {answer.status_code for answer in both} <= {201, 404, 409}
    assert (me["email"], me["is_platform_admin"]) == (NEWCOMER, False)
    assert [(item["role"]) for item in me["memberships"]] == ["user"]
    assert after == []
    assert made["token"] not in kept


def test_whoever_has_an_account_signs_in_and_joins_and_nobody_else_does(postgres):
    async def scenario(house):
        ann, bob, eve = await house.person(), await house.person("bob@example.com"), await house.person()
        place = await house.workspace(admin=ann)
        made = await invite(ann, place, "Bob@Example.com ", "viewer")
        body = {"token": made["token"]}
        return (
            await accept(house, made["token"]),
            await eve.client.post("/invitations:join", json=body),
            await bob.client.post("/invitations:join", json=body),
            await bob.client.post("/invitations:join", json=body),
            (await bob.client.get(f"/workspaces/{place}/members")).status_code,
        )

    anonymous, stranger, joined, again, seen = through_the_door(postgres, scenario)
    assert (anonymous.status_code, problem_kind(anonymous)) == (409, "sign-in-to-accept")
    assert (stranger.status_code, again.status_code) == (404, 404)
    assert (joined.status_code, joined.json()["role"], seen) == (200, "viewer", 200)


@pytest.mark.parametrize("end", ["revoked", "expired", "inviter demoted", "inviter disabled", "guessed"])
def test_an_ended_invitation_lets_nobody_in(postgres, end):
    async def scenario(house):
        root, ann, boss = await house.person(admin=True), await house.person(), await house.person()
        place = await house.workspace(admin=boss)
        await boss.client.post(f"/workspaces/{place}/members", json={"email": ann.email, "role": "admin"})
        made = await invite(ann, place)
        token = made["token"]
        if end == "revoked":
            assert (await boss.client.delete(f"/workspaces/{place}/invitations/{made['id']}")).status_code == 204
        elif end == "expired":
            house.clock.pass_(days=8)
        elif end == "inviter demoted":
            await boss.client.patch(f"/workspaces/{place}/members/{ann.id}", json={"role": "viewer"})
        elif end == "inviter disabled":
            await root.client.patch(f"/users/{ann.id}", json={"disabled": True})
        else:
            token = "guess"
        answer = await accept(house, token)
        return answer, await house.scalar("SELECT count(*) FROM users WHERE email = :email", email=NEWCOMER)

    answer, accounts = through_the_door(postgres, scenario)
    assert (answer.status_code, problem_kind(answer), accounts) == (404, "not-found", 0)


def test_a_newcomer_chooses_a_password_that_will_do(postgres):
    async def scenario(house):
        ann = await house.person()
        made = await invite(ann, await house.workspace(admin=ann))
        none = await house.anonymous.post("/invitations:accept", json={"token": made["token"]})
        return none, await accept(house, made["token"], password="short"), await accept(house, made["token"])

    none, weak, good = through_the_door(postgres, scenario)
    assert [answer.json()["errors"][0]["pointer"] for answer in (none, weak)] == ["/password"] * 2
    assert good.status_code == 201


def test_members_are_not_invited_again_and_users_invite_nobody(postgres):
    async def scenario(house):
        ann, bob = await house.person(), await house.person()
        place = await house.workspace(admin=ann, user=bob)
        body = {"email": bob.email, "role": "viewer"}
        return [await who.client.post(f"/workspaces/{place}/invitations", json=body) for who in (ann, bob)]

    again, refused = through_the_door(postgres, scenario)
    assert (again.status_code, problem_kind(again)) == (409, "already-member")
    assert (refused.status_code, refused.json()["missing_permission"]) == (403, "members.manage")

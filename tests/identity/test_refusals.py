"""Whoever tries doors leaves a line in the log: who, from where, which door, what they lacked. One line, whatever they send."""

import json
from uuid import uuid4

from skyclust.identity.passwords import hash_password
from tenancy import through_the_door

FORGED = '{"event": "access granted"}'


def lines_of(house):
    """Every line of the log; fails when one is no JSON object."""
    return [json.loads(line) for line in house.logs.getvalue().splitlines()]


def refusals(house):
    return [line for line in lines_of(house) if line["event"] == "access refused"]


def test_a_refused_permission_is_logged_with_who_and_what(postgres):
    async def scenario(house):
        viewer, admin = await house.person(), await house.person()
        place = await house.workspace(viewer=viewer, admin=admin)
        await viewer.client.patch(f"/workspaces/{place}", json={"name": "mine"})
        await viewer.client.get("/users")
        await admin.client.patch(f"/workspaces/{place}", json={"name": "mine"})
        return viewer, place, refusals(house)

    viewer, place, found = through_the_door(postgres, scenario)
    assert [(line["status"], line["method"], line["path"]) for line in found] == [
        (403, "PATCH", f"/api/v1/workspaces/{place}"),
        (403, "GET", "/api/v1/users"),
    ]
    assert {line["user_id"] for line in found} == {str(viewer.id)}
    assert {line["address"] for line in found} == {"127.0.0.1"}
    assert [line["missing_permission"] for line in found] == ["workspace.update", "platform.admin"]


def test_a_refused_token_and_a_refused_api_token_are_logged_without_the_token(postgres):
    async def scenario(house):
        for token in (None, "forged.token.here", "skyclust_" + "x" * 40):
            await house.client(token).get("/workspaces")
        return refusals(house), house.logs.getvalue()

    found, text = through_the_door(postgres, scenario)
    assert [(line["status"], line["kind"], line["user_id"]) for line in found] == [(401, "unauthenticated", None)] * 3
    assert "forged.token" not in text
    assert "x" * 40 not in text


def test_signing_in_is_audited_whether_it_succeeds_or_not(postgres):
    async def scenario(house):
        known = "some unrelated words"
        await house.person("ann@example.com", password_hash=await hash_password(known))
        for email, password in (("ann@example.com", known), ("ann@example.com", "x"), ("nobody@example.com", "x")):
            await house.anonymous.post("/auth/login", json={"email": email, "password": password})
        return await house.scalar("SELECT string_agg(action || ' ' || outcome || ' ' || actor_label, ', ' ORDER BY seq) FROM audit_entries")  # fmt: skip

    assert through_the_door(postgres, scenario) == (
        "user.signed_in success ann@example.com, user.sign_in_refused failure ann@example.com, "
        "user.sign_in_refused failure unknown account"
    )


def test_line_breaks_in_what_is_sent_make_no_line_of_the_log(postgres):
    async def scenario(house):
        person = await house.person()
        before = len(lines_of(house))
        await person.client.get(f"/workspaces/{uuid4()}%0d%0a{FORGED}")
        await house.client("x\\r\\n").get(f"/workspaces%0A{FORGED}")
        await person.client.get(f"/users?cursor=%0A{FORGED}")
        await house.anonymous.post("/auth/login", json={"email": f"a@b.cc\r\n{FORGED}", "password": f"\n{FORGED}"})
        return lines_of(house)[before:]

    lines = through_the_door(postgres, scenario)
    assert lines
    assert all(line["event"] != "access granted" for line in lines)

"""Roles of a workspace's own, suspension, and what a caller is told of their permissions."""

import pytest

from tenancy import problem_kind, through_the_door

ANY = "00000000-0000-0000-0000-000000000000"
ROUTES = [
    ("GET", "/me/permissions", None),
    ("GET", f"/workspaces/{ANY}/roles", None),
    ("POST", f"/workspaces/{ANY}/roles", {"name": "ops", "permissions": []}),
    ("PATCH", f"/workspaces/{ANY}/roles/ops", {}),
    ("DELETE", f"/workspaces/{ANY}/roles/ops", None),
    ("POST", f"/workspaces/{ANY}:suspend", {"reason": "x"}),
    ("POST", f"/workspaces/{ANY}:resume", None),
]
OPS = {"name": "ops", "description": "on call", "permissions": ["operations.read", "operations.act", "clusters.read"]}


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_anonymous_is_401(postgres, method, path, body):
    async def scenario(house):
        return await house.anonymous.request(method, path, json=body)

    assert through_the_door(postgres, scenario).status_code == 401


def test_a_role_of_its_own_gives_exactly_its_permissions_and_changes_with_the_next_request(postgres):
    async def scenario(house):
        ann, bob = await house.person(), await house.person()
        place = await house.workspace(admin=ann, viewer=bob)

        async def held():
            (found,) = (await bob.client.get("/me/permissions")).json()["workspaces"]
            return found["role"], found["permissions"]

        made = await ann.client.post(f"/workspaces/{place}/roles", json=OPS)
        await ann.client.patch(f"/workspaces/{place}/members/{bob.id}", json={"role": "ops"})
        first = await held()
        await ann.client.patch(f"/workspaces/{place}/roles/ops", json={"permissions": ["audit.read"]})
        second = await held()
        listed = (await ann.client.get(f"/workspaces/{place}/roles")).json()["items"]
        return made, first, second, listed, await bob.client.get(f"/workspaces/{place}/roles")

    made, first, second, listed, refused = through_the_door(postgres, scenario)
    assert (made.status_code, made.json()["built_in"]) == (201, False)
    assert first == ("ops", sorted(OPS["permissions"]))
    assert second == ("ops", ["audit.read"])
    assert [(item["name"], item["built_in"]) for item in listed] == [
        ("admin", True), ("user", True), ("viewer", True), ("ops", False),
    ]  # fmt: skip
    assert (refused.status_code, refused.json()["missing_permission"]) == (403, "members.read")


def test_nobody_makes_gives_or_changes_a_role_that_holds_more_than_they_do(postgres):
    async def scenario(house):
        ann, max_ = await house.person(), await house.person()
        place = await house.workspace(admin=ann, viewer=max_)
        limited = ["members.read", "members.manage", "roles.manage"]
        await ann.client.post(f"/workspaces/{place}/roles", json={"name": "hr", "permissions": limited})
        await ann.client.post(f"/workspaces/{place}/roles", json=OPS)
        await ann.client.patch(f"/workspaces/{place}/members/{max_.id}", json={"role": "hr"})
        roles, members = f"/workspaces/{place}/roles", f"/workspaces/{place}/members"
        return [
            await max_.client.post(roles, json={"name": "more", "permissions": ["clusters.delete"]}),
            await max_.client.patch(f"{roles}/hr", json={"permissions": [*limited, "audit.read"]}),
            await max_.client.patch(f"{roles}/ops", json={"permissions": ["members.read"]}),
            await max_.client.delete(f"{roles}/ops"),
            await max_.client.patch(f"{members}/{max_.id}", json={"role": "admin"}),
            await max_.client.patch(f"{members}/{max_.id}", json={"role": "ops"}),
            await max_.client.patch(f"{members}/{ann.id}", json={"role": "hr"}),
            await max_.client.post(f"/workspaces/{place}/invitations", json={"email": "x@y.z", "role": "ops"}),
        ], (await max_.client.post(roles, json={"name": "less", "permissions": ["members.read"]})).status_code

    refused, allowed = through_the_door(postgres, scenario)
    assert [(answer.status_code, problem_kind(answer)) for answer in refused] == [(403, "role-too-high")] * 8
    assert allowed == 201


def test_names_are_taken_once_and_unknown_ones_are_told(postgres):
    async def scenario(house):
        ann, bob = await house.person(), await house.person()
        place = await house.workspace(admin=ann, viewer=bob)
        roles = f"/workspaces/{place}/roles"
        await ann.client.post(roles, json=OPS)
        return (
            [await ann.client.post(roles, json=OPS | {"name": name}) for name in ("ops", "admin")],
            await ann.client.post(roles, json=OPS | {"name": "x", "permissions": ["clusters.fly"]}),
            await ann.client.patch(f"/workspaces/{place}/members/{bob.id}", json={"role": "boss"}),
        )

    taken, nonsense, unknown = through_the_door(postgres, scenario)
    assert [problem_kind(answer) for answer in taken] == ["role-exists"] * 2
    assert nonsense.status_code == 422
    assert "admin, user, viewer, ops" in unknown.json()["errors"][0]["detail"]


def test_a_role_somebody_has_or_is_invited_to_is_not_deleted(postgres):
    async def scenario(house):
        ann, bob = await house.person(), await house.person()
        place = await house.workspace(admin=ann, viewer=bob)
        await ann.client.post(f"/workspaces/{place}/roles", json=OPS)
        invited = await ann.client.post(f"/workspaces/{place}/invitations", json={"email": "x@y.zz", "role": "ops"})
        await ann.client.patch(f"/workspaces/{place}/members/{bob.id}", json={"role": "ops"})
        used = await ann.client.delete(f"/workspaces/{place}/roles/ops")
        await ann.client.patch(f"/workspaces/{place}/members/{bob.id}", json={"role": "viewer"})
        still = await ann.client.delete(f"/workspaces/{place}/roles/ops")
        await ann.client.delete(f"/workspaces/{place}/invitations/{invited.json()['id']}")
        return used, still, await ann.client.delete(f"/workspaces/{place}/roles/ops")

    used, still, gone = through_the_door(postgres, scenario)
    assert [(used.status_code, used.json()["count"]), (still.status_code, still.json()["count"])] == [
        (409, 2),
        (409, 1),
    ]
    assert gone.status_code == 204


def test_another_tenants_roles_do_not_exist(postgres):
    async def scenario(house):
        ann, eve = await house.person(), await house.person()
        place = await house.workspace(admin=ann)
        await house.workspace("hers", admin=eve)
        await ann.client.post(f"/workspaces/{place}/roles", json=OPS)
        paths = [
            ("GET", "roles", None),
            ("POST", "roles", OPS),
            ("PATCH", "roles/ops", {}),
            ("DELETE", "roles/ops", None),
        ]
        paths += [("GET", "invitations", None), ("POST", "invitations", {"email": "x@y.zz", "role": "user"})]
        return [await eve.client.request(m, f"/workspaces/{place}/{path}", json=body) for m, path, body in paths]

    assert [answer.status_code for answer in through_the_door(postgres, scenario)] == [404] * 6


def test_in_a_suspended_workspace_one_may_look_and_nothing_else(postgres):
    async def scenario(house):
        root, ann = await house.person(admin=True), await house.person()
        place = await house.workspace(admin=ann)
        refused = await ann.client.post(f"/workspaces/{place}:suspend", json={"reason": "mine"})
        suspended = await root.client.post(f"/workspaces/{place}:suspend", json={"reason": "unpaid"})
        looked = await ann.client.get(f"/workspaces/{place}/members")
        renamed = await ann.client.patch(f"/workspaces/{place}", json={"name": "x"})
        shown = (await ann.client.get(f"/workspaces/{place}")).json()
        await root.client.post(f"/workspaces/{place}:resume")
        again = await ann.client.patch(f"/workspaces/{place}", json={"name": "x"})
        told = await house.scalar(
            "SELECT string_agg(action, ' ' ORDER BY seq) FROM audit_entries WHERE chain = :w", w=str(place)
        )
        return refused, suspended, looked, renamed, shown, again, told

    refused, suspended, looked, renamed, shown, again, told = through_the_door(postgres, scenario)
    assert (refused.status_code, refused.json()["missing_permission"]) == (403, "platform.admin")
    assert (suspended.status_code, looked.status_code, again.status_code) == (200, 200, 200)
    assert (renamed.status_code, problem_kind(renamed)) == (403, "workspace-suspended")
    assert shown["suspended_reason"] == "unpaid"
    assert told == "workspace.suspended workspace.resumed workspace.updated"

"""Tenants: who may do what, what others never see, and a workspace that keeps an administrator."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from skyclust.kit.db import visible_to
from skyclust.workspaces.models import MemberRow, WorkspaceRow
from skyclust.workspaces.permissions import ROLES, Permission, Role, may_grant
from tenancy import RIGHT_KEY, plant_stack, problem_kind, through_the_door

ZERO = "00000000-0000-0000-0000-000000000000"
ROUTES = [
    ("GET", "/workspaces", None),
    ("POST", "/workspaces", {"name": "w"}),
    ("GET", "/workspaces/{w}", None),
    ("PATCH", "/workspaces/{w}", {"name": "v"}),
    ("GET", "/workspaces/{w}/members", None),
    ("POST", "/workspaces/{w}/members", {"email": "guest@example.com", "role": "viewer"}),
    ("PATCH", "/workspaces/{w}/members/{m}", {"role": "viewer"}),
    ("DELETE", "/workspaces/{w}/members/{m}", None),
    ("DELETE", "/workspaces/{w}", None),
]


def test_anonymous_is_401_on_every_route(postgres):
    async def scenario(house):
        return [
            (await house.anonymous.request(method, path.format(w=ZERO, m=ZERO), json=body)).status_code
            for method, path, body in ROUTES
        ]

    assert set(through_the_door(postgres, scenario)) == {401}


#: Status per role in the order of ROUTES; the target of member routes is a viewer.
MATRIX = {
    "admin": [200, 201, 200, 200, 200, 201, 200, 204, 204],
    "user": [200, 201, 200, 403, 200, 403, 403, 403, 403],
    "viewer": [200, 201, 200, 403, 200, 403, 403, 403, 403],
    "stranger": [200, 201, 404, 404, 404, 404, 404, 404, 404],
}


@pytest.mark.parametrize("role", MATRIX)
def test_each_role_may_do_what_the_matrix_says(postgres, role):
    async def scenario(house):
        caller, target = await house.person(), await house.person()
        await house.person("guest@example.com")
        keeper = await house.person()
        members = {"admin": keeper, "viewer": target}
        workspace = await house.workspace(**members)
        if role != "stranger":
            async with house.database.session(visible="*") as session:
                session.add(
                    MemberRow(workspace_id=workspace, user_id=caller.id, role=role, created_at=house.clock.now())
                )
        answers = []
        for method, path, body in ROUTES:
            answers.append(await caller.client.request(method, path.format(w=workspace, m=target.id), json=body))
        return answers

    answers = through_the_door(postgres, scenario)
    assert [answer.status_code for answer in answers] == MATRIX[role]
    for answer in answers:
        if answer.status_code == 403:
            assert answer.json()["missing_permission"] in answer.json()["detail"]


def test_a_workspace_of_others_cannot_be_told_from_none(postgres):
    async def scenario(house):
        stranger, owner = await house.person(), await house.person()
        foreign = await house.workspace(admin=owner)
        answers = [await stranger.client.get(f"/workspaces/{each}") for each in (foreign, uuid4())]
        return [{**answer.json(), "trace_id": ""} for answer in answers]

    first, second = through_the_door(postgres, scenario)
    assert first == second
    assert first["status"] == 404


def test_row_level_security_hides_other_tenants_from_a_query_without_a_filter(postgres):
    async def scenario(house):
        owner, other = await house.person(), await house.person()
        mine, theirs = await house.workspace(admin=owner), await house.workspace(admin=other)
        seen = {}
        async with house.database.session() as session:
            seen["nobody"] = len((await session.scalars(select(WorkspaceRow))).all())
            seen["no member"] = len((await session.scalars(select(MemberRow))).all())
        async with house.database.session() as session:
            await visible_to(session, [mine])
            seen["mine"] = [row.id for row in await session.scalars(select(WorkspaceRow))]
            seen["members"] = [row.user_id for row in await session.scalars(select(MemberRow))]
        return seen, mine, owner.id, theirs

    seen, mine, owner, _ = through_the_door(postgres, scenario)
    assert seen == {"nobody": 0, "no member": 0, "mine": [mine], "members": [owner]}


def test_a_role_change_and_a_removal_act_on_the_next_request(postgres):
    async def scenario(house):
        admin, member = await house.person(), await house.person()
        workspace = await house.workspace(admin=admin, user=member)
        path = f"/workspaces/{workspace}"
        codes = [(await member.client.patch(path, json={"name": "a"})).status_code]
        await admin.client.patch(f"{path}/members/{member.id}", json={"role": "admin"})
        codes.append((await member.client.patch(path, json={"name": "b"})).status_code)
        await admin.client.delete(f"{path}/members/{member.id}")
        codes.append((await member.client.get(path)).status_code)
        return codes

    assert through_the_door(postgres, scenario) == [403, 200, 404]


def test_the_last_administrator_can_neither_leave_nor_step_down(postgres):
    async def scenario(house):
        admin = await house.person()
        path = f"/workspaces/{await house.workspace(admin=admin)}/members/{admin.id}"
        answers = [await admin.client.delete(path), await admin.client.patch(path, json={"role": "user"})]
        return [(answer.status_code, problem_kind(answer)) for answer in answers]

    assert through_the_door(postgres, scenario) == [(409, "last-admin")] * 2


def test_two_administrators_who_remove_each_other_at_once_leave_one(postgres):
    async def scenario(house):
        one, two = await house.person(), await house.person()
        workspace = await house.workspace(admin=one)
        async with house.database.session(visible="*") as session:
            session.add(MemberRow(workspace_id=workspace, user_id=two.id, role="admin", created_at=house.clock.now()))
        path = f"/workspaces/{workspace}/members"
        answers = await asyncio.gather(one.client.delete(f"{path}/{two.id}"), two.client.delete(f"{path}/{one.id}"))
        left = await house.scalar("SELECT count(*) FROM members WHERE role = 'admin'")
        return min(answer.status_code for answer in answers), left

    assert through_the_door(postgres, scenario) == (204, 1)


def test_a_member_is_a_user_first_and_only_once(postgres):
    async def scenario(house):
        admin = await house.person()
        path = f"/workspaces/{await house.workspace(admin=admin)}/members"
        unknown = await admin.client.post(path, json={"email": "ghost@example.com", "role": "user"})
        twice = await admin.client.post(path, json={"email": admin.email, "role": "user"})
        return unknown, twice

    unknown, twice = through_the_door(postgres, scenario)
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/email")
    assert (twice.status_code, problem_kind(twice)) == (409, "already-member")


def test_a_workspace_with_stacks_is_not_deleted_and_the_answer_counts_them(postgres):
    async def scenario(house):
        admin = await house.person()
        workspace = await house.workspace(admin=admin)
        await plant_stack(house, workspace, uuid4())
        refused = await admin.client.delete(f"/workspaces/{workspace}")
        await house.execute("UPDATE resources SET state = 'gone'")
        return refused, (await admin.client.delete(f"/workspaces/{workspace}")).status_code

    refused, later = through_the_door(postgres, scenario)
    assert (refused.status_code, problem_kind(refused), refused.json()["count"]) == (409, "workspace-in-use", 1)
    assert later == 204


def test_a_failing_commit_answers_5xx_and_leaves_nothing(postgres):
    """Law 3: the answer is sent after the commit."""

    def notice(session, _):
        session.info["doomed"] = session.info.get("doomed") or any(isinstance(row, WorkspaceRow) for row in session.new)

    def fail(session):
        if session.info.get("doomed"):
            raise ConnectionError("the database went away")

    async def scenario(house):
        person = await house.person(raises=False)
        event.listen(Session, "after_flush", notice)
        event.listen(Session, "before_commit", fail)
        try:
            answer = await person.client.post("/workspaces", json={"name": "w"})
        finally:
            event.remove(Session, "before_commit", fail)
            event.remove(Session, "after_flush", notice)
        return answer.status_code, await house.scalar("SELECT count(*) FROM workspaces")

    assert through_the_door(postgres, scenario) == (500, 0)


def test_roles_grow_from_viewer_over_user_to_admin():
    assert ROLES[Role.VIEWER] < ROLES[Role.USER] < ROLES[Role.ADMIN] == frozenset(Permission)
    assert Permission.CLUSTERS_KUBECONFIG not in ROLES[Role.VIEWER]
    assert Permission.CREDENTIALS_USE not in ROLES[Role.VIEWER]


def test_one_may_grant_only_what_one_holds():
    assert may_grant(ROLES[Role.USER], ROLES[Role.VIEWER])
    assert not may_grant(ROLES[Role.USER], ROLES[Role.ADMIN])
    assert not may_grant(frozenset({Permission.MEMBERS_MANAGE}), ROLES[Role.VIEWER])


def test_a_rehearsal_checks_everything_answers_what_would_be_and_leaves_nothing(postgres):
    async def scenario(house):
        admin, viewer = await house.person(admin=True), await house.person()
        workspace = await house.workspace(name="old", admin=admin, viewer=viewer)
        guest = await house.person("guest@example.com")
        path, tables = f"/workspaces/{workspace}", ("users", "workspaces", "members", "credentials", "outbox")
        credential = {"name": "c", "provider": "cumulus", "data": {"secret_key": RIGHT_KEY}}
        mutations = [
            ("POST", "/workspaces", {"name": "w"}),
            ("PATCH", path, {"name": "new"}),
            ("POST", f"{path}/members", {"email": guest.email, "role": "user"}),
            ("PATCH", f"{path}/members/{viewer.id}", {"role": "user"}),
            ("DELETE", f"{path}/members/{viewer.id}", None),
            ("POST", "/users", {"email": "n@example.com", "password": "some unrelated words"}),
            ("PATCH", f"/users/{guest.id}", {"disabled": True}),
            ("POST", "/credentials", credential),
            ("DELETE", path, None),
        ]
        before = [await house.scalar(f"SELECT string_agg(t::text, ',') FROM {table} t") for table in tables]
        codes = []
        for method, target, body in mutations:
            answer = await admin.client.request(method, target, json=body, params={"dry_run": "true"})
            codes.append(answer.status_code)
        after = [await house.scalar(f"SELECT string_agg(t::text, ',') FROM {table} t") for table in tables]
        forbidden = await viewer.client.patch(path, json={"name": "new"}, params={"dry_run": "true"})
        audited = await house.scalar("SELECT count(*) FROM audit_entries")
        return codes, before == after, forbidden.status_code, audited

    codes, unchanged, forbidden, audited = through_the_door(postgres, scenario)
    assert codes == [201, 200, 201, 200, 204, 201, 200, 201, 204]
    assert (unchanged, forbidden, audited) == (True, 403, 0)

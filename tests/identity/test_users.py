"""Users are the business of the installation's administrators; what they change acts with the next request."""

from tenancy import problem_kind, through_the_door

BODY = {"email": "New@Example.com", "password": "some unrelated words"}


def test_only_administrators_of_the_installation_see_and_change_users(postgres):
    async def scenario(house):
        person = await house.person()
        await house.workspace(admin=person)
        return [
            await person.client.get("/users"),
            await person.client.post("/users", json=BODY),
            await person.client.patch(f"/users/{person.id}", json={"is_platform_admin": True}),
        ]

    for answer in through_the_door(postgres, scenario):
        assert answer.status_code == 403
        assert answer.json()["missing_permission"] == "platform.admin"


def test_a_created_user_signs_in_and_belongs_nowhere(postgres):
    async def scenario(house):
        admin = await house.person(admin=True)
        created = await admin.client.post("/users", json=BODY)
        tokens = (await house.anonymous.post("/auth/login", json=BODY)).json()
        me = await house.client(tokens["access_token"]).get("/auth/me")
        again = await admin.client.post("/users", json=BODY)
        return created, me.json(), again

    created, me, again = through_the_door(postgres, scenario)
    assert created.status_code == 201
    assert created.json()["email"] == "new@example.com"
    assert "password" not in created.text
    assert (me["memberships"], me["is_platform_admin"]) == ([], False)
    assert (again.status_code, problem_kind(again)) == (409, "email-taken")


def test_disabling_a_user_acts_on_their_next_request(postgres):
    async def scenario(house):
        admin, person = await house.person(admin=True), await house.person()
        before = (await person.client.get("/auth/me")).status_code
        disabled = await admin.client.patch(f"/users/{person.id}", json={"disabled": True})
        after = (await person.client.get("/auth/me")).status_code
        await admin.client.patch(f"/users/{person.id}", json={"disabled": False})
        return (
            before,
            disabled.json()["disabled_at"] is not None,
            after,
            (await person.client.get("/auth/me")).status_code,
        )

    assert through_the_door(postgres, scenario) == (200, True, 401, 401)


def test_the_last_administrator_can_neither_be_disabled_nor_demoted(postgres):
    async def scenario(house):
        admin = await house.person(admin=True)
        answers = [
            await admin.client.patch(f"/users/{admin.id}", json=change)
            for change in ({"disabled": True}, {"is_platform_admin": False})
        ]
        return [problem_kind(answer) for answer in answers]

    assert through_the_door(postgres, scenario) == ["last-platform-admin"] * 2


def test_users_are_paged_by_email(postgres):
    async def scenario(house):
        admin = await house.person("a@example.com", admin=True)
        await house.person("b@example.com")
        await house.person("c@example.com")
        first = (await admin.client.get("/users", params={"limit": 2})).json()
        second = (await admin.client.get("/users", params={"limit": 2, "cursor": first["next_cursor"]})).json()
        return [item["email"] for item in first["items"] + second["items"]], second["next_cursor"]

    expected = ["a@example.com", "b@example.com", "c@example.com"]
    assert through_the_door(postgres, scenario) == (expected, None)


def test_unknown_fields_are_refused_by_name(postgres):
    async def scenario(house):
        admin = await house.person(admin=True)
        return await admin.client.post("/users", json=BODY | {"role": "admin"})

    answer = through_the_door(postgres, scenario)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/role"]

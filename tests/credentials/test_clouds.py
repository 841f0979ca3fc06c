"""Open sessions: shared, checked at every use, closed when nobody can be using them any more."""

from uuid import UUID, uuid4

import pytest

from skyclust.contract.errors import AuthenticationFailed, NotSupported
from skyclust.provisioning.rows import StackRef
from tenancy import RIGHT_KEY, through_the_door


async def enter(house, person, name="main"):
    body = {"name": name, "provider": "cumulus", "data": {"secret_key": RIGHT_KEY}}
    return UUID((await person.client.post("/credentials", json=body)).json()["id"])


def test_a_session_is_shared_per_region_and_serves_the_engine(postgres):
    async def scenario(house):
        person = await house.person()
        workspace = await house.workspace(admin=person)
        credential, clouds = await enter(house, person), house.app.state.clouds
        one = await clouds.session_for(workspace, credential, "r1")
        two = await clouds.session(StackRef(uuid4(), workspace, credential, "cumulus", "r1", "s"))
        other = await clouds.session_for(workspace, credential, "r2")
        return one is two, other is one, clouds.provider("cumulus") is house.cloud

    assert through_the_door(postgres, scenario) == (True, False, True)


def test_a_credential_of_another_workspace_is_never_used(postgres):
    async def scenario(house):
        person, other = await house.person(), await house.person()
        mine, theirs = await house.workspace(admin=person), await house.workspace(admin=other)
        credential = await enter(house, other)
        await house.app.state.clouds.session_for(theirs, credential, "r")
        opened = len(house.cloud.opened)
        with pytest.raises(AuthenticationFailed, match="another workspace"):
            await house.app.state.clouds.session_for(mine, credential, "r")
        return len(house.cloud.opened) - opened

    assert through_the_door(postgres, scenario) == 0


def test_a_deleted_credential_stops_working_although_a_session_was_open(postgres):
    async def scenario(house):
        person = await house.person()
        workspace = await house.workspace(admin=person)
        credential = await enter(house, person)
        await house.app.state.clouds.session_for(workspace, credential, "r")
        await person.client.delete(f"/credentials/{credential}")
        with pytest.raises(AuthenticationFailed, match="deleted"):
            await house.app.state.clouds.session_for(workspace, credential, "r")

    through_the_door(postgres, scenario)


def test_a_replaced_secret_opens_a_new_session_and_closes_the_old_one_when_calls_are_over(postgres):
    async def scenario(house):
        person = await house.person()
        workspace = await house.workspace(admin=person)
        credential, clouds = await enter(house, person), house.app.state.clouds
        old = await clouds.session_for(workspace, credential, "r")
        await person.client.patch(f"/credentials/{credential}", json={"data": {"secret_key": RIGHT_KEY}})
        new = await clouds.session_for(workspace, credential, "r")
        closed = [old.closed]
        house.clock.pass_(seconds=61)
        await clouds.session_for(workspace, credential, "r")
        return new is old, [*closed, old.closed, new.closed]

    assert through_the_door(postgres, scenario) == (False, [False, True, False])


def test_a_sealed_secret_copied_into_another_row_does_not_open(postgres):
    async def scenario(house):
        person = await house.person()
        workspace = await house.workspace(admin=person)
        one, two = await enter(house, person, "one"), await enter(house, person, "two")
        await house.execute(
            "UPDATE credentials SET (wrapped_key, sealed) = (SELECT wrapped_key, sealed FROM credentials WHERE id = :one) "
            "WHERE id = :two",
            one=one,
            two=two,
        )
        with pytest.raises(AuthenticationFailed, match="cannot be opened"):
            await house.app.state.clouds.session_for(workspace, two, "r")
        return await person.client.post(f"/credentials/{two}:verify")

    assert through_the_door(postgres, scenario).status_code == 422


def test_closing_closes_everything(postgres):
    async def scenario(house):
        person = await house.person()
        workspace = await house.workspace(admin=person)
        credential, clouds = await enter(house, person), house.app.state.clouds
        for region in ("a", "b"):
            await clouds.session_for(workspace, credential, region)
        await clouds.close()
        return [session.closed for session in house.cloud.opened]

    assert through_the_door(postgres, scenario) == [True, True]


def test_what_is_not_installed_is_named(postgres):
    async def scenario(house):
        with pytest.raises(NotSupported, match="Installed: cumulus"):
            house.app.state.clouds.provider("stratus")

    through_the_door(postgres, scenario)

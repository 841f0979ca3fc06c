"""A workspace is deleted only when nothing is left in it, whatever happens at the same moment; its audit log stays."""

import asyncio
from uuid import uuid4

import pytest

from building import KEY, PATH, cluster_body, on_site
from skyclust.audit import service as audit
from skyclust.kit.db import EVERYTHING
from tenancy import problem_kind

NETWORKS = "/sim/network/vpcs"


def place(site):
    return f"/workspaces/{site.workspace}"


async def gone(site):
    """Make the workspace go, as its administrator would."""
    answer = await site.ada.client.delete(place(site))
    assert answer.status_code == 204, answer.text


async def stacks_of_nobody(site):
    return await site.house.scalar(
        "SELECT count(*) FROM stacks s JOIN resources r ON r.stack_id = s.id AND r.state <> 'gone' "
        "WHERE NOT EXISTS (SELECT FROM workspaces w WHERE w.id = s.workspace_id)"
    )


def test_what_is_left_is_named_until_everything_is_gone(postgres):
    async def scenario(site):
        making = await site.create("one")
        refused = await site.ada.client.delete(place(site))
        assert (refused.status_code, problem_kind(refused)) == (409, "workspace-in-use")
        left = {(item["kind"], item["name"]) for item in refused.json()["left"]}
        assert left == {("cluster", "one"), ("operation", "one")}
        assert "the cluster one" in refused.json()["detail"]
        await site.succeeded(making)
        await site.succeeded(await site.create_network())
        refused = await site.ada.client.delete(place(site))
        assert {item["kind"] for item in refused.json()["left"]} == {"cluster", "network"}
        await site.succeeded((await site.ada.client.delete(f"{PATH}/one")).json())
        deleting = (await site.ada.client.delete(f"{NETWORKS}/net")).json()
        refused = await site.ada.client.delete(place(site))
        assert {item["kind"] for item in refused.json()["left"]} == {"network", "operation"}
        await site.succeeded(deleting)
        assert (await site.ada.client.delete(f"{place(site)}?dry_run=true")).status_code == 204
        await gone(site)
        assert (await site.ada.client.get(place(site))).status_code == 404

    on_site(postgres, scenario)


def test_an_orphan_keeps_it_until_somebody_sweeps_or_ignores_it(postgres):
    async def scenario(site):
        await site.succeeded(await site.create("one"))
        stack = await site.house.scalar("SELECT id FROM stacks")
        site.plant("network", "left", "nowhere", {"skyclust:resource": str(uuid4()), "skyclust:stack": str(stack)})
        await site.sweep(2)
        await site.succeeded((await site.ada.client.delete(f"{PATH}/one")).json())
        [orphan] = (await site.ada.client.get("/orphans")).json()["items"]
        refused = await site.ada.client.delete(place(site))
        assert [(item["kind"], item["id"]) for item in refused.json()["left"]] == [("orphan", orphan["id"])]
        ignored = await site.ada.client.post(f"/orphans/{orphan['id']}:ignore")
        assert ignored.status_code == 200, ignored.text
        await gone(site)

    on_site(postgres, scenario)


@pytest.mark.parametrize("made", ["cluster", "network"])
def test_a_creation_that_was_checked_before_the_deletion_finds_nothing_to_be_in(postgres, made):
    async def scenario(site):
        preflight = f"preflight_{made}"
        known = getattr(site.sim, preflight)

        async def meanwhile(*given):
            await gone(site)
            return await known(*given)

        setattr(site.sim, preflight, meanwhile)
        body = cluster_body(site.credential)
        if made == "network":
            body = {"credential_id": str(site.credential), "name": "n", "region": "sim-east-1"}
            body |= {"cidr_block": "10.9.0.0/16"}
        answer = await site.ada.client.post(PATH if made == "cluster" else NETWORKS, json=body)
        assert (answer.status_code, problem_kind(answer)) == (404, "not-found"), answer.text
        assert await stacks_of_nobody(site) == 0

    on_site(postgres, scenario)


def test_a_credential_that_goes_while_the_cloud_is_asked_takes_the_creation_with_it(postgres):
    async def scenario(site):
        known = site.sim.preflight_cluster

        async def meanwhile(*given):
            answer = await site.ada.client.delete(f"/credentials/{site.credential}")
            assert answer.status_code == 204, answer.text
            return await known(*given)

        site.sim.preflight_cluster = meanwhile
        answer = await site.ada.client.post(PATH, json=cluster_body(site.credential))
        assert (answer.status_code, problem_kind(answer)) == (404, "not-found"), answer.text
        assert await site.house.scalar("SELECT count(*) FROM stacks") == 0

    on_site(postgres, scenario)


def test_of_a_creation_and_a_deletion_at_the_same_moment_one_wins(postgres):
    async def scenario(site):
        for number in range(12):
            place, credential = await _another(site, number)
            answers = await asyncio.gather(
                site.ada.client.post(PATH, json=cluster_body(credential, f"c{number}")),
                _later(site.ada.client.delete(f"/workspaces/{place}"), number),
            )
            codes = tuple(answer.status_code for answer in answers)
            # 422: the credential was gone when the cloud was to be asked
            assert codes in {(202, 409), (404, 204), (422, 204)}, [answer.text for answer in answers]
            assert await stacks_of_nobody(site) == 0

    on_site(postgres, scenario)


async def _another(site, number):
    place = (await site.ada.client.post("/workspaces", json={"name": f"w{number}"})).json()["id"]
    body = {"name": "c", "provider": "sim", "workspace_id": place, "data": {"key": KEY}}
    return place, (await site.ada.client.post("/credentials", json=body)).json()["id"]


async def _later(request, turns):
    """Let the other request get a little further each time."""
    for _ in range(turns * 25):
        await asyncio.sleep(0)
    return await request


def test_members_invitations_roles_credentials_and_its_tokens_go_and_the_log_stays_whole(postgres):
    async def scenario(site):
        ada, uma = site.ada.client, site.uma.client
        invitation = await ada.post(f"{place(site)}/invitations", json={"email": "new@example.com", "role": "viewer"})
        link = invitation.json()["token"]
        await ada.post(f"{place(site)}/roles", json={"name": "ops", "permissions": ["clusters.read"]})
        elsewhere = (await uma.post("/workspaces", json={"name": "hers"})).json()["id"]
        bodies = [
            {"name": "n", "scopes": ["clusters.read"], "workspace_id": at} for at in (str(site.workspace), elsewhere)
        ]
        here, there = [site.house.client((await uma.post("/tokens", json=body)).json()["token"]) for body in bodies]
        await gone(site)
        assert [(await client.get("/auth/me")).status_code for client in (here, there)] == [401, 200]
        assert (await uma.get(place(site))).status_code == 404
        body = {"token": link, "password": "some unrelated words"}
        assert (await site.house.anonymous.post("/invitations:accept", json=body)).status_code == 404
        for table in ("members", "invitations", "roles", "credentials"):
            left = f"SELECT count(*) FROM {table} WHERE workspace_id = :w"
            assert await site.house.scalar(left, w=site.workspace) == 0, table
        told = "SELECT string_agg(action, ' ' ORDER BY seq DESC) FROM audit_entries WHERE workspace_id = :w"
        assert (await site.house.scalar(told, w=site.workspace)).split()[0] == "workspace.deleted"
        told = "SELECT count(*) FROM audit_entries WHERE action = 'api_token.revoked'"
        assert await site.house.scalar(told) == 1
        async with site.house.database.session(visible=EVERYTHING) as session:
            now = site.house.clock.now()
            found = await audit.verify(session, site.house.keyring, site.workspace, now=now, expected={})
        assert (found.intact, found.reason) == (True, "")
        assert found.entries > 0

    on_site(postgres, scenario)

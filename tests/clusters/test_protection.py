"""Deletion protection: while it is set nothing deletes a cluster or network, whichever way one asks."""

from building import PATH, cluster_body, on_site
from skyclust.clusters.models import ClusterRow
from skyclust.networks.service.protecting import how_to_lift, switches_of
from skyclust.operations.router import router as operations_router
from tenancy import problem_kind

ON, OFF = {"deletion_protection": True}, {"deletion_protection": False}
ENTRIES = (
    "SELECT string_agg(actor_label || ' ' || action, ', ' ORDER BY seq) FROM audit_entries WHERE action LIKE '%prot%'"
)


async def refused(site, answer):
    assert (answer.status_code, problem_kind(answer)) == (409, "deletion-protected"), answer.text
    problem = answer.json()
    assert problem["switches"] == ["/deletion_protection"]
    assert '{"deletion_protection": false}' in problem["detail"]
    return problem


def test_a_protected_cluster_is_deleted_only_after_somebody_lifted_that(postgres):
    async def scenario(site):
        ada = site.ada.client
        created = await site.create(**ON)
        await site.succeeded(created)
        shown = (await ada.get(f"{PATH}/one")).json()
        assert shown["deletion_protection"] is True
        plan = (await ada.delete(f"{PATH}/one?dry_run=true")).json()
        assert plan["ok"] is False
        assert [(item["code"], item["field"]) for item in plan["findings"]] == [
            ("deletion-protected", "/deletion_protection")
        ]
        things = site.world.resources()
        assert "clusters.update" in (await refused(site, await ada.delete(f"{PATH}/one")))["detail"]
        assert site.world.resources() == things

        plan = (await ada.patch(f"{PATH}/one?dry_run=true", json=OFF)).json()
        assert (plan["changes"], plan["ok"]) == ([], True)
        assert (await site.vic.client.patch(f"{PATH}/one", json=OFF)).status_code == 403
        stale = await ada.patch(f"{PATH}/one", json=OFF, headers={"If-Match": '"9"'})
        assert stale.status_code == 412
        lifted = await site.uma.client.patch(f"{PATH}/one", json=OFF, headers={"If-Match": '"1"'})
        assert (lifted.status_code, lifted.json()["deletion_protection"]) == (200, False)
        assert await site.house.scalar(ENTRIES) == "uma@example.com cluster.protection_lifted"
        assert (await ada.delete(f"{PATH}/one?dry_run=true")).json()["ok"] is True
        await site.succeeded((await ada.delete(f"{PATH}/one")).json())
        assert (await ada.get(f"{PATH}/one")).status_code == 404

    on_site(postgres, scenario)


def test_neither_rolling_its_creation_back_nor_deleting_the_workspace_gets_around_it(postgres):
    async def scenario(site):
        site.house.app.include_router(operations_router, prefix="/api/v1")
        ada = site.ada.client
        created = await site.create()
        protected = await ada.patch(f"{PATH}/one", json=ON)
        assert protected.status_code == 200, "while it is being made"
        await site.succeeded(created)
        undo = f"/operations/{created['id']}:rollback"
        await refused(site, await ada.post(f"{undo}?dry_run=true"))
        await refused(site, await ada.post(undo))
        left = await ada.delete(f"/workspaces/{site.workspace}")
        assert (left.status_code, problem_kind(left)) == (409, "workspace-in-use")
        assert (await ada.get(f"{PATH}/one")).json()["state"] == "ready"
        assert (await ada.patch(f"/clusters/{protected.json()['id']}", json=OFF)).status_code == 200
        await site.succeeded((await ada.post(undo)).json())
        assert site.world.resources() == []

    on_site(postgres, scenario)


def test_a_version_and_protection_change_together_and_the_roll_back_of_the_version_leaves_it(postgres):
    async def scenario(site):
        site.house.app.include_router(operations_router, prefix="/api/v1")
        ada = site.ada.client
        await site.succeeded(await site.create(version="1.32"))
        step = await ada.patch(f"{PATH}/one", json=ON | {"version": "1.33"})
        assert step.status_code == 202, step.text
        await site.succeeded(step.json())
        back = await ada.post(f"/operations/{step.json()['id']}:rollback")
        assert back.status_code == 202, back.text
        await site.ended(back.json())
        assert (await ada.get(f"{PATH}/one")).json()["deletion_protection"] is True
        assert await site.house.scalar(ENTRIES) == "ada@example.com cluster.protected"

    on_site(postgres, scenario)


def test_a_protected_network_stays_too(postgres):
    async def scenario(site):
        site.house.app.include_router(operations_router, prefix="/api/v1")
        ada = site.ada.client
        created = await site.create_network(**ON)
        await site.succeeded(created)
        [network] = (await ada.get("/networks")).json()["items"]
        path = f"/sim/network/vpcs/{network['id']}"
        assert network["deletion_protection"] is True
        plan = (await ada.get(f"{path}:deletion-plan")).json()
        assert [item["code"] for item in plan["findings"]] == ["deletion-protected"]
        await refused(site, await ada.delete(path))
        await refused(site, await ada.delete(f"/networks/{network['id']}"))
        await refused(site, await ada.post(f"/operations/{created['id']}:rollback"))
        lifted = await ada.patch(path, json=OFF)
        assert (lifted.status_code, lifted.json()["deletion_protection"]) == (200, False)
        assert await site.house.scalar(ENTRIES) == "ada@example.com network.protection_lifted"
        await site.succeeded((await ada.delete(path)).json())

    on_site(postgres, scenario)


def test_the_network_made_with_a_cluster_is_protected_with_it(postgres):
    async def scenario(site):
        await site.succeeded(await site.create(**ON))
        [network] = (await site.ada.client.get("/networks")).json()["items"]
        path = f"/sim/network/vpcs/{network['id']}"
        for answer in (await site.ada.client.delete(path), await site.ada.client.patch(path, json=ON)):
            assert (answer.status_code, problem_kind(answer)) == (409, "belongs-to-cluster")

    on_site(postgres, scenario)


def test_the_unified_body_protects_too(postgres):
    async def scenario(site):
        flat = cluster_body(site.credential)
        body = {
            "provider": "sim",
            "credential_id": flat["credential_id"],
            "node_pool": flat["node_pool"],
            "cluster": {"name": "one", "region": flat["region"]} | ON,
        }
        assert (await site.ada.client.post("/clusters", json=body)).status_code == 202
        assert (await site.ada.client.get(f"{PATH}/one")).json()["deletion_protection"] is True

    on_site(postgres, scenario)


def test_a_switch_of_the_clouds_own_counts_while_the_cluster_is_ours_to_delete():
    row = ClusterRow(
        name="one", provider="cumulus", deletion_protection=False, spec={"options": {"deletion_protection": True}}
    )
    assert switches_of(row, managed=True) == ["/cumulus/deletion_protection"]
    assert '{"cumulus": {"deletion_protection": false}}' in how_to_lift("cluster", switches_of(row, managed=True))
    assert switches_of(row, managed=False) == [], "it is forgotten, and stays in its cloud"
    row.deletion_protection = True
    assert switches_of(row, managed=True) == ["/deletion_protection", "/cumulus/deletion_protection"]

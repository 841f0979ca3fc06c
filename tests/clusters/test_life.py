"""A cluster from its plan to nothing, through the HTTP door, on the simulated cloud with the real engine."""

from building import PATH, cluster_body, on_site
from skyclust.providers.sim.faults import Fault, Mode
from tenancy import problem_kind


def test_a_cluster_is_planned_made_shown_and_deleted(postgres):
    async def scenario(site):
        ada = site.ada.client
        body = cluster_body(site.credential)
        plan = (await ada.post(f"{PATH}?dry_run=true", json=body)).json()
        assert plan["ok"], plan
        assert {change["verb"] for change in plan["changes"]} == {"create"}
        assert not site.world.resources()

        made = await ada.post(PATH, json=body | {"plan_digest": plan["digest"]})
        assert made.status_code == 202, made.text
        assert made.headers["location"] == f"/api/v1/operations/{made.json()['id']}"
        during = (await ada.get(f"{PATH}/one")).json()
        assert during["state"] == "provisioning"
        assert during["operation_id"] == made.json()["id"]
        assert during["endpoint"] is None
        await site.succeeded(made.json())

        response = await ada.get(f"{PATH}/one")
        cluster = response.json()
        assert cluster["state"] == "ready"
        assert cluster["operation_id"] is None
        assert cluster["endpoint"].startswith("https://")
        assert cluster["network"]["own"]
        assert cluster["network"]["vpc_id"] in {item.id for item in site.world.resources()}
        assert cluster["zones"] == ["sim-east-1a", "sim-east-1b"]
        assert cluster["node_pools"][0]["state"] == "ready"
        assert cluster["cost"]["usd_per_month"] == plan["usd_per_month"]
        assert response.headers["etag"] == '"1"'
        unified = (await ada.get(f"/clusters/{cluster['id']}")).json()
        assert unified == cluster
        listed = (await ada.get("/clusters")).json()["items"]
        assert listed == [cluster]
        again = (await ada.get(f"{PATH}/one/plan")).json()
        assert {change["verb"] for change in again["changes"]} == {"keep"}

        going = (await ada.delete(f"{PATH}/one?dry_run=true")).json()
        assert {change["verb"] for change in going["changes"]} == {"delete"}
        assert going["usd_per_month"] == -plan["usd_per_month"]
        deleted = await ada.delete(f"{PATH}/one?plan_digest={going['digest']}")
        assert deleted.status_code == 202, deleted.text
        assert (await ada.get(f"{PATH}/one")).json()["state"] == "deleting"
        assert (await ada.delete(f"{PATH}/one")).json()["id"] == deleted.json()["id"]
        await site.succeeded(deleted.json())
        assert (await ada.get(f"{PATH}/one")).status_code == 404
        assert (await ada.get("/clusters")).json() == {"items": [], "next_cursor": None}
        assert not site.world.resources()
        assert (await ada.post(PATH, json=body)).status_code == 202

    on_site(postgres, scenario)


def test_a_creation_that_failed_is_shown_resumed_or_deleted(postgres):
    async def scenario(site):
        ada = site.ada.client
        site.faults.add("create.role", Fault(Mode.QUOTA))
        made = await site.create()
        view = await site.ended(made)
        assert view.state == "needs_attention", view
        cluster = (await ada.get(f"{PATH}/one")).json()
        assert cluster["state"] == "needs_attention"
        assert "limit" in cluster["conditions"][0]["message"]
        taken = await ada.post(PATH, json=cluster_body(site.credential))
        assert taken.status_code == 409
        assert taken.json()["existing"]["state"] == "needs_attention"
        await site.succeeded((await ada.delete(f"{PATH}/one")).json())
        assert not site.world.resources()
        assert (await ada.get("/clusters")).json()["items"] == []

    on_site(postgres, scenario)


def test_a_creation_that_is_rolled_back_leaves_nothing_and_gives_the_name_back(postgres):
    async def scenario(site):
        site.faults.add("create.cluster", Fault(Mode.QUOTA))
        made = await site.create()
        assert (await site.ended(made)).state == "needs_attention"
        await site.succeeded(await site.roll_back(made))
        assert (await site.ada.client.get("/clusters")).json()["items"] == []
        assert (await site.ada.client.get("/networks")).json()["items"] == []
        assert not site.world.resources()
        await site.create()

    on_site(postgres, scenario)


def test_a_network_of_its_own_with_something_foreign_inside_keeps_the_cluster(postgres):
    async def scenario(site):
        ada = site.ada.client
        await site.succeeded(await site.create())
        vpc = (await ada.get(f"{PATH}/one")).json()["network"]["vpc_id"]
        theirs = site.plant("machine", "theirs", vpc)
        preview = (await ada.delete(f"{PATH}/one?dry_run=true")).json()
        assert not preview["ok"]
        assert [item["external_id"] for item in preview["inventory"] if item["origin"] == "foreign"] == [theirs]
        refused = await ada.delete(f"{PATH}/one")
        assert (refused.status_code, problem_kind(refused)) == (409, "network-not-empty")
        assert (await ada.get(f"{PATH}/one")).json()["state"] == "ready"

    on_site(postgres, scenario)

"""A cluster from its plan to nothing, through the HTTP door, on the simulated cloud with the real engine."""

from building import PATH, cluster_body, on_site


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

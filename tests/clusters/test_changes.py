"""Changing a cluster that stands: node pools, sizes, versions; and what is refused."""

from building import PATH, on_site
from tenancy import problem_kind

POOLS = f"{PATH}/one/node-pools"
EXTRA = {"name": "extra", "machine_type": "medium", "node_count": 1}


async def pools(site):
    items = (await site.ada.client.get(POOLS)).json()["items"]
    return {pool["name"]: pool for pool in items}


def test_node_pools_are_added_scaled_and_deleted(postgres):
    async def scenario(site):
        ada = site.ada.client
        await site.succeeded(await site.create())
        plan = (await ada.post(f"{POOLS}?dry_run=true", json=EXTRA)).json()
        assert [line["key"] for line in plan["changes"] if line["verb"] == "create"] == ["node-pool/extra"]
        added = await ada.post(POOLS, json=EXTRA | {"plan_digest": plan["digest"]})
        assert added.status_code == 202, added.text
        assert (await ada.get(f"{PATH}/one")).json()["state"] == "updating"
        busy = await ada.post(POOLS, json=EXTRA | {"name": "third"})
        assert (busy.status_code, problem_kind(busy)) == (409, "operation-in-progress")
        assert set(await pools(site)) == {"default", "extra"}
        await site.succeeded(added.json())
        assert (await pools(site))["extra"]["state"] == "ready"

        scaled = await ada.put(f"{PATH}/one/node-groups/extra/scale", json={"node_count": 4})
        await site.succeeded(scaled.json())
        assert (await pools(site))["extra"]["node_count"] == 4
        seen = [item.fields["node_count"] for item in site.world.resources() if item.name == "extra"]
        assert seen == [4]

        bounded = await ada.put(f"{POOLS}/extra/scale", json={"auto_scaling": {"min": 2, "max": 5}})
        assert bounded.status_code == 202, bounded.text
        await site.succeeded(bounded.json())
        owned = await ada.put(f"{POOLS}/extra/scale", json={"node_count": 3})
        assert (owned.status_code, owned.json()["errors"][0]["pointer"]) == (422, "/node_count")

        gone = await ada.delete(f"{PATH}/one/nodepools/extra")
        leaving = (await pools(site))["extra"]
        assert (leaving["state"], leaving["node_count"]) == ("deleting", seen[0])
        await site.succeeded(gone.json())
        assert set(await pools(site)) == {"default"}
        assert (await ada.get(f"{POOLS}/extra")).status_code == 404
        assert (await ada.get(f"{PATH}/one/plan")).json()["usd_per_month"] == 0

    on_site(postgres, scenario)


def test_a_version_goes_up_one_step_and_never_back(postgres):
    async def scenario(site):
        ada = site.ada.client
        await site.succeeded(await site.create(version="1.32"))
        too_far = await ada.patch(f"{PATH}/one", json={"version": "1.36"})
        assert too_far.status_code == 422
        assert "1.34" in too_far.json()["errors"][0]["detail"]
        stale = await ada.patch(f"{PATH}/one", json={"version": "1.33"}, headers={"If-Match": '"7"'})
        assert (stale.status_code, problem_kind(stale)) == (412, "changed-meanwhile")
        plan = (await ada.patch(f"{PATH}/one?dry_run=true", json={"version": "1.33"})).json()
        assert [line["key"] for line in plan["changes"] if line["verb"] == "update"] == ["cluster"]
        step = await ada.patch(f"{PATH}/one", json={"version": "1.33"}, headers={"If-Match": '"1"'})
        await site.succeeded(step.json())
        after = await ada.get(f"{PATH}/one")
        assert (after.json()["version"], after.headers["etag"]) == ("1.33", '"2"')
        assert (await ada.patch(f"{PATH}/one", json={"version": "1.32"})).status_code == 422
        assert (await ada.patch(f"{PATH}/one", json={})).status_code == 422

    on_site(postgres, scenario)


def test_what_the_cloud_can_only_replace_is_refused(postgres):
    async def scenario(site):
        ada = site.ada.client
        await site.succeeded(await site.create())
        taints = [{"key": "a", "effect": "NoSchedule"}]
        response = await ada.patch(f"{POOLS}/default", json={"taints": taints, "labels": {"team": "x"}})
        await site.succeeded(response.json())
        assert (await pools(site))["default"]["labels"] == {"team": "x"}
        unknown = await ada.patch(f"{POOLS}/default", json={"machine_type": "large"})
        assert unknown.json()["errors"][0]["pointer"] == "/machine_type"

    on_site(postgres, scenario)


def test_a_roll_back_takes_the_spec_back_with_the_rows(postgres):
    async def scenario(site):
        ada = site.ada.client
        await site.succeeded(await site.create())
        site.world.limits = {"node_pool": 1}
        added = await ada.post(POOLS, json=EXTRA)
        view = await site.ended(added.json())
        assert view.state == "needs_attention", view
        cluster = (await ada.get(f"{PATH}/one")).json()
        assert cluster["state"] == "needs_attention"
        assert any("QuotaExceeded" in item["reason"] for item in cluster["conditions"])
        await site.succeeded(await site.roll_back(added.json()))
        cluster = (await ada.get(f"{PATH}/one")).json()
        assert cluster["state"] == "ready"
        assert [pool["name"] for pool in cluster["node_pools"]] == ["default"]
        assert {line["verb"] for line in (await ada.get(f"{PATH}/one/plan")).json()["changes"]} == {"keep"}

    on_site(postgres, scenario)


def test_surge_settings_are_asked_for_and_changed_in_place(postgres):
    async def scenario(site):
        ada = site.ada.client
        await site.succeeded(await site.create())
        added = await ada.post(POOLS, json=EXTRA | {"upgrade": {"max_surge": 1}})
        await site.succeeded(added.json())
        assert (await pools(site))["extra"]["upgrade"] == {"max_surge": "1", "max_unavailable": None}
        assert (await pools(site))["default"]["upgrade"] is None
        change = {"upgrade": {"max_surge": "50%", "max_unavailable": 0}}
        plan = (await ada.patch(f"{POOLS}/extra?dry_run=true", json=change)).json()
        assert [[item["field"] for item in line["changes"]] for line in plan["changes"] if line["changes"]] == [
            ["upgrade"]
        ]
        await site.succeeded((await ada.patch(f"{POOLS}/extra", json=change)).json())
        seen = [item.fields["upgrade"] for item in site.world.resources() if item.name == "extra"]
        assert seen == [{"max_surge": "50%", "max_unavailable": "0"}]

    on_site(postgres, scenario)

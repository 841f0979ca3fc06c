"""Add-ons over the API, on the simulated cloud: shown from rows, checked with the cloud, done by operations."""

from building import PATH, on_site
from skyclust.providers.sim.faults import Fault, Mode
from tenancy import problem_kind

ADDONS, OFFERS = f"{PATH}/one/addons", f"{PATH}/one/addon-offers"


async def shown(site):
    answer = await site.ada.client.get(ADDONS)
    assert answer.status_code == 200, answer.text
    return {item["name"]: item for item in answer.json()["items"]}


async def done(site, method, path, body=None):
    answer = await site.ada.client.request(method, path, json=body)
    assert answer.status_code == 202, answer.text
    return await site.succeeded(answer.json())


def there(site):
    """What the cloud itself has."""
    return {item.name: item.fields for item in site.world.resources() if item.kind == "addon"}


def test_an_addon_is_installed_changed_and_removed(postgres):
    async def scenario(site):
        ada = site.ada.client
        await site.succeeded(await site.create(version="1.33"))
        assert await shown(site) == {}
        plan = await ada.post(f"{ADDONS}?dry_run=true", json={"name": "dns"})
        assert [line["key"] for line in plan.json()["changes"] if line["verb"] == "create"] == ["addon/dns"]
        assert there(site) == {}

        begun = await ada.post(ADDONS, json={"name": "dns", "plan_digest": plan.json()["digest"]})
        assert begun.json()["kind"] == "addon.install"
        assert (await shown(site))["dns"]["state"] == "provisioning"
        await site.succeeded(begun.json())
        calls = site.world.calls
        dns = (await shown(site))["dns"]
        assert site.world.calls == calls, "showing asks no cloud"
        assert (dns["state"], dns["version"], dns["wanted_version"], dns["managed"]) == ("ready", "2.0", None, True)
        assert (dns["newer_version"], dns["compatible"]) == ("2.1", True)
        assert (dns["next_version"], dns["compatible_next"], dns["version_for_next"]) == ("1.34", True, "2.1")

        again = await ada.post(ADDONS, json={"name": "dns"})
        assert (again.status_code, problem_kind(again)) == (409, "name-exists")
        await done(site, "PATCH", f"{ADDONS}/dns", {"version": "1.9", "configuration": {"replicas": 3}})
        old = (await ada.get(f"{ADDONS}/dns")).json()
        assert (old["version"], old["configuration"], old["compatible_next"]) == ("1.9", {"replicas": 3}, False)
        await done(site, "PATCH", f"{ADDONS}/dns", {"version": None})
        assert there(site)["dns"] == {"version": "1.9", "configuration": {"replicas": 3}, "identity": None}

        going = (await ada.delete(f"{ADDONS}/dns?dry_run=true")).json()
        assert [(item["code"], "not resolved" in item["message"]) for item in going["findings"]] == [
            ("addon-essential", True)
        ]
        await done(site, "DELETE", f"{ADDONS}/dns")
        assert (there(site), await shown(site)) == ({}, {})
        missing = await ada.delete(f"{ADDONS}/dns")
        assert (missing.status_code, "It has: none" in missing.json()["detail"]) == (404, True)
        assert {line["verb"] for line in (await ada.get(f"{PATH}/one/plan")).json()["changes"]} == {"keep"}
        await done(site, "POST", ADDONS, {"name": "dns", "version": "2.1"})
        assert there(site)["dns"]["version"] == "2.1"

    on_site(postgres, scenario)


def test_what_the_cloud_would_refuse_is_told_before_anything_is_made(postgres):
    async def scenario(site):
        ada = site.ada.client
        await site.succeeded(await site.create(version="1.34"))
        for body, pointer, told in (
            ({"name": "dnz"}, "/name", "Did you mean dns? There are: dns, metrics, volumes."),
            ({"name": "dns", "version": "1.9"}, "/version", "Choose one of 2.1, 2.0; without a version it is 2.0."),
            ({"name": "metrics", "identity": "me"}, "/identity", "take no identity"),
            ({"name": "dns", "configuration": {"replica": 1}}, "/configuration/replica", "There are: replicas"),
        ):
            refused = await ada.post(ADDONS, json=body)
            [error] = refused.json()["errors"]
            assert (refused.status_code, error["pointer"]) == (422, pointer), refused.text
            assert told in error["detail"]
            plan = await ada.post(f"{ADDONS}?dry_run=true", json=body)
            assert [item["severity"] for item in plan.json()["findings"]] == ["error"], plan.text
        assert (await ada.patch(f"{ADDONS}/dns", json={"version": "2.1"})).status_code == 404
        assert there(site) == {}
        await done(site, "POST", ADDONS, {"name": "volumes"})
        nothing = await ada.patch(f"{ADDONS}/volumes", json={})
        assert (nothing.status_code, "Give version" in nothing.json()["errors"][0]["detail"]) == (422, True)

        site.faults.add("read.addon_offers", Fault(Mode.DENIED))
        denied = await ada.post(ADDONS, json={"name": "metrics"})
        assert (denied.status_code, "read.addon_offers" in denied.text) == (422, True), denied.text
        assert set(there(site)) == {"volumes"}

    on_site(postgres, scenario)


def test_a_new_cluster_may_bring_its_addons(postgres):
    async def scenario(site):
        ada = site.ada.client
        wrong = {"addons": [{"name": "metrics"}, {"name": "metrics"}]}
        refused = await ada.post(PATH, json=site_body(site, **wrong))
        assert [item["pointer"] for item in refused.json()["errors"]] == ["/addons/1/name"]
        wrong = {"version": "1.34", "addons": [{"name": "metrics"}, {"name": "dns", "version": "1.9"}]}
        refused = await ada.post(PATH, json=site_body(site, **wrong))
        assert (problem_kind(refused), [item["pointer"] for item in refused.json()["errors"]]) == (
            "preflight-failed", ["/addons/1/version"],
        )  # fmt: skip
        assert site.world.resources() == []
        plan = await ada.post(f"{PATH}?dry_run=true", json=site_body(site, addons=[{"name": "volumes"}]))
        assert [item["code"] for item in plan.json()["findings"]] == ["addon-identity"]
        await site.succeeded(await site.create(addons=[{"name": "metrics"}, {"name": "volumes", "identity": "disks"}]))
        assert there(site)["volumes"]["identity"] == "disks"
        clone = {"name": "two", "credential_id": str(site.credential), "region": "sim-west-1"}
        made = (await ada.post(f"{PATH}/one:clone", json=clone)).json()
        assert [(item["name"], item["identity"]) for item in made["body"]["addons"]] == [
            ("metrics", None), ("volumes", "disks"),
        ]  # fmt: skip

    on_site(postgres, scenario)


def site_body(site, **more):
    pool = {"name": "default", "machine_type": "small", "node_count": 1}
    body = {"credential_id": str(site.credential), "name": "one", "region": "sim-east-1", "node_pool": pool}
    return body | more


def test_a_repeated_request_is_answered_as_it_was(postgres):
    async def scenario(site):
        ada = site.ada.client
        await site.succeeded(await site.create())
        for method, path, body in (("POST", ADDONS, {"name": "dns"}), ("DELETE", f"{ADDONS}/dns", None)):
            key = {"Idempotency-Key": f"once-{method}"}
            first = await ada.request(method, path, json=body, headers=key)
            await site.succeeded(first.json())
            again = await ada.request(method, path, json=body, headers=key)
            assert (again.status_code, again.json()["id"]) == (202, first.json()["id"]), again.text
        assert there(site) == {}

    on_site(postgres, scenario)


def test_what_is_offered_is_told_from_data_and_by_the_cloud(postgres):
    async def scenario(site):
        ada, known = site.ada.client, "/sim/kubernetes/metadata/addons"
        await site.succeeded(await site.create(version="1.33"))
        calls = site.world.calls
        items = (await ada.get(f"{known}?version=1.33")).json()["items"]
        assert [item["name"] for item in items] == ["dns", "metrics", "volumes"]
        assert items[2]["identity"] == "needed"
        for query, pointer in (("version=1.20", "?version"), ("version=1.33&mode=fargate", "?mode")):
            refused = await ada.get(f"{known}?{query}")
            assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
        assert site.world.calls == calls
        dns = (await ada.get(OFFERS)).json()["items"][0]
        assert [item["name"] for item in dns["versions"]] == ["2.1", "2.0", "1.9"]
        later = (await ada.get(f"{OFFERS}?version=1.34")).json()["items"][0]
        assert [(item["name"], item["default"]) for item in later["versions"]] == [("2.1", False), ("2.0", True)]
        assert site.world.calls == calls + 2
        assert (await site.vic.client.get(ADDONS)).status_code == 200
        assert (await site.vic.client.get(OFFERS)).status_code == 403
        assert (await site.vic.client.post(ADDONS, json={"name": "dns"})).status_code == 403

    on_site(postgres, scenario)


def test_a_roll_back_takes_an_addon_back_and_a_sweep_sees_what_others_changed(postgres):
    async def scenario(site):
        await site.succeeded(await site.create(version="1.33"))
        site.world.limits = {"addon": 0}
        begun = await site.ada.client.post(ADDONS, json={"name": "dns"})
        assert (await site.ended(begun.json())).state == "needs_attention"
        assert (await shown(site))["dns"]["state"] == "needs_attention"
        await site.succeeded(await site.roll_back(begun.json()))
        assert await shown(site) == {}
        site.world.limits = {}
        await done(site, "POST", ADDONS, {"name": "dns", "version": "2.1"})
        item = next(item for item in site.world.resources() if item.kind == "addon")
        item.fields = {**item.fields, "version": "1.9"}
        await site.sweep()
        dns = (await shown(site))["dns"]
        assert (dns["state"], dns["version"], dns["wanted_version"]) == ("drifted", "1.9", "2.1")

    on_site(postgres, scenario)

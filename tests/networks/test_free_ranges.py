"""The planner of ranges through the HTTP door: what is free over all clouds, and never the same twice."""

import asyncio
from ipaddress import IPv4Network

from building import PATH, cluster_body, on_site
from tenancy import problem_kind

VPCS = "/sim/network/vpcs"
FREE = "/networks:free-ranges"


def network_body(site, name, region="sim-east-1", **more):
    return {"credential_id": str(site.credential), "name": name, "region": region} | more


async def free(site, **params):
    return [item["cidr_block"] for item in (await site.ada.client.get(FREE, params=params)).json()["items"]]


def test_free_ranges_keep_clear_of_networks_on_every_cloud_and_of_ranges_of_clusters(postgres):
    async def scenario(site):
        ada = site.ada.client
        assert await free(site) == ["10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16"]
        await site.create_network(cidr_block="10.1.0.0/20")
        await site.create("one")
        assert await free(site, count=2) == ["10.2.0.0/16", "10.3.0.0/16"]
        await site.house.execute("UPDATE networks SET provider = 'other', region = 'elsewhere' WHERE name = 'net'")
        await site.house.execute(
            """UPDATE resources SET spec = spec || '{"service_cidr": "10.2.0.0/20"}' WHERE key = 'cluster'"""
        )
        assert await free(site, count=1) == ["10.3.0.0/16"]
        assert await free(site, count=1, within="10.1.0.0/16", prefix_length=20) == ["10.1.16.0/20"]
        answer = (await ada.get(FREE, params={"within": "10.1.0.0/16", "prefix_length": 20})).json()
        assert (answer["workspace_id"], answer["avoided"]) == (str(site.workspace), 1)
        assert answer["items"][0]["addresses"] == 4096
        assert (await site.eve.client.get(FREE)).json()["items"][0]["cidr_block"] == "10.0.0.0/16"
        theirs = await site.eve.client.get(FREE, params={"workspace_id": str(site.workspace)})
        assert theirs.status_code == 404
        for wrong, pointer in (
            ({"within": "10.0.0.7/8"}, "?within"),
            ({"within": "10.0.0.0/24"}, "?prefix_length"),
            ({"region": "sim-east-1"}, "?region"),
            ({"region": "nowhere", "provider": "sim"}, "?region"),
        ):
            refused = await ada.get(FREE, params=wrong)
            assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer), refused.text
        assert (await ada.get(FREE, params={"provider": "nope"})).status_code == 404

    on_site(postgres, scenario)


def test_an_overlap_with_another_region_is_told_and_refused_for_who_wants_it_so(postgres):
    async def scenario(site):
        ada = site.ada.client
        await site.create_network(cidr_block="10.7.0.0/16")
        body = network_body(site, "far", "sim-west-1", cidr_block="10.7.0.0/17")
        plan = (await ada.post(f"{VPCS}?dry_run=true", json=body)).json()
        [finding] = plan["findings"]
        assert (plan["ok"], finding["severity"], finding["field"]) == (True, "warning", "/cidr_block")
        for word in ("'net'", "sim-east-1", "10.0.0.0/17"):
            assert word in finding["message"]
        refused = await ada.post(VPCS, json=body | {"refuse_overlap": True})
        assert (refused.status_code, problem_kind(refused)) == (422, "preflight-failed"), refused.text
        assert refused.json()["codes"] == ["overlap"]
        assert (await ada.post(VPCS, json=body)).status_code == 202
        own = cluster_body(site.credential, network={"cidr_block": "10.7.0.0/16", "refuse_overlap": True})
        refused = await ada.post(PATH, json=own)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/network/cidr_block")

    on_site(postgres, scenario)


def test_creations_at_once_that_name_no_range_get_different_ones_on_the_plan_they_were_shown(postgres):
    async def scenario(site):
        ada = site.ada.client
        plan = (await ada.post(f"{VPCS}?dry_run=true", json=network_body(site, "n0"))).json()
        assert plan["cidr_block"] == "10.0.0.0/16"
        bodies = [(VPCS, network_body(site, f"n{i}", f"sim-{side}-1")) for i, side in enumerate(("east", "west") * 3)]
        bodies += [(PATH, cluster_body(site.credential, f"c{i}")) for i in range(3)]
        made = await asyncio.gather(*(ada.post(path, json=body) for path, body in bodies))
        assert [answer.status_code for answer in made] == [202] * 9, [answer.text for answer in made]
        networks = (await ada.get("/networks")).json()["items"]
        taken = [IPv4Network(item["cidr_block"]) for item in networks]
        assert len(taken) == 9
        assert not any(one.overlaps(other) for i, one in enumerate(taken) for other in taken[:i])
        by_cluster = {item["name"]: item["cidr_block"] for item in networks if item["owned_by"]}
        specs = "SELECT string_agg(name || ' ' || (spec->'network'->>'cidr_block'), ',' ORDER BY name) FROM clusters"
        assert await site.house.scalar(specs) == ",".join(f"{name} {by_cluster[name]}" for name in sorted(by_cluster))
        stale = await ada.post(VPCS, json=network_body(site, "late"), headers={"X-Plan-Digest": plan["digest"]})
        assert (stale.status_code, problem_kind(stale)) == (409, "plan-changed")

    on_site(postgres, scenario)

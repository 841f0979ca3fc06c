"""Peerings through the HTTP door: planned, made, shown, refused, parted, and what they mean for deleting a network."""

from uuid import UUID

from building import PATH, cluster_body, on_site
from tenancy import problem_kind

VPCS = "/sim/network/vpcs"
PEERINGS = "/sim/network/peerings"


async def two_networks(site, peer_block="10.8.0.0/16"):
    """`net` and `hub`, as the API shows them."""
    for name, block in (("net", "10.7.0.0/16"), ("hub", peer_block)):
        await site.succeeded(await site.create_network(name, block))
    return [(await site.ada.client.get(f"{VPCS}/{name}")).json() for name in ("net", "hub")]


async def peered(site, name="to-hub", **more):
    """Their peering, as the API shows it."""
    made = await site.ada.client.post(PEERINGS, json=wish(name, **more))
    assert made.status_code == 202, made.text
    await site.succeeded(made.json())
    return next(item for item in (await site.ada.client.get(PEERINGS)).json()["items"] if item["name"] == name)


def wish(name="to-hub", mine="net", peer="hub", **more):
    return {"name": name, "network_id": mine, "peer_network_id": peer} | more


def test_a_peering_is_planned_made_shown_drawn_and_parted(postgres):
    async def scenario(site):
        ada = site.ada.client
        net, hub = await two_networks(site)
        body = wish(mine=net["id"], peer=hub["vpc_id"], credential_id=str(site.credential))
        plan = (await ada.post(f"{PEERINGS}?dry_run=true", json=body)).json()
        assert [line["key"] for line in plan["changes"] if line["verb"] == "create"] == ["peering/to-hub"]
        assert (await ada.get(PEERINGS)).json()["items"] == []
        made = await ada.post(PEERINGS, json=body | {"plan_digest": plan["digest"]})
        assert made.status_code == 202, made.text
        await site.succeeded(made.json())
        [peering] = (await ada.get(PEERINGS)).json()["items"]
        shown = {
            key: peering[key] for key in ("state", "network_id", "peer_network_id", "cidr_block", "peer_cidr_block")
        }
        assert shown == {
            "state": "ready", "network_id": net["id"], "peer_network_id": hub["id"],
            "cidr_block": "10.7.0.0/16", "peer_cidr_block": "10.8.0.0/16",
        }  # fmt: skip
        for spelling in (peering["id"], peering["external_id"]):
            assert (await ada.get(f"{PEERINGS}/{spelling}")).json() == peering
        drawn = (await ada.get(f"{VPCS}/net/topology")).json()
        assert [node["name"] for node in drawn["nodes"] if node["kind"] == "peering"] == ["to-hub"]
        gone = await ada.delete(f"{PEERINGS}/{peering['id']}")
        assert gone.status_code == 202, gone.text
        await site.succeeded(gone.json())
        assert (await ada.get(PEERINGS)).json()["items"] == []
        assert {item.kind for item in site.world.resources()} == {"network"}

    on_site(postgres, scenario)


def test_overlapping_ranges_are_refused_by_name_before_anything_is_made(postgres):
    async def scenario(site):
        ada = site.ada.client
        await two_networks(site, "10.8.0.0/16")
        await site.succeeded(await site.create_network("twin", "10.7.128.0/17", region="sim-west-1"))
        refused = await ada.post(PEERINGS, json=wish(peer="twin"))
        assert refused.status_code == 422, refused.text
        [error] = refused.json()["errors"]
        assert error["pointer"] == "/peer_network_id"
        assert "10.7.128.0/17" in error["detail"]
        assert "10.7.0.0/16" in error["detail"]
        await peered(site)
        beside = await ada.post(PEERINGS, json=wish("other", mine="twin", peer="hub"))
        assert beside.status_code == 422, "two of hub's peers would have one range"
        assert "to-hub" in beside.json()["errors"][0]["detail"]
        assert [item.kind for item in site.world.resources()].count("peering") == 1

    on_site(postgres, scenario)


def test_what_cannot_be_peered_is_refused_with_the_reason(postgres):
    async def scenario(site):
        ada = site.ada.client
        await two_networks(site)
        itself = await ada.post(PEERINGS, json=wish(peer="net"))
        assert (itself.status_code, itself.json()["errors"][0]["pointer"]) == (422, "/peer_network_id")
        strange = await ada.post(PEERINGS, json=wish(options={"warp": True}))
        assert (strange.status_code, strange.json()["errors"][0]["pointer"]) == (422, "/options")
        assert (await ada.post(PEERINGS, json=wish(peer="nowhere"))).status_code == 404
        await peered(site)
        again = await ada.post(PEERINGS, json=wish("again"))
        assert (again.status_code, problem_kind(again)) == (409, "peering-exists")
        backwards = await ada.post(PEERINGS, json=wish("back", mine="hub", peer="net"))
        assert (backwards.status_code, problem_kind(backwards)) == (409, "peering-exists")
        assert (await site.vic.client.post(PEERINGS, json=wish("v"))).status_code == 403

    on_site(postgres, scenario)


def test_a_network_that_asked_for_a_peering_takes_it_along(postgres):
    async def scenario(site):
        ada = site.ada.client
        await two_networks(site)
        await peered(site)
        preview = (await ada.get(f"{VPCS}/net:deletion-plan")).json()
        assert preview["ok"], preview["findings"]
        assert "peering/to-hub" in [line["key"] for line in preview["changes"] if line["verb"] == "delete"]
        assert "'to-hub'" in preview["findings"][0]["message"]
        gone = await ada.delete(f"{VPCS}/net?plan_digest={preview['digest']}")
        assert gone.status_code == 202, gone.text
        await site.succeeded(gone.json())
        assert [item.name for item in site.world.resources()] == ["hub"]

    on_site(postgres, scenario)


def test_the_other_network_takes_the_peering_out_of_the_one_that_asked(postgres):
    async def scenario(site):
        ada = site.ada.client
        net, _ = await two_networks(site)
        await peered(site)
        preview = (await ada.get(f"{VPCS}/hub:deletion-plan")).json()
        assert preview["ok"], preview["findings"]
        assert "'to-hub' of the network 'net'" in preview["findings"][0]["message"]
        assert [item["origin"] for item in preview["inventory"] if item["kind"] == "sim.peering"] == ["ours"]
        gone = await ada.delete(f"{VPCS}/hub?plan_digest={preview['digest']}")
        assert gone.status_code == 202, gone.text
        await site.succeeded(gone.json())
        assert [item.name for item in site.world.resources()] == ["net"]
        parting = "SELECT state FROM operations WHERE kind = 'peering.delete' AND target_id = :id"
        assert await site.house.scalar(parting, id=UUID(net["id"])) == "succeeded"
        assert (await ada.get(PEERINGS)).json()["items"] == []
        assert (await ada.get(f"{VPCS}/net")).json()["state"] == "ready"

    on_site(postgres, scenario)


def test_a_foreign_peering_blocks_deletion_by_name(postgres):
    async def scenario(site):
        ada = site.ada.client
        _, hub = await two_networks(site)
        theirs = site.plant("peering", "their-peering", hub["vpc_id"])
        preview = (await ada.get(f"{VPCS}/hub:deletion-plan")).json()
        assert not preview["ok"]
        refused = await ada.delete(f"{VPCS}/hub")
        assert (refused.status_code, problem_kind(refused)) == (409, "network-not-empty")
        assert theirs in refused.json()["detail"]

    on_site(postgres, scenario)


def test_a_network_made_with_a_cluster_may_be_peered_from_another(postgres):
    async def scenario(site):
        ada = site.ada.client
        await two_networks(site)
        body = cluster_body(site.credential, network={"cidr_block": "10.50.0.0/16"})
        await site.succeeded((await ada.post(PATH, json=body)).json())
        own = next(item for item in (await ada.get("/networks")).json()["items"] if item["owned_by"])
        peering = await peered(site, "to-cluster", peer=own["id"])
        assert peering["peer_network_id"] == own["id"]
        preview = await ada.delete(f"{PATH}/one?dry_run=true")
        named = [item for item in preview.json().get("inventory") or [] if item["kind"] == "sim.peering"]
        assert [item["external_id"] for item in named] == [peering["external_id"]], preview.text

    on_site(postgres, scenario)


def test_a_roll_back_of_a_peering_leaves_both_networks_as_they_were(postgres):
    async def scenario(site):
        ada = site.ada.client
        await two_networks(site)
        made = (await ada.post(PEERINGS, json=wish())).json()
        await site.succeeded(made)
        await site.succeeded(await site.roll_back(made))
        assert (await ada.get(PEERINGS)).json()["items"] == []
        assert {item.kind for item in site.world.resources()} == {"network"}
        again = await ada.post(PEERINGS, json=wish())
        assert again.status_code == 202, again.text

    on_site(postgres, scenario)

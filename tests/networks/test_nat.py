"""Ways out for private nodes: one, one per zone, none; the same word on every cloud, refused where it means nothing."""

import pytest

from building import PATH, cluster_body, on_site
from skyclust.contract.specs import NetworkSpec
from skyclust.providers import aws, azure, gcp

REGIONS = {aws: "us-east-1", azure: "koreacentral", gcp: "europe-west1"}
VPCS = "/sim/network/vpcs"


def graph_of(cloud, nat):
    provider = cloud.provider({})
    spec = NetworkSpec("net", REGIONS[cloud], "10.0.0.0/16", nat=nat)
    nodes = list(provider.network_blueprint(spec))
    costs = [cost for node in nodes if (cost := provider.monthly_price(node, spec.region)) is not None]
    return [node.key for node in nodes], round(sum(usd for usd, _ in costs), 2)


@pytest.mark.parametrize("cloud", [aws, azure])
def test_a_nat_gateway_per_zone_is_twice_as_many_in_two_zones_and_as_much_dearer(cloud):
    single, cost = graph_of(cloud, "single")
    assert graph_of(cloud, None) == (single, cost), "single is what one gets who says nothing"
    zonal, dearer = graph_of(cloud, "per_zone")
    without, nothing = graph_of(cloud, "none")
    counts = [sum(key.startswith("nat-gateway") for key in keys) for keys in (single, zonal, without)]
    assert counts == [1, 2, 0]
    assert cost > 30
    assert dearer == pytest.approx(2 * cost)
    assert nothing == 0


def test_google_s_nat_is_regional_and_a_zonal_one_is_refused_with_the_reason():
    assert "router" in graph_of(gcp, "single")[0]
    assert "router" not in graph_of(gcp, "none")[0]
    spec = NetworkSpec("net", REGIONS[gcp], "10.0.0.0/16", nat="per_zone")
    [finding] = gcp.provider({}).validate_network(spec)
    assert (finding.severity, finding.field) == ("error", "/nat")
    assert "regional" in finding.message


def test_each_zone_s_subnet_on_azure_has_the_gateway_of_its_zone():
    spec = NetworkSpec("net", REGIONS[azure], "10.0.0.0/16", nat="per_zone", zones=3)
    graph = azure.provider({}).network_blueprint(spec)
    for zone in ("1", "2", "3"):
        assert graph[f"subnet/nodes-{zone}"].spec["nat_gateway"] == {"$ref": [f"nat-gateway/{zone}", "id"]}
        assert graph[f"nat-gateway/{zone}"].spec["zones"] == graph[f"nat-address/{zone}"].spec["zones"] == [zone]


def test_the_plan_shows_what_a_choice_costs_and_the_network_what_was_chosen(postgres):
    async def scenario(site):
        ada = site.ada.client
        body = {"credential_id": str(site.credential), "name": "net", "region": "sim-east-1", "carve": True}
        keys = {}
        for nat in ("single", "per_zone", "none"):
            plan = (await ada.post(f"{VPCS}?dry_run=true", json=body | {"nat": nat})).json()
            keys[nat] = [line["key"] for line in plan["changes"] if line["kind"] == "sim.gateway"]
        assert [len(found) for found in keys.values()] == [1, 2, 0], keys
        await site.succeeded((await ada.post(VPCS, json=body | {"nat": "none"})).json())
        assert (await ada.get(f"{VPCS}/net")).json()["nat"] == "none"
        bare = body | {"carve": False, "nat": "single"}
        assert (await ada.post(VPCS, json=bare)).status_code == 422, "there is nothing to lead out"
        public = body | {"private_nodes": False, "nat": "single"}
        assert (await ada.post(VPCS, json=public)).status_code == 422
        wish = {"cidr_block": "10.9.0.0/16", "nat": "none"}
        plan = await ada.post(f"{PATH}?dry_run=true", json=cluster_body(site.credential, network=wish))
        assert "gateway" not in {line["key"] for line in plan.json()["changes"]}, plan.text

    on_site(postgres, scenario)

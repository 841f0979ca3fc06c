"""Cloning: a spec in another region or on another cloud, with everything that is different told."""

import os
from ipaddress import ip_network

import pytest

from building import PATH, on_site
from skyclust.clusters.cloning import Place, cloned, nearest
from skyclust.clusters.parsing import cluster_spec, parse_flat
from skyclust.clusters.templates import parsed
from skyclust.contract.provider import MachineType
from skyclust.contract.resources import Price
from skyclust.contract.specs import AutoScaling, ClusterSpec, NetworkSpec, NodePoolSpec, Taint
from skyclust.entrypoints.wiring import installed_providers
from tenancy import problem_kind

PROVIDERS = {name: cloud for name, cloud in installed_providers(os.environ).items() if cloud.capabilities}
CLOUDS = sorted(PROVIDERS)
POOL = NodePoolSpec(
    "workers", "?", 3, AutoScaling(1, 6), labels={"team": "a"}, taints=(Taint("dedicated", "x", "PreferNoSchedule"),)
)


def machine(name, vcpu, memory, usd=None):
    return MachineType(name, vcpu, memory, Price(usd, "list", "2026-01-01") if usd else None)


def spec_on(provider, **more):
    """A cluster there with the machine that is nearest to four cores."""
    region = provider.regions()[0]
    chosen = nearest(machine("wish", 4, 16.0, 0.2), provider.machine_types(region))
    network = NetworkSpec("one", region, "10.0.0.0/16", zones=2)
    pools = (NodePoolSpec(**{**{name: getattr(POOL, name) for name in POOL.__slots__}, "machine_type": chosen.name}),)
    versions = provider.kubernetes_versions()
    return ClusterSpec("one", region, versions[1].name, network=network, node_pools=pools, **more)


@pytest.mark.parametrize("target", CLOUDS)
@pytest.mark.parametrize("source", CLOUDS)
def test_from_every_cloud_to_every_cloud_comes_a_body_that_it_takes_and_every_change_is_told(source, target):
    here, there = PROVIDERS[source], PROVIDERS[target]
    switches = {
        name: True
        for name, schema in here.cluster_options_schema["properties"].items()
        if schema.get("type") == "boolean"
    }
    assert switches, "or this proves nothing about them"
    spec = spec_on(here, options={"_note": {"x": 1}, "creator": "somebody", **switches})
    region = there.regions()[-1]
    clone = cloned(spec, Place(here, spec.region), Place(there, region), ["10.1.0.0/16"], protected=True)
    whole = {**clone.body, "name": "two", "credential_id": "00000000-0000-0000-0000-000000000000"}
    request = parse_flat(there, CLOUDS, parsed(whole))
    wrong = there.validate_cluster(cluster_spec(request, there, region, []))
    assert [item.message for item in wrong if item.severity == "error"] == []
    [pool], told = request.pools, {item.field: item.message for item in clone.findings}
    assert (pool.node_count, pool.auto_scaling, pool.labels, pool.taints) == (
        3,
        POOL.auto_scaling,
        POOL.labels,
        POOL.taints,
    )
    types = {item.name: item for item in there.machine_types(region)}
    was = next(item for item in here.machine_types(spec.region) if item.name == spec.node_pools[0].machine_type)
    assert 0.5 <= types[pool.machine_type].vcpu / was.vcpu <= 2
    if pool.machine_type != was.name:
        assert was.name in told["/node_pools/0/machine_type"]
        assert pool.machine_type in told["/node_pools/0/machine_type"]
    assert request.version in {item.name for item in there.kubernetes_versions()}
    block = ip_network(clone.body["network"]["cidr_block"])
    assert not any(block.overlaps(ip_network(other)) for other in ("10.0.0.0/16", "10.1.0.0/16"))
    lost = " ".join(item.message for item in clone.findings if item.field == f"/{target}")
    assert all((name in request.options) != (repr(name) in lost) for name in switches)
    assert not {"_note", "creator"} & set(request.options)
    assert "creator" not in lost
    assert request.deletion_protection is True


def test_the_nearest_machine_is_alike_in_cores_and_memory_and_then_in_price():
    offered = [
        machine("small", 2, 8.0, 0.1), machine("odd", 4, 8.0, 0.15), machine("dear", 4, 16.0, 0.9),
        machine("fair", 4, 16.0, 0.21), machine("unpriced", 4, 16.0), machine("huge", 64, 256.0, 3.0),
    ]  # fmt: skip
    assert nearest(machine("wish", 4, 16.0, 0.2), offered).name == "fair"
    assert nearest(machine("wish", 4, 12.0), offered).name == "fair", "rather too large than too small"
    assert nearest(machine("wish", 100, 400.0), offered).name == "huge"
    assert nearest(machine("wish", 1, 1.0), []) is None


def test_what_has_no_counterpart_is_named_and_what_cannot_be_translated_is_an_error():
    sim = installed_providers({"SKYCLUST_WITH_SIM": "1"})["sim"]
    there = Place(sim, sim.regions()[0])

    def told(spec, source=None):
        found = cloned(
            spec, source or Place(PROVIDERS[CLOUDS[0]], PROVIDERS[CLOUDS[0]].regions()[0]), there, [], protected=False
        )
        return {(item.severity, item.field, item.code) for item in found.findings}

    base = ClusterSpec("one", "r", "1.20", mode="airborne", vpc_id="vpc-7", zones=("z",), asleep={})
    assert {
        ("error", "/mode", "cannot-be-translated"), ("warning", "/version", "chosen"), ("warning", "/network", "chosen"),
        ("warning", "/zones", "no-counterpart"), ("warning", "", "chosen"),
    } <= told(base)  # fmt: skip
    unknown = ClusterSpec("one", "r", "1.33", node_pools=(NodePoolSpec("a", "abacus", 1, spot=True, zones=("z",)),))
    assert {
        ("error", "/node_pools/0/machine_type", "cannot-be-translated"),
        ("warning", "/node_pools/0/zones", "no-counterpart"),
    } <= told(unknown)


def test_a_clone_is_shown_first_made_only_when_asked_and_then_as_it_was_shown(postgres):
    async def scenario(site):
        ada, other = site.ada.client, site.sim.regions()[1]
        await site.succeeded(await site.create(network={"cidr_block": "10.0.0.0/16", "zones": 3}))
        body = {"name": "two", "credential_id": str(site.credential), "region": other}
        plan = await ada.post(f"{PATH}/one:clone", json=body)
        assert plan.status_code == 200, plan.text
        plan = plan.json()
        assert (plan["ok"], plan["body"]["region"], plan["body"]["network"]["zones"]) == (True, other, 3)
        assert plan["body"]["network"]["cidr_block"] != "10.0.0.0/16"
        assert len((await ada.get("/clusters")).json()["items"]) == 1
        rehearsed = await ada.post(f"{PATH}/one:clone?dry_run=true", json=body | {"create": True})
        assert rehearsed.json()["digest"] == plan["digest"]
        made = await ada.post(f"{PATH}/one:clone", json=body | {"create": True, "plan_digest": plan["digest"]})
        assert made.status_code == 202, made.text
        await site.succeeded(made.json())
        one, two = [(await ada.get(f"{PATH}/{name}")).json() for name in ("one", "two")]
        assert [pool | {"external_id": ""} for pool in one["node_pools"]] == [
            pool | {"external_id": ""} for pool in two["node_pools"]
        ]
        assert (two["version"], two["region"]) == (one["version"], other)

        here = await ada.post(f"/clusters/{one['id']}:clone", json=body | {"name": "one", "region": None})
        assert (here.status_code, problem_kind(here)) == (409, "name-exists")
        nowhere = await ada.post(f"{PATH}/one:clone", json=body | {"region": "atlantis-1"})
        assert (nowhere.status_code, nowhere.json()["errors"][0]["pointer"]) == (422, "/region")
        bad = (await ada.post(f"{PATH}/one:clone", json=body | {"name": "Two"})).json()
        assert (bad["ok"], bad["findings"][-1]["field"]) == (False, "/name")
        assert (await site.vic.client.post(f"{PATH}/one:clone", json=body)).status_code == 403

    on_site(postgres, scenario)

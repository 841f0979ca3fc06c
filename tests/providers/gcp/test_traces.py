"""What Kubernetes left behind is recognised by evidence that names a cluster of ours, and by nothing less."""

import json

import pytest

from skyclust.providers.gcp.traces import Findings, traces

BASE = "https://compute.googleapis.com/compute/v1/projects/p"
NETWORK = "projects/p/global/networks/net"
REGION = "asia-northeast3"
SERVICE = json.dumps({"kubernetes.io/service-name": "default/web"})


def firewall(name: str, *tags: str, network: str = NETWORK) -> dict:
    link = f"{BASE}/global/firewalls/{name}"
    return {
        "name": name,
        "selfLink": link,
        "network": f"{BASE}/{network[len('projects/p/') :]}",
        "targetTags": list(tags),
    }


def regional(kind: str, name: str, region: str = REGION, **more) -> dict:
    return {"name": name, "selfLink": f"{BASE}/regions/{region}/{kind}/{name}", **more}


def zonal(kind: str, name: str, **more) -> dict:
    return {"name": name, "selfLink": f"{BASE}/zones/{REGION}-a/{kind}/{name}", **more}


def of_shop() -> Findings:
    balancer = "a0123456789abcdef0123456789abcde"
    return Findings(
        firewalls=(
            firewall(f"k8s-fw-{balancer}", "gke-shop-0a1b2c3d-node"),
            firewall("k8s-00ff00ff-node-http-hc", "gke-shop-0a1b2c3d-node"),
        ),
        forwarding_rules=(
            regional(
                "forwardingRules",
                balancer,
                description=SERVICE,
                target=f"{BASE}/regions/{REGION}/targetPools/{balancer}",
            ),
        ),
        target_pools=(regional("targetPools", balancer, description=SERVICE),),
        endpoint_groups=(
            zonal(
                "networkEndpointGroups",
                "k8s1-00ff00ff-default-web-80-1234",
                network=f"{BASE}/global/networks/net",
                description=json.dumps({"cluster-uid": "00ff00ff"}),
            ),
        ),
        disks=(zonal("disks", "pvc-1", labels={"goog-k8s-cluster-name": "shop"}),),
        clusters=frozenset({"shop"}),
    )


def kinds(found: Findings) -> list[str]:
    return [trace.kind for trace in traces(found, NETWORK, REGION)]


def test_everything_of_a_cluster_is_found_and_its_evidence_goes_last():
    expected = ["forwardingRules", "targetPools", "networkEndpointGroups", "disks", "firewalls", "firewalls"]
    assert kinds(of_shop()) == expected
    assert {trace.cluster for trace in traces(of_shop(), NETWORK, REGION)} == {"shop"}


@pytest.mark.parametrize("clusters", [frozenset(), frozenset({"sho"}), frozenset({"shop-2"}), frozenset({"hop"})])
def test_nothing_is_taken_for_a_cluster_of_another_name(clusters):
    found = of_shop()
    assert kinds(Findings(found.firewalls, found.forwarding_rules, found.target_pools, found.endpoint_groups, found.disks, clusters)) == []  # fmt: skip


def test_rules_of_another_network_stay():
    other = firewall("k8s-fw-a1", "gke-shop-0a1b2c3d-node", network="projects/p/global/networks/other")
    assert kinds(Findings(firewalls=(other,), clusters=frozenset({"shop"}))) == []


def test_a_rule_somebody_wrote_for_the_nodes_is_not_kubernetes():
    wall = firewall("let-me-in", "gke-shop-0a1b2c3d-node")
    assert kinds(Findings(firewalls=(wall,), clusters=frozenset({"shop"}))) == []


def test_disks_in_use_of_other_regions_or_other_names_stay():
    label = {"goog-k8s-cluster-name": "shop"}
    disks = (
        zonal("disks", "pvc-1", labels=label, users=[f"{BASE}/zones/{REGION}-a/instances/x"]),
        zonal("disks", "data", labels=label),
        zonal("disks", "pvc-2", labels={**label, "goog-k8s-cluster-location": "us-central1"}),
        zonal("disks", "pvc-3", labels={}),
    )
    assert kinds(Findings(disks=disks, clusters=frozenset({"shop"}))) == []


def test_a_load_balancer_of_nobody_known_stays():
    rule = regional("forwardingRules", "a77", description=SERVICE, target=f"{BASE}/regions/{REGION}/targetPools/a77")
    pool = regional("targetPools", "a77", description=SERVICE)
    assert kinds(Findings(forwarding_rules=(rule,), target_pools=(pool,), clusters=frozenset({"shop"}))) == []


def test_the_machines_of_a_target_pool_are_no_evidence():
    """gke-shop-default-... may be the pool "default" of "shop", or any pool of a foreign "shop-default"."""
    machines = [f"{BASE}/zones/{REGION}-a/instances/gke-shop-default-0a1b2c3d-x1y2"]
    pool = regional("targetPools", "a77", description=SERVICE, instances=machines)
    assert kinds(Findings(target_pools=(pool,), clusters=frozenset({"shop"}))) == []


def test_long_names_are_recognised_by_what_gke_keeps_of_them():
    ours = frozenset({"a-very-long-cluster-name-indeed", "shop-2"})
    found = Findings(clusters=ours)
    assert found.owner("a-very-long-cluster-name-i") == "a-very-long-cluster-name-indeed"
    assert found.owner("a-very-long") is None
    assert found.owner("shop") is None
    foreign = Findings(clusters=ours, others=frozenset({"a-very-long-cluster-name-i"}))
    assert foreign.owner("a-very-long-cluster-name-i") is None

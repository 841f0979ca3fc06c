"""Graphs: which resources a request becomes, and how they hang together."""

from dataclasses import replace
from uuid import UUID

import pytest

from skyclust.contract.resources import Mark, Observed, Phase, ref, references
from skyclust.contract.specs import (
    AutoScaling,
    FirewallRuleSpec,
    NetworkSpec,
    NodePoolSpec,
    SecurityGroupSpec,
    SubnetSpec,
    Taint,
)
from skyclust.providers.azure.drivers import node_pool_bodies as pools
from skyclust.providers.azure.drivers.arm import merged
from skyclust.providers.azure.drivers.cluster_bodies import behind, cluster_body, cluster_changes, next_version

REGION = "koreacentral"
NETWORK = NetworkSpec("net", REGION, "10.0.0.0/16")
POOL = NodePoolSpec("default", "Standard_D2s_v5", 3)
VPC = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v"
MARK = Mark(UUID(int=1), UUID(int=2), 1, "shop")


def test_a_carved_network_has_a_subnet_with_a_way_out(pure):
    graph = pure.network_blueprint(NETWORK)
    assert [node.key for node in graph] == [
        "resource-group", "network", "nat-address", "nat-gateway", "subnet/nodes", "leftovers",
    ]  # fmt: skip
    assert ("nat-gateway", "id") in set(references(graph["subnet/nodes"].spec))
    assert graph["subnet/nodes"].spec["cidr_block"] == "10.0.0.0/17"


def test_a_public_network_has_no_nat(pure):
    graph = pure.network_blueprint(replace(NETWORK, private_nodes=False))
    assert not [node.key for node in graph if node.key.startswith("nat")]
    assert graph["subnet/nodes"].spec["nat_gateway"] is None


def test_nodes_in_a_public_subnet_go_out_by_the_load_balancer(pure, make_cluster):
    subnets = (SubnetSpec("front", "10.0.1.0/24", public=True), SubnetSpec("back", "10.0.2.0/24"))
    network = replace(NETWORK, subnets=subnets)
    graph = pure.cluster_blueprint(make_cluster(network=network))
    cluster, pool = graph["cluster"].spec, graph["node-pool/default"].spec
    assert cluster["subnet"] == pool["subnet"] == ref("subnet/front")
    assert (cluster["outbound_type"], cluster["egress_address"]) == ("loadBalancer", None)
    turned = pure.cluster_blueprint(make_cluster(network=replace(network, subnets=subnets[::-1])))
    assert turned["cluster"].spec["outbound_type"] == "userAssignedNATGateway"


def test_an_existing_network_is_adopted_and_gets_a_group_only_for_what_needs_one(pure):
    existing = replace(NETWORK, existing_id=VPC)
    assert pure.network_blueprint(existing)["network"].adopt_id == VPC
    assert "resource-group" not in {node.key for node in pure.network_blueprint(existing)}
    group = SecurityGroupSpec("web", "", (FirewallRuleSpec("ingress", "tcp", 80, 80, ("0.0.0.0/0",)),))
    with_group = pure.network_blueprint(replace(existing, security_groups=(group,)))
    assert "resource-group" in with_group["security-group/web"].depends_on


def test_everything_of_a_stack_is_in_its_group_and_deleted_before_it(pure, make_cluster):
    graph = pure.cluster_blueprint(make_cluster())
    for key in ("network", "nat-address", "nat-gateway", "cluster"):
        assert "resource-group" in graph[key].depends_on, key
    assert "leftovers" in graph["cluster"].depends_on


def test_a_cluster_in_an_existing_network_has_a_group_of_its_own(pure, make_cluster):
    spec = make_cluster(
        network=None, vpc_id=VPC, subnet_ids=(f"{VPC}/subnets/a",), options={"_outbound": "loadBalancer"}
    )
    graph = pure.cluster_blueprint(spec)
    assert graph["network"].adopt_id == VPC
    assert graph["subnet/a"].adopt_id == f"{VPC}/subnets/a"
    assert graph["cluster"].spec["outbound_type"] == "loadBalancer"
    assert "resource-group" in graph["cluster"].depends_on


def test_the_first_pool_that_may_is_the_system_pool(pure, make_cluster):
    taint = Taint("gpu", "yes", "NoSchedule")
    wanted = (
        replace(POOL, name="cheap", spot=True),
        replace(POOL, name="tainted", taints=(taint,)),
        replace(POOL, name="empty", auto_scaling=AutoScaling(0, 3)),
        replace(POOL, name="usual"),
        replace(POOL, name="other"),
    )
    graph = pure.cluster_blueprint(make_cluster(node_pools=wanted))
    modes = {pool.name: graph[f"node-pool/{pool.name}"].spec["mode"] for pool in wanted}
    assert modes == {"cheap": "User", "tainted": "User", "empty": "User", "usual": "System", "other": "User"}


def test_zones_of_a_cluster_are_those_of_its_pools_unless_they_say_otherwise(pure, make_cluster):
    other = replace(POOL, name="other", zones=("3",))
    graph = pure.cluster_blueprint(make_cluster(zones=("1", "2"), node_pools=(POOL, other)))
    assert graph["node-pool/default"].spec["zones"] == ["1", "2"]
    assert graph["node-pool/other"].spec["zones"] == ["3"]


@pytest.mark.parametrize(
    ("seen", "wanted", "step"),
    [
        ("1.31.4", "1.34", "1.32"),
        ("1.33.4", "1.34", "1.34"),
        ("1.33.4", "1.34.2", "1.34.2"),
        ("1.32.1", "1.34.2", "1.33"),
    ],
)
def test_control_planes_go_one_minor_version_at_a_time(seen, wanted, step):
    assert behind(seen, wanted)
    assert next_version(seen, wanted) == step
    assert not behind(wanted, "1.30")


# ---- bodies ----
def spec_of(pure, make_cluster, key: str, **changes):
    graph = pure.cluster_blueprint(make_cluster(**changes))
    return {**graph[key].spec, "cluster": "/c", "subnet": f"{VPC}/subnets/a"}


def pool_of(spec, **properties):
    body = pools.pool_body(spec, MARK)["properties"]
    return {"name": spec["name"], "properties": {**body, "provisioningState": "Succeeded", **properties}}


def changes_of(spec, pool) -> dict[str, bool]:
    seen = pools.observed_pool("/c/agentPools/default", pool, spare=False, lives=True)
    return {change.field: change.replace for change in pools.pool_changes(spec, seen, is_behind=False)}


def test_a_pool_is_as_its_body_says(pure, make_cluster):
    taint = Taint("a", "b", "NoSchedule")
    pool = replace(POOL, labels={"x": "y"}, taints=(taint,), zones=("2", "1"), auto_scaling=AutoScaling(1, 5))
    spec = spec_of(pure, make_cluster, "node-pool/default", node_pools=(pool,))
    assert changes_of(spec, pool_of(spec)) == {}


def test_what_aks_adds_to_a_pool_is_no_difference_and_stays(pure, make_cluster):
    cheap = replace(POOL, name="cheap", spot=True)
    spec = spec_of(pure, make_cluster, "node-pool/cheap", node_pools=(POOL, cheap))
    own = {
        "nodeLabels": {"kubernetes.azure.com/scalesetpriority": "spot"},
        "nodeTaints": ["kubernetes.azure.com/scalesetpriority=spot:NoSchedule"],
    }
    pool = pool_of(spec, **own)
    assert changes_of(spec, pool) == {}
    changed = pools.changed_body(pool, {**spec, "labels": {"a": "b"}})["properties"]
    assert changed["nodeTaints"] == own["nodeTaints"]
    assert changed["nodeLabels"] == {**own["nodeLabels"], "a": "b"}


def test_machines_disks_zones_and_spot_are_fixed_and_the_rest_is_not(pure, make_cluster):
    spec = spec_of(pure, make_cluster, "node-pool/default")
    pool = pool_of(spec)
    other = {
        "machine_type": "Standard_D4s_v5", "disk_gb": 99, "spot": True, "zones": ["1"], "node_count": 5, "mode": "User",
        "labels": {"a": "b"}, "taints": [{"key": "a", "value": "", "effect": "NoExecute"}],
    }  # fmt: skip
    fixed = {"machine_type", "disk_gb", "spot", "zones"}
    assert changes_of({**spec, **other}, pool) == {name: name in fixed for name in other}


def test_the_size_of_an_autoscaled_pool_is_the_autoscaler_s(pure, make_cluster):
    scaled = replace(POOL, auto_scaling=AutoScaling(1, 5))
    spec = spec_of(pure, make_cluster, "node-pool/default", node_pools=(scaled,))
    pool = pool_of(spec, count=5)
    assert changes_of(spec, pool) == {}
    assert pools.changed_body(pool, {**spec, "labels": {"a": "b"}})["properties"]["count"] == 5
    assert pools.changed_body(pool, {**spec, "auto_scaling": {"min": 1, "max": 4}})["properties"]["count"] == 4
    without = pools.changed_body(pool, {**spec, "auto_scaling": None})["properties"]
    assert without["count"] == 3
    assert not {"minCount", "maxCount"} & without.keys()


def test_a_change_that_failed_is_a_difference_and_never_a_reason_to_replace(pure, make_cluster):
    spec = spec_of(pure, make_cluster, "node-pool/default")
    failed = pool_of(spec, provisioningState="Failed")
    assert pools.observed_pool("/p", failed, spare=False, lives=True).phase is Phase.READY
    assert changes_of(spec, failed) == {"state": False}
    assert pools.observed_pool("/p", failed, spare=False, lives=False).phase is Phase.FAILED


def test_a_spare_pool_is_removed_by_a_system_pool_only(pure, make_cluster):
    spec = spec_of(pure, make_cluster, "node-pool/default")
    system, user = pool_of(spec), pool_of({**spec, "mode": "User"})
    spare = {"name": "spare", "properties": {"mode": "System", "tags": pools.spare_tags(MARK)}}
    assert pools.spare_beside(system, [system, spare])
    assert not pools.spare_beside(user, [user, spare])
    assert not pools.spare_beside(system, [system])
    assert not MARK.owns_tags(spare["properties"]["tags"])


def test_a_cluster_begins_with_a_spare_pool_of_the_stack(pure, make_cluster):
    body = cluster_body(spec_of(pure, make_cluster, "cluster"), MARK)
    (pool,) = body["properties"]["agentPoolProfiles"]
    assert (pool["name"], pool["count"], pool["mode"], pool["vmSize"]) == ("spare", 1, "System", "Standard_D2s_v5")
    assert pools.is_spare_of({"name": "spare", "properties": pool}, MARK)
    assert MARK.owns_tags(body["tags"])


def test_a_private_cluster_has_no_ranges_and_keeps_its_access(pure, make_cluster):
    spec = spec_of(pure, make_cluster, "cluster", options={"private_cluster": True})
    access = cluster_body(spec, MARK)["properties"]["apiServerAccessProfile"]
    assert access == {"enablePrivateCluster": True}
    seen = Observed("/c", Phase.READY, {}, {"version": "1.33.1", "authorized_ranges": []})
    assert "authorized_ranges" not in {change.field for change in cluster_changes(spec, seen)}


def test_nodes_behind_nat_are_let_in_with_the_authorized_ranges(pure, make_cluster):
    given = {"authorized_ranges": ["192.0.2.0/24"]}
    spec = spec_of(pure, make_cluster, "cluster", options=given)
    assert spec["egress_address"] == ref("nat-address", "address")
    spec["egress_address"] = "203.0.113.9"
    access = cluster_body(spec, MARK)["properties"]["apiServerAccessProfile"]
    assert access["authorizedIPRanges"] == ["192.0.2.0/24", "203.0.113.9/32"]
    assert cluster_body({**spec, "authorized_ranges": []}, MARK)["properties"]["apiServerAccessProfile"] == {
        "enablePrivateCluster": False,
        "authorizedIPRanges": [],
    }
    public = replace(NETWORK, private_nodes=False)
    assert spec_of(pure, make_cluster, "cluster", network=public)["egress_address"] is None


def test_an_identity_of_one_s_own_is_the_control_plane_s(pure, make_cluster):
    identity = f"{VPC.partition('/providers/')[0]}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/aks"
    spec = spec_of(pure, make_cluster, "cluster", options={"identity_id": identity})
    assert cluster_body(spec, MARK)["identity"]["userAssignedIdentities"] == {identity: {}}
    assert cluster_body({**spec, "identity_id": None}, MARK)["identity"] == {"type": "SystemAssigned"}


def test_a_put_brings_back_all_that_was_read_but_what_only_azure_writes():
    document = {"id": "/x", "etag": "1", "location": "here", "tags": {"a": "b"}, "properties": {
        "provisioningState": "Succeeded", "subnets": [1], "natGateway": {"id": "/n"}}}  # fmt: skip
    body = merged(document, {"properties": {"natGateway": None, "addressPrefix": "10.0.0.0/24"}})
    assert body == {
        "location": "here",
        "tags": {"a": "b"},
        "properties": {"subnets": [1], "addressPrefix": "10.0.0.0/24"},
    }


def test_asleep_a_cluster_keeps_one_node_for_aks_and_its_modes(pure, make_cluster):
    spec = make_cluster(node_pools=(POOL, replace(POOL, name="other", auto_scaling=AutoScaling(2, 5))))
    assert pure.sleeping_sizes(spec) == {"default": 1}
    graph = pure.cluster_blueprint(replace(spec, asleep=dict(pure.sleeping_sizes(spec))))
    told = {name: graph[f"node-pool/{name}"].spec for name in ("default", "other")}
    assert {name: (body["node_count"], body["mode"]) for name, body in told.items()} == {
        "default": (1, "System"),
        "other": (0, "User"),
    }
    assert told["other"]["auto_scaling"] is None

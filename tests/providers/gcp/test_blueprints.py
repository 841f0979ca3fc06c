"""Graphs: what a request becomes, and in which order it comes and goes."""

import json
from dataclasses import replace

import pytest

from skyclust.contract.errors import NotSupported
from skyclust.contract.resources import topological_order
from skyclust.contract.specs import (
    AutoScaling,
    ClusterSpec,
    FirewallRuleSpec,
    NetworkSpec,
    NodePoolSpec,
    SecurityGroupSpec,
    SubnetSpec,
)
from skyclust.providers.gcp.blueprints import spread

REGION = "asia-northeast3"
NETWORK = NetworkSpec("net", REGION, "10.0.0.0/16")


def deletion_order(graph) -> list[str]:
    return list(reversed(topological_order({node.key: node.depends_on for node in graph})))


def test_a_carved_network_has_ranges_for_nodes_pods_and_services(pure):
    subnet = pure.network_blueprint(NETWORK)["subnet/nodes"].spec
    assert subnet["cidr_block"] == "10.0.0.0/20"
    assert subnet["secondary_ranges"] == {"pods": "10.0.128.0/17", "services": "10.0.16.0/20"}
    assert subnet["private_google_access"]


def test_a_network_that_is_not_carved_holds_only_what_was_asked_for(pure):
    spec = replace(NETWORK, carve=False, subnets=(SubnetSpec("web", "10.0.1.0/24"),), mtu=1500, routing_mode="global")
    graph = pure.network_blueprint(spec)
    assert [node.key for node in graph] == ["network", "subnet/web", "leftovers"]
    assert graph["subnet/web"].spec["name"] == "net-web"
    assert graph["network"].spec == {"name": "net", "routing_mode": "GLOBAL", "mtu": 1500}


def test_nat_comes_with_private_nodes_only(pure):
    assert "router" in [node.key for node in pure.network_blueprint(NETWORK)]
    public = pure.network_blueprint(replace(NETWORK, private_nodes=False))
    assert "router" not in [node.key for node in public]


def test_an_existing_network_is_only_observed(pure):
    graph = pure.network_blueprint(replace(NETWORK, existing_id="projects/p/global/networks/shared"))
    assert graph["network"].adopt_id == "projects/p/global/networks/shared"
    assert [node.key for node in graph] == ["network", "leftovers"]


def test_a_group_is_held_by_a_rule_that_is_off_and_each_of_its_rules_is_a_node(pure):
    rule = FirewallRuleSpec("ingress", "tcp", 80, 80, ("0.0.0.0/0",))
    other = replace(rule, from_port=443, to_port=443)
    groups = (SecurityGroupSpec("web", "", (rule, other, rule)), SecurityGroupSpec("later", "", ()))
    graph = pure.network_blueprint(replace(NETWORK, security_groups=groups))
    assert graph["security-group/web"].spec["disabled"]
    assert graph["security-group/later"].spec["disabled"]
    rules = [node for node in graph if node.key.startswith("security-group/web/")]
    assert [node.spec["rule"]["from_port"] for node in rules] == [80, 443]
    assert not [node for node in graph if node.key.startswith("security-group/later/")]


def test_changing_one_rule_of_a_group_leaves_the_others_alone(pure):
    rule = FirewallRuleSpec("ingress", "tcp", 80, 80, ("0.0.0.0/0",))
    other = replace(rule, from_port=443, to_port=443)

    def keys(*rules):
        groups = (SecurityGroupSpec("web", "", rules),)
        return {node.key for node in pure.network_blueprint(replace(NETWORK, security_groups=groups))}

    assert keys(rule, other) - keys(other) == {next(iter(keys(rule) - keys()))}
    assert keys(rule, other) == keys(replace(other, description="said otherwise"), rule)


def test_leftovers_go_after_the_cluster_and_before_its_network(pure, make_cluster):
    order = deletion_order(pure.cluster_blueprint(make_cluster()))
    assert order.index("node-pool/default") < order.index("cluster") < order.index("leftovers")
    assert order.index("leftovers") < order.index("subnet/nodes") < order.index("network")
    assert order.index("cluster") < order.index("node-identity")
    assert order.index("cluster") < order.index("router")


def test_a_cluster_waits_for_nat_and_firewall_rules(pure, make_cluster):
    cluster = pure.cluster_blueprint(make_cluster())["cluster"]
    assert {"router", "firewall/internal", "subnet/nodes", "node-identity", "leftovers"} <= set(cluster.depends_on)


def test_one_zone_makes_a_zonal_cluster_and_none_a_regional_one(pure, make_cluster):
    regional = pure.cluster_blueprint(make_cluster())["cluster"].spec
    assert (regional["location"], len(regional["node_locations"])) == (REGION, 3)
    zonal = pure.cluster_blueprint(make_cluster(zones=(f"{REGION}-b",)))["cluster"].spec
    assert (zonal["location"], zonal["node_locations"]) == (f"{REGION}-b", [f"{REGION}-b"])


def test_scaling_a_pool_does_not_change_the_cluster(pure, make_cluster):
    spec = make_cluster()
    grown = replace(spec, node_pools=(replace(spec.node_pools[0], node_count=6),))
    before, after = pure.cluster_blueprint(spec), pure.cluster_blueprint(grown)
    assert before["cluster"] == after["cluster"]
    assert before["node-pool/default"] != after["node-pool/default"]


def test_nodes_are_private_unless_the_network_or_the_request_says_otherwise(pure, make_cluster):
    public = replace(NETWORK, private_nodes=False)
    assert pure.cluster_blueprint(make_cluster())["cluster"].spec["private_nodes"]
    assert not pure.cluster_blueprint(make_cluster(network=public))["cluster"].spec["private_nodes"]
    asked = make_cluster(network=public, options={"private_cluster": True})
    assert pure.cluster_blueprint(asked)["cluster"].spec["private_nodes"]


def test_autopilot_has_no_pools_and_always_workload_identity(pure, make_cluster):
    spec = make_cluster(mode="autopilot", node_pools=(), options={"workload_identity": False})
    graph = pure.cluster_blueprint(spec)
    assert not [node for node in graph if node.kind == "gcp.container.node_pool"]
    assert graph["cluster"].spec["workload_identity"]


def test_a_service_account_of_ones_own_is_used_and_none_is_made(pure, make_cluster):
    email = "nodes@my-project.iam.gserviceaccount.com"
    graph = pure.cluster_blueprint(make_cluster(options={"service_account": email}))
    assert "node-identity" not in [node.key for node in graph]
    assert graph["node-pool/default"].spec["service_account"] == email


def test_existing_subnetworks_are_adopted_and_the_cluster_uses_the_first(pure, make_cluster):
    spec = make_cluster(network=None, vpc_id="shared", subnet_ids=("alpha", "beta"))
    graph = pure.cluster_blueprint(spec)
    assert [node.adopt_id for node in graph if node.adopt_id] == ["shared", "alpha", "beta"]
    assert graph["cluster"].spec["subnetwork"] == {"$ref": ["subnet/alpha", "id"]}
    assert "router" not in [node.key for node in graph]


def test_an_unknown_mode_is_not_supported(pure, make_cluster):
    with pytest.raises(NotSupported):
        pure.cluster_blueprint(make_cluster(mode="fargate"))


@pytest.mark.parametrize(("count", "zones"), [(3, 3), (6, 3), (4, 2), (5, 1), (1, 1), (0, 3)])
def test_nodes_are_spread_over_as_many_zones_as_divide_their_number(count, zones):
    pool = NodePoolSpec("default", "e2-medium", count)
    assert len(spread(pool, ("a", "b", "c"))) == zones


def test_long_names_stay_within_what_google_allows(pure):
    long = "n" + "x" * 60
    rule = FirewallRuleSpec("ingress", "tcp", 80, 80, ("0.0.0.0/0",))
    spec = replace(NETWORK, name=long, security_groups=(SecurityGroupSpec("g" * 60, "", (rule,)),))
    graph = pure.network_blueprint(spec)
    names = [node.spec["name"] for node in graph if "name" in node.spec]
    assert all(len(name) <= 63 for name in names)
    account = pure.cluster_blueprint(ClusterSpec("c" * 40, REGION, "1.33", network=spec, node_pools=(pool(),)))
    assert 6 <= len(account["node-identity"].spec["account_id"]) <= 30


def test_specs_survive_json(pure, make_cluster):
    spec = make_cluster(node_pools=(replace(pool(), auto_scaling=AutoScaling(1, 3)),))
    graph = pure.cluster_blueprint(ClusterSpec.from_json(json.loads(json.dumps(spec.to_json()))))
    assert graph == pure.cluster_blueprint(spec)


def pool() -> NodePoolSpec:
    return NodePoolSpec("default", "e2-medium", 3)

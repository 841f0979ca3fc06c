from dataclasses import replace
from ipaddress import IPv4Network

import pytest

from skyclust.contract.resources import Observed, Phase, topological_order
from skyclust.contract.specs import FirewallRuleSpec, NetworkSpec, SecurityGroupSpec, SubnetSpec
from skyclust.providers.aws.blueprints.clusters import role_name
from skyclust.providers.aws.blueprints.networks import rule_bodies
from skyclust.providers.aws.carving import TooSmallError, carve
from skyclust.providers.aws.drivers.node_groups import ami_type

REGION = "us-west-2"


def keys(graph) -> list[str]:
    return [node.key for node in graph]


def needs(graph, key: str, other: str) -> bool:
    """True when `key` cannot exist before `other`."""
    waiting = [key]
    while waiting:
        node = graph[waiting.pop()]
        if other in node.depends_on:
            return True
        waiting += node.depends_on
    return False


@pytest.mark.parametrize("prefix", range(16, 27))
@pytest.mark.parametrize("zones", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("private", [True, False])
def test_carved_subnets_are_inside_apart_and_not_too_small(prefix, zones, private):
    network = IPv4Network(f"10.0.0.0/{prefix}")
    try:
        carved = carve(network, zones, private=private)
    except TooSmallError:
        assert prefix + 1 + (zones - 1).bit_length() > 28
        return
    subnets = [*carved.public, *carved.private]
    assert len(subnets) == zones * (2 if private else 1)
    assert all(subnet.subnet_of(network) and subnet.prefixlen <= 28 for subnet in subnets)
    assert not any(a.overlaps(b) for i, a in enumerate(subnets) for b in subnets[:i])


def test_the_network_of_a_cluster_has_two_sides_and_one_way_out(pure, make_cluster):
    graph = pure.cluster_blueprint(make_cluster())
    assert {"subnet/public-us-west-2a", "subnet/private-us-west-2b", "nat-gateway/us-west-2a"} <= set(keys(graph))
    assert graph["subnet/private-us-west-2a"].spec["cidr_block"] == "10.0.0.0/18"
    assert graph["subnet/public-us-west-2a"].spec["tags"]["kubernetes.io/role/elb"] == "1"
    assert graph["subnet/private-us-west-2a"].spec["tags"] == {
        "kubernetes.io/role/internal-elb": "1",
        "kubernetes.io/cluster/shop": "shared",
    }
    assert [key for key in keys(graph) if key.startswith("elastic-ip/")] == ["elastic-ip/us-west-2a"]


def test_the_order_of_deletion_is_pool_cluster_leftovers_network(pure, make_cluster):
    graph = pure.cluster_blueprint(make_cluster())
    assert needs(graph, "node-pool/default", "cluster")
    assert needs(graph, "cluster", "kubernetes-leftovers")
    for held in ("network", "subnet/public-us-west-2a", "internet-gateway"):
        assert held in graph["kubernetes-leftovers"].depends_on
    assert needs(graph, "node-pool/default", "nat-gateway/us-west-2a"), "nodes start when they reach the internet"
    assert not needs(graph, "cluster", "nat-gateway/us-west-2a"), "the control plane does not wait for the NAT gateway"
    assert "internet-gateway" in graph["nat-gateway/us-west-2a"].depends_on


def test_one_nat_gateway_per_zone_when_asked_for(pure, make_cluster):
    network = NetworkSpec("shop", REGION, "10.0.0.0/16", zones=3)
    graph = pure.cluster_blueprint(make_cluster(network=network, options={"nat_gateway_per_zone": True}))
    assert len([key for key in keys(graph) if key.startswith("nat-gateway/")]) == 3
    assert graph["route-table/private-us-west-2c"].spec["subnet_ids"] == [{"$ref": ["subnet/private-us-west-2c", "id"]}]


def test_public_nodes_need_no_nat_gateway(pure, make_cluster):
    network = NetworkSpec("shop", REGION, "10.0.0.0/16", private_nodes=False)
    graph = pure.cluster_blueprint(make_cluster(network=network))
    assert not [key for key in keys(graph) if "nat" in key or "private" in key]
    assert graph["node-pool/default"].spec["subnet_ids"][0] == {"$ref": ["subnet/public-us-west-2a", "id"]}


def test_a_bare_network_is_just_a_vpc_with_what_was_asked_for(pure):
    bare = pure.network_blueprint(NetworkSpec("net", REGION, "10.0.0.0/16", carve=False))
    assert keys(bare) == ["network", "kubernetes-leftovers"]
    rule = FirewallRuleSpec("ingress", "tcp", 443, 443, ("10.0.0.0/16", "192.168.0.0/24"))
    asked = NetworkSpec(
        "net", REGION, "10.0.0.0/16", carve=False,
        subnets=(SubnetSpec("front", "10.0.1.0/24", "us-west-2a", True), SubnetSpec("back", "10.0.2.0/24")),
        security_groups=(SecurityGroupSpec("web", "the web", (rule,)),),
    )  # fmt: skip
    graph = pure.network_blueprint(asked)
    assert {"subnet/front", "subnet/back", "security-group/web", "internet-gateway", "route-table/public"} <= set(
        keys(graph)
    )
    assert graph["subnet/back"].spec["zone"] == "us-west-2b"
    rules = graph["security-group/web"].spec["rules"]
    assert [rule["cidr"] for rule in rules if rule["direction"] == "ingress"] == ["10.0.0.0/16", "192.168.0.0/24"]
    assert [rule["protocol"] for rule in rules if rule["direction"] == "egress"] == ["-1"]


def test_ports_left_out_mean_all_of_them():
    (tcp,) = rule_bodies(FirewallRuleSpec("ingress", "tcp", None, None, ("10.0.0.0/8",)))
    (icmp,) = rule_bodies(FirewallRuleSpec("ingress", "icmp", None, None, ("10.0.0.0/8",)))
    (every,) = rule_bodies(FirewallRuleSpec("egress", "all", None, None, ("0.0.0.0/0",)))
    assert (tcp["from_port"], tcp["to_port"]) == (0, 65535)
    assert (icmp["from_port"], icmp["to_port"]) == (-1, -1)
    assert (every["protocol"], every["from_port"]) == ("-1", None)


def test_an_existing_network_is_adopted_and_nothing_is_put_around_it(pure, make_cluster):
    spec = make_cluster(network=None, vpc_id="vpc-0123456789abcdef0", subnet_ids=("subnet-0a1b2c3d", "subnet-1a2b3c4d"))
    graph = pure.cluster_blueprint(spec)
    adopted = {node.key: node.adopt_id for node in graph if node.adopt_id}
    assert adopted == {
        "network": "vpc-0123456789abcdef0",
        "subnet/subnet-0a1b2c3d": "subnet-0a1b2c3d",
        "subnet/subnet-1a2b3c4d": "subnet-1a2b3c4d",
    }
    made = {node.kind for node in graph if not node.adopt_id}
    sweep = "aws.kubernetes.leftovers"  # a step on deletion: it makes nothing
    assert made == {"aws.iam.role", "aws.ec2.security_group", "aws.eks.cluster", "aws.eks.nodegroup", sweep}


def test_fargate_has_a_profile_and_a_role_instead_of_pools(pure, make_cluster):
    graph = pure.cluster_blueprint(make_cluster(mode="fargate", node_pools=()))
    assert "role/fargate" in keys(graph)
    assert "role/node" not in keys(graph)
    assert graph["addon/coredns"].spec["configuration"] == {"computeType": "Fargate"}
    assert needs(graph, "addon/coredns", "fargate-profile/default")
    assert graph["fargate-profile/default"].spec["namespaces"] == ["default", "kube-system"]
    assert graph["fargate-profile/default"].spec["subnet_ids"][0] == {"$ref": ["subnet/private-us-west-2a", "id"]}


def test_roles_of_the_user_are_used_as_they_are(pure, make_cluster):
    arn = "arn:aws:iam::123456789012:role/mine"
    graph = pure.cluster_blueprint(make_cluster(options={"cluster_role_arn": arn, "node_role_arn": arn}))
    assert not [key for key in keys(graph) if key.startswith("role/")]
    assert graph["cluster"].spec["role_arn"] == arn
    assert graph["node-pool/default"].spec["node_role_arn"] == arn


def test_the_creator_gets_an_entry_once_known(pure, make_cluster):
    graph = pure.cluster_blueprint(make_cluster(options={"creator": "arn:aws:iam::1:user/ann"}))
    assert graph["access-entry/creator"].spec["principal_arn"] == "arn:aws:iam::1:user/ann"


def test_a_pool_goes_to_its_zones(pure, make_cluster, make_pool):
    graph = pure.cluster_blueprint(make_cluster(node_pools=(make_pool(zones=("us-west-2b",)),)))
    assert graph["node-pool/default"].spec["subnet_ids"] == [{"$ref": ["subnet/private-us-west-2b", "id"]}]


def test_sizes_of_fixed_and_autoscaled_pools(pure, make_cluster, make_pool):
    pools = (
        make_pool("fixed", node_count=3),
        make_pool("elastic", bounds=(1, 5), node_count=2),
        make_pool("idle", node_count=0),
    )
    graph = pure.cluster_blueprint(make_cluster(node_pools=pools))
    sizes = [
        tuple(graph[f"node-pool/{name}"].spec[key] for key in ("min", "desired", "max"))
        for name in ("fixed", "elastic", "idle")
    ]
    assert sizes == [(3, 3, 3), (1, 2, 5), (0, 0, 1)]


def test_role_names_are_unique_per_region_and_fit():
    long = role_name("c" * 100, REGION, "cluster")
    assert len(long) == 64
    assert long.endswith("-cluster")
    assert long != role_name("c" * 99, REGION, "cluster")
    assert role_name("shop", REGION, "node") != role_name("shop", "eu-west-1", "node")


def test_every_graph_can_be_ordered(pure, make_cluster):
    graph = pure.cluster_blueprint(make_cluster())
    order = topological_order({node.key: node.depends_on for node in graph})
    assert order.index("kubernetes-leftovers") < order.index("cluster")


@pytest.mark.parametrize(
    ("machine_type", "image"),
    [
        ("t3.medium", "AL2023_x86_64_STANDARD"),
        ("m7g.large", "AL2023_ARM_64_STANDARD"),
        ("x2gd.large", "AL2023_ARM_64_STANDARD"),
        ("a1.large", "AL2023_ARM_64_STANDARD"),
        ("g4dn.xlarge", "AL2023_x86_64_NVIDIA"),
        ("g4ad.xlarge", "AL2023_x86_64_STANDARD"),
        ("p4d.24xlarge", "AL2023_x86_64_NVIDIA"),
        ("inf2.xlarge", "AL2023_x86_64_NEURON"),
    ],
)
def test_the_image_fits_the_processor(machine_type, image):
    assert ami_type(machine_type) == image


def test_an_api_that_the_internet_does_not_reach_has_no_ranges_to_differ_in(pure, make_cluster):
    """EKS keeps none for it, or the ones it had; neither can be brought to what the spec says."""
    options = {"endpoint_public_access": False}
    spec = pure.cluster_blueprint(make_cluster(options=options))["cluster"].spec
    driver = pure.driver("aws.eks.cluster")
    for ranges in ([], ["192.0.2.0/24"]):
        fields = {**spec, "public_access_cidrs": ranges}
        assert driver.diff(spec, Observed("shop", Phase.READY, {}, fields)) == ()
    reached = pure.cluster_blueprint(make_cluster())["cluster"].spec
    seen = Observed("shop", Phase.READY, {}, {**reached, "public_access_cidrs": ["192.0.2.0/24"]})
    assert [change.field for change in driver.diff(reached, seen)] == ["public_access_cidrs"]


def test_what_is_added_to_an_imported_network_is_ours_and_its_ways_out_stay_others(pure):
    """The importer's note names what was there; only that keeps its own name and tags."""
    there = SubnetSpec("subnet-1", "10.0.0.0/24", f"{REGION}a", True)
    notes = {
        "network": {"name": None, "enable_dns_support": True, "enable_dns_hostnames": False},
        "subnet/subnet-1": {"name": None},
    }
    added = SubnetSpec("new", "10.0.1.0/24", f"{REGION}b", True)
    spec = NetworkSpec(
        "vpc-1", REGION, "10.0.0.0/16", carve=False, subnets=(there, added), options={"_imported": notes}
    )  # fmt: skip
    graph = pure.network_blueprint(spec)
    assert keys(graph) == ["network", "subnet/subnet-1", "subnet/new", "kubernetes-leftovers"]
    assert graph["network"].spec["enable_dns_hostnames"] is False
    assert (graph["subnet/subnet-1"].spec["name"], graph["subnet/subnet-1"].spec["tags"]) == (None, {})
    assert graph["subnet/new"].spec["name"] == "vpc-1-new"
    assert graph["subnet/new"].spec["tags"] == {"kubernetes.io/role/elb": "1"}


def test_the_older_word_for_a_gateway_per_zone_must_not_contradict_the_newer(pure, make_cluster):
    network = NetworkSpec("shop", REGION, "10.0.0.0/16", nat="single")
    found = pure.validate_cluster(make_cluster(network=network, options={"nat_gateway_per_zone": True}))
    assert [item.field for item in found if item.severity == "error"] == ["/network/nat"]
    newer = pure.cluster_blueprint(make_cluster(network=replace(network, nat="per_zone")))
    older = pure.cluster_blueprint(
        make_cluster(network=replace(network, nat=None), options={"nat_gateway_per_zone": True})
    )
    assert [node.key for node in newer] == [node.key for node in older]

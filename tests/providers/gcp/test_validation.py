"""Findings: each names its field and a remedy."""

from dataclasses import replace

import pytest

from skyclust.contract.specs import (
    AutoScaling,
    FirewallRuleSpec,
    Gpu,
    NetworkSpec,
    NodePoolSpec,
    SecurityGroupSpec,
    SubnetSpec,
    Taint,
    UpgradeSettings,
)

REGION = "asia-northeast3"
POOL = NodePoolSpec("default", "e2-standard-2", 3)
NETWORK = NetworkSpec("net", REGION, "10.0.0.0/16")


def errors(findings) -> dict[str, str]:
    return {finding.field: finding.message for finding in findings if finding.severity == "error"}


def warnings(findings) -> dict[str, str]:
    return {finding.field: finding.message for finding in findings if finding.severity == "warning"}


def test_a_good_request_has_no_finding(pure, make_cluster):
    assert pure.validate_cluster(make_cluster()) == ()
    assert pure.validate_network(NETWORK) == ()


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": "Shop"}, "/name", "lowercase"),
        ({"name": "s" * 41}, "/name", "40"),
        ({"region": "asia-northeast9"}, "/region", "asia-northeast"),
        ({"region": "asia-northeast3-a"}, "/region", "is a zone"),
        ({"version": "1.99"}, "/version", "1.35"),
        ({"version": "latest"}, "/version", "1.35"),
        ({"zones": ("asia-northeast3-x",)}, "/zones/0", "asia-northeast3-a"),
        ({"mode": "fargate"}, "/mode", "autopilot"),
        ({"mode": "autopilot"}, "/node_pool", "Autopilot"),
        ({"node_pools": ()}, "/node_pool", "needs a node pool"),
        ({"mode": "autopilot", "node_pools": (), "zones": ("asia-northeast3-a",)}, "/zones", "regional"),
        ({"network": None}, "/network", "vpc_id"),
        ({"options": {"release_channel": "fast"}}, "/gcp/release_channel", "rapid"),
        ({"options": {"workload_identity": "yes"}}, "/gcp/workload_identity", "boolean"),
        ({"options": {"turbo": True}}, "/gcp/turbo", "no option"),
        ({"options": {"authorized_networks": ["10.0.0.1/24"]}}, "/gcp/authorized_networks/0", "10.0.0.0/24"),
        ({"options": {"service_account": "me@example.com"}}, "/gcp/service_account", "e-mail"),
        ({"options": {"private_cluster": False, "private_endpoint": True}}, "/gcp/private_endpoint", "private nodes"),
    ],
)
def test_a_bad_cluster_is_told_where_and_what_to_do(pure, make_cluster, changes, field, words):
    found = errors(pure.validate_cluster(make_cluster(**changes)))
    assert words in found[field], found


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": "Default"}, "name", "lowercase"),
        ({"name": "skyclust-bootstrap"}, "name", "taken"),
        ({"machine_type": "e2-standrad-2"}, "machine_type", "e2-standard-2"),
        ({"machine_type": "t2a-standard-1"}, "machine_type", "in asia-northeast3"),
        ({"node_count": 1001}, "node_count", "1000"),
        ({"auto_scaling": AutoScaling(5, 3)}, "auto_scaling/min", "above the maximum"),
        ({"auto_scaling": AutoScaling(4, 9)}, "node_count", "outside"),
        ({"disk_gb": 5}, "disk_gb", "10"),
        ({"zones": ("us-central1-a",)}, "zones/0", "no zone"),
        ({"labels": {"kubernetes.io/role": "x"}}, "labels", "reserved"),
        ({"labels": {"a b": "x"}}, "labels", "label"),
        ({"taints": (Taint("only", "web", "Never"),)}, "taints/0/effect", "NoSchedule"),
        ({"other_types": ("n2-standard-2",)}, "machine_types", "a pool for each type"),
        ({"disk_type": "pd-fast"}, "disk_type", "pd-ssd"),
        ({"machine_type": "c4-standard-4", "disk_type": "pd-ssd"}, "disk_type", "Hyperdisk only"),
        ({"gpu": Gpu("nvidia-l4", 1)}, "gpu", "g2-standard-12"),
        ({"machine_type": "n1-standard-4", "gpu": Gpu("nvidia-l4", 1)}, "gpu/type", "nvidia-tesla-t4"),
        ({"machine_type": "n1-standard-4", "gpu": Gpu("nvidia-tesla-t4", 3)}, "gpu/count", "1, 2, 4"),
        ({"machine_type": "g2-standard-4", "gpu": Gpu("nvidia-l4", 2)}, "gpu", "1 x nvidia-l4"),
        ({"upgrade": UpgradeSettings(max_surge="33%")}, "upgrade/max_surge", "counts nodes"),
        ({"upgrade": UpgradeSettings("15", "6")}, "upgrade/max_surge", "1 to 20"),
        ({"upgrade": UpgradeSettings(max_surge="0")}, "upgrade/max_surge", "1 to 20"),
    ],
)
def test_a_bad_pool_is_told_where_it_stands_in_the_request(pure, make_cluster, changes, field, words):
    bad = replace(POOL, **changes)
    first = errors(pure.validate_cluster(make_cluster(node_pools=(bad,))))
    assert words in first[f"/node_pools/0/{field}"], first
    second = errors(pure.validate_cluster(make_cluster(node_pools=(replace(POOL, name="first"), bad))))
    assert words in second[f"/node_pools/1/{field}"], second


def test_machine_types_that_boot_from_hyperdisk_get_one_and_take_nothing_else(pure, make_cluster):
    pools = (replace(POOL, machine_type="c4-standard-4"), replace(POOL, name="usual"))
    graph = pure.cluster_blueprint(make_cluster(node_pools=pools))
    assert graph["node-pool/default"].spec["disk_type"] == "hyperdisk-balanced"
    assert graph["node-pool/usual"].spec["disk_type"] == "pd-balanced"
    bad = make_cluster(node_pools=pools, options={"disk_type": "pd-ssd"})
    assert "Hyperdisk only" in errors(pure.validate_cluster(bad))["/gcp/disk_type"]


def test_two_pools_of_one_name_are_refused(pure, make_cluster):
    assert "/node_pools/1/name" in errors(pure.validate_cluster(make_cluster(node_pools=(POOL, POOL))))


def test_a_block_without_room_for_the_nodes_says_which_one_has(pure, make_cluster):
    small = replace(NETWORK, cidr_block="10.0.0.0/22")
    found = errors(pure.validate_cluster(make_cluster(network=small)))
    assert "room for 2 nodes" in found["/network/cidr_block"]
    assert "/21" in found["/network/cidr_block"]
    scaled = replace(POOL, auto_scaling=AutoScaling(1, 200))
    found = errors(pure.validate_cluster(make_cluster(node_pools=(scaled,))))
    assert "/15" in found["/network/cidr_block"]


def test_an_uneven_number_of_nodes_is_allowed_with_a_warning(pure, make_cluster):
    found = pure.validate_cluster(make_cluster(node_pools=(replace(POOL, node_count=5),)))
    assert "cannot be spread evenly" in warnings(found)["/node_pools/0/node_count"]
    assert not errors(found)


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": "My Net"}, "/name", "lowercase"),
        ({"cidr_block": "10.0.0.1/16"}, "/cidr_block", "10.0.0.0/16"),
        ({"cidr_block": "ten"}, "/cidr_block", "10.0.0.0/16"),
        ({"cidr_block": "169.254.0.0/16"}, "/cidr_block", "does not allow"),
        ({"cidr_block": "10.0.0.0/24"}, "/cidr_block", "too small"),
        ({"mtu": 9000}, "/mtu", "8896"),
        ({"routing_mode": "local"}, "/routing_mode", "regional"),
        ({"subnets": (SubnetSpec("a", "10.1.0.0/24"),)}, "/subnets/0/cidr_block", "outside"),
        ({"subnets": (SubnetSpec("a", "10.0.1.0/30"),)}, "/subnets/0/cidr_block", "too small"),
        (
            {"subnets": (SubnetSpec("a", "10.0.1.0/24"), SubnetSpec("b", "10.0.1.128/25"))},
            "/subnets/1/cidr_block",
            "overlaps 10.0.1.0/24",
        ),
        ({"subnets": (SubnetSpec("a", "10.0.1.0/24"), SubnetSpec("a", "10.0.2.0/24"))}, "/subnets/1/name", "Two"),
    ],
)
def test_a_bad_network_is_told_where_and_what_to_do(pure, make_cluster, changes, field, words):
    bad = replace(NETWORK, **changes)
    assert words in errors(pure.validate_network(bad))[field]
    inside = errors(pure.validate_cluster(make_cluster(network=bad)))
    assert words in inside[f"/network{field}"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"direction": "sideways"}, "direction"),
        ({"protocol": "gre"}, "protocol"),
        ({"action": "maybe"}, "action"),
        ({"from_port": 90, "to_port": 80}, "from_port"),
        ({"protocol": "icmp"}, "from_port"),
        ({"to_port": None}, "from_port"),
        ({"cidrs": ()}, "cidrs"),
        ({"cidrs": ("10.0.0.1/8",)}, "cidrs/0"),
        ({"cidrs": ("10.0.0.0/8", "fd00::/8")}, "cidrs"),
    ],
)
def test_a_bad_firewall_rule_is_told_where(pure, changes, field):
    rule = replace(FirewallRuleSpec("ingress", "tcp", 80, 80, ("0.0.0.0/0",)), **changes)
    spec = replace(NETWORK, security_groups=(SecurityGroupSpec("web", "", (rule,)),))
    assert f"/security_groups/0/rules/0/{field}" in errors(pure.validate_network(spec))


def test_gpus_and_disks_of_a_pool_are_in_its_node_and_a_gpu_without_a_price_has_none(pure, make_cluster):
    pool = replace(POOL, machine_type="n1-standard-4", gpu=Gpu("nvidia-tesla-t4", 1), disk_type="pd-ssd")
    spec = make_cluster(node_pools=(pool, replace(POOL, name="plain")))
    assert pure.validate_cluster(spec) == ()
    node = pure.cluster_blueprint(spec)["node-pool/default"]
    assert (node.spec["gpu"], node.spec["disk_type"]) == ({"type": "nvidia-tesla-t4", "count": 1}, "pd-ssd")
    assert pure.monthly_price(node, REGION) is None
    assert pure.monthly_price(pure.cluster_blueprint(spec)["node-pool/plain"], REGION) is not None
    assert {item.name: item.gpu for item in pure.machine_types(REGION)}["g2-standard-24"] == Gpu("nvidia-l4", 2)

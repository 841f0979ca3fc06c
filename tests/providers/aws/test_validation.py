from dataclasses import replace

import pytest

from skyclust.contract.specs import FirewallRuleSpec, Gpu, NetworkSpec, SecurityGroupSpec, SubnetSpec, UpgradeSettings

REGION = "us-west-2"


def network(**changes) -> NetworkSpec:
    return NetworkSpec(**{"name": "net", "region": REGION, "cidr_block": "10.0.0.0/16", **changes})


def errors(findings) -> dict[str, str]:
    return {finding.field: finding.message for finding in findings if finding.severity == "error"}


def test_a_good_cluster_has_no_findings(pure, make_cluster):
    assert pure.validate_cluster(make_cluster()) == ()
    assert pure.validate_cluster(make_cluster(mode="fargate", node_pools=())) == ()


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"name": "-shop"}, "/name", "letters"),
        ({"name": "a" * 101}, "/name", "100"),
        ({"region": "us-west2"}, "/region", "us-west-2"),
        ({"version": "1.36"}, "/version", "1.35"),
        ({"version": "latest"}, "/version", "1.34"),
        ({"mode": "autopilot"}, "/mode", "fargate"),
        ({"mode": "fargate"}, "/node_pools", "no node pools"),
        ({"zones": ("us-west-2a", "us-west-2x")}, "/zones", "us-west-2"),
        ({"zones": ("us-west-2a",)}, "/zones", "two zones"),
        ({"network": network(zones=1)}, "/network/zones", "two"),
        ({"network": network(zones=9)}, "/network/zones", "4"),
        ({"network": network(cidr_block="10.0.0.0/33")}, "/network/cidr_block", "10.0.0.0/16"),
        ({"network": network(cidr_block="10.0.1.0/16")}, "/network/cidr_block", "Did you mean 10.0.0.0/16"),
        ({"network": network(cidr_block="10.0.0.0/8")}, "/network/cidr_block", "/16"),
        ({"network": network(cidr_block="10.0.0.0/26"), "zones": ("us-west-2a", "us-west-2b", "us-west-2c")},
         "/network/cidr_block", "3 zones"),
        ({"network": network(cidr_block="10.0.0.0/27")}, "/network/cidr_block", "too small"),
        ({"network": None}, "/network", "vpc_id"),
        ({"network": None, "vpc_id": "my-vpc"}, "/network/vpc_id", "vpc-"),
        ({"network": None, "vpc_id": "vpc-12345678", "subnet_ids": ("subnet-12345678",)}, "/network/subnet_ids", "two"),
        ({"network": None, "vpc_id": "vpc-12345678", "subnet_ids": ("a", "b")}, "/network/subnet_ids/0", "subnet-"),
        ({"options": {"endpoint_public_access": False, "endpoint_private_access": False}}, "/aws/endpoint_private_access", "both"),
        ({"options": {"service_cidr": "10.0.0.0/20"}}, "/aws/service_cidr", "overlaps"),
        ({"options": {"service_cidr": "8.8.0.0/16"}}, "/aws/service_cidr", "private"),
        ({"options": {"public_access_cidrs": ["0.0.0.0/0", "x"]}}, "/aws/public_access_cidrs/1", "10.0.0.0/16"),
    ],
)  # fmt: skip
def test_a_bad_cluster_is_told_where_and_how_to_mend_it(pure, make_cluster, changes, field, said):
    found = errors(pure.validate_cluster(make_cluster(**changes)))
    assert field in found, found
    assert said in found[field]


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"machine_type": "t3.mediun"}, "/node_pools/0/machine_type", "t3.medium"),
        ({"machine_type": "e2-standard-4"}, "/node_pools/0/machine_type", "us-west-2"),
        ({"name": "_x"}, "/node_pools/0/name", "63"),
        ({"bounds": (5, 1)}, "/node_pools/0/auto_scaling/min", "above"),
        ({"bounds": (0, 0), "node_count": 0}, "/node_pools/0/auto_scaling/max", "at least 1"),
        ({"bounds": (3, 5), "node_count": 2}, "/node_pools/0/node_count", "between 3 and 5"),
        ({"node_count": -1}, "/node_pools/0/node_count", "0 to"),
        ({"disk_gb": 5}, "/node_pools/0/disk_gb", "20"),
        ({"zones": ("us-west-2d",)}, "/node_pools/0/zones", "us-west-2a"),
        ({"zones": ("eu-west-1a",)}, "/node_pools/0/zones", "us-west-2"),
    ],
)
def test_a_bad_pool_is_told_where_and_how_to_mend_it(pure, make_cluster, make_pool, changes, field, said):
    found = errors(pure.validate_cluster(make_cluster(node_pools=(make_pool(**changes),))))
    assert field in found, found
    assert said in found[field]


def test_later_pools_have_pointers_into_the_list(pure, make_cluster, make_pool):
    pools = (make_pool("a"), make_pool("a", machine_type="nope"))
    found = errors(pure.validate_cluster(make_cluster(node_pools=pools)))
    assert set(found) == {"/node_pools/1/name", "/node_pools/1/machine_type"}


def test_too_small_subnets_for_the_nodes_are_an_error_and_tight_ones_a_warning(pure, make_cluster, make_pool):
    small = replace(make_cluster(), network=network(cidr_block="10.0.0.0/26"))
    (tight,) = pure.validate_cluster(small)
    assert (tight.severity, tight.field) == ("warning", "/network/cidr_block")
    found = errors(pure.validate_cluster(replace(small, node_pools=(make_pool(node_count=50),))))
    assert "50 nodes" in found["/network/cidr_block"]


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"region": "eu-west"}, "/region", "eu-west-"),
        ({"name": ""}, "/name", "1 to 255"),
        ({"subnets": (SubnetSpec("a", "10.0.0.0/24"), SubnetSpec("b", "10.0.0.128/25"))}, "/subnets/1/cidr_block", "overlaps"),
        ({"subnets": (SubnetSpec("a", "10.1.0.0/24"),)}, "/subnets/0/cidr_block", "not inside"),
        ({"subnets": (SubnetSpec("a", "10.0.0.0/29"),)}, "/subnets/0/cidr_block", "/28"),
        ({"subnets": (SubnetSpec("a", "10.0.0.0/24", "us-east-1a"),)}, "/subnets/0/zone", "us-west-2a"),
        ({"subnets": (SubnetSpec("a", "10.0.0.0/24"), SubnetSpec("a", "10.0.1.0/24"))}, "/subnets/1/name", "Two subnets"),
        ({"security_groups": (SecurityGroupSpec("sg-x", "", ()),)}, "/security_groups/0/name", "sg-"),
    ],
)  # fmt: skip
def test_a_bad_network_is_told_where_and_how_to_mend_it(pure, changes, field, said):
    found = errors(pure.validate_network(network(**changes)))
    assert field in found, found
    assert said in found[field]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"action": "deny"}, "action"),
        ({"direction": "sideways"}, "direction"),
        ({"protocol": "sctp"}, "protocol"),
        ({"from_port": 90, "to_port": 80}, "from_port"),
        ({"from_port": 70000, "to_port": 70000}, "from_port"),
        ({"cidrs": ()}, "cidrs"),
        ({"cidrs": ("10.0.0.0/99",)}, "cidrs/0"),
    ],
)
def test_a_bad_rule_is_told_where(pure, changes, field):
    rule = replace(FirewallRuleSpec("ingress", "tcp", 80, 80, ("10.0.0.0/8",)), **changes)
    groups = (SecurityGroupSpec("web", "", (rule,)),)
    assert f"/security_groups/0/rules/0/{field}" in errors(pure.validate_network(network(security_groups=groups)))


@pytest.mark.parametrize(
    ("settings", "field", "said"),
    [
        (UpgradeSettings(max_surge="1"), "max_surge", "EKS itself decides"),
        (UpgradeSettings(max_unavailable="0"), "max_unavailable", "1 to 100"),
        (UpgradeSettings(max_unavailable="101"), "max_unavailable", "1 to 100"),
        (UpgradeSettings(max_unavailable="101%"), "max_unavailable", "1% to 100%"),
        (UpgradeSettings("0", "0"), "max_surge", "no node could be replaced"),
    ],
)
def test_surge_settings_that_eks_does_not_take_are_told(pure, make_cluster, make_pool, settings, field, said):
    found = errors(pure.validate_cluster(make_cluster(node_pools=(make_pool(upgrade=settings),))))
    assert said in found[f"/node_pools/0/upgrade/{field}"], found


def test_surge_settings_that_eks_takes_have_no_findings(pure, make_cluster, make_pool):
    for settings in (UpgradeSettings("0", "33%"), UpgradeSettings(max_unavailable="5"), UpgradeSettings(max_surge="0")):
        assert pure.validate_cluster(make_cluster(node_pools=(make_pool(upgrade=settings),))) == ()


def test_labels_that_kubernetes_or_eks_keep_for_themselves_are_refused(pure, make_cluster, make_pool):
    for key in ("eks.amazonaws.com/team", "node.kubernetes.io/team", "a b"):
        found = errors(pure.validate_cluster(make_cluster(node_pools=(make_pool(labels={key: "x"}),))))
        assert key in found["/node_pools/0/labels"], found
    assert pure.validate_cluster(make_cluster(node_pools=(make_pool(labels={"acme.io/team": "x"}),))) == ()


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"other_types": ("t3.mediu",)}, "machine_types", "t3.medium"),
        ({"other_types": ("t4g.medium",)}, "machine_types", "different images"),
        ({"gpu": Gpu("T4", 1)}, "gpu", "t3.medium has no GPU, not 1 x T4"),
        ({"machine_type": "g5.12xlarge", "gpu": Gpu("A10G", 1)}, "gpu", "g5.12xlarge has 4 x A10G"),
        ({"machine_type": "g5.xlarge", "gpu": Gpu("Z9", 1)}, "gpu", "GPUs of the region: A100"),
        ({"disk_type": "io2"}, "disk_type", "by itself"),
    ],
)
def test_machines_that_a_pool_cannot_have_are_told(pure, make_cluster, make_pool, changes, field, said):
    found = errors(pure.validate_cluster(make_cluster(node_pools=(make_pool(**changes),))))
    assert said in found[f"/node_pools/0/{field}"], found


def test_machine_types_of_other_sizes_are_a_warning_and_gpus_that_fit_are_none(pure, make_cluster, make_pool):
    (odd,) = pure.validate_cluster(make_cluster(node_pools=(make_pool(other_types=("t3.large",)),)))
    assert (odd.severity, odd.code) == ("warning", "different_sizes")
    fit = make_pool(machine_type="g5.xlarge", gpu=Gpu("a10g", 1), other_types=("g5.xlarge",))
    assert pure.validate_cluster(make_cluster(node_pools=(fit,))) == ()
    assert {item.name: item.gpu for item in pure.machine_types(REGION)}["g6.12xlarge"] == Gpu("L4", 4)


def test_an_empty_pool_that_is_to_grow_needs_an_autoscaler_of_the_clusters_own(pure, make_cluster, make_pool):
    pools = (make_pool(), make_pool("spare", node_count=0, bounds=(0, 3)))
    (told,) = pure.validate_cluster(make_cluster(node_pools=pools))
    assert (told.severity, told.field, told.code) == ("warning", "/node_pools/1/auto_scaling", "needs_autoscaler")


def test_karpenter_and_an_existing_network_leave_the_subnets_to_be_tagged_by_hand(pure, make_cluster):
    spec = make_cluster(network=None, vpc_id="vpc-12345678", options={"karpenter_discovery": True})
    (told,) = pure.validate_cluster(spec)
    assert (told.severity, told.field) == ("warning", "/aws/karpenter_discovery")
    assert "karpenter.sh/discovery=shop" in told.message


def test_settings_that_a_vpc_does_not_have_are_refused_with_the_rule(pure):
    found = pure.validate_network(NetworkSpec("net", "us-west-2", "10.0.0.0/16", mtu=1400, routing_mode="global"))
    assert {item.field for item in found if item.severity == "error"} == {"/mtu", "/routing_mode"}
    assert pure.validate_network(NetworkSpec("net", "us-west-2", "10.0.0.0/16")) == ()

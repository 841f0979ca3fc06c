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

REGION = "koreacentral"
POOL = NodePoolSpec("default", "Standard_D2s_v5", 3)
NETWORK = NetworkSpec("net", REGION, "10.0.0.0/16")
NO = Taint("team", "a", "NoSchedule")


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
        ({"name": "shop!"}, "/name", "letter"),
        ({"name": "s" * 64}, "/name", "63"),
        ({"region": "koreasouth"}, "/region", "availability zones"),
        ({"region": "Korea Central"}, "/region", "koreacentral"),
        ({"version": "1.20"}, "/version", "1.33"),
        ({"version": "latest"}, "/version", "1.3"),
        ({"mode": "autopilot"}, "/mode", "standard"),
        ({"zones": ("koreacentral-1",)}, "/zones/0", "1, 2, 3"),
        ({"zones": ("1", "1")}, "/zones", "twice"),
        ({"node_pools": ()}, "/node_pool", "node pool"),
        ({"node_pools": (replace(POOL, spot=True),)}, "/node_pool", "system pool"),
        ({"node_pools": (replace(POOL, taints=(NO,)),)}, "/node_pool", "NoSchedule"),
        ({"node_pools": (replace(POOL, node_count=0),)}, "/node_pool", "never be empty"),
        ({"node_pools": (replace(POOL, machine_type="Standard_D2s_v55"),)}, "/node_pools/0/machine_type", "Standard_D2s_v5"),
        ({"node_pools": (replace(POOL, machine_type="Standard_B2ats_v2"),)}, "/node_pools/0/machine_type", "1 GiB"),
        ({"node_pools": (replace(POOL, disk_gb=10),)}, "/node_pools/0/disk_gb", "30"),
        ({"node_pools": (replace(POOL, name="no_name"),)}, "/node_pools/0/name", "letters"),
        ({"node_pools": (replace(POOL, name="spare"),)}, "/node_pools/0/name", "begins with"),
        ({"node_pools": (POOL, POOL)}, "/node_pools/1/name", "one name"),
        ({"node_pools": (replace(POOL, auto_scaling=AutoScaling(5, 2)),)}, "/node_pools/0/auto_scaling/min", "Lower"),
        ({"node_pools": (replace(POOL, auto_scaling=AutoScaling(4, 9)),)}, "/node_pools/0/node_count", "outside"),
        ({"node_pools": (replace(POOL, labels={"kubernetes.azure.com/a": "b"}),)}, "/node_pools/0/labels", "reserved"),
        ({"node_pools": (replace(POOL, taints=(Taint("a", "b", "Never"),)),)}, "/node_pools/0/taints/0/effect", "NoExec"),
        ({"network": NetworkSpec("net", REGION, "10.0.0.0/28")}, "/network/cidr_block", "room"),
        ({"network": None}, "/network", "vpc_id"),
        ({"options": {"tier": "Golden"}}, "/azure/tier", "Premium"),
        ({"options": {"colour": "blue"}}, "/azure/colour", "tier"),
        ({"options": {"authorized_ranges": ["1.2.3.4/24"]}}, "/azure/authorized_ranges/0", "1.2.3.0/24"),
        ({"options": {"authorized_ranges": ["1.2.3.4/32"], "private_cluster": True}}, "/azure/authorized_ranges", "private"),
        ({"options": {"service_cidr": "10.0.8.0/22"}}, "/azure/service_cidr", "overlaps"),
        ({"options": {"service_cidr": "10.8.0.0/8"}}, "/azure/service_cidr", "10.0.0.0/8"),
        ({"options": {"service_cidr": "172.20.0.0/11"}}, "/azure/service_cidr", "172.0.0.0/11"),
        ({"options": {"pod_cidr": "192.168.0.0/23"}}, "/azure/pod_cidr", "/24"),
        ({"options": {"pod_cidr": "169.254.0.0/16"}}, "/azure/pod_cidr", "keeps for itself"),
        ({"options": {"admin_group_ids": ["admins"]}}, "/azure/admin_group_ids", "0000"),
        ({"options": {"identity_id": "aks"}}, "/azure/identity_id", "userAssignedIdentities"),
        ({"options": {"workload_identity": "yes"}}, "/azure/workload_identity", "boolean"),
    ],
)  # fmt: skip
def test_a_wrong_cluster_is_told_where_and_what_to_do(pure, make_cluster, changes, field, words):
    found = errors(pure.validate_cluster(make_cluster(**changes)))
    assert field in found, found
    assert words in found[field]


def test_names_of_pools_that_azure_does_not_take_are_renamed_and_told(pure, make_cluster):
    pools = (POOL, replace(POOL, name="web-workers"))
    found = pure.validate_cluster(make_cluster(node_pools=pools))
    assert not errors(found)
    assert "12 lowercase letters" in warnings(found)["/node_pools/1/name"]


def test_ranges_of_pods_and_services_keep_away_from_any_network(pure, make_cluster):
    for block in ("10.0.0.0/8", "172.16.0.0/13", "192.168.0.0/16", "10.244.0.0/16", "100.64.0.0/16"):
        spec = make_cluster(network=NetworkSpec("net", REGION, block))
        assert not errors(pure.validate_cluster(spec)), block


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": "-net"}, "/name", "letter or digit"),
        ({"name": "n" * 65}, "/name", "64"),
        ({"region": "atlantis"}, "/region", "nearest"),
        ({"cidr_block": "10.0.0.1/16"}, "/cidr_block", "10.0.0.0/16"),
        ({"cidr_block": "ten"}, "/cidr_block", "10.0.0.0/16"),
        ({"cidr_block": "169.254.0.0/16"}, "/cidr_block", "169.254"),
        ({"cidr_block": "172.16.0.0/12"}, "/cidr_block", "172.30.0.0/15"),
        ({"cidr_block": "10.0.0.0/30"}, "/cidr_block", "/29"),
        ({"cidr_block": "10.0.0.0/29"}, "/cidr_block", "too small"),
        ({"subnets": (SubnetSpec("a", "10.1.0.0/24"),)}, "/subnets/0/cidr_block", "outside"),
        ({"subnets": (SubnetSpec("a", "10.0.0.0/30"),)}, "/subnets/0/cidr_block", "too small"),
        ({"subnets": (SubnetSpec("a", "10.0.0.0/24"), SubnetSpec("b", "10.0.0.0/25"))}, "/subnets/1/cidr_block", "of the"),
        ({"subnets": (SubnetSpec("a", "10.0.0.0/24"), SubnetSpec("A", "10.0.1.0/24"))}, "/subnets/1/name", "Two"),
        ({"subnets": (SubnetSpec("s" * 51, "10.0.0.0/24"),)}, "/subnets/0/name", "50"),
        ({"subnets": (SubnetSpec("a", "10.0.0.5/24"),)}, "/subnets/0/cidr_block", "10.0.0.0/24"),
    ],
)  # fmt: skip
def test_a_wrong_network_is_told_where_and_what_to_do(pure, changes, field, words):
    found = errors(pure.validate_network(replace(NETWORK, **changes)))
    assert field in found, found
    assert words in found[field]


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (FirewallRuleSpec("sideways", "tcp", 1, 2, ("0.0.0.0/0",)), "direction"),
        (FirewallRuleSpec("ingress", "sctp", 1, 2, ("0.0.0.0/0",)), "protocol"),
        (FirewallRuleSpec("ingress", "tcp", 1, 2, ("0.0.0.0/0",), action="maybe"), "action"),
        (FirewallRuleSpec("ingress", "icmp", 1, 2, ("0.0.0.0/0",)), "from_port"),
        (FirewallRuleSpec("ingress", "tcp", 1, None, ("0.0.0.0/0",)), "from_port"),
        (FirewallRuleSpec("ingress", "tcp", 9, 2, ("0.0.0.0/0",)), "from_port"),
        (FirewallRuleSpec("ingress", "tcp", 1, 2, ()), "cidrs"),
        (FirewallRuleSpec("ingress", "tcp", 1, 2, ("10.0.0.0/8", "::/0")), "cidrs"),
        (FirewallRuleSpec("ingress", "tcp", 1, 2, ("10.0.0.1/8",)), "cidrs/0"),
    ],
)
def test_a_wrong_rule_is_told_where(pure, rule, field):
    group = SecurityGroupSpec("web", "", (rule,))
    found = errors(pure.validate_network(replace(NETWORK, security_groups=(group,))))
    assert f"/security_groups/0/rules/0/{field}" in found, found


def test_advice_is_a_warning(pure, make_cluster):
    found = warnings(pure.validate_cluster(make_cluster(options={"tier": "Free", "private_cluster": True})))
    assert {"/azure/tier", "/azure/private_cluster"} <= found.keys()
    found = pure.validate_network(replace(NETWORK, mtu=1400, routing_mode="global"))
    assert {item.field for item in found if item.severity == "error"} == {"/mtu", "/routing_mode"}


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"other_types": ("Standard_D2as_v5",)}, "machine_types", "a pool for each type"),
        ({"disk_type": "pd-ssd"}, "disk_type", "Ephemeral"),
        ({"gpu": Gpu("T4", 1)}, "gpu", "Standard_NC4as_T4_v3"),
        ({"machine_type": "Standard_NC24ads_A100_v4", "gpu": Gpu("A100", 2)}, "gpu", "1 x A100"),
        ({"upgrade": UpgradeSettings("33%", "1")}, "upgrade/max_unavailable", "not both"),
        ({"upgrade": UpgradeSettings(max_surge="133%")}, "upgrade/max_surge", "at most 100%"),
        ({"upgrade": UpgradeSettings("0", "0%")}, "upgrade/max_surge", "no node could be replaced"),
        ({"upgrade": UpgradeSettings(max_surge="1"), "spot": True}, "upgrade", "spot pool"),
    ],
)
def test_what_aks_does_not_take_of_a_pool_is_told(pure, make_cluster, changes, field, words):
    pools = (POOL, replace(POOL, name="more", **changes))
    found = errors(pure.validate_cluster(make_cluster(node_pools=pools)))
    assert words in found[f"/node_pools/1/{field}"], found


def test_a_system_pool_grows_before_it_shrinks_and_others_may_shrink_first(pure, make_cluster):
    shrinks = UpgradeSettings(max_unavailable="1")
    found = errors(pure.validate_cluster(make_cluster(node_pools=(replace(POOL, upgrade=shrinks),))))
    assert "system pool" in found["/node_pools/0/upgrade/max_unavailable"]
    spec = make_cluster(node_pools=(POOL, replace(POOL, name="more", upgrade=shrinks)))
    assert pure.validate_cluster(spec) == ()
    assert pure.cluster_blueprint(spec)["node-pool/more"].spec["upgrade"] == {"max_surge": "0", "max_unavailable": "1"}


def test_machine_types_with_gpus_are_offered_without_a_price(pure, make_cluster):
    pool = replace(POOL, name="more", machine_type="Standard_NC4as_T4_v3", gpu=Gpu("T4", 1), disk_type="Ephemeral")
    spec = make_cluster(node_pools=(POOL, pool))
    assert pure.validate_cluster(spec) == ()
    node = pure.cluster_blueprint(spec)["node-pool/more"]
    assert node.spec["disk_type"] == "Ephemeral"
    assert pure.monthly_price(node, REGION) is None
    offered = {item.name: item for item in pure.machine_types(REGION)}
    assert (offered["Standard_NC64as_T4_v3"].gpu, offered["Standard_NC64as_T4_v3"].price) == (Gpu("T4", 4), None)

"""Reads around a plan: verification, pre-flight, completion, inventory, access. Each against a real sandbox."""

import asyncio
import base64
from dataclasses import replace
from datetime import date

import pytest

from skyclust.contract.errors import PermissionDenied, Unclassified
from skyclust.contract.resources import Origin
from skyclust.contract.specs import AutoScaling, NetworkSpec, NodePoolSpec
from skyclust.providers.azure import completing
from skyclust.providers.azure.drivers.clusters import parse_kubeconfig
from skyclust.providers.azure.permissions import grants
from skyclust.providers.azure.preflights import check_headroom
from skyclust.providers.azure.provider import AzureProvider
from skyclust.providers.azure.quotas import parse_offers, parse_quotas

REGION = "koreacentral"
NETWORK = NetworkSpec("net", REGION, "10.0.0.0/16")
VPC = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v"


def told(sandbox, story):
    async def run():
        az = sandbox.provider.connect(sandbox.credential, REGION)
        try:
            return await story(az)
        finally:
            await az.close()

    return asyncio.run(run())


def errors(findings) -> dict[str, str]:
    return {finding.field: finding.message for finding in findings if finding.severity == "error"}


@pytest.fixture
def denied(sandbox):
    """Takes rights away for one test."""
    yield lambda *names: sandbox.act("deny_permissions", permissions=list(names))
    sandbox.act("deny_permissions", permissions=[])


# ---- verification ----
def test_missing_permissions_are_listed(sandbox, denied):
    denied("Microsoft.Network/natGateways/write", "Microsoft.ContainerService/managedClusters/write")
    identity = asyncio.run(sandbox.provider.verify(sandbox.credential))
    assert identity.account == sandbox.subscription
    assert identity.principal == sandbox.credential["client_id"]
    assert identity.missing_permissions == (
        "Microsoft.ContainerService/managedClusters/write",
        "Microsoft.Network/natGateways/write",
    )


def test_another_subscription_is_refused(sandbox):
    other = {**sandbox.credential, "subscription_id": "00000000-0000-4000-8000-000000000000"}
    with pytest.raises(PermissionDenied, match="could not be found"):
        asyncio.run(sandbox.provider.verify(other))


def test_a_role_gives_what_it_names_and_does_not_take_away():
    role = {"actions": ["Microsoft.Network/*", "*/read"], "notActions": ["Microsoft.Network/*/delete"]}
    assert grants(role, "microsoft.network/natGateways/write")
    assert grants(role, "Microsoft.Compute/skus/read")
    assert not grants(role, "Microsoft.Network/natGateways/delete")
    assert not grants(role, "Microsoft.Compute/disks/delete")


# ---- pre-flight ----
def preflight(sandbox, spec):
    return told(sandbox, lambda az: sandbox.provider.preflight_cluster(az, spec))


def test_missing_permissions_stop_a_plan(sandbox, denied, make_cluster):
    denied("Microsoft.Network/virtualNetworks/write")
    found = errors(preflight(sandbox, make_cluster()))
    assert "Microsoft.Network/virtualNetworks/write" in found[""]
    assert "Contributor" in found[""]


def test_a_quota_that_will_not_suffice_is_found(sandbox, make_cluster):
    pool = NodePoolSpec("default", "Standard_D96s_v5", 900)
    found = errors(preflight(sandbox, make_cluster(node_pools=(pool,))))
    assert "vCPUs more are needed" in found["/node_pools/0/node_count"]


def test_a_group_of_somebody_else_is_a_taken_name(sandbox):
    group = f"/subscriptions/{sandbox.subscription}/resourceGroups/skyclust-network-{REGION}-net"
    told(sandbox, lambda az: az.put(group, {"location": REGION}))
    found = errors(told(sandbox, lambda az: sandbox.provider.preflight_network(az, NETWORK)))
    assert "Choose another name" in found["/name"]


def test_an_existing_network_must_exist_and_be_in_the_region(sandbox, make_cluster):
    for vpc_id, words in (
        ("net", "Give it whole"),
        (f"{VPC}x".replace("/s/", f"/{sandbox.subscription}/"), "There is no"),
    ):
        spec = make_cluster(network=None, vpc_id=vpc_id)
        completed = told(sandbox, lambda az, spec=spec: sandbox.provider.complete_cluster(az, spec))
        assert words in errors(preflight(sandbox, completed))["/network/vpc_id"]
    theirs = next(item for item in sandbox.act("plant_decoys", region="westeurope")["ids"] if item.count("/") == 8)
    found = errors(preflight(sandbox, make_cluster(network=None, vpc_id=theirs)))
    assert "westeurope" in found["/network/vpc_id"]


def test_a_preflight_changes_nothing(sandbox, make_cluster):
    assert not errors(preflight(sandbox, make_cluster()))
    assert sandbox.resources() == []
    assert not [call for call in sandbox.calls() if call.endswith(("/write", "/delete"))]


def test_an_identity_without_its_role_is_told(sandbox, make_cluster):
    found = {finding.code: finding.message for finding in preflight(sandbox, make_cluster())}
    assert "Network Contributor" in found["identity_without_role"]
    own = (
        "/subscriptions/"
        + "0" * 36
        + "/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/aks"
    )
    assert "identity_without_role" not in {
        finding.code for finding in preflight(sandbox, make_cluster(options={"identity_id": own}))
    }


def test_offers_tell_zones_and_what_is_restricted():
    sku = {
        "name": "Standard_D2s_v5", "resourceType": "virtualMachines", "family": "standardDSv5Family",
        "locationInfo": [{"location": "KoreaCentral", "zones": ["1", "2", "3"]}],
        "capabilities": [{"name": "vCPUs", "value": "2"}],
        "restrictions": [{"type": "Zone", "restrictionInfo": {"zones": ["3"]}, "reasonCode": "NotAvailableForSubscription"}],
    }  # fmt: skip
    (offer,) = parse_offers([sku, {"resourceType": "disks"}], REGION).values()
    assert (offer.vcpu, offer.family, offer.zones) == (2, "standarddsv5family", {"1", "2", "3"})
    assert (offer.refused, offer.refused_zones) == ("", {"3"})
    whole = {**sku, "restrictions": [{"type": "Location", "reasonCode": "NotAvailableForSubscription"}]}
    assert parse_offers([whole], REGION)["Standard_D2s_v5"].refused == "NotAvailableForSubscription"
    assert parse_offers([sku], "eastus") == {}
    quota = parse_quotas([{"name": {"value": "cores", "localizedValue": "Total"}, "limit": 10, "currentValue": 4}])[
        "cores"
    ]
    assert (quota.title, quota.limit, quota.usage) == ("Total", 10, 4)


# ---- completion ----
def subnet(name: str, block: str, **properties) -> dict:
    return {"id": f"{VPC}/subnets/{name}", "name": name, "properties": {"addressPrefix": block, **properties}}


def test_the_subnet_with_a_way_out_and_most_room_is_chosen():
    nat = {"natGateway": {"id": "/n"}}
    rows = [
        subnet("bare", "10.0.0.0/17"),
        subnet("small", "10.0.128.0/24", **nat),
        subnet("large", "10.0.130.0/23", **nat),
        subnet("GatewaySubnet", "10.0.140.0/22", **nat),
        subnet("delegated", "10.0.144.0/20", delegations=[{"name": "x"}], **nat),
    ]
    network = {"properties": {"subnets": rows}}
    assert completing.choose_subnet(network, [])["name"] == "large"
    assert completing.choose_subnet(network, [f"{VPC}/subnets/BARE".lower()])["name"] == "bare"
    assert completing.choose_subnet({"properties": {}}, []) is None
    assert completing.way_out(rows[1]) == "userAssignedNATGateway"
    assert completing.way_out(subnet("r", "10.0.0.0/24", routeTable={"id": "/r"})) == "userDefinedRouting"
    assert completing.way_out(rows[0]) == "loadBalancer"


# ---- inventory and access ----
def test_an_inventory_tells_whose_everything_is(fast, stack, make_cluster):
    async def story():
        await stack.apply(stack.provider.cluster_blueprint(make_cluster()))
        network = stack.row("network").external_id
        fast.act("kubernetes_leftovers", cluster=stack.row("cluster").outputs["id"], outside=True)
        foreign = fast.act("plant_instance", network_id=network)["id"]
        marks = {str(row.id) for row in stack.rows()}
        items = await stack.provider.inventory(stack.az, network, frozenset({"shop"}))
        without = await stack.provider.inventory(stack.az, network, frozenset())
        await stack.close()
        return items, without, marks, foreign

    items, without, marks, foreign = asyncio.run(story())
    by_origin = {origin: {item.kind for item in items if item.origin is origin} for origin in Origin}
    assert by_origin[Origin.OURS] == {"cluster", "subnet", "NAT gateway", "public address"}
    assert {"load balancer", "public address", "disk"} <= by_origin[Origin.KUBERNETES]
    assert by_origin[Origin.FOREIGN] == {"virtual machine", "network interface"}
    assert "scale set" in by_origin[Origin.CLOUD]
    assert foreign in {item.external_id for item in items}
    assert len({item.external_id.lower() for item in items}) == len(items)
    assert all(item.resource_id in marks for item in items if item.origin is Origin.OURS)
    assert all(item.why for item in items)
    assert not [item for item in without if item.origin is Origin.KUBERNETES]


def test_a_network_that_is_gone_holds_nothing(sandbox):
    gone = f"/subscriptions/{sandbox.subscription}/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v"
    assert told(sandbox, lambda az: sandbox.provider.inventory(az, gone, frozenset({"shop"}))) == ()


def test_a_cluster_is_reached_with_a_token_or_kubelogin(pure):
    outputs = {"name": "shop", "endpoint": "https://shop-1.hcp.koreacentral.azmk8s.io:443", "ca_data": "Q0E="}
    access = pure.cluster_access(outputs)
    assert access.endpoint == outputs["endpoint"]
    assert access.user_exec["command"] == "kubelogin"


def test_only_address_and_authority_are_taken_from_a_kubeconfig():
    text = """
clusters: [{cluster: {server: "https://x:443", certificate-authority-data: Q0E=}, name: shop}]
users: [{name: u, user: {token: secret-canary}}]
"""
    answer = {"kubeconfigs": [{"name": "clusterUser", "value": base64.b64encode(text.encode()).decode()}]}
    assert parse_kubeconfig(answer, "op") == {"endpoint": "https://x:443", "ca_data": "Q0E="}
    broken = base64.b64encode(b"secret-canary: [").decode()
    for wrong in ({}, {"kubeconfigs": []}, {"kubeconfigs": [{"value": broken}]}, {"kubeconfigs": [{"value": "%"}]}):
        with pytest.raises(Unclassified) as refused:
            parse_kubeconfig(wrong, "op")
        assert "secret-canary" not in refused.value.message


def test_a_version_that_the_region_does_not_offer_now_is_found(sandbox, make_cluster):
    spec = replace(make_cluster(), version="1.33.99")
    assert "it offers 1.35, 1.34" in errors(preflight(sandbox, spec))["/version"]


@pytest.mark.parametrize(
    ("day", "codes"),
    [(date(2026, 3, 1), []), (date(2026, 5, 1), ["support_ends_soon"]), (date(2026, 7, 1), ["extended_support"])],
)
def test_plans_tell_when_standard_support_ends_and_what_comes_then(sandbox, make_cluster, day, codes):
    cloud = AzureProvider(sandbox.environ, today=lambda: day)
    new = told(sandbox, lambda az: cloud.preflight_cluster(az, make_cluster(version="1.33")))
    upgrade = told(sandbox, lambda az: cloud.preflight_upgrade(az, make_cluster(), ("1.33",), {}))
    for found in (new, upgrade):
        assert [finding.code for finding in found if finding.field == "/version"] == codes
        assert all("Premium" in finding.message for finding in found if finding.code in codes)


def test_an_upgrade_is_told_of_versions_that_aks_does_not_offer(sandbox, make_cluster):
    cloud = AzureProvider(sandbox.environ, today=lambda: date(2026, 1, 1))
    (told_of,) = told(sandbox, lambda az: cloud.preflight_upgrade(az, make_cluster(), ("1.99",), {}))
    assert (told_of.severity, told_of.code) == ("warning", "version_not_offered")


def test_an_existing_subnet_must_have_addresses_for_the_nodes(make_cluster):
    def findings(nodes, most=None, taken=0):
        subnet = {
            "id": f"{VPC}/subnets/s", "name": "s",
            "properties": {"addressPrefix": "10.0.0.0/28", "ipConfigurations": [{}] * taken},
        }  # fmt: skip
        network = {"name": "v", "properties": {"subnets": [subnet]}}
        pool = NodePoolSpec("default", "Standard_D2s_v5", nodes, AutoScaling(1, most) if most else None)
        spec = make_cluster(network=None, vpc_id=VPC, subnet_ids=(subnet["id"],), node_pools=(pool,))
        return [(item.severity, item.code) for item in check_headroom(spec, network)]

    assert findings(9) == []  # eleven addresses: nine nodes, AKS's first, one for upgrades
    assert findings(9, taken=1) == [("warning", "few_addresses")]
    assert findings(4, most=10) == [("warning", "few_addresses")]
    assert findings(11) == [("error", "too_small")]

"""Virtual networks and subnets through Azure's own package."""

import pytest


def test_a_network_and_its_subnet_are_made_by_operations_that_take_time(azure):
    body = {
        "location": "West Europe",
        "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}},
        "tags": {"a": "b"},
    }
    poller = azure.begin(azure.network.virtual_networks.begin_create_or_update, "rg", "net", body)
    assert azure.run(azure.network.virtual_networks.get("RG", "NET")).properties.provisioning_state == "Updating"
    azure.pass_time(60)
    network = azure.run(poller.result())
    assert (network.properties.provisioning_state, network.location, network.tags) == (
        "Succeeded",
        "westeurope",
        {"a": "b"},
    )
    subnet = azure.make_subnet()
    seen = azure.run(azure.network.virtual_networks.get("rg", "net"))
    assert [row.id for row in seen.properties.subnets] == [subnet.id]
    assert [row["kind"] for row in azure.resources()] == ["resource_group", "network", "subnet"]


@pytest.mark.parametrize(
    ("prefix", "code"),
    [
        ("10.1.0.0/24", "NetcfgInvalidSubnet"),
        ("10.0.1.0/24", "NetcfgSubnetRangesOverlap"),
        ("10.0.64.0/30", "NetcfgInvalidSubnet"),
        ("10.0.64.1/24", "InvalidCIDRNotation"),
        ("ten", "InvalidAddressPrefixFormat"),
    ],
)
def test_subnets_lie_inside_and_do_not_overlap(networked, refused, prefix, code):
    with refused() as it:
        networked.make_subnet("other", prefix)
    assert (it.status, it.code) == (400, code)


def test_changes_side_by_side_wait_for_each_other(networked, refused):
    body = {"properties": {"addressPrefix": "10.0.32.0/24"}}
    networked.begin(networked.network.subnets.begin_create_or_update, "rg", "net", "one", body)
    with refused() as it:
        networked.make_subnet("two", "10.0.33.0/24")
    assert (it.status, it.code) == (409, "AnotherOperationInProgress")


def test_etags_protect_from_lost_updates(networked, refused):
    seen = networked.run(networked.network.virtual_networks.get("rg", "net"))
    networked.make_network()
    body = {"location": "westeurope", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}
    with refused() as it:
        networked.run(
            networked.network.virtual_networks.begin_create_or_update(
                "rg", "net", body, headers={"If-Match": seen.etag}, polling=False
            )
        )
    assert (it.status, it.code) == (412, "PreconditionFailed")


def test_rules_have_priorities_of_their_own_and_the_group_stays_while_used(networked, refused):
    groups, rules = networked.network.network_security_groups, networked.network.security_rules

    def rule(priority, **more):
        return {"properties": {
            "protocol": "Tcp", "access": "Allow", "direction": "Inbound", "priority": priority, "sourceAddressPrefix": "*",
            "sourcePortRange": "*", "destinationAddressPrefix": "VirtualNetwork", "destinationPortRange": "443", **more,
        }}  # fmt: skip

    group = networked.done(groups.begin_create_or_update, "rg", "nsg", {"location": "westeurope"})
    assert len(group.properties.default_security_rules) == 6
    networked.done(rules.begin_create_or_update, "rg", "nsg", "first", rule(100))
    for body, code in (
        (rule(100), "SecurityRuleConflict"),
        (rule(99), "SecurityRuleInvalidPriority"),
        (rule(200, destinationPortRange="70000"), "SecurityRuleInvalidPortRange"),
        (rule(200, sourceAddressPrefix="10.0.0.0/40"), "SecurityRuleInvalidAddressPrefix"),
        (rule(200, access="Maybe"), "InvalidParameter"),
    ):
        with refused() as it:
            networked.done(rules.begin_create_or_update, "rg", "nsg", "second", body)
        assert it.code == code
    networked.make_subnet(networkSecurityGroup={"id": group.id})
    with refused() as it:
        networked.done(groups.begin_delete, "rg", "nsg")
    assert it.code == "InUseNetworkSecurityGroupCannotBeDeleted"


def test_a_gateway_holds_its_address_and_a_subnet_its_gateway(networked, refused):
    network = networked.network
    address = networked.done(network.public_ip_addresses.begin_create_or_update, "rg", "ip", {"location": "westeurope"})
    body = {"location": "westeurope", "properties": {"publicIpAddresses": [{"id": address.id}]}}
    gateway = networked.done(network.nat_gateways.begin_create_or_update, "rg", "nat", body)
    networked.make_subnet(natGateway={"id": gateway.id})
    for delete, name, code in (
        (network.public_ip_addresses.begin_delete, "ip", "PublicIPAddressCannotBeDeleted"),
        (network.nat_gateways.begin_delete, "nat", "InUseNatGatewayCannotBeDeleted"),
    ):
        with refused() as it:
            networked.done(delete, "rg", name)
        assert it.code == code
    networked.make_subnet()
    networked.done(network.nat_gateways.begin_delete, "rg", "nat")
    networked.done(network.public_ip_addresses.begin_delete, "rg", "ip")
    assert {row["kind"] for row in networked.resources()} == {"resource_group", "network", "subnet"}


def test_peerings_connect_when_both_sides_are_there_and_tell_when_one_goes(azure, refused):
    ids = {
        name: azure.make_network(name, prefix).id
        for name, prefix in (("net-a", "10.1.0.0/16"), ("net-b", "10.2.0.0/16"), ("net-c", "10.1.8.0/24"))
    }
    peerings = azure.network.virtual_network_peerings

    def peer(mine, other):
        body = {"properties": {"remoteVirtualNetwork": {"id": ids[other]}}}
        return azure.done(peerings.begin_create_or_update, "rg", mine, f"to-{other}", body).properties.peering_state

    assert peer("net-a", "net-b") == "Initiated"
    assert peer("net-b", "net-a") == "Connected"
    assert azure.run(peerings.get("rg", "net-a", "to-net-b")).properties.peering_state == "Connected"
    with refused() as it:
        peer("net-a", "net-c")
    assert it.code == "VnetAddressSpacesOverlap"
    azure.done(peerings.begin_delete, "rg", "net-b", "to-net-a")
    assert azure.run(peerings.get("rg", "net-a", "to-net-b")).properties.peering_state == "Disconnected"
    with refused() as it:
        peer("net-b", "net-a")
    assert it.code == "RemotePeeringIsDisconnected"

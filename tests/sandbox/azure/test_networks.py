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

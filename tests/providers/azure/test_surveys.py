"""Surveys of Azure: what is not of the region is left out, what AKS hands down is nobody's own."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from skyclust.contract.resources import Mark
from skyclust.contract.specs import FirewallRuleSpec, NetworkSpec, SecurityGroupSpec
from skyclust.contract.surveys import Known

REGION = "koreacentral"
MARK = Mark(UUID(int=1), UUID(int=2), 1, "shop")
NETWORK, SUBNET, GROUP = "azure.network.virtual_network", "azure.network.subnet", "azure.resources.group"


def told(sandbox, story, region=REGION):
    async def run():
        az = sandbox.provider.connect(sandbox.credential, region)
        try:
            return await story(az)
        finally:
            await az.close()

    return asyncio.run(run())


def surveyed(sandbox, known=None, region=REGION):
    return told(sandbox, lambda az: sandbox.provider.survey(az, known or {}), region)


def create(sandbox, kind, spec, number):
    mark = replace(MARK, resource_id=UUID(int=number))
    made = told(sandbox, lambda az: sandbox.provider.driver(kind).create(az, mark, spec))
    sandbox.pass_time(600)
    return made


def make_network(sandbox, region=REGION):
    group = create(sandbox, GROUP, {"name": "g", "location": region}, 3)
    spec = {"group": "g", "name": "net", "location": region, "cidr_block": "10.0.0.0/16"}
    network = create(sandbox, NETWORK, spec, 4)
    subnet = create(sandbox, SUBNET, subnet_spec(network), 5)
    return group, network, subnet


def subnet_spec(network) -> dict:
    return {"network": network.external_id, "name": "nodes", "cidr_block": "10.0.0.0/24", "nat_gateway": None}


def ids(seen) -> set[str]:
    return {item.external_id for item in seen.sightings}


def test_things_are_seen_from_their_region_and_where_they_are_known(sandbox):
    made = make_network(sandbox, "westeurope")
    wanted = {item.external_id for item in made}
    assert ids(surveyed(sandbox, region="westeurope")) == wanted
    assert ids(surveyed(sandbox)) == set()
    group, network, subnet = made
    known = {
        GROUP: (Known(GROUP, group.external_id, {}),),
        NETWORK: (Known(NETWORK, network.external_id.upper().replace("/PROVIDERS/", "/providers/"), {}),),
        SUBNET: (Known(SUBNET, subnet.external_id, subnet_spec(network)),),
    }
    seen = surveyed(sandbox, known)
    assert {path.lower() for path in ids(seen)} == {path.lower() for path in wanted}
    assert known[NETWORK][0].external_id in ids(seen), "the row's own spelling of an id"


def test_a_known_network_of_another_subscription_is_asked_for(sandbox):
    other = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v"
    seen = surveyed(sandbox, {NETWORK: (Known(NETWORK, other, {}),)})
    assert set(seen.unread) == {NETWORK, SUBNET, "azure.network.peering"}, (
        "what cannot be read must not count as absent"
    )


@pytest.mark.parametrize(
    ("permission", "kinds"),
    [
        ("Microsoft.Network/natGateways/read", {"azure.network.nat_gateway"}),
        ("Microsoft.ContainerService/managedClusters/read",
         {"azure.containerservice.cluster", "azure.containerservice.node_pool"}),
        ("Microsoft.Resources/subscriptions/resourceGroups/read", {GROUP}),
    ],
)  # fmt: skip
def test_a_kind_that_may_not_be_listed_is_unread(sandbox, permission, kinds):
    _, network, subnet = make_network(sandbox)
    sandbox.act("deny_permissions", permissions=[permission])
    try:
        seen = surveyed(sandbox)
    finally:
        sandbox.act("deny_permissions", permissions=[])
    assert set(seen.unread) == kinds
    assert all(permission in why for why in seen.unread.values())
    assert {network.external_id, subnet.external_id} <= ids(seen)


def test_the_number_of_calls_does_not_depend_on_what_there_is(sandbox):
    def calls():
        before = len(sandbox.called())
        surveyed(sandbox)
        return len(sandbox.called()) - before

    calls()  # a token may be fetched
    empty = calls()
    make_network(sandbox)
    assert calls() == empty <= 8


def test_changes_by_hand_show_in_what_is_observed(fast, stack):
    rule = FirewallRuleSpec("ingress", "tcp", 443, 443, ("0.0.0.0/0",))
    spec = NetworkSpec(
        "net", REGION, "10.0.0.0/16", carve=False, security_groups=(SecurityGroupSpec("web", "", (rule,)),)
    )

    async def story():
        await stack.apply(stack.provider.network_blueprint(spec))
        row = stack.row("security-group/web")
        await stack.close()
        return row

    row = asyncio.run(story())
    name = next(item["name"] for item in fast.resources("security_rule"))
    path = f"{row.external_id}/securityRules/{name}"
    fast.act("change", id=path, field="properties.sourceAddressPrefix", value="198.51.100.0/24")
    seen = next(item for item in surveyed(fast).sightings if item.external_id == row.external_id)
    assert seen.observed.fields["rules"][0]["cidrs"] == ["198.51.100.0/24"]


def test_what_aks_hands_down_is_not_the_stack_s_own_even_if_groups_cannot_be_read(fast, stack, make_cluster):
    async def story():
        await stack.apply(stack.provider.cluster_blueprint(make_cluster()))
        wanted = {row.external_id for row in stack.rows() if row.external_id and row.external_id.startswith("/")}
        group = stack.row("resource-group").external_id
        await stack.close()
        return wanted, group

    wanted, group = asyncio.run(story())
    assert ids(surveyed(fast)) == wanted
    fast.fault("error_before", "Microsoft.Resources/subscriptions/resourceGroups/read")
    seen = surveyed(fast)
    assert set(seen.unread) == {GROUP}
    assert ids(seen) == wanted - {group}

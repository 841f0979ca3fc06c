"""Peerings of VPC networks under the real engine: what Google refuses by itself, and a peering that is not ours."""

import asyncio
from dataclasses import replace

from skyclust.contract.resources import Origin
from skyclust.contract.specs import NetworkSpec, PeeringSpec, SubnetSpec
from skyclust.provisioning.rows import OperationState

REGION = "asia-northeast3"
BARE = NetworkSpec("net", REGION, "10.1.0.0/16", carve=False)


def succeeded(operation) -> None:
    assert operation.state is OperationState.SUCCEEDED, (operation.message, operation.timeline[-5:])


def with_subnet(name, block):
    return replace(BARE, name=name, cidr_block=block, subnets=(SubnetSpec("a", block),))


def test_both_entries_are_active_and_a_foreign_one_blocks_by_name(fast, make_stack):
    net, hub = make_stack("net"), make_stack("hub")

    async def story():
        succeeded(await hub.apply(hub.provider.network_blueprint(with_subnet("hub", "10.2.0.0/20"))))
        hub_id = hub.row("network").external_id
        wish = PeeringSpec("to-hub", "hub", hub_id, REGION, "10.2.0.0/16", {"exchange_custom_routes": True})
        graph = net.provider.network_blueprint(replace(with_subnet("net", "10.1.0.0/20"), peerings=(wish,)))
        succeeded(await net.apply(graph))
        assert net.plan(graph).empty
        documents = [
            await net.gcp.read(
                lambda apis, name=name: apis.compute.networks().get(project=net.gcp.project, network=name)
            )
            for name in ("net", "hub")
        ]
        entries = [entry for document in documents for entry in document["peerings"]]
        assert [(entry["state"], entry["exportCustomRoutes"]) for entry in entries] == [("ACTIVE", True)] * 2
        entry = {"name": "theirs", "network": net.row("network").external_id, "exchangeSubnetRoutes": True}
        await net.gcp.write(
            lambda apis: apis.compute.networks().removePeering(
                project=net.gcp.project, network="hub", body={"name": entries[1]["name"]}
            )
        )
        fast.pass_time(60)
        await net.gcp.write(
            lambda apis: apis.compute.networks().addPeering(
                project=net.gcp.project, network="hub", body={"networkPeering": entry}
            )
        )
        fast.pass_time(60)
        items = await net.provider.inventory(net.gcp, hub_id, frozenset())
        named = [(item.name, item.origin) for item in items if item.kind == "network peering"]
        assert named == [("theirs", Origin.FOREIGN)]

    asyncio.run(story())


def test_subnets_that_overlap_are_refused_by_google_with_both_ranges(fast, make_stack):
    net, hub = make_stack("net"), make_stack("hub")

    async def story():
        succeeded(await hub.apply(hub.provider.network_blueprint(with_subnet("hub", "10.1.0.0/24"))))
        wish = PeeringSpec("to-hub", "hub", hub.row("network").external_id, REGION, "10.1.0.0/24")
        operation = await net.apply(
            net.provider.network_blueprint(replace(with_subnet("net", "10.1.0.0/20"), peerings=(wish,)))
        )
        assert operation.state is not OperationState.SUCCEEDED
        told = net.row("peering/to-hub").message
        assert "10.1.0.0/24" in told
        assert "10.1.0.0/20" in told

    asyncio.run(story())

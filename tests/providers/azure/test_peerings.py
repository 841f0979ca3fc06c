"""Peerings of virtual networks under the real engine: between regions, left by the other side, beside a foreign one."""

import asyncio
from dataclasses import replace

from skyclust.contract.resources import Origin
from skyclust.contract.specs import NetworkSpec, PeeringSpec
from skyclust.provisioning.rows import OperationState

REGION, ELSEWHERE = "koreacentral", "westeurope"
NET = NetworkSpec("net", REGION, "10.1.0.0/16", carve=False)
HUB = NetworkSpec("hub", ELSEWHERE, "10.2.0.0/16", carve=False)


def succeeded(operation) -> None:
    assert operation.state is OperationState.SUCCEEDED, (operation.message, operation.timeline[-5:])


def test_a_side_that_the_other_left_is_joined_again_and_a_foreign_peering_is_named(fast, make_stack):
    net, hub = make_stack("net"), make_stack("hub")

    async def states(hub_id):
        documents = [await net.az.get(path) for path in (net.row("network").external_id, hub_id)]
        peerings = [item["properties"] for row in documents for item in row["properties"]["virtualNetworkPeerings"]]
        return [(item["peeringState"], item["allowForwardedTraffic"]) for item in peerings]

    async def story():
        succeeded(await hub.apply(hub.provider.network_blueprint(HUB)))
        hub_id = hub.row("network").external_id
        wish = PeeringSpec("to-hub", "hub", hub_id, ELSEWHERE, HUB.cidr_block, {"allow_forwarded_traffic": True})
        graph = net.provider.network_blueprint(replace(NET, peerings=(wish,)))
        succeeded(await net.apply(graph))
        assert net.plan(graph).empty
        assert await states(hub_id) == [("Connected", True)] * 2
        row = net.row("peering/to-hub")
        await net.az.delete(f"{hub_id}/virtualNetworkPeerings/{row.external_id.rpartition('/')[2]}-peer")
        fast.pass_time(120)
        driver = net.provider.driver(row.kind)
        spec = {**row.spec, "network": net.row("network").external_id}
        seen = await driver.observe(net.az, row.external_id, spec)
        assert seen.fields["sides"] == []
        assert [change.field for change in driver.diff(spec, seen)] == ["sides"]
        for _ in range(2):
            seen = await driver.observe(net.az, row.external_id, spec)
            await driver.update(net.az, row.external_id, spec, driver.diff(spec, seen), None)
            fast.pass_time(120)
        assert await states(hub_id) == [("Connected", True)] * 2
        theirs = f"{hub_id}/virtualNetworkPeerings/theirs"
        succeeded(await net.apply(net.provider.network_blueprint(NET)))
        remote = {"remoteVirtualNetwork": {"id": net.row("network").external_id}}
        await net.az.put(theirs, {"properties": remote})
        items = await net.provider.inventory(hub.az, hub_id, frozenset())
        named = [(item.name, item.origin) for item in items if item.kind == "network peering"]
        assert named == [("theirs", Origin.FOREIGN)]

    async def told():
        try:
            await story()
        finally:
            await net.close()
            await hub.close()

    asyncio.run(told())

"""Rule 17: a peering joins two networks and parts them again, found on both, and the networks stay as they are.

For providers that declare "network.peering"; another must not pretend to make one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from skyclust.contract.conformance.applying import Birth, Stack
from skyclust.contract.conformance.running import run, stack_of
from skyclust.contract.conformance.under_test import CloudUnderTest
from skyclust.contract.errors import NotSupported
from skyclust.contract.provider import Session
from skyclust.contract.resources import InventoryItem, Observed, Origin
from skyclust.contract.specs import NetworkSpec, PeeringSpec
from skyclust.contract.surveys import Known, Surveying

CAPABILITY = "network.peering"
HUB_RANGE = "10.200.0.0/16"
KEY = "peering/to-hub"


class PeeringRules:
    """Rules judged on a carved network that asks to be peered with a bare one."""

    def test_a_peering_is_in_the_graph_exactly_when_declared(self, cloud: CloudUnderTest) -> None:
        spec = replace(cloud.network, peerings=(PeeringSpec("to-hub", "hub", "hub", cloud.region, HUB_RANGE),))
        try:
            keys = {node.key for node in cloud.provider.network_blueprint(spec)}
        except NotSupported:
            keys = set()
        assert (KEY in keys) == (CAPABILITY in cloud.provider.capabilities), sorted(keys)

    def test_an_option_that_the_cloud_does_not_have_is_refused(self, cloud: CloudUnderTest) -> None:
        if CAPABILITY in cloud.provider.capabilities:
            peering = PeeringSpec("to-hub", "hub", "hub", cloud.region, HUB_RANGE, {"warp": True})
            found = cloud.provider.validate_network(replace(cloud.network, peerings=(peering,)))
            named = [item for item in found if item.severity == "error" and item.field == "/peerings/0/options"]
            assert named, found

    def test_a_peering_asked_for_twice_is_one_and_is_found_on_both_networks(self, cloud: CloudUnderTest) -> None:
        async def story(session: Session, network: Stack, hub: Stack) -> None:
            peering = network.standing[KEY]
            for stack in (network, hub):
                items = await _peerings(cloud, session, stack)
                assert [item.origin for item in items] == [Origin.OURS], items
                assert items[0].resource_id == str(peering.mark.resource_id), items
            found = await network.driver(peering).find(session, peering.mark, peering.spec)
            assert found is not None, "not found by its mark"
            assert found.external_id == peering.external_id

        _peered(cloud, story)

    def test_a_peering_goes_and_both_networks_stay(self, cloud: CloudUnderTest) -> None:
        async def story(session: Session, network: Stack, hub: Stack) -> None:
            peering = network.standing[KEY]
            await network.apply(cloud.provider.network_blueprint(cloud.network))
            for stack in (network, hub):
                assert await _peerings(cloud, session, stack) == []
                for item in stack.owned():
                    seen = await stack.driver(item).observe(session, item.external_id, item.spec)
                    assert seen is not None, f"{item.node.key} went with the peering"
                    assert not stack.driver(item).diff(item.spec, seen), f"{item.node.key} was changed by the peering"
            driver = cloud.provider.driver(peering.node.kind)
            await driver.delete(session, peering.external_id, peering.spec, peering.mark)
            assert await driver.observe(session, peering.external_id, peering.spec) is None

        _peered(cloud, story)

    def test_a_survey_sees_a_peering_once_with_its_owner(self, cloud: CloudUnderTest) -> None:
        async def story(session: Session, network: Stack, hub: Stack) -> None:
            del hub
            if not isinstance(cloud.provider, Surveying):
                return
            peering = network.standing[KEY]
            known = {peering.node.kind: [Known(peering.node.kind, peering.external_id, peering.spec)]}
            seen = await cloud.provider.survey(session, known)
            sighted = [item for item in seen.sightings if item.kind == peering.node.kind]
            assert [item.external_id for item in sighted] == [peering.external_id], seen.sightings
            assert sighted[0].owner is not None
            assert sighted[0].owner.resource_id == peering.mark.resource_id

        _peered(cloud, story)


Story = Callable[[Session, Stack, Stack], Awaitable[None]]


def _peered(cloud: CloudUnderTest, story: Story) -> None:
    """Both networks with their peering, which was asked for twice; all of it is taken down in the end."""

    async def whole(session: Session) -> None:
        hub = stack_of(cloud, session, "hub")
        await hub.apply(cloud.provider.network_blueprint(NetworkSpec("hub", cloud.region, HUB_RANGE, carve=False)))
        seen = hub.standing["network"].observed
        assert seen is not None
        wish = PeeringSpec("to-hub", "hub", hub.standing["network"].external_id, cloud.region, HUB_RANGE)
        network = stack_of(cloud, session, cloud.network.name)
        await network.apply(cloud.provider.network_blueprint(replace(cloud.network, peerings=(wish,))), _twice)
        await story(session, network, hub)
        await network.delete()
        await hub.delete()
        assert cloud.world.resources() == (), cloud.world.resources()

    if CAPABILITY in cloud.provider.capabilities:
        cloud.world.reset()
        run(cloud, whole)


async def _twice(birth: Birth) -> Observed:
    made = await birth.create()
    return await birth.create() if birth.key == KEY else made


async def _peerings(cloud: CloudUnderTest, session: Session, stack: Stack) -> list[InventoryItem]:
    items = await cloud.provider.inventory(session, stack.standing["network"].external_id, frozenset())
    return [item for item in items if "peering" in item.kind.casefold()]

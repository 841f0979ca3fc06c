"""Rule 17: an offer of add-ons is data, and one that is wished for is there, changes and goes with the wish.

For providers that declare "addons". What a driver observes is all that anybody is shown, so it is what is judged here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from skyclust.contract.addons import ADDON_PREFIX, INSTALLED, AddonOffer, Addons
from skyclust.contract.conformance.applying import Stack
from skyclust.contract.conformance.running import run, stack_of
from skyclust.contract.conformance.under_test import CloudUnderTest
from skyclust.contract.provider import Session
from skyclust.contract.resources import Change
from skyclust.contract.specs import AddonSpec, ClusterSpec

STANDARD = "standard"
PAUSE_SECONDS = 900.0


@dataclass
class Scene:
    """A standing cluster of the mode "standard", and what may be added to it."""

    cloud: CloudUnderTest
    session: Session
    keeper: Addons
    stack: Stack
    spec: ClusterSpec

    async def wish(self, *wishes: AddonSpec) -> None:
        """Have the cluster be with these wishes about add-ons, once what creation began by itself is over."""
        self.cloud.world.pass_time(PAUSE_SECONDS)
        await self.stack.apply(self.cloud.provider.cluster_blueprint(replace(self.spec, addons=wishes)))

    async def installed(self) -> dict[str, Mapping[str, Any]]:
        """As contract/addons.py tells to read it from what is observed."""
        found: dict[str, Mapping[str, Any]] = {}
        for item in self.stack.owned():
            seen = await self.stack.driver(item).observe(self.session, item.external_id, item.spec)
            assert seen is not None, f"{item.node.key} is not seen any more"
            if item.node.key == "cluster":
                found |= seen.fields.get(INSTALLED, {})
            if item.node.key.startswith(ADDON_PREFIX):
                found[item.node.key.removeprefix(ADDON_PREFIX)] = seen.fields
        return found

    async def differences(self) -> dict[str, tuple[Change, ...]]:
        """What a second plan would do."""
        found = {}
        for item in self.stack.owned():
            driver = self.stack.driver(item)
            seen = await driver.observe(self.session, item.external_id, item.spec)
            assert seen is not None, f"{item.node.key} is not seen any more"
            if changes := driver.diff(item.spec, seen):
                found[item.node.key] = changes
        return found

    async def offered(self) -> tuple[AddonOffer, ...]:
        """By the cloud, for this cluster."""
        return await self.keeper.offered_addons(self.session, self.spec)


Story = Callable[[Scene], Awaitable[None]]


class AddonRules:
    """Rules judged on a standing cluster, and on data."""

    def test_addons_are_offered_exactly_when_declared(self, cloud: CloudUnderTest) -> None:
        assert isinstance(cloud.provider, Addons) == ("addons" in cloud.provider.capabilities)

    def test_offers_of_addons_are_sorted_data_for_every_version_and_mode(self, cloud: CloudUnderTest) -> None:
        if not isinstance(cloud.provider, Addons):
            return
        for version in cloud.provider.kubernetes_versions():
            assert cloud.provider.addon_offers(version.name, STANDARD), version
            for mode in cloud.clusters:
                offers = cloud.provider.addon_offers(version.name, mode)
                assert offers == cloud.provider.addon_offers(version.name, mode)
                names = [offer.name for offer in offers]
                assert names == sorted(set(names)), (version, mode)
                for offer in offers:
                    assert offer.title, offer
                    assert offer.configuration.get("type") == "object", offer
                    assert offer.versioned or not offer.versions, offer

    def test_an_addon_comes_changes_and_goes_as_wished(self, cloud: CloudUnderTest) -> None:
        async def story(scene: Scene) -> None:
            offers = await scene.offered()
            names = [offer.name for offer in offers]
            assert names == sorted(set(names))
            known = {offer.name for offer in scene.keeper.addon_offers(scene.spec.version, STANDARD)}
            assert known <= set(names), f"told of without being offered: {known - set(names)}"
            before = await scene.installed()
            assert {offer.name for offer in offers if offer.by_default} <= before.keys()
            for offer in _chosen(offers, before):
                await _comes_and_goes(scene, offer, before)

        _staged(cloud, story)

    def test_an_addon_of_the_clouds_own_is_switched_off_and_on(self, cloud: CloudUnderTest) -> None:
        async def story(scene: Scene) -> None:
            own = [offer for offer in await scene.offered() if offer.by_default]
            for offer in own[:1]:
                await scene.wish(AddonSpec(offer.name, enabled=False))
                assert offer.name not in await scene.installed()
                assert await scene.differences() == {}
                await scene.wish(AddonSpec(offer.name))
                assert offer.name in await scene.installed()

        _staged(cloud, story)


def _chosen(offers: tuple[AddonOffer, ...], before: Mapping[str, Any]) -> list[AddonOffer]:
    """One that comes, and one with several versions; all of them would cost many times that."""
    absent = [offer for offer in offers if offer.name not in before and not offer.essential]
    several = [offer for offer in absent if len(offer.versions) > 1]
    chosen = {offer.name: offer for offer in (*absent[:1], *several[:1])}
    assert chosen, "nothing is offered that is not there already"
    return list(chosen.values())


async def _comes_and_goes(scene: Scene, offer: AddonOffer, before: Mapping[str, Any]) -> None:
    await scene.wish(AddonSpec(offer.name))
    seen = await scene.installed()
    assert seen.keys() == before.keys() | {offer.name}
    assert await scene.differences() == {}, f"{offer.name} is installed, and something differs"
    for version in (offer.versions[-1], offer.versions[0]) if offer.versions else ():
        await scene.wish(AddonSpec(offer.name, version.name))
        seen = await scene.installed()
        assert seen[offer.name]["version"] == version.name
        assert scene.spec.version in seen[offer.name].get("supports", [scene.spec.version])
        assert await scene.differences() == {}
    await scene.wish(AddonSpec(offer.name, enabled=False))
    assert (await scene.installed()).keys() == before.keys()
    assert await scene.differences() == {}, f"{offer.name} is gone, and something differs"


def _staged(cloud: CloudUnderTest, story: Story) -> None:
    provider = cloud.provider
    if not isinstance(provider, Addons):
        return  # judged by the rule of what is declared
    cloud.world.reset()

    async def told(session: Session) -> None:
        spec = await provider.complete_cluster(session, cloud.clusters[STANDARD])
        stack = stack_of(cloud, session, spec.name)
        await stack.apply(provider.cluster_blueprint(spec))
        await story(Scene(cloud, session, provider, stack, spec))
        await stack.delete()

    run(cloud, told)

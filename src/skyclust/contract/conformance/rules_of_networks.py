"""Rules 10 and 13: a network is read page by page, foreign things block its deletion, leftovers of ours do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from skyclust.contract.conformance.applying import Stack, StillInUseError
from skyclust.contract.conformance.running import cluster_graph, run, stack_of
from skyclust.contract.conformance.under_test import CloudUnderTest
from skyclust.contract.provider import Session
from skyclust.contract.resources import Origin


class NetworkRules:
    """Rules judged on a network with things in it that the stack did not make."""

    def test_an_inventory_pages_through_to_the_end_by_list_calls(self, cloud: CloudUnderTest) -> None:
        async def story(session: Session) -> None:
            stack = await _network(cloud, session)
            network_id = stack.standing["network"].external_id
            started = cloud.world.calls()
            await cloud.provider.inventory(session, network_id, frozenset())
            small = cloud.world.calls() - started
            crowd = cloud.world.crowd(network_id)
            started = cloud.world.calls()
            items = await cloud.provider.inventory(session, network_id, frozenset())
            grown = cloud.world.calls() - started - small
            missing = crowd - {item.external_id for item in items if item.origin is Origin.FOREIGN}
            assert not missing, f"{len(missing)} of {len(crowd)} foreign things are not in the inventory"
            assert grown < len(crowd) / 2, f"{grown} more calls for {len(crowd)} more things: one call per thing"

        cloud.world.reset()
        run(cloud, story)

    def test_a_fresh_network_holds_nothing_foreign(self, cloud: CloudUnderTest) -> None:
        async def story(session: Session) -> None:
            stack = await _network(cloud, session)
            network = stack.standing["network"].external_id
            items = await cloud.provider.inventory(session, network, frozenset())
            strange = [item for item in items if item.origin in (Origin.FOREIGN, Origin.KUBERNETES)]
            assert not strange, strange
            marks = {str(item.mark.resource_id) for item in stack.owned()}
            ours = [item for item in items if item.origin is Origin.OURS]
            assert all(item.resource_id in marks for item in ours), ours

        cloud.world.reset()
        run(cloud, story)

    def test_something_foreign_blocks_deletion_and_survives(self, cloud: CloudUnderTest) -> None:
        async def story(session: Session) -> None:
            stack = await _network(cloud, session)
            network = stack.standing["network"]
            foreign = cloud.world.plant_foreign(network.external_id)
            items = await cloud.provider.inventory(session, network.external_id, frozenset())
            named = [item for item in items if item.external_id == foreign]
            assert [item.origin for item in named] == [Origin.FOREIGN], named
            assert named[0].why
            with pytest.raises(StillInUseError):
                await stack.delete()
            living = {resource.id for resource in cloud.world.resources()}
            assert foreign in living
            assert any(resource.carries(network.mark) for resource in cloud.world.resources()), "the network went"
            cloud.world.remove(frozenset({foreign}))
            await stack.delete()
            assert cloud.world.resources() == (), cloud.world.resources()

        cloud.world.reset()
        run(cloud, story)

    def test_leftovers_of_a_gone_cluster_are_swept_with_its_network(self, cloud: CloudUnderTest) -> None:
        """The cluster stands in an existing network: its deletion leaves that alone, the network's sweeps."""

        async def story(session: Session) -> None:
            network = await _network(cloud, session)
            network_id = network.standing["network"].external_id
            spec = replace(cloud.clusters["standard"], network=None, vpc_id=network_id)
            cluster = stack_of(cloud, session, spec.name)
            await cluster.apply(await cluster_graph(cloud, session, spec))
            leftovers = cloud.world.leave_kubernetes_leftovers(spec.name)
            assert leftovers, "the world left nothing"
            decoys = cloud.world.plant_decoys()
            await _leftovers_are_recognised(cloud, session, network_id, spec.name)
            await cluster.delete()
            await _network_stands(session, network)
            await network.apply(cloud.provider.network_blueprint(replace(cloud.network, clusters=(spec.name,))))
            await network.delete()
            _only_decoys_are_left(cloud, decoys)

        cloud.world.reset()
        run(cloud, story)

    def test_a_cluster_goes_with_its_own_network_and_leftovers(self, cloud: CloudUnderTest) -> None:
        async def story(session: Session) -> None:
            for spec in cloud.clusters.values():
                cloud.world.reset()
                decoys = cloud.world.plant_decoys()
                stack = stack_of(cloud, session, spec.name)
                await stack.apply(await cluster_graph(cloud, session, spec))
                cloud.world.leave_kubernetes_leftovers(spec.name)
                await stack.delete()
                _only_decoys_are_left(cloud, decoys)

        run(cloud, story)


async def _network(cloud: CloudUnderTest, session: Session) -> Stack:
    stack = stack_of(cloud, session, cloud.network.name)
    await stack.apply(cloud.provider.network_blueprint(cloud.network))
    return stack


async def _network_stands(session: Session, network: Stack) -> None:
    for item in network.owned():
        seen = await network.driver(item).observe(session, item.external_id, item.spec)
        assert seen is not None, f"{item.node.key} went with a cluster it did not belong to"
        changes = network.driver(item).diff(item.spec, seen)
        assert not changes, f"{item.node.key} was changed by a cluster it did not belong to: {changes}"


async def _leftovers_are_recognised(cloud: CloudUnderTest, session: Session, network_id: str, cluster: str) -> None:
    with_name = await cloud.provider.inventory(session, network_id, frozenset({cluster}))
    swept = {item.external_id for item in with_name if item.origin is Origin.KUBERNETES}
    assert swept, f"nothing in the inventory comes from Kubernetes: {with_name}"
    without = await cloud.provider.inventory(session, network_id, frozenset())
    taken = {item.external_id for item in without if item.origin is Origin.KUBERNETES}
    assert not taken, f"leftovers of a cluster that is not ours count as ours: {taken}"


def _only_decoys_are_left(cloud: CloudUnderTest, decoys: frozenset[str]) -> None:
    living = {resource.id for resource in cloud.world.resources()}
    assert decoys <= living, f"decoys are gone: {decoys - living}"
    assert living <= decoys, f"left behind: {[item for item in cloud.world.resources() if item.id not in decoys]}"

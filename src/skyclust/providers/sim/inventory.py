"""What is inside a network and whose it is, read page by page. Called through `Sim.inventory`."""

from __future__ import annotations

from skyclust.contract.resources import TAG_RESOURCE, InventoryItem, Origin
from skyclust.providers.sim.drivers import CLUSTER_TAG
from skyclust.providers.sim.sessions import SimSession
from skyclust.providers.sim.world import SimResource

PAGE = 20


async def inventory(session: SimSession, network_id: str, own_clusters: frozenset[str]) -> tuple[InventoryItem, ...]:
    """Everything that uses the network, directly or not."""
    items: list[InventoryItem] = []
    after = ""
    while True:
        start = after
        page, after = await session.call("read.list", lambda: session.world.page(network_id, start, PAGE))  # noqa: B023 - called at once
        items.extend(_item(resource, own_clusters) for resource in page)
        if not after:
            return tuple(items)


def _item(resource: SimResource, own_clusters: frozenset[str]) -> InventoryItem:
    origin, why = _origin(resource, own_clusters)
    return InventoryItem(
        f"sim.{resource.kind}", resource.id, resource.name, origin, why, resource.tags.get(TAG_RESOURCE)
    )


def _origin(resource: SimResource, own_clusters: frozenset[str]) -> tuple[Origin, str]:
    if TAG_RESOURCE in resource.tags:
        return Origin.OURS, f"tagged {TAG_RESOURCE}"
    for tag in resource.tags:
        if tag.startswith(CLUSTER_TAG) and tag.removeprefix(CLUSTER_TAG) in own_clusters:
            return Origin.KUBERNETES, f"tagged {tag}"
    return Origin.FOREIGN, "carries no mark of ours nor of a cluster of ours"

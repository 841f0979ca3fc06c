"""Everything inside a network, recognised by origin: what a deletion would reach, and what stands in its way.

Called before deletions; reads only. A network tells what holds an address in it; a handful of lists tell the rest, so
that the number of calls does not grow with the things.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from skyclust.contract.resources import InventoryItem, JsonObject, Origin
from skyclust.contract.surveys import owner_by_tags
from skyclust.providers.azure.drivers.peerings import owner_of
from skyclust.providers.azure.naming import group_id, group_of, last_segment, same, subnet_owner, subscription_of
from skyclust.providers.azure.reading import Groups, clusters_in, groups_of, noun_of, trace_of, whole
from skyclust.providers.azure.sessions import AzureSession, gather

#: Kinds that are looked through for what Kubernetes made, and for the tags of what holds an address.
TRACED = (
    "Microsoft.Network/loadBalancers",
    "Microsoft.Network/publicIPAddresses",
    "Microsoft.Network/networkInterfaces",
    "Microsoft.Compute/disks",
)


async def inventory(az: AzureSession, network_id: str, own_clusters: frozenset[str]) -> tuple[InventoryItem, ...]:
    """All items, clusters first. `own_clusters` are names of our clusters, living or gone."""
    network, clusters, *lists = await gather(
        az.get_or_none(network_id), clusters_in(az, network_id), *(az.items(az.within(kind)) for kind in TRACED)
    )
    if network is None:
        return ()
    view = groups_of(own_clusters, az.region, clusters)
    listed = {str(row["id"]).lower(): row for rows in lists for row in rows}
    inside = _holders(network)
    items = {item.external_id.lower(): item for item in _clusters(clusters)}
    own = (network["properties"].get(key) or [] for key in ("subnets", "virtualNetworkPeerings"))
    for document in (*chain.from_iterable(own), *_inside(inside, listed), *_machines(inside, listed)):
        items.setdefault(str(document["id"]).lower(), _item(document, view))
    for document in listed.values():
        if trace_of(document, view) is not None:
            items.setdefault(str(document["id"]).lower(), _item(document, view))
    for document in await _beside(az, network):
        items.setdefault(str(document["id"]).lower(), _item(document, view))
    return tuple(items.values())


def _holders(network: JsonObject) -> list[str]:
    """Ids of what holds an address of the network."""
    subnets = network["properties"].get("subnets", [])
    found = [
        whole(row["id"])
        for subnet in subnets
        for key in (
            "ipConfigurations",
            "ipConfigurationProfiles",
            "privateEndpoints",
            "applicationGatewayIPConfigurations",
        )
        for row in subnet["properties"].get(key) or []
    ]
    return list(dict.fromkeys(found))


def _inside(holders: list[str], listed: Mapping[str, JsonObject]) -> Iterator[JsonObject]:
    for identifier in holders:
        yield listed.get(identifier.lower(), {"id": identifier, "name": last_segment(identifier)})


def _machines(holders: list[str], listed: Mapping[str, JsonObject]) -> Iterator[JsonObject]:
    """Machines behind the cards; a card shows its machine's id, and has its tags as a rule."""
    for identifier in holders:
        card = listed.get(identifier.lower(), {})
        machine = (card.get("properties", {}).get("virtualMachine") or {}).get("id")
        if machine:
            yield {"id": machine, "name": last_segment(machine), "tags": card.get("tags")}


async def _beside(az: AzureSession, network: JsonObject) -> list[JsonObject]:
    """What else is in the network's resource group, when that is one of ours and would go with it."""
    group = group_id(subscription_of(network["id"]), group_of(network["id"]))
    document = await az.get_or_none(group)
    if document is None or owner_by_tags(document.get("tags") or {}) is None:
        return []
    return [row for row in await az.items(f"{group}/resources") if not same(row["id"], network["id"])]


def _item(document: JsonObject, view: Groups) -> InventoryItem:
    origin, why, resource = _origin(document, view)
    identifier = str(document["id"])
    return InventoryItem(noun_of(identifier), identifier, last_segment(identifier), origin, why, resource)


def _origin(document: JsonObject, view: Groups) -> tuple[Origin, str, str | None]:
    trace = trace_of(document, view)
    if trace is not None:
        if trace.by_kubernetes:
            return Origin.KUBERNETES, trace.why, None
        return Origin.CLOUD, f"{trace.why}, goes with it", None
    owner = owner_by_tags(document.get("tags") or {})
    if owner is not None:
        return Origin.OURS, "its tags carry our mark", str(owner.resource_id)
    marked = subnet_owner(last_segment(document["id"])) if noun_of(document["id"]) == "subnet" else None
    if noun_of(document["id"]) == "network peering":
        peering = owner_of(last_segment(document["id"]))
        marked = peering.resource_id if peering is not None else None
    if marked is not None:
        return Origin.OURS, "its name carries our mark", str(marked)
    return Origin.FOREIGN, f"a {noun_of(document['id'])} without our mark, not made by a cluster of ours", None


def _clusters(clusters: list[JsonObject]) -> Iterator[InventoryItem]:
    for cluster in clusters:
        owner = owner_by_tags(cluster.get("tags") or {})
        if owner is not None:
            why, origin = "its tags carry our mark", Origin.OURS
            yield InventoryItem("cluster", cluster["id"], cluster["name"], origin, why, str(owner.resource_id))
        else:
            yield InventoryItem("cluster", cluster["id"], cluster["name"], Origin.FOREIGN, "a cluster without our mark")

"""Everything inside a network, recognised by origin: what a deletion would reach, and what stands in its way.

Called before deletions; reads only, by aggregated lists, so that the number of calls does not grow with the things.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from skyclust.contract.resources import InventoryItem, JsonObject, Origin
from skyclust.providers.gcp.drivers.peerings import owner_of
from skyclust.providers.gcp.naming import last_segment, network_path, relative_path
from skyclust.providers.gcp.reading import clusters_of, everywhere, globally
from skyclust.providers.gcp.sessions import GcpSession, gather
from skyclust.providers.gcp.traces import CLUSTER_LABEL, Findings, Trace, path_of, traces

_MARK = re.compile(r"skyclust:resource=([0-9a-f-]{36})")
#: Collections whose items say which network they are in, with the word a reader sees.
_NOUNS = {
    "instances": "instance",
    "subnetworks": "subnetwork",
    "routers": "router",
    "firewalls": "firewall rule",
    "forwardingRules": "forwarding rule",
    "networkEndpointGroups": "network endpoint group",
    "addresses": "address",
    "routes": "route",
    "targetPools": "target pool",
    "disks": "disk",
}
_REGIONAL = (
    "instances",
    "subnetworks",
    "routers",
    "forwardingRules",
    "networkEndpointGroups",
    "addresses",
    "targetPools",
    "disks",
)
_GLOBAL = ("firewalls", "routes", "networks")


@dataclass(frozen=True, slots=True)
class _View:
    """What decides about the origin of one item."""

    network: str
    traced: dict[str, Trace]
    own_clusters: frozenset[str]


async def inventory(gcp: GcpSession, network_id: str, own_clusters: frozenset[str]) -> tuple[InventoryItem, ...]:
    """All items, clusters first. `own_clusters` are names of our clusters, living or gone."""
    network = network_path(network_id, gcp.project)
    clusters, *lists = await gather(
        clusters_of(gcp, network),
        *(everywhere(gcp, collection) for collection in _REGIONAL),
        *(globally(gcp, collection) for collection in _GLOBAL),
    )
    found: dict[str, list[JsonObject]] = dict(zip((*_REGIONAL, *_GLOBAL), lists, strict=True))
    findings = Findings(
        tuple(found["firewalls"]),
        tuple(found["forwardingRules"]),
        tuple(found["targetPools"]),
        tuple(found["networkEndpointGroups"]),
        tuple(found["disks"]),
        own_clusters,
        frozenset(cluster["name"] for cluster in clusters) - own_clusters,
    )
    view = _View(network, {trace.path: trace for trace in traces(findings, network, gcp.region)}, own_clusters)
    items = [_cluster_item(cluster) for cluster in clusters]
    items.extend(_peerings(found.pop("networks"), network))
    for collection, documents in found.items():
        items.extend(_items(collection, documents, view))
    return tuple(items)


def _items(collection: str, documents: Iterable[JsonObject], view: _View) -> Iterator[InventoryItem]:
    for document in documents:
        path = path_of(document)
        if path not in view.traced and view.network not in _networks(document):
            continue
        origin, why, resource = _origin(collection, document, view)
        yield InventoryItem(_NOUNS[collection], path, document["name"], origin, why, resource)


def _peerings(networks: Iterable[JsonObject], network: str) -> Iterator[InventoryItem]:
    """The network's own entries: one that the other side alone has joins nothing."""
    for document in networks:
        for entry in (document.get("peerings") or []) if path_of(document) == network else []:
            owner = owner_of(entry["name"])
            name, item_id = entry["name"], f"{network}/networkPeerings/{entry['name']}"
            if owner is not None:
                why, resource = "its name carries our mark", str(owner.resource_id)
                yield InventoryItem("network peering", item_id, name, Origin.OURS, why, resource)
            else:
                why = "a peering without our mark"
                yield InventoryItem("network peering", item_id, name, Origin.FOREIGN, why)


def _networks(document: JsonObject) -> set[str]:
    """Paths of the networks an item is in; a subnetwork link alone does not tell, but always comes with a network."""
    cards = document.get("networkInterfaces", [])
    return {relative_path(str(item.get("network", ""))) for item in [document, *cards]} - {""}


def _origin(collection: str, document: JsonObject, view: _View) -> tuple[Origin, str, str | None]:
    mark = _MARK.search(document.get("description", ""))
    if mark is not None:
        return Origin.OURS, "its description carries our mark", mark[1]
    trace = view.traced.get(path_of(document))
    if trace is not None:
        return Origin.KUBERNETES, trace.why, None
    by_cloud = _made_by_cloud(collection, document, view)
    if by_cloud:
        return Origin.CLOUD, by_cloud, None
    return Origin.FOREIGN, f"a {_NOUNS[collection]} without our mark, not made by a cluster of ours", None


def _made_by_cloud(collection: str, document: JsonObject, view: _View) -> str:
    """Why something goes with its parent by itself, "" when it does not."""
    if collection == "routes":
        hop = document.get("nextHopGateway", "")
        if document.get("nextHopNetwork") or document.get("nextHopPeering"):
            return "route of a subnetwork or peering, goes with it"
        if document["name"].startswith("default-route-") and hop.endswith("default-internet-gateway"):
            return "default route, goes with the network"
    if collection == "instances" and document.get("labels", {}).get(CLUSTER_LABEL) in view.own_clusters:
        return f"node of {document['labels'][CLUSTER_LABEL]}, goes with it"
    if (
        collection == "subnetworks"
        and document["name"] == last_segment(view.network)
        and not document.get("description")
    ):
        return "automatic subnetwork, goes with the network"
    return ""


def _cluster_item(cluster: JsonObject) -> InventoryItem:
    path = relative_path(cluster["selfLink"]).replace("/zones/", "/locations/")
    resource = cluster.get("resourceLabels", {}).get("skyclust-resource")
    if resource:
        return InventoryItem("cluster", path, cluster["name"], Origin.OURS, "its labels carry our mark", resource)
    return InventoryItem("cluster", path, cluster["name"], Origin.FOREIGN, "a cluster without our mark")

"""Who uses a network or subnetwork, and which ranges are taken inside one. Asked before deletions and additions.

Invariant: what Google makes by itself (automatic subnetworks, routes) never counts as a user.
"""

from collections.abc import Iterator

from skyclust.sandbox.gcp.cloud import Cloud
from skyclust.sandbox.gcp.errors import Json

_POINTS_AT_NETWORK = ("routers", "firewalls", "addresses", "networkEndpointGroups", "forwardingRules")


def network_users(cloud: Cloud, path: str, network: Json) -> str | None:
    if network.get("peerings"):
        return f"{path}/networkPeerings/{network['peerings'][0]['name']}"
    link = f"compute://{path}"
    for subnetwork, document in cloud.all("subnetworks"):
        if document["network"] == link:
            user = subnetwork_users(cloud, subnetwork, document)
            if user or not document.get("_automatic"):
                return user if document.get("_automatic") else subnetwork
    for kind in _POINTS_AT_NETWORK:
        for user, document in cloud.all(kind):
            if document.get("network") == link:
                return user
    for user, document in cloud.all("routes"):
        if document["network"] == link and not document.get("_automatic"):
            return user
    return _instance_user(cloud, "network", link) or _cluster_user(cloud, "_network", path)


def subnetwork_users(cloud: Cloud, path: str, _document: Json) -> str | None:
    link = f"compute://{path}"
    for kind in ("forwardingRules", "addresses", "networkEndpointGroups"):
        for user, document in cloud.all(kind):
            if document.get("subnetwork") == link:
                return user
    for user, document in cloud.all("routers"):
        for nat in document.get("nats", []):
            if any(row.get("name") == link for row in nat.get("subnetworks", [])):
                return user
    return _instance_user(cloud, "subnetwork", link) or _cluster_user(cloud, "_subnetwork", path)


def _instance_user(cloud: Cloud, field: str, link: str) -> str | None:
    for user, document in cloud.all("instances"):
        if any(card.get(field) == link for card in document.get("networkInterfaces", [])):
            return user
    return None


def _cluster_user(cloud: Cloud, field: str, path: str) -> str | None:
    return next((user for user, document in cloud.all("clusters") if document.get(field) == path), None)


def ranges_of_network(cloud: Cloud, network: str, *, but: str = "") -> Iterator[tuple[str, str]]:
    """(range, owner's path) of everything addressed inside a network, clusters' control planes included."""
    for path, document in cloud.all("subnetworks"):
        if document["network"] == f"compute://{network}" and path != but:
            yield document["ipCidrRange"], path
            for secondary in document.get("secondaryIpRanges", []):
                yield secondary["ipCidrRange"], path
    for path, document in cloud.all("clusters"):
        master = document.get("privateClusterConfig", {}).get("masterIpv4CidrBlock")
        if document.get("_network") == network and master:
            yield master, path

"""The independent truth about the simulated Google Cloud. Called by the control API; reads state, never the wire.

Invariant: lists everything a customer could be billed for or tripped up by, and nothing Google makes by itself (default
routes, the caller's own service account).
"""

from typing import Any

from skyclust.sandbox.gcp import catalog
from skyclust.sandbox.gcp.acts import ACTIONS
from skyclust.sandbox.gcp.apis import GoogleApis
from skyclust.sandbox.gcp.cloud import Cloud, named
from skyclust.sandbox.gcp.errors import Json

KINDS = {
    "networks": "network",
    "subnetworks": "subnetwork",
    "routers": "router",
    "firewalls": "firewall",
    "addresses": "address",
    "routes": "route",
    "instances": "instance",
    "disks": "disk",
    "instanceGroups": "instance_group",
    "instanceGroupManagers": "instance_group_manager",
    "networkEndpointGroups": "network_endpoint_group",
    "forwardingRules": "forwarding_rule",
    "targetPools": "target_pool",
    "clusters": "cluster",
    "node_pools": "node_pool",
    "service_accounts": "service_account",
}


class GcpWorld:
    provider = "gcp"

    def __init__(self, apis: GoogleApis) -> None:
        self.apis = apis

    def resources(self) -> list[dict[str, Any]]:
        return self.apis.look(_rows)

    def act(self, action: str, body: dict[str, Any]) -> dict[str, Any]:
        perform = ACTIONS[action]
        return self.apis.as_outsider(lambda cloud: perform(cloud, body))

    def reset(self) -> None:
        self.apis.reset()


def _rows(cloud: Cloud) -> list[Json]:
    return [
        _row(cloud, collection, kind, path, document)
        for collection, kind in KINDS.items()
        for path, document in cloud.all(collection)
        if not document.get("_automatic") and not document.get("_own")
    ]


def _row(cloud: Cloud, collection: str, kind: str, path: str, document: Json) -> Json:
    tags = tags_of(document)
    return {
        "provider": "gcp",
        "kind": kind,
        "id": path,
        "name": document.get("name", named(path)) if "/" in path else path.partition("@")[0],
        "region": _region(path),
        "tags": tags,
        "parent": _parent(collection, path, document),
        "state": document.get("status", "READY") if not cloud.is_pending(document.get("_operation", "")) else "PENDING",
        "created_at": document.get("creationTimestamp") or document.get("createTime"),
        "decoy": tags.get("sandbox-decoy") == "true",
    }


def tags_of(document: Json) -> dict[str, str]:
    """Labels, and for kinds that take none the `key=value` words of the description, and the description itself."""
    labels = {
        **document.get("config", {}).get("resourceLabels", {}),
        **document.get("resourceLabels", {}),
        **document.get("labels", {}),
    }
    text = document.get("description") or ""
    words = dict(word.split("=", 1) for word in text.split() if "=" in word)
    return {**words, **labels, **({"description": text} if text else {})}


def _region(path: str) -> str:
    parts = path.split("/")
    return catalog.region_of(parts[3]) if len(parts) > 3 else ""


def _parent(collection: str, path: str, document: Json) -> str:
    if collection == "node_pools":
        return path.partition("/nodePools/")[0]
    if collection == "clusters":
        return str(document["_network"])
    cards = document.get("networkInterfaces") or [{}]
    return str(document.get("network") or cards[0].get("network") or "").removeprefix("compute://")

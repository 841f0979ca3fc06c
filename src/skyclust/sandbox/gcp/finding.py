"""Which resource an act of the outside world means: by path, link, or a name only one resource has."""

from typing import Any

from skyclust.sandbox.gcp.cloud import Cloud, named, path_of
from skyclust.sandbox.gcp.errors import Json

COLLECTIONS = (
    "clusters",
    "node_pools",
    "networks",
    "subnetworks",
    "routers",
    "firewalls",
    "addresses",
    "routes",
    "instances",
    "disks",
    "instanceGroupManagers",
    "instanceGroups",
    "networkEndpointGroups",
    "forwardingRules",
    "targetPools",
    "service_accounts",
)


def need(body: dict[str, Any], name: str) -> str:
    if not isinstance(body.get(name), str) or not body[name]:
        raise ValueError(f"Give {name!r}, a string.")
    return str(body[name])


def find(cloud: Cloud, wanted: str) -> tuple[str, str, Json]:
    """(collection, path, document) by path, link, or a name that only one resource has."""
    path = path_of(wanted, cloud.project.id) or wanted
    path = path.replace("/zones/", "/locations/") if "/clusters/" in path else path
    for collection in COLLECTIONS:
        document = cloud.get(collection, path)
        if document is not None:
            return collection, path, document
    hits = [(kind, key, row) for kind in COLLECTIONS for key, row in cloud.all(kind) if named(key) == wanted]
    if len(hits) > 1:
        raise ValueError(f"{wanted!r} is the name of {sorted(key for _, key, _ in hits)}; give the path of one.")
    if not hits:
        raise KeyError(wanted)
    return hits[0]

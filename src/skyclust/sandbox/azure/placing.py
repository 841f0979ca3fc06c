"""Resources that nobody put: AKS, Kubernetes or the outside world made them. Called by those.

Invariant: they hold what a put would have completed, so that a client may put back what it read.
"""

from typing import Any

from skyclust.sandbox.azure.cards_balancers import BALANCER_DEFAULTS
from skyclust.sandbox.azure.cloud import Cloud, guid_of, new_etag
from skyclust.sandbox.azure.errors import Json
from skyclust.sandbox.azure.networks import SUBNET_DEFAULTS, VNET_DEFAULTS
from skyclust.sandbox.azure.operations import stamp

_DEFAULTS: dict[str, Json] = {
    "Microsoft.Network/virtualNetworks": VNET_DEFAULTS,
    "Microsoft.Network/virtualNetworks/subnets": SUBNET_DEFAULTS,
    "Microsoft.Network/loadBalancers": BALANCER_DEFAULTS,
}


def place(cloud: Cloud, resource_id: str, kind: str, location: str, **fields: Any) -> str:
    """Put it into the world unless it is there; its id."""
    if cloud.get(kind.lower(), resource_id.lower()) is None:
        cloud.put(kind.lower(), resource_id.lower(), _document(cloud, resource_id, kind, location, fields))
    return resource_id


def _document(cloud: Cloud, resource_id: str, kind: str, location: str, fields: Json) -> Json:
    tracked = kind.count("/") == 1
    numbered = {"resourceGuid": guid_of(resource_id)} if tracked and kind.startswith("Microsoft.Network/") else {}
    properties = {
        "provisioningState": "Succeeded",
        **numbered,
        **_DEFAULTS.get(kind, {}),
        **fields.pop("properties", {}),
    }
    return {
        "id": resource_id,
        "name": resource_id.rsplit("/", 1)[-1],
        "type": kind,
        "etag": new_etag(),
        "_location": location,
        "_created": stamp(cloud.now()),
        **({"location": location, "tags": {}} if tracked else {}),
        **fields,
        "properties": properties,
    }

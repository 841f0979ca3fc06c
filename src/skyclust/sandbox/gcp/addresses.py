"""Static addresses of compute.v1, regional and global, external and internal.

Invariant: an address somebody uses cannot be released.
"""

import ipaddress
from dataclasses import replace

from skyclust.sandbox.gcp.cloud import Call, Cloud, short_hash
from skyclust.sandbox.gcp.compute_resources import Kind, existing, handlers_of, referenced, resource_path
from skyclust.sandbox.gcp.errors import Json, invalid_field, required


def _prepare_address(cloud: Cloud, _call: Call, path: str, document: Json) -> Json:
    document.setdefault("addressType", "EXTERNAL")
    taken = {row["address"] for _, row in cloud.all("addresses")}
    if document["addressType"] == "INTERNAL" and "subnetwork" in document:
        subnetwork = referenced(cloud, "resource.subnetwork", document["subnetwork"], "subnetworks")
        document["subnetwork"] = f"compute://{subnetwork}"
        free = ipaddress.IPv4Network(existing(cloud, "subnetworks", subnetwork)["ipCidrRange"])
        document.setdefault("address", next(str(ip) for ip in list(free.hosts())[10:4000] if str(ip) not in taken))
        document.setdefault("purpose", "GCE_ENDPOINT")
        if ipaddress.ip_address(document["address"]) not in free:
            raise invalid_field(
                "resource.address", document["address"], "The address is outside the subnetwork's range."
            )
    elif document["addressType"] == "INTERNAL":
        document["network"] = "compute://" + referenced(cloud, "resource.network", document.get("network"), "networks")
        if not document.get("prefixLength") or not document.get("address"):
            raise required("resource.prefixLength" if document.get("address") else "resource.address")
    else:
        document.setdefault("networkTier", "PREMIUM")
        if document.get("address"):
            raise invalid_field("resource.address", document["address"], "An external address is chosen by Google.")
        seed = int(short_hash(path, 6), 16)
        document["address"] = next(
            ip for ip in (f"203.0.113.{(seed + n) % 254 + 1}" for n in range(254)) if ip not in taken
        )
    return {**document, "status": "RESERVED"}


def _address_users(cloud: Cloud, path: str, document: Json) -> str | None:
    for user, router in cloud.all("routers"):
        if any(f"compute://{path}" in nat.get("natIps", []) for nat in router.get("nats", [])):
            return user
    return next(
        (user for user, rule in cloud.all("forwardingRules") if rule.get("IPAddress") == document["address"]), None
    )


def _shown_address(cloud: Cloud, path: str, document: Json) -> Json:
    user = _address_users(cloud, path, document)
    return {**document, "status": "IN_USE", "users": [f"compute://{user}"]} if user else document


def _get_address(cloud: Cloud, call: Call) -> Json:
    path = resource_path(GLOBAL_ADDRESS if call.method.id.startswith("compute.global") else ADDRESS, call)
    return _shown_address(cloud, path, existing(cloud, "addresses", path))


ADDRESS = Kind(
    "addresses",
    "addresses",
    "address",
    "regions",
    ("insert", "list", "aggregatedList", "delete", "setLabels"),
    "gcp.address.create",
    "gcp.address.delete",
    _prepare_address,
    users=_address_users,
    quota="STATIC_ADDRESSES",
)
GLOBAL_ADDRESS = replace(
    ADDRESS, resource="globalAddresses", scope="global", verbs=("insert", "list", "delete", "setLabels")
)
HANDLERS = {
    **handlers_of(ADDRESS),
    **handlers_of(GLOBAL_ADDRESS),
    "compute.addresses.get": _get_address,
    "compute.globalAddresses.get": _get_address,
}

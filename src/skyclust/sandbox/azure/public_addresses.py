"""Public IP addresses. Source: https://learn.microsoft.com/rest/api/virtualnetwork/public-ip-addresses.

Invariant: one that something uses stays.
"""

import hashlib

from skyclust.sandbox.azure import catalog
from skyclust.sandbox.azure.cloud import Cloud, guid_of
from skyclust.sandbox.azure.errors import Json, bad_request
from skyclust.sandbox.azure.resources import Change, Kind, routes_of
from skyclust.sandbox.azure.subnet_users import BALANCERS, NICS

GATEWAYS = "microsoft.network/natgateways"


def check_zones(change: Change, kind: str, *, most: int = 3) -> None:
    """The zones of a body are the region's."""
    known = catalog.REGIONS[change.location].zones
    zones = change.new.get("zones", [])
    if not set(zones) <= set(known) or len(zones) > most:
        raise bad_request(
            "AvailabilityZoneNotSupported",
            f"The zone(s) '{','.join(zones)}' for resource '{kind}/{change.id}' is not supported. The supported "
            f"zones for location '{change.location}' are '{','.join(known)}'.",
        )


def _complete(_cloud: Cloud, change: Change) -> Json:
    properties = change.properties
    sku = {"name": "Standard", "tier": "Regional", **change.new.get("sku", {})}
    if sku["name"] == "Basic":
        raise bad_request(
            "IPv4BasicSkuPublicIpCountLimitReached",
            "Cannot create more than 0 IPv4 Basic SKU public IP addresses for this subscription in this region.",
        )
    if properties.get("publicIPAllocationMethod", "Static") != "Static":
        raise bad_request(
            "StandardSkuPublicIPAddressesMustBeStatic",
            f"Standard SKU public IP {change.id} must use the allocation method Static.",
        )
    check_zones(change, "Microsoft.Network/publicIPAddresses")
    for unseen in ("ipConfiguration", "natGateway"):
        properties.pop(unseen, None)
    return {"sku": sku, "properties": fields(change.id, properties, (change.old or {}).get("properties", {}))}


def fields(resource_id: str, given: Json, old: Json) -> Json:
    """The properties of an address; the one it was given once stays."""
    number = int(hashlib.sha256(resource_id.encode()).hexdigest()[:8], 16)
    return {
        "publicIPAddressVersion": "IPv4",
        "idleTimeoutInMinutes": 4,
        "ddosSettings": {"protectionMode": "VirtualNetworkInherited"},
        **given,
        "publicIPAllocationMethod": "Static",
        "ipAddress": old.get("ipAddress") or f"203.0.113.{number % 254 + 1}",
        "resourceGuid": old.get("resourceGuid") or guid_of(resource_id),
    }


def user_of(cloud: Cloud, address_id: str) -> str:
    """The id of the front end, card or gateway that holds the address; '' when it is free."""
    wanted = address_id.lower()
    for _, row in cloud.all(GATEWAYS):
        if any(given["id"].lower() == wanted for given in row["properties"].get("publicIpAddresses", [])):
            return str(row["id"])
    for collection, part, word in (
        (BALANCERS, "frontendIPConfigurations", "publicIPAddress"),
        (NICS, "ipConfigurations", "publicIPAddress"),
    ):
        for _, row in cloud.all(collection):
            for one in row["properties"].get(part, []):
                if one.get("properties", {}).get(word, {}).get("id", "").lower() == wanted:
                    return f"{row['id']}/{part}/{one.get('name', '')}"
    return ""


def _check_free(cloud: Cloud, document: Json) -> None:
    user = user_of(cloud, document["id"])
    if user:
        raise bad_request(
            "PublicIPAddressCannotBeDeleted",
            f"Public IP address {document['id']} can not be deleted since it is still allocated to resource {user}. "
            "In order to delete the public IP, disassociate/detach the Public IP address from the resource. To "
            "learn how to do this, see aka.ms/deletepublicip.",
        )


def _render(cloud: Cloud, document: Json) -> Json:
    user = user_of(cloud, document["id"])
    if not user:
        return document
    word = "natGateway" if "/natgateways/" in user.lower() else "ipConfiguration"
    return {**document, "properties": {**document["properties"], word: {"id": user}}}


ADDRESS = Kind(
    "Microsoft.Network/publicIPAddresses", "public_ip", "network.PublicIPAddress", _complete, _check_free, _render
)
KINDS = (ADDRESS,)
ROUTES = routes_of(ADDRESS)

"""Virtual networks and their subnets. A subnet is a document of its own and is shown inside of its network.

Source: https://learn.microsoft.com/rest/api/virtualnetwork/ and public logs of refusals. Invariant: subnets lie inside
their network's space and never overlap; one that something lives in stays.
"""

import ipaddress
import re
from typing import Any

from skyclust.sandbox.azure import addressing
from skyclust.sandbox.azure.cloud import Answer, Call, Cloud, Route, guid_of, named, parent_of
from skyclust.sandbox.azure.errors import Json, bad_request
from skyclust.sandbox.azure.listing import list_answer
from skyclust.sandbox.azure.resources import Change, Kind, check_name, document_of, existing, referenced, routes_of
from skyclust.sandbox.azure.subnet_users import users_of

VNETS = "microsoft.network/virtualnetworks"
SUBNETS = f"{VNETS}/subnets"
PEERINGS = f"{VNETS}/virtualnetworkpeerings"
VNET_DEFAULTS: Json = {"enableDdosProtection": False, "privateEndpointVNetPolicies": "Disabled"}
SUBNET_DEFAULTS: Json = {
    "delegations": [],
    "privateEndpointNetworkPolicies": "Disabled",
    "privateLinkServiceNetworkPolicies": "Enabled",
}
_ATTACHED = {"networkSecurityGroup": "networkSecurityGroups", "routeTable": "routeTables", "natGateway": "natGateways"}


def subnets_of(cloud: Cloud, vnet_id: str) -> list[Json]:
    return [row for _, row in cloud.all(SUBNETS, f"{vnet_id.lower()}/subnets/")]


def ranges_of(subnet: Json) -> list[addressing.Range]:
    properties = subnet["properties"]
    return [addressing.Range(text) for text in properties.get("addressPrefixes") or [properties["addressPrefix"]]]


def space_of(vnet: Json) -> list[str]:
    return list(vnet["properties"]["addressSpace"]["addressPrefixes"])


# networks


def _complete_vnet(cloud: Cloud, change: Change) -> Json:
    properties = change.properties
    name = named(change.id)
    texts = properties.get("addressSpace", {}).get("addressPrefixes", [])
    space = addressing.parse_space(texts, name)
    _check_peers(cloud, change.id, texts)
    given = properties.pop("subnets", None)
    properties.pop("virtualNetworkPeerings", None)
    _replace_subnets(cloud, change, given, space)
    for row in subnets_of(cloud, change.id):
        if not all(any(one.subnet_of(prefix) for prefix in space) for one in ranges_of(row)):
            raise bad_request(
                "InUsePrefixCannotBeDeleted",
                f"IpPrefix of virtual network {name} is in use by subnet {row['name']} and cannot be deleted.",
            )
    old = (change.old or {}).get("properties", {})
    return {"properties": {
        **VNET_DEFAULTS, **properties,
        "resourceGuid": old.get("resourceGuid") or guid_of(f"{change.id}@{cloud.now()}"),
    }}  # fmt: skip


def _replace_subnets(cloud: Cloud, change: Change, given: list[Json] | None, space: list[addressing.Range]) -> None:
    """Subnets in the body of a network replace those there are; without them the network keeps its own."""
    if given is None:
        return
    wanted = {str(row.get("name", "")).lower(): row for row in given}
    for row in subnets_of(cloud, change.id):
        if row["name"].lower() not in wanted:
            _check_subnet_free(cloud, row)
            cloud.remove(SUBNETS, row["id"].lower())
    for row in wanted.values():
        check_name(SUBNET, str(row.get("name", "")))
        child = f"{change.id}/subnets/{row['name']}"
        old = cloud.get(SUBNETS, child.lower())
        inner = Change(change.call, child, row, old, change.location)
        document = document_of(cloud, inner, SUBNET, {"properties": _subnet_properties(cloud, inner, space)})
        cloud.put(SUBNETS, child.lower(), document)


def _check_peers(cloud: Cloud, vnet_id: str, texts: list[str]) -> None:
    for _, row in cloud.all(PEERINGS, f"{vnet_id.lower()}/"):
        other = cloud.get(VNETS, row["properties"]["remoteVirtualNetwork"]["id"].lower())
        if other and (both := addressing.overlapping(texts, space_of(other))):
            raise bad_request(
                "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet",
                f"Address space of virtual network {vnet_id} overlaps with that of the already peered virtual "
                f"network {other['id']}: {', '.join(both)}.",
            )


def _check_vnet_free(cloud: Cloud, document: Json) -> None:
    for row in subnets_of(cloud, document["id"]):
        _check_subnet_free(cloud, row)


def _render_vnet(cloud: Cloud, document: Json) -> Json:
    subnets = [_render_subnet(cloud, row) for row in subnets_of(cloud, document["id"])]
    peerings = [row for _, row in cloud.all(PEERINGS, f"{document['id'].lower()}/")]
    return {
        **document,
        "properties": {**document["properties"], "subnets": subnets, "virtualNetworkPeerings": peerings},
    }


def _vnet_removed(cloud: Cloud, document: Json) -> None:
    """Those that were peered with it are told."""
    for key, row in cloud.all(PEERINGS):
        if row["properties"]["remoteVirtualNetwork"]["id"].lower() == document["id"].lower():
            row["properties"]["peeringState"] = "Disconnected"
            cloud.put(PEERINGS, key, row)


# subnets


def _complete_subnet(cloud: Cloud, change: Change) -> Json:
    vnet = cloud.get(VNETS, parent_of(change.id).lower())
    assert vnet is not None
    return {"properties": _subnet_properties(cloud, change, [addressing.Range(text) for text in space_of(vnet)])}


def _subnet_properties(cloud: Cloud, change: Change, space: list[addressing.Range]) -> Json:
    properties = change.properties
    name, vnet = named(change.id), parent_of(change.id)
    texts = properties.get("addressPrefixes") or [properties.get("addressPrefix")]
    if texts == [None]:
        raise bad_request("InvalidRequestFormat", f"Subnet {name} has no address prefix.")
    ranges = [addressing.parse_prefix(text, change.id) for text in texts]
    others = {row["name"]: ranges_of(row) for row in subnets_of(cloud, vnet) if row["name"].lower() != name.lower()}
    addressing.check_subnet(name, named(vnet), ranges, space, others)
    if change.old and ranges_of(change.old) != ranges and (users := users_of(cloud, change.id)):
        raise bad_request(
            "InUseSubnetCannotBeUpdated",
            f"Subnet {name} is in use by {users[0]} and its address prefix cannot be updated.",
        )
    for field, plural in _ATTACHED.items():
        if field in properties:
            found = referenced(cloud, f"Microsoft.Network/{plural}", properties[field], change.id)
            _check_region(found, change)
            properties[field] = {"id": found["id"]}
    endpoints = [
        {"provisioningState": "Succeeded", "locations": [change.location], **row}
        for row in properties.get("serviceEndpoints", [])
    ]
    for unseen in ("ipConfigurations", "privateEndpoints"):
        properties.pop(unseen, None)
    return {
        **SUBNET_DEFAULTS,
        **properties,
        **({"serviceEndpoints": endpoints} if endpoints else {}),
    }


def _check_region(found: Json, change: Change) -> None:
    if found["location"] != change.location:
        raise bad_request(
            "InvalidResourceReference",
            f"Resource {found['id']} referenced by resource {change.id} is in location {found['location']}; both "
            "must be in the same region.",
        )


def _check_subnet_free(cloud: Cloud, document: Json) -> None:
    users = users_of(cloud, document["id"])
    if users:
        raise bad_request(
            "InUseSubnetCannotBeDeleted",
            f"Subnet {document['name']} is in use by {users[0]} and cannot be deleted. In order to delete the "
            "subnet, delete all the resources within the subnet. See aka.ms/deletesubnet.",
        )


def _render_subnet(cloud: Cloud, document: Json) -> Json:
    users = users_of(cloud, document["id"], with_clusters=False)
    if not users:
        return document
    return {**document, "properties": {**document["properties"], "ipConfigurations": [{"id": user} for user in users]}}


# answers of their own


def usages(cloud: Cloud, call: Call) -> Answer:
    """How many addresses of each subnet are taken."""
    vnet = existing(cloud, call, VNET)
    return list_answer([_usage(cloud, row) for row in subnets_of(cloud, vnet["id"])], call)


def _usage(cloud: Cloud, subnet: Json) -> Json:
    return {
        "id": subnet["id"],
        "name": {"value": "SubnetSpace", "localizedValue": "Subnet size and usage"},
        "currentValue": float(len(users_of(cloud, subnet["id"], with_clusters=False))),
        "limit": float(addressing.usable(ranges_of(subnet))),
        "unit": "Count",
    }


def check_address(cloud: Cloud, call: Call) -> Answer:
    """Whether an address of the network is free."""
    vnet = existing(cloud, call, VNET)
    text: Any = call.query.get("ipAddress", "")
    try:
        wanted = ipaddress.IPv4Address(text)
    except ValueError:
        raise bad_request("InvalidIPAddress", f"'{text}' is no IPv4 address.") from None
    inside = any(wanted in addressing.Range(prefix) for prefix in space_of(vnet))
    return Answer(
        200, {"available": inside, "availableIPAddresses": [] if inside else None, "isPlatformReserved": False}
    )


VNET = Kind(
    "Microsoft.Network/virtualNetworks",
    "network",
    "network.VirtualNetwork",
    _complete_vnet,
    _check_vnet_free,
    _render_vnet,
    _vnet_removed,
    name_rule=re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,62}[A-Za-z0-9_]"),
)
SUBNET = Kind(
    "Microsoft.Network/virtualNetworks/subnets",
    "subnet",
    "network.Subnet",
    _complete_subnet,
    _check_subnet_free,
    _render_subnet,
    tracked=False,
)
KINDS = (VNET, SUBNET)
_ONE = "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/virtualNetworks/{name0}"
ROUTES = [
    *routes_of(VNET),
    *routes_of(SUBNET),
    Route("GET", f"{_ONE}/usages", "Microsoft.Network/virtualNetworks/usages/read", usages),
    Route(
        "GET",
        f"{_ONE}/checkIPAddressAvailability",
        "Microsoft.Network/virtualNetworks/checkIpAddressAvailability/read",
        check_address,
    ),
]

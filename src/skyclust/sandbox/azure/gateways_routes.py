"""NAT gateways and route tables: what a subnet sends its traffic through.

Source: https://learn.microsoft.com/azure/nat-gateway/nat-gateway-resource and the route table reference. Invariant: one
that a subnet uses stays.
"""

import ipaddress

from skyclust.sandbox.azure.cloud import Cloud, guid_of, named, parent_of
from skyclust.sandbox.azure.errors import Json, bad_request
from skyclust.sandbox.azure.networks import SUBNETS
from skyclust.sandbox.azure.public_addresses import check_zones, user_of
from skyclust.sandbox.azure.resources import Change, Kind, check_name, document_of, referenced, routes_of

TABLES = "microsoft.network/routetables"
ROUTE_DOCUMENTS = f"{TABLES}/routes"
_ZONAL_SKU_MOST = {"Standard": 1, "StandardV2": 3}


def _subnets_with(cloud: Cloud, field: str, wanted: str) -> list[str]:
    rows = [
        row for _, row in cloud.all(SUBNETS) if row["properties"].get(field, {}).get("id", "").lower() == wanted.lower()
    ]
    return [row["id"] for row in rows]


# NAT gateways


def _complete_gateway(cloud: Cloud, change: Change) -> Json:
    properties = change.properties
    sku = {"name": "Standard", **change.new.get("sku", {})}
    check_zones(change, "Microsoft.Network/natGateways", most=_ZONAL_SKU_MOST.get(sku["name"], 1))
    minutes = properties.get("idleTimeoutInMinutes", 4)
    if not 4 <= minutes <= 120:
        raise bad_request(
            "IdleTimeoutOutOfRange",
            f"The idle timeout of NAT gateway {named(change.id)} is {minutes} minutes; it must be between 4 and 120.",
        )
    addresses = [_address(cloud, given, change) for given in properties.get("publicIpAddresses", [])]
    properties.pop("subnets", None)
    return {
        "sku": sku,
        "properties": {
            **properties,
            "idleTimeoutInMinutes": minutes,
            **({"publicIpAddresses": addresses} if addresses else {}),
            "resourceGuid": (change.old or {}).get("properties", {}).get("resourceGuid")
            or guid_of(f"{change.id}@{cloud.now()}"),
        },
    }


def _address(cloud: Cloud, given: Json, change: Change) -> Json:
    found = referenced(cloud, "Microsoft.Network/publicIPAddresses", given, change.id)
    user = user_of(cloud, found["id"])
    if user and user.lower() != change.id.lower():
        raise bad_request(
            "PublicIPAddressInUse",
            f"Resource {change.id} is referencing public IP address {found['id']} that is already allocated to "
            f"resource {user}.",
        )
    return {"id": found["id"]}


def _check_gateway_free(cloud: Cloud, document: Json) -> None:
    users = _subnets_with(cloud, "natGateway", document["id"])
    if users:
        raise bad_request(
            "InUseNatGatewayCannotBeDeleted",
            f"NAT gateway {document['id']} cannot be deleted because it is in use by the following resources: "
            f"{', '.join(users)}.",
        )


def _render_gateway(cloud: Cloud, document: Json) -> Json:
    users = _subnets_with(cloud, "natGateway", document["id"])
    if not users:
        return document
    return {**document, "properties": {**document["properties"], "subnets": [{"id": user} for user in users]}}


# route tables


def routes_in(cloud: Cloud, table_id: str) -> list[Json]:
    return [row for _, row in cloud.all(ROUTE_DOCUMENTS, f"{table_id.lower()}/routes/")]


def _complete_table(cloud: Cloud, change: Change) -> Json:
    properties = change.properties
    for row in routes_in(cloud, change.id):
        cloud.remove(ROUTE_DOCUMENTS, row["id"].lower())  # the routes in the body are all the routes there are
    for row in properties.pop("routes", []):
        check_name(ROUTE, str(row.get("name", "")))
        child = f"{change.id}/routes/{row['name']}"
        inner = Change(change.call, child, row, None, change.location)
        cloud.put(ROUTE_DOCUMENTS, child.lower(), document_of(cloud, inner, ROUTE, _complete_route(cloud, inner)))
    properties.pop("subnets", None)
    old = (change.old or {}).get("properties", {})
    return {
        "properties": {
            "disableBgpRoutePropagation": False,
            **properties,
            "resourceGuid": old.get("resourceGuid") or guid_of(f"{change.id}@{cloud.now()}"),
        }
    }


def _complete_route(cloud: Cloud, change: Change) -> Json:
    properties = change.properties
    name, prefix = named(change.id), properties.get("addressPrefix")
    try:
        ipaddress.ip_network(str(prefix), strict=False)
    except ValueError:
        raise bad_request(
            "InvalidAddressPrefixFormat", f"Address prefix {prefix} of route {name} is not formatted correctly."
        ) from None
    hop = properties.get("nextHopType")
    if hop is None:
        raise bad_request("RouteNextHopTypeMissing", f"Route {name} has no next hop type.")
    if (hop == "VirtualAppliance") is not bool(properties.get("nextHopIpAddress")):
        raise bad_request(
            "RouteNextHopIpAddressInvalid",
            f"Route {name}: a next hop address belongs to the type VirtualAppliance, and only to it.",
        )
    for row in routes_in(cloud, parent_of(change.id)):
        if row["properties"]["addressPrefix"] == prefix and row["name"].lower() != name.lower():
            raise bad_request(
                "RouteConflict",
                f"Route {name} conflicts with route {row['name']}. Routes cannot have the same AddressPrefix.",
            )
    return {"properties": {"hasBgpOverride": False, **properties}}


def _check_table_free(cloud: Cloud, document: Json) -> None:
    users = _subnets_with(cloud, "routeTable", document["id"])
    if users:
        raise bad_request(
            "InUseRouteTableCannotBeDeleted",
            f"Route table {document['id']} is in use and cannot be deleted. It is used by {', '.join(users)}.",
        )


def _render_table(cloud: Cloud, document: Json) -> Json:
    users = _subnets_with(cloud, "routeTable", document["id"])
    return {**document, "properties": {**document["properties"], "routes": routes_in(cloud, document["id"]),
                                       **({"subnets": [{"id": user} for user in users]} if users else {})}}  # fmt: skip


GATEWAY = Kind(
    "Microsoft.Network/natGateways",
    "nat_gateway",
    "network.NatGateway",
    _complete_gateway,
    _check_gateway_free,
    _render_gateway,
)
TABLE = Kind(
    "Microsoft.Network/routeTables",
    "route_table",
    "network.RouteTable",
    _complete_table,
    _check_table_free,
    _render_table,
)
ROUTE = Kind("Microsoft.Network/routeTables/routes", "route", "network.Route", _complete_route, tracked=False)
KINDS = (GATEWAY, TABLE, ROUTE)
ROUTES = [*routes_of(GATEWAY), *routes_of(TABLE), *routes_of(ROUTE)]

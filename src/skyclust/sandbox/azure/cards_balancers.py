"""Network interfaces and load balancers: what machines and Services have in a network.

Source: the Network reference. Invariant: an interface that a machine holds stays, and its address is the subnet's.
"""

from skyclust.sandbox.azure import addressing
from skyclust.sandbox.azure.cloud import Cloud, guid_of, named
from skyclust.sandbox.azure.errors import Json, bad_request
from skyclust.sandbox.azure.networks import SUBNETS, ranges_of
from skyclust.sandbox.azure.resources import Change, Kind, referenced, routes_of
from skyclust.sandbox.azure.subnet_users import users_of

_SUBNET = "Microsoft.Network/virtualNetworks/subnets"
_ADDRESS = "Microsoft.Network/publicIPAddresses"
_PARTS = ("backendAddressPools", "loadBalancingRules", "probes", "inboundNatRules", "outboundRules", "inboundNatPools")
BALANCER_DEFAULTS: Json = {part: [] for part in _PARTS}


def private_address(cloud: Cloud, subnet_id: str) -> str:
    """The next address of the subnet; Azure's refusal when all are taken."""
    subnet = cloud.get(SUBNETS, subnet_id.lower())
    assert subnet is not None
    ranges = ranges_of(subnet)
    if len(users_of(cloud, subnet_id, with_clusters=False)) >= addressing.usable(ranges):
        raise bad_request(
            "SubnetIsFull",
            f"Subnet {subnet['name']} with address prefix {ranges[0]} does not have enough capacity for 1 IP "
            "addresses.",
        )
    counter = cloud.get("counters", subnet_id.lower()) or {"next": 0}
    cloud.put("counters", subnet_id.lower(), {"next": counter["next"] + 1})
    return addressing.address_at(ranges[0], counter["next"])


def _complete_card(cloud: Cloud, change: Change) -> Json:
    properties = change.properties
    given = properties.get("ipConfigurations")
    if not given:
        raise bad_request(
            "NetworkInterfaceMustHaveAtLeastOneIpConfiguration",
            f"Network interface {change.id} must have at least one IP configuration.",
        )
    old = {row["name"]: row for row in (change.old or {}).get("properties", {}).get("ipConfigurations", [])}
    configurations = [
        _configuration(cloud, change, row, old.get(row.get("name", "")), index) for index, row in enumerate(given)
    ]
    properties.pop("virtualMachine", None)
    return {
        "properties": {
            "enableAcceleratedNetworking": False,
            "enableIPForwarding": False,
            "nicType": "Standard",
            **properties,
            "ipConfigurations": configurations,
            "resourceGuid": guid_of(change.id),
        }
    }


def _configuration(cloud: Cloud, change: Change, given: Json, old: Json | None, index: int) -> Json:
    name = given.get("name") or f"ipconfig{index + 1}"
    inner = dict(given.get("properties", {}))
    subnet = referenced(cloud, _SUBNET, inner.get("subnet"), change.id)
    if "publicIPAddress" in inner:
        inner["publicIPAddress"] = {"id": referenced(cloud, _ADDRESS, inner["publicIPAddress"], change.id)["id"]}
    kept = old["properties"]["privateIPAddress"] if old else ""
    return {"id": f"{change.id}/ipConfigurations/{name}", "name": name, "properties": {
        "privateIPAllocationMethod": "Dynamic", "privateIPAddressVersion": "IPv4", "primary": index == 0, **inner,
        "subnet": {"id": subnet["id"]}, "provisioningState": "Succeeded",
        "privateIPAddress": inner.get("privateIPAddress") or kept or private_address(cloud, subnet["id"]),
    }}  # fmt: skip


def _check_card_free(_cloud: Cloud, document: Json) -> None:
    user = document["properties"].get("virtualMachine", {}).get("id")
    if user:
        raise bad_request(
            "NicInUse",
            f"Network Interface {document['id']} is used by existing resource {user}. In order to delete the "
            "network interface, it must be dissociated from the resource. To learn more, see aka.ms/deletenic.",
        )


def _complete_balancer(cloud: Cloud, change: Change) -> Json:
    properties = change.properties
    fronts = [_front_end(cloud, change, row) for row in properties.get("frontendIPConfigurations", [])]
    parts = {part: [_part(change, part, row) for row in properties.get(part, [])] for part in _PARTS}
    return {
        "sku": {"name": "Standard", "tier": "Regional", **change.new.get("sku", {})},
        "properties": {**properties, **parts, "frontendIPConfigurations": fronts, "resourceGuid": guid_of(change.id)},
    }


def _front_end(cloud: Cloud, change: Change, given: Json) -> Json:
    found = _part(change, "frontendIPConfigurations", given)
    inner = found["properties"]
    if "publicIPAddress" in inner:
        inner["publicIPAddress"] = {"id": referenced(cloud, _ADDRESS, inner["publicIPAddress"], change.id)["id"]}
    if "subnet" in inner:
        inner["subnet"] = {"id": referenced(cloud, _SUBNET, inner["subnet"], change.id)["id"]}
        inner.setdefault("privateIPAddress", private_address(cloud, inner["subnet"]["id"]))
    return found


def _part(change: Change, part: str, given: Json) -> Json:
    name = str(given.get("name", ""))
    if not name:
        raise bad_request(
            "InvalidRequestFormat", f"A member of {part} of load balancer {named(change.id)} has no name."
        )
    return {
        **given,
        "id": f"{change.id}/{part}/{name}",
        "properties": {**given.get("properties", {}), "provisioningState": "Succeeded"},
    }


CARD = Kind(
    "Microsoft.Network/networkInterfaces",
    "network_interface",
    "network.NetworkInterface",
    _complete_card,
    _check_card_free,
)
BALANCER = Kind("Microsoft.Network/loadBalancers", "load_balancer", "network.LoadBalancer", _complete_balancer)
KINDS = (CARD, BALANCER)
ROUTES = [*routes_of(CARD), *routes_of(BALANCER)]

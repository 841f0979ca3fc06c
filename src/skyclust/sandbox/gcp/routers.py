"""Cloud Routers of compute.v1, with the NAT gateways in them.

Invariant: the ranges of one network and region are translated by one NAT only.
"""

from skyclust.sandbox.gcp.cloud import Call, Cloud, named, short_hash
from skyclust.sandbox.gcp.compute_resources import Kind, check_name, existing, handlers_of, referenced, resource_path
from skyclust.sandbox.gcp.errors import Json, invalid, invalid_field, required

_NAT_ALLOWED = ("ALL_SUBNETWORKS_ALL_IP_RANGES", "ALL_SUBNETWORKS_ALL_PRIMARY_IP_RANGES")


def _prepare_router(cloud: Cloud, _call: Call, path: str, document: Json) -> Json:
    network = referenced(cloud, "resource.network", document.get("network"), "networks")
    document["network"] = f"compute://{network}"
    asn = document.get("bgp", {}).get("asn")
    if asn is not None and not (
        64512 <= int(asn) <= 65534 or 4200000000 <= int(asn) <= 4294967294 or int(asn) == 16550
    ):
        raise invalid_field(
            "resource.bgp.asn", asn, "The ASN must be private (64512-65534 or 4200000000-4294967294) or 16550."
        )
    document["nats"] = _check_nats(cloud, path, network, document.get("nats", []))
    if not document["nats"]:
        del document["nats"]
    return document


def _check_nats(cloud: Cloud, path: str, network: str, nats: list[Json]) -> list[Json]:
    names = [check_name(nat.get("name"), f"resource.nats[{index}].name") for index, nat in enumerate(nats)]
    if len(set(names)) != len(names):
        raise invalid("Invalid value for field 'resource.nats': two NATs have the same name.")
    for user, router in cloud.all("routers"):
        if user == path or router["network"] != f"compute://{network}" or user.split("/")[3] != path.split("/")[3]:
            continue
        for other in router.get("nats", []):
            if any(
                nat.get("sourceSubnetworkIpRangesToNat") in _NAT_ALLOWED
                and other.get("sourceSubnetworkIpRangesToNat") in _NAT_ALLOWED
                for nat in nats
            ):
                raise invalid(
                    f"Invalid value for field 'resource.nats': NAT '{other['name']}' of '{user}' "
                    "already translates the ranges."
                )
    return [_check_nat(cloud, path, network, f"resource.nats[{index}]", nat) for index, nat in enumerate(nats)]


def _check_nat(cloud: Cloud, path: str, network: str, field: str, nat: Json) -> Json:
    for name in ("natIpAllocateOption", "sourceSubnetworkIpRangesToNat"):
        if nat.get("type", "PUBLIC") == "PUBLIC" and not nat.get(name):
            raise required(f"{field}.{name}")
    ports = nat.get("minPortsPerVm")
    if ports is not None and not 2 <= int(ports) <= 57344:
        raise invalid_field(f"{field}.minPortsPerVm", ports, "It must be between 2 and 57344.")
    return {
        "type": "PUBLIC",
        "endpointTypes": ["ENDPOINT_TYPE_VM"],
        "enableEndpointIndependentMapping": False,
        "autoNetworkTier": "PREMIUM",
        **nat,
        **_nat_addresses(cloud, field, nat),
        **_nat_subnetworks(cloud, path, network, field, nat),
    }


def _nat_addresses(cloud: Cloud, field: str, nat: Json) -> Json:
    addresses, option = nat.get("natIps", []), nat.get("natIpAllocateOption")
    if option == "AUTO_ONLY" and addresses:
        raise invalid_field(f"{field}.natIps", addresses, "With AUTO_ONLY no addresses may be given.")
    if option == "MANUAL_ONLY" and not addresses:
        raise required(f"{field}.natIps")
    links = ["compute://" + referenced(cloud, f"{field}.natIps", each, "addresses") for each in addresses]
    return {"natIps": links} if links else {}


def _nat_subnetworks(cloud: Cloud, path: str, network: str, field: str, nat: Json) -> Json:
    given = nat.get("subnetworks", [])
    if (nat.get("sourceSubnetworkIpRangesToNat") == "LIST_OF_SUBNETWORKS") != bool(given):
        raise invalid_field(f"{field}.subnetworks", given, "Subnetworks are given exactly with LIST_OF_SUBNETWORKS.")
    links = []
    for row in given:
        subnetwork = referenced(cloud, f"{field}.subnetworks.name", row.get("name"), "subnetworks")
        inside = existing(cloud, "subnetworks", subnetwork)["network"] == f"compute://{network}"
        if not inside or subnetwork.split("/")[3] != path.split("/")[3]:
            why = "The subnetwork is not in the router's network and region."
            raise invalid_field(f"{field}.subnetworks.name", row["name"], why)
        links.append({"sourceIpRangesToNat": ["ALL_IP_RANGES"], **row, "name": f"compute://{subnetwork}"})
    return {"subnetworks": links} if links else {}


def _change_router(cloud: Cloud, _call: Call, path: str, old: Json, body: Json) -> Json:
    network = old["network"]
    if "network" in body and named(body["network"]) != named(network):
        raise invalid_field("resource.network", body["network"], "A router's network cannot be changed.")
    changed = {**old, **body, "network": network, "region": old["region"]}
    if "nats" in body:
        changed["nats"] = _check_nats(cloud, path, network.removeprefix("compute://"), body["nats"] or [])
        if not changed["nats"]:
            del changed["nats"]
    return changed


def _automatic_address(text: str) -> str:
    """A stable address of the documentation range 198.51.100.0/24 for a router's own NAT."""
    return f"198.51.100.{int(short_hash(text, 4), 16) % 254 + 1}"


def _router_status(cloud: Cloud, call: Call) -> Json:
    path = resource_path(ROUTER, call)
    router = existing(cloud, "routers", path)
    status = []
    for nat in router.get("nats", []):
        row: Json = {
            "name": nat["name"],
            "minExtraNatIpsNeeded": 0,
            "numVmEndpointsWithNatMappings": _machines_in(cloud, path, router),
        }
        if nat.get("natIpAllocateOption") == "MANUAL_ONLY":
            row["userAllocatedNatIpResources"] = nat["natIps"]
            row["userAllocatedNatIps"] = [
                existing(cloud, "addresses", link.removeprefix("compute://"))["address"] for link in nat["natIps"]
            ]
        else:
            row["autoAllocatedNatIps"] = [_automatic_address(f"{path}/{nat['name']}")]
        status.append(row)
    result: Json = {"network": router["network"]}
    return {"kind": "compute#routerStatusResponse", "result": result | ({"natStatus": status} if status else {})}


def _machines_in(cloud: Cloud, path: str, router: Json) -> int:
    region = path.split("/")[3]
    return sum(
        any(card.get("network") == router["network"] for card in machine.get("networkInterfaces", []))
        for where, machine in cloud.all("instances")
        if where.split("/")[3].startswith(region)
    )


ROUTER = Kind(
    "routers",
    "routers",
    "router",
    "regions",
    ("insert", "get", "list", "aggregatedList", "delete", "patch", "update"),
    "gcp.router.create",
    "gcp.router.delete",
    _prepare_router,
    _change_router,
    quota="ROUTERS",
)
HANDLERS = {**handlers_of(ROUTER), "compute.routers.getRouterStatus": _router_status}

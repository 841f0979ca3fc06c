"""Cloud Routers with NAT, addresses, firewall rules and routes of compute.v1."""

import ipaddress
import re

from skyclust.sandbox.gcp.cloud import Call, Cloud, named, short_hash
from skyclust.sandbox.gcp.compute_resources import Kind, check_name, existing, handlers_of, referenced, resource_path
from skyclust.sandbox.gcp.errors import GoogleError, Json, compute_exists, invalid, invalid_field, required
from skyclust.sandbox.gcp.networking import parse_any_range

_PROTOCOLS = {"tcp", "udp", "icmp", "esp", "ah", "sctp", "ipip", "all"}
_NAT_ALLOWED = ("ALL_SUBNETWORKS_ALL_IP_RANGES", "ALL_SUBNETWORKS_ALL_PRIMARY_IP_RANGES")


def _prepare_router(cloud: Cloud, call: Call, path: str, document: Json) -> Json:
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
                and other["sourceSubnetworkIpRangesToNat"] in _NAT_ALLOWED
                for nat in nats
            ):
                raise invalid(
                    f"Invalid value for field 'resource.nats': the ranges are already translated by NAT '{other['name']}' of '{user}'."
                )
    return [_check_nat(cloud, path, network, f"resource.nats[{index}]", nat) for index, nat in enumerate(nats)]


def _check_nat(cloud: Cloud, path: str, network: str, field: str, nat: Json) -> Json:
    for name in ("natIpAllocateOption", "sourceSubnetworkIpRangesToNat"):
        if nat.get("type", "PUBLIC") == "PUBLIC" and not nat.get(name):
            raise required(f"{field}.{name}")
    addresses = nat.get("natIps", [])
    if nat.get("natIpAllocateOption") == "AUTO_ONLY" and addresses:
        raise invalid_field(f"{field}.natIps", addresses, "With AUTO_ONLY no addresses may be given.")
    if nat.get("natIpAllocateOption") == "MANUAL_ONLY" and not addresses:
        raise required(f"{field}.natIps")
    subnetworks = nat.get("subnetworks", [])
    listed = nat.get("sourceSubnetworkIpRangesToNat") == "LIST_OF_SUBNETWORKS"
    if listed != bool(subnetworks):
        raise invalid_field(
            f"{field}.subnetworks", subnetworks, "Subnetworks are given exactly with LIST_OF_SUBNETWORKS."
        )
    links = []
    for row in subnetworks:
        subnetwork = referenced(cloud, f"{field}.subnetworks.name", row.get("name"), "subnetworks")
        if (
            existing(cloud, "subnetworks", subnetwork)["network"] != f"compute://{network}"
            or subnetwork.split("/")[3] != path.split("/")[3]
        ):
            raise invalid_field(
                f"{field}.subnetworks.name", row["name"], "The subnetwork is not in the router's network and region."
            )
        links.append({"sourceIpRangesToNat": ["ALL_IP_RANGES"], **row, "name": f"compute://{subnetwork}"})
    ports = nat.get("minPortsPerVm")
    if ports is not None and not 2 <= int(ports) <= 57344:
        raise invalid_field(f"{field}.minPortsPerVm", ports, "It must be between 2 and 57344.")
    done = {
        "type": "PUBLIC",
        "endpointTypes": ["ENDPOINT_TYPE_VM"],
        "enableEndpointIndependentMapping": False,
        "autoNetworkTier": "PREMIUM",
        **nat,
    }
    if links:
        done["subnetworks"] = links
    if addresses:
        done["natIps"] = ["compute://" + referenced(cloud, f"{field}.natIps", each, "addresses") for each in addresses]
    return done


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


def _prepare_address(cloud: Cloud, call: Call, path: str, document: Json) -> Json:
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


def _prepare_firewall(cloud: Cloud, call: Call, path: str, document: Json) -> Json:
    network = document.get("network") or f"projects/{cloud.project.id}/global/networks/default"
    done = {"direction": "INGRESS", "priority": 1000, "disabled": False, "logConfig": {"enable": False}, **document}
    done["network"] = "compute://" + referenced(cloud, "resource.network", network, "networks")
    return _check_firewall(done)


def _check_firewall(rule: Json) -> Json:
    if bool(rule.get("allowed")) == bool(rule.get("denied")):
        raise invalid(
            "Invalid value for field 'resource.allowed': exactly one of allowed and denied must be specified."
        )
    for field in ("allowed", "denied"):
        for index, row in enumerate(rule.get(field, [])):
            _check_protocol(f"resource.{field}[{index}]", row)
    if not 0 <= int(rule["priority"]) <= 65535:
        raise invalid_field("resource.priority", rule["priority"], "Must be between 0 and 65535.")
    inbound = rule["direction"] == "INGRESS"
    for field in ("sourceTags", "sourceServiceAccounts") if not inbound else ():
        if rule.get(field):
            raise invalid_field(f"resource.{field}", rule[field], "It applies to INGRESS only.")
    for field in ("sourceRanges", "destinationRanges"):
        for index, text in enumerate(rule.get(field, [])):
            parse_any_range(f"resource.{field}[{index}]", text)
    if inbound and not any(rule.get(field) for field in ("sourceRanges", "sourceTags", "sourceServiceAccounts")):
        rule["sourceRanges"] = ["0.0.0.0/0"]
    if not inbound and not rule.get("destinationRanges"):
        rule["destinationRanges"] = ["0.0.0.0/0"]
    for tag in [*rule.get("sourceTags", []), *rule.get("targetTags", [])]:
        check_name(tag, "resource.targetTags")
    return rule


def _check_protocol(field: str, row: Json) -> None:
    protocol = str(row.get("IPProtocol", "")).lower()
    if not protocol:
        raise required(f"{field}.IPProtocol")
    if protocol not in _PROTOCOLS and not (protocol.isdigit() and int(protocol) <= 255):
        raise invalid_field(f"{field}.IPProtocol", row["IPProtocol"], "Unknown protocol.")
    if row.get("ports") and protocol not in ("tcp", "udp", "sctp", "6", "17", "132"):
        raise invalid_field(f"{field}.ports", row["ports"], "Ports apply to TCP, UDP and SCTP only.")
    for text in row.get("ports", []):
        found = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", text)
        if not found or int(found[2] or found[1]) > 65535 or int(found[1]) > int(found[2] or found[1]):
            raise invalid_field(f"{field}.ports", text, "It must be a port or a range of ports.")


def _change_firewall(_cloud: Cloud, _call: Call, _path: str, old: Json, body: Json) -> Json:
    if "network" in body and named(body["network"]) != named(old["network"]):
        raise invalid_field("resource.network", body["network"], "A firewall's network cannot be changed.")
    if body.get("direction", old["direction"]) != old["direction"]:
        raise invalid_field("resource.direction", body["direction"], "A firewall's direction cannot be changed.")
    return _check_firewall({**old, **body, "network": old["network"]})


def _prepare_route(cloud: Cloud, call: Call, path: str, document: Json) -> Json:
    document["network"] = "compute://" + referenced(cloud, "resource.network", document.get("network"), "networks")
    if not document.get("destRange"):
        raise required("resource.destRange")
    parse_any_range("resource.destRange", document["destRange"])
    hops = [name for name in document if name.startswith("nextHop")]
    if len(hops) != 1:
        raise invalid("Invalid value for field 'resource.nextHop': exactly one next hop must be specified.")
    document.setdefault("priority", 1000)
    for user, other in cloud.all("routes"):
        if all(other.get(key) == document.get(key) for key in ("network", "destRange", "priority", *hops)):
            raise compute_exists(user)
    return document


def _route_users(_cloud: Cloud, path: str, document: Json) -> str | None:
    if document.get("_automatic") and "nextHopNetwork" in document:
        raise GoogleError(400, "invalid", f"The local route '{path}' cannot be deleted; delete its subnetwork instead.")
    return None


_ALL = ("insert", "get", "list", "aggregatedList", "delete")
ROUTER = Kind("routers", "routers", "router", "regions", (*_ALL, "patch", "update"), "gcp.router.create", "gcp.router.delete",
              _prepare_router, _change_router, quota="ROUTERS")  # fmt: skip
ADDRESS = Kind("addresses", "addresses", "address", "regions", (*_ALL, "setLabels"), "gcp.address.create", "gcp.address.delete",
               _prepare_address, users=_address_users, quota="STATIC_ADDRESSES")  # fmt: skip
GLOBAL_ADDRESS = Kind("globalAddresses", "addresses", "address", "global", ("insert", "list", "delete", "setLabels"),
                      "gcp.address.create", "gcp.address.delete", _prepare_address, users=_address_users,
                      quota="STATIC_ADDRESSES")  # fmt: skip
FIREWALL = Kind("firewalls", "firewalls", "firewall", "global", ("insert", "get", "list", "delete", "patch", "update"),
                "gcp.firewall.create", "gcp.firewall.delete", _prepare_firewall, _change_firewall, quota="FIREWALLS")  # fmt: skip
ROUTE = Kind("routes", "routes", "route", "global", ("insert", "get", "list", "delete"), "gcp.route.create", "gcp.route.delete",
             _prepare_route, users=_route_users, quota="ROUTES")  # fmt: skip

HANDLERS = {
    **handlers_of(ROUTER),
    **handlers_of(ADDRESS),
    **handlers_of(GLOBAL_ADDRESS),
    **handlers_of(FIREWALL),
    **handlers_of(ROUTE),
    "compute.addresses.get": _get_address,
    "compute.globalAddresses.get": _get_address,
    "compute.routers.getRouterStatus": _router_status,
}

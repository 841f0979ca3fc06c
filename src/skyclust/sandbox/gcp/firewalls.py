"""Firewall rules and routes of compute.v1.

Invariant: a rule allows or denies, never both; the local route of a subnetwork goes only with it.
"""

import re

from skyclust.sandbox.gcp.cloud import Call, Cloud, named
from skyclust.sandbox.gcp.compute_resources import Kind, check_name, handlers_of, referenced
from skyclust.sandbox.gcp.errors import GoogleError, Json, compute_exists, invalid, invalid_field, required
from skyclust.sandbox.gcp.networking import parse_any_range

_PROTOCOLS = {"tcp", "udp", "icmp", "esp", "ah", "sctp", "ipip", "all"}


def _prepare_firewall(cloud: Cloud, _call: Call, _path: str, document: Json) -> Json:
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


def _prepare_route(cloud: Cloud, _call: Call, _path: str, document: Json) -> Json:
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


FIREWALL = Kind(
    "firewalls",
    "firewalls",
    "firewall",
    "global",
    ("insert", "get", "list", "delete", "patch", "update"),
    "gcp.firewall.create",
    "gcp.firewall.delete",
    _prepare_firewall,
    _change_firewall,
    quota="FIREWALLS",
)
ROUTE = Kind(
    "routes",
    "routes",
    "route",
    "global",
    ("insert", "get", "list", "delete"),
    "gcp.route.create",
    "gcp.route.delete",
    _prepare_route,
    users=_route_users,
    quota="ROUTES",
)
HANDLERS = {**handlers_of(FIREWALL), **handlers_of(ROUTE)}

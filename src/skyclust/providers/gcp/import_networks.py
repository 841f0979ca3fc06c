"""A VPC network as a network spec of ours, with the subnetworks and firewall rules that our words can say. Pure.

Called by imports.py. Google sets the description of networks and subnetworks at creation only
(https://cloud.google.com/compute/docs/reference/rest/v1/subnetworks), and they take no labels: there is no room for a
mark on one that exists, and what carries no mark is never deleted. Hence such a network is imported read-only.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from skyclust.contract.imports import Imported
from skyclust.contract.resources import Finding, JsonObject
from skyclust.contract.specs import FirewallRuleSpec, NetworkSpec, SecurityGroupSpec, SubnetSpec
from skyclust.providers.gcp.naming import last_segment, relative_path, segment_after
from skyclust.providers.gcp.options import RULES, SUBNETWORKS
from skyclust.providers.gcp.rule_blueprints import rule_digest
from skyclust.providers.gcp.traces import path_of

#: Traffic is decided by rules of this priority, as ours are.
_PRIORITY = 1000
_PROTOCOLS = ("tcp", "udp", "icmp", "all")
#: Where a network without subnetworks in the region begins.
NO_BLOCK = "10.0.0.0/8"


@dataclass(frozen=True, slots=True)
class Inside:
    """What lists showed of one network: its subnetworks and routers of the region, all its firewall rules."""

    subnetworks: tuple[JsonObject, ...]
    firewalls: tuple[JsonObject, ...]
    routers: tuple[JsonObject, ...]


def describe_network(path: str, network: JsonObject, inside: Inside, region: str) -> Imported:
    """Everything that our words can say, adopted or not by who imports it."""
    subnets = sorted((row for row in inside.subnetworks if _is_plain(row)), key=lambda row: str(row["name"]))
    rules = {row["name"]: rule for row in _by_name(inside.firewalls) if (rule := rule_of(row)) is not None}
    mtu = int(network.get("mtu", 1460))
    spec = NetworkSpec(
        name=network["name"],
        region=region,
        cidr_block=covering(row["ipCidrRange"] for row in subnets) or NO_BLOCK,
        carve=False,
        routing_mode=str(network.get("routingConfig", {}).get("routingMode", "REGIONAL")).lower(),
        mtu=None if mtu == 1460 else mtu,
        subnets=tuple(SubnetSpec(row["name"], row["ipCidrRange"]) for row in subnets),
        security_groups=tuple(SecurityGroupSpec(name, "", (rule,)) for name, rule in rules.items()),
        options={
            SUBNETWORKS: {row["name"]: _subnet_notes(row) for row in subnets},
            RULES: {name: {"name": name, "rule": rule_digest(rule)} for name, rule in rules.items()},
        },
    )
    ids = {
        "network": path,
        **{f"subnet/{row['name']}": path_of(row) for row in subnets},
        **{f"security-group/{row['name']}": path_of(row) for row in inside.firewalls if row["name"] in rules},
    }
    return Imported(spec, ids, tuple(_findings(network, inside, rules.keys(), region)))


def rule_of(firewall: JsonObject) -> FirewallRuleSpec | None:
    """The rule in our words; None when they cannot say it."""
    verdict = "allowed" if firewall.get("allowed") else "denied"
    traffic: list[JsonObject] = firewall.get(verdict, [])
    inwards = firewall.get("direction", "INGRESS") == "INGRESS"
    ports = traffic[0].get("ports", []) if traffic else []
    cidrs = firewall.get("sourceRanges" if inwards else "destinationRanges", [])
    sayable = (
        len(traffic) == 1
        and not (firewall.get("allowed") and firewall.get("denied"))
        and traffic[0].get("IPProtocol") in _PROTOCOLS
        and len(ports) <= 1
        and bool(cidrs)
        and int(firewall.get("priority", _PRIORITY)) == _PRIORITY
        and not firewall.get("disabled")
        and not any(firewall.get(name) for name in _SELECTORS)
        and not firewall.get("destinationRanges" if inwards else "sourceRanges")
    )
    if not sayable:
        return None
    low, high = _ports(ports)
    return FirewallRuleSpec(
        direction="ingress" if inwards else "egress",
        protocol=traffic[0]["IPProtocol"],
        from_port=low,
        to_port=high,
        cidrs=tuple(sorted(cidrs)),
        action="allow" if verdict == "allowed" else "deny",
    )


_SELECTORS = ("sourceTags", "sourceServiceAccounts", "targetTags", "targetServiceAccounts")


def covering(blocks: Iterable[str]) -> str:
    """The smallest block that holds all of them, "" for none."""
    found = [ipaddress.IPv4Network(block) for block in blocks]
    if not found:
        return ""
    whole = found[0]
    while not all(whole.supernet_of(block) for block in found):
        whole = whole.supernet()
    return str(whole)


def _ports(ports: Sequence[str]) -> tuple[int | None, int | None]:
    if not ports:
        return None, None
    low, _, high = str(ports[0]).partition("-")
    return int(low), int(high or low)


def _is_plain(subnetwork: JsonObject) -> bool:
    return str(subnetwork.get("purpose", "PRIVATE")) == "PRIVATE"


def _by_name(rows: Iterable[JsonObject]) -> list[JsonObject]:
    return sorted(rows, key=lambda row: str(row["name"]))


def _subnet_notes(subnetwork: JsonObject) -> JsonObject:
    return {
        "name": subnetwork["name"],
        "secondary_ranges": {row["rangeName"]: row["ipCidrRange"] for row in subnetwork.get("secondaryIpRanges", [])},
        "private_google_access": bool(subnetwork.get("privateIpGoogleAccess")),
    }


def _findings(network: JsonObject, inside: Inside, said: Iterable[str], region: str) -> Iterator[Finding]:
    text = (
        f"Google keeps no room for a mark on a network or subnetwork that exists, so {network['name']} can only be "
        "imported read-only. Make a network with SkyClust to have it managed."
    )
    yield Finding("error", "", text, "no-room-for-a-mark")
    others = sorted({row["name"] for row in inside.firewalls} - set(said))
    elsewhere = [relative_path(link) for link in network.get("subnetworks", [])]
    left = {
        "firewall rules": others,
        "Cloud Routers": sorted(row["name"] for row in inside.routers),
        "subnetworks for proxies and services": sorted(row["name"] for row in inside.subnetworks if not _is_plain(row)),
        "subnetworks of other regions": sorted(
            f"{last_segment(path)} ({segment_after(path, 'regions')})"
            for path in elsewhere
            if segment_after(path, "regions") != region
        ),
    }
    for what, names in left.items():
        if names:
            shown = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
            yield Finding("warning", "", f"These {what} stay outside of what is imported: {shown}.", "left-outside")

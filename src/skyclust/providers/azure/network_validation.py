"""Azure's own rules for networks: names, CIDR blocks, subnets, security groups. Pure.

`at` is where the network stands in the request: "" for a network's own, "/network" inside a cluster's.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from skyclust.contract.resources import Finding
from skyclust.contract.specs import FirewallRuleSpec, NetworkSpec
from skyclust.providers.azure import catalog
from skyclust.providers.azure.addressing import (
    LARGEST_NETWORK_PREFIX,
    SMALLEST_SUBNET_PREFIX,
    Block,
    carve,
    corrected,
    largest_prefix_for,
    parse_block,
    prohibited,
)
from skyclust.providers.azure.naming import MAX_NAME, MAX_SUBNET_NAME, NETWORK_NAME

_PROTOCOLS = ("tcp", "udp", "icmp", "all")
#: https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview and its limits.
MAX_RULES = 1000


def validate_network(spec: NetworkSpec) -> tuple[Finding, ...]:
    """Every finding about a network request."""
    return (*check_region("/region", spec.region), *check_network(spec, at=""))


def check_region(field: str, region: str) -> Iterator[Finding]:
    """Whether the region is known."""
    if region in catalog.REGIONS:
        return
    plain = region.lower().replace(" ", "")
    if plain in catalog.REGIONS:
        yield _error(field, f"{region!r} is written {plain} here.", "unknown_region")
        return
    close = ", ".join(catalog.nearest(region, catalog.REGIONS))
    message = f"Azure has no region {region!r} with availability zones; the nearest are {close}."
    yield _error(field, message, "unknown_region")


def check_network(spec: NetworkSpec, *, at: str) -> Iterator[Finding]:
    """Findings about a network, wherever it stands."""
    if spec.existing_id is None and not NETWORK_NAME.fullmatch(spec.name):
        yield _error(
            f"{at}/name",
            f"{spec.name!r} is no name for a virtual network: it begins with a letter or digit, holds letters, digits, "
            f"'.', '_' and '-', ends with a letter, digit or '_' and has at most {MAX_NAME} characters.",
            "name",
        )
    if spec.mtu is not None:
        yield _warning(f"{at}/mtu", "Virtual networks have no MTU of their own; it is left out.")
    yield from _check_blocks(spec, at)
    yield from _check_groups(spec, at)


def _check_groups(spec: NetworkSpec, at: str) -> Iterator[Finding]:
    names: set[str] = set()
    for group_index, group in enumerate(spec.security_groups):
        pointer = f"{at}/security_groups/{group_index}"
        if not NETWORK_NAME.fullmatch(group.name):
            yield _error(f"{pointer}/name", f"{group.name!r} is no name for a network security group.", "name")
        if group.name.lower() in names:
            yield _error(f"{pointer}/name", f"Two security groups have the name {group.name!r}.", "duplicate")
        names.add(group.name.lower())
        if len(group.rules) > MAX_RULES:
            yield _error(f"{pointer}/rules", f"A network security group holds at most {MAX_RULES} rules.")
        for rule_index, rule in enumerate(group.rules):
            yield from check_rule(rule, f"{pointer}/rules/{rule_index}")


def check_rule(rule: FirewallRuleSpec, at: str) -> Iterator[Finding]:
    """Findings about one firewall rule."""
    if rule.direction not in ("ingress", "egress"):
        yield _error(f"{at}/direction", f"{rule.direction!r} is no direction; give ingress or egress.")
    if rule.protocol not in _PROTOCOLS:
        yield _error(f"{at}/protocol", f"{rule.protocol!r} is no protocol; give one of {', '.join(_PROTOCOLS)}.")
    if rule.action not in ("allow", "deny"):
        yield _error(f"{at}/action", f"{rule.action!r} is no action; give allow or deny.")
    yield from _check_ports(rule, at)
    if not rule.cidrs:
        yield _error(f"{at}/cidrs", 'Say whom the rule is for: give CIDR blocks ("0.0.0.0/0" is everybody).')
    if len({":" in text for text in rule.cidrs}) > 1:
        yield _error(f"{at}/cidrs", "A rule of Azure is for IPv4 or for IPv6 blocks. Make two rules of it.")
    for index, text in enumerate(rule.cidrs):
        if not _is_range(text):
            hint = f" Did you mean {corrected(text)}?" if corrected(text) else ""
            yield _error(f"{at}/cidrs/{index}", f"{text!r} is not a CIDR block.{hint}", "cidr")


def _check_ports(rule: FirewallRuleSpec, at: str) -> Iterator[Finding]:
    low, high = rule.from_port, rule.to_port
    if low is None and high is None:
        return
    if rule.protocol not in ("tcp", "udp"):
        yield _error(f"{at}/from_port", f"Ports apply to tcp and udp, not to {rule.protocol}. Leave them out.")
    elif low is None or high is None:
        yield _error(f"{at}/from_port", "Give both from_port and to_port, or neither.")
    elif not 0 <= low <= high <= 65535:
        yield _error(f"{at}/from_port", f"{low} to {high} is no range of ports between 0 and 65535.")


def _is_range(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=True)
    except ValueError:
        return False
    return True


def _check_blocks(spec: NetworkSpec, at: str) -> Iterator[Finding]:
    if spec.existing_id is not None and not spec.subnets:
        return
    block = parse_block(spec.cidr_block)
    field = f"{at}/cidr_block"
    if block is None:
        yield _malformed(field, spec.cidr_block)
    elif (bad := prohibited(block)) is not None:
        yield _error(field, f"{block} overlaps {bad}, which Azure or AKS keeps for itself.", "cidr")
    elif not LARGEST_NETWORK_PREFIX <= block.prefixlen <= SMALLEST_SUBNET_PREFIX:
        yield _error(
            field,
            f"{block} is no block for a virtual network: give one between a /{LARGEST_NETWORK_PREFIX} and a "
            f"/{SMALLEST_SUBNET_PREFIX}; /16 is usual.",
            "cidr",
        )
    elif spec.carve and spec.existing_id is None and not spec.subnets and carve(block) is None:
        yield _error(
            field,
            f"{block} is too small to hold a subnet for nodes. Give a /{largest_prefix_for(3)} or larger.",
            "too_small",
        )
    yield from _check_subnets(spec, block, at)


def _check_subnets(spec: NetworkSpec, block: Block | None, at: str) -> Iterator[Finding]:
    seen: list[tuple[str, Block]] = []
    names: set[str] = set()
    for index, subnet in enumerate(spec.subnets):
        pointer = f"{at}/subnets/{index}"
        if not NETWORK_NAME.fullmatch(subnet.name) or len(subnet.name) > MAX_SUBNET_NAME:
            yield _error(
                f"{pointer}/name",
                f"{subnet.name!r} is no name for a subnet: letters, digits, '.', '_', '-', at most {MAX_SUBNET_NAME} "
                "of them, so that there is room for the mark of its owner behind it.",
                "name",
            )
        if subnet.name.lower() in names:
            yield _error(f"{pointer}/name", f"Two subnets have the name {subnet.name!r}.", "duplicate")
        names.add(subnet.name.lower())
        own = parse_block(subnet.cidr_block)
        if own is None:
            yield _malformed(f"{pointer}/cidr_block", subnet.cidr_block)
            continue
        yield from _check_subnet_block(spec, own, block, seen, pointer)
        seen.append((subnet.name, own))


def _check_subnet_block(
    spec: NetworkSpec, own: Block, block: Block | None, seen: list[tuple[str, Block]], pointer: str
) -> Iterator[Finding]:
    field = f"{pointer}/cidr_block"
    if own.prefixlen > SMALLEST_SUBNET_PREFIX:
        yield _error(field, f"{own} is too small: a subnet is a /{SMALLEST_SUBNET_PREFIX} or larger.", "too_small")
    if block is not None and spec.existing_id is None and not own.subnet_of(block):
        yield _error(field, f"{own} lies outside the network's block {block}.", "outside")
    for name, other in seen:
        if own.overlaps(other):
            yield _error(field, f"{own} overlaps {other} of the subnet {name}.", "overlap")


def _malformed(field: str, text: str) -> Finding:
    proposal = corrected(text)
    hint = f" Did you mean {proposal}?" if proposal else " Give one like 10.0.0.0/16."
    return _error(field, f"{text!r} is not an IPv4 CIDR block with its host bits zero.{hint}", "cidr")


def _error(field: str, message: str, code: str = "invalid") -> Finding:
    return Finding("error", field, message, code)


def _warning(field: str, message: str, code: str = "advice") -> Finding:
    return Finding("warning", field, message, code)

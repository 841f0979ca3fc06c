"""Azure's own rules for networks: names, CIDR blocks, subnets, security groups. Pure.

`at` is where the network stands in the request: "" for a network's own, "/network" inside a cluster's.
"""

from __future__ import annotations

from collections.abc import Iterator

from skyclust.contract.checks import check_peerings, check_rule, corrected, error
from skyclust.contract.resources import Finding
from skyclust.contract.specs import NetworkSpec
from skyclust.providers.azure import catalog
from skyclust.providers.azure.addressing import (
    LARGEST_NETWORK_PREFIX,
    SMALLEST_SUBNET_PREFIX,
    Block,
    carve,
    largest_prefix_for,
    parse_block,
    prohibited,
)
from skyclust.providers.azure.naming import MAX_NAME, MAX_SUBNET_NAME, NETWORK_NAME

#: https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview and its limits.
MAX_RULES = 1000
#: `allow_forwarded_traffic`: what a machine of the other network passes on is let in, too.
PEERING_OPTIONS = ("allow_forwarded_traffic",)


def validate_network(spec: NetworkSpec) -> tuple[Finding, ...]:
    """Every finding about a network request."""
    peerings = check_peerings(spec, "Azure", PEERING_OPTIONS)
    return (*check_region("/region", spec.region), *check_network(spec, at=""), *peerings)


def check_region(field: str, region: str) -> Iterator[Finding]:
    """Whether the region is known."""
    if region in catalog.REGIONS:
        return
    plain = region.lower().replace(" ", "")
    if plain in catalog.REGIONS:
        yield error(field, f"{region!r} is written {plain} here.", "unknown_region")
        return
    close = ", ".join(catalog.nearest(region, catalog.REGIONS))
    message = f"Azure has no region {region!r} with availability zones; the nearest are {close}."
    yield error(field, message, "unknown_region")


def check_network(spec: NetworkSpec, *, at: str) -> Iterator[Finding]:
    """Findings about a network, wherever it stands."""
    if spec.existing_id is None and not NETWORK_NAME.fullmatch(spec.name):
        yield error(
            f"{at}/name",
            f"{spec.name!r} is no name for a virtual network: it begins with a letter or digit, holds letters, digits, "
            f"'.', '_' and '-', ends with a letter, digit or '_' and has at most {MAX_NAME} characters.",
            "name",
        )
    if spec.mtu is not None:
        yield error(f"{at}/mtu", "A virtual network has no MTU of its own: machines use 1500 bytes. Leave mtu out.")
    if spec.routing_mode != "regional":
        message = "A virtual network lies in one region. Leave routing_mode out; peer networks to reach another region."
        yield error(f"{at}/routing_mode", message)
    yield from _check_ways_out(spec, at)
    yield from _check_blocks(spec, at)
    yield from _check_groups(spec, at)


def _check_ways_out(spec: NetworkSpec, at: str) -> Iterator[Finding]:
    if spec.nat != "per_zone":
        return
    if at:
        yield error(
            f"{at}/nat",
            "A subnet of Azure has one NAT gateway, and a node pool one subnet, whatever its zones. Give single, or "
            "make a network with nat: per_zone first, and a cluster in the subnet of one of its zones.",
        )
    if spec.zones > len(catalog.ZONES):
        yield error(f"{at}/zones", f"A region of Azure has {len(catalog.ZONES)} zones. Ask for as many at most.")
    block = parse_block(spec.cidr_block)
    nodes = carve(block) if block is not None else None
    if nodes is not None and nodes.prefixlen + 2 > SMALLEST_SUBNET_PREFIX:
        message = f"{block} is too small for a subnet in each zone. Give a /{SMALLEST_SUBNET_PREFIX - 3} or larger."
        yield error(f"{at}/cidr_block", message, "too_small")


def _check_groups(spec: NetworkSpec, at: str) -> Iterator[Finding]:
    names: set[str] = set()
    for group_index, group in enumerate(spec.security_groups):
        pointer = f"{at}/security_groups/{group_index}"
        if not NETWORK_NAME.fullmatch(group.name):
            yield error(f"{pointer}/name", f"{group.name!r} is no name for a network security group.", "name")
        if group.name.lower() in names:
            yield error(f"{pointer}/name", f"Two security groups have the name {group.name!r}.", "duplicate")
        names.add(group.name.lower())
        if len(group.rules) > MAX_RULES:
            yield error(f"{pointer}/rules", f"A network security group holds at most {MAX_RULES} rules.")
        for rule_index, rule in enumerate(group.rules):
            yield from check_rule(rule, f"{pointer}/rules/{rule_index}", "Azure")


def _check_blocks(spec: NetworkSpec, at: str) -> Iterator[Finding]:
    if spec.existing_id is not None and not spec.subnets:
        return
    block = parse_block(spec.cidr_block)
    field = f"{at}/cidr_block"
    if block is None:
        yield _malformed(field, spec.cidr_block)
    elif (bad := prohibited(block)) is not None:
        yield error(field, f"{block} overlaps {bad}, which Azure or AKS keeps for itself.", "cidr")
    elif not LARGEST_NETWORK_PREFIX <= block.prefixlen <= SMALLEST_SUBNET_PREFIX:
        yield error(
            field,
            f"{block} is no block for a virtual network: give one between a /{LARGEST_NETWORK_PREFIX} and a "
            f"/{SMALLEST_SUBNET_PREFIX}; /16 is usual.",
            "cidr",
        )
    elif spec.carve and spec.existing_id is None and not spec.subnets and carve(block) is None:
        yield error(
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
            yield error(
                f"{pointer}/name",
                f"{subnet.name!r} is no name for a subnet: letters, digits, '.', '_', '-', at most {MAX_SUBNET_NAME} "
                "of them, so that there is room for the mark of its owner behind it.",
                "name",
            )
        if subnet.name.lower() in names:
            yield error(f"{pointer}/name", f"Two subnets have the name {subnet.name!r}.", "duplicate")
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
        yield error(field, f"{own} is too small: a subnet is a /{SMALLEST_SUBNET_PREFIX} or larger.", "too_small")
    if block is not None and spec.existing_id is None and not own.subnet_of(block):
        yield error(field, f"{own} lies outside the network's block {block}.", "outside")
    for name, other in seen:
        if own.overlaps(other):
            yield error(field, f"{own} overlaps {other} of the subnet {name}.", "overlap")


def _malformed(field: str, text: str) -> Finding:
    proposal = corrected(text)
    hint = f" Did you mean {proposal}?" if proposal else " Give one like 10.0.0.0/16."
    return error(field, f"{text!r} is not an IPv4 CIDR block with its host bits zero.{hint}", "cidr")

"""Google Cloud's own rules for networks: names, CIDR blocks, subnets, firewall rules. Pure.

`at` is where the network stands in the request: "" for a network's own, "/network" inside a cluster's.
"""

from __future__ import annotations

from collections.abc import Iterator

from skyclust.contract.checks import check_peerings, check_rule, corrected, error
from skyclust.contract.resources import Finding
from skyclust.contract.specs import NetworkSpec
from skyclust.providers.gcp import catalog
from skyclust.providers.gcp.addressing import (
    DOCKER,
    LARGEST_CLUSTER_PREFIX,
    SMALLEST_SUBNET_PREFIX,
    Block,
    carve,
    largest_prefix_for,
    parse_block,
    prohibited,
)
from skyclust.providers.gcp.naming import NAME

#: `exchange_custom_routes`: routes that people made are told to the other network, too.
PEERING_OPTIONS = ("exchange_custom_routes",)


def validate_network(spec: NetworkSpec) -> tuple[Finding, ...]:
    """Every finding about a network request."""
    peerings = check_peerings(spec, "Google Cloud", PEERING_OPTIONS)
    return (*check_region("/region", spec.region), *check_network(spec, at=""), *peerings)


def check_region(field: str, region: str) -> Iterator[Finding]:
    """Whether the region is known; a zone in its place is told as such."""
    if region in catalog.regions():
        return
    owner = catalog.region_of_zone(region)
    if region in catalog.regions().get(owner, ()):
        message = f"{region} is a zone. Give the region {owner}, and the zone in zones."
    else:
        close = ", ".join(catalog.nearest(region, catalog.regions()))
        message = f"Google Cloud has no region {region!r}; the nearest are {close}."
    yield Finding("error", field, message, "unknown_region")


def check_network(spec: NetworkSpec, *, at: str) -> Iterator[Finding]:
    """Findings about a network, wherever it stands."""
    if spec.existing_id is None and not NAME.fullmatch(spec.name):
        yield error(
            f"{at}/name",
            f"{spec.name!r} is no name for a VPC network: it begins with a lowercase letter, holds lowercase letters, "
            "digits and '-', and has at most 63 characters.",
            "name",
        )
    if spec.mtu is not None and not 1300 <= spec.mtu <= 8896:
        yield error(f"{at}/mtu", f"The MTU lies between 1300 and 8896, not {spec.mtu}.")
    if spec.routing_mode.lower() not in ("regional", "global"):
        yield error(f"{at}/routing_mode", f"{spec.routing_mode!r} is no routing mode; give regional or global.")
    if spec.nat == "per_zone":
        message = "Cloud NAT is regional: one serves every zone and goes on when a zone fails. Give single."
        yield error(f"{at}/nat", message)
    yield from _check_blocks(spec, at)
    for group_index, group in enumerate(spec.security_groups):
        pointer = f"{at}/security_groups/{group_index}"
        if not NAME.fullmatch(group.name):
            yield error(f"{pointer}/name", f"{group.name!r} is no name for firewall rules on Google Cloud.", "name")
        for rule_index, rule in enumerate(group.rules):
            yield from check_rule(rule, f"{pointer}/rules/{rule_index}", "Google Cloud")


def _check_blocks(spec: NetworkSpec, at: str) -> Iterator[Finding]:
    if spec.existing_id is not None and not spec.subnets:
        return
    block = parse_block(spec.cidr_block)
    carved = spec.carve and spec.existing_id is None
    if block is None:
        yield _malformed(f"{at}/cidr_block", spec.cidr_block)
    elif (bad := prohibited(block)) is not None:
        yield error(
            f"{at}/cidr_block", f"{block} overlaps {bad}, which Google Cloud does not allow in networks.", "cidr"
        )
    elif carved and block.prefixlen < LARGEST_CLUSTER_PREFIX:
        yield error(f"{at}/cidr_block", f"{block} is larger than a /{LARGEST_CLUSTER_PREFIX}.", "cidr")
    elif carved and not spec.subnets and carve(block) is None:
        yield error(
            f"{at}/cidr_block",
            f"{block} is too small to be carved into ranges for nodes, Pods (a /24 per node) and services (a /27). "
            f"Give a /{largest_prefix_for(2)} or larger; /16 is usual.",
            "too_small",
        )
    if block is not None and block.overlaps(DOCKER):
        message = (
            f"{block} overlaps {DOCKER}, which Docker uses on machines: what lies there is not reached from those."
        )
        yield Finding("warning", f"{at}/cidr_block", f"{message} Better use another.", "docker")
    yield from _check_subnets(spec, block, at)


def _check_subnets(spec: NetworkSpec, block: Block | None, at: str) -> Iterator[Finding]:
    seen: list[tuple[str, Block]] = []
    names: set[str] = set()
    for index, subnet in enumerate(spec.subnets):
        pointer = f"{at}/subnets/{index}"
        if not NAME.fullmatch(subnet.name):
            yield error(f"{pointer}/name", f"{subnet.name!r} is no name for a subnetwork on Google Cloud.", "name")
        if subnet.name in names:
            yield error(f"{pointer}/name", f"Two subnetworks have the name {subnet.name!r}.", "duplicate")
        names.add(subnet.name)
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
        yield error(field, f"{own} is too small: a subnetwork is a /{SMALLEST_SUBNET_PREFIX} or larger.", "too_small")
    if block is not None and spec.existing_id is None and not own.subnet_of(block):
        yield error(field, f"{own} lies outside the network's block {block}.", "outside")
    if (bad := prohibited(own)) is not None:
        yield error(field, f"{own} overlaps {bad}, which Google Cloud does not allow.", "cidr")
    for name, other in seen:
        if own.overlaps(other):
            yield error(field, f"{own} overlaps {other} of the subnetwork {name}.", "overlap")


def _malformed(field: str, text: str) -> Finding:
    proposal = corrected(text)
    hint = f" Did you mean {proposal}?" if proposal else " Give one like 10.0.0.0/16."
    return error(field, f"{text!r} is not an IPv4 CIDR block with its host bits zero.{hint}", "cidr")

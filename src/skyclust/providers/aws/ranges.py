"""Rules about ranges, subnets and security groups of a VPC. Called by validation. Pure.

Source: "VPC CIDR blocks", "Subnet CIDR blocks" and "Security group rules" of the Amazon VPC user guide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError

from skyclust.contract.checks import check_peerings
from skyclust.contract.resources import Finding
from skyclust.contract.specs import FirewallRuleSpec, NetworkSpec, SecurityGroupSpec, SubnetSpec
from skyclust.providers.aws import places
from skyclust.providers.aws.carving import LARGEST_PREFIX, SMALLEST_PREFIX, TooSmallError, carve

MAX_NAME = 255
#: `remote_dns`: public names of machines on one side resolve to their private addresses on the other.
PEERING_OPTIONS = ("remote_dns",)
DOCKER = IPv4Network("172.17.0.0/16")


def error(field: str, message: str, code: str = "invalid") -> Finding:
    """A finding that forbids the apply."""
    return Finding("error", field, message, code)


def prefixed(prefix: str, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The same findings, seen from the object that holds the network. Regions are told there already."""
    for finding in findings:
        if finding.field not in ("/region", "/name"):
            yield replace(finding, field=prefix + finding.field)


def parse_cidr(text: str) -> tuple[IPv4Network | None, str]:
    """The range, or why it is none, with the remedy."""
    try:
        return IPv4Network(text), ""
    except (AddressValueError, NetmaskValueError):
        return None, f"{text[:40]!r} is no IPv4 range. Write it like 10.0.0.0/16."
    except ValueError:
        try:
            meant = IPv4Network(text, strict=False)
        except ValueError:
            return None, f"{text[:40]!r} is no IPv4 range. Write it like 10.0.0.0/16."
        return None, f"{text} has bits set after its prefix. Did you mean {meant}?"


def network_findings(spec: NetworkSpec) -> Iterator[Finding]:
    """Everything wrong with a network; fields are pointers into the network object."""
    if not 1 <= len(spec.name) <= MAX_NAME:
        yield error("/name", f"A network's name has 1 to {MAX_NAME} characters.")
    zones = places.zones_by_region().get(spec.region)
    if zones is None:
        near = places.nearest(spec.region, places.zones_by_region())
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        yield error("/region", f"AWS has no region {spec.region!r}.{hint}")
    if spec.existing_id is not None:
        return
    network, problem = parse_cidr(spec.cidr_block)
    if network is None:
        yield error("/cidr_block", problem)
    else:
        yield from _size("/cidr_block", "A VPC", network)
        yield from _docker(network)
        yield from _layout(spec, network, zones)
    yield from _settings(spec)
    yield from _groups(spec.security_groups)
    yield from check_peerings(spec, "AWS", PEERING_OPTIONS)


def _settings(spec: NetworkSpec) -> Iterator[Finding]:
    """https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/network_mtu.html"""
    if spec.mtu is not None:
        message = "A VPC has no MTU to set: machines use 9001 bytes inside it and 1500 to the internet. Leave mtu out."
        yield error("/mtu", message)
    if spec.routing_mode != "regional":
        message = "A VPC and its routes lie in one region. Leave routing_mode out; peer VPCs to reach another region."
        yield error("/routing_mode", message)


def _size(field: str, what: str, network: IPv4Network) -> Iterator[Finding]:
    if not LARGEST_PREFIX <= network.prefixlen <= SMALLEST_PREFIX:
        message = f"{what} is between /{LARGEST_PREFIX} and /{SMALLEST_PREFIX} in AWS, and {network} is not."
        yield error(field, f"{message} Choose another prefix.")


def _docker(network: IPv4Network) -> Iterator[Finding]:
    """As "VPC CIDR blocks" has it: Cloud9, SageMaker AI and whatever runs Docker use this range on the machine."""
    if network.overlaps(DOCKER):
        message = f"{network} overlaps {DOCKER}, which Docker and some AWS services use on machines: what lies there"
        yield Finding("warning", "/cidr_block", f"{message} is not reached from those. Better use another.", "docker")


def _layout(spec: NetworkSpec, network: IPv4Network, zones: tuple[str, ...] | None) -> Iterator[Finding]:
    if spec.subnets:
        yield from _subnets(spec.subnets, network, zones)
        return
    if not spec.carve or network.prefixlen > SMALLEST_PREFIX:
        return
    if spec.zones < 1 or (zones is not None and spec.zones > len(zones)):
        most = len(zones) if zones is not None else 6
        yield error("/zones", f"{spec.region} has {most} zones. Ask for 1 to {most}, not {spec.zones}.")
        return
    try:
        carve(network, spec.zones, private=spec.private_nodes)
    except TooSmallError:
        message = f"{network} is too small for subnets in {spec.zones} zones: each has at least 16 addresses."
        yield error("/cidr_block", f"{message} Choose a larger range, such as /24.")


def _subnets(subnets: tuple[SubnetSpec, ...], network: IPv4Network, zones: tuple[str, ...] | None) -> Iterator[Finding]:
    seen: list[tuple[str, IPv4Network]] = []
    for index, subnet in enumerate(subnets):
        at = f"/subnets/{index}"
        if subnet.name in [name for name, _ in seen]:
            yield error(f"{at}/name", f"Two subnets are named {subnet.name!r}. Rename one.")
        if subnet.zone is not None and zones is not None and subnet.zone not in zones:
            yield error(f"{at}/zone", f"There is no zone {subnet.zone!r} here. Choose among {', '.join(zones)}.")
        cidr, problem = parse_cidr(subnet.cidr_block)
        if cidr is None:
            yield error(f"{at}/cidr_block", problem)
            continue
        yield from _size(f"{at}/cidr_block", "A subnet", cidr)
        if not cidr.subnet_of(network):
            yield error(f"{at}/cidr_block", f"{cidr} is not inside the network's {network}.")
        for name, other in seen:
            if cidr.overlaps(other):
                yield error(f"{at}/cidr_block", f"{cidr} overlaps {other} of subnet {name!r}. Choose another range.")
        seen.append((subnet.name, cidr))


def _groups(groups: tuple[SecurityGroupSpec, ...]) -> Iterator[Finding]:
    names: list[str] = []
    for index, group in enumerate(groups):
        at = f"/security_groups/{index}"
        if not 1 <= len(group.name) <= MAX_NAME or group.name.startswith("sg-") or group.name == "default":
            message = (
                f"AWS does not take {group.name[:40]!r}: up to {MAX_NAME} characters, not 'default', not 'sg-...'."
            )
            yield error(f"{at}/name", message)
        if group.name in names:
            yield error(f"{at}/name", f"Two security groups are named {group.name!r}. Rename one.")
        names.append(group.name)
        for number, rule in enumerate(group.rules):
            yield from _rule(rule, f"{at}/rules/{number}")


def _rule(rule: FirewallRuleSpec, at: str) -> Iterator[Finding]:
    if rule.action != "allow":
        yield error(f"{at}/action", "Security groups only allow; what is not allowed is denied. Leave this rule out.")
    if rule.direction not in ("ingress", "egress"):
        yield error(f"{at}/direction", f"A rule is for ingress or egress, not {rule.direction!r}.")
    if rule.protocol not in ("tcp", "udp", "icmp", "all"):
        yield error(f"{at}/protocol", f"The protocol is tcp, udp, icmp or all, not {rule.protocol!r}.")
    low, high = rule.from_port, rule.to_port
    if any(port is not None and not -1 <= port <= 65535 for port in (low, high)):
        yield error(f"{at}/from_port", "Ports go from 0 to 65535.")
    elif low is not None and high is not None and low > high:
        yield error(f"{at}/from_port", f"The first port {low} is above the last {high}. Swap them.")
    if not rule.cidrs:
        yield error(f"{at}/cidrs", "Give at least one range, such as 10.0.0.0/16.")
    for number, cidr in enumerate(rule.cidrs):
        _, problem = parse_cidr(cidr)
        if problem:
            yield error(f"{at}/cidrs/{number}", problem)

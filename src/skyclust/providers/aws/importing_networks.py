"""Tell a VPC in our words: itself, its subnets, its security groups. Called by the provider.

Invariant: the blueprint of the spec differs in nothing from what is there; what our words cannot say is left out and
named in a finding. Reads only.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network

from skyclust.contract.errors import InvalidSpec
from skyclust.contract.imports import Imported
from skyclust.contract.resources import Finding, JsonObject
from skyclust.contract.specs import FirewallRuleSpec, NetworkSpec, SecurityGroupSpec, SubnetSpec
from skyclust.providers.aws.blueprints.networks import IMPORTED, PROTOCOLS, rule_bodies
from skyclust.providers.aws.drivers import DRIVERS
from skyclust.providers.aws.drivers.ec2 import Ec2Driver, tags_of
from skyclust.providers.aws.drivers.vpcs import ATTRIBUTES
from skyclust.providers.aws.sessions import AwsSession

VPC, SUBNET, GROUP = "aws.ec2.vpc", "aws.ec2.subnet", "aws.ec2.security_group"
#: Names that fit into keys and request bodies. Other things are called by their ids.
_FITTING = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
#: What is in a VPC and stays as it is: (what, method, member, filter).
_OTHERS = (
    ("internet gateway", "describe_internet_gateways", "InternetGateways", "attachment.vpc-id"),
    ("NAT gateway", "describe_nat_gateways", "NatGateways", "vpc-id"),
    ("route table", "describe_route_tables", "RouteTables", "vpc-id"),
    ("VPC endpoint", "describe_vpc_endpoints", "VpcEndpoints", "vpc-id"),
)
_ID = {
    "internet gateway": "InternetGatewayId", "NAT gateway": "NatGatewayId", "route table": "RouteTableId",
    "VPC endpoint": "VpcEndpointId",
}  # fmt: skip
#: Tags of groups that EKS or a controller inside a cluster made and keeps.
_KEPT_BY_OTHERS = ("aws:eks:cluster-name", "elbv2.k8s.aws/cluster")


@dataclass(frozen=True, slots=True)
class _Part:
    """One subnet or group as it goes into the spec; `note` is what its node has besides."""

    spec: SubnetSpec | SecurityGroupSpec
    external_id: str
    note: JsonObject


def network_name(vpc: JsonObject) -> str:
    """What a person calls it, where that is a name for us too."""
    name = tags_of(vpc).get("Name", "")
    return name if _FITTING.fullmatch(name) else str(vpc["VpcId"])


async def import_network(session: AwsSession, vpc_id: str) -> Imported:
    """InvalidSpec when there is no such VPC."""
    vpc = await _vpc(session, vpc_id)
    here = [{"Name": "vpc-id", "Values": [vpc_id]}]
    attributes, subnets, groups, others = await asyncio.gather(
        _driver(VPC).observe(session, vpc_id, dict.fromkeys(ATTRIBUTES)),
        session.listed("ec2", "describe_subnets", "Subnets", Filters=here),
        session.listed("ec2", "describe_security_groups", "SecurityGroups", Filters=here),
        _others(session, vpc_id),
    )
    findings = [*_about(vpc), *others]
    parts = [*_subnets(vpc, subnets, findings), *_groups(groups, findings)]
    dns = {name: attributes.fields.get(name, True) for name in ATTRIBUTES} if attributes is not None else {}
    notes = {"network": {"name": tags_of(vpc).get("Name"), **dns}, **{_key(part): part.note for part in parts}}
    spec = NetworkSpec(
        network_name(vpc), session.region, vpc["CidrBlock"], carve=False, private_nodes=False,
        subnets=tuple(part.spec for part in parts if isinstance(part.spec, SubnetSpec)),
        security_groups=tuple(part.spec for part in parts if isinstance(part.spec, SecurityGroupSpec)),
        options={IMPORTED: notes},
    )  # fmt: skip
    return Imported(spec, {"network": vpc_id, **{_key(part): part.external_id for part in parts}}, tuple(findings))


def _key(part: _Part) -> str:
    return f"{'subnet' if isinstance(part.spec, SubnetSpec) else 'security-group'}/{part.spec.name}"


def _driver(kind: str) -> Ec2Driver:
    driver = DRIVERS[kind]
    assert isinstance(driver, Ec2Driver), kind
    return driver


async def _vpc(session: AwsSession, vpc_id: str) -> JsonObject:
    found = await _driver(VPC).described(session, "vpc-id", vpc_id)
    if not found:
        raise InvalidSpec(f"There is no VPC {vpc_id} in {session.region}. Check the id and the region.")
    return found[0]


def _about(vpc: JsonObject) -> Iterator[Finding]:
    ranges = [item["CidrBlock"] for item in vpc.get("CidrBlockAssociationSet") or []]
    further = [cidr for cidr in ranges if cidr != vpc["CidrBlock"]]
    further += [item["Ipv6CidrBlock"] for item in vpc.get("Ipv6CidrBlockAssociationSet") or []]
    if further:
        yield _left(f"the further ranges {', '.join(further)}, and subnets in them")
    if vpc.get("IsDefault"):
        message = "This is the region's default VPC: whoever names no network in this account gets into it."
        yield Finding("warning", "", message, "default_network")


async def _others(session: AwsSession, vpc_id: str) -> list[Finding]:
    """What else is inside: one finding for all of it."""
    lists = await asyncio.gather(
        *(_inside(session, method, member, name, vpc_id) for _, method, member, name in _OTHERS)
    )
    named = []
    for (what, *_), items in zip(_OTHERS, lists, strict=True):
        ids = [item[_ID[what]] for item in items if not _is_of_the_vpc(item)]
        named += [f"{what} {name}" for name in sorted(ids)]
    return [_left(", ".join(named))] if named else []


async def _inside(session: AwsSession, method: str, member: str, name: str, vpc_id: str) -> list[JsonObject]:
    argument = "Filter" if method == "describe_nat_gateways" else "Filters"
    return await session.listed("ec2", method, member, **{argument: [{"Name": name, "Values": [vpc_id]}]})


def _is_of_the_vpc(item: JsonObject) -> bool:
    """The main route table comes and goes with the VPC; a deleted gateway is shown for a while."""
    return item.get("State") == "deleted" or any(link.get("Main") for link in item.get("Associations") or [])


def _left(what: str) -> Finding:
    return Finding("warning", "", f"Stays untouched and unmanaged: {what}.", "not_managed")


def _subnets(vpc: JsonObject, items: list[JsonObject], findings: list[Finding]) -> Iterator[_Part]:
    names = Counter(tags_of(item).get("Name", "") for item in items)
    whole = IPv4Network(vpc["CidrBlock"])
    for item in sorted(items, key=lambda item: (item["AvailabilityZone"], item.get("CidrBlock", ""))):
        cidr, named = item.get("CidrBlock"), tags_of(item).get("Name", "")
        if not cidr or not IPv4Network(cidr).subnet_of(whole):
            findings.append(_left(f"subnet {item['SubnetId']}, which is not in {whole}"))
            continue
        name = named if _FITTING.fullmatch(named) and names[named] == 1 else str(item["SubnetId"])
        spec = SubnetSpec(name, cidr, item["AvailabilityZone"], bool(item.get("MapPublicIpOnLaunch")))
        yield _Part(spec, item["SubnetId"], {"name": named or None})


def _groups(items: list[JsonObject], findings: list[Finding]) -> Iterator[_Part]:
    for item in sorted(items, key=lambda item: str(item["GroupName"])):
        if item["GroupName"] == "default":
            continue
        tags, told = tags_of(item), f"security group {item['GroupName']} ({item['GroupId']})"
        seen = _driver(GROUP).seen(item).fields["rules"]
        rules = group_rules(seen)
        if any(key in tags for key in _KEPT_BY_OTHERS) or "owned" in _of_clusters(tags):
            findings.append(_left(f"{told}, which belongs to a Kubernetes cluster"))
        elif rules is None or not _FITTING.fullmatch(item["GroupName"]):
            findings.append(_left(f"{told}, whose name or rules cannot be told here"))
        else:
            findings += _unsaid(item, told)
            spec = SecurityGroupSpec(item["GroupName"], item.get("Description", ""), rules)
            yield _Part(spec, item["GroupId"], {"name": tags.get("Name")})


def _of_clusters(tags: dict[str, str]) -> set[str]:
    return {value for key, value in tags.items() if key.startswith("kubernetes.io/cluster/")}


def _unsaid(item: JsonObject, told: str) -> Iterator[Finding]:
    """Rules that our words cannot say, and that no change of ours touches."""
    every = [*(item.get("IpPermissions") or []), *(item.get("IpPermissionsEgress") or [])]
    if any(rule.get("UserIdGroupPairs") or rule.get("Ipv6Ranges") or rule.get("PrefixListIds") for rule in every):
        yield _left(f"rules of {told} for other groups, IPv6 ranges or prefix lists")


def group_rules(seen: list[JsonObject]) -> tuple[FirewallRuleSpec, ...] | None:
    """EC2's rules in our words, those for several ranges as one; None when saying them again would give others."""
    plain = {aws: name for name, aws in PROTOCOLS.items()}
    ranges: dict[tuple[str, str, int | None, int | None, str], list[str]] = defaultdict(list)
    for rule in seen:
        if rule["protocol"] not in plain:
            return None
        ports = [None if rule[name] == -1 else rule[name] for name in ("from_port", "to_port")]
        ranges[rule["direction"], plain[rule["protocol"]], ports[0], ports[1], rule["description"]].append(rule["cidr"])
    rules = tuple(
        FirewallRuleSpec(direction, protocol, low, high, tuple(cidrs), description)
        for (direction, protocol, low, high, description), cidrs in ranges.items()
    )
    again = [body for rule in rules for body in rule_bodies(rule)]
    told = any(rule.direction == "egress" for rule in rules)  # without one, the blueprint adds one
    return rules if told and all(body in seen for body in again) and len(again) == len(seen) else None

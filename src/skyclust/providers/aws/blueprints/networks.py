"""The graph of a VPC: subnets, ways out, security groups, and the sweep of what Kubernetes leaves behind.

Called for networks and, with a cluster's name, for a cluster's own network. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from ipaddress import IPv4Network

from skyclust.contract.resources import JsonObject, Node, ref
from skyclust.contract.specs import FirewallRuleSpec, NetworkSpec, PeeringSpec, SecurityGroupSpec, SubnetSpec
from skyclust.providers.aws.carving import carve
from skyclust.providers.aws.places import zones_by_region

SWEEP = "kubernetes-leftovers"
#: The importer's note in `options`: by node key, what the network's parts are that its spec cannot say.
IMPORTED = "_imported"
ANYWHERE = "0.0.0.0/0"
PROTOCOLS = {"tcp": "tcp", "udp": "udp", "icmp": "icmp", "all": "-1"}
ALLOW_ALL_EGRESS: JsonObject = {
    "direction": "egress", "protocol": "-1", "from_port": None, "to_port": None, "cidr": ANYWHERE, "description": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NetworkGraph:
    """Nodes, and which of them a cluster plugs into."""

    nodes: tuple[Node, ...]
    subnets: tuple[str, ...]
    node_subnets: tuple[str, ...]
    zone_of: dict[str, str]
    #: What must stand before a machine in a node subnet reaches the internet.
    ways_out: tuple[str, ...]


def network_nodes(spec: NetworkSpec, zones: tuple[str, ...] = (), cluster: str | None = None) -> NetworkGraph:
    """The nodes of a network; `zones` names them where the caller has chosen, `cluster` tags subnets for it."""
    if spec.existing_id is not None:
        return _existing(spec)
    subnets = subnet_specs(spec, zones)
    tags = {f"kubernetes.io/cluster/{cluster}": "shared"} if cluster else {}
    nodes = [_as_found(spec, node) for node in (_vpc(spec), *(_subnet(spec, subnet, tags) for subnet in subnets))]
    public = [subnet for subnet in subnets if subnet.public]
    private = [subnet for subnet in subnets if not subnet.public]
    if public and IMPORTED not in spec.options:  # an imported one has its own ways out
        nodes += [_internet_gateway(spec), _public_routes(spec, public)]
    with_nat = bool(public and private and spec.carve and spec.has_nat)
    tables = _private_side(spec, public, private) if with_nat else []
    nodes += tables
    nodes += [_as_found(spec, _security_group(spec, group)) for group in spec.security_groups]
    routed = [node.key for node in nodes if node.kind == "aws.ec2.route_table"]
    nodes += [_peering(spec, peering, routed) for peering in spec.peerings]
    nodes.append(sweep_node(nodes, tuple(dict.fromkeys([*spec.clusters, *([cluster] if cluster else [])]))))
    inner = private or public
    return NetworkGraph(
        tuple(nodes), tuple(_key(subnet) for subnet in subnets), tuple(_key(subnet) for subnet in inner),
        {_key(subnet): subnet.zone or "" for subnet in subnets},
        tuple(routed),
    )  # fmt: skip


def subnet_specs(spec: NetworkSpec, zones: tuple[str, ...] = ()) -> tuple[SubnetSpec, ...]:
    """The subnets asked for, or those carved out of the range."""
    if spec.subnets or not spec.carve:
        known = zones or zones_by_region()[spec.region]
        return tuple(
            subnet if subnet.zone else SubnetSpec(subnet.name, subnet.cidr_block, known[at % len(known)], subnet.public)
            for at, subnet in enumerate(spec.subnets)
        )
    chosen = zones or zones_by_region()[spec.region][: spec.zones]
    carved = carve(IPv4Network(spec.cidr_block), len(chosen), private=spec.private_nodes)
    public = [
        SubnetSpec(f"public-{zone}", str(cidr), zone, True) for zone, cidr in zip(chosen, carved.public, strict=True)
    ]
    private = [
        SubnetSpec(f"private-{zone}", str(cidr), zone) for zone, cidr in zip(chosen, carved.private, strict=False)
    ]
    return (*public, *private)


def _existing(spec: NetworkSpec) -> NetworkGraph:
    node = Node(
        "network", "aws.ec2.vpc", f"existing VPC {spec.existing_id}", {"name": spec.name}, adopt_id=spec.existing_id
    )
    return NetworkGraph((node,), (), (), {}, ())


def _as_found(spec: NetworkSpec, node: Node) -> Node:
    """What was imported keeps its own name tag and its other tags."""
    found = spec.options.get(IMPORTED, {}).get(node.key)
    return node if found is None else replace(node, spec={**node.spec, "tags": {}, **found})


def _key(subnet: SubnetSpec) -> str:
    return f"subnet/{subnet.name}"


def _vpc(spec: NetworkSpec) -> Node:
    body = {
        "name": spec.name, "cidr_block": str(IPv4Network(spec.cidr_block)), "enable_dns_support": True,
        "enable_dns_hostnames": True, "tags": {},
    }  # fmt: skip
    return Node("network", "aws.ec2.vpc", f"VPC {spec.cidr_block}", body)


def _subnet(spec: NetworkSpec, subnet: SubnetSpec, tags: dict[str, str]) -> Node:
    role = "kubernetes.io/role/elb" if subnet.public else "kubernetes.io/role/internal-elb"
    body = {
        "name": f"{spec.name}-{subnet.name}", "vpc_id": ref("network"),
        "cidr_block": str(IPv4Network(subnet.cidr_block)), "zone": subnet.zone, "public": subnet.public,
        "tags": {role: "1", **tags},
    }  # fmt: skip
    side = "public" if subnet.public else "private"
    return Node(_key(subnet), "aws.ec2.subnet", f"{side} subnet {subnet.cidr_block} in {subnet.zone}", body)


def _internet_gateway(spec: NetworkSpec) -> Node:
    body = {"name": spec.name, "vpc_id": ref("network"), "tags": {}}
    return Node("internet-gateway", "aws.ec2.internet_gateway", "internet gateway", body)


def _public_routes(spec: NetworkSpec, public: list[SubnetSpec]) -> Node:
    return _routes(spec, "public", ref("internet-gateway"), [_key(subnet) for subnet in public])


def _private_side(spec: NetworkSpec, public: list[SubnetSpec], private: list[SubnetSpec]) -> list[Node]:
    """One NAT gateway for all private subnets, or one per zone (`nat`, or its older word `nat_gateway_per_zone`)."""
    zones = list(dict.fromkeys(subnet.zone or "" for subnet in private))
    outer = {subnet.zone or "": subnet for subnet in reversed(public)}
    asked = spec.nat == "per_zone" or (spec.nat is None and bool(spec.options.get("nat_gateway_per_zone")))
    per_zone = asked and all(zone in outer for zone in zones)
    nodes: list[Node] = []
    for zone in zones if per_zone else [public[0].zone or ""]:
        served = [_key(subnet) for subnet in private if not per_zone or subnet.zone == zone]
        nodes += _nat_gateway(spec, zone, outer[zone])
        name = f"private-{zone}" if per_zone else "private"
        nodes.append(_routes(spec, name, ref(f"nat-gateway/{zone}"), served))
    return nodes


def _nat_gateway(spec: NetworkSpec, zone: str, subnet: SubnetSpec) -> list[Node]:
    name = f"{spec.name}-nat-{zone}"
    address = Node(
        f"elastic-ip/{zone}", "aws.ec2.elastic_ip", f"public address of the NAT gateway in {zone}",
        {"name": name, "tags": {}},
    )  # fmt: skip
    body = {"name": name, "subnet_id": ref(_key(subnet)), "allocation_id": ref(address.key), "tags": {}}
    gateway = Node(
        f"nat-gateway/{zone}", "aws.ec2.nat_gateway", f"NAT gateway in {zone}", body, after=("internet-gateway",)
    )
    return [address, gateway]


def _routes(spec: NetworkSpec, name: str, target: JsonObject, subnets: list[str]) -> Node:
    body = {
        "name": f"{spec.name}-{name}", "vpc_id": ref("network"),
        "routes": [{"destination": ANYWHERE, "target": target}],
        "subnet_ids": [ref(key) for key in subnets], "tags": {},
    }  # fmt: skip
    return Node(f"route-table/{name}", "aws.ec2.route_table", f"{name} routes", body)


def _security_group(spec: NetworkSpec, group: SecurityGroupSpec) -> Node:
    rules = [rule for given in group.rules for rule in rule_bodies(given)]
    if not any(rule["direction"] == "egress" for rule in rules):
        rules.append(ALLOW_ALL_EGRESS)  # as AWS itself gives to every new group
    body = {
        "name": group.name, "group_name": group.name, "description": group.description or group.name,
        "vpc_id": ref("network"), "rules": rules, "tags": {},
    }  # fmt: skip
    del spec
    return Node(f"security-group/{group.name}", "aws.ec2.security_group", f"security group {group.name}", body)


def _peering(spec: NetworkSpec, peering: PeeringSpec, tables: list[str]) -> Node:
    body = {
        "name": peering.name, "vpc_id": ref("network"), "cidr_block": str(IPv4Network(spec.cidr_block)),
        "peer_vpc_id": peering.network_id, "peer_region": peering.region,
        "peer_cidr_block": str(IPv4Network(peering.cidr_block)),
        "remote_dns": bool(peering.options.get("remote_dns")), "route_tables": [ref(key) for key in tables], "tags": {},
    }  # fmt: skip
    title = f"peering with {peering.network_id} ({peering.cidr_block})"
    return Node(f"peering/{peering.name}", "aws.ec2.vpc_peering", title, body)


def rule_bodies(rule: FirewallRuleSpec) -> list[JsonObject]:
    """One rule per range, in EC2's words. Ports None means all of them."""
    protocol = PROTOCOLS[rule.protocol]
    every = -1 if protocol == "icmp" else 0
    low = None if protocol == "-1" else (every if rule.from_port is None else rule.from_port)
    high = None if protocol == "-1" else ((-1 if every == -1 else 65535) if rule.to_port is None else rule.to_port)
    return [
        {
            "direction": rule.direction, "protocol": protocol, "from_port": low, "to_port": high,
            "cidr": str(IPv4Network(cidr)), "description": rule.description,
        }
        for cidr in dict.fromkeys(rule.cidrs)
    ]  # fmt: skip


def sweep_node(nodes: Iterable[Node], clusters: tuple[str, ...]) -> Node:
    """Deleted after the cluster and before everything Kubernetes may have left something in."""
    holders = ("aws.ec2.vpc", "aws.ec2.subnet", "aws.ec2.internet_gateway", "aws.ec2.security_group")
    after = tuple(node.key for node in nodes if node.kind in holders)
    body = {"vpc_id": ref("network"), "clusters": list(clusters)}
    return Node(SWEEP, "aws.kubernetes.leftovers", "cleaning up after Kubernetes (on deletion)", body, after=after)

"""What a network and a cluster consist of on the simulated cloud. Pure; called through `Sim`."""

from __future__ import annotations

import ipaddress
from dataclasses import asdict

from skyclust.contract.errors import NotSupported
from skyclust.contract.pools import upgrade_words
from skyclust.contract.resources import Graph, JsonObject, Node, ref
from skyclust.contract.specs import ClusterSpec, NetworkSpec, NodePoolSpec, PeeringSpec, SecurityGroupSpec, SubnetSpec
from skyclust.providers.sim.addons import addon_node
from skyclust.providers.sim.offer import MODES, zones_of

#: Notes of an import: the role of a cluster that others made, and a network whose machines get no names.
ROLE = "_role"
DNS = "_dns"


def network_graph(spec: NetworkSpec) -> Graph:
    """A network, its subnets, its way out, its firewalls, and the sweep of what its clusters left."""
    if spec.existing_id is not None:
        adopted = Node("network", "sim.network", f"network {spec.name}", {"name": spec.name}, adopt_id=spec.existing_id)
        return Graph((adopted,))
    return Graph(tuple(_network_nodes(spec, spec.clusters)))


def cluster_graph(spec: ClusterSpec) -> Graph:
    """A cluster with its role and pools, in a network of its own or in one that exists."""
    if spec.mode not in MODES:
        raise NotSupported(f"The simulated cloud has no {spec.mode} clusters; it has {', '.join(MODES)}.")
    nodes = _adopted(spec) if spec.network is None else _network_nodes(spec.network, (spec.name,))
    subnets = [ref(node.key) for node in nodes if node.kind == "sim.subnet"]
    name = {"name": f"{spec.name}-role"}
    role = Node("role", "sim.role", f"role of {spec.name}", name, adopt_id=spec.options.get(ROLE))
    cluster = Node(
        "cluster",
        "sim.cluster",
        f"cluster {spec.name}",
        {
            "name": spec.name, "version": spec.version, "mode": spec.mode,
            "network": ref("network"), "subnets": subnets, "role": ref("role"),
        },
        after=tuple(node.key for node in nodes if node.kind in ("sim.leftovers", "sim.gateway")),
    )  # fmt: skip
    addons = (addon_node(wish) for wish in spec.addons if wish.enabled)
    return Graph((*nodes, role, cluster, *(_pool(pool) for pool in spec.pools_now), *addons))


def _network_nodes(spec: NetworkSpec, clusters: tuple[str, ...]) -> list[Node]:
    network = Node(
        "network", "sim.network", f"network {spec.name}",
        {"name": spec.name, "cidr_block": spec.cidr_block, "dns": spec.options.get(DNS, True)},
    )  # fmt: skip
    subnets = [_subnet(subnet) for subnet in (spec.subnets or (_carved(spec) if spec.carve else ()))]
    outer = subnets if spec.nat == "per_zone" else subnets[:1]
    gateways = [_gateway(spec, node.key) for node in outer] if spec.carve and spec.has_nat else []
    groups = [_firewall(group) for group in (spec.security_groups or _default_groups(spec))]
    sweep = Node(
        "leftovers", "sim.leftovers", "cleaning up after Kubernetes (on deletion)",
        {"network": ref("network"), "clusters": list(clusters)},
        after=tuple(node.key for node in subnets),
    )  # fmt: skip
    peerings = [_peering(peering) for peering in spec.peerings]
    return [network, *subnets, *gateways, *groups, *peerings, sweep]


def _adopted(spec: ClusterSpec) -> list[Node]:
    network = Node("network", "sim.network", f"network {spec.vpc_id}", {"name": ""}, adopt_id=spec.vpc_id)
    subnets = [
        Node(f"subnet/{item}", "sim.subnet", f"subnet {item}", {"name": ""}, adopt_id=item) for item in spec.subnet_ids
    ]
    return [network, *subnets]


def _carved(spec: NetworkSpec) -> tuple[SubnetSpec, ...]:
    zones = zones_of(spec.region)[: spec.zones]
    blocks = ipaddress.ip_network(spec.cidr_block).subnets(prefixlen_diff=2)
    return tuple(SubnetSpec(zone, str(block), zone) for zone, block in zip(zones, blocks, strict=False))


def _default_groups(spec: NetworkSpec) -> tuple[SecurityGroupSpec, ...]:
    return (SecurityGroupSpec(f"{spec.name}-nodes", "traffic among nodes", ()),) if spec.carve else ()


def _subnet(spec: SubnetSpec) -> Node:
    values: JsonObject = {
        "name": spec.name,
        "network": ref("network"),
        "cidr_block": spec.cidr_block,
        "zone": spec.zone,
    }
    return Node(f"subnet/{spec.name}", "sim.subnet", f"subnet {spec.name}", values)


def _gateway(spec: NetworkSpec, subnet: str) -> Node:
    zone = subnet.partition("/")[2] if spec.nat == "per_zone" else ""
    name, key = (f"{spec.name}-out-{zone}", f"gateway/{zone}") if zone else (f"{spec.name}-out", "gateway")
    values: JsonObject = {"name": name, "network": ref("network"), "subnet": ref(subnet)}
    return Node(key, "sim.gateway", f"gateway of {spec.name}", values)


def _firewall(group: SecurityGroupSpec) -> Node:
    rules = [{**asdict(rule), "cidrs": list(rule.cidrs)} for rule in group.rules]
    values: JsonObject = {"name": group.name, "network": ref("network"), "rules": rules}
    return Node(f"security-group/{group.name}", "sim.firewall", f"firewall {group.name}", values)


def _peering(spec: PeeringSpec) -> Node:
    values: JsonObject = {"name": spec.name, "network": ref("network"), "peer": spec.network_id}
    return Node(f"peering/{spec.name}", "sim.peering", f"peering {spec.name} with {spec.network_id}", values)


def _pool(pool: NodePoolSpec) -> Node:
    values: JsonObject = {
        "name": pool.name, "cluster": ref("cluster"), "machine_type": pool.machine_type,
        "node_count": pool.node_count, "labels": dict(pool.labels),
        "auto_scaling": asdict(pool.auto_scaling) if pool.auto_scaling else None,
        **upgrade_words(pool.upgrade),
    }  # fmt: skip
    return Node(f"node-pool/{pool.name}", "sim.node_pool", f"node pool {pool.name}", values)

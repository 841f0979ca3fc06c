"""What networks and clusters consist of. Pure: the same spec makes the same graph on every machine."""

from __future__ import annotations

import ipaddress
from dataclasses import asdict

from skyclust.contract.errors import NotSupported
from skyclust.contract.resources import Graph, JsonObject, Node, ref
from skyclust.contract.specs import ClusterSpec, NetworkSpec, NodePoolSpec, SubnetSpec
from skyclust_nimbus.offer import ZONES


def network_graph(spec: NetworkSpec) -> Graph:
    """A network, what is in it, and the sweep at its end; only the network where it is not ours."""
    if spec.existing_id is not None:
        return Graph((_existing(spec.existing_id),))
    return Graph(tuple(_network(spec, spec.clusters)))


def cluster_graph(spec: ClusterSpec) -> Graph:
    """A cluster with its pools, in a network of its own or in one that exists."""
    if spec.mode != "standard":
        raise NotSupported(f"Nimbus has no {spec.mode} clusters; it has standard ones.")
    ground = [_existing(spec.vpc_id or "")] if spec.network is None else _network(spec.network, (spec.name,))
    cluster = Node(
        "cluster", "nimbus.cluster", f"cluster {spec.name}",
        {"name": spec.name, "version": spec.version, "network": ref("network")},
        after=tuple(node.key for node in ground if node.key != "network"),
    )  # fmt: skip
    return Graph((*ground, cluster, *map(_pool, spec.node_pools)))


def _existing(network_id: str) -> Node:
    return Node("network", "nimbus.network", f"network {network_id}", {"name": network_id}, adopt_id=network_id)


def _network(spec: NetworkSpec, clusters: tuple[str, ...]) -> list[Node]:
    named: JsonObject = {"name": spec.name, "cidr_block": spec.cidr_block}
    network = Node("network", "nimbus.network", f"network {spec.name}", named)
    subnets = [
        Node(
            f"subnet/{subnet.name}", "nimbus.subnet", f"subnet {subnet.name}",
            {"name": subnet.name, "network": ref("network"), "cidr_block": subnet.cidr_block, "zone": subnet.zone},
        )
        for subnet in spec.subnets or _carved(spec)
    ]  # fmt: skip
    firewalls = [
        Node(
            f"security-group/{group.name}", "nimbus.firewall", f"firewall {group.name}",
            {"name": group.name, "network": ref("network"), "rules": [_rule(rule) for rule in group.rules]},
        )
        for group in spec.security_groups
    ]  # fmt: skip
    sweep: JsonObject = {"network": ref("network"), "clusters": list(clusters)}
    return [network, *subnets, *firewalls, Node("leftovers", "nimbus.leftovers", "what Kubernetes left", sweep)]


def _carved(spec: NetworkSpec) -> tuple[SubnetSpec, ...]:
    zones = ZONES.get(spec.region, ())[: spec.zones] if spec.carve else ()
    blocks = ipaddress.ip_network(spec.cidr_block).subnets(prefixlen_diff=2)
    return tuple(SubnetSpec(zone, str(block), zone) for zone, block in zip(zones, blocks, strict=False))


def _rule(rule: object) -> JsonObject:
    values: JsonObject = asdict(rule)  # type: ignore[call-overload]
    return values | {"cidrs": list(values["cidrs"])}


def _pool(pool: NodePoolSpec) -> Node:
    spec: JsonObject = {
        "name": pool.name, "cluster": ref("cluster"), "machine_type": pool.machine_type,
        "node_count": pool.node_count, "labels": dict(pool.labels),
    }  # fmt: skip
    return Node(f"node-pool/{pool.name}", "nimbus.pool", f"node pool {pool.name}", spec)

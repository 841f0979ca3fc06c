"""The graphs of a network and of a cluster. Called by the slices through the provider, at plan time and again later.

Invariant: pure. The project is not known here: references are names until a session resolves them.
"""

from __future__ import annotations

from dataclasses import asdict, replace

from skyclust.contract.errors import NotSupported
from skyclust.contract.pools import nodes_of, upgrade_words
from skyclust.contract.resources import Graph, JsonObject, Node, ref
from skyclust.contract.specs import (
    ClusterSpec,
    NetworkSpec,
    NodePoolSpec,
    PeeringSpec,
    SubnetSpec,
)
from skyclust.providers.gcp import catalog
from skyclust.providers.gcp.addons import wished
from skyclust.providers.gcp.addressing import carve, parse_block
from skyclust.providers.gcp.naming import account_id, derived, last_segment
from skyclust.providers.gcp.options import (
    LOCATION,
    PODS_RANGE,
    POOLS,
    SERVICES_RANGE,
    SUBNETWORKS,
    ClusterOptions,
    options_of,
)
from skyclust.providers.gcp.rule_blueprints import default_rules, group_nodes

MODES = ("standard", "autopilot")
#: GKE takes both settings at once, and these are its own:
#: https://cloud.google.com/kubernetes-engine/docs/concepts/node-pool-upgrade-strategies#surge
UPGRADE_DEFAULTS = {"max_surge": "1", "max_unavailable": "0"}
#: Least privilege for nodes, and pulling images of the same project:
#: https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster#use_least_privilege_sa
NODE_ROLES = ("roles/artifactregistry.reader", "roles/container.defaultNodeServiceAccount")


def network_blueprint(spec: NetworkSpec) -> Graph:
    """A VPC network with what was asked for inside it."""
    return Graph(tuple(_network_nodes(spec, spec.clusters)))


def cluster_blueprint(spec: ClusterSpec) -> Graph:
    """A GKE cluster, its pools, its nodes' identity, and its network or the existing one it stands in."""
    if spec.mode not in MODES:
        raise NotSupported(f"GKE has no cluster mode {spec.mode!r}; there are {', '.join(MODES)}.")
    options = options_of(spec)
    nodes = _cluster_network(spec)
    if options.service_account is None:
        nodes.append(_identity(spec))
    nodes.append(_cluster(spec, options, [node.key for node in nodes]))
    nodes.extend(_node_pool(spec, options, *pools) for pools in zip(spec.node_pools, spec.pools_now, strict=True))
    return Graph(tuple(nodes))


# ---- networks ----
def _network_nodes(spec: NetworkSpec, clusters: tuple[str, ...]) -> list[Node]:
    network = Node(
        "network",
        "gcp.compute.network",
        f"VPC network {last_segment(spec.existing_id or spec.name)}",
        {"name": spec.name, "routing_mode": spec.routing_mode.upper(), "mtu": spec.mtu or 1460},
        adopt_id=spec.existing_id,
    )
    carved = spec.carve and spec.existing_id is None
    subnets = [_subnet(spec, subnet) for subnet in spec.subnets] or ([_nodes_subnet(spec)] if carved else [])
    nodes = [network, *subnets]
    if carved:
        nodes.extend(default_rules(spec))
        if spec.has_nat:
            nodes.append(_router(spec))
    nodes.extend(node for group in spec.security_groups for node in group_nodes(spec, group))
    nodes.extend(_peering(peering) for peering in spec.peerings)
    return [*nodes, leftovers(clusters, spec.region, tuple(node.key for node in subnets))]


def _subnet(spec: NetworkSpec, subnet: SubnetSpec) -> Node:
    node = _subnetwork(spec, subnet.name, subnet.cidr_block, {})
    return replace(node, spec={**node.spec, **spec.options.get(SUBNETWORKS, {}).get(subnet.name, {})})


def _nodes_subnet(spec: NetworkSpec) -> Node:
    block = parse_block(spec.cidr_block)
    ranges = carve(block) if block is not None else None
    if ranges is None:
        # Validation has said so with a remedy; the graph stays drawable.
        return _subnetwork(spec, "nodes", spec.cidr_block, {})
    return _subnetwork(spec, "nodes", str(ranges.nodes), {"pods": str(ranges.pods), "services": str(ranges.services)})


def _subnetwork(spec: NetworkSpec, name: str, block: str, secondary: dict[str, str]) -> Node:
    return Node(
        f"subnet/{name}",
        "gcp.compute.subnetwork",
        f"subnetwork {name} in {spec.region}",
        {
            "network": ref("network"),
            "name": derived(spec.name, name),
            "region": spec.region,
            "cidr_block": block,
            "secondary_ranges": secondary,
            "private_google_access": True,
        },
    )


def _peering(spec: PeeringSpec) -> Node:
    custom = bool(spec.options.get("exchange_custom_routes"))
    body = {"name": spec.name, "network": ref("network"), "peer": spec.network_id, "custom_routes": custom}
    title = f"peering with {last_segment(spec.network_id)} ({spec.cidr_block})"
    return Node(f"peering/{spec.name}", "gcp.compute.peering", title, body)


def _router(spec: NetworkSpec) -> Node:
    return Node(
        "router",
        "gcp.compute.router",
        f"Cloud Router with NAT in {spec.region}",
        {
            "network": ref("network"),
            "name": derived(spec.name, "router"),
            "region": spec.region,
            "nat": {"name": "nat"},
        },
    )


def leftovers(clusters: tuple[str, ...], region: str, subnets: tuple[str, ...]) -> Node:
    """The step that removes what Kubernetes left behind, after the clusters and before the network."""
    return Node(
        "leftovers",
        "gcp.kubernetes.leftovers",
        "cleaning up after Kubernetes (on deletion)",
        {"network": ref("network"), "clusters": sorted(set(clusters)), "region": region},
        after=subnets,
    )


# ---- clusters ----
def _cluster_network(spec: ClusterSpec) -> list[Node]:
    if spec.network is not None:
        return _network_nodes(spec.network, (spec.name, *spec.network.clusters))
    assert spec.vpc_id is not None, "a cluster has either a network or a vpc_id"
    network = Node(
        "network",
        "gcp.compute.network",
        f"VPC network {last_segment(spec.vpc_id)} (existing)",
        {"name": last_segment(spec.vpc_id)},
        adopt_id=spec.vpc_id,
    )
    subnets = [_adopted_subnet(spec.region, subnet) for subnet in spec.subnet_ids]
    return [network, *subnets, leftovers((spec.name,), spec.region, tuple(node.key for node in subnets))]


def _adopted_subnet(region: str, subnet: str) -> Node:
    name = last_segment(subnet)
    return Node(
        f"subnet/{name}",
        "gcp.compute.subnetwork",
        f"subnetwork {name} (existing)",
        {"name": name, "region": region, "network": ref("network")},
        adopt_id=subnet,
    )


def _identity(spec: ClusterSpec) -> Node:
    return Node(
        "node-identity",
        "gcp.iam.service_account",
        "service account of the nodes",
        {
            "account_id": account_id(spec.name, spec.region),
            "display_name": f"Nodes of {spec.name}",
            "roles": list(NODE_ROLES),
        },
    )


def _cluster(spec: ClusterSpec, options: ClusterOptions, before: list[str]) -> Node:
    subnet = next((key for key in before if key.startswith("subnet/")), None)
    autopilot = spec.mode == "autopilot"
    location, zones = placement(spec)
    body: JsonObject = {
        "name": spec.name,
        "location": location,
        "node_locations": [] if autopilot else list(zones),
        "version": spec.version,
        "mode": spec.mode,
        "release_channel": options.release_channel,
        "network": ref("network"),
        "subnetwork": ref(subnet) if subnet else None,
        **_secondary_ranges(spec),
        "private_nodes": options.private_cluster,
        "private_endpoint": options.private_endpoint,
        "authorized_networks": list(options.authorized_networks),
        "workload_identity": autopilot or options.workload_identity,
        "binary_authorization": options.binary_authorization,
        "network_policy": autopilot or options.network_policy,
        "service_account": _service_account(options),
        **wished(spec),
    }
    kind = "Autopilot" if autopilot else "control plane of"
    return Node("cluster", "gcp.container.cluster", f"GKE {kind} {spec.name}", body, after=tuple(before))


def placement(spec: ClusterSpec) -> tuple[str, tuple[str, ...]]:
    """(location, zones of the nodes): one zone makes the cluster zonal, none or several make it regional."""
    if LOCATION in spec.options:
        return spec.options[LOCATION], tuple(sorted(spec.zones))
    if len(spec.zones) == 1:
        return spec.zones[0], spec.zones
    default = catalog.regions().get(spec.region, ())[: catalog.DEFAULT_ZONES]
    return spec.region, tuple(sorted(spec.zones)) or default


def _secondary_ranges(spec: ClusterSpec) -> JsonObject:
    """Names of the ranges for pods and services; None lets GKE make ranges of its own in the subnetwork."""
    if spec.network is not None and not spec.network.subnets and spec.network.existing_id is None:
        return {"pods_range": "pods", "services_range": "services"}
    return {"pods_range": spec.options.get(PODS_RANGE), "services_range": spec.options.get(SERVICES_RANGE)}


def _service_account(options: ClusterOptions) -> JsonObject | str:
    return options.service_account or ref("node-identity", "email")


def _node_pool(spec: ClusterSpec, options: ClusterOptions, pool: NodePoolSpec, now: NodePoolSpec) -> Node:
    """A pool that sleeps (`now`) stays in the zones that it has awake."""
    body = {"cluster": ref("cluster"), **_pool_body(spec, options, pool)}
    if now != pool:
        body |= {"node_count": now.node_count, "auto_scaling": None}
    return Node(f"node-pool/{pool.name}", "gcp.container.node_pool", f"node pool {pool.name}", body)


def _pool_body(spec: ClusterSpec, options: ClusterOptions, pool: NodePoolSpec) -> JsonObject:
    body: JsonObject = {
        "name": pool.name,
        "version": spec.version,
        "machine_type": pool.machine_type,
        "node_count": pool.node_count,
        "auto_scaling": asdict(pool.auto_scaling) if pool.auto_scaling else None,
        "locations": list(spread(pool, placement(spec)[1])),
        "spot": pool.spot,
        "disk_gb": pool.disk_gb,
        "disk_type": catalog.boot_disk_type(pool.machine_type, pool.disk_type or options.disk_type),
        "labels": dict(pool.labels),
        "taints": [asdict(taint) for taint in pool.taints],
        "private_nodes": options.private_cluster,
        "workload_identity": options.workload_identity,
        "service_account": _service_account(options),
        **upgrade_words(pool.upgrade, UPGRADE_DEFAULTS),
        **({"gpu": asdict(pool.gpu)} if pool.gpu else {}),
    }
    return body | dict(spec.options.get(POOLS, {}).get(pool.name, {}))


def most_surge(pool: NodePoolSpec) -> int:
    """Nodes that an upgrade of the pool adds for a while. What is no number is refused by validation."""
    asked = pool.upgrade.max_surge if pool.upgrade is not None else None
    return nodes_of(asked or UPGRADE_DEFAULTS["max_surge"], pool.most_nodes, up=True)


def spread(pool: NodePoolSpec, cluster_zones: tuple[str, ...]) -> tuple[str, ...]:
    """The zones of a pool. GKE counts nodes per zone, a request counts them all: as many zones as divide the count.

    With autoscaling the bounds are totals and GKE balances by itself, but the first size is per zone there too.
    """
    candidates = tuple(sorted(pool.zones)) or cluster_zones
    for count in range(len(candidates), 1, -1):
        if pool.node_count % count == 0:
            return candidates[:count]
    return candidates[:1]

"""The graphs of a network and of a cluster. Called by the slices through the provider, at plan time and again later.

Invariant: pure. The subscription is not known here: what is not made here is named by its whole id.
"""

from __future__ import annotations

from dataclasses import asdict

from skyclust.contract.errors import NotSupported
from skyclust.contract.pools import nodes_of, upgrade_words
from skyclust.contract.resources import Graph, JsonObject, Node, ref
from skyclust.contract.specs import ClusterSpec, NetworkSpec, NodePoolSpec, PeeringSpec, SecurityGroupSpec, SubnetSpec
from skyclust.providers.azure import catalog, options
from skyclust.providers.azure.addons import wished
from skyclust.providers.azure.addressing import (
    SMALLEST_SUBNET_PREFIX,
    carve,
    dns_address,
    parse_block,
    pods_range,
    services_range,
)
from skyclust.providers.azure.naming import (
    derived,
    group_name,
    last_segment,
    node_group_name,
    pool_name,
)
from skyclust.providers.azure.options import ClusterOptions, options_of

MODES = ("standard",)
GROUP = "resource-group"
#: https://learn.microsoft.com/azure/aks/upgrade-aks-node-pools-rolling
UPGRADE_DEFAULTS = {"max_surge": "10%", "max_unavailable": "0"}
#: A taint that system pools may have; any other keeps AKS's own Pods away.
_CRITICAL_ONLY = "CriticalAddonsOnly"


def network_blueprint(spec: NetworkSpec) -> Graph:
    """A virtual network in a resource group of its own, with what was asked for inside it."""
    group = group_name("network", spec.region, spec.name)
    needs_group = spec.existing_id is None or spec.security_groups
    nodes = [_group(group, spec.region, spec.options.get(options.GROUP))] if needs_group else []
    return Graph((*nodes, *_network_nodes(spec, spec.clusters)))


def cluster_blueprint(spec: ClusterSpec) -> Graph:
    """An AKS cluster, its pools, and its network or the existing one it stands in."""
    if spec.mode not in MODES:
        raise NotSupported(f"AKS has no cluster mode {spec.mode!r} here; there is {', '.join(MODES)}.")
    group = group_name("cluster", spec.region, spec.name)
    nodes = [_group(group, spec.region, spec.options.get(options.GROUP)), *_cluster_network(spec)]
    subnet = next((ref(node.key) for node in nodes if node.key.startswith("subnet/")), None)
    nodes.append(_cluster(spec, group, subnet, [node.key for node in nodes]))
    nodes.extend(_node_pool(spec, subnet, *pools) for pools in zip(spec.node_pools, spec.pools_now, strict=True))
    return Graph(tuple(nodes))


def _group(name: str, region: str, existing: str | None) -> Node:
    """One of its own, or the one in which something stands that was imported."""
    name = last_segment(existing) if existing else name
    title = f"resource group {name}" + (" (existing)" if existing else "")
    return Node(GROUP, "azure.resources.group", title, {"name": name, "location": region}, adopt_id=existing)


# ---- networks ----
def _network_nodes(spec: NetworkSpec, clusters: tuple[str, ...]) -> list[Node]:
    carved = spec.carve and spec.existing_id is None
    wanted = list(spec.subnets) or (_carved(spec) if carved else [])
    zonal = carved and spec.has_nat and spec.nat == "per_zone"
    zones: list[str | None] = [*catalog.ZONES[: spec.zones]] if zonal else [None]
    way_out = [node for zone in zones for node in _nat(spec, zone)] if carved and spec.has_nat else []
    gateways = [node.key for node in way_out if node.kind == "azure.network.nat_gateway"]
    subnets = [
        _subnet(spec, subnet, gateways[index if zonal else 0] if gateways and not subnet.public else None)
        for index, subnet in enumerate(wanted)
    ]
    groups = [_security_group(spec, group) for group in spec.security_groups]
    network, peerings = _network(spec), [_peering(peering) for peering in spec.peerings]
    return [
        network,
        *way_out,
        *subnets,
        *groups,
        *peerings,
        leftovers(clusters, spec.region, tuple(s.key for s in subnets)),
    ]


def _network(spec: NetworkSpec) -> Node:
    if spec.existing_id is not None:
        title = f"virtual network {last_segment(spec.existing_id)} (existing)"
        body: JsonObject = {"name": last_segment(spec.existing_id)}
        return Node("network", "azure.network.virtual_network", title, body, adopt_id=spec.existing_id)
    body = {
        "group": ref(GROUP, "name"), "name": spec.name, "location": spec.region, "cidr_block": spec.cidr_block,
    }  # fmt: skip
    return Node("network", "azure.network.virtual_network", f"virtual network {spec.name}", body)


def _nat(spec: NetworkSpec, zone: str | None) -> list[Node]:
    """One in no zone of its own, whose address is in all of them; or one with its address in a zone."""
    where = {"group": ref(GROUP, "name"), "location": spec.region}
    place = f"zone {zone} of {spec.region}" if zone else spec.region
    tail, words = (f"/{zone}", (zone,)) if zone else ("", ())
    address = Node(
        f"nat-address{tail}",
        "azure.network.public_ip_address",
        f"public address of the NAT gateway in {place}",
        {
            **where,
            "name": derived(spec.name, "nat", *words, "address"),
            "zones": [zone] if zone else list(catalog.ZONES),
        },
    )
    gateway = Node(
        f"nat-gateway{tail}",
        "azure.network.nat_gateway",
        f"NAT gateway in {place}",
        {
            **where,
            "name": derived(spec.name, "nat", *words),
            "addresses": [ref(address.key)],
            **({"zones": [zone]} if zone else {}),
        },
    )
    return [address, gateway]


def _carved(spec: NetworkSpec) -> list[SubnetSpec]:
    """One for the nodes; or, since a subnet has one NAT gateway, one for each zone that has one."""
    block = parse_block(spec.cidr_block)
    nodes = carve(block) if block is not None else None
    # Validation has said so with a remedy when there is no room; the graph stays drawable.
    if spec.nat != "per_zone" or nodes is None or nodes.prefixlen + 2 > SMALLEST_SUBNET_PREFIX:
        return [SubnetSpec("nodes", str(nodes or spec.cidr_block), public=not spec.private_nodes)]
    blocks = zip(catalog.ZONES[: spec.zones], nodes.subnets(prefixlen_diff=2), strict=False)
    return [SubnetSpec(f"nodes-{zone}", str(part), public=not spec.private_nodes) for zone, part in blocks]


def _subnet(spec: NetworkSpec, subnet: SubnetSpec, gateway: str | None) -> Node:
    return Node(
        f"subnet/{subnet.name}",
        "azure.network.subnet",
        f"subnet {subnet.name} in {spec.region}",
        {
            "network": ref("network"),
            "name": subnet.name,
            "cidr_block": subnet.cidr_block,
            "nat_gateway": ref(gateway) if gateway else None,
            **spec.options.get(options.SUBNETS, {}).get(subnet.name, {}),
        },
    )


def _security_group(spec: NetworkSpec, group: SecurityGroupSpec) -> Node:
    return Node(
        f"security-group/{group.name}",
        "azure.network.security_group",
        f"network security group {group.name}",
        {
            "group": ref(GROUP, "name"),
            "name": derived(spec.name, group.name),
            "location": spec.region,
            "rules": [{**asdict(rule), "cidrs": list(rule.cidrs)} for rule in group.rules],
        },
        after=("network",),
    )


def _peering(spec: PeeringSpec) -> Node:
    forwarded = bool(spec.options.get("allow_forwarded_traffic"))
    body = {"name": spec.name, "network": ref("network"), "peer": spec.network_id, "forwarded": forwarded}
    title = f"peering with {last_segment(spec.network_id)} ({spec.cidr_block})"
    return Node(f"peering/{spec.name}", "azure.network.peering", title, body)


def leftovers(clusters: tuple[str, ...], region: str, subnets: tuple[str, ...]) -> Node:
    """The step that removes what Kubernetes left behind, after the clusters and before the network."""
    return Node(
        "leftovers",
        "azure.kubernetes.leftovers",
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
        "azure.network.virtual_network",
        f"virtual network {last_segment(spec.vpc_id)} (existing)",
        {"name": last_segment(spec.vpc_id)},
        adopt_id=spec.vpc_id,
    )
    subnets = [_adopted_subnet(subnet) for subnet in spec.subnet_ids]
    # With the group: what Kubernetes left there goes before it.
    return [network, *subnets, leftovers((spec.name,), spec.region, (GROUP, *(node.key for node in subnets)))]


def _adopted_subnet(subnet: str) -> Node:
    name = last_segment(subnet)
    spec = {"name": name, "network": ref("network")}
    return Node(f"subnet/{name}", "azure.network.subnet", f"subnet {name} (existing)", spec, adopt_id=subnet)


def _cluster(spec: ClusterSpec, group: str, subnet: JsonObject | None, before: list[str]) -> Node:
    given = options_of(spec)
    block = parse_block(
        spec.network.cidr_block if spec.network is not None else str(spec.options.get(options.BLOCK, ""))
    )
    services = given.service_cidr or services_range(block)
    body: JsonObject = {
        "group": ref(GROUP, "name"),
        "node_group": node_group_name(group),
        "name": spec.name,
        "location": spec.region,
        "dns_prefix": derived(spec.name, limit=45),
        "version": spec.version,
        "subnet": subnet,
        "outbound_type": _outbound(spec),
        "egress_address": ref("nat-address", "address") if _behind_nat(spec) else None,
        "identity_id": given.identity_id,
        "pod_cidr": given.pod_cidr or pods_range(block),
        "service_cidr": services,
        "dns_service_ip": dns_address(services),
        "spare_machine_type": _spare_machine_type(spec),
        **_switches(given),
        **spec.options.get(options.CLUSTER, {}),
        **wished(spec),
    }
    return Node("cluster", "azure.containerservice.cluster", f"AKS control plane of {spec.name}", body, tuple(before))


def _switches(given: ClusterOptions) -> JsonObject:
    return {
        "tier": given.tier,
        "network_policy": given.network_policy,
        "private_cluster": given.private_cluster,
        "authorized_ranges": list(given.authorized_ranges),
        "workload_identity": given.workload_identity,
        "upgrade_channel": given.upgrade_channel,
        "node_os_upgrade_channel": given.node_os_upgrade_channel,
        "local_accounts": given.local_accounts,
        "admin_group_ids": list(given.admin_group_ids),
    }


def _outbound(spec: ClusterSpec) -> str:
    """How nodes reach the internet: by a NAT gateway of the subnet, else by the cluster's load balancer."""
    if spec.network is None:
        return str(spec.options.get(options.OUTBOUND, "loadBalancer"))
    return "userAssignedNATGateway" if _behind_nat(spec) else "loadBalancer"


def _behind_nat(spec: ClusterSpec) -> bool:
    """Whether the subnet of the nodes, the first of a network of the cluster's own, has a NAT gateway."""
    network = spec.network
    if network is None or network.existing_id is not None or not (network.carve and network.has_nat):
        return False
    return not (network.subnets and network.subnets[0].public)


def _spare_machine_type(spec: ClusterSpec) -> str:
    """That of the pool which replaces it, so that region, quota and zones are known to suit."""
    system = system_pool(spec)
    pool = next((pool for pool in spec.node_pools if pool.name == system), None)
    return pool.machine_type if pool is not None else "Standard_D2s_v5"


def system_pool(spec: ClusterSpec) -> str | None:
    """The pool on which AKS runs its own Pods: the first that may; None when there is none."""
    return next((pool.name for pool in spec.node_pools if may_be_system(pool)), None)


def may_be_system(pool: NodePoolSpec) -> bool:
    """A system pool is not spot, never empty, and keeps nobody away: .../aks/use-system-pools#limitations."""
    smallest = pool.auto_scaling.min if pool.auto_scaling is not None else pool.node_count
    welcome = all(taint.key == _CRITICAL_ONLY or taint.effect == "PreferNoSchedule" for taint in pool.taints)
    return not pool.spot and smallest >= 1 and welcome


def sleeping_sizes(spec: ClusterSpec) -> dict[str, int]:
    """AKS keeps a node for its own Pods; every other pool may be empty."""
    system = system_pool(spec)
    return {system: 1} if system is not None else {}


def _upgrade_defaults(pool: NodePoolSpec) -> dict[str, str]:
    """Either nodes come besides or some are missing: both together is a preview of AKS."""
    in_place = pool.upgrade is not None and pool.upgrade.max_unavailable not in (None, "0", "0%")
    return {**UPGRADE_DEFAULTS, **({"max_surge": "0"} if in_place else {})}


def most_surge(pool: NodePoolSpec) -> int:
    """Nodes that an upgrade of the pool adds for a while, at its largest."""
    if pool.spot:
        return 0
    asked = pool.upgrade.max_surge if pool.upgrade is not None else None
    return nodes_of(asked or _upgrade_defaults(pool)["max_surge"], pool.most_nodes, up=True)


def _node_pool(spec: ClusterSpec, subnet: JsonObject | None, pool: NodePoolSpec, now: NodePoolSpec) -> Node:
    """A pool that sleeps (`now`) has the mode that it has awake."""
    body: JsonObject = {
        "cluster": ref("cluster"),
        "name": pool_name(pool.name),
        "version": spec.version,
        "machine_type": pool.machine_type,
        "node_count": now.node_count,
        "auto_scaling": asdict(now.auto_scaling) if now.auto_scaling else None,
        "zones": sorted(pool.zones or spec.zones),
        "spot": pool.spot,
        "disk_gb": pool.disk_gb,
        "labels": dict(pool.labels),
        "taints": [asdict(taint) for taint in pool.taints],
        "mode": "System" if pool.name == system_pool(spec) else "User",
        "subnet": subnet,
        **upgrade_words(pool.upgrade, _upgrade_defaults(pool)),
        **({"disk_type": pool.disk_type} if pool.disk_type else {}),
        **spec.options.get(options.POOLS, {}).get(pool.name, {}),
    }
    return Node(f"node-pool/{pool.name}", "azure.containerservice.node_pool", f"node pool {pool.name}", body)

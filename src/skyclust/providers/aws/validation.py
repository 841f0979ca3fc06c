"""EKS's and VPC's own rules about what is asked for, each finding with its remedy. Called before anything is planned.

Invariant: pure. `field` is a JSON pointer: into the flat cluster body, or into the network object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Network

from skyclust.contract.checks import check_labels
from skyclust.contract.pools import check_gpu, check_shares
from skyclust.contract.resources import Finding
from skyclust.contract.specs import ClusterSpec, NetworkSpec, NodePoolSpec
from skyclust.providers.aws import places, prices
from skyclust.providers.aws.blueprints.clusters import KARPENTER, MODES
from skyclust.providers.aws.blueprints.networks import subnet_specs
from skyclust.providers.aws.carving import usable_addresses
from skyclust.providers.aws.drivers.node_groups import ami_type
from skyclust.providers.aws.ranges import error, network_findings, parse_cidr, prefixed

#: "Name" of CreateCluster and CreateNodegroup, EKS API reference.
CLUSTER_NAME = re.compile(r"[0-9A-Za-z][A-Za-z0-9_-]{0,99}")
POOL_NAME = re.compile(r"[0-9A-Za-z][A-Za-z0-9_-]{0,62}")
VPC_ID, SUBNET_ID = re.compile(r"vpc-[0-9a-f]{8,17}"), re.compile(r"subnet-[0-9a-f]{8,17}")
MIN_DISK_GB, MAX_DISK_GB = 20, 16384  # the AL2023 image needs 20; gp3 ends at 16 TiB
MAX_UNAVAILABLE = 100  # "maxUnavailable" of NodegroupUpdateConfig
MAX_POOL = 450  # "Nodes per managed node group", EKS service quotas
#: EKS puts its own interfaces into every subnet of the cluster and asks for at least six addresses there.
CONTROL_PLANE_ADDRESSES = 6
#: With fewer addresses than this a node has none left for pods of its own.
ADDRESSES_PER_NODE = 16
SERVICE_SPACE = tuple(IPv4Network(cidr) for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))


def validate_cluster(spec: ClusterSpec) -> tuple[Finding, ...]:
    """Everything wrong with a cluster, not just the first thing."""
    found = [*_identity(spec), *_mode(spec), *_network(spec), *_options(spec)]
    for index, pool in enumerate(spec.node_pools):
        found += _pool(spec, pool, pool_pointer(index))
    names = [pool.name for pool in spec.node_pools]
    for index, name in enumerate(names):
        if name in names[:index]:
            found.append(error(f"{pool_pointer(index)}/name", f"Two node pools are named {name!r}. Rename one."))
    if not any(finding.severity == "error" for finding in found):
        found += _room(spec)
    return tuple(found)


def validate_network(spec: NetworkSpec) -> tuple[Finding, ...]:
    """Everything wrong with a network."""
    return tuple(network_findings(spec))


def pool_pointer(index: int) -> str:
    """Where the spec holds a pool. The server knows whether the client gave it as `node_pool` or in `node_pools`."""
    return f"/node_pools/{index}"


def _identity(spec: ClusterSpec) -> Iterator[Finding]:
    if not CLUSTER_NAME.fullmatch(spec.name):
        yield error(
            "/name", f"EKS does not take the name {spec.name[:60]!r}: 1 to 100 letters, digits, '-' and '_', "
            "beginning with a letter or digit.",
        )  # fmt: skip
    if spec.region not in places.zones_by_region():
        yield error("/region", unknown("region", spec.region, list(places.zones_by_region())))
    versions = [version.name for version in places.VERSIONS]
    if spec.version not in versions:
        near = places.nearest(spec.version, versions) or versions
        yield error("/version", f"EKS does not offer Kubernetes {spec.version}. Choose one of {', '.join(near)}.")


def unknown(what: str, given: str, known: list[str]) -> str:
    """A sentence with the nearest known words."""
    near = places.nearest(given, known)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"Known are, for example, {', '.join(known[:5])}."
    return f"AWS has no {what} {given!r}. {hint}"


def _mode(spec: ClusterSpec) -> Iterator[Finding]:
    if spec.mode not in MODES:
        yield error("/mode", f"EKS has the modes {' and '.join(MODES)}; {spec.mode!r} is none of them.")
    elif spec.mode == "fargate":
        if spec.node_pools:
            message = "A Fargate cluster has no node pools. Leave them out, or use mode 'standard'."
            yield error("/node_pools", message)
        if spec.network is not None and not spec.network.private_nodes:
            yield error("/network/private_nodes", "Fargate pods need private subnets. Set private_nodes to true.")


def _network(spec: ClusterSpec) -> Iterator[Finding]:
    known = places.zones_by_region().get(spec.region, ())
    for zone in spec.zones if known else ():
        if zone not in known:
            yield error("/zones", unknown("zone", zone, list(known)))
    if spec.zones and len(set(spec.zones)) < 2:
        yield error("/zones", "EKS needs at least two zones. Add another one.")
    if spec.network is None:
        yield from _existing(spec)
        return
    yield from _ways_out(spec, spec.network)
    network = replace(spec.network, zones=len(spec.zones)) if spec.zones else spec.network
    yield from prefixed("/network", network_findings(network))
    zones = {subnet.zone for subnet in spec.network.subnets} if spec.network.subnets else None
    if not spec.zones and (len(zones) if zones is not None else spec.network.zones) < 2:
        yield error("/network/zones", "EKS needs subnets in at least two zones. Ask for two or more.")


def _ways_out(spec: ClusterSpec, network: NetworkSpec) -> Iterator[Finding]:
    if spec.options.get("nat_gateway_per_zone") and network.nat not in (None, "per_zone"):
        message = "nat_gateway_per_zone is the older word for nat: per_zone, and nat says otherwise. Leave one out."
        yield error("/network/nat", message)
    if network.private_nodes and network.nat == "none":
        message = (
            "Without NAT private nodes reach the internet only through VPC endpoints that you make: they do not even "
            "join the cluster without those for ECR, EC2, EKS and S3."
        )
        yield Finding("warning", "/network/nat", message, "no_nat")


def _existing(spec: ClusterSpec) -> Iterator[Finding]:
    if not spec.vpc_id and not spec.subnet_ids:
        yield error("/network", "Neither a network to make nor an existing one is given. Give cidr_block or vpc_id.")
    if spec.vpc_id and not VPC_ID.fullmatch(spec.vpc_id):
        yield error("/network/vpc_id", f"{spec.vpc_id!r} is no VPC id. They look like vpc-0a1b2c3d4e5f67890.")
    for index, subnet in enumerate(spec.subnet_ids):
        if not SUBNET_ID.fullmatch(subnet):
            message = f"{subnet!r} is no subnet id. They look like subnet-0a1b2c3d4e5f67890."
            yield error(f"/network/subnet_ids/{index}", message)
    if len(set(spec.subnet_ids)) == 1:
        message = "EKS needs subnets in at least two zones, and one is given. Add one, or leave the list out."
        yield error("/network/subnet_ids", message)


def _pool(spec: ClusterSpec, pool: NodePoolSpec, at: str) -> Iterator[Finding]:
    if not POOL_NAME.fullmatch(pool.name):
        message = f"EKS does not take the pool name {pool.name[:40]!r}: 1 to 63 letters, digits, '-' and '_'."
        yield error(f"{at}/name", message)
    yield from _machines(spec, pool, at)
    yield from _pool_size(pool, at)
    if pool.disk_type is not None:
        message = "EKS chooses the type of its nodes' disks by itself. Leave disk_type out; disk_gb is yours."
        yield error(f"{at}/disk_type", message)
    if not MIN_DISK_GB <= pool.disk_gb <= MAX_DISK_GB:
        message = f"Disks have {MIN_DISK_GB} to {MAX_DISK_GB} GB, not {pool.disk_gb}."
        yield error(f"{at}/disk_gb", message)
    yield from check_labels(pool, at, ("eks.amazonaws.com/",))
    yield from check_shares(pool, at)
    yield from _upgrade(pool, at)
    known = places.zones_by_region().get(spec.region, ())
    for zone in pool.zones if known else ():
        if zone not in known:
            yield error(f"{at}/zones", unknown("zone", zone, list(known)))
        elif spec.network is not None and zone not in _zones_of(spec):
            message = f"The network has no subnet in {zone}. Choose among {', '.join(sorted(_zones_of(spec)))}."
            yield error(f"{at}/zones", message)


def _machines(spec: ClusterSpec, pool: NodePoolSpec, at: str) -> Iterator[Finding]:
    """All known, and alike enough for one image and one pool.

    https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html#managed-node-group-capacity-types
    """
    machines = prices.machine_types_by_name(spec.region)
    unknown_ones = [name for name in pool.machine_types if machines and name not in machines]
    for name in unknown_ones:
        where = "machine_type" if name == pool.machine_type else "machine_types"
        yield error(f"{at}/{where}", unknown_machine(name, spec.region))
    if unknown_ones or not machines:
        return
    yield from check_gpu(pool, at, {name: item.gpu for name, item in machines.items() if item.gpu is not None})
    images = {ami_type(name) for name in pool.machine_types}
    if len(images) > 1:
        message = (
            f"{', '.join(pool.machine_types)} need different images ({', '.join(sorted(images))}), and the nodes of a "
            "pool share one. Make a pool for each."
        )
        yield error(f"{at}/machine_types", message, "different_images")
    shapes = {(machines[name].vcpu, machines[name].memory_gib) for name in pool.machine_types}
    if len(shapes) > 1:
        message = (
            f"{', '.join(pool.machine_types)} differ in vCPUs or memory. An autoscaler takes every node of the pool "
            f"for one like {pool.machine_type}; types of one size are safer."
        )
        yield Finding("warning", f"{at}/machine_types", message, "different_sizes")


def _upgrade(pool: NodePoolSpec, at: str) -> Iterator[Finding]:
    """https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html"""
    if pool.upgrade is None:
        return
    surge, missing = pool.upgrade.max_surge, pool.upgrade.max_unavailable
    if surge is not None and surge not in ("0", "0%"):
        message = "EKS itself decides how many nodes come besides. Leave max_surge out, or give 0 for none."
        yield error(f"{at}/upgrade/max_surge", message)
    if missing is not None and not 1 <= int(missing.rstrip("%")) <= MAX_UNAVAILABLE:
        message = f"EKS replaces 1 to {MAX_UNAVAILABLE} nodes at a time, or 1% to 100% of them, not {missing}."
        yield error(f"{at}/upgrade/max_unavailable", message)


def unknown_machine(given: str, region: str) -> str:
    """With the nearest names of the same family where there are some."""
    known = list(prices.machine_types_by_name(region))
    family = [name for name in known if name.partition(".")[0] == given.partition(".")[0]]
    near = places.nearest(given, family) or places.nearest(given, known) or family[:3]
    hint = f"Did you mean {' or '.join(near)}?" if near else "List the types of the region to choose one."
    return f"There is no machine type {given!r} in {region}. {hint}"


def _pool_size(pool: NodePoolSpec, at: str) -> Iterator[Finding]:
    scaling = pool.auto_scaling
    if scaling is not None and pool.node_count == 0:
        message = (
            f"EKS itself never scales the empty pool {pool.name} up: the Cluster Autoscaler does, once it runs in the "
            "cluster and may call eks:DescribeNodegroup."
        )
        yield Finding("warning", f"{at}/auto_scaling", message, "needs_autoscaler")
    if pool.node_count < 0 or pool.node_count > MAX_POOL:
        yield error(f"{at}/node_count", f"A node group has 0 to {MAX_POOL} nodes, not {pool.node_count}.")
    if scaling is None:
        return
    if scaling.min > scaling.max:
        message = f"The smallest size {scaling.min} is above the largest {scaling.max}. Swap or change them."
        yield error(f"{at}/auto_scaling/min", message)
    elif scaling.min < 0 or scaling.max < 1 or scaling.max > MAX_POOL:
        message = f"Sizes go from 0 to {MAX_POOL}, and the largest is at least 1."
        yield error(f"{at}/auto_scaling/max", message)
    elif not scaling.min <= pool.node_count <= scaling.max:
        message = f"The first size {pool.node_count} is not between {scaling.min} and {scaling.max}."
        yield error(f"{at}/node_count", message)


def _zones_of(spec: ClusterSpec) -> set[str]:
    assert spec.network is not None
    if spec.zones:
        return set(spec.zones)
    if spec.network.subnets:
        return {subnet.zone or "" for subnet in spec.network.subnets}
    return set(places.zones_by_region()[spec.region][: spec.network.zones])


def _options(spec: ClusterSpec) -> Iterator[Finding]:
    options = spec.options
    public, private = options.get("endpoint_public_access", True), options.get("endpoint_private_access", True)
    if not public and not private:
        message = "The API must be reachable from the internet, from the network, or both."
        yield error("/aws/endpoint_private_access", message)
    for index, cidr in enumerate(options.get("public_access_cidrs") or []):
        _, problem = parse_cidr(cidr)
        if problem:
            yield error(f"/aws/public_access_cidrs/{index}", problem)
    if options.get("karpenter_discovery") and spec.network is None:
        message = (
            "Existing networks are never changed: the cluster's security group gets Karpenter's tag, its subnets do "
            f"not. Put {KARPENTER}={spec.name} on those that Karpenter may use."
        )
        yield Finding("warning", "/aws/karpenter_discovery", message, "untagged_subnets")
    if options.get("service_cidr"):
        yield from _service_range(spec, options["service_cidr"])


def _service_range(spec: ClusterSpec, given: str) -> Iterator[Finding]:
    """As "serviceIpv4Cidr" of the EKS API reference has it: private, /12 to /24, apart from the VPC."""
    at = "/aws/service_cidr"
    cidr, problem = parse_cidr(given)
    if cidr is None:
        yield error(at, problem)
        return
    if not 12 <= cidr.prefixlen <= 24 or not any(cidr.subnet_of(space) for space in SERVICE_SPACE):
        yield error(at, f"{cidr} must be private (10.x, 172.16-31.x or 192.168.x) and between /12 and /24.")
    network, _ = parse_cidr(spec.network.cidr_block) if spec.network is not None else (None, "")
    if network is not None and network.overlaps(cidr):
        yield error(at, f"{cidr} overlaps the network's {network}. Choose another range.")


def _room(spec: ClusterSpec) -> Iterator[Finding]:
    """Are there addresses for all nodes at their largest number? Only called when everything else is right."""
    if spec.network is None or not spec.node_pools:
        return
    subnets = subnet_specs(spec.network, spec.zones)
    inner = [subnet for subnet in subnets if not subnet.public] or list(subnets)
    free = sum(max(usable_addresses(IPv4Network(item.cidr_block)) - CONTROL_PLANE_ADDRESSES, 0) for item in inner)
    nodes = sum(pool.auto_scaling.max if pool.auto_scaling else pool.node_count for pool in spec.node_pools)
    told = f"The subnets for nodes ({', '.join(item.cidr_block for item in inner)}) have {free} free addresses"
    if nodes > free:
        yield error("/network/cidr_block", f"{told}, and there may be {nodes} nodes. Choose a larger range.")
    elif nodes * ADDRESSES_PER_NODE > free:
        message = f"{told}: enough for {nodes} nodes, but few for their pods. A larger range is safer."
        yield Finding("warning", "/network/cidr_block", message, "few_addresses")

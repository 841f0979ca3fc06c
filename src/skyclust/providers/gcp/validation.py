"""Google Cloud's own rules for clusters and networks, checked before anything is asked of the cloud. Pure.

Called through the provider when a request arrives. Each finding points into the request body and says what to do.
Rules of networks are in network_validation.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from skyclust.contract.checks import check_labels, check_pool_size, error, warning
from skyclust.contract.pools import UPGRADE, check_gpu, check_one_type, check_shares, upgrade_words
from skyclust.contract.resources import Finding
from skyclust.contract.specs import ClusterSpec, NodePoolSpec
from skyclust.providers.gcp import addons, catalog
from skyclust.providers.gcp.addressing import carve, largest_prefix_for, parse_block
from skyclust.providers.gcp.blueprints import MODES, UPGRADE_DEFAULTS, most_surge, placement, spread
from skyclust.providers.gcp.drivers.cluster_bodies import BOOTSTRAP_POOL
from skyclust.providers.gcp.naming import MAX_GKE_NAME
from skyclust.providers.gcp.network_validation import check_network, check_region
from skyclust.providers.gcp.options import DISK_TYPES, check_options, options_of

_GKE_NAME = re.compile(r"[a-z](?:[-a-z0-9]*[a-z0-9])?")
#: https://cloud.google.com/kubernetes-engine/quotas: nodes of a pool in one zone.
MAX_POOL_NODES = 1000
MAX_UPGRADED_AT_ONCE = 20
POOL_DISK_TYPES = (*DISK_TYPES, "hyperdisk-balanced")


def validate_cluster(spec: ClusterSpec) -> tuple[Finding, ...]:
    """Every finding about a cluster request, in the order of the request's fields."""
    found = [*_check_basics(spec), *_check_zones(spec), *_check_mode(spec)]
    wrong_options = list(check_options(spec.options))
    found.extend(wrong_options)
    for index, pool in enumerate(spec.node_pools):
        found.extend(_check_pool(spec, pool, pool_pointer(index)))
    found.extend(_check_pool_names(spec))
    found.extend(_check_where(spec))
    if not wrong_options:
        found.extend(_check_privacy(spec))
        identity = spec.mode == "autopilot" or options_of(spec).workload_identity
        found.extend(addons.check(spec, workload_identity=identity))
    return tuple(found)


def pool_pointer(index: int) -> str:
    """Where the spec holds a pool. The server knows whether the client gave it as `node_pool` or in `node_pools`."""
    return f"/node_pools/{index}"


def _check_basics(spec: ClusterSpec) -> Iterator[Finding]:
    yield from _check_name("/name", spec.name, "cluster")
    yield from check_region("/region", spec.region)
    yield from _check_version(spec.version)
    if spec.mode not in MODES:
        yield error("/mode", f"GKE has no mode {spec.mode!r}; give one of {', '.join(MODES)}.")


def _check_name(field: str, name: str, noun: str) -> Iterator[Finding]:
    if _GKE_NAME.fullmatch(name) and len(name) <= MAX_GKE_NAME:
        return
    yield error(
        field,
        f"{name!r} is no name for a GKE {noun}: it begins with a lowercase letter, holds lowercase letters, digits and "
        f"'-', ends with a letter or digit and has at most {MAX_GKE_NAME} characters.",
        "name",
    )


def _check_version(version: str) -> Iterator[Finding]:
    number = catalog.minor(version)
    if number in {catalog.minor(known.name) for known in catalog.VERSIONS}:
        return
    close = ", ".join(catalog.nearest_versions(version))
    yield error("/version", f"GKE does not offer Kubernetes {version!r}; the nearest are {close}.", "unknown_version")


def _check_zones(spec: ClusterSpec) -> Iterator[Finding]:
    yield from _check_zone_list("/zones", spec.zones, spec.region)
    if spec.mode == "autopilot" and len(spec.zones) == 1:
        yield error("/zones", "Autopilot clusters are regional: leave zones out, or choose the mode standard.", "mode")


def _check_zone_list(field: str, zones: tuple[str, ...], region: str) -> Iterator[Finding]:
    known = catalog.regions().get(region)
    if known is None:
        return
    for index, zone in enumerate(zones):
        if zone not in known:
            yield error(
                f"{field}/{index}", f"{region} has no zone {zone!r}; its zones are {', '.join(known)}.", "unknown_zone"
            )
    if len(set(zones)) != len(zones):
        yield error(field, "A zone is named twice.", "duplicate")


def _check_mode(spec: ClusterSpec) -> Iterator[Finding]:
    if spec.mode == "autopilot" and spec.node_pools:
        yield error(
            "/node_pool",
            "An Autopilot cluster has no node pools of one's own: Google makes nodes as Pods need them. Leave "
            "node_pool out, or choose the mode standard.",
            "mode",
        )
    if spec.mode == "standard" and not spec.node_pools:
        yield error(
            "/node_pool", "A GKE Standard cluster needs a node pool. Give one, or choose the mode autopilot.", "mode"
        )


# ---- node pools ----
def _check_pool(spec: ClusterSpec, pool: NodePoolSpec, at: str) -> Iterator[Finding]:
    yield from _check_name(f"{at}/name", pool.name, "node pool")
    if pool.name == BOOTSTRAP_POOL:
        yield error(
            f"{at}/name", f"The name {BOOTSTRAP_POOL} is taken by the pool that a new cluster begins with.", "name"
        )
    yield from _check_machine(spec, pool, at)
    yield from check_one_type(pool, at, "GKE")
    yield from _check_gpu(spec, pool, at)
    if pool.disk_type is not None and pool.disk_type not in POOL_DISK_TYPES:
        yield error(f"{at}/disk_type", f"{pool.disk_type!r} is no boot disk of GKE; give {', '.join(POOL_DISK_TYPES)}.")
    yield from check_pool_size(pool, at, MAX_POOL_NODES)
    yield from _check_zone_list(f"{at}/zones", pool.zones, spec.region)
    yield from check_labels(pool, at)
    if not 10 <= pool.disk_gb <= 65536:
        yield error(f"{at}/disk_gb", f"A boot disk has 10 to 65536 GB, not {pool.disk_gb}. GKE advises 50 or more.")
    yield from _check_spread(spec, pool, at)
    yield from check_shares(pool, at)
    yield from _check_upgrade(pool, at)


def _check_gpu(spec: ClusterSpec, pool: NodePoolSpec, at: str) -> Iterator[Finding]:
    """Machine types bring their GPUs, or are of N1 and take some: https://cloud.google.com/compute/docs/gpus"""
    wanted, has = pool.gpu, catalog.built_in_gpu(pool.machine_type)
    if wanted is None:
        return
    if has is None and catalog.takes_gpus(pool.machine_type):
        counts = catalog.ATTACHED.get(wanted.type)
        if counts is None:
            message = f"{wanted.type!r} cannot be attached to {pool.machine_type}; give {', '.join(catalog.ATTACHED)}."
            yield error(f"{at}/gpu/type", message, "gpu")
        elif wanted.count not in counts:
            message = f"A machine takes {', '.join(map(str, counts))} of {wanted.type}, not {wanted.count}."
            yield error(f"{at}/gpu/count", message, "gpu")
        return
    built_in = {
        shape.name: gpu for shape in catalog.shapes_in(spec.region) if (gpu := catalog.built_in_gpu(shape.name))
    }
    for finding in check_gpu(pool, at, built_in):
        yield replace(finding, message=f"{finding.message} Machine types of N1 take {', '.join(catalog.ATTACHED)}.")


def _check_upgrade(pool: NodePoolSpec, at: str) -> Iterator[Finding]:
    """https://cloud.google.com/kubernetes-engine/docs/concepts/node-pool-upgrade-strategies#surge"""
    asked = upgrade_words(pool.upgrade, UPGRADE_DEFAULTS).get(UPGRADE, UPGRADE_DEFAULTS)
    shares = [name for name, share in asked.items() if share.endswith("%")]
    for name in shares:
        yield error(f"{at}/upgrade/{name}", f"GKE counts nodes: give {name} as a number, not as {asked[name]}.")
    if not shares and not 1 <= sum(int(share) for share in asked.values()) <= MAX_UPGRADED_AT_ONCE:
        told = " and ".join(f"{name} {share}" for name, share in asked.items())
        message = f"GKE replaces 1 to {MAX_UPGRADED_AT_ONCE} nodes at a time, and {told} together are not among them."
        yield error(f"{at}/upgrade/max_surge", message)


def _check_machine(spec: ClusterSpec, pool: NodePoolSpec, at: str) -> Iterator[Finding]:
    if spec.region not in catalog.regions():
        return
    offered = [shape.name for shape in catalog.shapes_in(spec.region)]
    asked = pool.disk_type or spec.options.get("disk_type")
    if asked in DISK_TYPES and catalog.boots_from_hyperdisk_only(pool.machine_type):
        field, called = (f"{at}/disk_type", "disk_type") if pool.disk_type else ("/gcp/disk_type", "gcp.disk_type")
        yield error(field, f"{pool.machine_type} boots from Hyperdisk only. Leave {called} out.")
    if pool.machine_type in offered:
        return
    close = ", ".join(catalog.nearest(pool.machine_type, offered))
    where = f" in {spec.region}" if pool.machine_type in catalog.shapes() else ""
    yield error(
        f"{at}/machine_type",
        f"Google Cloud offers no machine type {pool.machine_type!r}{where}; the nearest are {close}.",
        "unknown_machine_type",
    )


def _check_spread(spec: ClusterSpec, pool: NodePoolSpec, at: str) -> Iterator[Finding]:
    candidates = pool.zones or placement(spec)[1]
    zones = spread(pool, placement(spec)[1])
    if len(zones) < len(candidates):
        yield warning(
            f"{at}/node_count",
            f"{pool.node_count} nodes cannot be spread evenly over {len(candidates)} zones, so the pool uses "
            f"{', '.join(zones)}. A multiple of {len(candidates)} survives the loss of a zone.",
            "uneven_spread",
        )


def _check_pool_names(spec: ClusterSpec) -> Iterator[Finding]:
    names = [pool.name for pool in spec.node_pools]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield error(f"{pool_pointer(index)}/name", f"Two node pools have the name {name!r}.", "duplicate")


# ---- where it stands ----
def _check_where(spec: ClusterSpec) -> Iterator[Finding]:
    if spec.network is None:
        if spec.vpc_id is None:
            yield error(
                "/network", "Say where the cluster stands: network.vpc_id of an existing one, or network.cidr_block."
            )
        elif len(spec.subnet_ids) > 1:
            yield warning(
                "/network/subnet_ids",
                "Subnetworks of Google Cloud span a region, so a GKE cluster uses one: the first of the list.",
            )
        return
    findings = list(check_network(spec.network, at="/network"))
    yield from findings
    if not any(finding.severity == "error" for finding in findings):
        yield from _check_room(spec)


def _check_room(spec: ClusterSpec) -> Iterator[Finding]:
    """Whether nodes and pods fit into what `carve` makes of the block, those of upgrades counted."""
    assert spec.network is not None
    if spec.network.subnets or spec.network.existing_id is not None:
        return
    wanted = sum(pool.most_nodes + most_surge(pool) for pool in spec.node_pools) or 1
    block = parse_block(spec.network.cidr_block)
    ranges = carve(block) if block is not None else None
    room = ranges.max_nodes() if ranges is not None else 0
    if room < wanted:
        yield error(
            "/network/cidr_block",
            f"{spec.network.cidr_block} has room for {room} nodes (each takes a /24 for its Pods), but up to {wanted} "
            f"are asked for, those that come during upgrades counted. Give a /{largest_prefix_for(wanted)} or larger.",
            "too_small",
        )


def _check_privacy(spec: ClusterSpec) -> Iterator[Finding]:
    options = options_of(spec)
    if options.private_endpoint and not options.private_cluster:
        yield error("/gcp/private_endpoint", "A private control plane needs private nodes: set private_cluster, too.")
    if options.private_cluster and spec.network is not None and not spec.network.has_nat:
        yield warning(
            "/gcp/private_cluster",
            "Nodes are private, but the network has no NAT (private_nodes is false, or nat is none): they cannot reach "
            "the internet.",
        )

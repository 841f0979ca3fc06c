"""Azure's own rules for clusters and networks, checked before anything is asked of the cloud. Pure.

Called through the provider when a request arrives. Each finding points into the request body and says what to do.
Rules of networks are in network_validation.py, those of node pools in pool_validation.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from skyclust.contract.checks import error, warning
from skyclust.contract.resources import Finding
from skyclust.contract.specs import ClusterSpec
from skyclust.providers.azure import catalog
from skyclust.providers.azure.addressing import (
    Block,
    carve,
    largest_prefix_for,
    parse_block,
    pods_range,
    prohibited,
    room,
    services_range,
)
from skyclust.providers.azure.blueprints import MODES, most_surge
from skyclust.providers.azure.naming import CLUSTER_NAME
from skyclust.providers.azure.network_validation import check_network, check_region
from skyclust.providers.azure.options import BLOCK, check_options, options_of
from skyclust.providers.azure.pool_validation import check_pools, check_zones

#: https://learn.microsoft.com/azure/aks/azure-cni-overlay: a node takes a /24 of the pods' range.
_PODS_PER_NODE_PREFIX = 24
_SMALLEST_SERVICES_PREFIX, _LARGEST_SERVICES_PREFIX = 28, 12


def validate_cluster(spec: ClusterSpec) -> tuple[Finding, ...]:
    """Every finding about a cluster request, in the order of the request's fields."""
    found = [*_check_basics(spec), *check_zones("/zones", spec.zones, spec.region)]
    wrong_options = list(check_options(spec.options))
    found.extend(wrong_options)
    found.extend(check_pools(spec))
    found.extend(_check_where(spec))
    if not wrong_options:
        found.extend(_check_ranges(spec))
        found.extend(_check_switches(spec))
    return tuple(found)


def _check_basics(spec: ClusterSpec) -> Iterator[Finding]:
    if not CLUSTER_NAME.fullmatch(spec.name):
        yield error(
            "/name",
            f"{spec.name!r} is no name for an AKS cluster: it begins and ends with a letter or digit, holds letters, "
            "digits, '_' and '-' and has at most 63 characters.",
            "name",
        )
    yield from check_region("/region", spec.region)
    if catalog.minor(spec.version) not in {catalog.minor(known.name) for known in catalog.VERSIONS}:
        close = ", ".join(catalog.nearest_versions(spec.version))
        yield error(
            "/version", f"AKS does not offer Kubernetes {spec.version!r}; the nearest are {close}.", "unknown_version"
        )
    if spec.mode not in MODES:
        yield error("/mode", f"AKS has no mode {spec.mode!r} here; give {', '.join(MODES)}.")


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
                "Subnets of Azure span a region, so an AKS cluster uses one: the first of the list.",
            )
        return
    findings = list(check_network(spec.network, at="/network"))
    yield from findings
    if not any(finding.severity == "error" for finding in findings):
        yield from _check_room(spec)


def _check_room(spec: ClusterSpec) -> Iterator[Finding]:
    """Whether all nodes fit into the subnet, those of upgrades counted, and the spare one with which it begins."""
    assert spec.network is not None
    if spec.network.subnets or spec.network.existing_id is not None:
        return
    wanted = 1 + sum(pool.most_nodes + max(1, most_surge(pool)) for pool in spec.node_pools)
    block = parse_block(spec.network.cidr_block)
    nodes = carve(block) if block is not None else None
    if nodes is not None and room(nodes) < wanted:
        yield error(
            "/network/cidr_block",
            f"{spec.network.cidr_block} has room for {room(nodes)} nodes, but up to {wanted} are asked for, those that "
            f"come during upgrades counted. Give a /{largest_prefix_for(wanted)} or larger.",
            "too_small",
        )


# ---- ranges ----
def _check_ranges(spec: ClusterSpec) -> Iterator[Finding]:
    options = options_of(spec)
    network = parse_block(spec.network.cidr_block if spec.network is not None else str(spec.options.get(BLOCK, "")))
    pods = parse_block(options.pod_cidr or pods_range(network))
    services = parse_block(options.service_cidr or services_range(network))
    if pods is None or services is None:
        return
    yield from _check_apart("/azure/pod_cidr", pods, network, "the network's block")
    yield from _check_apart("/azure/service_cidr", services, network, "the network's block")
    yield from _check_apart("/azure/service_cidr", services, pods, "the Pods' range")
    if not _LARGEST_SERVICES_PREFIX <= services.prefixlen <= _SMALLEST_SERVICES_PREFIX:
        yield error(
            "/azure/service_cidr",
            f"{services} is no range for services: give one between a /{_LARGEST_SERVICES_PREFIX} and a "
            f"/{_SMALLEST_SERVICES_PREFIX}.",
        )
    if pods.prefixlen > _PODS_PER_NODE_PREFIX or 2 ** (_PODS_PER_NODE_PREFIX - pods.prefixlen) < spec.most_nodes + 1:
        yield error(
            "/azure/pod_cidr",
            f"{pods} is too small for the Pods of {spec.most_nodes + 1} nodes, each of which takes a /24. Give a "
            "larger one.",
            "too_small",
        )


def _check_apart(field: str, own: Block, other: Block | None, what: str) -> Iterator[Finding]:
    if (bad := prohibited(own)) is not None:
        yield error(field, f"{own} overlaps {bad}, which Azure or AKS keeps for itself. Choose another.", "cidr")
    if other is not None and own.overlaps(other):
        yield error(field, f"{own} overlaps {what} {other}. Choose a range apart from it.", "overlap")


def _check_switches(spec: ClusterSpec) -> Iterator[Finding]:
    options = options_of(spec)
    if options.private_cluster and options.authorized_ranges:
        yield error(
            "/azure/authorized_ranges",
            "A private control plane has no public address that ranges could be allowed to reach. Leave one out.",
        )
    if options.private_cluster:
        yield warning(
            "/azure/private_cluster",
            "The Kubernetes API will answer inside the network only: kubectl, and what SkyClust shows of the inside, "
            "needs a way there.",
        )
    if options.tier == "Free":
        yield warning("/azure/tier", "The tier Free has no uptime SLA and is meant for up to ten nodes.")

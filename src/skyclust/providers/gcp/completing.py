"""Choose what only the cloud knows: the subnetwork and the secondary ranges a cluster uses in an existing network.

Called once before a cluster is planned. Invariant: what is already chosen is never chosen again, so that completing a
completed spec changes nothing.
"""

from __future__ import annotations

from dataclasses import replace

from skyclust.contract.resources import JsonObject
from skyclust.contract.specs import ClusterSpec
from skyclust.providers.gcp.addressing import PODS_PER_NODE_PREFIX, SMALLEST_SERVICES_PREFIX, parse_block
from skyclust.providers.gcp.naming import network_path, relative_path, segment_after, subnetwork_path
from skyclust.providers.gcp.options import PODS_RANGE, SERVICES_RANGE
from skyclust.providers.gcp.reading import clusters_of
from skyclust.providers.gcp.sessions import GcpSession


async def complete_cluster(gcp: GcpSession, spec: ClusterSpec) -> ClusterSpec:
    """The spec with a subnetwork of `vpc_id` and ranges of it, as far as there are fitting ones."""
    if spec.vpc_id is None:
        return spec
    network = network_path(spec.vpc_id, gcp.project)
    subnets = await subnetworks_of(gcp, network, spec.region)
    chosen = choose_subnetwork(subnets, [subnetwork_path(item, gcp.project, spec.region) for item in spec.subnet_ids])
    if chosen is None:
        return replace(spec, vpc_id=network)
    options = dict(spec.options)
    if PODS_RANGE not in options:
        options |= choose_ranges(chosen, await _ranges_in_use(gcp, network))
    ids = tuple(subnetwork_path(item, gcp.project, spec.region) for item in spec.subnet_ids)
    return replace(spec, vpc_id=network, subnet_ids=ids or (_path(chosen),), options=options)


async def subnetworks_of(gcp: GcpSession, network: str, region: str) -> list[JsonObject]:
    """Subnetworks of a network in a region that machines may use. A shared network is in its host's project."""
    project = segment_after(network, "projects")
    found = await gcp.items(
        lambda apis, token: apis.compute.subnetworks().list(project=project, region=region, pageToken=token)
    )
    return [
        subnet
        for subnet in found
        if relative_path(subnet.get("network", "")) == network and subnet.get("purpose", "PRIVATE") == "PRIVATE"
    ]


def choose_subnetwork(subnets: list[JsonObject], asked: list[str]) -> JsonObject | None:
    """The first one asked for, else the one with secondary ranges and the most addresses; ties by name."""
    if asked:
        return next((subnet for subnet in subnets if _path(subnet) == asked[0]), None)
    ranked = sorted(
        subnets, key=lambda s: (len(s.get("secondaryIpRanges", [])) < 2, _prefix(s["ipCidrRange"]), s["name"])
    )
    return next(iter(ranked), None)


def choose_ranges(subnet: JsonObject, used: frozenset[str]) -> JsonObject:
    """Names of a range for pods and one for services that no cluster uses; None for both lets GKE make its own."""
    free = [row for row in subnet.get("secondaryIpRanges", []) if row["rangeName"] not in used]
    by_size = sorted(free, key=lambda row: (_prefix(row["ipCidrRange"]), row["rangeName"]))
    pods = _named(by_size, "pod") or next(iter(by_size), None)
    rest = [row for row in by_size if row is not pods]
    services = _named(rest, "service", "svc") or next(iter(rest), None)
    fits = (
        pods is not None
        and services is not None
        and _prefix(pods["ipCidrRange"]) <= PODS_PER_NODE_PREFIX
        and _prefix(services["ipCidrRange"]) <= SMALLEST_SERVICES_PREFIX
    )
    if not fits or pods is None or services is None:
        return {PODS_RANGE: None, SERVICES_RANGE: None}
    return {PODS_RANGE: pods["rangeName"], SERVICES_RANGE: services["rangeName"]}


async def _ranges_in_use(gcp: GcpSession, network: str) -> frozenset[str]:
    clusters = await clusters_of(gcp, network)
    policies = [cluster.get("ipAllocationPolicy", {}) for cluster in clusters]
    keys = ("clusterSecondaryRangeName", "servicesSecondaryRangeName")
    return frozenset(policy[key] for policy in policies for key in keys if policy.get(key))


def _named(rows: list[JsonObject], *words: str) -> JsonObject | None:
    return next((row for row in rows if any(word in row["rangeName"] for word in words)), None)


def _prefix(block: str) -> int:
    parsed = parse_block(block)
    return parsed.prefixlen if parsed is not None else 32


def _path(subnet: JsonObject) -> str:
    return relative_path(subnet["selfLink"])

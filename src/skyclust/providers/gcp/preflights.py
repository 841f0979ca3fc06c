"""What a plan must know before anything is created: permissions, APIs, quotas, names, existing networks, real offers.

Called for every new cluster and network; reads only. What already carries a mark of ours is being resumed or changed,
so it counts neither as a taken name nor a second time against a quota.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from skyclust.contract.checks import error, warning
from skyclust.contract.resources import TAG_RESOURCE, Finding, JsonObject
from skyclust.contract.specs import ClusterSpec, NetworkSpec
from skyclust.contract.support import support_findings
from skyclust.providers.gcp import catalog
from skyclust.providers.gcp.addressing import room_of_nodes, room_of_pods
from skyclust.providers.gcp.blueprints import most_surge, placement, spread
from skyclust.providers.gcp.completing import subnetworks_of
from skyclust.providers.gcp.drivers.cluster_bodies import channel
from skyclust.providers.gcp.naming import last_segment, network_path, relative_path, subnetwork_path
from skyclust.providers.gcp.options import PODS_RANGE, options_of
from skyclust.providers.gcp.permissions import (
    NETWORK_PERMISSIONS,
    disabled_apis,
    missing_permissions,
    permissions_for,
)
from skyclust.providers.gcp.quotas import check_cluster_quotas, check_network_quotas, read_quotas
from skyclust.providers.gcp.reading import everywhere
from skyclust.providers.gcp.sessions import GcpSession, gather
from skyclust.providers.gcp.validation import pool_pointer

_CLUSTER_APIS = ("compute.googleapis.com", "container.googleapis.com", "iam.googleapis.com")
_NETWORK_APIS = ("compute.googleapis.com",)


async def preflight_cluster(gcp: GcpSession, spec: ClusterSpec, today: date) -> tuple[Finding, ...]:
    """Findings about a cluster; without the APIs nothing else can be asked."""
    access = await _access(gcp, permissions_for(spec), _CLUSTER_APIS)
    if access:
        return tuple(access)
    cluster = await _cluster(gcp, spec)
    if cluster is not None:
        return () if _ours(cluster) else (_taken("/name", "cluster", spec.name),)
    offers, quotas, where = await gather(
        _check_offers(gcp, spec), read_quotas(gcp, spec.region), _check_place(gcp, spec)
    )
    return (*offers, *where, *check_cluster_quotas(spec, *quotas), *_support(spec.version, today))


def _support(version: str, today: date) -> Iterator[Finding]:
    return support_findings(version, catalog.VERSIONS, today, cloud="GKE", afterwards=catalog.AFTER_SUPPORT)


async def preflight_upgrade(
    gcp: GcpSession, spec: ClusterSpec, path: Sequence[str], today: date
) -> tuple[Finding, ...]:
    """Versions on the way that the cluster's release channel does not offer there now, and how long the last is
    supported.
    """
    config = await _server_config(gcp, spec)
    found = (item for version in path for item in _check_version(replace(spec, version=version), config))
    return (*(replace(item, severity="warning") for item in found), *_support(path[-1], today))


async def _server_config(gcp: GcpSession, spec: ClusterSpec) -> JsonObject:
    """What GKE offers at the cluster's location."""
    location, _ = placement(spec)
    name = f"projects/{gcp.project}/locations/{location}"
    return await gcp.read(lambda apis: apis.container.projects().locations().getServerConfig(name=name))


async def preflight_network(gcp: GcpSession, spec: NetworkSpec) -> tuple[Finding, ...]:
    """Findings about a network of its own."""
    access = await _access(gcp, NETWORK_PERMISSIONS, _NETWORK_APIS)
    if access:
        return tuple(access)
    names, (_, project) = await gather(_check_network_name(gcp, spec, ""), read_quotas(gcp, spec.region))
    return (*names, *check_network_quotas(spec, project, at=""))


async def _access(gcp: GcpSession, permissions: tuple[str, ...], apis: tuple[str, ...]) -> list[Finding]:
    missing, disabled = await gather(missing_permissions(gcp, permissions), disabled_apis(gcp, apis))
    found = []
    if disabled:
        found.append(
            error("", f"These APIs are not enabled for project {gcp.project}: {', '.join(disabled)}.", "api_disabled")
        )
    if missing:
        found.append(
            error(
                "",
                f"{gcp.principal} lacks these permissions on project {gcp.project}: {', '.join(missing)}.",
                "permissions",
            )
        )
    return found


# ---- names ----
async def _cluster(gcp: GcpSession, spec: ClusterSpec) -> JsonObject | None:
    path = f"projects/{gcp.project}/locations/{placement(spec)[0]}/clusters/{spec.name}"
    return await gcp.read_or_none(lambda apis: apis.container.projects().locations().clusters().get(name=path))


async def _check_network_name(gcp: GcpSession, spec: NetworkSpec, at: str) -> list[Finding]:
    path = network_path(spec.existing_id or spec.name, gcp.project)
    network = await _network(gcp, path)
    if spec.existing_id is not None:
        return [] if network is not None else [_no_network(f"{at}/vpc_id", path)]
    if network is None or _ours(network):
        return []
    return [_taken(at or "/name", "VPC network", spec.name)]


async def _network(gcp: GcpSession, path: str) -> JsonObject | None:
    project, name = path.split("/")[1], last_segment(path)
    return await gcp.read_or_none(lambda apis: apis.compute.networks().get(project=project, network=name))


def _ours(document: JsonObject) -> bool:
    return TAG_RESOURCE in document.get("description", "") or "skyclust-resource" in document.get("resourceLabels", {})


def _taken(field: str, noun: str, name: str) -> Finding:
    return error(field, f"A {noun} named {name} exists in the project already. Choose another name.", "name_taken")


def _no_network(field: str, path: str) -> Finding:
    return error(field, f"There is no VPC network {last_segment(path)} in project {path.split('/')[1]}.", "not_found")


# ---- where it stands ----
async def _check_place(gcp: GcpSession, spec: ClusterSpec) -> list[Finding]:
    if spec.network is not None:
        return await _check_network_name(gcp, spec.network, "/network")
    path = network_path(spec.vpc_id or "", gcp.project)
    network = await _network(gcp, path)
    if network is None:
        return [_no_network("/network/vpc_id", path)]
    subnets, routers = await gather(subnetworks_of(gcp, path, spec.region), everywhere(gcp, "routers"))
    return [
        *_check_subnets(gcp, spec, path, subnets),
        *check_headroom(spec, subnets),
        *_check_nat(spec, path, routers),
    ]


def check_headroom(spec: ClusterSpec, subnets: list[JsonObject]) -> Iterator[Finding]:
    """Whether nodes and their Pods fit into the ranges of the chosen subnetwork, as many as it has.

    https://cloud.google.com/kubernetes-engine/docs/concepts/alias-ips: a node takes an address of the primary range and
    a /24 of the Pods' one. What others use of a range that is shared, Google does not tell.
    """
    chosen = next((subnet for subnet in subnets if relative_path(subnet["selfLink"]) in spec.subnet_ids), None)
    if chosen is None or not spec.node_pools:
        return
    secondary = {row["rangeName"]: row["ipCidrRange"] for row in chosen.get("secondaryIpRanges", [])}
    pods = secondary.get(spec.options.get(PODS_RANGE) or "")
    rooms = [(room_of_nodes(chosen["ipCidrRange"]), f"its range {chosen['ipCidrRange']}")]
    if pods is not None:
        rooms.append((room_of_pods(pods), f"its range {pods} for Pods, a /24 for each node,"))
    first = sum(pool.node_count for pool in spec.node_pools)
    most = sum(pool.most_nodes + most_surge(pool) for pool in spec.node_pools)
    for room, what in rooms:
        told = f"{chosen['name']} has room for {room} nodes at most: {what} holds no more"
        if room < first:
            message = f"{told}, and {first} are asked for. Use a larger subnetwork, or fewer nodes."
            yield error("/network/subnet_ids", message, "too_small")
        elif room < most:
            message = f"{told}, and there may be {most}, those of upgrades counted. A larger one is safer."
            yield warning("/network/subnet_ids", message, "few_addresses")


def _check_subnets(gcp: GcpSession, spec: ClusterSpec, network: str, subnets: list[JsonObject]) -> Iterator[Finding]:
    known = {relative_path(subnet["selfLink"]) for subnet in subnets}
    if not known:
        yield error(
            "/network/vpc_id",
            f"{last_segment(network)} has no subnetwork in {spec.region}. Make one there first.",
            "no_subnet",
        )
    for index, item in enumerate(spec.subnet_ids):
        if known and subnetwork_path(item, gcp.project, spec.region) not in known:
            names = ", ".join(sorted(last_segment(path) for path in known))
            yield error(
                f"/network/subnet_ids/{index}",
                f"{last_segment(item)} is no subnetwork of {last_segment(network)} in {spec.region}; it has {names}.",
                "not_found",
            )


def _check_nat(spec: ClusterSpec, network: str, routers: list[JsonObject]) -> Iterator[Finding]:
    has_nat = any(
        relative_path(router.get("network", "")) == network
        and last_segment(router.get("region", "")) == spec.region
        and router.get("nats")
        for router in routers
    )
    if options_of(spec).private_cluster and not has_nat:
        yield warning(
            "/network/vpc_id",
            f"Nodes are private and {last_segment(network)} has no Cloud NAT in {spec.region}: they cannot reach the "
            "internet. Existing networks are never changed, so add NAT yourself if they need to.",
            "no_nat",
        )


# ---- what is really offered there ----
async def _check_offers(gcp: GcpSession, spec: ClusterSpec) -> list[Finding]:
    _, zones = placement(spec)
    config, *offers = await gather(
        _server_config(gcp, spec),
        *(_zones_with(gcp, pool.machine_type) for pool in spec.node_pools),
    )
    found = list(_check_version(spec, config))
    for index, (pool, offered) in enumerate(zip(spec.node_pools, offers, strict=True)):
        lacking = [zone for zone in spread(pool, zones) if zone not in offered]
        if lacking:
            found.append(
                error(
                    f"{pool_pointer(index)}/machine_type",
                    f"{pool.machine_type} is not offered in {', '.join(lacking)}. Choose another type or other zones.",
                    "not_in_zone",
                )
            )
    return found


async def _zones_with(gcp: GcpSession, machine_type: str) -> frozenset[str]:
    def make(apis: Any, token: str | None) -> Any:
        return apis.compute.machineTypes().aggregatedList(
            project=gcp.project, filter=f'name = "{machine_type}"', pageToken=token
        )

    return frozenset(last_segment(item["zone"]) for item in await gcp.aggregated(make, "machineTypes"))


def _check_version(spec: ClusterSpec, config: JsonObject) -> Iterator[Finding]:
    wanted = channel({"release_channel": options_of(spec).release_channel})
    by_channel = {row["channel"]: row.get("validVersions", []) for row in config.get("channels", [])}
    offered = by_channel.get(wanted) or config.get("validMasterVersions", [])
    if any(
        version == spec.version or version.startswith((f"{spec.version}.", f"{spec.version}-")) for version in offered
    ):
        return
    minors = sorted(
        {".".join(map(str, number)) for version in offered if (number := catalog.minor(version))}, reverse=True
    )
    yield error(
        "/version",
        f"The release channel {options_of(spec).release_channel} does not offer Kubernetes {spec.version} in "
        f"{spec.region} now; it offers {', '.join(minors)}. Choose one of those, or another gcp.release_channel.",
        "version_not_offered",
    )

"""Taking over clusters and networks that exist: lists, descriptions, marks. Called through the provider.

Marks of clusters and pools are labels; that of a firewall rule is in its description, which can change. Networks and
subnetworks have no room for one once they exist (import_networks.py).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from skyclust.contract.errors import InvalidSpec, NameTaken, NotSupported, NotYet
from skyclust.contract.imports import Existing, Imported
from skyclust.contract.resources import JsonObject, Mark
from skyclust.contract.surveys import Ownership, owner_by_description, owner_by_tags
from skyclust.providers.gcp.apis import Apis
from skyclust.providers.gcp.drivers.clusters import ClusterDriver
from skyclust.providers.gcp.drivers.firewalls import FirewallDriver
from skyclust.providers.gcp.drivers.node_pools import NodePoolDriver, sizes_of
from skyclust.providers.gcp.import_clusters import Place, describe_cluster
from skyclust.providers.gcp.import_networks import Inside, covering, describe_network
from skyclust.providers.gcp.naming import last_segment, network_path, relative_path, segment_after
from skyclust.providers.gcp.reading import cluster_path, everywhere, globally, is_here
from skyclust.providers.gcp.sessions import GcpSession, gather
from skyclust.providers.gcp.surveys import pool_owner
from skyclust.providers.gcp.traces import path_of

_CLUSTER = re.compile(r"projects/[^/]+/locations/[^/]+/clusters/[a-z][-a-z0-9]*")
_NETWORK = re.compile(r"(?:projects/[^/]+/global/networks/)?[a-z][-a-z0-9]*")
_MARK = re.compile(r"skyclust:resource=\S+ skyclust:stack=\S+ ?")
#: The keys of `Mark.labels`.
_LABELS = frozenset({"skyclust-resource", "skyclust-stack"})


# ---- what there is ----
async def existing(gcp: GcpSession) -> tuple[Existing, ...]:
    """Three lists, whatever there is."""
    parent = f"projects/{gcp.project}/locations/-"
    answer, networks, subnetworks = await gather(
        gcp.read(lambda apis: apis.container.projects().locations().clusters().list(parent=parent)),
        globally(gcp, "networks"),
        gcp.items(partial(_in_region, "subnetworks", gcp)),
    )
    found = [_cluster_shown(gcp, row) for row in answer.get("clusters", []) if is_here(gcp, row) and _stays(row)]
    found += [_network_shown(gcp, row, subnetworks) for row in networks]
    return tuple(sorted(found, key=lambda item: (item.what, item.name)))


def _stays(cluster: JsonObject) -> bool:
    return cluster.get("status") != "STOPPING"


def _cluster_shown(gcp: GcpSession, row: JsonObject) -> Existing:
    owner = owner_by_tags(row.get("resourceLabels", {}))
    version = row.get("currentMasterVersion", "")
    return Existing("cluster", row["name"], cluster_path(gcp, row), gcp.region, version=version, owner=owner)


def _network_shown(gcp: GcpSession, row: JsonObject, subnetworks: list[JsonObject]) -> Existing:
    path = path_of(row)
    block = covering(subnet["ipCidrRange"] for subnet in subnetworks if relative_path(subnet["network"]) == path)
    owner = owner_by_description(row.get("description"))
    return Existing("network", row["name"], path, gcp.region, cidr_block=block, owner=owner)


# ---- in our words ----
async def import_cluster(gcp: GcpSession, external_id: str) -> Imported:
    """The cluster with its pools, and the sizes of their instance groups."""
    cluster = await _cluster(gcp, external_id) if _CLUSTER.fullmatch(external_id) else None
    if cluster is None:
        raise InvalidSpec(f"There is no cluster {external_id}. Choose one that the list shows.")
    if not is_here(gcp, cluster):
        raise InvalidSpec(f"The cluster {cluster['name']} is in {cluster['location']}, not in {gcp.region}.")
    groups, project = await gather(
        everywhere(gcp, "instanceGroupManagers"),
        gcp.read(lambda apis: apis.projects.projects().get(projectId=gcp.project)),
    )
    account = f"{project['projectNumber']}-compute@developer.gserviceaccount.com"
    place = Place(gcp.project, gcp.region, account)
    return describe_cluster(cluster_path(gcp, cluster), cluster, sizes_of(groups), place)


async def import_network(gcp: GcpSession, external_id: str) -> Imported:
    """The network, and what its project has inside it."""
    path = network_path(external_id, gcp.project)
    network = await _network(gcp, path) if _NETWORK.fullmatch(external_id) else None
    if network is None:
        raise InvalidSpec(f"There is no network {external_id}. Choose one that the list shows.")
    if network.get("IPv4Range"):
        raise InvalidSpec(f"{network['name']} is a legacy network without subnetworks: no spec of ours describes it.")
    lists = await gather(
        gcp.items(partial(_in_region, "subnetworks", gcp)),
        globally(gcp, "firewalls"),
        gcp.items(partial(_in_region, "routers", gcp)),
    )
    inside = (tuple(row for row in rows if relative_path(row.get("network", "")) == path) for rows in lists)
    return describe_network(path, network, Inside(*inside), gcp.region)


# ---- marks ----
async def mark(gcp: GcpSession, kind: str, external_id: str, ours: Mark) -> None:
    """Nothing is written where the mark is there already."""
    document, owner = await _marked(gcp, kind, external_id)
    if document is None:
        raise NotYet(f"{external_id} is not seen (any more), so it cannot be marked.", operation=f"mark {kind}")
    if owner is not None and owner.resource_id == ours.resource_id:
        return
    if owner is not None:
        raise NameTaken(
            f"{last_segment(external_id)} is managed by another stack of SkyClust ({owner.proof}). Release it there "
            "first.",
            operation=f"mark {kind}",
        )
    await _WRITES[kind](gcp, external_id, document, ours)


async def unmark(gcp: GcpSession, kind: str, external_id: str, ours: Mark) -> None:
    """Silent where the mark is another's, or gone with the resource."""
    document, owner = await _marked(gcp, kind, external_id)
    if document is not None and owner is not None and owner.resource_id == ours.resource_id:
        await _WRITES[kind](gcp, external_id, document, None)


async def _marked(gcp: GcpSession, kind: str, external_id: str) -> tuple[JsonObject | None, Ownership | None]:
    """A fresh read, and whose mark it carries."""
    if kind == ClusterDriver.kind:
        cluster = await _cluster(gcp, external_id)
        return cluster, owner_by_tags((cluster or {}).get("resourceLabels", {}))
    if kind == NodePoolDriver.kind:
        cluster = await _cluster(gcp, external_id.partition("/nodePools/")[0]) or {}
        named = (pool for pool in cluster.get("nodePools", []) if pool["name"] == last_segment(external_id))
        pool = next(named, None)
        return pool, None if pool is None else pool_owner(cluster, pool)
    if kind == FirewallDriver.kind:
        where = _firewall(external_id)
        wall = await gcp.read_or_none(lambda apis: apis.compute.firewalls().get(**where))
        return wall, owner_by_description((wall or {}).get("description"))
    raise NotSupported(
        f"Google keeps no room for a mark on an existing {kind.rpartition('.')[2].replace('_', ' ')}. It can be "
        "imported read-only.",
        operation=f"mark {kind}",
    )


async def _label_cluster(gcp: GcpSession, path: str, cluster: JsonObject, ours: Mark | None) -> None:
    body = {
        "resourceLabels": _labels(cluster.get("resourceLabels", {}), ours),
        "labelFingerprint": cluster.get("labelFingerprint", ""),
    }
    await gcp.write(lambda apis: _clusters(apis).setResourceLabels(name=path, body=body))


async def _label_pool(gcp: GcpSession, path: str, pool: JsonObject, ours: Mark | None) -> None:
    labels = _labels(pool.get("config", {}).get("resourceLabels", {}), ours)
    body = {"resourceLabels": {"labels": labels}}
    await gcp.write(lambda apis: _clusters(apis).nodePools().update(name=path, body=body))


async def _describe_firewall(gcp: GcpSession, path: str, wall: JsonObject, ours: Mark | None) -> None:
    text = _MARK.sub("", wall.get("description", "")).strip()
    body = {"description": f"{ours.description()} {text}".strip() if ours else text}
    where = _firewall(path)
    await gcp.write(lambda apis: apis.compute.firewalls().patch(**where, body=body))


_WRITES: Mapping[str, Callable[[GcpSession, str, JsonObject, Mark | None], Awaitable[None]]] = {
    ClusterDriver.kind: _label_cluster,
    NodePoolDriver.kind: _label_pool,
    FirewallDriver.kind: _describe_firewall,
}


def _labels(present: Mapping[str, str], ours: Mark | None) -> dict[str, str]:
    kept = {name: value for name, value in present.items() if name not in _LABELS}
    return kept | (ours.labels() if ours else {})


# ---- calls ----
def _clusters(apis: Apis) -> Any:
    return apis.container.projects().locations().clusters()


def _firewall(path: str) -> dict[str, str]:
    return {"project": segment_after(path, "projects"), "firewall": last_segment(path)}


def _in_region(collection: str, gcp: GcpSession, apis: Apis, token: str | None) -> Any:
    return getattr(apis.compute, collection)().list(project=gcp.project, region=gcp.region, pageToken=token)


async def _cluster(gcp: GcpSession, path: str) -> JsonObject | None:
    return await gcp.read_or_none(lambda apis: _clusters(apis).get(name=path))


async def _network(gcp: GcpSession, path: str) -> JsonObject | None:
    where = {"project": segment_after(path, "projects"), "network": last_segment(path)}
    return await gcp.read_or_none(lambda apis: apis.compute.networks().get(**where))

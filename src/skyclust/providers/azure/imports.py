"""Taking over clusters and networks that exist: lists, descriptions, marks. Called through the provider.

Marks are tags, of clusters and networks their own, of node pools among their properties. Subnets have no room for one
once they exist (import_networks.py).
"""

from __future__ import annotations

from skyclust.contract.errors import InvalidSpec, NameTaken, NotSupported, NotYet
from skyclust.contract.imports import Existing, Imported
from skyclust.contract.resources import TAG_NAME, TAG_RESOURCE, TAG_STACK, JsonObject, Mark
from skyclust.contract.surveys import owner_by_tags
from skyclust.providers.azure.drivers import node_pool_bodies as pools
from skyclust.providers.azure.drivers.arm import is_leaving, merged, unchanged
from skyclust.providers.azure.drivers.clusters import ClusterDriver
from skyclust.providers.azure.drivers.networks import NetworkDriver
from skyclust.providers.azure.drivers.node_pools import NodePoolDriver
from skyclust.providers.azure.drivers.security_groups import SecurityGroupDriver
from skyclust.providers.azure.import_clusters import describe_cluster
from skyclust.providers.azure.import_networks import describe_network
from skyclust.providers.azure.naming import group_of, is_kind, last_segment, same
from skyclust.providers.azure.sessions import AzureSession, gather

_MARKABLE = (ClusterDriver.kind, NetworkDriver.kind, SecurityGroupDriver.kind, NodePoolDriver.kind)
_KEYS = frozenset({TAG_RESOURCE, TAG_STACK, TAG_NAME})


# ---- what there is ----
async def existing(az: AzureSession) -> tuple[Existing, ...]:
    """Three lists, whatever there is. Networks that AKS made for its clusters are not for choosing."""
    clusters, networks, groups = await gather(
        az.items(az.within(ClusterDriver.type)), az.items(az.within(NetworkDriver.type)), az.items(az.groups)
    )
    managed = {row["name"].lower() for row in groups if row.get("managedBy")}
    found = [_cluster_shown(az, row) for row in clusters if _is_here(az, row)]
    found += [
        _network_shown(az, row) for row in networks if _is_here(az, row) and group_of(row["id"]).lower() not in managed
    ]
    return tuple(sorted(found, key=lambda item: (item.what, item.name)))


def _is_here(az: AzureSession, row: JsonObject) -> bool:
    return same(str(row.get("location", "")), az.region) and not is_leaving(row)


def _cluster_shown(az: AzureSession, row: JsonObject) -> Existing:
    version = row["properties"].get("currentKubernetesVersion", "")
    owner = owner_by_tags(row.get("tags") or {})
    return Existing("cluster", row["name"], row["id"], az.region, version=version, owner=owner)


def _network_shown(az: AzureSession, row: JsonObject) -> Existing:
    blocks = row["properties"].get("addressSpace", {}).get("addressPrefixes", [])
    owner = owner_by_tags(row.get("tags") or {})
    return Existing("network", row["name"], row["id"], az.region, cidr_block=blocks[0] if blocks else "", owner=owner)


# ---- in our words ----
async def import_cluster(az: AzureSession, external_id: str) -> Imported:
    """The cluster with its pools, and the network in which they are."""
    cluster = await _here(az, external_id, ClusterDriver.type, "cluster")
    profiles = cluster["properties"].get("agentPoolProfiles") or []
    subnet = next((str(row["vnetSubnetID"]) for row in profiles if row.get("vnetSubnetID")), "")
    network = await az.get_or_none(subnet.rpartition("/subnets/")[0]) if subnet else None
    return describe_cluster(cluster, network, az.region)


async def import_network(az: AzureSession, external_id: str) -> Imported:
    """The network with its subnets."""
    return describe_network(await _here(az, external_id, NetworkDriver.type, "virtual network"), az.region)


async def _here(az: AzureSession, external_id: str, kind: str, noun: str) -> JsonObject:
    document = await az.get_or_none(external_id) if is_kind(external_id, kind) else None
    if document is None:
        raise InvalidSpec(f"There is no {noun} {external_id}. Choose one that the list shows.")
    if not same(str(document.get("location", "")), az.region):
        raise InvalidSpec(f"The {noun} {document['name']} is in {document.get('location')}, not in {az.region}.")
    return document


# ---- marks ----
async def mark(az: AzureSession, kind: str, external_id: str, ours: Mark) -> None:
    """Nothing is written where the mark is there already."""
    document = await _markable(az, kind, external_id)
    if document is None:
        raise NotYet(f"{external_id} is not seen (any more), so it cannot be marked.", operation=f"mark {kind}")
    owner = owner_by_tags(_tags(kind, document))
    if owner is not None and owner.resource_id == ours.resource_id:
        return
    if owner is not None:
        raise NameTaken(
            f"{last_segment(external_id)} is managed by another stack of SkyClust ({owner.proof}). Release it there "
            "first.",
            operation=f"mark {kind}",
        )
    await _write(az, kind, external_id, document, ours)


async def unmark(az: AzureSession, kind: str, external_id: str, ours: Mark) -> None:
    """Silent where the mark is another's, or gone with the resource."""
    document = await _markable(az, kind, external_id)
    owner = None if document is None else owner_by_tags(_tags(kind, document))
    if document is not None and owner is not None and owner.resource_id == ours.resource_id:
        await _write(az, kind, external_id, document, None)


async def _markable(az: AzureSession, kind: str, external_id: str) -> JsonObject | None:
    if kind not in _MARKABLE:
        raise NotSupported(
            f"Azure keeps no room for a mark on an existing {kind.rpartition('.')[2].replace('_', ' ')}. It can be "
            "imported read-only.",
            operation=f"mark {kind}",
        )
    return await az.get_or_none(external_id)


def _tags(kind: str, document: JsonObject) -> JsonObject:
    return pools.tags_of(document) if kind == NodePoolDriver.kind else document.get("tags") or {}


async def _write(az: AzureSession, kind: str, external_id: str, document: JsonObject, ours: Mark | None) -> None:
    """All tags with the change, on the condition that nobody has changed the resource since it was read."""
    kept = {name: value for name, value in _tags(kind, document).items() if name not in _KEYS}
    tags = kept | (ours.tags() if ours is not None else {})
    if kind == NodePoolDriver.kind:
        await az.put(external_id, merged(pools.tagged_body(document, tags), {}), unchanged(document))
    else:
        await az.patch(external_id, {"tags": tags}, unchanged(document))

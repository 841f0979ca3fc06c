"""What the session's region, and the project outside of regions, hold of ours. Called through the provider; reads only.

A dozen calls, whatever there is: one list per kind, one of the operations that run, one of the instance groups. What
drivers observe is made by their own functions, from what the lists show.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from skyclust.contract.errors import AuthenticationFailed, ProviderError, Throttled
from skyclust.contract.provider import Driver
from skyclust.contract.resources import JsonObject, Observed, Phase
from skyclust.contract.surveys import Known, Ownership, Sighting, Survey, owner_by_description, owner_by_tags
from skyclust.providers.gcp.apis import Apis
from skyclust.providers.gcp.drivers import node_pool_bodies as pools
from skyclust.providers.gcp.drivers import peerings
from skyclust.providers.gcp.drivers.cluster_bodies import observed_cluster
from skyclust.providers.gcp.drivers.clusters import ClusterDriver
from skyclust.providers.gcp.drivers.compute import ComputeDriver
from skyclust.providers.gcp.drivers.node_pools import NodePoolDriver, sizes_of
from skyclust.providers.gcp.drivers.operations import running_operations
from skyclust.providers.gcp.drivers.service_accounts import ServiceAccountDriver, observed_account, project_policy
from skyclust.providers.gcp.naming import last_segment, segment_after
from skyclust.providers.gcp.reading import cluster_path, everywhere, globally, is_here
from skyclust.providers.gcp.sessions import GcpSession, gather
from skyclust.providers.gcp.traces import path_of

CLUSTER, POOL, ACCOUNT = ClusterDriver.kind, NodePoolDriver.kind, ServiceAccountDriver.kind
PEERING = peerings.KIND
Running = Mapping[str, Sequence[JsonObject]]


@dataclass
class _Part:
    """What one list told."""

    sightings: list[Sighting] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)


async def survey(gcp: GcpSession, drivers: Mapping[str, Driver], known: Mapping[str, Sequence[Known]]) -> Survey:
    """See `contract.surveys.Surveying`."""
    running = await _running(gcp)
    lists = [
        _told((kind,), _compute(gcp, driver, known.get(kind, ()), running))
        for kind, driver in drivers.items()
        if isinstance(driver, ComputeDriver)
    ]
    lists.append(_told((PEERING,), _peerings(gcp, known.get(PEERING, ()), running)))
    gke = _told((CLUSTER, POOL), _gke(gcp, known.get(CLUSTER, ()), known.get(POOL, ())))
    parts: list[_Part] = await gather(*lists, gke, _told((ACCOUNT,), _accounts(gcp, known.get(ACCOUNT, ()))))
    unread = {kind: why for part in parts for kind, why in part.unread.items()}
    return Survey(tuple(item for part in parts for item in part.sightings), unread)


async def _told(kinds: tuple[str, ...], looking: Coroutine[Any, Any, _Part]) -> _Part:
    """A refusal is told of the kinds it concerns; what concerns every call of the credential is raised."""
    try:
        return await looking
    except (AuthenticationFailed, Throttled):
        raise
    except ProviderError as refusal:
        return _Part(unread=dict.fromkeys(kinds, refusal.message))


# ---- Compute ----
async def _running(gcp: GcpSession) -> Running | None:
    """Asked before the lists: what an operation changes in between then counts as settling, never as drift.

    None when it cannot be read. Sightings then carry marks, but not what drivers observe.
    """
    try:
        return await running_operations(gcp)
    except (AuthenticationFailed, Throttled):
        raise
    except ProviderError:
        return None


async def _compute(gcp: GcpSession, driver: ComputeDriver, known: Sequence[Known], running: Running | None) -> _Part:
    ids = {driver.path(gcp, item.external_id, item.spec): item.external_id for item in known}
    own = (gcp.project, gcp.region if driver.regional else "")
    scopes = {own, *((segment_after(path, "projects"), segment_after(path, "regions")) for path in ids)}
    lists = await gather(*(gcp.items(partial(_listed, driver.collection, *scope)) for scope in sorted(scopes)))
    sighted = (_resource(driver, row, ids, running) for rows in lists for row in rows)
    return _Part([item for item in sighted if item is not None])


async def _peerings(gcp: GcpSession, known: Sequence[Known], running: Running | None) -> _Part:
    """Entries in the documents of the networks."""
    return _Part(list(peerings.sightings(gcp, await globally(gcp, "networks"), running, known)))


def _resource(
    driver: ComputeDriver, document: JsonObject, ids: Mapping[str, str], running: Running | None
) -> Sighting | None:
    path, owner = path_of(document), owner_by_description(document.get("description"))
    if owner is None and path not in ids:
        return None
    observed = None if running is None else driver.shown(path, document, running.get(path, ()))
    if observed is not None and observed.phase is Phase.DELETING:
        return None
    born = _time(document.get("creationTimestamp"))
    return Sighting(driver.kind, ids.get(path, path), document["name"], owner, observed, born)


def _listed(collection: str, project: str, region: str, apis: Apis, token: str | None) -> Any:
    where = {"project": project, **({"region": region} if region else {})}
    return getattr(apis.compute, collection)().list(**where, pageToken=token)


# ---- GKE ----
async def _gke(gcp: GcpSession, clusters: Sequence[Known], node_pools: Sequence[Known]) -> _Part:
    parent = f"projects/{gcp.project}/locations/-"
    answer = await gcp.read(lambda apis: apis.container.projects().locations().clusters().list(parent=parent))
    part = _Part()
    if answer.get("missingZones"):
        why = f"Google did not answer for {', '.join(answer['missingZones'])}."
        part.unread = {CLUSTER: why, POOL: why}
    ids = {item.external_id for item in clusters}
    by_id = {item.external_id: item for item in node_pools}
    living = [row for row in answer.get("clusters", []) if row.get("status") != "STOPPING"]
    candidates = [
        (row, pool) for row in living for pool in row.get("nodePools", []) if _concerns(gcp, row, pool, by_id)
    ]
    sizes = await _sizes(gcp, [pool for _, pool in candidates])
    for row in living:
        path, owner = cluster_path(gcp, row), owner_by_tags(row.get("resourceLabels", {}))
        if path in ids or (owner is not None and is_here(gcp, row)):
            observed = observed_cluster(path, row)
            part.sightings.append(Sighting(CLUSTER, path, row["name"], owner, observed, _time(row.get("createTime"))))
    for row, pool in candidates:
        path = pool_path(gcp, row, pool)
        observed_pool = _pool(path, row, pool, by_id.get(path), sizes)
        part.sightings.append(Sighting(POOL, path, pool["name"], pool_owner(row, pool), observed_pool))
    return part


def pool_path(gcp: GcpSession, cluster: JsonObject, pool: JsonObject) -> str:
    """As the pools' driver names it."""
    return f"{cluster_path(gcp, cluster)}/nodePools/{pool['name']}"


def pool_owner(cluster: JsonObject, pool: JsonObject) -> Ownership | None:
    """The mark of a pool. GKE hands labels of a cluster down: what it shares with its cluster is not the pool's own."""
    own = owner_by_tags(pool.get("config", {}).get("resourceLabels", {}))
    handed_down = owner_by_tags(cluster.get("resourceLabels", {}))
    inherited = own is not None and handed_down is not None and own.resource_id == handed_down.resource_id
    return None if inherited else own


def _concerns(gcp: GcpSession, cluster: JsonObject, pool: JsonObject, known: Mapping[str, Known]) -> bool:
    if pool.get("status") == "STOPPING":
        return False
    if pool_path(gcp, cluster, pool) in known:
        return True
    return pool_owner(cluster, pool) is not None and is_here(gcp, cluster)


def _pool(
    path: str, cluster: JsonObject, pool: JsonObject, known: Known | None, sizes: Mapping[str, int] | None
) -> Observed | None:
    """What the driver would observe; None where the lists do not tell the size, or the wanted version decides."""
    groups = pools.group_paths(pool)
    if groups and (sizes is None or not sizes.keys() & set(groups)):
        return None
    seen = pools.observed_pool(path, pool, pools.node_count(pool, sizes or {}))
    if known is not None:
        return pools.until_control_plane_is_upgraded(seen, cluster, known.spec["version"])
    return None if cluster.get("status") == "RECONCILING" else seen


async def _sizes(gcp: GcpSession, node_pools: Sequence[JsonObject]) -> Mapping[str, int] | None:
    """Sizes of all instance groups by one list, if any is needed; None when it is refused."""
    if not any(pools.group_paths(pool) for pool in node_pools):
        return {}
    try:
        return sizes_of(await everywhere(gcp, "instanceGroupManagers"))
    except (AuthenticationFailed, Throttled):
        raise
    except ProviderError:
        return None


# ---- IAM ----
async def _accounts(gcp: GcpSession, known: Sequence[Known]) -> _Part:
    parent = f"projects/{gcp.project}"
    accounts = await gcp.items(partial(_accounts_listed, parent), "accounts")
    by_id = {item.external_id: item for item in known}
    policy = await project_policy(gcp) if by_id else {}
    part = _Part()
    for account in accounts:
        path, owner = account["name"], owner_by_description(account.get("description"))
        if owner is not None or path in by_id:
            # Which roles count is said by the spec alone.
            observed = observed_account(path, policy, by_id[path].spec) if path in by_id else None
            part.sightings.append(Sighting(ACCOUNT, path, last_segment(path), owner, observed))
    return part


def _accounts_listed(parent: str, apis: Apis, token: str | None) -> Any:
    return apis.iam.projects().serviceAccounts().list(name=parent, pageSize=100, pageToken=token)


def _time(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None

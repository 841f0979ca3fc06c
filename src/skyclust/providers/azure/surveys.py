"""What the session's region holds of ours. Called through the provider; reads only.

Half a dozen lists, whatever there is: one per kind of resource (subnets come with their networks, node pools with their
clusters), and one call for the kubeconfig of each cluster, without which nobody knows its certificate authority. What
drivers observe is made by their own functions, from what the lists show.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from skyclust.contract.errors import AuthenticationFailed, ProviderError, Throttled
from skyclust.contract.provider import Driver
from skyclust.contract.resources import JsonObject, Observed, Phase
from skyclust.contract.surveys import Known, Ownership, Sighting, Survey, owner_by_tags
from skyclust.providers.azure.drivers import clusters, node_pool_bodies, node_pools, peerings
from skyclust.providers.azure.drivers.arm import ArmDriver, is_leaving, phase_of
from skyclust.providers.azure.drivers.cluster_bodies import behind
from skyclust.providers.azure.drivers.clusters import ClusterDriver
from skyclust.providers.azure.drivers.networks import NetworkDriver
from skyclust.providers.azure.drivers.node_pools import NodePoolDriver
from skyclust.providers.azure.drivers.resource_groups import ResourceGroupDriver
from skyclust.providers.azure.drivers.subnets import SubnetDriver
from skyclust.providers.azure.naming import (
    group_of,
    is_node_group,
    last_segment,
    parent_of,
    same,
    subnet_owner,
    subscription_of,
)
from skyclust.providers.azure.sessions import AzureSession, gather

GROUP, NETWORK, SUBNET = ResourceGroupDriver.kind, NetworkDriver.kind, SubnetDriver.kind
CLUSTER, POOL = ClusterDriver.kind, NodePoolDriver.kind
PEERING = peerings.KIND


@dataclass
class _Part:
    """What one list told."""

    sightings: list[Sighting] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)


class _Ids:
    """What rows know, by id without regard to case."""

    def __init__(self, known: Sequence[Known]) -> None:
        self._by_id = {item.external_id.lower(): item for item in known}

    @property
    def paths(self) -> list[str]:
        """As the rows spell them."""
        return [item.external_id for item in self._by_id.values()]

    def get(self, identifier: str) -> Known | None:
        return self._by_id.get(identifier.lower())

    def own(self, identifier: str) -> str:
        """The id as the row spells it."""
        item = self.get(identifier)
        return item.external_id if item is not None else identifier


async def survey(az: AzureSession, drivers: Mapping[str, Driver], known: Mapping[str, Sequence[Known]]) -> Survey:
    """See `contract.surveys.Surveying`."""
    ids = {kind: _Ids(known.get(kind, ())) for kind in drivers}
    groups: list[JsonObject] = []
    first = await _told((GROUP,), _groups(az, drivers[GROUP], ids[GROUP], groups))
    managed = frozenset(row["name"].lower() for row in groups if row.get("managedBy"))
    handed_down = None if first.unread else managed
    lists = [
        _told((kind,), _tagged(az, driver, ids[kind], handed_down))
        for kind, driver in drivers.items()
        if isinstance(driver, ArmDriver) and kind not in (GROUP, SUBNET, NETWORK, CLUSTER)
    ]
    others: list[_Part] = await gather(
        *lists,
        _told((NETWORK, SUBNET, PEERING), _networks(az, drivers, ids)),
        _told((CLUSTER, POOL), _clusters(az, ids[CLUSTER], ids[POOL])),
    )
    parts = [first, *others]
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


# ---- what takes tags ----
async def _groups(az: AzureSession, driver: Driver, ids: _Ids, found: list[JsonObject]) -> _Part:
    """Leaves all groups in `found`: AKS hands the tags of a cluster down to its node resource group and what is inside,
    where they are not its own. Without the list, the names that we give such groups tell.
    """
    assert isinstance(driver, ArmDriver)
    found.extend(await az.items(az.groups))
    return _Part(list(_sighted(az, driver, (row for row in found if not row.get("managedBy")), ids)))


async def _tagged(az: AzureSession, driver: ArmDriver, ids: _Ids, handed_down: frozenset[str] | None) -> _Part:
    rows = await az.items(az.within(driver.type))
    own = (row for row in rows if not _handed_down(group_of(row["id"]), handed_down))
    return _Part(list(_sighted(az, driver, own, ids)))


def _handed_down(group: str, known: frozenset[str] | None) -> bool:
    return is_node_group(group) if known is None else group.lower() in known


def _sighted(az: AzureSession, driver: ArmDriver, rows: Iterable[JsonObject], ids: _Ids) -> Iterator[Sighting]:
    for row in rows:
        owner = owner_by_tags(row.get("tags") or {})
        ours = owner is not None and same(str(row.get("location", "")), az.region)
        if is_leaving(row) or not (ours or ids.get(row["id"])):
            continue
        identifier = ids.own(row["id"])
        yield Sighting(driver.kind, identifier, row["name"], owner, driver.shown(identifier, row), _born(row))


async def _networks(az: AzureSession, drivers: Mapping[str, Driver], ids: Mapping[str, _Ids]) -> _Part:
    networks, subnets = drivers[NETWORK], drivers[SUBNET]
    assert isinstance(networks, NetworkDriver)
    assert isinstance(subnets, SubnetDriver)
    elsewhere = {path for path in (*ids[NETWORK].paths, *map(parent_of, ids[SUBNET].paths)) if _is_elsewhere(az, path)}
    rows, others = await gather(
        az.items(az.within(networks.type)), gather(*(az.get_or_none(path) for path in sorted(elsewhere)))
    )
    rows = [*rows, *(row for row in others if row is not None)]
    part = _Part(list(_sighted(az, networks, rows, ids[NETWORK])))
    for row in rows:
        here = same(str(row.get("location", "")), az.region)
        for subnet in row.get("properties", {}).get("subnets", []):
            owner, known = _subnet_owner(subnet), ids[SUBNET].get(subnet["id"])
            if not is_leaving(subnet) and ((owner is not None and here) or known is not None):
                identifier = ids[SUBNET].own(subnet["id"])
                seen = subnets.shown(identifier, subnet)
                part.sightings.append(Sighting(SUBNET, identifier, subnet["name"], owner, seen))
    part.sightings.extend(_peerings(az, rows, ids[PEERING]))
    return part


def _peerings(az: AzureSession, networks: Sequence[JsonObject], ids: _Ids) -> Iterator[Sighting]:
    """Each once, as the network has it that asked for it; known ones also when only the other's is left."""
    own = [(row, item) for row in networks for item in row.get("properties", {}).get("virtualNetworkPeerings") or []]
    documents = {str(item["id"]).lower(): item for _, item in own}
    here = [
        str(item["id"]) for row, item in own
        if same(str(row.get("location", "")), az.region) and not item["name"].endswith(peerings.PEER)
        and peerings.owner_of(item["name"]) is not None
    ]  # fmt: skip
    for identifier in {ids.own(path).lower(): ids.own(path) for path in (*here, *ids.paths)}.values():
        known = ids.get(identifier)
        spec = known.spec if known is not None else {}
        mine = peerings.side_in(documents, identifier)
        theirs = peerings.side_in(documents, peerings.peer_path(mine.document, identifier, spec))
        seen = peerings.shown(identifier, mine, theirs)
        if seen is not None and seen.phase is not Phase.DELETING:
            name = last_segment(identifier)
            yield Sighting(PEERING, identifier, name, peerings.owner_of(name), seen)


def _is_elsewhere(az: AzureSession, path: str) -> bool:
    """A network shared by another subscription, which the list of this one does not show."""
    return not same(subscription_of(path), az.subscription)


def _subnet_owner(subnet: JsonObject) -> Ownership | None:
    resource = subnet_owner(subnet["name"])
    return None if resource is None else Ownership(resource, None, f"name {subnet['name']}")


# ---- AKS ----
async def _clusters(az: AzureSession, ids: _Ids, pool_ids: _Ids) -> _Part:
    rows = await az.items(az.within(ClusterDriver.type))
    ours = [(row, owner) for row in rows if (owner := _owner(az, row)) is not None or ids.get(row["id"])]
    living = [(row, owner) for row, owner in ours if not is_leaving(row)]
    seen: list[Observed] = await gather(*(clusters.observed(az, ids.own(row["id"]), row) for row, _ in living))
    part = _Part()
    for (row, owner), observed in zip(living, seen, strict=True):
        part.sightings.append(Sighting(CLUSTER, ids.own(row["id"]), row["name"], owner, observed, _born(row)))
    for row in rows:
        if not is_leaving(row):
            part.sightings.extend(await _pools(az, row, pool_ids))
    return part


def _owner(az: AzureSession, row: JsonObject) -> Ownership | None:
    return owner_by_tags(row.get("tags") or {}) if same(str(row.get("location", "")), az.region) else None


async def _pools(az: AzureSession, cluster: JsonObject, ids: _Ids) -> list[Sighting]:
    sighted: list[Sighting] = []
    pools = [node_pool_bodies.as_pool(profile) for profile in cluster["properties"].get("agentPoolProfiles") or []]
    for pool in pools:
        path = f"{cluster['id']}/agentPools/{pool['name']}"
        known, owner = ids.get(path), owner_by_tags(node_pool_bodies.tags_of(pool))
        ours = owner is not None and same(str(cluster.get("location", "")), az.region)
        if node_pool_bodies.is_spare(pool) or is_leaving(pool) or not (ours or known):
            continue
        identifier = ids.own(path)
        observed: Observed | None = await node_pools.observed(az, identifier, pool, pools)
        if known is not None and observed is not None:
            if observed.phase is Phase.READY and behind(node_pool_bodies.version_of(pool), known.spec["version"]):
                observed = node_pools.until_upgraded(observed, cluster, known.spec["version"])
        elif phase_of(cluster) is Phase.SETTLING:
            observed = None  # which version is wanted decides whether it settles
        sighted.append(Sighting(POOL, identifier, pool["name"], owner, observed))
    return sighted


def _born(row: JsonObject) -> datetime | None:
    try:
        return datetime.fromisoformat(str((row.get("systemData") or {}).get("createdAt")))
    except ValueError:
        return None

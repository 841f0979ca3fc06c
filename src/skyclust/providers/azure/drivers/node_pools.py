"""AKS node pools, which Azure calls agent pools. Called by the engine for the kind azure.containerservice.node_pool.

A pool is owned through its tags, which are part of the create call. AKS keeps at least one system pool until the
cluster goes: the last one is not deleted but becomes the cluster's spare pool (cluster_bodies.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from skyclust.contract.errors import InvalidSpec, NameTaken
from skyclust.contract.provider import Session
from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase
from skyclust.providers.azure.classifying import Busy, Changed, NotFound
from skyclust.providers.azure.drivers import node_pool_bodies as bodies
from skyclust.providers.azure.drivers.arm import NEW_ONLY, merged, phase_of, unchanged
from skyclust.providers.azure.drivers.cluster_bodies import behind, next_version
from skyclust.providers.azure.drivers.failures import failure_of, raise_failure
from skyclust.providers.azure.naming import last_segment, parent_of, resource_id, same
from skyclust.providers.azure.sessions import AzureSession, azure_session, operation_of

_SCALE_SETS = "Microsoft.Compute/virtualMachineScaleSets"
#: AKS's own tag on the scale set of a pool.
_POOL_TAG = "aks-managed-poolName"


class NodePoolDriver:
    """Implements `contract.provider.Driver`."""

    kind = "azure.containerservice.node_pool"
    type = "Microsoft.ContainerService/managedClusters/agentPools"
    #: AKS reads its own writes; this is room for its caches.
    consistency_window_seconds = 60.0
    creates = True

    def expected_seconds(self, action: str, spec: JsonObject) -> float:
        """Medians of public logs."""
        del spec
        return {"create": 210.0, "update": 90.0, "delete": 150.0}[action]

    async def find(self, session: Session, mark: Mark, spec: JsonObject) -> Observed | None:
        """By name and tags."""
        az = azure_session(session)
        path = _path(spec)
        pools = await pools_of(az, spec["cluster"])
        pool = _named(pools, path)
        if pool is None or bodies.is_spare_of(pool, mark):
            return None
        if not mark.owns_tags(bodies.tags_of(pool)):
            raise _taken(path)
        return await observed(az, path, pool, pools)

    async def observe(self, session: Session, external_id: str, spec: JsonObject) -> Observed | None:
        """One list of the cluster's pools; one read of the cluster for a pool that is older than asked."""
        az = azure_session(session)
        pools = await pools_of(az, parent_of(external_id))
        pool = _named(pools, external_id)
        if pool is None or (bodies.is_spare(pool) and phase_of(pool) is not Phase.SETTLING):
            return None
        seen = await observed(az, external_id, pool, pools)
        if bodies.is_spare(pool):
            return replace(seen, phase=Phase.DELETING, message="becomes the cluster's spare pool")
        if seen.phase is Phase.READY and behind(bodies.version_of(pool), spec["version"]):
            return until_upgraded(seen, await _cluster(az, external_id), spec["version"])
        return seen

    async def create(self, session: Session, mark: Mark, spec: JsonObject) -> Observed:
        """One call, unless it is there already."""
        az = azure_session(session)
        found = await self.find(az, mark, spec)
        if found is not None:
            return found
        path = _path(spec)
        try:
            await az.put(path, bodies.pool_body(spec, mark), NEW_ONLY)
        except Changed as error:
            found = await self.find(az, mark, spec)
            if found is None:
                raise _held_by_spare(path) from error
            return found
        return Observed(path, Phase.SETTLING, {"id": path, "name": spec["name"]}, message="being created")

    def diff(self, spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
        """Size, labels, taints, mode and version change in place; machines and disks do not."""
        is_behind = behind(observed.fields.get("version", ""), spec["version"])
        return bodies.pool_changes(spec, observed, is_behind=is_behind)

    async def update(
        self, session: Session, external_id: str, spec: JsonObject, changes: tuple[Change, ...], mark: Mark
    ) -> None:
        """One call: everything but the version together, then the version, then the spare pool goes."""
        del mark
        if not changes:
            return
        az = azure_session(session)
        pool = await az.get(external_id)
        raise_failure(az, external_id, pool)
        field = changes[0].field
        if field == "spare":
            await _remove_spares(az, external_id)
            return
        if field == "version":
            _check_control_plane(await _cluster(az, external_id), spec)
            body = bodies.upgraded_body(pool, next_version(bodies.version_of(pool), spec["version"]))
        else:
            body = bodies.changed_body(pool, spec)
        await az.put(external_id, merged(body, {}), unchanged(pool))

    async def delete(self, session: Session, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """After a fresh look at the tags."""
        del spec
        az = azure_session(session)
        pools = await pools_of(az, parent_of(external_id))
        pool = _named(pools, external_id)
        if pool is None or bodies.is_spare(pool) or phase_of(pool) is Phase.DELETING:
            return
        if not mark.owns_tags(bodies.tags_of(pool)):
            raise _taken(external_id)
        if bodies.is_system(pool) and not _other_system_pools(pools, pool):
            await az.put(external_id, merged(bodies.tagged_body(pool, bodies.spare_tags(mark)), {}), unchanged(pool))
        else:
            await az.delete(external_id)


async def pools_of(az: AzureSession, cluster: str) -> list[JsonObject]:
    """Every pool of a cluster; none when the cluster is gone."""
    try:
        return await az.items(f"{cluster}/agentPools")
    except NotFound:
        return []


async def observed(az: AzureSession, external_id: str, pool: JsonObject, pools: Sequence[JsonObject]) -> Observed:
    """A pool among its siblings; surveys call this, too. Machines are counted only when AKS says that it failed."""
    failure = failure_of(pool)
    lives = not failure or await _has_machines(az, external_id)
    spare = bodies.spare_beside(pool, pools)
    return bodies.observed_pool(external_id, pool, spare=spare, lives=lives, message=failure)


async def _has_machines(az: AzureSession, external_id: str) -> bool:
    cluster = await az.get_or_none(parent_of(external_id)) or {}
    group = cluster.get("properties", {}).get("nodeResourceGroup", "")
    try:
        sets = await az.items(resource_id(az.subscription, group, _SCALE_SETS, "").rstrip("/"))
    except NotFound:
        return False
    own = [row for row in sets if same(str((row.get("tags") or {}).get(_POOL_TAG, "")), last_segment(external_id))]
    return any(int((row.get("sku") or {}).get("capacity") or 0) for row in own)


def until_upgraded(seen: Observed, cluster: JsonObject, version: str) -> Observed:
    """A pool that is older than asked settles for as long as its control plane is being upgraded."""
    running = cluster.get("properties", {}).get("currentKubernetesVersion", "")
    upgrading = phase_of(cluster) is Phase.SETTLING and behind(running, version)
    return bodies.until_control_plane_is_upgraded(seen) if upgrading else seen


def _named(pools: Sequence[JsonObject], path: str) -> JsonObject | None:
    return next((pool for pool in pools if same(pool["name"], last_segment(path))), None)


def _other_system_pools(pools: Sequence[JsonObject], pool: JsonObject) -> list[JsonObject]:
    return [
        other
        for other in pools
        if bodies.is_system(other) and other["name"] != pool["name"] and phase_of(other) is not Phase.DELETING
    ]


async def _remove_spares(az: AzureSession, external_id: str) -> None:
    cluster = parent_of(external_id)
    for pool in await pools_of(az, cluster):
        if bodies.is_spare(pool) and phase_of(pool) is not Phase.DELETING:
            await az.delete(f"{cluster}/agentPools/{pool['name']}")
            return


async def _cluster(az: AzureSession, external_id: str) -> JsonObject:
    return await az.get(parent_of(external_id))


def _check_control_plane(cluster: JsonObject, spec: JsonObject) -> None:
    """Nodes may not be newer than their control plane; its own row changes that."""
    if behind(cluster.get("properties", {}).get("currentKubernetesVersion", ""), spec["version"]):
        raise Busy(
            f"The node pool waits until the control plane runs Kubernetes {spec['version']}.",
            operation="Microsoft.ContainerService/managedClusters/agentPools/write",
        )


def _path(spec: JsonObject) -> str:
    return f"{spec['cluster']}/agentPools/{spec['name']}"


def _held_by_spare(path: str) -> InvalidSpec:
    return InvalidSpec(
        f"The cluster's last system pool is called {last_segment(path)}, and AKS keeps one until the cluster goes. Add "
        "a pool of another name first, then this one again.",
        operation=operation_of("PUT", path),
    )


def _taken(path: str) -> NameTaken:
    return NameTaken(
        f"A node pool named {last_segment(path)} exists in the cluster and was not made by this stack. Choose another "
        "name, or remove it.",
        operation=operation_of("GET", path),
    )

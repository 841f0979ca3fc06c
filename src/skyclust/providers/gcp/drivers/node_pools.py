"""GKE node pools. Called by the engine for the kind gcp.container.node_pool.

A pool is owned through the labels of its nodes' configuration, which are part of the create call. GKE changes one thing
of a pool at a time, side by side with other pools; a busy cluster or pool refuses, which is tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from skyclust.contract.errors import Ambiguous, NameTaken
from skyclust.contract.pools import UPGRADE
from skyclust.contract.provider import Session
from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase
from skyclust.providers.gcp.apis import Apis
from skyclust.providers.gcp.classifying import AlreadyExists, Busy, NotFound
from skyclust.providers.gcp.drivers import node_pool_bodies as bodies
from skyclust.providers.gcp.drivers.cluster_bodies import behind
from skyclust.providers.gcp.drivers.gke_operations import raise_last_failure
from skyclust.providers.gcp.naming import last_segment, relative_path, segment_after
from skyclust.providers.gcp.sessions import GcpSession, gather, gcp_session

_POOLS = "container.projects.locations.clusters.nodePools"


class NodePoolDriver:
    """Implements `contract.provider.Driver`."""

    kind = "gcp.container.node_pool"
    #: GKE reads its own writes; this is room for its caches.
    consistency_window_seconds = 60.0
    creates = True

    def expected_seconds(self, action: str, spec: JsonObject) -> float:
        """Medians of public logs."""
        del spec
        return {"create": 94.0, "update": 60.0, "delete": 94.0}[action]

    async def find(self, session: Session, mark: Mark, spec: JsonObject) -> Observed | None:
        """By name and label."""
        gcp = gcp_session(session)
        path = _path(spec)
        pool = await _get(gcp, path)
        if pool is None:
            return None
        if not _owns(mark, pool):
            raise _taken(path)
        return await _observed(gcp, path, pool)

    async def observe(self, session: Session, external_id: str, spec: JsonObject) -> Observed | None:
        """The pool, and the sizes of its instance groups where no autoscaler owns them."""
        gcp = gcp_session(session)
        pool = await _get(gcp, external_id)
        if pool is None:
            return None
        seen = await _observed(gcp, external_id, pool)
        if seen.phase is Phase.READY and behind(pool.get("version", ""), spec["version"]):
            return bodies.until_control_plane_is_upgraded(seen, await _cluster(gcp, external_id), spec["version"])
        return seen

    async def create(self, session: Session, mark: Mark, spec: JsonObject) -> Observed:
        """One call."""
        gcp = gcp_session(session)
        path, body = _path(spec), {"nodePool": bodies.pool_body(spec, mark)}
        try:
            await gcp.write(lambda apis: _pools(apis).create(parent=spec["cluster"], body=body))
        except AlreadyExists as error:
            found = await self.find(gcp, mark, spec)
            if found is None:
                raise Ambiguous(
                    "Google says that the node pool exists but does not show it yet.", operation=error.operation
                ) from error
            return found
        return Observed(path, Phase.SETTLING, {"id": path, "name": spec["name"]}, message="being created")

    def diff(self, spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
        """Everything but spot and GPUs changes in place."""
        return bodies.pool_changes(spec, observed)

    async def update(
        self, session: Session, external_id: str, spec: JsonObject, changes: tuple[Change, ...], mark: Mark
    ) -> None:
        """One call for the first difference."""
        del mark
        if not changes:
            return
        gcp = gcp_session(session)
        await raise_last_failure(gcp, external_id)
        if changes[0].field in ("version", "workload_identity"):
            _check_control_plane(await _cluster(gcp, external_id), spec)
        await gcp.write(_call_for(changes[0].field, external_id, spec))

    async def delete(self, session: Session, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """After a fresh look at the labels."""
        del spec
        gcp = gcp_session(session)
        pool = await _get(gcp, external_id)
        if pool is None or pool.get("status") == "STOPPING":
            return
        if not _owns(mark, pool):
            raise _taken(external_id)
        try:
            await gcp.write(lambda apis: _pools(apis).delete(name=external_id))
        except NotFound:
            return


def _call_for(field: str, path: str, spec: JsonObject) -> Callable[[Apis], Any]:
    if field == "node_count":
        size = {"nodeCount": bodies.per_zone(spec)}
        return lambda apis: _pools(apis).setSize(name=path, body=size)
    if field == "auto_scaling":
        scaling = {"autoscaling": bodies.autoscaling(spec)}
        return lambda apis: _pools(apis).setAutoscaling(name=path, body=scaling)
    if field == UPGRADE:
        settings = {"upgradeSettings": bodies.upgrade_settings(spec)}
        return lambda apis: _pools(apis).update(name=path, body=settings)
    # Together: not every machine type boots from every type of disk.
    machine = {
        "machineType": spec["machine_type"],
        "diskType": spec["disk_type"],
        "diskSizeGb": str(spec["disk_gb"]),
    }
    body: dict[str, JsonObject] = {
        "version": {"nodeVersion": spec["version"]},
        **dict.fromkeys(("machine_type", "disk_type", "disk_gb"), machine),
        "locations": {"locations": spec["locations"]},
        "labels": {"labels": {"labels": spec["labels"]}},
        "private_nodes": {"nodeNetworkConfig": {"enablePrivateNodes": spec["private_nodes"]}},
        "workload_identity": {"workloadMetadataConfig": bodies.workload_metadata(spec)},
        "taints": {"taints": {"taints": bodies.taints(spec)}},
    }
    return lambda apis: _pools(apis).update(name=path, body=body[field])


async def _cluster(gcp: GcpSession, path: str) -> JsonObject:
    name = path.partition("/nodePools/")[0]
    return await gcp.read(lambda apis: apis.container.projects().locations().clusters().get(name=name))


def _check_control_plane(cluster: JsonObject, spec: JsonObject) -> None:
    """Nodes may be neither newer than their control plane nor use what it does not offer; its own row changes that."""
    lacks = ""
    if behind(cluster.get("currentMasterVersion", ""), spec["version"]):
        lacks = f"runs Kubernetes {spec['version']}"
    elif spec["workload_identity"] and not cluster.get("workloadIdentityConfig", {}).get("workloadPool"):
        lacks = "offers workload identity"
    if lacks:
        raise Busy(f"The node pool waits until the control plane {lacks}.", operation=f"{_POOLS}.update")


async def _observed(gcp: GcpSession, path: str, pool: JsonObject) -> Observed:
    groups = await gather(*(_group(gcp, link) for link in bodies.group_paths(pool)))
    return bodies.observed_pool(path, pool, bodies.node_count(pool, sizes_of(group for group in groups if group)))


def sizes_of(groups: Iterable[JsonObject]) -> dict[str, int]:
    """What instance groups aim at, by their paths."""
    return {relative_path(group["selfLink"]): int(group["targetSize"]) for group in groups if "targetSize" in group}


async def _group(gcp: GcpSession, path: str) -> JsonObject | None:
    where = {"project": segment_after(path, "projects"), "zone": segment_after(path, "zones")}
    name = last_segment(path)
    return await gcp.read_or_none(
        lambda apis: apis.compute.instanceGroupManagers().get(**where, instanceGroupManager=name)
    )


def _pools(apis: Apis) -> Any:
    return apis.container.projects().locations().clusters().nodePools()


def _path(spec: JsonObject) -> str:
    return f"{spec['cluster']}/nodePools/{spec['name']}"


async def _get(gcp: GcpSession, path: str) -> JsonObject | None:
    return await gcp.read_or_none(lambda apis: _pools(apis).get(name=path))


def _owns(mark: Mark, pool: JsonObject) -> bool:
    return mark.owns_tags(pool.get("config", {}).get("resourceLabels", {}))


def _taken(path: str) -> NameTaken:
    return NameTaken(
        f"A node pool named {last_segment(path)} exists in the cluster and was not made by this stack. Choose another "
        "name, or remove it.",
        operation=f"{_POOLS}.get",
    )

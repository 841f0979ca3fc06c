"""GKE clusters, Standard and Autopilot. Called by the engine for the kind gcp.container.cluster.

Names are unique in a location and labels are part of the create call, so a repeated call finds its own cluster. GKE
changes one thing of a cluster at a time: `update` makes one call, the engine comes back for the next difference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from skyclust.contract.errors import Ambiguous, NameTaken
from skyclust.contract.provider import Session
from skyclust.contract.resources import Change, JsonObject, Mark, Observed, Phase
from skyclust.providers.gcp.addons import config_of
from skyclust.providers.gcp.apis import Apis
from skyclust.providers.gcp.classifying import AlreadyExists, Busy, NotFound
from skyclust.providers.gcp.drivers import cluster_bodies as bodies
from skyclust.providers.gcp.drivers.gke_operations import raise_last_failure
from skyclust.providers.gcp.naming import last_segment
from skyclust.providers.gcp.sessions import GcpSession, gcp_session


class ClusterDriver:
    """Implements `contract.provider.Driver`."""

    kind = "gcp.container.cluster"
    #: GKE reads its own writes; this is room for its caches.
    consistency_window_seconds = 60.0
    creates = True

    def expected_seconds(self, action: str, spec: JsonObject) -> float:
        """Medians of public logs."""
        if action == "create":
            return 214.0 if str(spec["location"]).count("-") == 2 else 403.0
        return {"update": 120.0, "delete": 205.0}[action]

    async def find(self, session: Session, mark: Mark, spec: JsonObject) -> Observed | None:
        """By name and label."""
        gcp = gcp_session(session)
        path = _path(gcp, spec)
        cluster = await _get(gcp, path)
        if cluster is None:
            return None
        if not mark.owns_tags(cluster.get("resourceLabels", {})):
            raise _taken(path)
        return bodies.observed_cluster(path, cluster)

    async def observe(self, session: Session, external_id: str, spec: JsonObject) -> Observed | None:
        """One read."""
        del spec
        cluster = await _get(gcp_session(session), external_id)
        return None if cluster is None else bodies.observed_cluster(external_id, cluster)

    async def create(self, session: Session, mark: Mark, spec: JsonObject) -> Observed:
        """The cluster with its bootstrap pool, if it is Standard."""
        gcp = gcp_session(session)
        path = _path(gcp, spec)
        parent = path.partition("/clusters/")[0]
        body = {"cluster": bodies.cluster_body(spec, mark, gcp.project)}
        try:
            await gcp.write(lambda apis: _clusters(apis).create(parent=parent, body=body))
        except AlreadyExists as error:
            found = await self.find(gcp, mark, spec)
            if found is None:
                raise Ambiguous(
                    "Google says that the cluster exists but does not show it yet.", operation=error.operation
                ) from error
            return found
        outputs = {"id": path, "name": spec["name"], "location": spec["location"]}
        return Observed(path, Phase.SETTLING, outputs, message="being created")

    def diff(self, spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
        """What can change in place; the rest of a cluster is fixed with its name."""
        return bodies.cluster_changes(spec, observed)

    async def update(
        self, session: Session, external_id: str, spec: JsonObject, changes: tuple[Change, ...], mark: Mark
    ) -> None:
        """One call for the first difference."""
        del mark
        if not changes:
            return
        gcp = gcp_session(session)
        await raise_last_failure(gcp, external_id)
        change = changes[0]
        if change.field == "workload_identity" and not spec["workload_identity"]:
            await self._check_pools(gcp, external_id)
        if change.field == "network_policy":
            await self._set_network_policy(gcp, external_id, spec)
        else:
            await gcp.write(_call_for(change, external_id, spec, gcp.project))

    async def delete(self, session: Session, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """After a fresh look at the label."""
        del spec
        gcp = gcp_session(session)
        cluster = await _get(gcp, external_id)
        if cluster is None or cluster.get("status") == "STOPPING":
            return
        if not mark.owns_tags(cluster.get("resourceLabels", {})):
            raise _taken(external_id)
        try:
            await gcp.write(lambda apis: _clusters(apis).delete(name=external_id))
        except NotFound:
            return

    async def _check_pools(self, gcp: GcpSession, path: str) -> None:
        """Workload identity goes from the pools first; their own rows change that."""
        using = bodies.pools_with_workload_identity(await gcp.read(lambda apis: _clusters(apis).get(name=path)))
        if using:
            raise Busy(
                f"The cluster waits until its pools no longer use workload identity: {', '.join(using)}.",
                operation="container.projects.locations.clusters.update",
            )

    async def _set_network_policy(self, gcp: GcpSession, path: str, spec: JsonObject) -> None:
        """Two steps to switch it on: the add-on of the control plane, then the nodes."""
        cluster = await gcp.read(lambda apis: _clusters(apis).get(name=path))
        addon = cluster.get("addonsConfig", {}).get("networkPolicyConfig", {})
        if spec["network_policy"] and addon.get("disabled"):
            desired = {"desiredAddonsConfig": {"networkPolicyConfig": {"disabled": False}}}
            await gcp.write(lambda apis: _clusters(apis).update(name=path, body={"update": desired}))
        else:
            body = {"networkPolicy": bodies.network_policy(spec)}
            await gcp.write(lambda apis: _clusters(apis).setNetworkPolicy(name=path, body=body))


def _call_for(change: Change, path: str, spec: JsonObject, project: str) -> Callable[[Apis], Any]:
    if change.field == "bootstrap_pool":
        pool = f"{path}/nodePools/{bodies.BOOTSTRAP_POOL}"
        return lambda apis: _clusters(apis).nodePools().delete(name=pool)
    if change.field == "version":
        version = {"masterVersion": bodies.next_version(str(change.before), spec["version"])}
        return lambda apis: _clusters(apis).updateMaster(name=path, body=version)
    if change.field == "addons":
        addons = {"desiredAddonsConfig": config_of(change.after)}
        return lambda apis: _clusters(apis).update(name=path, body={"update": addons})
    pool_name = bodies.workload_pool(project) if spec["workload_identity"] else ""
    desired: dict[str, JsonObject] = {
        "release_channel": {"desiredReleaseChannel": {"channel": bodies.channel(spec)}},
        "binary_authorization": {"desiredBinaryAuthorization": bodies.binary_authorization(spec)},
        "private_nodes": {"desiredDefaultEnablePrivateNodes": spec["private_nodes"]},
        "private_endpoint": {"desiredEnablePrivateEndpoint": spec["private_endpoint"]},
        "workload_identity": {"desiredWorkloadIdentityConfig": {"workloadPool": pool_name}},
        "authorized_networks": {"desiredMasterAuthorizedNetworksConfig": bodies.authorized_networks(spec)},
        "node_locations": {"desiredLocations": sorted(spec["node_locations"])},
    }
    return lambda apis: _clusters(apis).update(name=path, body={"update": desired[change.field]})


def _clusters(apis: Apis) -> Any:
    return apis.container.projects().locations().clusters()


def _path(gcp: GcpSession, spec: JsonObject) -> str:
    return f"projects/{gcp.project}/locations/{spec['location']}/clusters/{spec['name']}"


async def _get(gcp: GcpSession, path: str) -> JsonObject | None:
    return await gcp.read_or_none(lambda apis: _clusters(apis).get(name=path))


def _taken(path: str) -> NameTaken:
    return NameTaken(
        f"A cluster named {last_segment(path)} exists there and was not made by this stack. Choose another name, or "
        "remove it.",
        operation="container.projects.locations.clusters.get",
    )

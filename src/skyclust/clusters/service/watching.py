"""Look at a pool's nodes while the cloud brings them to another version, for the step's message.

Called by the engine at its polls, with no database session open. Invariant: this only tells; whatever keeps the cluster
from answering leaves the step with what the cloud says.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from skyclust.clusters import kube
from skyclust.clusters.kube import KubeApi
from skyclust.clusters.rolling import MOST_NAMED, leaving, nodes_of_pool, progress_text
from skyclust.clusters.states import CONTROL_PLANE, NODE_POOL_PREFIX
from skyclust.credentials.clouds import CloudSessions
from skyclust.provisioning.rows import Claim

MAX_NODES = 1_000
MAX_BUDGETS = 2_000
#: More than any cloud lets onto a node.
MAX_PODS = 800


def watch_pools(clouds: CloudSessions) -> Callable[[Claim], Awaitable[str]]:
    """What to say of a row that is being changed: of node pools how far their nodes are, of all else nothing."""

    async def remark(claim: Claim) -> str:
        row, plane = claim.row, claim.neighbours.get(CONTROL_PLANE)
        version = row.spec.get("version")
        if not row.key.startswith(NODE_POOL_PREFIX) or plane is None or not isinstance(version, str):
            return ""
        provider = clouds.provider(claim.stack.provider)
        token = await provider.kube_token(await clouds.session(claim.stack), plane.outputs)
        names = {row.key.removeprefix(NODE_POOL_PREFIX), str(row.spec.get("name"))}
        async with kube.opened(provider.cluster_access(plane.outputs), token) as api:
            return await look_at_nodes(api, names, version)

    return remark


async def look_at_nodes(api: KubeApi, names: set[str], version: str) -> str:
    """How far the nodes of the pool are; pods are read only of those that are being drained."""
    nodes = nodes_of_pool(await api.all("/api/v1/nodes", MAX_NODES), names)
    going = leaving(nodes, version)[:MOST_NAMED]
    budgets = await api.all("/apis/policy/v1/poddisruptionbudgets", MAX_BUDGETS) if going else []
    pods = {node: await api.all("/api/v1/pods", MAX_PODS, fieldSelector=f"spec.nodeName={node}") for node in going}
    return progress_text(nodes, version, pods, budgets)

""".../clusters/{cluster}/nodes: list, get, cordon, uncordon, drain. These ask the cluster itself."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from skyclust.clusters import service
from skyclust.clusters.inside_schemas import (
    DrainBody,
    DrainPlanAnswer,
    InsideCursor,
    InsidePage,
    NodeAnswer,
    NodeDetailAnswer,
    NodeRef,
)
from skyclust.clusters.router.places import ClusterRef, WhichDep
from skyclust.clusters.service import Paging
from skyclust.kit.documenting import Answers
from skyclust.kit.pagination import DEFAULT_LIMIT, Limit
from skyclust.networks.service import ErrandDep, ReadingDep
from skyclust.provisioning.accepting import ACCEPTED, accepted

router = APIRouter(prefix="/{provider}/kubernetes/clusters/{cluster}/nodes", tags=["clusters"])

#: For the `responses` of the drain.
DRAIN_ACCEPTED: dict[int | str, dict[str, Any]] = ACCEPTED | {
    200: {"model": DrainPlanAnswer, "description": "what would be done, with ?dry_run=true"},
}


@router.get("")
@Answers(409, 502, 503)
async def list_nodes(
    errand: ReadingDep,
    which: WhichDep,
    cluster: ClusterRef,
    *,
    limit: Limit = DEFAULT_LIMIT,
    cursor: InsideCursor = None,
) -> InsidePage[NodeAnswer]:
    """Nodes by name, as the cluster's own API shows them now."""
    return await service.list_nodes(errand, cluster, which, Paging(limit, cursor))


@router.get("/{node}")
@Answers(409, 502, 503)
async def get_node(errand: ReadingDep, which: WhichDep, cluster: ClusterRef, node: NodeRef) -> NodeDetailAnswer:
    """One node: conditions, taints, room, and the pods on it."""
    return await service.get_node(errand, cluster, which, node)


@router.post("/{node}/cordon")
@Answers(403, 409, 502, 503)
async def cordon_node(errand: ErrandDep, which: WhichDep, cluster: ClusterRef, node: NodeRef) -> NodeAnswer:
    """Let no new pods onto the node. With ?dry_run=true the cluster checks it and keeps nothing."""
    return await service.set_schedulable(errand, cluster, which, node, schedulable=False)


@router.post("/{node}/uncordon")
@Answers(403, 409, 502, 503)
async def uncordon_node(errand: ErrandDep, which: WhichDep, cluster: ClusterRef, node: NodeRef) -> NodeAnswer:
    """Let pods onto the node again. With ?dry_run=true the cluster checks it and keeps nothing."""
    return await service.set_schedulable(errand, cluster, which, node, schedulable=True)


@router.post("/{node}/drain", status_code=202, responses=DRAIN_ACCEPTED)
@Answers(403, 409, 502, 503)
async def drain_node(
    errand: ErrandDep, which: WhichDep, cluster: ClusterRef, node: NodeRef, body: DrainBody | None = None
) -> Response:
    """Cordon the node and have its pods evicted, honouring disruption budgets: an operation with a step per pod.

    A step that waits names the budget that holds its pod. With ?dry_run=true: what would go, what would be held, by
    which budget, and what forbids it.
    """
    wishes = body or DrainBody()
    return accepted(await service.drain_node(errand.citing(wishes.plan_digest), cluster, which, node, wishes))

"""{cluster}:clone: the same cluster in another region or on another cloud."""

from __future__ import annotations

from fastapi import APIRouter, Response

from skyclust.clusters import service
from skyclust.clusters.router.clusters import PLANNED
from skyclust.clusters.router.places import AnywhereDep, ClusterRef, WhichDep
from skyclust.clusters.schemas import CloneBody
from skyclust.kit.documenting import Answers
from skyclust.networks.service import ErrandDep
from skyclust.provisioning.accepting import accepted

router = APIRouter(tags=["clusters"])

HERE = "/{provider}/kubernetes/clusters/{cluster}"


@router.post(HERE + ":clone", status_code=202, responses=PLANNED)
@Answers(502)
async def clone_cluster(errand: ErrandDep, which: WhichDep, cluster: ClusterRef, body: CloneBody) -> Response:
    """The body that would make its like elsewhere, with what was translated and its plan; made only if asked to."""
    return accepted(await service.clone_cluster(errand, cluster, which, body))


@router.post("/clusters/{cluster}:clone", status_code=202, responses=PLANNED)
@Answers(404, 502)
async def clone_cluster_anywhere(
    errand: ErrandDep, which: AnywhereDep, cluster: ClusterRef, body: CloneBody
) -> Response:
    """The body that would make its like elsewhere, with what was translated and its plan; made only if asked to."""
    return accepted(await service.clone_cluster(errand, cluster, which, body))

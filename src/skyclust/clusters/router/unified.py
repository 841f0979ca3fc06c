"""/clusters: one list over all clouds, one body for all clouds."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Response

from skyclust.clusters import service
from skyclust.clusters.router.clusters import CHANGED, PLANNED, NameQuery, StateQuery
from skyclust.clusters.router.places import AnywhereDep, ClusterRef
from skyclust.clusters.schemas import ClusterAnswer, ClusterPatchBody, UnifiedClusterBody
from skyclust.kit.documenting import Answers
from skyclust.kit.pagination import DEFAULT_LIMIT, Cursor, Limit, Page
from skyclust.networks.service import ErrandDep, ReadingDep
from skyclust.provisioning.accepting import ACCEPTED, accepted

router = APIRouter(prefix="/clusters", tags=["clusters"])


@router.post("", status_code=202, responses=PLANNED)
@Answers(404, 502)
async def create_cluster(errand: ErrandDep, body: UnifiedClusterBody) -> Response:
    """Create a cluster on the cloud that the body names."""
    request = await service.parse_unified_with_template(errand, errand.provider(body.provider), body)
    return accepted(await service.create_cluster(errand, request))


@router.get("")
async def list_clusters(
    errand: ReadingDep,
    which: AnywhereDep,
    *,
    name: NameQuery = None,
    state: StateQuery = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[ClusterAnswer]:
    """Clusters of every cloud, oldest first."""
    return await service.answer_page(errand, replace(which, name=name), state=state, limit=limit, cursor=cursor)


@router.get("/{cluster}")
@Answers(409)
async def get_cluster(errand: ReadingDep, which: AnywhereDep, cluster: ClusterRef, response: Response) -> ClusterAnswer:
    """One cluster by id or name."""
    standing = await service.get_cluster(errand, cluster, which)
    response.headers["ETag"] = standing.etag
    return service.answer_of(errand, standing)


@router.patch("/{cluster}", status_code=202, responses=CHANGED)
@Answers(412)
async def update_cluster(
    errand: ErrandDep, which: AnywhereDep, cluster: ClusterRef, body: ClusterPatchBody
) -> Response:
    """Another version, other switches of the provider, deletion protection. Send the ETag in If-Match.

    Deletion protection alone is changed at once: 200 with the cluster.
    """
    return accepted(await service.update_cluster(errand, cluster, which, body))


@router.delete("/{cluster}", status_code=202, responses=ACCEPTED)
@Answers(412, 502)
async def delete_cluster(errand: ErrandDep, which: AnywhereDep, cluster: ClusterRef) -> Response:
    """Delete a cluster with everything made for it."""
    return accepted(await service.delete_cluster(errand, cluster, which))

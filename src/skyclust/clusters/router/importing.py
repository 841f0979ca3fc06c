"""clusters:importable, :import, {cluster}:manage, {cluster}:release: take over what exists, and give it back.

All of these but release ask the cloud.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from skyclust.clusters import service
from skyclust.clusters.queries import Filter
from skyclust.clusters.router.places import AnywhereDep, ClusterRef, ProviderName, RegionQuery, WhichDep
from skyclust.kit.documenting import Answers
from skyclust.kit.pagination import DEFAULT_LIMIT, Cursor, Limit, Page
from skyclust.networks.schemas import ImportableAnswer, ImportBody, UnifiedImportBody
from skyclust.networks.service import ErrandDep, ReadingDep
from skyclust.provisioning.accepting import ACCEPTED, IMPORT_ACCEPTED, accepted

router = APIRouter(tags=["clusters"])

CredentialQuery = Annotated[UUID, Query(description="whose account to look into")]
HERE = "/{provider}/kubernetes/clusters"


@router.get(HERE + ":importable")
@Answers(403, 502)
async def list_importable_clusters(
    errand: ReadingDep,
    provider: ProviderName,
    credential_id: CredentialQuery,
    *,
    region: RegionQuery = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[ImportableAnswer]:
    """Clusters that exist in the region, ours and others', as the cloud shows them now."""
    which = Filter(errand.provider(provider).name, credential_id, region)
    return await service.list_importable(errand, which, limit=limit, cursor=cursor)


@router.post(HERE + ":import", status_code=202, responses=IMPORT_ACCEPTED)
@Answers(502)
async def import_cluster(errand: ErrandDep, provider: ProviderName, body: ImportBody) -> Response:
    """Take over a cluster that exists: read-only (observed), or managed like our own. Its network is left alone."""
    return accepted(await service.import_cluster(errand, provider, body))


@router.post("/clusters:import", status_code=202, responses=IMPORT_ACCEPTED)
@Answers(404, 502)
async def import_cluster_anywhere(errand: ErrandDep, body: UnifiedImportBody) -> Response:
    """Take over a cluster that exists on the cloud that the body names."""
    return accepted(await service.import_cluster(errand, body.provider, body))


@router.post(HERE + "/{cluster}:manage", status_code=202, responses=IMPORT_ACCEPTED)
@Answers(502)
async def manage_cluster(errand: ErrandDep, which: WhichDep, cluster: ClusterRef) -> Response:
    """Manage a cluster that was imported read-only."""
    return accepted(await service.manage_cluster(errand, cluster, which))


@router.post("/clusters/{cluster}:manage", status_code=202, responses=IMPORT_ACCEPTED)
@Answers(502)
async def manage_cluster_anywhere(errand: ErrandDep, which: AnywhereDep, cluster: ClusterRef) -> Response:
    """Manage a cluster that was imported read-only."""
    return accepted(await service.manage_cluster(errand, cluster, which))


@router.post(HERE + "/{cluster}:release", status_code=202, responses=ACCEPTED)
async def release_cluster(errand: ErrandDep, which: WhichDep, cluster: ClusterRef) -> Response:
    """Forget an imported cluster and take our mark off; nothing is deleted."""
    return accepted(await service.release_cluster(errand, cluster, which))


@router.post("/clusters/{cluster}:release", status_code=202, responses=ACCEPTED)
async def release_cluster_anywhere(errand: ErrandDep, which: AnywhereDep, cluster: ClusterRef) -> Response:
    """Forget an imported cluster and take our mark off; nothing is deleted."""
    return accepted(await service.release_cluster(errand, cluster, which))

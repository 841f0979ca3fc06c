"""/{provider}/kubernetes/clusters: create, list, get, change, delete, plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Response

from skyclust.clusters import service
from skyclust.clusters.router.places import ClusterRef, ProviderName, WhichDep
from skyclust.clusters.schemas import (
    ClusterAnswer,
    ClusterBody,
    ClusterPatchBody,
    ClusterState,
    CreationPlanAnswer,
    UpgradePlanAnswer,
)
from skyclust.kit.documenting import Answers
from skyclust.kit.pagination import DEFAULT_LIMIT, Cursor, Limit, Page
from skyclust.networks.service import ErrandDep, ReadingDep
from skyclust.provisioning.accepting import ACCEPTED, accepted
from skyclust.provisioning.answers import PlanAnswer

router = APIRouter(prefix="/{provider}/kubernetes/clusters", tags=["clusters"])

CHANGED = ACCEPTED | {
    200: {
        "model": ClusterAnswer | UpgradePlanAnswer | PlanAnswer,
        "description": "changed, or the plan of a dry run",
    }
}
PLANNED = ACCEPTED | {200: {"model": CreationPlanAnswer, "description": "the plan, with ?dry_run=true"}}
NameQuery = Annotated[str | None, Query(max_length=100, description="exactly this name")]
StateQuery = Annotated[ClusterState | None, Query(description="only clusters in this state")]


@router.post("", status_code=202, responses=PLANNED)
@Answers(502)
async def create_cluster(errand: ErrandDep, provider: ProviderName, body: ClusterBody) -> Response:
    """Create a cluster, with a network of its own unless an existing one is named; from a template, if one is."""
    request = await service.parse_with_template(errand, errand.provider(provider), body)
    return accepted(await service.create_cluster(errand, request))


@router.get("")
async def list_clusters(
    errand: ReadingDep,
    which: WhichDep,
    *,
    name: NameQuery = None,
    state: StateQuery = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[ClusterAnswer]:
    """The provider's clusters, oldest first."""
    errand.provider(which.provider or "")
    return await service.answer_page(errand, replace(which, name=name), state=state, limit=limit, cursor=cursor)


@router.get("/{cluster}")
@Answers(409)
async def get_cluster(errand: ReadingDep, which: WhichDep, cluster: ClusterRef, response: Response) -> ClusterAnswer:
    """One cluster by name or id."""
    standing = await service.get_cluster(errand, cluster, which)
    response.headers["ETag"] = standing.etag
    return service.answer_of(errand, standing)


@router.patch("/{cluster}", status_code=202, responses=CHANGED)
@Answers(412)
async def update_cluster(errand: ErrandDep, which: WhichDep, cluster: ClusterRef, body: ClusterPatchBody) -> Response:
    """Another version, other switches of the provider, deletion protection. Send the ETag in If-Match.

    Several minor versions ahead: a dry run shows every hop, the operation does the first one. Ask again for the next.
    Deletion protection alone is changed at once: 200 with the cluster.
    """
    return accepted(await service.update_cluster(errand, cluster, which, body))


@router.delete("/{cluster}", status_code=202, responses=ACCEPTED)
@Answers(412, 502)
async def delete_cluster(errand: ErrandDep, which: WhichDep, cluster: ClusterRef) -> Response:
    """Delete a cluster with everything made for it; an existing network that it used is left alone."""
    return accepted(await service.delete_cluster(errand, cluster, which))


@router.get("/{cluster}/plan")
@Answers(409)
async def get_cluster_plan(errand: ReadingDep, which: WhichDep, cluster: ClusterRef) -> PlanAnswer:
    """What differs between what was asked for and what was last seen; nothing, when all is well."""
    return await service.present_plan(errand, cluster, which)

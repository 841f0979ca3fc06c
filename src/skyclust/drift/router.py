"""Routes of drift and orphans."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from skyclust.drift import service
from skyclust.drift.places import (
    ClusterRef,
    NarrowDep,
    NarrowInDep,
    NetworkRef,
    PagingDep,
    PlaceDep,
    ProviderName,
    StateQuery,
)
from skyclust.drift.schemas import (
    AcceptAnswer,
    AcceptBody,
    DriftAnswer,
    DriftPage,
    OrphanAnswer,
    OrphanPage,
    RepairBody,
    SweepBody,
)
from skyclust.kit.documenting import Answers
from skyclust.networks.service import ErrandDep, ReadingDep
from skyclust.provisioning.accepting import ACCEPTED, accepted
from skyclust.provisioning.drift_reading import Place

router = APIRouter(tags=["drift"])

NOTHING = RepairBody()
CLUSTERS = "/{provider}/kubernetes/clusters"
VPCS = "/{provider}/network/vpcs"


@router.get("/drift")
async def list_drift(errand: ReadingDep, where: PlaceDep, page: PagingDep) -> DriftPage:
    """What other hands have changed or deleted, as the last sweeps saw it; `sweeps` tells when that was."""
    return await service.drift_page(errand, where, page)


@router.get("/drift/{drift_id}")
async def get_drift(errand: ReadingDep, drift_id: UUID) -> DriftAnswer:
    """One resource that is not as wanted."""
    return await service.get_drift(errand, drift_id)


@router.post("/drift/{drift_id}:accept", response_model=AcceptAnswer)
async def accept_drift(errand: ErrandDep, drift_id: UUID, body: AcceptBody | None = None) -> object:
    """Leave differing fields as they are. They are drift again as soon as they, or what is wanted, change."""
    return await service.accept(errand, drift_id, body.fields if body is not None else None)


@router.post("/drift/{drift_id}:repair", status_code=202, responses=ACCEPTED)
@Answers(412)
async def repair_drift(errand: ErrandDep, drift_id: UUID, body: RepairBody = NOTHING) -> Response:
    """Bring one resource back to what is wanted."""
    return accepted(await service.repair(errand.citing(body.plan_digest), drift_id))


@router.get("/clusters/{cluster}/drift")
@Answers(403, 409)
async def list_cluster_drift(errand: ReadingDep, where: NarrowDep, cluster: ClusterRef, page: PagingDep) -> DriftPage:
    """What has drifted of one cluster."""
    return await service.cluster_drift(errand, cluster, where, page)


@router.get(CLUSTERS + "/{cluster}/drift")
@Answers(403, 409)
async def list_drift_of_cluster(
    errand: ReadingDep, where: NarrowInDep, cluster: ClusterRef, page: PagingDep
) -> DriftPage:
    """What has drifted of one cluster."""
    return await service.cluster_drift(errand, cluster, where, page)


@router.post("/clusters/{cluster}:repair", status_code=202, responses=ACCEPTED)
@Answers(412)
async def repair_cluster(
    errand: ErrandDep, where: NarrowDep, cluster: ClusterRef, body: RepairBody = NOTHING
) -> Response:
    """Bring everything of a cluster that drifted back to what is wanted."""
    return accepted(await service.repair_cluster(errand.citing(body.plan_digest), cluster, where))


@router.post(CLUSTERS + "/{cluster}:repair", status_code=202, responses=ACCEPTED)
@Answers(412)
async def repair_one_cluster(
    errand: ErrandDep, where: NarrowInDep, cluster: ClusterRef, body: RepairBody = NOTHING
) -> Response:
    """Bring everything of a cluster that drifted back to what is wanted."""
    return accepted(await service.repair_cluster(errand.citing(body.plan_digest), cluster, where))


@router.get("/networks/{network:path}/drift")
@Answers(403, 409)
async def list_network_drift(errand: ReadingDep, network: NetworkRef, page: PagingDep) -> DriftPage:
    """What has drifted of one network."""
    return await service.network_drift(errand, network, Place(), page)


@router.get(VPCS + "/{network:path}/drift")
@Answers(403, 409)
async def list_drift_of_network(
    errand: ReadingDep, where: NarrowInDep, network: NetworkRef, page: PagingDep
) -> DriftPage:
    """What has drifted of one network."""
    return await service.network_drift(errand, network, where, page)


@router.post("/networks/{network:path}:repair", status_code=202, responses=ACCEPTED)
@Answers(412)
async def repair_network(errand: ErrandDep, network: NetworkRef, body: RepairBody = NOTHING) -> Response:
    """Bring everything of a network that drifted back to what is wanted."""
    return accepted(await service.repair_network(errand.citing(body.plan_digest), network, None))


@router.post(VPCS + "/{network:path}:repair", status_code=202, responses=ACCEPTED)
@Answers(412)
async def repair_one_network(
    errand: ErrandDep, provider: ProviderName, network: NetworkRef, body: RepairBody = NOTHING
) -> Response:
    """Bring everything of a network that drifted back to what is wanted."""
    return accepted(await service.repair_network(errand.citing(body.plan_digest), network, provider))


@router.get("/orphans")
async def list_orphans(errand: ReadingDep, where: PlaceDep, page: PagingDep, state: StateQuery = None) -> OrphanPage:
    """What carries our mark and belongs to nobody, with what it costs a day."""
    return await service.orphan_page(errand, where, state, page)


@router.post("/orphans:sweep", status_code=202, responses=ACCEPTED)
@Answers(404)
async def sweep_orphans(errand: ErrandDep, body: SweepBody) -> Response:
    """Delete several orphans of one credential and region, in the right order."""
    return accepted(await service.sweep(errand.citing(body.plan_digest), body.orphan_ids))


@router.get("/orphans/{orphan_id}")
async def get_orphan(errand: ReadingDep, orphan_id: UUID) -> OrphanAnswer:
    """One orphan."""
    return await service.get_orphan(errand, orphan_id)


@router.post("/orphans/{orphan_id}:sweep", status_code=202, responses=ACCEPTED)
async def sweep_orphan(errand: ErrandDep, orphan_id: UUID, body: RepairBody = NOTHING) -> Response:
    """Delete it."""
    return accepted(await service.sweep(errand.citing(body.plan_digest), [orphan_id]))


@router.post("/orphans/{orphan_id}:adopt", status_code=202, responses=ACCEPTED)
@Answers(412)
async def adopt_orphan(errand: ErrandDep, orphan_id: UUID, body: RepairBody = NOTHING) -> Response:
    """Give it back to the cluster or network it was made for."""
    return accepted(await service.adopt(errand.citing(body.plan_digest), orphan_id))


@router.post("/orphans/{orphan_id}:ignore", response_model=OrphanAnswer)
async def ignore_orphan(errand: ErrandDep, orphan_id: UUID) -> object:
    """Leave it out of the list from now on."""
    return await service.ignore(errand, orphan_id, ignored=True)


@router.post("/orphans/{orphan_id}:unignore", response_model=OrphanAnswer)
async def unignore_orphan(errand: ErrandDep, orphan_id: UUID) -> object:
    """Show it again."""
    return await service.ignore(errand, orphan_id, ignored=False)

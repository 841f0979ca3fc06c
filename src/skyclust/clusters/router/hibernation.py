"""{cluster}:hibernate, {cluster}:wake: pools to the least they keep, and back; {cluster}/hibernation-schedule: when."""

from __future__ import annotations

from fastapi import APIRouter, Response

from skyclust.clusters import service
from skyclust.clusters.router.places import AnywhereDep, ClusterRef, WhichDep
from skyclust.clusters.schemas import HibernationPlanAnswer, HibernationScheduleAnswer, HibernationScheduleBody
from skyclust.kit.documenting import Answers
from skyclust.networks.service import ErrandDep, ReadingDep
from skyclust.provisioning.accepting import ACCEPTED, accepted

router = APIRouter(tags=["clusters"])

HERE = "/{provider}/kubernetes/clusters/{cluster}"
ANSWERS = ACCEPTED | {200: {"model": HibernationPlanAnswer, "description": "the plan, with ?dry_run=true"}}


@router.post(HERE + ":hibernate", status_code=202, responses=ANSWERS)
@Answers(412)
async def hibernate_cluster(errand: ErrandDep, which: WhichDep, cluster: ClusterRef) -> Response:
    """Bring all node pools to zero, or the least the cloud allows; the control plane goes on, and costs."""
    return accepted(await service.hibernate_cluster(errand, cluster, which))


@router.post("/clusters/{cluster}:hibernate", status_code=202, responses=ANSWERS)
@Answers(412)
async def hibernate_cluster_anywhere(errand: ErrandDep, which: AnywhereDep, cluster: ClusterRef) -> Response:
    """Bring all node pools to zero, or the least the cloud allows; the control plane goes on, and costs."""
    return accepted(await service.hibernate_cluster(errand, cluster, which))


@router.post(HERE + ":wake", status_code=202, responses=ANSWERS)
@Answers(412)
async def wake_cluster(errand: ErrandDep, which: WhichDep, cluster: ClusterRef) -> Response:
    """Bring all node pools back to the sizes and bounds they had."""
    return accepted(await service.wake_cluster(errand, cluster, which))


@router.post("/clusters/{cluster}:wake", status_code=202, responses=ANSWERS)
@Answers(412)
async def wake_cluster_anywhere(errand: ErrandDep, which: AnywhereDep, cluster: ClusterRef) -> Response:
    """Bring all node pools back to the sizes and bounds they had."""
    return accepted(await service.wake_cluster(errand, cluster, which))


@router.get(HERE + "/hibernation-schedule")
@Answers(409)
async def get_hibernation_schedule(
    errand: ReadingDep, which: WhichDep, cluster: ClusterRef
) -> HibernationScheduleAnswer:
    """When the cluster sleeps, what comes next, and what it waits for."""
    return await service.get_schedule(errand, cluster, which)


@router.put(HERE + "/hibernation-schedule")
async def put_hibernation_schedule(
    errand: ErrandDep, which: WhichDep, cluster: ClusterRef, body: HibernationScheduleBody
) -> HibernationScheduleAnswer:
    """Hibernate and wake the cluster on days of the week, from the next entry on. A dry run shows the next times."""
    return await service.put_schedule(errand, cluster, which, body)


@router.delete(HERE + "/hibernation-schedule")
async def delete_hibernation_schedule(
    errand: ErrandDep, which: WhichDep, cluster: ClusterRef
) -> HibernationScheduleAnswer:
    """Forget the timetable; the cluster stays as it is. Answers what it was."""
    return await service.delete_schedule(errand, cluster, which)

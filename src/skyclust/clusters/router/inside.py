""".../clusters/{cluster}/namespaces, workloads, pods, events and logs, read-only. These ask the cluster itself."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from skyclust.clusters import service
from skyclust.clusters.inside_schemas import (
    LOG_LINES,
    NAME,
    ClusterEventAnswer,
    InsideCursor,
    InsidePage,
    NamespaceAnswer,
    NamespaceQuery,
    NamespaceRef,
    PodAnswer,
    PodLogAnswer,
    PodRef,
    WorkloadAnswer,
    WorkloadKind,
)
from skyclust.clusters.router.places import ClusterRef, WhichDep
from skyclust.clusters.service import Log, Paging
from skyclust.kit.documenting import Answers
from skyclust.kit.pagination import DEFAULT_LIMIT, Limit
from skyclust.networks.service import ReadingDep

router = APIRouter(prefix="/{provider}/kubernetes/clusters/{cluster}", tags=["clusters"])

KindQuery = Annotated[WorkloadKind | None, Query(description="only workloads of this kind")]
NodeQuery = Annotated[str | None, Query(max_length=253, pattern=NAME, description="only pods on this node")]
ContainerQuery = Annotated[
    str | None, Query(max_length=253, pattern=NAME, description="which container; needed when there are several")
]
TailQuery = Annotated[int, Query(ge=1, le=LOG_LINES, description="so many lines from the end")]


@router.get("/namespaces")
@Answers(409, 502, 503)
async def list_namespaces(
    errand: ReadingDep,
    which: WhichDep,
    cluster: ClusterRef,
    *,
    limit: Limit = DEFAULT_LIMIT,
    cursor: InsideCursor = None,
) -> InsidePage[NamespaceAnswer]:
    """Namespaces by name."""
    return await service.list_namespaces(errand, cluster, which, Paging(limit, cursor))


@router.get("/workloads")
@Answers(409, 502, 503)
async def list_workloads(
    errand: ReadingDep,
    which: WhichDep,
    cluster: ClusterRef,
    *,
    namespace: NamespaceQuery = None,
    kind: KindQuery = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: InsideCursor = None,
) -> InsidePage[WorkloadAnswer]:
    """Deployments, stateful sets, daemon sets, jobs and cron jobs."""
    page = Paging(limit, cursor)
    return await service.list_workloads(errand, cluster, which, page, namespace=namespace, kind=kind)


@router.get("/pods")
@Answers(409, 502, 503)
async def list_pods(
    errand: ReadingDep,
    which: WhichDep,
    cluster: ClusterRef,
    *,
    namespace: NamespaceQuery = None,
    node: NodeQuery = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: InsideCursor = None,
) -> InsidePage[PodAnswer]:
    """Pods by namespace and name."""
    return await service.list_pods(errand, cluster, which, Paging(limit, cursor), namespace=namespace, node=node)


@router.get("/events")
@Answers(409, 502, 503)
async def list_events(
    errand: ReadingDep,
    which: WhichDep,
    cluster: ClusterRef,
    *,
    namespace: NamespaceQuery = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: InsideCursor = None,
) -> InsidePage[ClusterEventAnswer]:
    """What the cluster tells of its objects; it forgets events after an hour or so."""
    return await service.list_events(errand, cluster, which, Paging(limit, cursor), namespace=namespace)


@router.get("/pods/{namespace}/{pod}/log")
@Answers(403, 409, 502, 503)
async def read_pod_log(
    errand: ReadingDep,
    which: WhichDep,
    cluster: ClusterRef,
    namespace: NamespaceRef,
    pod: PodRef,
    *,
    container: ContainerQuery = None,
    tail_lines: TailQuery = 200,
    previous: Annotated[bool, Query(description="of the container before its last restart")] = False,
    timestamps: Annotated[bool, Query(description="with the time of each line")] = False,
) -> PodLogAnswer:
    """The end of a container's log. Each reading is in the audit log."""
    log = Log(namespace, pod, container, tail_lines, previous, timestamps)
    return await service.read_log(errand, cluster, which, log)

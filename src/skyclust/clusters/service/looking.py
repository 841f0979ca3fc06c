"""Look into a cluster: nodes, namespaces, workloads, pods, events, logs. Read-only, from the cluster's own API, now.

Called by the routes. Invariant: no database session is open meanwhile, and whoever read a log is in the audit log.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, get_args

from skyclust.clusters import inside
from skyclust.clusters.draining import MAX_NODE_PODS
from skyclust.clusters.errors import inside_not_found, node_not_found
from skyclust.clusters.inside_schemas import (
    ClusterEventAnswer,
    InsidePage,
    NamespaceAnswer,
    NodeAnswer,
    NodeDetailAnswer,
    PodAnswer,
    PodLogAnswer,
    WorkloadAnswer,
    WorkloadKind,
)
from skyclust.clusters.kube import Document, KubeApi
from skyclust.clusters.kube_errors import KubeError, Trouble
from skyclust.clusters.queries import Filter
from skyclust.clusters.service.reaching import opened, tell
from skyclust.kit.pagination import decode_cursor, encode_cursor
from skyclust.kit.problems import FieldError, invalid
from skyclust.networks.service import Errand
from skyclust.workspaces.permissions import Permission

T = TypeVar("T")
MAX_LOG_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page."""

    limit: int
    cursor: str | None = None


async def list_nodes(errand: Errand, wanted: str, which: Filter, page: Paging) -> InsidePage[NodeAnswer]:
    """Nodes by name."""
    async with opened(errand, wanted, which, Permission.CLUSTERS_READ) as (_, api):
        return await _paged(api, "/api/v1/nodes", page, inside.node_answer)


async def get_node(errand: Errand, wanted: str, which: Filter, node: str) -> NodeDetailAnswer:
    """One node with its conditions and what runs on it."""
    async with opened(errand, wanted, which, Permission.CLUSTERS_READ) as (_, api):
        return inside.node_detail(await find_node(api, node), await pods_on(api, node))


async def find_node(api: KubeApi, node: str) -> Document:
    """The node; 404 when there is none."""
    try:
        return await api.get(f"/api/v1/nodes/{node}")
    except KubeError as error:
        raise (node_not_found(node) if error.trouble is Trouble.NOT_FOUND else error) from error


async def pods_on(api: KubeApi, node: str) -> list[Document]:
    """All pods of a node."""
    return await api.all("/api/v1/pods", MAX_NODE_PODS, fieldSelector=f"spec.nodeName={node}")


async def list_namespaces(errand: Errand, wanted: str, which: Filter, page: Paging) -> InsidePage[NamespaceAnswer]:
    """Namespaces by name."""
    async with opened(errand, wanted, which, Permission.CLUSTERS_READ) as (_, api):
        return await _paged(api, "/api/v1/namespaces", page, inside.namespace_answer)


async def list_pods(
    errand: Errand, wanted: str, which: Filter, page: Paging, *, namespace: str | None, node: str | None
) -> InsidePage[PodAnswer]:
    """Pods by namespace and name."""
    query = {"fieldSelector": f"spec.nodeName={node}"} if node is not None else {}
    async with opened(errand, wanted, which, Permission.CLUSTERS_READ) as (_, api):
        return await _paged(api, _within("/api/v1", namespace, "pods"), page, inside.pod_answer, **query)


async def list_events(
    errand: Errand, wanted: str, which: Filter, page: Paging, *, namespace: str | None
) -> InsidePage[ClusterEventAnswer]:
    """Events as the cluster keeps them, by namespace and name; it forgets them after an hour or so."""
    async with opened(errand, wanted, which, Permission.CLUSTERS_READ) as (_, api):
        return await _paged(api, _within("/api/v1", namespace, "events"), page, inside.event_answer)


async def list_workloads(
    errand: Errand, wanted: str, which: Filter, page: Paging, *, namespace: str | None, kind: WorkloadKind | None
) -> InsidePage[WorkloadAnswer]:
    """Workloads kind by kind, within a kind by namespace and name."""
    kinds: tuple[WorkloadKind, ...] = (kind,) if kind is not None else get_args(WorkloadKind)
    found: list[WorkloadAnswer] = []
    at, following = _place_of(kinds, page.cursor)
    async with opened(errand, wanted, which, Permission.CLUSTERS_READ) as (_, api):
        while at < len(kinds) and len(found) < page.limit:
            prefix, plural = inside.WORKLOADS[kinds[at]]
            path = _within(prefix, namespace, plural)
            listed, following = await api.page(path, page.limit - len(found), following)
            found += [inside.workload_answer(kinds[at], item) for item in listed]
            at += 0 if following else 1
    rest = encode_cursor(kinds[at], following) if at < len(kinds) else None
    return InsidePage(items=found, next_cursor=rest)


def _place_of(kinds: tuple[WorkloadKind, ...], cursor: str | None) -> tuple[int, str]:
    key = decode_cursor(cursor, 2)
    if key is None:
        return 0, ""
    places: dict[str, int] = {name: place for place, name in enumerate(kinds)}
    if key[0] not in places:
        raise invalid([FieldError("?cursor", "The cursor is of another list. Begin again without one.")])
    return places[key[0]], key[1]


@dataclass(frozen=True, slots=True)
class Log:
    """Which log."""

    namespace: str
    pod: str
    container: str | None = None
    tail_lines: int = 200
    previous: bool = False
    timestamps: bool = False


async def read_log(errand: Errand, wanted: str, which: Filter, log: Log) -> PodLogAnswer:
    """The end of a container's log. Logs hold what people put there: as guarded, and as told, as a kubeconfig."""
    query = {"tailLines": str(log.tail_lines), "limitBytes": str(MAX_LOG_BYTES)}
    query |= {"container": log.container} if log.container is not None else {}
    query |= {name: "true" for name in ("previous", "timestamps") if getattr(log, name)}
    async with opened(errand, wanted, which, Permission.CLUSTERS_KUBECONFIG) as (found, api):
        await tell(errand, found, "cluster.pod_log_read", f"{log.namespace}/{log.pod}")
        try:
            path = f"/api/v1/namespaces/{log.namespace}/pods/{log.pod}/log"
            text, whole = await api.text(path, MAX_LOG_BYTES, **query)
        except KubeError as error:
            raise _log_refused(error, log) from error
    return PodLogAnswer(
        namespace=log.namespace,
        pod=log.pod,
        container=log.container,
        previous=log.previous,
        truncated=not whole or len(text.encode()) >= MAX_LOG_BYTES,
        text=inside.clean_text(text),
    )


def _log_refused(error: KubeError, log: Log) -> Exception:
    if error.trouble is Trouble.NOT_FOUND:
        return inside_not_found("Pod", f"{log.namespace}/{log.pod}", "GET .../pods lists them.")
    if error.status == 400:  # which container, or: it has no log yet; the API's own words say it best
        return invalid([FieldError("?container", inside.text(error.message, 1000))])
    return error


async def _paged(api: KubeApi, path: str, page: Paging, answer: Callable[[Document], T], **query: str) -> InsidePage[T]:
    key = decode_cursor(page.cursor, 1)
    following, found = key[0] if key else "", list[T]()
    while True:
        listed, following = await api.page(path, page.limit - len(found), following, **query)
        found += [answer(item) for item in listed]
        if not following or len(found) >= page.limit:
            return InsidePage(items=found, next_cursor=encode_cursor(following) if following else None)


def _within(prefix: str, namespace: str | None, plural: str) -> str:
    return f"{prefix}/namespaces/{namespace}/{plural}" if namespace is not None else f"{prefix}/{plural}"

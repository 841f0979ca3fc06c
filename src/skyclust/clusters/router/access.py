""".../clusters/{cluster}/kubeconfig, kube-token and nodes: these ask the cloud, or the cluster itself."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from skyclust.clusters import service
from skyclust.clusters.kubeconfigs import as_yaml
from skyclust.clusters.router.places import AnywhereDep, ClusterRef, WhichDep
from skyclust.clusters.schemas import DrainAnswer, ExecCredential, NodeAnswer
from skyclust.kit.documenting import Answers
from skyclust.kit.downloads import attachment
from skyclust.kit.pagination import DEFAULT_LIMIT, Cursor, Limit, Page, page_among
from skyclust.networks.service import ReadingDep

router = APIRouter()

NodeRef = Annotated[str, Path(max_length=253, pattern=r"^[a-z0-9][a-z0-9.-]*$", description="the node's name")]
Auth = Annotated[
    Literal["exec", "token", "cloud"],
    Query(description="exec: kubectl asks `skyclust kube-token`; token: short-lived, inside; cloud: its own plug-in"),
]
Format = Annotated[Literal["yaml", "json"], Query(description="how it is written")]
KUBECONFIG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/yaml": {}, "application/json": {}}, "description": "a kubeconfig"}
}
HERE = "/{provider}/kubernetes/clusters/{cluster}"


@router.get(f"{HERE}/kubeconfig", response_class=Response, responses=KUBECONFIG)
@Answers(403, 409, 502)
async def get_kubeconfig(
    errand: ReadingDep, which: WhichDep, cluster: ClusterRef, *, auth: Auth = "exec", format: Format = "yaml"  # noqa: A002 - the parameter's public name
) -> Response:  # fmt: skip
    """A kubeconfig without any static secret."""
    document = await service.get_kubeconfig(errand, cluster, which, auth)
    saved = attachment(f"kubeconfig-{cluster}", format)
    if format == "json":
        return JSONResponse(document, headers=saved)
    return PlainTextResponse(as_yaml(document), media_type="application/yaml", headers=saved)


@router.post(f"{HERE}/kube-token")
@Answers(403, 409, 502)
async def issue_kube_token(errand: ReadingDep, which: WhichDep, cluster: ClusterRef) -> ExecCredential:
    """A short-lived token, in the form that kubectl's exec plug-ins answer."""
    return await service.issue_kube_token(errand, cluster, which)


@router.post("/clusters/{cluster}/kube-token")
@Answers(403, 409, 502)
async def issue_kube_token_anywhere(errand: ReadingDep, which: AnywhereDep, cluster: ClusterRef) -> ExecCredential:
    """A short-lived token for a cluster by id."""
    return await service.issue_kube_token(errand, cluster, which)


@router.get(f"{HERE}/nodes")
@Answers(409, 502)
async def list_nodes(
    errand: ReadingDep, which: WhichDep, cluster: ClusterRef, *, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[NodeAnswer]:
    """Nodes by name, as the cluster's own API shows them now."""
    nodes = await service.list_nodes(errand, cluster, which)
    return page_among(nodes, lambda node: node.name, limit, cursor)


@router.get(f"{HERE}/nodes/{{node}}")
@Answers(409, 502)
async def get_node(errand: ReadingDep, which: WhichDep, cluster: ClusterRef, node: NodeRef) -> NodeAnswer:
    """One node."""
    return await service.get_node(errand, cluster, which, node)


@router.post(f"{HERE}/nodes/{{node}}/cordon")
@Answers(403, 409, 502)
async def cordon_node(errand: ReadingDep, which: WhichDep, cluster: ClusterRef, node: NodeRef) -> NodeAnswer:
    """Let no new pods onto the node."""
    return await service.set_schedulable(errand, cluster, which, node, schedulable=False)


@router.post(f"{HERE}/nodes/{{node}}/uncordon")
@Answers(403, 409, 502)
async def uncordon_node(errand: ReadingDep, which: WhichDep, cluster: ClusterRef, node: NodeRef) -> NodeAnswer:
    """Let pods onto the node again."""
    return await service.set_schedulable(errand, cluster, which, node, schedulable=True)


@router.post(f"{HERE}/nodes/{{node}}/drain")
@Answers(403, 409, 502)
async def drain_node(errand: ReadingDep, which: WhichDep, cluster: ClusterRef, node: NodeRef) -> DrainAnswer:
    """Cordon the node and ask its pods to go, honouring disruption budgets. One pass: ask again until `done`."""
    return await service.drain_node(errand, cluster, which, node)

""".../clusters/{cluster}/kubeconfig and kube-token: these ask the cloud."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from skyclust.clusters import service
from skyclust.clusters.kubeconfigs import Document, as_yaml
from skyclust.clusters.router.places import AnywhereDep, ClusterRef, WhichDep
from skyclust.clusters.schemas import ExecCredential
from skyclust.kit.documenting import Answers
from skyclust.kit.downloads import attachment
from skyclust.networks.service import ReadingDep

router = APIRouter(tags=["clusters"])

Auth = Annotated[
    Literal["exec", "token", "cloud"],
    Query(description="exec: kubectl asks `skyclust kube-token`; token: short-lived, inside; cloud: its own plug-in"),
]
Format = Annotated[Literal["yaml", "json"], Query(description="how it is written")]
ClusterIds = Annotated[list[UUID], Query(max_length=100, default_factory=list, description="only these")]
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
    return _file(await service.get_kubeconfig(errand, cluster, which, auth), f"kubeconfig-{cluster}", format)


@router.get("/clusters:kubeconfig", response_class=Response, responses=KUBECONFIG)
@Answers(403, 404, 409)
async def get_kubeconfigs(
    errand: ReadingDep, *, cluster_id: ClusterIds, format: Format = "yaml"  # noqa: A002 - the parameter's public name
) -> Response:  # fmt: skip
    """One kubeconfig without any secret for several clusters: those named, else all that you may reach.

    Contexts have names that stay, whatever else is in the file. No cloud is asked.
    """
    return _file(await service.get_kubeconfigs(errand, cluster_id), "kubeconfig", format)


def _file(document: Document, name: str, extension: Literal["yaml", "json"]) -> Response:
    saved = attachment(name, extension)
    if extension == "json":
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

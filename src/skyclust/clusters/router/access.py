""".../clusters/{cluster}/kubeconfig and kube-token: these ask the cloud."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from skyclust.clusters import service
from skyclust.clusters.kubeconfigs import as_yaml
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

"""/workspaces/{id}/cluster-templates: named, versioned presets for creating clusters."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from skyclust.clusters.schemas import ClusterTemplateAnswer, ClusterTemplateBody, DeprecationBody
from skyclust.clusters.service import templating
from skyclust.identity.callers import NowDep
from skyclust.kit.db import SessionDep
from skyclust.kit.pagination import DEFAULT_LIMIT, Cursor, Limit, Page
from skyclust.kit.rehearsing import REHEARSABLE
from skyclust.workspaces.callers import CallerDep

router = APIRouter(prefix="/workspaces/{workspace_id}/cluster-templates", tags=["clusters"])

TemplateName = Annotated[str, Path(max_length=100, description="the template's name")]
VersionNumber = Annotated[int, Path(ge=1, le=1_000_000, description="its version")]
NameQuery = Annotated[str | None, Query(max_length=100, description="versions of this template only")]
ProviderQuery = Annotated[str | None, Query(max_length=50, description="templates of this provider only")]


@router.get("")
async def list_cluster_templates(
    workspace_id: UUID, caller: CallerDep, session: SessionDep, *, name: NameQuery = None,
    provider: ProviderQuery = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None,
) -> Page[ClusterTemplateAnswer]:  # fmt: skip
    """Every version, by name, the newest first."""
    rows, following = await templating.list_templates(
        session, caller, workspace_id, name=name, provider=provider, limit=limit, cursor=cursor
    )
    return Page(items=[ClusterTemplateAnswer.model_validate(row) for row in rows], next_cursor=following)


@router.post("", status_code=201, dependencies=REHEARSABLE)
async def create_cluster_template(
    request: Request, workspace_id: UUID, body: ClusterTemplateBody, response: Response, *, caller: CallerDep,
    session: SessionDep, now: NowDep,
) -> ClusterTemplateAnswer:  # fmt: skip
    """The first version of a name, or its next one: versions never change."""
    providers = request.app.state.providers
    row = await templating.create_template(session, caller, workspace_id, body, providers, now)
    response.headers["Location"] = f"/api/v1/workspaces/{workspace_id}/cluster-templates/{row.name}/{row.version}"
    return ClusterTemplateAnswer.model_validate(row)


@router.get("/{template}/{number}")
async def get_cluster_template(
    workspace_id: UUID, template: TemplateName, number: VersionNumber, caller: CallerDep, session: SessionDep
) -> ClusterTemplateAnswer:
    """One version."""
    row = await templating.get_template(session, caller, workspace_id, template, number)
    return ClusterTemplateAnswer.model_validate(row)


@router.post("/{template}/{number}:deprecate", dependencies=REHEARSABLE)
async def deprecate_cluster_template(
    workspace_id: UUID, template: TemplateName, number: VersionNumber, body: DeprecationBody, *, caller: CallerDep,
    session: SessionDep, now: NowDep,
) -> ClusterTemplateAnswer:  # fmt: skip
    """It goes on working; plans of clusters made from it say why it should not be used any more."""
    row = await templating.deprecate_template(
        session, caller, workspace_id, template, number, reason=body.reason, now=now
    )
    return ClusterTemplateAnswer.model_validate(row)


@router.delete("/{template}/{number}", status_code=204, dependencies=REHEARSABLE)
async def delete_cluster_template(
    workspace_id: UUID, template: TemplateName, number: VersionNumber, *, caller: CallerDep, session: SessionDep,
    now: NowDep,
) -> None:  # fmt: skip
    """Nothing is made from it any more. Its number is not given out again."""
    await templating.delete_template(session, caller, workspace_id, template, number, now)

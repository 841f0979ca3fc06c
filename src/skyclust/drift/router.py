"""Routes of drift and orphans."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from skyclust.drift import service
from skyclust.drift.schemas import DriftAnswer, DriftPage
from skyclust.kit.pagination import DEFAULT_LIMIT, Cursor, Limit
from skyclust.networks.service import ReadingDep
from skyclust.provisioning.drift_reading import Place

router = APIRouter(tags=["drift"])


def place(
    provider: Annotated[str | None, Query(max_length=50)] = None,
    region: Annotated[str | None, Query(max_length=50)] = None,
    credential_id: UUID | None = None,
    cluster: Annotated[str | None, Query(max_length=100, description="name or id of a cluster or network")] = None,
) -> Place:
    """What a list is narrowed to."""
    return Place(provider, region, credential_id, cluster)


PlaceDep = Annotated[Place, Depends(place)]


@router.get("/drift")
async def list_drift(
    request: Request, errand: ReadingDep, where: PlaceDep, *, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> DriftPage:
    """What other hands have changed or deleted, as the last sweeps saw it; `sweeps` tells when that was."""
    interval = request.app.state.settings.sweep_seconds
    return await service.drift_page(errand, where, interval_seconds=interval, limit=limit, cursor=cursor)


@router.get("/drift/{drift_id}")
async def get_drift(errand: ReadingDep, drift_id: UUID) -> DriftAnswer:
    """One resource that is not as wanted."""
    return await service.get_drift(errand, drift_id)

"""Path and query parameters of the routes of drift and orphans."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Path, Query, Request

from skyclust.drift import service
from skyclust.kit.pagination import DEFAULT_LIMIT, Cursor, Limit
from skyclust.provisioning.drift_reading import Place

ProviderName = Annotated[str, Path(max_length=50, description="a name out of /providers")]
ClusterRef = Annotated[str, Path(max_length=100, description="the cluster's name or id")]
NetworkRef = Annotated[str, Path(max_length=500, description="our id, the cloud's id or the name")]
StateQuery = Annotated[Literal["found", "ignored", "sweeping"] | None, Query(description="all but ignored if left out")]


def place(
    provider: Annotated[str | None, Query(max_length=50)] = None,
    region: Annotated[str | None, Query(max_length=50)] = None,
    credential_id: UUID | None = None,
    cluster: Annotated[str | None, Query(max_length=100, description="name or id of a cluster or network")] = None,
) -> Place:
    """What a list is narrowed to."""
    return Place(provider, region, credential_id, cluster)


def narrow(
    provider: Annotated[str | None, Query(max_length=50)] = None,
    region: Annotated[str | None, Query(max_length=50)] = None,
    credential_id: UUID | None = None,
) -> Place:
    """What an ambiguous name is narrowed to."""
    return Place(provider, region, credential_id)


def narrow_in(
    provider: ProviderName,
    region: Annotated[str | None, Query(max_length=50)] = None,
    credential_id: UUID | None = None,
) -> Place:
    """On the routes of one provider."""
    return Place(provider, region, credential_id)


def paging(request: Request, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> service.Paging:
    """Which page."""
    return service.Paging(request.app.state.settings.sweep_seconds, limit, cursor)


PlaceDep = Annotated[Place, Depends(place)]
NarrowDep = Annotated[Place, Depends(narrow)]
NarrowInDep = Annotated[Place, Depends(narrow_in)]
PagingDep = Annotated[service.Paging, Depends(paging)]

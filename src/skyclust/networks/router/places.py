"""Path and query parameters of all routes of networks."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query

from skyclust.networks.queries import Filter

ProviderName = Annotated[str, Path(max_length=50, description="a name out of /providers")]
NetworkRef = Annotated[str, Path(max_length=500, description="our id, the cloud's id or the name")]
PartRef = Annotated[str, Path(max_length=1024, description="our id or the cloud's")]
CredentialQuery = Annotated[UUID | None, Query(description="only of this credential")]
RegionQuery = Annotated[str | None, Query(max_length=50)]
NameQuery = Annotated[str | None, Query(max_length=100, description="exactly this name")]


def which(
    provider: ProviderName,
    credential_id: CredentialQuery = None,
    region: RegionQuery = None,
    name: NameQuery = None,
) -> Filter:
    """On the routes of one provider."""
    return Filter(provider, credential_id, region, name)


def which_anywhere(
    provider: Annotated[str | None, Query(max_length=50)] = None,
    credential_id: CredentialQuery = None,
    region: RegionQuery = None,
    name: NameQuery = None,
) -> Filter:
    """On the unified routes."""
    return Filter(provider, credential_id, region, name)


WhichDep = Annotated[Filter, Depends(which)]
AnywhereDep = Annotated[Filter, Depends(which_anywhere)]

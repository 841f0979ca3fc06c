"""Path and query parameters that say which cluster is meant. Used by all routes of clusters."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query

from skyclust.clusters.queries import Filter

ProviderName = Annotated[str, Path(max_length=50, description="a name out of /providers")]
ClusterRef = Annotated[str, Path(max_length=100, description="the cluster's name or id")]
PoolRef = Annotated[str, Path(max_length=63, description="the node pool's name")]
CredentialQuery = Annotated[UUID | None, Query(description="narrow an ambiguous name")]
RegionQuery = Annotated[str | None, Query(max_length=50, description="narrow an ambiguous name")]


def which(provider: ProviderName, credential_id: CredentialQuery = None, region: RegionQuery = None) -> Filter:
    """On the routes of one provider."""
    return Filter(provider, credential_id, region)


def which_anywhere(
    provider: Annotated[str | None, Query(max_length=50)] = None,
    credential_id: CredentialQuery = None,
    region: RegionQuery = None,
) -> Filter:
    """On the unified routes."""
    return Filter(provider, credential_id, region)


WhichDep = Annotated[Filter, Depends(which)]
AnywhereDep = Annotated[Filter, Depends(which_anywhere)]

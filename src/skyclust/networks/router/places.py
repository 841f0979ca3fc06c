"""Path and query parameters of all routes of networks."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query

from skyclust.kit.schemas import Cidr
from skyclust.networks.queries import Filter
from skyclust.networks.schemas import NetworkAnswer
from skyclust.networks.service import RangeWish
from skyclust.provisioning.accepting import ACCEPTED
from skyclust.provisioning.answers import PlanAnswer

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


#: Of a PATCH that is done at once, or begins an operation.
CHANGED = ACCEPTED | {200: {"model": NetworkAnswer | PlanAnswer, "description": "changed, or the plan of a dry run"}}

WhichDep = Annotated[Filter, Depends(which)]
AnywhereDep = Annotated[Filter, Depends(which_anywhere)]


def range_wish(
    prefix_length: Annotated[int, Query(ge=8, le=30, description="how large: 16 is 65,536 addresses")] = 16,
    within: Annotated[Cidr, Query(description="where to look")] = "10.0.0.0/8",
    count: Annotated[int, Query(ge=1, le=100)] = 3,
    provider: Annotated[str | None, Query(max_length=50, description="whose rules must allow the range")] = None,
    region: RegionQuery = None,
    workspace_id: Annotated[UUID | None, Query(description="else your first one")] = None,
) -> RangeWish:
    """On GET /networks:free-ranges."""
    return RangeWish(prefix_length, within, count, provider, region, workspace_id)


WishDep = Annotated[RangeWish, Depends(range_wish)]

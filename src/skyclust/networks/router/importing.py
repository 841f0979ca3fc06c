"""vpcs:importable, :import, {network}:manage, {network}:release: take over what exists, and give it back.

All of these but release ask the cloud.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from skyclust.kit.documenting import Answers
from skyclust.kit.pagination import DEFAULT_LIMIT, Cursor, Limit, Page
from skyclust.networks import service
from skyclust.networks.queries import Filter
from skyclust.networks.router.places import NetworkRef, ProviderName, RegionQuery
from skyclust.networks.schemas import ImportableAnswer, ImportBody, UnifiedImportBody
from skyclust.networks.service import ErrandDep, ReadingDep
from skyclust.provisioning.accepting import ACCEPTED, IMPORT_ACCEPTED, accepted

router = APIRouter(tags=["networks"])

CredentialQuery = Annotated[UUID, Query(description="whose account to look into")]
HERE = "/{provider}/network/vpcs"


@router.get(HERE + ":importable")
@Answers(403, 502)
async def list_importable_networks(
    errand: ReadingDep,
    provider: ProviderName,
    credential_id: CredentialQuery,
    *,
    region: RegionQuery = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[ImportableAnswer]:
    """Networks that exist in the region, ours and others', as the cloud shows them now."""
    which = Filter(errand.provider(provider).name, credential_id, region)
    return await service.list_importable(errand, which, limit=limit, cursor=cursor)


@router.post(HERE + ":import", status_code=202, responses=IMPORT_ACCEPTED)
@Answers(502)
async def import_network(errand: ErrandDep, provider: ProviderName, body: ImportBody) -> Response:
    """Take over a network that exists with its subnets and groups: read-only (observed), or managed like our own."""
    return accepted(await service.import_network(errand, provider, body))


@router.post("/networks:import", status_code=202, responses=IMPORT_ACCEPTED)
@Answers(404, 502)
async def import_network_anywhere(errand: ErrandDep, body: UnifiedImportBody) -> Response:
    """Take over a network that exists on the cloud that the body names."""
    return accepted(await service.import_network(errand, body.provider, body))


@router.post(HERE + "/{network:path}:manage", status_code=202, responses=IMPORT_ACCEPTED)
@Answers(502)
async def manage_network(errand: ErrandDep, provider: ProviderName, network: NetworkRef) -> Response:
    """Manage a network that was imported read-only."""
    return accepted(await service.manage_network(errand, errand.provider(provider).name, network))


@router.post("/networks/{network:path}:manage", status_code=202, responses=IMPORT_ACCEPTED)
@Answers(502)
async def manage_network_anywhere(errand: ErrandDep, network: NetworkRef) -> Response:
    """Manage a network that was imported read-only."""
    return accepted(await service.manage_network(errand, None, network))


@router.post(HERE + "/{network:path}:release", status_code=202, responses=ACCEPTED)
async def release_network(errand: ErrandDep, provider: ProviderName, network: NetworkRef) -> Response:
    """Forget an imported network and take our mark off; nothing is deleted."""
    return accepted(await service.release_network(errand, errand.provider(provider).name, network))


@router.post("/networks/{network:path}:release", status_code=202, responses=ACCEPTED)
async def release_network_anywhere(errand: ErrandDep, network: NetworkRef) -> Response:
    """Forget an imported network and take our mark off; nothing is deleted."""
    return accepted(await service.release_network(errand, None, network))

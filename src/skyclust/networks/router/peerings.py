"""/{provider}/network/peerings: list, add, get, delete. Adding one changes the network that asks for it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from skyclust.kit.documenting import Answers
from skyclust.kit.pagination import DEFAULT_LIMIT, Cursor, Limit, Page, page_among
from skyclust.networks import service
from skyclust.networks.router.places import PartRef, ProviderName, WhichDep
from skyclust.networks.schemas import PeeringAnswer, PeeringBody
from skyclust.networks.service import ErrandDep, ReadingDep
from skyclust.networks.states import PEERING_PREFIX
from skyclust.provisioning.accepting import ACCEPTED, accepted
from skyclust.workspaces.permissions import Permission

router = APIRouter(prefix="/{provider}/network/peerings", tags=["networks"])


@router.get("")
@Answers(409)
async def list_peerings(
    errand: ReadingDep,
    which: WhichDep,
    *,
    vpc_id: Annotated[str | None, Query(max_length=500, description="the network that asked for them")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[PeeringAnswer]:
    """Peerings by the network that asked for them and the name."""
    errand.provider(which.provider or "")
    found = await service.list_parts(errand, which, vpc_id, PEERING_PREFIX)
    return page_among(
        [service.peering_answer(part) for part in found],
        lambda peering: f"{peering.network_id}/{peering.name}",
        limit,
        cursor,
    )


@router.post("", status_code=202, responses=ACCEPTED)
@Answers(404, 412)
async def create_peering(errand: ErrandDep, provider: ProviderName, body: PeeringBody) -> Response:
    """Let two networks of one account reach each other by private addresses: both sides, and routes both ways.

    Refused before anything is made when their ranges overlap, or those of networks that they are peered with already.
    """
    return accepted(await service.create_peering(errand, errand.provider(provider), body))


@router.get("/{peering:path}")
async def get_peering(errand: ReadingDep, provider: ProviderName, peering: PartRef) -> PeeringAnswer:
    """One peering by our id or the cloud's."""
    return service.peering_answer(
        await service.find_part(errand, errand.provider(provider).name, peering, PEERING_PREFIX)
    )


@router.delete("/{peering:path}", status_code=202, responses=ACCEPTED)
@Answers(412)
async def delete_peering(errand: ErrandDep, provider: ProviderName, peering: PartRef) -> Response:
    """Take both sides and their routes away; the networks stay."""
    part = await service.find_part(
        errand, errand.provider(provider).name, peering, PEERING_PREFIX, Permission.NETWORKS_UPDATE
    )
    return accepted(await service.delete_peering(errand, part))

"""/networks: one list over all clouds, one body for all clouds."""

from __future__ import annotations

from fastapi import APIRouter, Response

from skyclust.kit.documenting import Answers
from skyclust.kit.pagination import DEFAULT_LIMIT, Cursor, Limit, Page
from skyclust.networks import service
from skyclust.networks.parsing import parse_unified
from skyclust.networks.router.places import CHANGED, AnywhereDep, NetworkRef, WishDep
from skyclust.networks.schemas import (
    FreeRangesAnswer,
    NetworkAnswer,
    NetworkPatchBody,
    TopologyAnswer,
    UnifiedNetworkBody,
)
from skyclust.networks.service import ErrandDep, ReadingDep
from skyclust.provisioning.accepting import ACCEPTED, accepted
from skyclust.provisioning.answers import PlanAnswer

router = APIRouter(prefix="/networks", tags=["networks"])


@router.post("", status_code=202, responses=ACCEPTED)
@Answers(404, 502)
async def create_network(errand: ErrandDep, body: UnifiedNetworkBody) -> Response:
    """Create a network on the cloud that the body names."""
    errand.provider(body.provider)
    return accepted(await service.create_network(errand.citing(body.plan_digest), parse_unified(body)))


@router.get("")
async def list_networks(
    errand: ReadingDep, which: AnywhereDep, *, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[NetworkAnswer]:
    """Networks of every cloud, those made with clusters included."""
    return await service.answer_page(errand, which, limit=limit, cursor=cursor)


@router.get(":free-ranges")
@Answers(403, 404)
async def list_free_ranges(errand: ReadingDep, wish: WishDep) -> FreeRangesAnswer:
    """Address ranges that overlap nothing of the workspace, on whatever cloud, lowest first. No cloud is asked.

    With `provider` only those that its rules allow for a network.
    """
    return await service.free_ranges(errand, wish)


@router.get("/{network:path}:deletion-plan")
@Answers(409, 502)
async def get_deletion_plan(errand: ReadingDep, network: NetworkRef) -> PlanAnswer:
    """Ask the cloud for everything inside: what would go, and what stands in the way. Cite its digest on DELETE."""
    return await service.deletion_plan(errand, None, network)


@router.get("/{network:path}/topology")
@Answers(409)
async def get_topology(errand: ReadingDep, network: NetworkRef) -> TopologyAnswer:
    """The network as a graph: subnets, gateways, firewalls, and the clusters in it if you may read clusters there."""
    return await service.network_topology(errand, None, network)


@router.get("/{network:path}")
@Answers(409)
async def get_network(errand: ReadingDep, network: NetworkRef, response: Response) -> NetworkAnswer:
    """One network by our id or its name."""
    standing = await service.get_network(errand, None, network)
    response.headers["ETag"] = standing.etag
    return service.answer_of(errand, standing)


@router.patch("/{network:path}", status_code=202, responses=CHANGED)
@Answers(412)
async def update_network(errand: ErrandDep, network: NetworkRef, body: NetworkPatchBody) -> Response:
    """Change the routing mode or the MTU, where the cloud can, and deletion protection. Send the ETag in If-Match.

    Deletion protection alone is changed at once: 200 with the network.
    """
    return accepted(await service.update_network(errand, None, network, body))


@router.delete("/{network:path}", status_code=202, responses=ACCEPTED)
@Answers(412, 502)
async def delete_network(errand: ErrandDep, network: NetworkRef) -> Response:
    """Delete a network with what belongs to it; refused before anything is touched when something foreign is inside."""
    return accepted(await service.delete_network(errand, None, network))

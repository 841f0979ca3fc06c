"""/{provider}/network/vpcs: create, list, get, preview deletion, delete."""

from __future__ import annotations

from fastapi import APIRouter, Response

from skyclust.kit.documenting import Answers
from skyclust.kit.pagination import DEFAULT_LIMIT, Cursor, Limit, Page
from skyclust.networks import service
from skyclust.networks.parsing import parse_flat
from skyclust.networks.router.places import CHANGED, NetworkRef, ProviderName, WhichDep
from skyclust.networks.schemas import NetworkAnswer, NetworkBody, NetworkPatchBody, TopologyAnswer
from skyclust.networks.service import ErrandDep, ReadingDep
from skyclust.provisioning.accepting import ACCEPTED, accepted
from skyclust.provisioning.answers import PlanAnswer

router = APIRouter(prefix="/{provider}/network/vpcs", tags=["networks"])


@router.post("", status_code=202, responses=ACCEPTED)
@Answers(502)
async def create_network(errand: ErrandDep, provider: ProviderName, body: NetworkBody) -> Response:
    """Create a network."""
    request = parse_flat(errand.provider(provider).name, body)
    return accepted(await service.create_network(errand.citing(body.plan_digest), request))


@router.get("")
async def list_networks(
    errand: ReadingDep, which: WhichDep, *, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[NetworkAnswer]:
    """The provider's networks, those made with clusters included."""
    errand.provider(which.provider or "")
    return await service.answer_page(errand, which, limit=limit, cursor=cursor)


@router.get("/{network:path}:deletion-plan")
@Answers(409, 502)
async def get_deletion_plan(errand: ReadingDep, provider: ProviderName, network: NetworkRef) -> PlanAnswer:
    """Ask the cloud for everything inside: what would go, and what stands in the way. Cite its digest on DELETE."""
    return await service.deletion_plan(errand, errand.provider(provider).name, network)


@router.get("/{network:path}/topology")
@Answers(409)
async def get_topology(errand: ReadingDep, provider: ProviderName, network: NetworkRef) -> TopologyAnswer:
    """The network as a graph: subnets, gateways, firewalls, and the clusters in it if you may read clusters there."""
    return await service.network_topology(errand, errand.provider(provider).name, network)


@router.get("/{network:path}")
@Answers(409)
async def get_network(
    errand: ReadingDep, provider: ProviderName, network: NetworkRef, response: Response
) -> NetworkAnswer:
    """One network."""
    standing = await service.get_network(errand, errand.provider(provider).name, network)
    response.headers["ETag"] = standing.etag
    return service.answer_of(errand, standing)


@router.patch("/{network:path}", status_code=202, responses=CHANGED)
@Answers(412)
async def update_network(
    errand: ErrandDep, provider: ProviderName, network: NetworkRef, body: NetworkPatchBody
) -> Response:
    """Change the routing mode or the MTU, where the cloud can, and deletion protection. Send the ETag in If-Match.

    Deletion protection alone is changed at once: 200 with the network.
    """
    return accepted(await service.update_network(errand, errand.provider(provider).name, network, body))


@router.delete("/{network:path}", status_code=202, responses=ACCEPTED)
@Answers(412, 502)
async def delete_network(errand: ErrandDep, provider: ProviderName, network: NetworkRef) -> Response:
    """Delete a network with what belongs to it; refused before anything is touched when something foreign is inside."""
    return accepted(await service.delete_network(errand, errand.provider(provider).name, network))

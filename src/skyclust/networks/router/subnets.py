"""/{provider}/network/subnets: list, add, get, change, delete. Adding one changes its network."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from skyclust.kit.documenting import Answers
from skyclust.kit.pagination import DEFAULT_LIMIT, Cursor, Limit, Page, page_among
from skyclust.networks import parts, service
from skyclust.networks.router.places import PartRef, ProviderName, WhichDep
from skyclust.networks.schemas import SubnetAnswer, SubnetBody, SubnetPart, SubnetPatchBody
from skyclust.networks.service import Change, ErrandDep, ReadingDep
from skyclust.networks.states import SUBNET_PREFIX
from skyclust.provisioning.accepting import ACCEPTED, accepted
from skyclust.workspaces.permissions import Permission

router = APIRouter(prefix="/{provider}/network/subnets", tags=["networks"])


@router.get("")
@Answers(409)
async def list_subnets(
    errand: ReadingDep,
    which: WhichDep,
    *,
    vpc_id: Annotated[str | None, Query(max_length=500)] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[SubnetAnswer]:
    """Subnets of our networks by id, carved ones included."""
    errand.provider(which.provider or "")
    found = await service.list_parts(errand, which, vpc_id, SUBNET_PREFIX)
    return page_among(
        [service.subnet_answer(part) for part in found],
        lambda subnet: f"{subnet.network_id}/{subnet.name}",
        limit,
        cursor,
    )


@router.post("", status_code=202, responses=ACCEPTED)
@Answers(412)
async def create_subnet(errand: ErrandDep, provider: ProviderName, body: SubnetBody) -> Response:
    """Add a subnet to a network of ours."""
    standing = await service.get_network(errand, errand.provider(provider).name, body.vpc_id)
    service.check_credential(standing, body.credential_id)
    part = SubnetPart.model_validate(body.model_dump(include=set(SubnetPart.model_fields)))
    change = Change(
        "subnet.create", "network.subnet_create_requested", {"subnet": body.name, "cidr_block": body.cidr_block},
        lambda spec: parts.with_subnet(spec, part), lambda spec: parts.of_last_part("subnets", spec),
    )  # fmt: skip
    return accepted(await service.change_network(errand.citing(body.plan_digest), standing, change))


@router.get("/{subnet:path}")
async def get_subnet(errand: ReadingDep, provider: ProviderName, subnet: PartRef) -> SubnetAnswer:
    """One subnet by our id or the cloud's."""
    return service.subnet_answer(await service.find_part(errand, errand.provider(provider).name, subnet, SUBNET_PREFIX))


@router.patch("/{subnet:path}", status_code=202, responses=ACCEPTED)
@Answers(412)
async def update_subnet(errand: ErrandDep, provider: ProviderName, subnet: PartRef, body: SubnetPatchBody) -> Response:
    """Make it public, or private again."""
    part = await service.find_part(
        errand, errand.provider(provider).name, subnet, SUBNET_PREFIX, Permission.NETWORKS_UPDATE
    )
    change = Change(
        "subnet.update", "network.subnet_update_requested", {"subnet": part.name, "public": body.public},
        lambda spec: parts.with_subnet_public(spec, part.name, public=body.public),
    )  # fmt: skip
    return accepted(await service.change_network(errand.citing(body.plan_digest), part.standing, change))


@router.delete("/{subnet:path}", status_code=202, responses=ACCEPTED)
@Answers(412)
async def delete_subnet(errand: ErrandDep, provider: ProviderName, subnet: PartRef) -> Response:
    """Take it out of its network."""
    part = await service.find_part(
        errand, errand.provider(provider).name, subnet, SUBNET_PREFIX, Permission.NETWORKS_UPDATE
    )
    change = Change(
        "subnet.delete", "network.subnet_delete_requested", {"subnet": part.name},
        lambda spec: parts.without_subnet(spec, part.name),
    )  # fmt: skip
    return accepted(await service.change_network(errand, part.standing, change))

"""Find and show networks. A read never calls a cloud: a page comes from rows, with three statements."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.kit.pagination import Page, decode_cursor, encode_cursor, page_of
from skyclust.kit.problems import FieldError, invalid
from skyclust.networks import queries
from skyclust.networks.answers import Standing, network_answer
from skyclust.networks.models import NetworkRow
from skyclust.networks.queries import Filter
from skyclust.networks.schemas import NetworkAnswer
from skyclust.networks.service.belonging import as_uuid, find_network
from skyclust.networks.service.ground import Errand
from skyclust.provisioning.operating import active_operations, load_rows_of
from skyclust.workspaces.permissions import Permission


async def standings(session: AsyncSession, rows: Sequence[NetworkRow]) -> list[Standing]:
    """How each network stands, in two statements."""
    stacks = [row.stack_id for row in rows]
    resources = await load_rows_of(session, stacks)
    running = await active_operations(session, stacks)
    return [Standing(row, resources[row.stack_id], running.get(row.stack_id)) for row in rows]


async def network_standing(
    session: AsyncSession, errand: Errand, provider: str | None, wanted: str,
    permission: Permission = Permission.NETWORKS_READ,
) -> Standing:  # fmt: skip
    """One network by our id, the cloud's id or its name; 404, 403 or 409 otherwise."""
    row = await find_network(session, errand.caller, provider, wanted)
    errand.caller.require(row.workspace_id, permission)
    return (await standings(session, [row]))[0]


async def get_network(errand: Errand, provider: str | None, wanted: str) -> Standing:
    """One network."""
    async with errand.session() as session:
        return await network_standing(session, errand, provider, wanted)


def answer_of(errand: Errand, standing: Standing) -> NetworkAnswer:
    """Its wire shape."""
    return network_answer(errand.ground.providers.get(standing.row.provider), standing)


async def answer_page(errand: Errand, which: Filter, *, limit: int, cursor: str | None) -> Page[NetworkAnswer]:
    """A page of living networks, oldest first, in every workspace where the caller may read them."""
    key = decode_cursor(cursor, 1)
    after = as_uuid(key[0]) if key else None
    if key and after is None:
        raise invalid([FieldError("?cursor", "Use the next_cursor of the page before, unchanged.")])
    async with errand.session() as session:
        allowed = errand.caller.workspace_ids(Permission.NETWORKS_READ)
        rows = await queries.list_networks(session, allowed, which, after=after, limit=limit)
        kept, following = page_of(rows, limit, lambda row: encode_cursor(str(row.id)))
        found = await standings(session, kept)
    return Page(items=[answer_of(errand, standing) for standing in found], next_cursor=following)

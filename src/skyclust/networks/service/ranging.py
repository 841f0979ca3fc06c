"""Give out address ranges: what a workspace has, what is free, and never the same twice. Also called by clusters.

Invariant: a range that nobody named is chosen while the workspace's ranges are held, in the transaction that enters it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.contract.provider import Provider
from skyclust.kit.problems import FieldError, invalid
from skyclust.networks import queries
from skyclust.networks.cidrs import parse_cidr
from skyclust.networks.parsing import region_of
from skyclust.networks.ranges import Range, kept_or_free, propose, to_avoid
from skyclust.networks.schemas import FreeRangeAnswer, FreeRangesAnswer
from skyclust.networks.service.ground import Account, Errand
from skyclust.workspaces.permissions import Permission


@dataclass(frozen=True, slots=True)
class Ranges:
    """The ranges of a workspace, as a request in one place sees them."""

    all: list[Range]
    #: By name, of networks of their own in that place: nothing there may overlap them.
    alone: dict[str, str]
    #: What a block that nobody named keeps clear of.
    avoided: list[str]


@dataclass(frozen=True, slots=True)
class RangeWish:
    """What GET /networks:free-ranges asks for."""

    prefix_length: int
    within: str
    count: int
    provider: str | None = None
    region: str | None = None
    workspace_id: UUID | None = None


async def ranges_seen_from(session: AsyncSession, account: Account, region: str) -> Ranges:
    """Everything that the workspace has, on whatever cloud."""
    taken = await queries.ranges_of(session, [account.workspace_id])
    known = _known(taken)
    here = [
        item for item in taken
        if item.alone and (item.provider, item.account, item.region) == (account.provider, account.account, region)
    ]  # fmt: skip
    avoided = to_avoid(known, account.provider, account.account, region)
    return Ranges(known, {item.name: item.cidr_block for item in here}, avoided)


async def settled_block(session: AsyncSession, account: Account, region: str, block: str) -> tuple[str, Ranges]:
    """The block while nothing overlaps it, or a free one of its size. Holds the workspace's ranges until the end of the
    transaction.
    """
    await queries.hold_ranges(session, account.workspace_id)
    ranges = await ranges_seen_from(session, account, region)
    return kept_or_free(block, ranges.avoided), ranges


async def free_ranges(errand: Errand, wish: RangeWish) -> FreeRangesAnswer:
    """Ranges that overlap nothing of the workspace; with a cloud, only those that it has nothing against."""
    workspace_id = errand.caller.default_workspace(wish.workspace_id, Permission.NETWORKS_READ)
    provider, region = _judge(errand, wish)
    within = _within(wish)
    async with errand.session() as session:
        taken = _known(await queries.ranges_of(session, [workspace_id]))
    found = propose(within, wish.prefix_length, [item.block for item in taken], wish.count, provider, region)
    if found.objection and not found.blocks:
        raise invalid([FieldError("?prefix_length", found.objection)])
    items = [FreeRangeAnswer(cidr_block=str(block), addresses=block.num_addresses) for block in found.blocks]
    return FreeRangesAnswer(
        workspace_id=workspace_id, items=items, avoided=sum(item.block.overlaps(within) for item in taken)
    )


def _judge(errand: Errand, wish: RangeWish) -> tuple[Provider | None, str]:
    """The cloud whose rules count, and the region in which."""
    if wish.provider is None:
        if wish.region is not None:
            raise invalid([FieldError("?region", "A region is one of a cloud. Name its provider too.")])
        return None, ""
    provider = errand.provider(wish.provider)
    return provider, region_of(provider, wish.region, provider.regions()[0], "?region")


def _within(wish: RangeWish) -> IPv4Network:
    within = parse_cidr(wish.within)
    if isinstance(within, str):
        raise invalid([FieldError("?within", within)])
    if wish.prefix_length < within.prefixlen:
        wrong = f"A /{wish.prefix_length} does not fit into {within}. Give a longer prefix, or a larger range."
        raise invalid([FieldError("?prefix_length", wrong)])
    return within


def _known(taken: Sequence[queries.Taken]) -> list[Range]:
    """Those that are IPv4 blocks; what was imported may have others."""
    blocks = [(item, parse_cidr(item.cidr_block)) for item in taken]
    return [
        Range(block, item.use, item.name, item.provider, item.account, item.region)
        for item, block in blocks
        if isinstance(block, IPv4Network)
    ]

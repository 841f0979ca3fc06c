"""Every statement of networks. Each names the workspaces, and is held by row-level security besides.

Living = not deleted, and its stack still holds something: a deletion that ended needs nobody to write it down.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, bindparam, delete, literal, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.networks.models import NetworkRow, NetworkUseRow
from skyclust.provisioning.living import holds_something, stacks_holding, stacks_with_part
from skyclust.provisioning.models import ResourceRecord, StackRecord
from skyclust.provisioning.rows import State


@dataclass(frozen=True, slots=True)
class Filter:
    """Which networks. None = any."""

    provider: str | None = None
    credential_id: UUID | None = None
    region: str | None = None
    name: str | None = None


#: See migration 0007: looks into every workspace, answers ids only.
_HOLDERS = text(
    "SELECT external_id, workspace_id, id FROM skyclust_holders(:what, :cloud, :whose, :place, :ids)"
).bindparams(bindparam("ids", type_=ARRAY(Text)))
_HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


_Ranges = Select[str, str, str, str, str, str, bool]
#: Under these words a cluster's own resource has its ranges outside the network in its spec, on every cloud.
CLUSTER_RANGES = {"pods": "pod_cidr", "services": "service_cidr"}


class Place(Protocol):
    """A cloud account."""

    @property
    def provider(self) -> str:
        """Which cloud."""
        ...

    @property
    def account(self) -> str:
        """Whose."""
        ...


def _living(workspace_ids: Collection[UUID]) -> Select[NetworkRow]:
    return select(NetworkRow).where(
        NetworkRow.workspace_id.in_(list(workspace_ids)),
        NetworkRow.deleted_at.is_(None),
        holds_something(NetworkRow.stack_id),
    )


async def by_id(
    session: AsyncSession, workspace_ids: Collection[UUID], network_id: UUID, *, lock: bool = False
) -> NetworkRow | None:
    """One living network."""
    statement = _living(workspace_ids).where(NetworkRow.id == network_id)
    return await session.scalar(statement.with_for_update() if lock else statement)


async def by_cloud_id(
    session: AsyncSession, workspace_ids: Collection[UUID], provider: str, cloud_id: str, *, lock: bool = False
) -> list[NetworkRow]:
    """Living networks whose own resource has this id in the cloud."""
    statement = _living(workspace_ids).where(
        NetworkRow.provider == provider,
        NetworkRow.stack_id.in_(stacks_holding("network", cloud_id)),
    )
    return list(await session.scalars(statement.with_for_update() if lock else statement))


async def by_part(
    session: AsyncSession, workspace_ids: Collection[UUID], provider: str, prefix: str, wanted: str
) -> list[NetworkRow]:
    """Living networks with a part of that sort that `wanted` names by our id or the cloud's."""
    statement = _living(workspace_ids).where(
        NetworkRow.provider == provider, NetworkRow.stack_id.in_(stacks_with_part(prefix, wanted))
    )
    return list(await session.scalars(statement))


async def hold_networks(session: AsyncSession, workspace_id: UUID, ids: Collection[UUID]) -> None:
    """Until the transaction ends nobody else changes or deletes them. Always in one order: none wait in a ring."""
    own = NetworkRow.workspace_id == workspace_id, NetworkRow.id.in_(list(ids))
    await session.execute(select(NetworkRow.id).where(*own).order_by(NetworkRow.id).with_for_update())


async def asking_to_peer(session: AsyncSession, workspace_id: UUID, network_id: UUID) -> list[NetworkRow]:
    """Living networks whose spec has a peering with this one, by id."""
    has = NetworkRow.spec["peerings"].contains([{"network": str(network_id)}])
    return list(await session.scalars(_living([workspace_id]).where(has).order_by(NetworkRow.id)))


async def list_networks(
    session: AsyncSession, workspace_ids: Collection[UUID], which: Filter, *, after: UUID | None = None, limit: int
) -> list[NetworkRow]:
    """Living networks, oldest first; one more than `limit` when there are more."""
    statement = _living(workspace_ids)
    for column, value in (
        (NetworkRow.provider, which.provider),
        (NetworkRow.credential_id, which.credential_id),
        (NetworkRow.region, which.region),
        (NetworkRow.name, which.name),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if after is not None:
        statement = statement.where(NetworkRow.id > after)
    return list(await session.scalars(statement.order_by(NetworkRow.id).limit(limit + 1)))


@dataclass(frozen=True, slots=True)
class Taken:
    """A range as a row has it: of a network, or of the pods or services of a cluster that keeps them elsewhere."""

    cidr_block: str
    use: str
    name: str
    provider: str
    account: str
    region: str
    #: Of a network of its own: no other may overlap it in the same place.
    alone: bool


async def ranges_of(session: AsyncSession, workspace_ids: Collection[UUID]) -> list[Taken]:
    """Every range of living networks and clusters."""
    statements = [_of_networks(workspace_ids), *(_of_clusters(workspace_ids, use) for use in CLUSTER_RANGES)]
    return [
        Taken(block, use, name, provider, account, region, alone)
        for statement in statements
        for block, use, name, provider, account, region, alone in await session.execute(statement)
    ]


def _of_networks(workspace_ids: Collection[UUID]) -> _Ranges:
    return select(
        NetworkRow.spec["cidr_block"].astext, literal("network"), NetworkRow.name, NetworkRow.provider,
        NetworkRow.account, NetworkRow.region, NetworkRow.owner_cluster_id.is_(None),
    ).where(
        NetworkRow.workspace_id.in_(list(workspace_ids)), NetworkRow.deleted_at.is_(None),
        holds_something(NetworkRow.stack_id),
    ).order_by(NetworkRow.id)  # fmt: skip


def _of_clusters(workspace_ids: Collection[UUID], use: str) -> _Ranges:
    block = ResourceRecord.spec[CLUSTER_RANGES[use]].astext
    return select(
        block, literal(use), StackRecord.name, StackRecord.provider, literal(""), StackRecord.region, literal(False),
    ).join(StackRecord, StackRecord.id == ResourceRecord.stack_id).where(
        ResourceRecord.workspace_id.in_(list(workspace_ids)), ResourceRecord.key == "cluster",
        ResourceRecord.state != State.GONE.value, block.is_not(None),
    ).order_by(ResourceRecord.position)  # fmt: skip


async def hold_ranges(session: AsyncSession, workspace_id: UUID) -> None:
    """Until the transaction ends nobody else gives out ranges of the workspace."""
    await session.execute(_HOLD, {"key": f"ranges/{workspace_id}"})


async def retire_gone(session: AsyncSession, like: NetworkRow, now: datetime) -> None:
    """Give the name of a network that is gone back."""
    await session.execute(
        update(NetworkRow)
        .where(
            NetworkRow.workspace_id == like.workspace_id,
            NetworkRow.provider == like.provider,
            NetworkRow.account == like.account,
            NetworkRow.region == like.region,
            NetworkRow.name == like.name,
            NetworkRow.deleted_at.is_(None),
            ~holds_something(NetworkRow.stack_id),
        )
        .values(deleted_at=now)
        .execution_options(synchronize_session=False)
    )


async def namesake(session: AsyncSession, like: NetworkRow) -> NetworkRow | None:
    """The living network of its own that has this name already."""
    statement = _living([like.workspace_id]).where(
        NetworkRow.provider == like.provider,
        NetworkRow.account == like.account,
        NetworkRow.region == like.region,
        NetworkRow.name == like.name,
        NetworkRow.owner_cluster_id.is_(None),
    )
    return await session.scalar(statement)


async def uses_of(
    session: AsyncSession, workspace_ids: Collection[UUID], provider: str, vpc_ids: Sequence[str]
) -> list[tuple[NetworkUseRow, bool]]:
    """Clusters that are or were in these networks, and whether each still exists."""
    statement = select(NetworkUseRow, holds_something(NetworkUseRow.stack_id)).where(
        NetworkUseRow.workspace_id.in_(list(workspace_ids)),
        NetworkUseRow.provider == provider,
        NetworkUseRow.vpc_id.in_(list(vpc_ids)),
    )
    return [(row, bool(alive)) for row, alive in (await session.execute(statement)).all()]


@dataclass(frozen=True, slots=True)
class Holder:
    """Who in this installation has something that exists in the cloud."""

    workspace_id: UUID
    id: UUID


async def holders(
    session: AsyncSession, what: str, place: Place, region: str, external_ids: Sequence[str]
) -> dict[str, Holder]:
    """By the cloud's id, in whatever workspace. Who asks decides what of it may be told."""
    given = {"what": what, "cloud": place.provider, "whose": place.account, "place": region}
    found = await session.execute(_HOLDERS, given | {"ids": list(external_ids)})
    return {row.external_id: Holder(row.workspace_id, row.id) for row in found}


async def hold(session: AsyncSession, what: str, place: Place, external_id: str) -> None:
    """Until the transaction ends nobody else takes the same thing over."""
    key = f"{what}/{place.provider}/{place.account}/{external_id}"
    await session.execute(_HOLD, {"key": key})


async def forget_use(session: AsyncSession, cluster_id: UUID) -> None:
    """The cluster is no longer ours: what it leaves in the network is not ours to sweep either."""
    await session.execute(delete(NetworkUseRow).where(NetworkUseRow.cluster_id == cluster_id))


async def add(session: AsyncSession, row: NetworkRow | NetworkUseRow) -> None:
    """Enter a row; IntegrityError when a name was taken meanwhile."""
    session.add(row)
    await session.flush()

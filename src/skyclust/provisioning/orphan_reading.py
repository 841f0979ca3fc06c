"""Read orphans. Called by the slice `drift`.

Invariant: only what two sweeps in a row saw is an orphan, and what has been swept since is none any more.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, and_, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.contract.resources import JsonObject
from skyclust.provisioning.drift_reading import Place
from skyclust.provisioning.models import OPERATIONS, RESOURCES
from skyclust.provisioning.recording import resource_of
from skyclust.provisioning.rows import ACTIVE_OPERATIONS, ResourceRow, State
from skyclust.provisioning.sweep_models import ORPHANS

_O = ORPHANS.c
_NAMES = (
    "id", "workspace_id", "credential_id", "provider", "region", "kind", "external_id", "name", "stack_id",
    "stack_name", "resource_id", "key", "depends_on", "proof", "provable", "spec", "fields", "usd_per_day", "price",
    "made_at", "first_seen_at", "last_seen_at", "ignored_at", "ignored_by", "operation_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Orphan:
    """A confirmed orphan. `state`: found, ignored, or sweeping (`operation_id` deletes it)."""

    id: UUID
    workspace_id: UUID
    credential_id: UUID
    provider: str
    region: str
    kind: str
    external_id: str
    name: str
    stack_id: UUID | None
    stack_name: str
    resource_id: UUID
    key: str
    depends_on: list[str]
    proof: str
    provable: bool
    spec: JsonObject
    fields: JsonObject
    usd_per_day: float | None
    price: JsonObject | None
    made_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime
    ignored_at: datetime | None
    ignored_by: str
    operation_id: UUID | None
    sweeping: bool

    @property
    def state(self) -> str:
        """What is going on with it."""
        if self.sweeping:
            return "sweeping"
        return "ignored" if self.ignored_at is not None else "found"


@dataclass(frozen=True, slots=True)
class OrphanSum:
    """All that a list is narrowed to, ignored ones left out."""

    count: int
    usd_per_day: float


async def orphans_page(
    session: AsyncSession,
    workspace_ids: Collection[UUID],
    place: Place,
    *,
    state: str | None = None,
    after: UUID | None = None,
    limit: int,
) -> list[Orphan]:
    """Orphans in the order of their ids. Ignored ones only when asked for."""
    conditions = [_standing(), _O.workspace_id.in_(list(workspace_ids)), *_narrowed(place), _in_state(state)]
    if after is not None:
        conditions.append(_O.id > after)
    return await _orphans(session, and_(*conditions), limit)


async def orphan_by_id(
    session: AsyncSession, workspace_ids: Collection[UUID], orphan_id: UUID, *, held: bool = False
) -> Orphan | None:
    """One orphan; `held` until the transaction ends."""
    if held:
        await session.execute(select(_O.id).where(_O.id == orphan_id).with_for_update())
    own = and_(_standing(), _O.workspace_id.in_(list(workspace_ids)), _O.id == orphan_id)
    return next(iter(await _orphans(session, own, 1)), None)


async def workspace_of_orphan(session: AsyncSession, workspace_ids: Collection[UUID], orphan_id: UUID) -> UUID | None:
    """Whose orphan it is or was, also when it has been swept and no sweep has noticed yet."""
    own = select(_O.workspace_id).where(_O.workspace_id.in_(list(workspace_ids)), _O.id == orphan_id)
    found: UUID | None = await session.scalar(own)
    return found


async def sum_of(session: AsyncSession, workspace_ids: Collection[UUID], place: Place) -> OrphanSum:
    """How many, and what they cost a day."""
    own = and_(_standing(), _O.workspace_id.in_(list(workspace_ids)), *_narrowed(place), _O.ignored_at.is_(None))
    counted = select(func.count(), func.coalesce(func.sum(_O.usd_per_day), 0.0)).select_from(ORPHANS).where(own)
    count, usd = (await session.execute(counted)).one()
    return OrphanSum(count, round(usd, 4))


async def row_marked(session: AsyncSession, workspace_id: UUID, resource_id: UUID) -> ResourceRow | None:
    """The living row whose mark an orphan carries."""
    own = and_(
        RESOURCES.c.id == resource_id,
        RESOURCES.c.workspace_id == workspace_id,
        RESOURCES.c.state != State.GONE.value,
    )
    found = (await session.execute(select(RESOURCES).where(own))).mappings().one_or_none()
    return resource_of(found) if found is not None else None


async def owner_of(session: AsyncSession, orphan: Orphan) -> ResourceRow | None:
    """The living row that has taken it over since the last sweep."""
    own = and_(
        RESOURCES.c.credential_id == orphan.credential_id,
        RESOURCES.c.kind == orphan.kind,
        RESOURCES.c.external_id == orphan.external_id,
        RESOURCES.c.state != State.GONE.value,
        RESOURCES.c.marked_as.is_(None),
    )
    found = (await session.execute(select(RESOURCES).where(own).limit(1))).mappings().one_or_none()
    return resource_of(found) if found is not None else None


def _standing() -> ColumnElement[bool]:
    swept = select(RESOURCES.c.id).where(RESOURCES.c.state == State.GONE.value, RESOURCES.c.id == _O.row_id)
    return and_(_O.confirmed_at.is_not(None), ~swept.exists())


def _in_state(state: str | None) -> ColumnElement[bool]:
    if state == "ignored":
        return _O.ignored_at.is_not(None)
    if state == "sweeping":
        return _sweeping()
    found = _O.ignored_at.is_(None)
    return and_(found, ~func.coalesce(_sweeping(), false())) if state == "found" else found


def _sweeping() -> ColumnElement[bool]:
    active = [item.value for item in ACTIVE_OPERATIONS]
    return (
        select(OPERATIONS.c.id).where(OPERATIONS.c.id == _O.operation_id, OPERATIONS.c.state.in_(active)).exists()
    )  # fmt: skip


def _narrowed(place: Place) -> list[ColumnElement[bool]]:
    wanted: tuple[tuple[Any, Any], ...] = (
        (_O.provider, place.provider), (_O.region, place.region), (_O.credential_id, place.credential_id),
        (_O.stack_id, place.stack_id),
    )  # fmt: skip
    found = [column == value for column, value in wanted if value is not None]
    if place.whole is not None:
        named = select(OPERATIONS.c.stack_id).where(OPERATIONS.c.target_name == place.whole)
        found.append(or_(_O.stack_name == place.whole, _O.stack_id.in_(named)))
    return found


async def _orphans(session: AsyncSession, condition: ColumnElement[bool], limit: int) -> list[Orphan]:
    chosen = select(ORPHANS, _sweeping().label("sweeping")).where(condition).order_by(_O.id).limit(limit)
    return [_one(item) for item in (await session.execute(chosen)).mappings()]


def _one(item: RowMapping) -> Orphan:
    return Orphan(**{name: item[name] for name in _NAMES}, sweeping=bool(item["sweeping"]))

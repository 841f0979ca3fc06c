"""Read drift, orphans and how fresh the picture is. Called by the slice `drift`.

Invariant: from rows alone, a page with a fixed number of statements; what a session may not see, it does not find.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Text, and_, cast, exists, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.contract.resources import JsonObject
from skyclust.provisioning.drifting import Drift
from skyclust.provisioning.models import OPERATIONS, RESOURCES, STACKS
from skyclust.provisioning.recording import resource_of
from skyclust.provisioning.rows import ResourceRow, StackRef, State
from skyclust.provisioning.sweep_models import ORPHANS, SWEEPS

_R, _S, _O, _W = RESOURCES.c, STACKS.c, ORPHANS.c, SWEEPS.c


@dataclass(frozen=True, slots=True)
class Place:
    """What a list is narrowed to; None = any. `whole` is the name or id of a cluster or network."""

    provider: str | None = None
    region: str | None = None
    credential_id: UUID | None = None
    whole: str | None = None
    stack_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """The cluster or network that a stack is about."""

    kind: str
    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Drifted:
    """A resource that is not as wanted."""

    row: ResourceRow
    stack: StackRef
    whole: Whole
    drift: Drift


@dataclass(frozen=True, slots=True)
class Freshness:
    """How the last sweep of one (credential, region) went. `reason` "" = well."""

    credential_id: UUID
    workspace_id: UUID
    provider: str
    region: str
    started_at: datetime | None
    swept_at: datetime | None
    due_at: datetime
    failed_since: datetime | None
    reason: str
    message: str
    unread: JsonObject
    surveyed: bool
    age_seconds: float | None


async def drifted_page(
    session: AsyncSession, workspace_ids: Collection[UUID], place: Place, *, after: UUID | None = None, limit: int
) -> list[Drifted]:
    """Drifted resources in the order of their ids; up to `limit`."""
    conditions = [_R.workspace_id.in_(list(workspace_ids)), _R.drift.is_not(None), _R.state != State.GONE.value]
    conditions += _narrowed(place)
    if after is not None:
        conditions.append(_R.id > after)
    return await _drifted(session, and_(*conditions), limit)


async def drifted_by_id(session: AsyncSession, workspace_ids: Collection[UUID], resource_id: UUID) -> Drifted | None:
    """One drifted resource."""
    own = and_(_R.workspace_id.in_(list(workspace_ids)), _R.id == resource_id, _R.drift.is_not(None))
    return next(iter(await _drifted(session, and_(own, _R.state != State.GONE.value), 1)), None)


async def workspace_of(session: AsyncSession, workspace_ids: Collection[UUID], resource_id: UUID) -> UUID | None:
    """Whose resource it is, drifted or not."""
    own = select(_R.workspace_id).where(_R.workspace_id.in_(list(workspace_ids)), _R.id == resource_id)
    found: UUID | None = await session.scalar(own)
    return found


async def wholes_of(session: AsyncSession, stack_ids: Collection[UUID]) -> dict[UUID, Whole]:
    """What each stack is about: the target of its first operation."""
    columns = [OPERATIONS.c[name] for name in ("stack_id", "target_kind", "target_id", "target_name")]
    own = select(*columns).ext(distinct_on(OPERATIONS.c.stack_id)).where(OPERATIONS.c.stack_id.in_(list(stack_ids)))
    found = await session.execute(own.order_by(OPERATIONS.c.stack_id, OPERATIONS.c.created_at))
    return {stack_id: Whole(kind, target_id, name) for stack_id, kind, target_id, name in found}


async def freshness(session: AsyncSession, workspace_ids: Collection[UUID], place: Place) -> list[Freshness]:
    """How fresh the picture is, for every (credential, region) that has something of ours."""
    living = exists().where(
        _S.credential_id == _W.credential_id, _S.region == _W.region, _R.stack_id == _S.id, _R.state != State.GONE.value
    )
    found = exists().where(_O.credential_id == _W.credential_id, _O.region == _W.region)
    conditions = [_W.workspace_id.in_(list(workspace_ids)), or_(living, found)]
    wanted = ((_W.provider, place.provider), (_W.region, place.region), (_W.credential_id, place.credential_id))
    conditions += [column == value for column, value in wanted if value is not None]
    age = func.extract("epoch", func.clock_timestamp() - _W.swept_at).label("age")
    own = select(SWEEPS, age).where(and_(*conditions)).order_by(_W.provider, _W.region, _W.credential_id)
    return [_freshness(item) for item in (await session.execute(own)).mappings()]


def _freshness(item: RowMapping) -> Freshness:
    names = (
        "credential_id", "workspace_id", "provider", "region", "started_at", "swept_at", "due_at", "failed_since",
        "reason", "message", "unread", "surveyed",
    )  # fmt: skip
    age = float(item["age"]) if item["age"] is not None else None
    return Freshness(**{name: item[name] for name in names}, age_seconds=age)


def _narrowed(place: Place) -> list[ColumnElement[bool]]:
    wanted: tuple[tuple[Any, Any], ...] = (
        (_S.provider, place.provider), (_S.region, place.region), (_S.credential_id, place.credential_id),
        (_S.id, place.stack_id),
    )  # fmt: skip
    found = [column == value for column, value in wanted if value is not None]
    if place.whole is not None:
        named = or_(OPERATIONS.c.target_name == place.whole, cast(OPERATIONS.c.target_id, Text) == place.whole)
        found.append(_S.id.in_(select(OPERATIONS.c.stack_id).where(named)))
    return found


async def _drifted(session: AsyncSession, condition: ColumnElement[bool], limit: int) -> list[Drifted]:
    columns = [_S.provider, _S.region, _S.name.label("stack_name")]
    chosen = select(RESOURCES, *columns).join(STACKS, _S.id == _R.stack_id).where(condition)
    found = (await session.execute(chosen.order_by(_R.id).limit(limit))).mappings().all()
    wholes = await wholes_of(session, {item["stack_id"] for item in found})
    return [_one(item, wholes) for item in found]


def _one(item: RowMapping, wholes: dict[UUID, Whole]) -> Drifted:
    stack = StackRef(
        item["stack_id"], item["workspace_id"], item["credential_id"], item["provider"], item["region"],
        item["stack_name"],
    )  # fmt: skip
    whole = wholes.get(stack.id) or Whole("stack", stack.id, stack.name)
    return Drifted(resource_of(item), stack, whole, Drift.from_json(item["drift"]))

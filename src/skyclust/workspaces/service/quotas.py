"""What a workspace may have at most. `kept` stands around every transaction that may give it more.

Invariant: use is measured from the rows themselves, before and after, while the workspace's row is held: nobody keeps
counters that could differ from what is there, and of several who add at once each sees what the others have added.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from skyclust.contract.provider import Provider
from skyclust.events.publishing import publish
from skyclust.kit.db import visible_to, visible_to_all
from skyclust.kit.settings import Settings
from skyclust.workspaces import events, queries
from skyclust.workspaces.callers import Caller
from skyclust.workspaces.errors import quota_exceeded, workspace_not_found
from skyclust.workspaces.models import WorkspaceQuotaRow
from skyclust.workspaces.schemas import QuotasAnswer, QuotasBody, QuotaUseAnswer

NAMES = ("clusters", "nodes", "usd_per_month")
#: Sums of prices differ in their last digits; a cent is no excess.
TOLERANCE = 0.01


@dataclass(frozen=True, slots=True)
class Use:
    """What a workspace has and is about to have: managed clusters, nodes (at most, where autoscaled), USD a month."""

    clusters: int = 0
    nodes: int = 0
    usd_per_month: float = 0.0

    def __add__(self, other: Use) -> Use:
        """Both together."""
        usd = round(self.usd_per_month + other.usd_per_month, 2)
        return Use(self.clusters + other.clusters, self.nodes + other.nodes, usd)

    def __sub__(self, other: Use) -> Use:
        """What this is more than the other."""
        usd = self.usd_per_month - other.usd_per_month
        return Use(self.clusters - other.clusters, self.nodes - other.nodes, usd)


@dataclass(frozen=True, slots=True)
class Limits:
    """None = as much as one likes."""

    clusters: int | None = None
    nodes: int | None = None
    usd_per_month: float | None = None

    @property
    def any(self) -> bool:
        """Whether there is something to hold."""
        return any(getattr(self, name) is not None for name in NAMES)


@dataclass(frozen=True, slots=True)
class Standing:
    """One limited quota around a change: what is used, what is wanted besides, what would be left."""

    name: str
    limit: float
    use: float
    wanted: float

    @property
    def remaining(self) -> float:
        """What is left afterwards; never less than nothing."""
        return round(max(self.limit - self.use - self.wanted, 0.0), 2)

    @property
    def refused(self) -> bool:
        """Only what adds is refused: whoever is above a limit that was lowered may still shrink."""
        return self.wanted > 0 and self.use + self.wanted > self.limit + TOLERANCE

    def told(self) -> dict[str, Any]:
        """For a problem document."""
        return {"name": self.name, "limit": self.limit, "use": self.use, "wanted": self.wanted}


Meter = Callable[[AsyncSession, Mapping[str, Provider], UUID], Awaitable[Use]]
#: The slice that knows clusters installs it; this one stands below.
_meters: list[Meter] = []


def install_meter(meter: Meter) -> None:
    """How use is measured. Called at wiring; a second call replaces it."""
    _meters[:] = [meter]


async def measure(session: AsyncSession, providers: Mapping[str, Provider], workspace_id: UUID) -> Use:
    """What the workspace has, as the rows show it now."""
    return await _meters[0](session, providers, workspace_id)


def default_limits(settings: Settings) -> Limits:
    """What applies where a workspace has no limit of its own."""
    return Limits(settings.quota_clusters, settings.quota_nodes, settings.quota_usd_per_month)


def standings(limits: Limits, use: Use, wanted: Use) -> list[Standing]:
    """Every limited quota, in the order of `NAMES`."""
    return [
        Standing(name, limit, getattr(use, name), round(getattr(wanted, name), 2))
        for name in NAMES
        if (limit := getattr(limits, name)) is not None
    ]


async def limits_of(session: AsyncSession, workspace_id: UUID, defaults: Limits) -> Limits:
    """The workspace's own limits over the defaults."""
    return _over(await queries.quota_of(session, workspace_id), defaults)


def _over(row: WorkspaceQuotaRow | None, defaults: Limits) -> Limits:
    own = [getattr(row, name, None) for name in NAMES]
    given = [getattr(defaults, name) for name in NAMES]
    return Limits(*(given[at] if value is None else value for at, value in enumerate(own)))


@asynccontextmanager
async def kept(
    session: AsyncSession, workspace_id: UUID, providers: Mapping[str, Provider], defaults: Limits
) -> AsyncIterator[None]:
    """What is written inside must leave the workspace within its quotas; 409 otherwise, and nothing is committed.

    The workspace is held: nobody deletes it, and where there are limits nobody else adds to it before this ends.
    """
    limits = await limits_of(session, workspace_id, defaults)
    lock = queries.Lock.CHANGE if limits.any else queries.Lock.KEEP
    if await queries.workspace_by_id(session, workspace_id, lock) is None:
        raise workspace_not_found()
    if not limits.any:
        yield
        return
    before = await measure(session, providers, workspace_id)
    yield
    await session.flush()
    after = await measure(session, providers, workspace_id)
    refused = [item.told() for item in standings(limits, before, after - before) if item.refused]
    if refused:
        raise quota_exceeded(refused)


# ---- what the routes do ----
async def show(
    session: AsyncSession, caller: Caller, workspace_id: UUID, providers: Mapping[str, Provider], defaults: Limits
) -> QuotasAnswer:
    """Limits and use, for members and for administrators of the installation."""
    if workspace_id not in caller.workspaces:
        if not caller.is_platform_admin:
            raise workspace_not_found()
        await visible_to(session, [workspace_id])
    if await queries.workspace_by_id(session, workspace_id) is None:
        raise workspace_not_found()
    row = await queries.quota_of(session, workspace_id)
    return _answer(workspace_id, row, _over(row, defaults), await measure(session, providers, workspace_id))


async def change(
    session: AsyncSession,
    caller: Caller,
    workspace_id: UUID,
    body: QuotasBody,
    *,
    providers: Mapping[str, Provider],
    defaults: Limits,
    now: datetime,
) -> QuotasAnswer:
    """Other limits, also below what is used: then nothing is added until it fits. For administrators of the
    installation.
    """
    caller.require_platform_act()
    await visible_to_all(session)
    if await queries.workspace_by_id(session, workspace_id, queries.Lock.CHANGE) is None:
        raise workspace_not_found()
    row = await queries.quota_of(session, workspace_id)
    before = {name: getattr(row, name, None) for name in NAMES}
    if row is None:
        row = WorkspaceQuotaRow(workspace_id=workspace_id)
        session.add(row)
    row.clusters, row.nodes, row.usd_per_month, row.updated_at = body.clusters, body.nodes, body.usd_per_month, now
    await session.flush()
    await publish(session, events.quotas_changed(workspace_id, caller.actor, before, body.model_dump()))
    return _answer(workspace_id, row, _over(row, defaults), await measure(session, providers, workspace_id))


def _answer(workspace_id: UUID, row: WorkspaceQuotaRow | None, limits: Limits, use: Use) -> QuotasAnswer:
    shown = []
    for name in NAMES:
        limit, used = getattr(limits, name), getattr(use, name)
        left = None if limit is None else round(max(limit - used, 0), 2)
        own = getattr(row, name, None) is not None
        shown.append(QuotaUseAnswer(name=name, limit=limit, own=own, use=used, remaining=left))
    return QuotasAnswer(workspace_id=workspace_id, quotas=shown)

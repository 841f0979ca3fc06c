"""Wire shapes of drift, orphans and the freshness of what is known of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from skyclust.kit.pagination import Page
from skyclust.kit.schemas import Answer, Body, LongText, ShortText
from skyclust.provisioning.answers import PlannedPriceAnswer

CloudId = Annotated[str, Field(max_length=4096)]


class WholeAnswer(Answer):
    """The cluster or network it belongs to."""

    kind: ShortText
    id: UUID
    name: ShortText


class FieldDriftAnswer(Answer):
    """One field that differs. `replace`: repairing it means to make the resource anew."""

    field: ShortText
    wanted: Any
    seen: Any
    replace: bool


class DriftAnswer(Answer):
    """A resource that is not as wanted. `since`: first seen so by a sweep."""

    id: UUID
    workspace_id: UUID
    credential_id: UUID
    provider: ShortText
    region: ShortText
    belongs_to: WholeAnswer
    key: ShortText
    kind: ShortText
    title: LongText
    external_id: CloudId | None
    drift: Literal["missing", "changed", "failed"]
    message: LongText
    fields: Annotated[list[FieldDriftAnswer], Field(max_length=500)]
    since: datetime
    actions: Annotated[list[ShortText], Field(max_length=2)]
    links: dict[str, LongText]


class SweepErrorAnswer(Answer):
    """Why the picture is old. `since`: the first sweep in a row that failed."""

    reason: ShortText
    message: Annotated[str, Field(max_length=65_536)]
    since: datetime | None


class SweepAnswer(Answer):
    """How fresh the picture of one credential and region is.

    `swept_at` is the last complete sweep. `stale`: what is shown may no longer be so. `unread`: kinds that could not be
    listed, and why. `finds_orphans`: false where the cloud is only asked for what is known.
    """

    credential_id: UUID
    workspace_id: UUID
    provider: ShortText
    region: ShortText
    swept_at: datetime | None
    next_at: datetime
    stale: bool
    finds_orphans: bool
    unread: dict[str, LongText]
    error: SweepErrorAnswer | None


class DriftPage(Page[DriftAnswer]):
    """Drifted resources, and how fresh that picture is."""

    sweeps: Annotated[list[SweepAnswer], Field(max_length=10_000)]


class AcceptBody(Body):
    """Which differing fields to leave as they are; all when left out."""

    fields: Annotated[list[ShortText] | None, Field(min_length=1, max_length=500)] = None


class AcceptAnswer(Answer):
    """What is accepted now. It is drift again as soon as one of its sides changes. `left` still differs."""

    id: UUID
    accepted: Annotated[list[FieldDriftAnswer], Field(max_length=500)]
    left: Annotated[list[ShortText], Field(max_length=500)]


class RepairBody(Body):
    """Nothing has to be said; `plan_digest` refuses (409) another plan than the one that was shown."""

    plan_digest: Annotated[str | None, Field(max_length=64)] = None


class OrphanAnswer(Answer):
    """Something that carries our mark and belongs to nobody, seen so by two sweeps in a row.

    `proof` is what carries the mark. `proven`: the mark names a stack of this installation; what is not proven is shown
    and never touched. `usd_per_day` is null where no price is known.
    """

    id: UUID
    workspace_id: UUID
    credential_id: UUID
    provider: ShortText
    region: ShortText
    kind: ShortText
    external_id: CloudId
    name: Annotated[str, Field(max_length=1024)]
    state: Literal["found", "ignored", "sweeping"]
    made_for: ShortText
    key: ShortText
    proof: LongText
    proven: bool
    usd_per_day: float | None
    price: PlannedPriceAnswer | None
    made_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime
    ignored_by: ShortText
    operation_id: UUID | None
    actions: Annotated[list[ShortText], Field(max_length=4)]
    links: dict[str, LongText]


class OrphanTotal(Answer):
    """All that the list is narrowed to, over all pages; ignored ones left out."""

    count: int
    usd_per_day: float


class OrphanPage(Page[OrphanAnswer]):
    """Orphans, what they cost together, and how fresh that picture is."""

    total: OrphanTotal
    sweeps: Annotated[list[SweepAnswer], Field(max_length=10_000)]


class SweepBody(Body):
    """Several orphans of one credential and region, deleted in the right order."""

    orphan_ids: Annotated[list[UUID], Field(min_length=1, max_length=500)]
    plan_digest: Annotated[str | None, Field(max_length=64)] = None

"""Wire shapes of drift, orphans and the freshness of what is known of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from skyclust.kit.pagination import Page
from skyclust.kit.schemas import Answer, LongText, ShortText

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

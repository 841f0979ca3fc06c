"""Wire shape of an operation: the body of every 202 and of `/operations`.

`operation_answer(view, cloud_speed)` makes it; slices give `settings.cloud_speed`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from skyclust.kit.schemas import Answer, LongText, ShortText
from skyclust.provisioning.viewing import OperationView


class TargetAnswer(Answer):
    """What the operation works on."""

    kind: ShortText
    id: UUID
    name: ShortText
    provider: ShortText
    region: ShortText


class ProgressAnswer(Answer):
    """`percent` weighs steps by their expected duration; `eta_seconds` is null when nothing moves."""

    done: int
    total: int
    percent: Annotated[int, Field(ge=0, le=100)]
    eta_seconds: float | None


class StepAnswer(Answer):
    """One resource of the operation. `state`: pending, running, succeeded, blocked, failed, cancelled.

    `stage` counts from 1: in an operation of several, one begins when the one before it is done.
    """

    key: ShortText
    kind: ShortText
    title: LongText
    verb: ShortText
    state: ShortText
    depends_on: Annotated[list[ShortText], Field(max_length=1000)]
    expected_seconds: float
    started_at: datetime | None
    ended_at: datetime | None
    attempts: int
    message: Annotated[str, Field(max_length=65_536)]
    external_id: Annotated[str | None, Field(max_length=4096)]
    stage: int


class TimelineAnswer(Answer):
    """One line of the operation's story."""

    at: datetime
    text: Annotated[str, Field(max_length=65_536)]


class RequesterAnswer(Answer):
    """Who asked."""

    user_id: UUID | None
    label: ShortText


class AttentionAnswer(Answer):
    """One step that waits for a person: why, what to do, and the ids of what is in the way, if the cloud told them."""

    step: ShortText
    title: LongText
    reason: ShortText
    message: Annotated[str, Field(max_length=65_536)]
    remedy: LongText
    blockers: Annotated[list[Annotated[str, Field(max_length=4096)]], Field(max_length=1000)]


class LeftoverAnswer(Answer):
    """Something that was to go and may still be in the cloud. `external_id` is null when it was never seen."""

    step: ShortText
    kind: ShortText
    title: LongText
    external_id: Annotated[str | None, Field(max_length=4096)]
    region: ShortText
    why: Annotated[str, Field(max_length=65_536)]
    remedy: LongText


class OperationErrorAnswer(Answer):
    """What stands in the way."""

    reason: ShortText
    message: Annotated[str, Field(max_length=65_536)]


class OperationAnswer(Answer):
    """`state`: pending, running, paused, succeeded, failed, needs_attention, cancelling, cancelled."""

    id: UUID
    workspace_id: UUID
    kind: ShortText
    target: TargetAnswer
    state: ShortText
    progress: ProgressAnswer
    steps: Annotated[list[StepAnswer], Field(max_length=10_000)]
    timeline: Annotated[list[TimelineAnswer], Field(max_length=10_000)]
    plan: dict[str, Any]
    error: OperationErrorAnswer | None
    attention: Annotated[list[AttentionAnswer], Field(max_length=10_000)]
    leftovers: Annotated[list[LeftoverAnswer], Field(max_length=10_000)]
    requested_by: RequesterAnswer
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    actions: Annotated[list[ShortText], Field(max_length=10)]
    links: dict[str, LongText]


def operation_answer(view: OperationView, cloud_speed: float) -> OperationAnswer:
    """The wire shape, with durations as they will pass here."""
    return OperationAnswer.model_validate(view.at_speed(cloud_speed))

"""Wire shapes of this slice. The operation itself is `provisioning.schemas.OperationAnswer`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from skyclust.kit.pagination import Page
from skyclust.kit.schemas import Answer, LongText, ShortText
from skyclust.provisioning.answers import CloudId, Key, PlanAnswer, plan_answer
from skyclust.provisioning.previewing import Preview
from skyclust.provisioning.schemas import OperationAnswer

OperationPage = Page[OperationAnswer]


class StayingAnswer(Answer):
    """Something that exists and is kept, with what it costs."""

    key: Key
    kind: ShortText
    title: LongText
    external_id: CloudId
    usd_per_month: float


class ActionPlanAnswer(PlanAnswer):
    """What cancel, pause, resume or roll back would do.

    `stops`: titles of steps that would not be begun any more, or not before it is resumed. `stays`: what is kept, with
    the sum of what it costs. `lost`: what was deleted and is made anew; what was in it does not come back.
    """

    action: ShortText
    stops: Annotated[list[LongText], Field(max_length=10_000)]
    stays: Annotated[list[StayingAnswer], Field(max_length=10_000)]
    kept_usd_per_month: float
    lost: Annotated[list[LongText], Field(max_length=10_000)]


def action_plan_answer(preview: Preview) -> ActionPlanAnswer:
    """The wire shape of a preview."""
    return ActionPlanAnswer(
        **plan_answer(preview.plan).model_dump(),
        action=preview.action,
        stops=list(preview.stops),
        stays=[StayingAnswer.model_validate(item) for item in preview.stays],
        kept_usd_per_month=preview.kept_usd_per_month,
        lost=list(preview.lost),
    )

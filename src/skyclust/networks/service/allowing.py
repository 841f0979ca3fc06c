"""Show in a plan what the workspace's quotas say to it, before anything is made. Called on dry runs; also by clusters.

Invariant: nothing is decided here. Quotas are held by `Errand.adding`, when the plan is applied.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from skyclust.networks.service.ground import Errand
from skyclust.provisioning.answers import FindingAnswer, PlanAnswer, QuotaAnswer
from skyclust.workspaces.service import Use, limits_of, measure, standings

Shown = TypeVar("Shown", bound=PlanAnswer)
EXCEEDED = "workspace-quota-exceeded"


#: What the plan adds, or how to find out: asked for where there is a limit only.
Wanted = Use | Callable[[], Awaitable[Use]]


async def with_quotas(errand: Errand, workspace_id: UUID, answer: Shown, wanted: Wanted) -> Shown:
    """The plan with every limited quota; one that refuses is a finding, and the plan is not ok."""
    async with errand.session() as session:
        limits = await limits_of(session, workspace_id, errand.ground.limits)
        if not limits.any:
            return answer
        use = await measure(session, errand.ground.providers, workspace_id)
    found = standings(limits, use, wanted if isinstance(wanted, Use) else await wanted())
    refusals = [
        FindingAnswer(
            severity="error",
            field="",
            message=f"The workspace's quota of {item.name} refuses this: the limit is {item.limit:g}, {item.use:g} in "
            f"use, {item.wanted:g} more wanted. An administrator of this installation may raise it.",
            code=EXCEEDED,
        )
        for item in found
        if item.refused
    ]
    quotas = [QuotaAnswer.model_validate(item) for item in found]
    update = {"quotas": quotas, "findings": [*answer.findings, *refusals], "ok": answer.ok and not refusals}
    return answer.model_copy(update=update)

"""How plans and begun operations leave the API. Called by the routes of every slice that plans.

Invariant: a plan is shown the same way wherever it comes from, and its digest is the one that applying may demand.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated, Any

from pydantic import Field

from skyclust.contract.resources import InventoryItem, Origin, digest
from skyclust.kit.problems import Problem
from skyclust.kit.schemas import Answer, LongText, ShortText
from skyclust.provisioning.planning import Plan, PlannedChange

CloudId = Annotated[str, Field(max_length=1024)]
Key = Annotated[str, Field(max_length=512)]


class PlannedPriceAnswer(Answer):
    """The price a figure rests on."""

    usd_per_hour: float
    source: Annotated[str, Field(max_length=500)]
    as_of: Annotated[str, Field(max_length=32)]


class FieldChangeAnswer(Answer):
    """One field that changes. `replace`: the cloud cannot change it in place."""

    field: ShortText
    before: Any
    after: Any
    replace: bool


class PlannedChangeAnswer(Answer):
    """One line of a plan."""

    key: Key
    kind: ShortText
    title: LongText
    verb: ShortText
    depends_on: Annotated[list[Key], Field(max_length=1_000)]
    expected_seconds: float
    external_id: CloudId | None
    changes: Annotated[list[FieldChangeAnswer], Field(max_length=500)]
    usd_per_month: float
    price: PlannedPriceAnswer | None


class FindingAnswer(Answer):
    """What a pre-flight check found. An `error` forbids applying the plan."""

    severity: ShortText
    field: ShortText
    message: LongText
    code: ShortText


class InventoryAnswer(Answer):
    """One thing found inside a network that goes. `why` says how its origin was recognised."""

    kind: ShortText
    external_id: CloudId
    name: Annotated[str, Field(max_length=1024)]
    origin: ShortText
    why: LongText


class QuotaAnswer(Answer):
    """A quota of the workspace around the plan: what is used, what the plan wants besides, what it would leave."""

    name: ShortText
    limit: float
    use: float
    wanted: float
    remaining: float
    refused: bool


class PlanAnswer(Answer):
    """What applying would do. `ok` is false when a finding forbids it; `inventory` comes with deletions of networks,
    `quotas` with plans that add something to a workspace that has limits.
    """

    digest: ShortText
    ok: bool
    changes: Annotated[list[PlannedChangeAnswer], Field(max_length=5_000)]
    usd_per_month: float
    expected_seconds: float
    findings: Annotated[list[FindingAnswer], Field(max_length=1_000)]
    inventory: Annotated[list[InventoryAnswer], Field(max_length=10_000)] | None = None
    quotas: Annotated[list[QuotaAnswer], Field(max_length=10)] | None = None
    cidr_block: Annotated[str | None, Field(max_length=64, description="of the network that this makes")] = None


class ImportPlanAnswer(PlanAnswer):
    """What an import would take over. `following`: what the plan after it would still do; nothing, if all is well."""

    managed: bool
    following: Annotated[list[PlannedChangeAnswer], Field(max_length=5_000)]


def planned_changes(lines: Sequence[PlannedChange]) -> list[PlannedChangeAnswer]:
    """The wire shape of lines."""
    return [_change(line) for line in lines]


def plan_answer(plan: Plan, inventory: list[InventoryAnswer] | None = None) -> PlanAnswer:
    """The wire shape of a plan."""
    return PlanAnswer(
        digest=plan.digest,
        ok=plan.ok,
        changes=[_change(line) for line in plan.changes],
        usd_per_month=plan.usd_per_month,
        expected_seconds=round(plan.expected_seconds, 1),
        findings=[FindingAnswer.model_validate(finding) for finding in plan.findings],
        inventory=inventory,
    )


def inventory_answers(items: Sequence[InventoryItem], blockers: Collection[InventoryItem]) -> list[InventoryAnswer]:
    """What is inside; whatever blocks is shown as foreign, also when another stack of ours made it."""
    return [
        InventoryAnswer(
            kind=item.kind,
            external_id=item.external_id,
            name=item.name,
            origin=Origin.FOREIGN.value if item in blockers else item.origin.value,
            why=item.why,
        )
        for item in items
    ]


def _change(line: PlannedChange) -> PlannedChangeAnswer:
    return PlannedChangeAnswer(
        key=line.key,
        kind=line.kind,
        title=line.title,
        verb=line.verb.value,
        depends_on=list(line.depends_on),
        expected_seconds=round(line.expected_seconds, 1),
        external_id=line.external_id,
        changes=[FieldChangeAnswer.model_validate(change) for change in line.changes],
        usd_per_month=round(line.usd_per_month, 2),
        price=PlannedPriceAnswer.model_validate(line.price) if line.price else None,
    )


def covering(plan_digest: str, *also: object) -> str:
    """A digest over a plan's and over whatever else a person decided on with it (specs, inventories)."""
    return digest([plan_digest, *also])


def check_digest(plan: Plan, cited: str | None) -> None:
    """409 when the plan that was shown is not the plan there is now."""
    if cited is not None and cited != plan.digest:
        raise Problem(
            409,
            "plan-changed",
            "The plan has changed",
            "What would be done is no longer what the cited plan showed. Ask for the plan again with dry_run=true, "
            "look at it, and cite its digest.",
            cited_digest=cited,
            digest=plan.digest,
        )

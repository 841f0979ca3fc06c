"""What cancel, resume or roll back would do, told before it is done. Called by the operations slice on a dry run.

Invariant: pure, and the same rows come out as when it is done: `starting.rolled_back` decides both.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from skyclust.contract.resources import Finding, JsonObject, Node, Price, digest
from skyclust.provisioning.concluding import StepState, step_state
from skyclust.provisioning.planning import Kind, Plan, PlannedChange, PriceOf, Verb, critical_path_seconds
from skyclust.provisioning.progressing import StepView
from skyclust.provisioning.rows import Desired, ResourceRow, State
from skyclust.provisioning.starting import lost, rolled_back
from skyclust.provisioning.viewing import OperationView


@dataclass(frozen=True, slots=True)
class Staying:
    """Something that exists and is kept, with what it costs."""

    key: str
    kind: str
    title: str
    external_id: str
    usd_per_month: float


@dataclass(frozen=True, slots=True)
class Preview:
    """`plan` is what would be done; `stops` what would not be done any more; `stays` what is kept meanwhile.

    `lost`: titles of what was deleted and is made anew: what was in it does not come back.
    """

    action: str
    plan: Plan
    stops: tuple[str, ...] = ()
    stays: tuple[Staying, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def kept_usd_per_month(self) -> float:
        """What is kept costs."""
        return round(sum(item.usd_per_month for item in self.stays), 2)


@dataclass(frozen=True, slots=True)
class Offer:
    """What must be known of the provider."""

    kind_of: Callable[[str], Kind]
    price_of: PriceOf


def cancelled(operation: OperationView, rows: Sequence[ResourceRow], offer: Offer) -> Preview:
    """Nothing new is begun; what exists stays, and costs."""
    shown = {step.key for step in operation.steps}
    own = [row for row in rows if row.operation_id == operation.id and row.key in shown and row.state is not State.GONE]
    stops = [row.title for row in own if step_state(row) is not StepState.SUCCEEDED and not _in_flight(row)]
    return Preview("cancel", _plan((), ()), (*stops, *_titles_later(operation)), _staying(rows, offer))


def paused(operation: OperationView, rows: Sequence[ResourceRow], offer: Offer) -> Preview:
    """What has not been begun waits; what has begun ends."""
    own = [row for row in rows if row.operation_id == operation.id and row.state is not State.GONE]
    waits = [row.title for row in own if step_state(row) is StepState.PENDING]
    return Preview("pause", _plan((), ()), (*waits, *_titles_later(operation)), _staying(rows, offer))


def _later(operation: OperationView) -> list[StepView]:
    """Steps of stages that have not been entered."""
    return [step for step in operation.steps if step.stage > operation.stage]


def _titles_later(operation: OperationView) -> list[str]:
    return [step.title for step in _later(operation)]


def resumed(operation: OperationView, rows: Sequence[ResourceRow], offer: Offer) -> Preview:
    """The steps that are left."""
    verbs = {step.key: Verb(step.verb) for step in operation.steps}
    own = [row for row in rows if row.operation_id == operation.id and row.key in verbs]
    left = [row for row in own if step_state(row) is not StepState.SUCCEEDED]
    lines = [_line(row, verbs[row.key], offer, row.spec) for row in left]
    later = [
        PlannedChange(step.key, step.kind, step.title, Verb(step.verb), step.depends_on, step.expected_seconds)
        for step in _later(operation)
    ]
    plan = _plan([*lines, *later], ())
    seconds = critical_path_seconds(lines) + sum(step.expected_seconds for step in later)
    return Preview("resume", replace(plan, expected_seconds=seconds), stays=_staying(rows, offer))


def taken_back(
    rows: Sequence[ResourceRow],
    undo: JsonObject,
    offer: Offer,
    findings: Iterable[Finding] = (),
) -> Preview:
    """What the operation made, changed and deleted, the other way round. Nothing is written with the ids in here."""
    nobody = UUID(int=0)
    back = [row for row in rolled_back(rows, undo, nobody, lambda: nobody) if row.operation_id == nobody]
    before = {row.id: row for row in rows}
    going = {row.key for row in back if row.desired is Desired.ABSENT}
    lines = [
        _line(row, verb_back(row, before), offer, before[row.id].spec if row.id in before else None)
        for row in reversed(back)
    ]
    gone = tuple(row.title for row in lost(rows, undo) if not row.adopted)
    stays = _staying([row for row in rows if row.key not in going], offer)
    return Preview("rollback", _plan(lines, findings), stays=stays, lost=gone)


def verb_back(row: ResourceRow, known: Collection[UUID]) -> Verb:
    """What a roll back does with a row; `known` are the ids of rows there were before it."""
    if row.desired is Desired.ABSENT:
        return Verb.FORGET if row.adopted or row.released else Verb.DELETE
    if row.id in known:
        return Verb.UPDATE
    return Verb.READ if row.adopted else Verb.IMPORT if row.unmarked else Verb.CREATE


def _line(row: ResourceRow, verb: Verb, offer: Offer, spec_before: JsonObject | None) -> PlannedChange:
    """One line; `spec_before` is what is paid for now, if anything is."""
    kind = offer.kind_of(row.kind)
    paid = _price(row, spec_before, offer) if spec_before is not None and row.external_id is not None else 0.0
    will_pay = 0.0 if row.desired is Desired.ABSENT else _price(row, row.spec, offer)
    action = {Verb.CREATE: "create", Verb.DELETE: "delete", Verb.UPDATE: "update", Verb.REPLACE: "create"}.get(verb)
    exists = verb is not Verb.DELETE or row.external_id is not None
    seconds = kind.expected_seconds(action, row.spec) if action is not None and exists else 0.0
    seconds = seconds if kind.creates or verb is Verb.DELETE else 0.0
    external_id = None if verb is Verb.CREATE else row.external_id
    usd = 0.0 if row.adopted else round(will_pay - paid, 2)
    return PlannedChange(
        row.key, row.kind, row.title, verb, row.depends_on, seconds, external_id, (), usd,
        _source(row, offer) if usd else None,
    )  # fmt: skip


def _price(row: ResourceRow, spec: JsonObject, offer: Offer) -> float:
    found = offer.price_of(Node(row.key, row.kind, row.title, spec))
    return found[0] if found is not None else 0.0


def _source(row: ResourceRow, offer: Offer) -> Price | None:
    found = offer.price_of(Node(row.key, row.kind, row.title, row.spec))
    return found[1] if found is not None else None


def _staying(rows: Iterable[ResourceRow], offer: Offer) -> tuple[Staying, ...]:
    return tuple(
        Staying(row.key, row.kind, row.title, row.external_id, round(_price(row, row.spec, offer), 2))
        for row in rows
        if row.state is not State.GONE
        and not row.adopted
        and row.external_id is not None
        and not row.external_id.startswith("step/")
    )


def _in_flight(row: ResourceRow) -> bool:
    return row.intent is not None and row.intent.open


def _plan(lines: Sequence[PlannedChange], findings: Iterable[Finding]) -> Plan:
    total = round(sum(line.usd_per_month for line in lines), 2)
    covered = [[line.key, line.kind, line.verb, line.external_id] for line in lines]
    return Plan(tuple(lines), total, critical_path_seconds(lines), tuple(findings), digest([covered]))

"""What exists and is about to be taken over, as graph, rows and plan. Called by the slices that import.

Invariant: pure. What is taken over read-only is adopted: observed, never changed, never deleted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from skyclust.contract.provider import Provider
from skyclust.contract.resources import Finding, Graph, JsonObject, Node, Observed, Phase
from skyclust.provisioning.planning import Plan, PlannedChange, Verb, plan_towards
from skyclust.provisioning.pricing import kinds_of, price_of
from skyclust.provisioning.rows import ResourceRow, State


@dataclass(frozen=True, slots=True)
class Sight:
    """What the cloud shows of one node; `seen` is None when it shows nothing, or for steps that make nothing."""

    node: Node
    external_id: str | None
    seen: Observed | None
    creates: bool


def only_observed(graph: Graph, ids: Mapping[str, str]) -> Graph:
    """The graph with everything in `ids` adopted, and without what neither exists nor is adopted (sweeps)."""
    known = {node.key: node.adopt_id or ids.get(node.key) for node in graph}
    kept = [replace(node, adopt_id=known[node.key]) for node in graph if known[node.key] is not None]
    return Graph(tuple(replace(node, after=tuple(key for key in node.after if known[key])) for node in kept))


def adopted_ids(rows: Sequence[ResourceRow]) -> dict[str, str]:
    """External ids by key of the living rows that are only observed."""
    living = [row for row in rows if row.adopted and row.state is not State.GONE]
    return {row.key: row.external_id for row in living if row.external_id is not None}


def is_managed(rows: Sequence[ResourceRow], key: str) -> bool:
    """False when the row that the stack is about (`key`) is only observed: the whole was imported read-only."""
    return all(not row.adopted for row in rows if row.key == key and row.state is not State.GONE)


def is_unfinished(rows: Sequence[ResourceRow]) -> bool:
    """True while something that is to be managed does not carry our mark yet."""
    return any(row.unmarked and not row.adopted for row in rows if row.state is not State.GONE)


def following_plan(provider: Provider, region: str, graph: Graph, sights: Sequence[Sight]) -> Plan:
    """What would be left to do once everything is taken over as it is seen: nothing, if it was described well."""
    rows = [_row(number, sight) for number, sight in enumerate(sights)]
    return plan_towards(graph, rows, kinds_of(provider), price_of(provider, region))


def left_to_do(plan: Plan) -> tuple[PlannedChange, ...]:
    """Lines that would do something."""
    return tuple(line for line in plan.changes if line.verb is not Verb.KEEP)


def findings_of(sights: Sequence[Sight], following: Sequence[PlannedChange]) -> tuple[Finding, ...]:
    """What speaks against managing it: something is gone, not ready, or would be changed at once."""
    found = [
        Finding("error", "", f"{sight.node.title} {_trouble(sight)}", "import-not-ready")
        for sight in sights
        if sight.creates and (sight.seen is None or sight.seen.phase is not Phase.READY)
    ]
    troubled = {sight.node.key for sight in sights if sight.seen is None}
    for line in following:
        if line.key not in troubled:
            fields = ", ".join(f"{change.field}: {change.before!r} -> {change.after!r}" for change in line.changes)
            text = (
                f"{line.title} would be changed at once ({fields or line.verb.value}): it cannot be described as it is."
            )
            found.append(Finding("error", "", text, "import-differs"))
    return tuple(found)


def softened(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """For a read-only import nothing of it forbids anything."""
    return tuple(replace(finding, severity="warning") for finding in findings)


def _trouble(sight: Sight) -> str:
    if sight.seen is None:
        return f"({sight.external_id}) is not there any more. Look again."
    said = f": {sight.seen.message}" if sight.seen.message else ""
    return f"is {sight.seen.phase.value}{said}. Import it when it is ready."


def _row(number: int, sight: Sight) -> ResourceRow:
    """The row that stands for it once it is taken over."""
    node, nobody = sight.node, UUID(int=0)
    outputs: JsonObject = sight.seen.outputs if sight.seen is not None else {}
    fields: JsonObject = sight.seen.fields if sight.seen is not None else {}
    exists = sight.seen is not None or not sight.creates
    return ResourceRow(
        id=UUID(int=number), stack_id=nobody, key=node.key, kind=node.kind, title=node.title, spec=node.spec,
        depends_on=node.depends_on, state=State.READY if exists else State.GONE, adopted=node.adopt_id is not None,
        external_id=sight.external_id or "step", outputs=outputs, fields=fields, observed_generation=1,
    )  # fmt: skip

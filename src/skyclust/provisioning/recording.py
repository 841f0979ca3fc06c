"""Values <-> rows of the tables. Called by the PostgreSQL store and by `operating`.

Invariant: `resource_of(values_of(row)) == row` for every row.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from skyclust.contract.resources import JsonObject
from skyclust.provisioning.planning import Plan
from skyclust.provisioning.rows import Desired, Intent, Neighbour, ResourceRow, StackRef, State


def values_of(row: ResourceRow) -> dict[str, Any]:
    """Columns of `resources` that hold the row itself: neither the lease nor when it is due."""
    return {
        "id": row.id,
        "stack_id": row.stack_id,
        "key": row.key,
        "kind": row.kind,
        "title": row.title,
        "spec": row.spec,
        "depends_on": list(row.depends_on),
        "desired": row.desired.value,
        "state": row.state.value,
        "adopted": row.adopted,
        "external_id": row.external_id,
        "outputs": row.outputs,
        "fields": row.fields,
        "reason": row.reason,
        "message": row.message,
        "generation": row.generation,
        "observed_generation": row.observed_generation,
        "attempts": row.attempts,
        "trouble": row.trouble,
        "intent": _intent_values(row.intent),
        "action_started_at": row.action_started_at,
        "created_at": row.created_at,
        "recreate": row.recreate,
        "operation_id": row.operation_id,
        "drift": row.drift,
        "accepted": row.accepted,
        "unmarked": row.unmarked,
        "released": row.released,
        "marked_as": row.marked_as,
    }


def resource_of(columns: RowMapping) -> ResourceRow:
    """The row from columns of `resources`."""
    return ResourceRow(
        id=columns["id"],
        stack_id=columns["stack_id"],
        key=columns["key"],
        kind=columns["kind"],
        title=columns["title"],
        spec=columns["spec"],
        depends_on=tuple(columns["depends_on"]),
        desired=Desired(columns["desired"]),
        state=State(columns["state"]),
        adopted=columns["adopted"],
        external_id=columns["external_id"],
        outputs=columns["outputs"],
        fields=columns["fields"],
        reason=columns["reason"],
        message=columns["message"],
        generation=columns["generation"],
        observed_generation=columns["observed_generation"],
        attempts=columns["attempts"],
        trouble=columns["trouble"],
        intent=_intent_of(columns["intent"]),
        action_started_at=columns["action_started_at"],
        created_at=columns["created_at"],
        recreate=columns["recreate"],
        operation_id=columns["operation_id"],
        drift=columns["drift"],
        accepted=columns["accepted"],
        unmarked=columns["unmarked"],
        released=columns["released"],
        marked_as=columns["marked_as"],
    )


def neighbour_of(columns: RowMapping) -> Neighbour:
    """A neighbour from the columns that decide about order."""
    return Neighbour(
        columns["key"],
        State(columns["state"]),
        Desired(columns["desired"]),
        tuple(columns["depends_on"]),
        columns["outputs"],
    )


def stack_from(columns: RowMapping) -> StackRef:
    """The stack from columns of `stacks`."""
    return StackRef(
        columns["id"],
        columns["workspace_id"],
        columns["credential_id"],
        columns["provider"],
        columns["region"],
        columns["name"],
    )


def plan_document(plan: Plan) -> JsonObject:
    """The plan as it is kept in the operation and shown: of later stages the lines, not the whole specs."""
    return asdict(plan) | {"later": [{"changes": [asdict(line) for line in stage.changes]} for stage in plan.later]}


def _intent_values(intent: Intent | None) -> JsonObject | None:
    if intent is None:
        return None
    return asdict(intent) | {"started_at": intent.started_at.isoformat()}


def _intent_of(values: JsonObject | None) -> Intent | None:
    if values is None:
        return None
    return Intent(**{**values, "started_at": datetime.fromisoformat(values["started_at"])})

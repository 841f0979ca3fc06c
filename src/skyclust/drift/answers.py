"""Drift and orphans as they leave the API. Pure."""

from __future__ import annotations

from skyclust.drift.schemas import (
    DriftAnswer,
    FieldDriftAnswer,
    OrphanAnswer,
    SweepAnswer,
    SweepErrorAnswer,
    WholeAnswer,
)
from skyclust.provisioning.answers import PlannedPriceAnswer
from skyclust.provisioning.drift_reading import Drifted, Freshness
from skyclust.provisioning.drifting import DriftKind
from skyclust.provisioning.orphan_reading import Orphan

#: Sweeps that may be missed before the picture counts as old.
MISSED_SWEEPS = 3


def drift_answer(found: Drifted) -> DriftAnswer:
    """One drifted resource. What is not ours can be neither repaired nor accepted."""
    row, stack, drift = found.row, found.stack, found.drift
    here = f"/api/v1/drift/{row.id}"
    actions = [] if row.adopted else ["repair", *(["accept"] if drift.kind is DriftKind.CHANGED else [])]
    return DriftAnswer(
        id=row.id,
        workspace_id=stack.workspace_id,
        credential_id=stack.credential_id,
        provider=stack.provider,
        region=stack.region,
        belongs_to=WholeAnswer.model_validate(found.whole),
        key=row.key,
        kind=row.kind,
        title=row.title,
        external_id=row.external_id,
        drift=drift.kind.value,
        message=drift.message,
        fields=[FieldDriftAnswer.model_validate(item) for item in drift.fields],
        since=drift.since,
        actions=actions,
        links={"self": here, **{action: f"{here}:{action}" for action in actions}},
    )


def sweep_answer(found: Freshness, interval_seconds: float) -> SweepAnswer:
    """How fresh one part of the picture is."""
    late = found.age_seconds is None or found.age_seconds > MISSED_SWEEPS * interval_seconds
    error = SweepErrorAnswer(reason=found.reason, message=found.message, since=found.failed_since)
    return SweepAnswer(
        credential_id=found.credential_id,
        workspace_id=found.workspace_id,
        provider=found.provider,
        region=found.region,
        swept_at=found.swept_at,
        next_at=found.due_at,
        stale=late or bool(found.reason),
        finds_orphans=found.surveyed,
        unread=found.unread,
        error=error if found.reason else None,
    )


def orphan_answer(orphan: Orphan) -> OrphanAnswer:
    """One orphan with what may be done about it."""
    here = f"/api/v1/orphans/{orphan.id}"
    actions = _orphan_actions(orphan)
    return OrphanAnswer(
        id=orphan.id,
        workspace_id=orphan.workspace_id,
        credential_id=orphan.credential_id,
        provider=orphan.provider,
        region=orphan.region,
        kind=orphan.kind,
        external_id=orphan.external_id,
        name=orphan.name,
        state=orphan.state,  # type: ignore[arg-type]  # the property yields the words of the schema; tests hold it
        made_for=orphan.stack_name,
        key=orphan.key,
        proof=orphan.proof,
        proven=orphan.provable,
        usd_per_day=orphan.usd_per_day,
        price=PlannedPriceAnswer.model_validate(orphan.price) if orphan.price is not None else None,
        made_at=orphan.made_at,
        first_seen_at=orphan.first_seen_at,
        last_seen_at=orphan.last_seen_at,
        ignored_by=orphan.ignored_by,
        operation_id=orphan.operation_id,
        actions=actions,
        links={"self": here, **{action: f"{here}:{action}" for action in actions}},
    )


def _orphan_actions(orphan: Orphan) -> list[str]:
    if orphan.sweeping:
        return []
    other = "unignore" if orphan.ignored_at is not None else "ignore"
    return ["sweep", "adopt", other] if orphan.provable else [other]

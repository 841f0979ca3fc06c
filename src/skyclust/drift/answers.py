"""Drift and orphans as they leave the API. Pure."""

from __future__ import annotations

from skyclust.drift.schemas import DriftAnswer, FieldDriftAnswer, SweepAnswer, SweepErrorAnswer, WholeAnswer
from skyclust.provisioning.drift_reading import Drifted, Freshness
from skyclust.provisioning.drifting import DriftKind

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

"""What a look at a settled resource says: as wanted, or drifted, and how. Called by sweeps, planning and the engine.

Invariant: pure, and a difference that a person accepted is none as long as both its sides are as they were then.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, StrEnum
from typing import Any

from skyclust.contract.resources import Change, JsonObject, Observed, Phase
from skyclust.provisioning.rows import MISSING, Desired, ResourceRow, State

#: The reason of rows that exist and differ.
DRIFTED = "Drifted"


class DriftKind(StrEnum):
    """How a resource differs."""

    MISSING = "missing"  # gone, or on its way out, by other hands
    CHANGED = "changed"
    FAILED = "failed"  # the cloud gave up on it


class Undecided(Enum):
    """Too early to tell: it is changing, or too young for its absence to prove anything."""

    UNDECIDED = "undecided"


UNDECIDED = Undecided.UNDECIDED


@dataclass(frozen=True, slots=True)
class FieldDrift:
    """One field that differs. `replace`: repairing it means to make the resource anew."""

    field: str
    wanted: Any
    seen: Any
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Drift:
    """What is not as wanted. `since` is when a sweep first saw it; kept in `ResourceRow.drift` as JSON."""

    kind: DriftKind
    message: str
    since: datetime
    fields: tuple[FieldDrift, ...] = ()

    @property
    def reason(self) -> str:
        """The row's reason."""
        return MISSING if self.kind is DriftKind.MISSING else DRIFTED

    def same_as(self, other: Drift | None) -> bool:
        """True when both tell the same, whenever it was first seen."""
        return other is not None and replace(self, since=other.since) == other

    def to_json(self) -> JsonObject:
        """For the row."""
        fields = [
            {"field": item.field, "wanted": item.wanted, "seen": item.seen, "replace": item.replace}
            for item in self.fields
        ]
        return {"kind": self.kind.value, "message": self.message, "since": self.since.isoformat(), "fields": fields}

    @staticmethod
    def from_json(value: JsonObject) -> Drift:
        """From the row."""
        fields = tuple(FieldDrift(**item) for item in value["fields"])
        return Drift(DriftKind(value["kind"]), value["message"], datetime.fromisoformat(value["since"]), fields)


def drift_of(row: ResourceRow) -> Drift | None:
    """What the row remembers."""
    return Drift.from_json(row.drift) if row.drift is not None else None


def unaccepted(changes: Iterable[Change], accepted: Mapping[str, Any]) -> tuple[Change, ...]:
    """The changes without those whose present value a person has accepted against the present wish."""
    return tuple(change for change in changes if accepted.get(change.field) != _sides(change.before, change.after))


def accepting(row: ResourceRow) -> JsonObject:
    """`accepted` of the row once its changed fields are accepted as they are."""
    drift = drift_of(row)
    fields = drift.fields if drift is not None else ()
    return row.accepted | {item.field: _sides(item.seen, item.wanted) for item in fields}


def is_settled(row: ResourceRow) -> bool:
    """True for rows that should be in the cloud as their spec says: what sweeps look at."""
    finished = row.state is State.READY and row.observed_generation == row.generation
    return finished and row.desired is Desired.PRESENT and row.external_id is not None


def may_be_too_young(row: ResourceRow, now: datetime, window_seconds: float) -> bool:
    """True while the cloud's reads need not show the resource yet."""
    return row.created_at is not None and (now - row.created_at).total_seconds() < window_seconds


def compare(
    row: ResourceRow, seen: Observed | None, changes: Iterable[Change], now: datetime
) -> Drift | Undecided | None:
    """The verdict on a settled row. `seen` None = certainly not there; `changes` is the driver's diff of `seen`.

    What is not ours (adopted) may look as it likes; only its absence matters.
    """
    if seen is None:
        return _since(row, Drift(DriftKind.MISSING, f"{_named(row)} no longer exists in the cloud.", now))
    if seen.phase is Phase.DELETING:
        return _since(row, Drift(DriftKind.MISSING, f"{_named(row)} is being deleted, and not by us.", now))
    if seen.phase is Phase.SETTLING:
        return UNDECIDED
    if row.adopted:
        return None
    if seen.phase is Phase.FAILED:
        why = seen.message or "without saying why"
        return _since(row, Drift(DriftKind.FAILED, f"The cloud reports that {row.title} has failed: {why}", now))
    differing = unaccepted(changes, row.accepted)
    if not differing:
        return None
    names = ", ".join(change.field for change in differing)
    fields = tuple(
        FieldDrift(change.field, _plain(change.after), _plain(change.before), change.replace) for change in differing
    )
    return _since(row, Drift(DriftKind.CHANGED, f"{row.title} was changed by other hands: {names}.", now, fields))


def told(row: ResourceRow, verdict: Drift | None, seen: Observed | None) -> ResourceRow:
    """The row with the verdict written on it, and with what is there now, so that plans start from the truth."""
    fields = seen.fields if seen is not None and not row.adopted else row.fields
    if verdict is None:
        if row.drift is None:
            return replace(row, fields=fields)
        return replace(row, fields=fields, drift=None, reason="", message="", recreate=False)
    return replace(
        row,
        fields=fields,
        drift=verdict.to_json(),
        reason=verdict.reason,
        message=verdict.message,
        recreate=verdict.kind is not DriftKind.CHANGED and not row.adopted,
    )


def forgotten(row: ResourceRow) -> ResourceRow:
    """The row when somebody sets out to bring it to its spec: what a sweep saw before is no longer the news."""
    return row if row.drift is None else replace(row, drift=None, reason="", message="")


def _named(row: ResourceRow) -> str:
    return f"{row.title} ({row.external_id})"


def _since(row: ResourceRow, drift: Drift) -> Drift:
    """The same drift was first seen when it was first seen."""
    before = drift_of(row)
    return replace(drift, since=before.since) if before is not None and before.kind is drift.kind else drift


def _sides(seen: Any, wanted: Any) -> JsonObject:
    return {"seen": _plain(seen), "wanted": _plain(wanted)}


def _plain(value: Any) -> Any:
    """The value as it comes back from JSON, so that stored and fresh ones compare."""
    return json.loads(json.dumps(value, default=str, sort_keys=True))

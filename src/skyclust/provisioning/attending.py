"""What a person has to do about an operation that stopped, and what it leaves behind in the cloud.

Called when an operation is read. Invariant: pure, and of rows alone: what is shown is true now, not when it stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from skyclust.provisioning.concluding import StepState
from skyclust.provisioning.living import INSIDE_CLUSTERS
from skyclust.provisioning.rows import STUCK, Desired, OperationState, ResourceRow, State
from skyclust.provisioning.wording import spoken


@dataclass(frozen=True, slots=True)
class Attention:
    """One step that waits for a person. `blockers` are ids in the cloud, where it names them."""

    step: str
    title: str
    reason: str
    message: str
    remedy: str
    blockers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something that was to go and is still there. `external_id` is None when it may exist, but was never seen."""

    step: str
    kind: str
    title: str
    external_id: str | None
    region: str
    why: str
    remedy: str


_RESUME = "Then resume the operation."
_REMEDIES = {
    "QuotaExceeded": f"Raise the limit on the cloud's quota page, or free some of what it counts. {_RESUME}",
    "PermissionDenied": f"Allow the named call to the identity behind the credential. {_RESUME}",
    "AuthenticationFailed": f"Give the credential a key that works (PATCH /credentials/{{id}}). {_RESUME}",
    "NoCapacity": "Resume later, or roll back and ask for another zone or machine type.",
    "Held": f"Let what holds it go: add pods, or lower what the named budget asks for. {_RESUME}",
    "InUse": f"Remove or move what is in the way. {_RESUME}",
    "InvalidSpec": "The cloud will never accept this: change what was asked for, or roll back.",
    "NotSupported": "This cloud does not offer it: change what was asked for, or roll back.",
    "NameTaken": f"Rename or delete what has the name, if it is yours. {_RESUME} Or roll back and take another name.",
    "Missing": "Somebody removed it by hand: resume to make it anew, or roll back.",
    "CloudFailed": "Resume to have it made anew, or roll back.",
    "ReplaceBlocked": "Delete what depends on it, then resume; or roll back.",
    "Ambiguous": "Resume when the cloud is well again: what the lost call did is looked up first.",
    "Unavailable": "Resume when the cloud is well again.",
    "TimedOut": "Resume when the cloud answers again.",
    "Throttled": "Resume later.",
    "NotInTime": "See why it does not go, then resume the operation.",
    "NotYet": "Resume: what it waits for should be visible by now.",
    "Unclassified": "Nobody has met this error yet: read its message; resume to try again, or roll back.",
}


def remedy(reason: str) -> str:
    """What to do about a condition, in one or two sentences."""
    return _REMEDIES.get(reason, "Look at the message; resume to try again, or roll back.")


def attention(rows: Iterable[ResourceRow]) -> tuple[Attention, ...]:
    """What waits for a person among the rows that an operation moves."""
    return tuple(
        Attention(
            row.key, row.title, row.reason, row.message, remedy(row.reason), tuple(row.trouble.get("blockers", ()))
        )
        for row in rows
        if row.state in STUCK
    )  # fmt: skip


def leftovers(rows: Sequence[ResourceRow], region: str) -> tuple[Leftover, ...]:
    """What was to go by an operation that stopped, and is, or may be, still there: the leak report."""
    return tuple(
        Leftover(row.key, row.kind, row.title, row.external_id, region, _why(row, rows), _way_out(row))
        for row in rows
        if row.desired is Desired.ABSENT and may_exist(row)
    )


def ended_line(
    state: OperationState, rows: Sequence[ResourceRow], steps: Sequence[StepState], seconds: float
) -> str:  # fmt: skip
    """The last line of the story so far. `rows` are all that the operation moves, gone ones included."""
    after = spoken(seconds)
    if state is OperationState.SUCCEEDED:
        return f"Done after {after}"
    stuck = sum(row.state in STUCK for row in rows)
    done = sum(step is StepState.SUCCEEDED for step in steps)
    counts = f"{done} of {len(steps)} steps done"
    left = [f"{row.title} ({row.external_id or 'id unknown'})" for row in rows
            if row.desired is Desired.ABSENT and may_exist(row)]  # fmt: skip
    remains = f". Still in the cloud: {', '.join(left)}" if left else ""
    if state is OperationState.CANCELLED:
        return f"Cancelled after {after}: {counts}; what exists is kept{remains}"
    return f"Stopped after {after}: {counts}, {stuck} waiting for a person{remains}"


def may_exist(row: ResourceRow) -> bool:
    """True when the cloud holds it, as far as anybody knows, and it is ours. Pods are a cluster's own business."""
    if row.state is State.GONE or row.adopted or row.kind.startswith(INSIDE_CLUSTERS):
        return False
    if row.external_id is not None:
        return not row.external_id.startswith("step/")
    return row.intent is not None and row.intent.open


def _why(row: ResourceRow, rows: Sequence[ResourceRow]) -> str:
    if row.state in STUCK:
        return row.message
    holders = [other.title for other in rows if row.key in other.depends_on and other.state is not State.GONE]
    return f"waits until {', '.join(holders)} is gone" if holders else row.message or "its deletion has not begun"


def _way_out(row: ResourceRow) -> str:
    if row.state in STUCK:
        return remedy(row.reason)
    return "Resume the operation once the others are out of the way, or delete it in the cloud by hand."

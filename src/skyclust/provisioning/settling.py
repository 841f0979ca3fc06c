"""What an action, a cloud's answer or its error means for the row. Called by the engine after each decision.

Invariant: pure. An open intent is closed only by knowledge: the resource was found, or the call was certainly refused.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from random import Random

from skyclust.contract.errors import (
    Ambiguous,
    Blocked,
    Held,
    InUse,
    NoCapacity,
    NotYet,
    Permanent,
    ProviderError,
    Throttled,
    TimedOut,
    Transient,
    Unclassified,
)
from skyclust.contract.resources import JsonObject, Observed, Phase
from skyclust.provisioning.deciding import (
    Action,
    Adopt,
    Fail,
    Freeze,
    Gone,
    Hold,
    Ready,
    Renew,
    Replace,
    Sleep,
    Wait,
)
from skyclust.provisioning.pacing import Pace, backoff_seconds
from skyclust.provisioning.rows import STUCK, Claim, Desired, Intent, Patch, ResourceRow, State
from skyclust.provisioning.wording import begun_line, gone_line, ready_line, spoken, times

#: Attempts after which a condition that may pass by itself needs a person.
MAX_AMBIGUOUS = 30
MAX_UNCLASSIFIED = 6
MAX_NO_CAPACITY = 5
MAX_IN_USE = 12


def settle(claim: Claim, action: Action, now: datetime, pace: Pace, expected_seconds: float) -> Patch:
    """The patch for an action that calls nothing."""
    row = claim.row
    match action:
        case Sleep(_, unmade):
            return Patch(_unmade(row) if unmade else row, None)
        case Wait(reason, until):
            wait = pace.poll(_elapsed(row, now), expected_seconds)
            if until is not None:
                # Look a few times inside the window, more and more rarely: what was created is usually seen soon.
                doubt = (now - row.intent.started_at).total_seconds() if row.intent is not None else 0.0
                wait = min(max((until - now).total_seconds(), 0.05), max(wait, pace.real(5), doubt / 5))
            return Patch(_known(row, reason) if until is None else replace(row, message=reason), wait)
        case Ready(observed):
            if observed is None or row.state is State.READY:
                return _ready(row, observed)
            return replace(_ready(row, observed), event=ready_line(row, observed.external_id, now))
        case Adopt(observed):
            return adopted(row, observed, now)
        case Replace(changes):
            fields = ", ".join(change.field for change in changes)
            event = f"{row.title} must be replaced: {fields} cannot be changed in place"
            return Patch(_begun(replace(row, state=State.REPLACING, intent=None, attempts=0), now), 0, event)
        case Renew():
            renewed = replace(
                row,
                state=State.PLANNED,
                external_id=None,
                outputs={},
                fields={},
                intent=None,
                generation=row.generation + 1,
                attempts=0,
                created_at=None,
                action_started_at=None,
                recreate=False,
            )
            return Patch(renewed, 0, f"{row.title} is gone and is made anew")
        case Gone():
            gone = replace(row, state=State.GONE, reason="", message="", intent=None, attempts=0, trouble={})
            return Patch(gone, None, gone_line(row, now))
        case Fail(reason, message, recreate):
            failed = replace(row, state=State.FAILED, reason=reason, message=message, recreate=recreate)
            return Patch(failed, None, message if row.title in message else f"{row.title}: {message}")
        case Freeze():
            frozen = replace(_known(row, "left as it is: the operation was cancelled"), intent=_asked_for(row.intent))
            return Patch(frozen, None, frozen=True)
        case Hold():
            return Patch(replace(_known(row, "not begun: the operation is paused"), action_started_at=None), None)
        case _:
            raise AssertionError(f"{action} needs a call")


def created(row: ResourceRow, observed: Observed, now: datetime, pace: Pace, expected_seconds: float) -> Patch:
    """A create call answered. READY is believed only through `observe`, which also sees the spec applied."""
    patch = adopted(row, observed, now)
    quick = 0.0 if observed.phase is Phase.READY else pace.poll(0, expected_seconds)
    event = begun_line(patch.row, "created", expected_seconds, pace.real(expected_seconds))
    return replace(patch, wake_in_seconds=quick, event=event)


def adopted(row: ResourceRow, observed: Observed, now: datetime) -> Patch:
    """The resource exists and is ours, by our own call or by its mark."""
    known = replace(
        row,
        state=State.DELETING if row.desired is Desired.ABSENT else State.SETTLING,
        external_id=observed.external_id,
        outputs=observed.outputs,
        fields=observed.fields,
        intent=None,
        attempts=0,
        reason="",
        message=observed.message,
        created_at=row.created_at or now,
        action_started_at=row.action_started_at or now,
    )
    return Patch(known, 0, f"{row.title} found by its mark and taken over: {observed.external_id}")


def updated(row: ResourceRow, now: datetime, pace: Pace) -> Patch:
    """An update call answered: look soon, the diff tells whether more is to do."""
    state = State.SETTLING if row.state in (State.CREATING, State.SETTLING) else State.UPDATING
    changed = replace(_begun(row, now), state=state, intent=None, attempts=0, reason="", message="changing")
    event = f"{row.title} is being changed" if state is State.UPDATING else ""  # else a part of its creation
    return Patch(changed, max(pace.real(1), 0.05), event)


def marked(row: ResourceRow, observed: Observed) -> Patch:
    """What was imported carries our mark now. Where the spec is what was read from it, it is as wanted."""
    event = f"{row.title} is taken over: {observed.external_id}"
    calm = replace(row, unmarked=False, intent=None, attempts=0, reason="", message="")
    if row.observed_generation != row.generation:
        return Patch(calm, 0, event)  # a change was asked for since: it goes on from here
    return replace(_ready(calm, observed), event=event)


def may_have_marked(before: ResourceRow, after: ResourceRow) -> bool:
    """True when the call between the two put our mark on, or may have."""
    trying = after.intent is not None and after.intent.action == "mark"
    return before.unmarked and not before.adopted and (trying or not after.unmarked)


def unmarked(row: ResourceRow) -> Patch:
    """Our mark is off: from now on it is only observed, or forgotten if that is what is wanted."""
    back = replace(
        row, adopted=True, unmarked=True, released=False, recreate=False, intent=None, attempts=0, reason="", message=""
    )
    return Patch(back, 0, f"{row.title} is given back: {row.external_id}")


def deletion_asked(row: ResourceRow, now: datetime, pace: Pace, expected_seconds: float) -> Patch:
    """A delete call answered. The intent stays, closed: it says that deletion has been asked for."""
    state = State.REPLACING if row.state is State.REPLACING else State.DELETING
    intent = Intent("delete", row.generation, now, open=False)
    again = row.intent is not None and row.intent.action == "delete" and not row.intent.open
    event = "" if again else begun_line(row, "deleted", expected_seconds, pace.real(expected_seconds))
    asked = replace(_begun(row, now), state=state, intent=intent, attempts=0, reason="", message="deleting")
    return Patch(asked, pace.poll(0, expected_seconds) if expected_seconds else 0, event)


def refused(claim: Claim, error: ProviderError, now: datetime, pace: Pace, rng: Random, *, mutating: bool) -> Patch:
    """The patch for an error. The intent is closed only when the cloud certainly did not apply the call."""
    row = claim.row
    attempts = row.attempts + 1
    said = replace(row, attempts=attempts, reason=error.reason, message=error.message, trouble=_troubled(row, error))
    unknown = mutating and (not error.definitely_not_applied or _may_be_applied(error))
    if mutating and not unknown:
        said = replace(said, intent=None)
    elif mutating and row.intent is not None and not isinstance(error, TimedOut):
        said = replace(said, intent=replace(row.intent, started_at=now, answered=True))
    later = pace.real(backoff_seconds(attempts, rng))
    match error:
        case Throttled():
            wait = max(pace.real(error.retry_after_seconds), 0.05)
            return Patch(replace(said, attempts=row.attempts), wait * (1 + rng.random() / 2))
        case Held(retry_after_seconds=seconds):
            event = f"{row.title}: {error.message}" if row.message != error.message else ""
            return Patch(replace(said, attempts=row.attempts), seconds, event)
        case InUse() if attempts >= MAX_IN_USE:
            return _stuck(said, State.BLOCKED, _in_use(row, error))
        case NoCapacity() if attempts >= MAX_NO_CAPACITY:
            return _stuck(said, State.BLOCKED, f"{error.message} Tried {times(attempts)}; resume later.")
        case Unclassified() if attempts >= MAX_UNCLASSIFIED:
            return _stuck(said, State.FAILED, f"{error.message} Tried {times(attempts)}.")
        case Ambiguous() | Transient() if attempts >= MAX_AMBIGUOUS:
            return _stuck(
                said, State.BLOCKED, f"{error.message} Tried {times(attempts)}; resume when the cloud is well."
            )
        case Blocked():
            return _stuck(said, State.BLOCKED, error.message)
        case Permanent():
            return _stuck(said, State.FAILED, error.message)
        case _:
            return Patch(
                said, later, f"{row.title}: {error.message} Trying again." if row.reason != error.reason else ""
            )


def with_patience(patch: Patch, now: datetime, patience_seconds: float) -> Patch:
    """The patch of a driver that does not wait without end: past its patience the step is a person's.

    What the action waited for is kept in the message. A call that may still be in flight is waited out in any case.
    """
    row = patch.row
    if patch.frozen or row.state in STUCK:  # a resume begins anew
        return replace(patch, row=replace(row, action_started_at=None))
    if row.state is not State.DELETING or (row.intent is not None and row.intent.open):
        return patch
    if row.action_started_at is None:  # resumed
        return replace(patch, row=replace(row, action_started_at=now))
    if (now - row.action_started_at).total_seconds() < patience_seconds:
        return patch
    said = f"{row.message.rstrip('.') or 'It has not ended'}. Waited {spoken(patience_seconds)} for it."
    given_up = replace(row, action_started_at=None, reason=row.reason or "NotInTime")
    return _stuck(given_up, State.BLOCKED, said)


def _troubled(row: ResourceRow, error: ProviderError) -> JsonObject:
    """What the present action has met, this error included."""
    met = {name: value for name, value in row.trouble.items() if name != "blockers"}
    if isinstance(error, InUse) and error.blockers:
        met["blockers"] = sorted(error.blockers)
    counted = "throttled" if isinstance(error, Throttled) else "retried"
    return met if isinstance(error, Blocked | Permanent) else met | {counted: int(met.get(counted, 0)) + 1}


def _may_be_applied(error: ProviderError) -> bool:
    # A driver should raise Ambiguous for these on a mutation; one that forgets must not cause a duplicate.
    return isinstance(error, Transient) and not isinstance(error, Throttled | NotYet)


def _known(row: ResourceRow, message: str) -> ResourceRow:
    """The cloud has just shown the resource: reads work, and what an update or a deletion did is seen, not guessed."""
    return replace(row, message=message, attempts=0, intent=_asked_for(row.intent) if row.external_id else row.intent)


def _asked_for(intent: Intent | None) -> Intent | None:
    """What remains of an intent once the truth is known: that deletion was asked for."""
    return replace(intent, open=False) if intent is not None and intent.action == "delete" else None


def _in_use(row: ResourceRow, error: InUse) -> str:
    unnamed = [blocker for blocker in error.blockers if blocker not in error.message]
    blockers = f" Still there: {', '.join(unnamed)}." if unnamed else ""
    return f"{error.message}{blockers} Remove what is in the way of {row.title}, then resume the operation."


def _stuck(row: ResourceRow, state: State, message: str) -> Patch:
    return Patch(replace(row, state=state, message=message), None, f"{row.title}: {message}")


def _ready(row: ResourceRow, observed: Observed | None) -> Patch:
    if observed is None:
        return Patch(
            replace(row, state=State.READY, external_id=f"step/{row.id}", observed_generation=row.generation), None
        )
    ready = replace(
        row,
        state=State.READY,
        external_id=observed.external_id,
        outputs=observed.outputs,
        fields=observed.fields,
        observed_generation=row.generation,
        drift=None,
        intent=None,
        attempts=0,
        trouble={},
        reason="",
        message="",
        action_started_at=None,
        created_at=row.created_at,
    )
    return Patch(ready, None)


def _unmade(row: ResourceRow) -> ResourceRow:
    """Planned again: a row that seemed to be under way would keep its operation running, whatever it waits for."""
    if row.state is not State.CREATING:
        return row
    return replace(row, state=State.PLANNED, intent=None, attempts=0, reason="", message="", action_started_at=None)


def _begun(row: ResourceRow, now: datetime) -> ResourceRow:
    begins = row.state not in (State.DELETING, State.REPLACING, State.UPDATING, State.SETTLING)
    return replace(row, action_started_at=now if begins or row.action_started_at is None else row.action_started_at)


def _elapsed(row: ResourceRow, now: datetime) -> float:
    return (now - row.action_started_at).total_seconds() if row.action_started_at else 0.0

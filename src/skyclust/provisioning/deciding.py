"""Decide what to do next with one resource. Called by the reconcile loop for every due row.

Invariant: this module is pure. The same claim, observation and time give the same action on every machine,
which is what lets the simulator replay a crash from its seed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from skyclust.contract.resources import Change, Observed, Phase
from skyclust.provisioning.doubting import CERTAIN
from skyclust.provisioning.rows import STUCK, Claim, Desired, ResourceRow, State


class Unlooked(Enum):
    """The cloud has not been asked in this round."""

    UNLOOKED = "unlooked"


UNLOOKED = Unlooked.UNLOOKED

#: What is known of the cloud in this round: not asked, absent, or observed.
Seen = Unlooked | Observed | None


@dataclass(frozen=True, slots=True)
class Sleep:
    """Nothing to do until a neighbour changes. `unmade`: what may have been begun is certainly not there."""

    reason: str
    unmade: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again at `until`, or when polling says so if `until` is None."""

    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Find:
    """Ask the cloud for something with our mark."""


@dataclass(frozen=True, slots=True)
class Observe:
    """Ask the cloud for the resource by its id."""


@dataclass(frozen=True, slots=True)
class Create:
    """Write the intent, then create."""


@dataclass(frozen=True, slots=True)
class Update:
    """Write the intent, then change."""

    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Delete:
    """Write the intent, then delete."""


@dataclass(frozen=True, slots=True)
class PutMark:
    """Imported, and exists as `observed`: write the intent, then put our mark on."""

    observed: Observed


@dataclass(frozen=True, slots=True)
class TakeMark:
    """Given back: write the intent, then take our mark off."""


@dataclass(frozen=True, slots=True)
class Adopt:
    """Something with our mark exists: it is ours. Take its id over."""

    observed: Observed


@dataclass(frozen=True, slots=True)
class Ready:
    """As wanted. `observed` is None for steps that create nothing."""

    observed: Observed | None


@dataclass(frozen=True, slots=True)
class Replace:
    """Cannot be changed in place: delete, then create a new incarnation."""

    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Renew:
    """The old incarnation is gone: plan a new one."""


@dataclass(frozen=True, slots=True)
class Gone:
    """Does not exist, as wanted."""


@dataclass(frozen=True, slots=True)
class Fail:
    """Stop here and say why. `recreate`: a resume must replace the resource."""

    reason: str
    message: str
    recreate: bool = False


@dataclass(frozen=True, slots=True)
class Freeze:
    """The operation is being cancelled: start nothing new."""


@dataclass(frozen=True, slots=True)
class Hold:
    """The operation is paused, and this has not been begun: leave it until it goes on."""


#: Actions that ask the cloud; all others are settled from what is known.
Call = Find | Observe | Create | Update | Delete | PutMark | TakeMark
Action = Call | Sleep | Wait | Adopt | Ready | Replace | Renew | Gone | Fail | Freeze | Hold


@dataclass(frozen=True, slots=True)
class Rules:
    """What the driver says about its kind. Durations are real time.

    window    how long NotFound proves nothing after a create
    in_flight how long after its intent a call of a lost worker may still take effect
    looked_for how long the worker itself has been looking, by its own clock: the store's may have been set
    resolved  everything that the spec refers to is known
    """

    creates: bool
    window: timedelta
    diff: Callable[[Observed], tuple[Change, ...]]
    in_flight: timedelta = timedelta()
    resolved: bool = True
    looked_for: timedelta = CERTAIN


def next_action(claim: Claim, seen: Seen, now: datetime, rules: Rules) -> Action:
    """Return the one thing to do with the claimed row, given what the cloud showed in this round.

    Absence is believed only after the consistency window has passed since the intent (for something never seen) or
    since the creation (for something created); until then the answer is `Wait`.
    """
    action = _next_action(claim, seen, now, rules)
    begins = isinstance(action, Create | Update | Delete | PutMark | TakeMark)
    return Hold() if begins and claim.paused and not has_begun(claim.row) else action


def has_begun(row: ResourceRow) -> bool:
    """True when a call for what is wanted of the row now has been made, or may have been: it is seen to its end."""
    if row.intent is not None:
        return True
    return row.state in (State.CREATING, State.SETTLING, State.UPDATING) and not row.unmarked and not row.released


def _next_action(claim: Claim, seen: Seen, now: datetime, rules: Rules) -> Action:
    row = claim.row
    if row.state in STUCK or row.state is State.GONE:
        return Sleep("waits for a person")
    if _is_given_back(row) and row.external_id is not None:
        return _towards_release(claim, seen, rules)
    if row.desired is Desired.ABSENT:
        return _towards_absent(claim, seen, now, rules)
    if row.state is State.REPLACING and not row.adopted:
        return _towards_renewal(claim, seen, now, rules)
    if row.external_id is not None and rules.creates:  # a step that makes nothing has nothing to look at
        return _towards_spec(claim, seen, now, rules)
    return _towards_existence(claim, seen, now, rules)


def _towards_existence(claim: Claim, seen: Seen, now: datetime, rules: Rules) -> Action:
    row = claim.row
    if row.intent is not None and row.intent.open:
        found = _after_open_intent(row, seen, now, rules)
        if found is not None:
            return found
    if claim.cancelling:
        return Freeze()
    if not claim.dependencies_ready():
        return Sleep("waits for what it depends on", unmade=True)
    return Create() if rules.creates else Ready(None)


def _after_open_intent(row: ResourceRow, seen: Seen, now: datetime, rules: Rules) -> Action | None:
    """An earlier create may have been applied. None means: certainly not, go on."""
    assert row.intent is not None
    if seen is UNLOOKED:
        return Find()
    if isinstance(seen, Observed):
        if seen.phase is Phase.DELETING and row.desired is Desired.PRESENT:
            return Wait("what carries our mark is being deleted; a new one follows when it is gone")
        return Adopt(seen)
    believed_at = row.intent.started_at + rules.window
    if not row.intent.answered:
        believed_at += rules.in_flight
    believed_at = max(believed_at, now + rules.window - rules.looked_for)
    if now < believed_at:
        return Wait("not visible yet; NotFound proves nothing inside the consistency window", until=believed_at)
    return None


def _is_given_back(row: ResourceRow) -> bool:
    """True also for what was imported and is to go before it carried our mark: it was never ours to delete."""
    return not row.adopted and (row.released or (row.unmarked and row.desired is Desired.ABSENT))


def _towards_release(claim: Claim, seen: Seen, rules: Rules) -> Action:
    """Our mark comes off; nothing is deleted. Afterwards the row is adopted, and goes the way of those."""
    if claim.cancelling:
        return Freeze()
    row = claim.row
    going = row.desired is Desired.ABSENT
    gone = Gone() if claim.dependents_gone() else Sleep("waits until what depends on it is given back")
    if not rules.creates:
        return gone
    if not rules.resolved and not claim.dependencies_ready():
        # Nobody could mark it either: that takes a spec that is known.
        return gone if going and row.unmarked else Sleep("waits for what it depends on")
    if seen is UNLOOKED:
        return Observe()
    if seen is None:
        return gone if going else _missing(row)
    return TakeMark()


def _towards_spec(claim: Claim, seen: Seen, now: datetime, rules: Rules) -> Action:
    row = claim.row
    if claim.dependencies_made_anew() or (not rules.resolved and not claim.dependencies_ready()):
        return Sleep("waits for what it depends on")
    if seen is UNLOOKED:
        return Observe()
    if seen is None:
        if _may_still_appear(row, now, rules):
            return Wait("created, not visible yet")
        return Renew() if _deletion_was_asked(row) else _missing(row)
    assert isinstance(seen, Observed)
    if seen.phase is not Phase.DELETING and (until := _may_still_go(row, now, rules)) is not None:
        return Wait("wanted again after its deletion was asked for; it may go yet", until=until)
    if row.unmarked and not row.adopted and seen.phase is Phase.READY:
        return Freeze() if claim.cancelling else PutMark(seen)
    if seen.phase is Phase.READY or row.adopted:
        changes = () if row.adopted else rules.diff(seen)
        if not changes:
            return Ready(seen)
        if claim.cancelling:
            return Freeze()
        return Replace(changes) if any(change.replace for change in changes) else Update(changes)
    if seen.phase is Phase.FAILED:
        said = seen.message or f"The cloud reports that {row.title} has failed."
        return Fail("CloudFailed", said, recreate=not row.unmarked)
    return Wait(seen.message or "settling")


def _deletion_was_asked(row: ResourceRow) -> bool:
    """By us, before the resource was wanted again: a roll back of the deletion."""
    return row.intent is not None and row.intent.action == "delete"


def _may_still_go(row: ResourceRow, now: datetime, rules: Rules) -> datetime | None:
    """Until when what stands may still go by a deletion that was asked for; clouds show that late, as all else."""
    if row.intent is None or not _deletion_was_asked(row):
        return None
    until = row.intent.started_at + rules.window + rules.in_flight
    return until if now < until else None


def _missing(row: ResourceRow) -> Fail:
    """What was never ours is not made anew either."""
    message = f"{row.title} ({row.external_id}) no longer exists in the cloud."
    return Fail("Missing", message, recreate=not (row.adopted or row.unmarked))


def _towards_renewal(claim: Claim, seen: Seen, now: datetime, rules: Rules) -> Action:
    row = claim.row
    if row.external_id is None:
        return Renew()
    if claim.stood_on():
        return _renewal_under_others(row, seen, now, rules)
    gone = _deletion_step(claim, seen, now, rules)
    return Renew() if isinstance(gone, Gone) else gone


def _renewal_under_others(row: ResourceRow, seen: Seen, now: datetime, rules: Rules) -> Action:
    """Nothing is deleted under what stands on it. What other hands have deleted already is made anew in its place."""
    if seen is UNLOOKED:
        return Observe()
    if seen is None:
        return Wait("created, not visible yet") if _may_still_appear(row, now, rules) else Renew()
    assert isinstance(seen, Observed)
    if seen.phase is Phase.DELETING:
        return Wait(seen.message or "being deleted by other hands; a new one follows")
    return Fail(
        "ReplaceBlocked",
        f"{row.title} must be replaced, but other resources of the stack depend on it. "
        "Delete those first, or delete and create the whole.",
    )


def _towards_absent(claim: Claim, seen: Seen, now: datetime, rules: Rules) -> Action:
    row = claim.row
    if not claim.dependents_gone():
        return Sleep("waits until what depends on it is gone")
    if row.adopted:
        return Gone()
    if row.external_id is None:
        if row.intent is not None and row.intent.open and row.intent.action == "create":
            return _after_open_intent(row, seen, now, rules) or Gone()
        return Gone()
    asked = row.intent is not None and row.intent.action == "delete"
    if claim.cancelling and not asked:
        return Freeze()
    return _deletion_step(claim, seen, now, rules)


def _deletion_step(claim: Claim, seen: Seen, now: datetime, rules: Rules) -> Action:
    """Ask for deletion once, then watch; ask again when the resource stands there undisturbed."""
    row = claim.row
    asked = row.intent is not None and row.intent.action == "delete"
    if not asked:
        return Delete()
    if seen is UNLOOKED:
        return Observe()
    if seen is None:
        return (
            Wait("deleted, but creation is too recent to believe it") if _may_still_appear(row, now, rules) else Gone()
        )
    assert isinstance(seen, Observed)
    if seen.phase is Phase.DELETING:
        return Wait(seen.message or "deleting")
    return Delete()


def _may_still_appear(row: ResourceRow, now: datetime, rules: Rules) -> bool:
    return row.created_at is not None and (now < row.created_at + rules.window or rules.looked_for < rules.window)

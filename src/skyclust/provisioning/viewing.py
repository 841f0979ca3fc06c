"""An operation as people see it, and its wire shape. Made by `queries`, answered by every slice that starts work.

Invariant: built from rows alone; holds no secret.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from skyclust.contract.resources import JsonObject
from skyclust.provisioning.attending import Attention, Leftover
from skyclust.provisioning.progressing import Progress, StepView, progress_of
from skyclust.provisioning.rows import ACTIVE_OPERATIONS, OperationState

#: Ended, but not as asked: may be resumed or rolled back.
UNFINISHED = frozenset({OperationState.FAILED, OperationState.NEEDS_ATTENTION, OperationState.CANCELLED})
ROLLBACK_SUFFIX = ".rollback"
#: What belongs to nobody and is deleted: nobody wants that back.
ORPHANS = "orphans"
#: Pods that were asked to leave a node are not asked back; it is uncordoned by hand.
NODE_DRAIN = "node.drain"


@dataclass(frozen=True, slots=True)
class Target:
    """What an operation works on: a cluster, a network, a node pool's cluster ..."""

    kind: str
    id: UUID
    name: str
    provider: str
    region: str


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asked."""

    user_id: UUID | None
    label: str


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """One line of the story."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class OperationError:
    """What stands in the way, in words that name it."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class OperationView:
    """An operation with its steps. `as_of` is the database's clock when it was read; `speed` the cloud's clock's.

    superseded_by   a later operation of the stack that stands on this one, or took its resources over
    attention       what waits for a person now, with the remedy
    leftovers       what was to go and may still be in the cloud
    stage           which of its stages it is in
    """

    id: UUID
    workspace_id: UUID
    stack_id: UUID
    kind: str
    target: Target
    state: OperationState
    message: str
    plan: JsonObject
    requested_by: Requester
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    rolled_back_by: UUID | None
    rolls_back: UUID | None
    as_of: datetime
    superseded_by: UUID | None = None
    steps: tuple[StepView, ...] = ()
    timeline: tuple[TimelineLine, ...] = ()
    attention: tuple[Attention, ...] = ()
    leftovers: tuple[Leftover, ...] = ()
    speed: float = 1.0
    stage: int = 1

    def at_speed(self, speed: float) -> OperationView:
        """The same, with durations told for a cloud whose clock runs `speed` times faster (a sandbox's)."""
        return replace(self, speed=speed)

    @property
    def active(self) -> bool:
        """True while the engine works on it."""
        return self.state in ACTIVE_OPERATIONS

    @property
    def progress(self) -> Progress:
        """How far it is."""
        moving = self.active and self.state is not OperationState.PAUSED
        return progress_of(self.steps, self.as_of, speed=self.speed, moving=moving)

    @property
    def error(self) -> OperationError | None:
        """What stands in the way of one that did not succeed."""
        if self.state not in UNFINISHED:
            return None
        return OperationError("".join(word.capitalize() for word in self.state.value.split("_")), self.message)

    @property
    def actions(self) -> tuple[str, ...]:
        """What a person may do with it now."""
        if self.state in (OperationState.PENDING, OperationState.RUNNING):
            return ("pause", "cancel")
        if self.state is OperationState.PAUSED:
            return ("resume", "cancel")
        if self.active or self.rolled_back_by is not None or self.superseded_by is not None:
            return ()
        if self.state not in UNFINISHED:
            return ("rollback",) if self._can_be_undone else ()
        if self.rolls_back is not None or self._is_one_way:
            return ("resume",)
        return ("resume", "rollback")

    @property
    def _can_be_undone(self) -> bool:
        """A success can be taken back; a roll back, a deletion of the whole, and what did nothing cannot."""
        return self.rolls_back is None and not self.removes_target and not self._is_one_way and bool(self.steps)

    @property
    def _is_one_way(self) -> bool:
        return self.target.kind == ORPHANS or self.kind == NODE_DRAIN

    @property
    def removes_target(self) -> bool:
        """True when what it works on is gone once it has succeeded."""
        return self.kind in (f"{self.target.kind}.delete", f"{self.target.kind}.create{ROLLBACK_SUFFIX}")

    @property
    def links(self) -> dict[str, str]:
        """Where to go from here, as paths of the API."""
        here = f"/api/v1/operations/{self.id}"
        links = {"self": here, "events": f"{here}/events"}
        links |= {action: f"{here}:{action}" for action in self.actions}
        if self.rolled_back_by is not None:
            links["rolled_back_by"] = f"/api/v1/operations/{self.rolled_back_by}"
        if self.rolls_back is not None:
            links["rolls_back"] = f"/api/v1/operations/{self.rolls_back}"
        return links

    def summary(self) -> dict[str, Any]:
        """What events about it carry."""
        return {
            "operation_id": str(self.id),
            "kind": self.kind,
            "state": self.state.value,
            "target": {"kind": self.target.kind, "id": str(self.target.id), "name": self.target.name},
            "message": self.message,
        }

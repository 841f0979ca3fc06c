"""The values the engine thinks in: resource rows, claims, patches. Stores make them, pure functions read them.

Invariant: frozen. Nothing here touches a clock, a database or a cloud.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from skyclust.contract.resources import JsonObject, Mark


class Desired(StrEnum):
    """Whether the resource should exist."""

    PRESENT = "present"
    ABSENT = "absent"


class State(StrEnum):
    """Where a resource stands. `replacing` is deletion on the way to a new incarnation."""

    PLANNED = "planned"
    CREATING = "creating"
    SETTLING = "settling"
    READY = "ready"
    UPDATING = "updating"
    REPLACING = "replacing"
    DELETING = "deleting"
    GONE = "gone"
    BLOCKED = "blocked"
    FAILED = "failed"


#: The engine is not done with these and may move them without a person.
MOVING = frozenset({State.CREATING, State.SETTLING, State.UPDATING, State.REPLACING, State.DELETING})
#: The reason of rows whose resource other hands have deleted.
MISSING = "Missing"
#: A new incarnation is on its way, or at least the old one is going.
_BEFORE_EXISTENCE = frozenset({State.PLANNED, State.CREATING, State.REPLACING})
#: Only a person (or a resume) moves these.
STUCK = frozenset({State.BLOCKED, State.FAILED})


class OperationState(StrEnum):
    """The user's view of applying a plan."""

    PENDING = "pending"
    RUNNING = "running"
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    NEEDS_ATTENTION = "needs_attention"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"


ACTIVE_OPERATIONS = frozenset(
    {OperationState.PENDING, OperationState.RUNNING, OperationState.PAUSED, OperationState.CANCELLING}
)


#: Of these nothing new is begun, and what has not been begun is left as it is.
CANCELLED_STATES = frozenset({OperationState.CANCELLING, OperationState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Intent:
    """Written and committed before a mutating call, so that a crash in the call leaves a trace.

    open      nobody knows yet whether the call was applied; only then the consistency window counts
    answered  the call is over, though its answer did not tell; `started_at` is then the time of that answer. Without it
              the call may still be in flight, from a worker that crashed or was overtaken
    """

    action: str
    generation: int
    started_at: datetime
    open: bool = True
    answered: bool = False


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """One node of a stack as stored. `spec` may hold references; `outputs` and `fields` are as last observed."""

    id: UUID
    stack_id: UUID
    key: str
    kind: str
    title: str
    spec: JsonObject
    depends_on: tuple[str, ...]
    desired: Desired = Desired.PRESENT
    state: State = State.PLANNED
    adopted: bool = False
    external_id: str | None = None
    outputs: JsonObject = field(default_factory=dict)
    fields: JsonObject = field(default_factory=dict)
    reason: str = ""
    message: str = ""
    generation: int = 1
    observed_generation: int = 0
    attempts: int = 0
    #: What the present action has met: how often it was "throttled" and "retried", and the "blockers" in its way.
    trouble: JsonObject = field(default_factory=dict)
    intent: Intent | None = None
    #: When the current action (creation, update, deletion) began: the base of polling.
    action_started_at: datetime | None = None
    #: When the cloud resource of this incarnation was created: the base of believing NotFound.
    created_at: datetime | None = None
    recreate: bool = False
    operation_id: UUID | None = None
    #: What the last sweep saw that is not as wanted (`drifting.Drift` as JSON); None = nothing.
    drift: JsonObject | None = None
    #: Differences a person has accepted: field -> {"seen": ..., "wanted": ...}; ignored while both are still so.
    accepted: JsonObject = field(default_factory=dict)
    #: Imported: exists and is ours to manage, but does not carry our mark yet.
    unmarked: bool = False
    #: Given back: our mark is to be taken off, after which the resource is only observed (`adopted`).
    released: bool = False
    #: The id in the mark of what exists, where that is another row's: an orphan on its way out.
    marked_as: UUID | None = None


@dataclass(frozen=True, slots=True)
class StackRef:
    """What the engine must know of the stack behind a row."""

    id: UUID
    workspace_id: UUID
    credential_id: UUID
    provider: str
    region: str
    name: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another row of the same stack, reduced to what decides about order."""

    key: str
    state: State
    desired: Desired
    depends_on: tuple[str, ...]
    outputs: JsonObject


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to act on one row until the lease ends, and all that is needed to decide.

    `now` is the store's clock at the claim; `fence` goes into every write, so that a stale worker writes nothing.
    """

    row: ResourceRow
    stack: StackRef
    neighbours: Mapping[str, Neighbour]
    cancelling: bool
    fence: int
    pokes: int
    now: datetime
    lease_seconds: float
    #: The operation is paused: what has begun ends, nothing else is begun.
    paused: bool = False

    @property
    def mark(self) -> Mark:
        """The ownership mark of this incarnation."""
        return Mark(self.row.marked_as or self.row.id, self.stack.id, self.row.generation, self.stack.name)

    def outputs(self) -> dict[str, JsonObject]:
        """Outputs of the nodes this row may refer to."""
        return {key: self.neighbours[key].outputs for key in self.row.depends_on if key in self.neighbours}

    def dependencies_ready(self) -> bool:
        """True when everything this row depends on exists and is ready."""
        return all(key in self.neighbours and self.neighbours[key].state is State.READY for key in self.row.depends_on)

    def dependencies_made_anew(self) -> bool:
        """True while something this row refers to is on its way to a new incarnation: its outputs will be others."""
        needed = [self.neighbours[key] for key in self.row.depends_on if key in self.neighbours]
        return any(need.desired is Desired.PRESENT and need.state in _BEFORE_EXISTENCE for need in needed)

    def stood_on(self) -> bool:
        """True while something that exists depends on this row."""
        users = [other for other in self.neighbours.values() if self.row.key in other.depends_on]
        return any(other.state not in (State.GONE, State.PLANNED) for other in users)

    def dependents_gone(self) -> bool:
        """True when nothing that exists depends on this row any more."""
        return all(other.state is State.GONE for other in self.neighbours.values() if self.row.key in other.depends_on)


@dataclass(frozen=True, slots=True)
class Patch:
    """What to write back: the new row, when to look again (None = when poked), and whether the step is frozen.

    `wake_in_seconds` is real time, not cloud time. `event` is a line for the operation's timeline, or "".
    """

    row: ResourceRow
    wake_in_seconds: float | None
    event: str = ""
    frozen: bool = False

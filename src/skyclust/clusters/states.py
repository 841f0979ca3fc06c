"""What the rows of a stack and its running operation say about a cluster. Called by every read.

Invariant: pure, and nobody writes a state down: what is shown can never disagree with what the engine knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from skyclust.contract.resources import JsonObject
from skyclust.provisioning.rows import MOVING, STUCK, Desired, ResourceRow, State

CONTROL_PLANE = "cluster"
NODE_POOL_PREFIX = "node-pool/"
MISSING = "Missing"
DRIFTED = "Drifted"


@dataclass(frozen=True, slots=True)
class Condition:
    """One aspect of the state."""

    type: str
    status: str
    reason: str = ""
    message: str = ""


def living(rows: Sequence[ResourceRow]) -> list[ResourceRow]:
    """Rows of what exists or should."""
    return [row for row in rows if row.state is not State.GONE]


def cluster_state(rows: Sequence[ResourceRow], running: str | None) -> str:
    """The cluster's state. `running` is the kind of the operation under way ("cluster.create"), if any."""
    present = living(rows)
    if running is not None:
        return _while(running)
    if not present:
        return "deleted"
    if any(row.desired is Desired.ABSENT for row in present) or any(_stuck(row) for row in present):
        return "needs_attention"
    if any(_drifted(row) for row in present):
        return "drifted"
    if any(row.state is not State.READY for row in present):
        return "needs_attention"
    return "degraded" if any(row.reason for row in present) else "ready"


def _while(running: str) -> str:
    """The state told by the operation's kind; rolling a creation back is deletion."""
    return {
        "cluster.create": "provisioning",
        "cluster.create.rollback": "deleting",
        "cluster.delete": "deleting",
    }.get(running, "updating")


def _drifted(row: ResourceRow) -> bool:
    return row.reason in (MISSING, DRIFTED)


def _stuck(row: ResourceRow) -> bool:
    return row.state in STUCK and not _drifted(row)


def cluster_conditions(rows: Sequence[ResourceRow], state: str) -> list[Condition]:
    """Ready, then the control plane, the nodes, and one condition for each resource that is in trouble."""
    present = living(rows)
    plane = [row for row in present if row.key == CONTROL_PLANE]
    pools = [row for row in present if row.key.startswith(NODE_POOL_PREFIX)]
    troubled = [row for row in present if row.reason and (row.state in STUCK or row.state is State.READY)]
    ready = Condition("Ready", _truth(state in ("ready", "degraded")), _reason(state), _first_message(troubled))
    return [
        ready,
        _all_ready("ControlPlaneReady", plane),
        *([_all_ready("NodePoolsReady", pools)] if pools else []),
        *(Condition(f"{row.key}:{row.state.value}", "True", row.reason, row.message) for row in troubled),
    ]


def _all_ready(kind: str, rows: Sequence[ResourceRow]) -> Condition:
    behind = [row for row in rows if row.state is not State.READY]
    if rows and not behind:
        return Condition(kind, "True")
    message = behind[0].message if behind else ""
    reason = (behind[0].reason or behind[0].state.value.capitalize()) if behind else "Absent"
    return Condition(kind, "False", reason, message)


def _truth(value: bool) -> str:
    return "True" if value else "False"


def _reason(state: str) -> str:
    return "".join(word.capitalize() for word in state.split("_"))


def _first_message(rows: Sequence[ResourceRow]) -> str:
    return f"{rows[0].title}: {rows[0].message}" if rows else ""


def pool_state(row: ResourceRow | None) -> str:
    """A node pool's state, in the words of the cluster's."""
    if row is None or row.state is State.GONE:
        return "provisioning" if row is None else "deleted"
    if row.state in STUCK:
        return "drifted" if _drifted(row) else "needs_attention"
    if row.desired is Desired.ABSENT:
        return "deleting"
    if _drifted(row) and row.state is State.READY:
        return "drifted"
    if row.state is State.READY:
        return "ready" if row.observed_generation == row.generation else "updating"
    if row.state is State.UPDATING or row.observed_generation > 0:
        return "updating"
    return "provisioning" if row.state in MOVING or row.state is State.PLANNED else "updating"


def pool_row(rows: Sequence[ResourceRow], name: str) -> ResourceRow | None:
    """The living row of a node pool; else its last one; None before it has one."""
    own = [row for row in rows if row.key == NODE_POOL_PREFIX + name]
    alive = [row for row in own if row.state is not State.GONE]
    return next(reversed(alive or own), None)


def plane_outputs(rows: Sequence[ResourceRow]) -> JsonObject | None:
    """Outputs of the control plane once it has been ready; None before, when it is going, and after."""
    for row in rows:
        if row.key == CONTROL_PLANE and row.state is not State.GONE:
            reachable = row.observed_generation > 0 and row.desired is Desired.PRESENT and row.reason != MISSING
            return row.outputs or None if reachable else None  # an imported one is known before it is looked at
    return None

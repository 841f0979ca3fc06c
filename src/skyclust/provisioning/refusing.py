"""Why an operation cannot be started, cancelled, resumed or rolled back, and what to do instead.

Called by `operating`, which raises them.
"""

from __future__ import annotations

from skyclust.kit.problems import Problem, conflict
from skyclust.provisioning.viewing import OperationView


def in_progress(running: OperationView) -> Problem:
    """One operation per stack at a time."""
    return conflict(
        "operation-in-progress",
        "Another operation is under way",
        f"{running.kind} of {running.target.name} is {running.state.value}. Wait until it has ended, or cancel it, "
        f"then try again. It is operation {running.id}.",
        operation_id=str(running.id),
    )


def nothing_to_cancel(operation: OperationView) -> Problem:
    """It has ended."""
    return conflict(
        "operation-ended",
        "The operation has ended",
        f"{operation.kind} of {operation.target.name} is {operation.state.value}: there is nothing left to cancel.",
    )


def nothing_to_pause(operation: OperationView) -> Problem:
    """It has ended, or is on its way to."""
    return conflict(
        "operation-state",
        "The operation cannot be paused",
        f"{operation.kind} of {operation.target.name} is {operation.state.value}: only what is pending or running can "
        "be paused.",
    )


def cannot(operation: OperationView, verb: str) -> Problem:
    """Its state does not allow it."""
    if operation.rolled_back_by is not None:
        why = f"it was rolled back by operation {operation.rolled_back_by}: resume that one if it is stuck"
    elif operation.active:
        why = "it is still under way" + ("" if verb == "resumed" else ": cancel it first")
    elif operation.rolls_back is not None:
        why = "it is a roll back itself: resume it if it is stuck, or start anew"
    elif verb == "resumed":
        why = f"it is {operation.state.value}: there is nothing left to do"
    elif operation.removes_target:
        why = f"{operation.target.name} is deleted: create it anew"
    else:
        why = "it changed nothing"
    return conflict(
        "operation-state", f"The operation cannot be {verb}", f"The operation cannot be {verb}: {why}."
    )  # fmt: skip


def superseded(operation: OperationView, by: OperationView | None = None) -> Problem:
    """A later operation took its resources over, or stands on its result."""
    later = f"{by.kind} (operation {by.id})" if by is not None else "A later operation"
    return conflict(
        "operation-superseded",
        "A later operation has taken over",
        f"{later} changed {operation.target.name} after {operation.kind}. Act on that one instead.",
        **({"operation_id": str(by.id)} if by is not None else {}),
    )


def nothing_to_roll_back(operation: OperationView) -> Problem:
    """What it made is gone already, and it changed nothing else."""
    return conflict(
        "nothing-to-roll-back",
        "There is nothing to roll back",
        f"Nothing that {operation.kind} of {operation.target.name} made or changed is there any more.",
    )

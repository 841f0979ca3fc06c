"""Problems of this slice; those of acting on an operation are raised by `provisioning.operating`."""

from __future__ import annotations

from skyclust.kit.problems import FieldError, Problem, invalid, not_found


def operation_not_found() -> Problem:
    """Also for operations of workspaces one is no member of."""
    return not_found("operation")


def too_many_streams(most: int) -> Problem:
    """429: each open stream costs the server a reader."""
    detail = f"You hold {most} event streams open already. Close one, or follow everything by one: GET /events."
    return Problem(429, "too-many-streams", "Too many event streams", detail, headers={"retry-after": "5"})


def bad_last_event_id() -> Problem:
    """Not one of ours."""
    return invalid([FieldError("headers/Last-Event-ID", "Send the id of an event of this stream, or leave it out.")])

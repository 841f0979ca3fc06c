"""Problems of this slice; those of acting on an operation are raised by `provisioning.operating`."""

from __future__ import annotations

from skyclust.kit.problems import FieldError, Problem, invalid, not_found


def operation_not_found() -> Problem:
    """Also for operations of workspaces one is no member of."""
    return not_found("operation")


def bad_last_event_id() -> Problem:
    """Not one of ours."""
    return invalid([FieldError("headers/Last-Event-ID", "Send the id of an event of this stream, or leave it out.")])

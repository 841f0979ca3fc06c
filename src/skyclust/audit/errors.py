"""What can go wrong around the audit log."""

from __future__ import annotations

from skyclust.kit.problems import Problem


def platform_log_forbidden() -> Problem:
    """403: acts that concern no workspace are seen by administrators of the installation."""
    return Problem(
        403,
        "forbidden",
        "Not allowed",
        "This needs the permission platform.admin. Ask an administrator of this installation.",
        missing_permission="platform.admin",
    )

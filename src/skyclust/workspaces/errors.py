"""What can go wrong around tenants. What one may not see does not exist (404); what one may see but not do is 403."""

from __future__ import annotations

from skyclust.kit.problems import FieldError, Problem, conflict, invalid, not_found
from skyclust.workspaces.permissions import Permission, Role


def workspace_not_found() -> Problem:
    """404, also for a workspace of others."""
    return not_found("workspace")


def member_not_found() -> Problem:
    """404."""
    return not_found("member")


def forbidden(permission: Permission) -> Problem:
    """403 naming what is missing."""
    return Problem(
        403,
        "forbidden",
        "Not allowed",
        f"This needs the permission {permission.value} in the workspace. Ask one of its administrators for a role "
        "that has it.",
        missing_permission=permission.value,
    )


def no_workspace(permission: Permission) -> Problem:
    """403: a member of nothing in which this would be allowed."""
    return Problem(
        403,
        "forbidden",
        "Not allowed",
        f"There is no workspace in which you have the permission {permission.value}. Create one, or ask an "
        "administrator to make you a member.",
        missing_permission=permission.value,
    )


def role_too_high(role: Role, pointer: str = "/role") -> Problem:
    """403: nobody hands out, takes away or changes more than they hold."""
    return Problem(
        403,
        "role-too-high",
        "Not allowed",
        f"The role {role.value} has permissions that you do not hold, so you may neither give nor take it away.",
        errors=[FieldError(pointer, "Choose a role whose permissions you hold.")],
    )


def last_admin() -> Problem:
    """409: a workspace keeps an administrator."""
    return conflict(
        "last-admin", "This is the workspace's last administrator", "Make another member an administrator first."
    )


def already_member(email: str) -> Problem:
    """409."""
    return conflict("already-member", "Already a member", f"{email} is a member. Change the role instead.")


def no_such_user(email: str) -> Problem:
    """422: members are users first."""
    return invalid([FieldError("/email", f"There is no account {email}. An administrator creates it under /users.")])


def workspace_in_use(stacks: int) -> Problem:
    """409 that says what to delete first."""
    return conflict(
        "workspace-in-use",
        "The workspace still has clusters or networks",
        f"{stacks} cluster(s) and network(s) of this workspace exist. Delete them first, or hand them over.",
        count=stacks,
    )

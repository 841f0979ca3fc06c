"""What can go wrong around tenants. What one may not see does not exist (404); what one may see but not do is 403."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from skyclust.kit.problems import FieldError, Problem, conflict, invalid, not_found
from skyclust.workspaces.permissions import Permission


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


def suspended(permission: Permission) -> Problem:
    """403: an administrator of the installation has stopped everything but looking."""
    return Problem(
        403,
        "workspace-suspended",
        "The workspace is suspended",
        f"Nothing can be changed in it for now ({permission.value} is needed). Ask an administrator of this "
        "installation to end the suspension.",
        missing_permission=permission.value,
    )


def role_not_found() -> Problem:
    """404."""
    return not_found("role")


def unknown_role(name: str, known: list[str]) -> Problem:
    """422 that says which roles there are."""
    return invalid(
        [FieldError("/role", f"There is no role {name!r} in this workspace. There are: {', '.join(known)}.")]
    )


def role_exists(name: str) -> Problem:
    """409: built-in ones included."""
    return conflict(
        "role-exists", "There is such a role", f"The role {name} exists. Choose another name, or change it."
    )


def role_in_use(name: str, count: int) -> Problem:
    """409: somebody would hold nothing all of a sudden."""
    detail = f"{count} member(s) or invitation(s) have the role {name}. Give them another one first."
    return conflict("role-in-use", "The role is in use", detail, count=count)


def too_many_roles(allowed: int) -> Problem:
    """409."""
    return conflict("too-many-roles", "Too many roles", f"A workspace has at most {allowed}. Delete some first.")


def permission_not_held(names: list[str]) -> Problem:
    """403 naming what one would hand out without holding it."""
    return Problem(
        403,
        "role-too-high",
        "Not allowed",
        f"The role would have permissions that you do not hold: {', '.join(names)}.",
        errors=[FieldError("/permissions", "Leave out what you do not hold.")],
    )


def sign_on_refused(reason: str) -> Problem:
    """401 with the reason; it holds nothing secret."""
    return Problem(401, "sign-on-refused", "Single sign-on did not work", reason)


def no_sign_on() -> Problem:
    """404: the operator has configured none."""
    return Problem(
        404, "not-found", "There is no single sign-on here",
        "Sign in with email and password. An operator configures an identity provider with SKYCLUST_OIDC_ISSUER.",
    )  # fmt: skip


def invitation_refused() -> Problem:
    """404: unknown, used, revoked or expired: which of them is nobody's business."""
    return Problem(
        404,
        "not-found",
        "This invitation cannot be used",
        "The link is unknown, was used or revoked, or has expired. Ask for a new invitation.",
    )


def invitation_not_found() -> Problem:
    """404."""
    return not_found("invitation")


def invited_somebody_else(email: str) -> Problem:
    """409: there is an account; whoever holds the link must prove that it is theirs."""
    return conflict(
        "sign-in-to-accept",
        "Sign in to accept",
        f"There is an account {email}. Sign in as that user, then accept the invitation.",
    )


def role_too_high(role: str, pointer: str = "/role") -> Problem:
    """403: nobody hands out, takes away or changes more than they hold."""
    return Problem(
        403,
        "role-too-high",
        "Not allowed",
        f"The role {role} has permissions that you do not hold, so you may neither give nor take it away.",
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


def quota_exceeded(refused: Sequence[Mapping[str, Any]]) -> Problem:
    """409 that names each quota with its limit, use and what was wanted, and who may raise it."""
    told = "; ".join(
        f"{item['name']}: the limit is {item['limit']:g}, {item['use']:g} in use, {item['wanted']:g} more wanted"
        for item in refused
    )
    return conflict(
        "workspace-quota-exceeded",
        "A quota of the workspace forbids this",
        f"Nothing was begun. {told}. Delete or shrink something, or ask an administrator of this installation "
        "(permission platform.admin) to raise the limit.",
        quotas=list(refused),
        raised_by="platform.admin",
    )


def workspace_in_use(left: Sequence[Mapping[str, str]], *, more: bool) -> Problem:
    """409 that names what is left, so that whoever asks knows what to delete first."""
    named = ", ".join(f"the {item['kind']} {item['name']}" for item in left[:5])
    rest = f" and {'more than ' if more else ''}{len(left) - 5} more" if len(left) > 5 else ""
    return conflict(
        "workspace-in-use",
        "The workspace is not empty",
        f"It still has {named}{rest}. Delete, release, or in the case of orphans sweep or ignore them, and wait for "
        "operations to end. Credentials go with the workspace.",
        count=len(left),
        left=list(left),
    )

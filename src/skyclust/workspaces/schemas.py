"""Wire shapes of workspaces."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, SecretStr, StringConstraints

from skyclust.identity.schemas import Email, Password
from skyclust.identity.service.programs import MAX_DAYS
from skyclust.kit.schemas import Answer, Body, Name, ShortText
from skyclust.workspaces.permissions import Permission, Role

#: Roles of a workspace's own, at most.
MAX_ROLES = 100
RoleName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}[a-z0-9]$", max_length=32)]
Permissions = Annotated[list[Permission], Field(max_length=len(Permission))]


class WorkspaceBody(Body):
    """A new workspace; its creator becomes its administrator. Also what PATCH takes."""

    name: Name


class WorkspaceAnswer(Answer):
    """A workspace the caller is a member of, with what they may do there."""

    id: UUID
    name: ShortText
    created_at: datetime
    suspended_at: datetime | None = None
    suspended_reason: ShortText = ""
    permissions: Permissions


class QuotasBody(Body):
    """What a workspace may have at most. Left out or null: the installation's default. All three are replaced."""

    clusters: Annotated[int, Field(ge=0, le=100_000)] | None = None
    nodes: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    usd_per_month: Annotated[float, Field(ge=0, le=1e9)] | None = None


class QuotaUseAnswer(Answer):
    """One quota with what the workspace has. `limit` null: none; `own`: set for this workspace, not the default."""

    name: ShortText
    limit: float | None
    own: bool
    use: float
    remaining: float | None


class QuotasAnswer(Answer):
    """Every quota of a workspace."""

    workspace_id: UUID
    quotas: Annotated[list[QuotaUseAnswer], Field(max_length=10)]


class SuspensionBody(Body):
    """Why nothing may be changed in a workspace for now."""

    reason: Annotated[str, Field(min_length=1, max_length=256)]


class RoleBody(Body):
    """A role of the workspace's own: what its holders may do."""

    name: RoleName
    description: Annotated[str, Field(max_length=256)] = ""
    permissions: Permissions


class RolePatch(Body):
    """What changes about a role; its holders notice with their next request."""

    description: Annotated[str, Field(max_length=256)] | None = None
    permissions: Permissions | None = None


class RoleAnswer(Answer):
    """A role that members of the workspace may have. Built-in ones cannot be changed."""

    name: ShortText
    description: ShortText
    permissions: Permissions
    built_in: bool


class RolesAnswer(Answer):
    """All roles of a workspace, built-in ones first."""

    items: Annotated[list[RoleAnswer], Field(max_length=MAX_ROLES + len(Role))]
    next_cursor: None = None


class InvitationBody(Body):
    """Somebody who is to become a member, with or without an account here."""

    email: Email
    role: RoleName
    expires_in_days: Annotated[int, Field(ge=1, le=30)] = 7


class InvitationAnswer(Answer):
    """An open invitation, without its link."""

    id: UUID
    email: ShortText
    role: ShortText
    created_at: datetime
    expires_at: datetime


class NewInvitationAnswer(InvitationAnswer):
    """An invitation with its link's token, which is shown this once: hand it to the person."""

    token: Annotated[str, Field(max_length=128)]


class AcceptanceBody(Body):
    """The link's token. Without an account, also the password of the new one; with one, sign in first."""

    token: Annotated[SecretStr, Field(min_length=1, max_length=128)]
    password: Password | None = None
    display_name: Name | None = None


class JoinBody(Body):
    """The link's token."""

    token: Annotated[SecretStr, Field(min_length=1, max_length=128)]


class JoinAnswer(Answer):
    """Where one has become a member."""

    workspace_id: UUID
    role: ShortText


class SignOnAnswer(Answer):
    """Whether one can sign in by an identity provider."""

    enabled: bool
    issuer: Annotated[str, Field(max_length=512)]


class SignOnTokensBody(Body):
    """The grant that came with the browser, and the verifier of the challenge that was given at the beginning."""

    grant: Annotated[SecretStr, Field(min_length=1, max_length=128)]
    verifier: Annotated[SecretStr, Field(min_length=43, max_length=128)]


class PermissionsAnswer(Answer):
    """What the caller may do, workspace by workspace."""

    is_platform_admin: bool
    workspaces: Annotated[list[MembershipAnswer], Field(max_length=500)]


class MemberBody(Body):
    """A user of the installation who becomes a member."""

    email: Email
    role: RoleName


class MemberPatch(Body):
    """Another role."""

    role: RoleName


class MemberAnswer(Answer):
    """A member."""

    user_id: UUID
    email: ShortText
    display_name: ShortText
    role: ShortText
    created_at: datetime


class MembershipAnswer(Answer):
    """One workspace of the caller."""

    workspace_id: UUID
    name: ShortText
    role: ShortText
    permissions: Permissions
    suspended: bool


class ApiTokenBody(Body):
    """A token for a program. It may do what its scopes name and its user may do, in one workspace or in all."""

    name: Name
    scopes: Annotated[
        list[ShortText], Field(min_length=1, max_length=len(Permission) + 1, examples=[["clusters.read"]])
    ]
    workspace_id: UUID | None = None
    expires_in_days: Annotated[int, Field(ge=1, le=MAX_DAYS)] = 90


class MeAnswer(Answer):
    """Who the caller is, and what they may do where."""

    id: UUID
    email: ShortText
    is_platform_admin: bool
    session_id: UUID
    memberships: Annotated[list[MembershipAnswer], Field(max_length=500)]

"""Wire shapes of workspaces."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from skyclust.identity.schemas import Email
from skyclust.identity.service.programs import MAX_DAYS
from skyclust.kit.schemas import Answer, Body, Name, ShortText
from skyclust.workspaces.permissions import Permission, Role

Permissions = Annotated[list[Permission], Field(max_length=len(Permission))]


class WorkspaceBody(Body):
    """A new workspace; its creator becomes its administrator. Also what PATCH takes."""

    name: Name


class WorkspaceAnswer(Answer):
    """A workspace the caller is a member of, with what they may do there."""

    id: UUID
    name: ShortText
    created_at: datetime
    permissions: Permissions


class MemberBody(Body):
    """A user of the installation who becomes a member."""

    email: Email
    role: Role


class MemberPatch(Body):
    """Another role."""

    role: Role


class MemberAnswer(Answer):
    """A member."""

    user_id: UUID
    email: ShortText
    display_name: ShortText
    role: Role
    created_at: datetime


class MembershipAnswer(Answer):
    """One workspace of the caller."""

    workspace_id: UUID
    name: ShortText
    role: Role
    permissions: Permissions


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

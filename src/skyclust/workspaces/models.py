"""Tables of workspaces, all under row-level security. A member also sees the own membership rows (migration 0003)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Float, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from skyclust.kit.db import Model


class WorkspaceRow(Model):
    """A tenant."""

    __tablename__ = "workspaces"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
    #: By an administrator of the installation: nothing is changed in it any more, everything can be read.
    suspended_at: Mapped[datetime | None]
    suspended_reason: Mapped[str] = mapped_column(String(256), server_default="")


class WorkspaceQuotaRow(Model):
    """What a workspace may have at most. None = the installation's default. Only sessions that see everything write."""

    __tablename__ = "workspace_quotas"

    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    clusters: Mapped[int | None]
    nodes: Mapped[int | None]
    usd_per_month: Mapped[float | None] = mapped_column(Float)
    updated_at: Mapped[datetime]


class RoleRow(Model):
    """A role of the workspace's own making: a name for a set of permissions."""

    __tablename__ = "roles"

    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    description: Mapped[str] = mapped_column(String(256))
    permissions: Mapped[list[str]] = mapped_column(ARRAY(String(50)))
    created_at: Mapped[datetime]


class InvitationRow(Model):
    """A single-use link by which somebody becomes a member, with or without an account. Kept as SHA-256."""

    __tablename__ = "invitations"
    __table_args__ = (Index("ix_invitations_workspace_id_id", "workspace_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[str] = mapped_column(String(32))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    invited_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class MemberRow(Model):
    """A user's role in a workspace: the name of a built-in role, or of one of the workspace's own."""

    __tablename__ = "members"
    __table_args__ = (Index("ix_members_user_id", "user_id"),)

    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(32))
    #: "" = given by hand; "oidc" = by a group at the identity provider, which may take it away again.
    source: Mapped[str] = mapped_column(String(16), server_default="")
    created_at: Mapped[datetime]

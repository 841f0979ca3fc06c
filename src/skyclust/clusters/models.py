"""The table of clusters. What a cluster consists of lies in its stack's resources; here is what was asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, column, false, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from skyclust.kit.db import Model


class ClusterRow(Model):
    """A cluster. `spec` is the completed ClusterSpec; `generation` counts its changes.

    A cluster whose stack holds nothing any more is gone, also while `deleted_at` is still empty: that is written when
    its name is wanted again.
    """

    __tablename__ = "clusters"
    __table_args__ = (
        Index(
            "uq_clusters_living_name", "workspace_id", "provider", "account", "region", "name",
            unique=True, postgresql_where=column("deleted_at").is_(None),
        ),
        Index("ix_clusters_workspace_id_id", "workspace_id", "id"),
        Index("ix_clusters_stack_id", "stack_id"),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[UUID]
    credential_id: Mapped[UUID]
    provider: Mapped[str] = mapped_column(String(50))
    account: Mapped[str] = mapped_column(String(256))
    region: Mapped[str] = mapped_column(String(50))
    name: Mapped[str] = mapped_column(String(100))
    spec: Mapped[dict[str, Any]]
    #: What `spec` was before its last change, for a roll back of that change.
    previous_spec: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    generation: Mapped[int] = mapped_column(server_default="1")
    stack_id: Mapped[UUID]
    #: Ours, on every cloud: while it is set nothing deletes the cluster (networks.service.protecting).
    deletion_protection: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    deleted_at: Mapped[datetime | None]


class HibernationScheduleRow(Model):
    """When a cluster sleeps. `rules` as in the body; `settled_until`: what was due up to then is dealt with.

    `due_at` is when a worker looks at it next, `leased_until` while one does; `waiting` says what stands in the way.
    """

    __tablename__ = "hibernation_schedules"
    __table_args__ = (
        Index("ix_hibernation_schedules_due_at", "due_at"),
        Index("ix_hibernation_schedules_workspace_id", "workspace_id"),
    )

    cluster_id: Mapped[UUID] = mapped_column(ForeignKey("clusters.id", ondelete="CASCADE"), primary_key=True)
    workspace_id: Mapped[UUID]
    time_zone: Mapped[str] = mapped_column(String(64))
    rules: Mapped[list[Any]]
    settled_until: Mapped[datetime]
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    waiting: Mapped[str] = mapped_column(Text, server_default="")
    last_do: Mapped[str | None] = mapped_column(String(16))
    last_at: Mapped[datetime | None]
    last_operation_id: Mapped[UUID | None]
    updated_at: Mapped[datetime]


class ClusterTemplateRow(Model):
    """One version of a named preset: part of a body for creating clusters. Never changed, but for being deprecated.

    Versions count up within a name and are not given out twice, so what is deleted keeps its row (`deleted_at`).
    """

    __tablename__ = "cluster_templates"

    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    provider: Mapped[str] = mapped_column(String(50))
    description: Mapped[str] = mapped_column(String(256))
    body: Mapped[dict[str, Any]]
    created_by: Mapped[str] = mapped_column(String(256))
    created_at: Mapped[datetime]
    deprecated_at: Mapped[datetime | None]
    deprecated_reason: Mapped[str] = mapped_column(String(256), server_default="")
    deleted_at: Mapped[datetime | None]

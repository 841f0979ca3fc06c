"""Tables of networks: the networks themselves, and which clusters use or used them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, column, false, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from skyclust.kit.db import Model


class NetworkRow(Model):
    """A network we made. With `owner_cluster_id` it belongs to that cluster and lives in the cluster's stack.

    `account` is whose cloud account it lies in; `generation` counts changes of `spec`.
    A network whose stack holds nothing any more is gone, also while `deleted_at` is still empty.
    """

    __tablename__ = "networks"
    __table_args__ = (
        Index(
            "uq_networks_living_name", "workspace_id", "provider", "account", "region", "name",
            unique=True, postgresql_where=column("deleted_at").is_(None) & column("owner_cluster_id").is_(None),
        ),
        Index("ix_networks_workspace_id_id", "workspace_id", "id"),
        Index("ix_networks_stack_id", "stack_id"),
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
    #: While it is set nothing deletes the network (service.protecting); one made with a cluster goes with that.
    deletion_protection: Mapped[bool] = mapped_column(server_default=false())
    owner_cluster_id: Mapped[UUID | None]
    owner_cluster_name: Mapped[str | None] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    deleted_at: Mapped[datetime | None]


class NetworkUseRow(Model):
    """A cluster that was put into an existing network (`vpc_id` is the cloud's id). Kept after the cluster is gone:

    its name tells later which leftovers inside the network are Kubernetes' and ours.
    """

    __tablename__ = "network_uses"
    __table_args__ = (Index("ix_network_uses_workspace_id_vpc_id", "workspace_id", "vpc_id"),)

    cluster_id: Mapped[UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[UUID]
    provider: Mapped[str] = mapped_column(String(50))
    vpc_id: Mapped[str] = mapped_column(String(500))
    cluster_name: Mapped[str] = mapped_column(String(100))
    stack_id: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

"""The outbox: events committed together with what they tell, waiting to be relayed, kept for Last-Event-ID."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, String, func
from sqlalchemy.orm import Mapped, mapped_column

from skyclust.kit.db import Model


class OutboxRow(Model):
    """One event. `position` orders them and is the SSE id."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_workspace_id_position", "workspace_id", "position"),
        Index("ix_outbox_topic_position", "topic", "position"),
    )

    position: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    workspace_id: Mapped[UUID | None]
    name: Mapped[str] = mapped_column(String(100))
    #: "operation/<id>", "cluster/<id>" ...: what a stream may be narrowed to.
    topic: Mapped[str] = mapped_column(String(200))
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

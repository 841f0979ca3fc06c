"""The outbox: events committed together with what they tell, waiting to be relayed, kept for Last-Event-ID."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, String, Table, func, text
from sqlalchemy.orm import Mapped, mapped_column

from skyclust.kit.db import Model


class OutboxRow(Model):
    """One event.

    Its place is (transaction_id, position): below the oldest transaction still running nothing can appear any more,
    whereas a bare position may be committed after a higher one.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_workspace_id_position", "workspace_id", "position"),
        Index("ix_outbox_topic_position", "topic", "position"),
        Index("ix_outbox_transaction_id_position", "transaction_id", "position"),
    )

    position: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    transaction_id: Mapped[int] = mapped_column(
        BigInteger, server_default=text("((pg_current_xact_id())::text)::bigint")
    )
    workspace_id: Mapped[UUID | None]
    name: Mapped[str] = mapped_column(String(100))
    #: "operation/<id>", "cluster/<id>" ...: what a stream may be narrowed to.
    topic: Mapped[str] = mapped_column(String(200))
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class RelayRecord(Model):
    """How far the outbox has been told to the bus, and which process is telling it."""

    __tablename__ = "relays"

    name: Mapped[str] = mapped_column(String(50), primary_key=True)
    transaction_id: Mapped[int] = mapped_column(BigInteger, server_default="0")
    position: Mapped[int] = mapped_column(BigInteger, server_default="0")
    owner: Mapped[str] = mapped_column(String(200), server_default="")
    lease_until: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


OUTBOX = cast("Table", OutboxRow.__table__)
RELAYS = cast("Table", RelayRecord.__table__)

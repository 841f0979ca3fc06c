"""Tables of the audit log. The application's role may insert entries and read them, never change or remove one.

Entries lie in a partition per month, the segment. Invariant: a chain's segments never go back, so the oldest segments
hold the beginning of every chain and nothing else; that is what lets them be dropped behind an anchor.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from skyclust.kit.db import Model


class AuditEntryRow(Model):
    """One act. `chain` is the workspace's id, or "platform"; no foreign key: the log outlives what it speaks of."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_chain_at_id", "chain", "at", "id"),
        Index("ix_audit_entries_chain_request_id", "chain", "request_id"),
        Index("ix_audit_entries_chain_action_at", "chain", "action", "at"),
        Index("ix_audit_entries_chain_target_at", "chain", "target", "at"),
        Index("ix_audit_entries_chain_actor_label_at", "chain", "actor_label", "at"),
        Index("ix_audit_entries_chain_actor_id_at", "chain", "actor_id", "at"),
        {"postgresql_partition_by": "RANGE (segment)"},
    )

    chain: Mapped[str] = mapped_column(String(36), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    #: The first day of the month of the entry, or of a later one that the chain had already reached.
    segment: Mapped[date] = mapped_column(primary_key=True)
    id: Mapped[UUID]
    workspace_id: Mapped[UUID | None]
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    actor_label: Mapped[str] = mapped_column(String(256))
    address: Mapped[str] = mapped_column(String(64))
    request_id: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(100))
    target: Mapped[str] = mapped_column(String(200))
    outcome: Mapped[str] = mapped_column(String(32))
    #: JSON, not JSONB: the text stays as it was sealed.
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    key_id: Mapped[str] = mapped_column(String(64))
    prev_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    #: None for entries of before schema 0013, whose hash is their seal.
    seal: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class AuditHeadRow(Model):
    """The end of a chain; locked while the next entry is appended."""

    __tablename__ = "audit_heads"

    chain: Mapped[str] = mapped_column(String(36), primary_key=True)
    workspace_id: Mapped[UUID | None] = mapped_column(index=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    segment: Mapped[date] = mapped_column(server_default="1970-01-01")


class AuditAnchorRow(Model):
    """Where a chain begins after its oldest segments were dropped: the last entry of what is gone, signed.

    Written by the schema's owner only; the application reads it.
    """

    __tablename__ = "audit_anchors"

    chain: Mapped[str] = mapped_column(String(36), primary_key=True)
    workspace_id: Mapped[UUID | None]
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    at: Mapped[datetime]
    key_id: Mapped[str] = mapped_column(String(64))
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))


class AuditSinkRow(Model):
    """Where heads are exported to: when next, and how it went. `due_at` is also the lease of who exports now."""

    __tablename__ = "audit_sinks"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    due_at: Mapped[datetime]
    failures: Mapped[int]
    failing_since: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(String(500))
    succeeded_at: Mapped[datetime | None]


class AuditExportedHeadRow(Model):
    """The newest head of a chain that a sink has; what has not moved since is not sent again."""

    __tablename__ = "audit_exported_heads"

    sink: Mapped[str] = mapped_column(String(32), primary_key=True)
    chain: Mapped[str] = mapped_column(String(36), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))

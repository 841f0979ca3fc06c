"""The table of cloud accounts. The secret is an envelope (sealing.py); everything else may be shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from skyclust.kit.db import Model


class CredentialRow(Model):
    """A cloud account. `version` rises with each replacement of the secret and is part of what the seal binds."""

    __tablename__ = "credentials"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    provider: Mapped[str] = mapped_column(String(50))
    version: Mapped[int] = mapped_column(Integer)
    key_id: Mapped[str] = mapped_column(String(64), index=True)
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    #: "verified" | "refused" (the cloud refused it at the last verification)
    state: Mapped[str] = mapped_column(String(32))
    account: Mapped[str] = mapped_column(String(256))
    principal: Mapped[str] = mapped_column(String(1024))
    missing_permissions: Mapped[list[Any]]
    verified_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    def __repr__(self) -> str:
        return f"CredentialRow(id={self.id}, provider={self.provider!r})"
